"""The API over TLS: certificates made here, a real hub, and the client's sentence for everything that can be wrong with them."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.hub.listening import Tls
from client import Client, connect
from core import sections
from core.errors import SettingsError, SocketInUseError, UnavailableError, YunwangError
from core.settings import Settings


class Pem(NamedTuple):
    """A certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        self.folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        made = self._builder(self._name, self._key, dt.timedelta(days=-1), dt.timedelta(days=30)).add_extension(constraint, critical=True)
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: Any, since: dt.timedelta, until: dt.timedelta) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now + since).not_valid_after(now + until)
        )

    def sign(self, name: str, *names: str, since_days: int = -1, until_days: int = 10) -> Pem:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key, dt.timedelta(days=since_days), dt.timedelta(days=until_days))
        if names:
            known = [x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(known), critical=False)
        made = Pem(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        made.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption(),
        ))
        made.key.chmod(0o600)
        return made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def over_tls(port: int, authority: Authority | None = None, host: str = "127.0.0.1", **api: Any) -> Settings:
    given = sections.Api(url=f"https://{host}:{port}", authority=str(authority.file) if authority else "", **api)
    return Settings(api=given)


async def asks(settings: Settings, bearer: str = "") -> Client:
    client = connect(settings)
    client.identify(bearer)
    async with client:
        if bearer:
            await client.overview()
    return client


async def refused(settings: Settings) -> UnavailableError:
    with pytest.raises(UnavailableError) as found:
        await asks(settings)
    assert found.value.way_out
    return found.value


async def test_the_api_over_tls_and_what_can_be_wrong_with_it(authority: Authority, run_node: Any) -> None:
    served = authority.sign("hub", "127.0.0.1", "localhost")
    port = free_port()
    with run_node(listen=f"127.0.0.1:{port}", certificate=str(served.certificate), key=str(served.key)) as node:
        await asks(over_tls(port, authority), node.bearers["viewer"])
        with pytest.raises(YunwangError) as nobody:
            async with connect(over_tls(port, authority)) as client:
                await client.overview()
        assert nobody.value.code == "login-needed"
        assert "signed" in (await refused(over_tls(port))).message
        stranger = Authority(authority.folder, "Another Authority")
        assert "signed" in (await refused(over_tls(port, stranger))).message
        assert (await refused(over_tls(port, authority, "127.0.0.2"))).message
        with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nhost: h\r\n\r\n")
            assert b"200" not in plain.recv(100)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(authority.file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", port), timeout=60) as raw, pytest.raises(ssl.SSLError):
            old.wrap_socket(raw, server_hostname="127.0.0.1")
    assert "No hub answers" in (await refused(over_tls(port, authority))).message
    assert "not known" in (await refused(over_tls(port, authority, "no-such-host.invalid"))).message


async def test_certificates_of_clients_are_asked_for(authority: Authority, run_node: Any) -> None:
    served, person = authority.sign("mutual", "127.0.0.1"), authority.sign("person")
    port = free_port()
    given = {"certificate": str(served.certificate), "key": str(served.key), "client_authority": str(authority.file)}
    with run_node(listen=f"127.0.0.1:{port}", client_required=True, **given) as node:
        shown = {"client_certificate": str(person.certificate), "client_key": str(person.key)}
        await asks(over_tls(port, authority, **shown), node.bearers["viewer"])
        assert "TLS" in (await refused(over_tls(port, authority))).message


@pytest.mark.parametrize(("name", "days", "word"), [("expired", (-9, -1), "expired"), ("early", (2, 9), "not valid yet")])
async def test_certificates_out_of_their_time(authority: Authority, tmp_path: Path, name: str, days: tuple[int, int], word: str) -> None:
    made = authority.sign(name, "127.0.0.1", since_days=days[0], until_days=days[1])
    with _echo(made) as port:
        assert word in (await refused(over_tls(port, authority))).message


async def test_a_certificate_for_another_name(authority: Authority) -> None:
    with _echo(authority.sign("elsewhere", "hub.example")) as port:
        assert "another name" in (await refused(over_tls(port, authority))).message
        assert "another name" in (await refused(over_tls(port, authority, "localhost"))).message


class _echo:  # noqa: N801 -- used like a function
    """A TLS listener that only shakes hands."""

    def __init__(self, pem: Pem) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem.certificate, pem.key)
        self._socket = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self._socket.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
                connection.settimeout(10)
                self._context.wrap_socket(connection, server_side=True).close()
            except ssl.SSLError:
                continue
            except OSError:
                return

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def test_settings_that_cannot_be_listened_with_are_one_sentence(authority: Authority, tmp_path: Path) -> None:
    good = authority.sign("good", "127.0.0.1")
    other = authority.sign("other", "127.0.0.1")
    readable = tmp_path / "readable.key"
    readable.write_bytes(good.key.read_bytes())
    readable.chmod(0o644)
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nnothing\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        cases: list[tuple[dict[str, Any], type[YunwangError]]] = [
            ({"certificate": ""}, SettingsError), ({"key": ""}, SettingsError), ({"key": str(other.key)}, SettingsError),
            ({"key": str(readable)}, SettingsError), ({"certificate": str(garbage)}, SettingsError),
            ({"certificate": str(tmp_path / "none")}, SettingsError), ({"client_authority": str(garbage)}, SettingsError),
            ({"listen": "8443"}, SettingsError), ({"listen": "127.0.0.1:99999"}, SettingsError), ({"listen": ":"}, SettingsError),
            ({"listen": f"127.0.0.1:{port}"}, SocketInUseError), ({"listen": "no-such-host.invalid:1"}, SettingsError),
        ]
        for change, kind in cases:
            api = sections.Api(listen="127.0.0.1:0", certificate=str(good.certificate), key=str(good.key)).replace(**change)
            with pytest.raises(kind) as found:
                Tls(api)
            assert found.value.way_out, change


