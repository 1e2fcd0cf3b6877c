"""SSH to one host: who it is before anything secret is sent, and whether it accepts a login. Blocking: call it in a thread.

Only algorithms that are not broken, unless `legacy` asks for the others (SHA-1, CBC, 3DES), which old devices need.
"""

import base64
import contextlib
import hashlib
import io
import logging
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from core.errors import InvalidInputError
from core.i18n import tr

if TYPE_CHECKING:
    import paramiko

Answer = Literal["ok", "no-answer", "closed", "no-ssh", "host-key-changed", "wrong-secret", "refused"]
PRIVATE_KEY = "-----BEGIN "
LEGACY = {
    "kex": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "keys": ["ssh-rsa"],
    "pubkeys": ["ssh-rsa"],
    "ciphers": ["aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc"],
    "macs": ["hmac-sha1", "hmac-md5", "hmac-sha1-96", "hmac-md5-96"],
}
"""What RFC 9142, RFC 8758 and RFC 8332 advise against."""
MOST_BANNER = 255


class Login(NamedTuple):
    """A user with a password or an unencrypted private key (PEM or OpenSSH)."""

    username: str
    secret: str

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


class Pin(NamedTuple):
    """The host key that is expected: its name (`ssh-ed25519`) and fingerprint (`SHA256:` and unpadded base64)."""

    algorithm: str
    fingerprint: str


class Checked(NamedTuple):
    """What came of it."""

    answer: Answer
    reason: str = ""
    """In the host's or the system's own words; device text, never markup."""
    algorithm: str = ""
    fingerprint: str = ""
    version: str = ""
    """The host's version string."""


class _EndError(Exception):
    def __init__(self, answer: Answer, reason: str = "") -> None:
        super().__init__(answer)
        self.answer, self.reason = answer, reason


def check(
    address: str, port: int, login: Login | None, pinned: Pin | None, *, timeout_s: float = 10.0, legacy: bool = False,
    then: Callable[["paramiko.Transport", float], None] | None = None,
) -> Checked:
    """Whether the host at address:port is the pinned one and accepts the login; logs out at once.

    login None: only who it is; nothing is sent but the key exchange. pinned None: the host is seen for the first time. Another key than
    the pinned one ends it before anything secret is sent. then: what to do once logged in, and until when (monotonic).
    Raises `InvalidInputError` for a private key that cannot be used.
    """
    import paramiko

    _be_quiet()
    key = private_key(login.secret) if login is not None and login.secret.startswith(PRIVATE_KEY) else None
    deadline = time.monotonic() + timeout_s
    seen = Checked("no-answer")
    try:
        with contextlib.closing(_connect(address, port, timeout_s)) as connection:
            transport = paramiko.Transport(connection, disabled_algorithms=None if legacy else LEGACY)
            try:
                host_key = _introduce(transport, pinned, deadline)
                seen = seen._replace(
                    algorithm=host_key.get_name(), fingerprint=fingerprint(host_key.asbytes()), version=_plain(transport.remote_version),
                )
                if pinned is not None and seen.fingerprint != pinned.fingerprint:
                    return seen._replace(answer="host-key-changed")
                if login is not None:
                    _log_in(transport, login, key, deadline)
                if then is not None:
                    then(transport, deadline)
                return seen._replace(answer="ok")
            finally:
                transport.close()
    except _EndError as end:
        return seen._replace(answer=end.answer, reason=end.reason)


def fingerprint(key: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def private_key(text: str) -> "paramiko.PKey":
    """An RSA, ECDSA or Ed25519 key. Raises `InvalidInputError`, which repeats nothing of it."""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except paramiko.PasswordRequiredException:
            raise InvalidInputError(
                tr("The private key is protected by a passphrase."),
                way_out=tr("Take it off with ssh-keygen -p; the key is sealed here all the same."),
            ) from None
        except Exception:  # noqa: BLE001, S112 -- whatever a library says of a damaged key may hold parts of it
            continue
    raise InvalidInputError(tr("The private key cannot be read."), way_out=tr("Give an RSA, ECDSA or Ed25519 key in OpenSSH or PEM form."))


def _connect(address: str, port: int, timeout_s: float) -> socket.socket:
    try:
        return socket.create_connection((address, port), timeout_s)
    except ConnectionRefusedError:
        raise _EndError("closed") from None
    except OSError as error:
        raise _EndError("no-answer", error.strerror or "") from None


def _introduce(transport: "paramiko.Transport", pinned: Pin | None, deadline: float) -> "paramiko.PKey":
    """The key that the host shows, proved by the key exchange."""
    import paramiko

    left = max(deadline - time.monotonic(), 0.1)
    transport.banner_timeout = transport.handshake_timeout = left
    if pinned is not None:
        _prefer(transport, pinned.algorithm)
    try:
        transport.start_client(timeout=left)
        return transport.get_remote_server_key()
    except paramiko.SSHException as error:
        raise _EndError("no-ssh", _plain(str(error))) from None
    except (OSError, EOFError) as error:  # one that hangs up at our offer has spoken SSH before
        raise _EndError("no-ssh" if transport.remote_version else "no-answer", _plain(str(error))) from None


def _prefer(transport: "paramiko.Transport", algorithm: str) -> None:
    """Of several keys of a host the pinned one is asked for first, else another one would look like a change."""
    options = transport.get_security_options()
    wanted = [kind for kind in options.key_types if (kind.startswith("rsa-sha2-") if algorithm == "ssh-rsa" else kind == algorithm)]
    options.key_types = (*wanted, *(kind for kind in options.key_types if kind not in wanted))


def _log_in(transport: "paramiko.Transport", login: Login, key: "paramiko.PKey | None", deadline: float) -> None:
    import paramiko

    transport.auth_timeout = max(deadline - time.monotonic(), 0.1)
    try:
        if key is not None:
            more = transport.auth_publickey(login.username, key)
        else:
            more = transport.auth_password(login.username, login.secret.splitlines()[0] if login.secret else "")
    except paramiko.BadAuthenticationType as error:
        raise _EndError("refused", _plain(", ".join(error.allowed_types))) from None
    except paramiko.AuthenticationException:
        raise _EndError("wrong-secret") from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise _EndError("no-answer", _plain(str(error))) from None
    if more:
        raise _EndError("refused", _plain(", ".join(more)))


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:MOST_BANNER]


def _be_quiet() -> None:
    """paramiko logs tracebacks and words of the host; what matters of them is in the answer."""
    logging.getLogger("paramiko.transport").disabled = True
