"""What the tests of probes share: real servers of our own on loopback, some of which misbehave."""

import contextlib
import datetime
import getpass
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.senses.probing_asks import Way, ask
from core import i18n
from core.probes import Outcome, Probe, ProbeTask

DEADLINE_S = 30.0


class Host:
    """A TCP port that does what it is told with each connection; over TLS where it has a certificate."""

    def __init__(self, behave: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._behave, self._tls = behave, tls
        self.connections = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(DEADLINE_S)
            self._behave(self._tls.wrap_socket(connection, server_side=True) if self._tls else connection)

    def close(self) -> None:
        self._listener.close()


class Responder:
    """A UDP port that answers each datagram with what it is told: one datagram or several."""

    def __init__(self, answer: Callable[[bytes], list[bytes]]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._answer = answer
        self.heard: list[bytes] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, source = self._socket.recvfrom(4096)
                self.heard.append(data)
                for one in self._answer(data):
                    self._socket.sendto(one, source)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def host() -> Iterator[Callable[..., Host]]:
    """`host(behave, tls)`."""
    made: list[Host] = []

    def make(behave: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Host:
        made.append(Host(behave, tls))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def responder() -> Iterator[Callable[..., Responder]]:
    """`responder(answer)`."""
    made: list[Responder] = []

    def make(answer: Callable[[bytes], list[bytes]]) -> Responder:
        made.append(Responder(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


class Issued(NamedTuple):
    """A certificate that signs itself. pem: as an authority."""

    context: ssl.SSLContext
    pem: str


@pytest.fixture(scope="session")
def issue() -> Callable[..., Issued]:
    """`issue(days, name)`: a server's certificate that expires in so many days."""

    def make(days: float, name: str = "localhost") -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        words = ((NameOID.COMMON_NAME, name), (NameOID.ORGANIZATION_NAME, "莲都区大数据局"))
        subject = x509.Name([x509.NameAttribute(*word) for word in words])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=400))
            .not_valid_after(now + datetime.timedelta(days=days, minutes=5))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = made.public_bytes(serialization.Encoding.PEM).decode()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "both.pem"
            plain = serialization.NoEncryption()
            secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            file.write_bytes(pem.encode() + secret)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
        return Issued(context, pem)

    return make


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def run(threads: ThreadPoolExecutor) -> Callable[..., Any]:
    """`await run(kind, target, port, login=..., timeout_ms=..., about=..., host_key=..., **options)`."""

    async def one(
        kind: Any, target: str = "127.0.0.1", port: int = 0, *, login: Any = None, timeout_ms: int = 10_000,
        about: dict[str, str] | None = None, host_key: str = "", **options: str,
    ) -> Outcome:
        probe = Probe(id="p", name="p", kind=kind, target=target, port=port, timeout_ms=timeout_ms, options=options)
        task = ProbeTask(probe=probe, object_id="o", host=target, about=about or {}, host_key=host_key)
        return await ask(task, Way(threads, set(), login))

    return one


class Sshd:
    """sshd that lets in whoever owns the key."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port, self.user = _free_port(), getpass.getuser()
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True, env={**os.environ, "HOME": str(folder)})
        shutil.copy(folder / "user.pub", folder / "authorized")
        (folder / "authorized").chmod(0o600)
        self.user_key = (folder / "user").read_text()
        (folder / "config").write_text("\n".join((
            f"Port {self.port}", "ListenAddress 127.0.0.1", f"HostKey {folder / 'host'}", f"PidFile {folder / 'pid'}",
            f"AuthorizedKeysFile {folder / 'authorized'}", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "PermitRootLogin yes", "MaxStartups 100:30:200", "",
        )))
        with contextlib.suppress(OSError):  # only root needs it, and may
            Path("/run/sshd").mkdir(exist_ok=True)
        self._log = folder / "log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stdout=log, stderr=log)
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError(self._log.read_text())

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], str]) -> Iterator[Sshd]:
    program = need("sshd")
    need("ssh-keygen")
    server = Sshd(program, tmp_path_factory.mktemp("sshd"))
    yield server
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