def test_a_renewed_certificate_is_used_and_a_broken_one_is_not(authority: Authority, tmp_path: Path) -> None:
    first = authority.sign("first", "127.0.0.1")
    used = Pem(tmp_path / "used.crt", tmp_path / "used.key")

    def put(pem: Pem) -> None:
        used.certificate.write_bytes(pem.certificate.read_bytes())
        used.key.write_bytes(pem.key.read_bytes())
        used.key.chmod(0o600)

    put(first)
    tls = Tls(sections.Api(listen="127.0.0.1:0", certificate=str(used.certificate), key=str(used.key)))
    tls.socket.setblocking(True)
    tls.socket.listen()
    try:
        assert _shown(tls) == "first"
        used.certificate.write_text("half a file")
        tls.reload()
        assert _shown(tls) == "first"
        put(authority.sign("second", "127.0.0.1"))
        tls.reload()
        assert _shown(tls) == "second"
    finally:
        tls.socket.close()


def _shown(tls: Tls) -> str:
    """Common name of the certificate that a new connection is shown."""
    def serve() -> None:
        connection, _ = tls.socket.accept()
        tls.context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(tls.socket.getsockname(), timeout=60) as raw, client.wrap_socket(raw) as wrapped:
        found = x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")
    thread.join(60)
    return str(found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://", "ftp://x", "https://u:p@h:1", "https://h:1/path", "https://h:x", "h:1"])
def test_an_address_is_https_or_refused(url: str) -> None:
    with pytest.raises(SettingsError) as found:
        connect(Settings(api=sections.Api(url=url)))
    assert found.value.way_out


def test_what_a_client_trusts_must_be_there(tmp_path: Path) -> None:
    for name in ("none.pem", "garbage.pem"):
        (tmp_path / "garbage.pem").write_text("nothing")
        with pytest.raises(SettingsError) as found:
            connect(Settings(api=sections.Api(url="https://h:1", authority=str(tmp_path / name))))
        assert name in found.value.message


