"""Where the hub listens: its Unix socket, and TCP with TLS when the settings say so. Plain TCP never."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from agents import lifeline
from core import sections
from core.errors import SettingsError, SocketInUseError, YunwangError
from core.i18n import reason, tr

HANDSHAKE_S = 10.0
LOOK_S = 60.0
"""How often the certificate's files are looked at: a renewed one is used without being told."""

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn without its signal handlers, with a second listener, and with a word when it listens and one before it ends."""

    def __init__(self, config: uvicorn.Config, tls: "Tls | None", farewell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tls, self._farewell = tls, farewell

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._tls is not None:
            self.servers.append(await asyncio.get_running_loop().create_server(
                self._protocol, sock=self._tls.socket, ssl=self._tls.context, ssl_handshake_timeout=HANDSHAKE_S, backlog=128,
            ))
        lifeline.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams are told to come back; what is being answered is finished; nobody new is let in."""
        for server in self.servers:
            server.close()
        self._farewell()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state,
        )
        return made


class Tls:
    """The listener of `api.listen`. Raises a sentence when it cannot be had."""

    def __init__(self, api: sections.Api) -> None:
        self._api = api
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._seen = self._stamps()
        self._load()
        self.socket = _bind(api.listen)

    def reload(self) -> None:
        """New connections get what the files hold now; with files that cannot be used everything stays as it is."""
        self._seen = self._stamps()
        try:
            self._load()
        except YunwangError as error:
            log.warning("The certificate stays the old one: %s", error)
        else:
            log.info("The certificate was read anew.")

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._stamps() != self._seen:
                self.reload()

    def _load(self) -> None:
        api, file = self._api, self._api.certificate
        if not api.certificate or not api.key:
            raise SettingsError(
                tr("api.listen needs a certificate: this API never speaks plain TCP."), way_out=tr("Set api.certificate and api.key."),
            )
        _check_private(_path(api.key))
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(_path(api.certificate), _path(api.key), password=_no_phrase)
            self.context.load_cert_chain(_path(api.certificate), _path(api.key), password=_no_phrase)
            if file := api.client_authority:
                self.context.load_verify_locations(_path(file))
                self.context.verify_mode = ssl.CERT_REQUIRED if api.client_required else ssl.CERT_OPTIONAL
        except ssl.SSLError as error:
            raise SettingsError(
                tr("{file} cannot be used: {reason}.", file=file, reason=error.reason or str(error)),
                way_out=tr("It takes PEM, and the key that belongs to the certificate, without a pass phrase."),
            ) from None
        except OSError as error:
            raise _unreadable(Path(error.filename or file), error) from None

    def _stamps(self) -> list[tuple[int, int]]:
        found = []
        for name in (self._api.certificate, self._api.key, self._api.client_authority):
            with contextlib.suppress(OSError):
                about = _path(name).stat()
                found.append((about.st_mtime_ns, about.st_ino))
        return found


def _path(name: str) -> Path:
    return Path(name).expanduser()


def _check_private(key: Path) -> None:
    try:
        mode = key.stat().st_mode
    except OSError as error:
        raise _unreadable(key, error) from None
    if mode & 0o077:
        raise SettingsError(
            tr("The key {file} may be read by other accounts.", file=key), way_out=tr("chmod 600 {file}", file=key),
        )


def _unreadable(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        tr("{file} cannot be read: {reason}.", file=file, reason=reason(error)), way_out=tr("Check its name, its owner and its mode."),
    )


def _no_phrase() -> bytes:
    """OpenSSL would ask in the terminal."""
    return b""


def _bind(listen: str) -> socket.socket:
    host, _, digits = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not digits.isascii() or not digits.isdigit() or int(digits) > 65535:
        raise SettingsError(
            tr("api.listen is {value!r}; it takes ADDRESS:PORT.", value=listen), way_out=tr("For example 0.0.0.0:8443 or [::]:8443."),
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(digits), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _not_bound(listen, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _not_bound(listen, error) from None
    return listener


def _not_bound(listen: str, error: OSError) -> YunwangError:
    if error.errno == errno.EADDRINUSE:
        return SocketInUseError(tr("Another program listens on {address}.", address=listen), way_out=tr("Choose another api.listen."))
    why = tr("the name is not known") if isinstance(error, socket.gaierror) else reason(error)
    return SettingsError(
        tr("The hub cannot listen on {address}: {reason}.", address=listen, reason=why), way_out=tr("Choose another api.listen."),
    )


def more_files() -> None:
    """As many open files as this process may have: each connection is one."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
