"""Mail over STARTTLS and from the first byte, messages over HTTPS: real TLS servers on loopback with an authority of their own."""

import contextlib
import datetime
import email
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import SettingsError, UnavailableError, YunwangError
from core.notices import Channel
from core.secret import Secret
from links.notify import Letter, Login, send

AT = 1_790_000_000_000
DEADLINE_S = 30.0
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """Signs certificates for names and addresses."""

    def __init__(self, folder: Path, name: str = "City CA") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._builder(self._name, self._key, NOW + 10 * DAY).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self.pem = made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime.datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW - 20 * DAY).not_valid_after(until)
        )

    def context(self, name: str = "127.0.0.1", *, until: datetime.datetime = NOW + DAY) -> ssl.SSLContext:
        """What a server of this name speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            known: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            known = x509.DNSName(name)
        made = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, until)
        signed = made.add_extension(x509.SubjectAlternativeName([known]), False).sign(self._key, hashes.SHA256())
        file = self._folder / f"{signed.serial_number}.pem"
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption(),
        ))
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(file)
        return found


class SecureMail:
    """SMTP that speaks TLS from the first byte, or after STARTTLS. inject: what it sends in the clear right after its consent."""

    def __init__(self, tls: ssl.SSLContext, *, at_once: bool, inject: bytes = b"") -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._tls, self._at_once, self._inject = tls, at_once, inject
        self.said: list[tuple[bool, str]] = []
        """Whether over TLS, and which command."""
        self.mails: list[bytes] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError):
            wire.settimeout(DEADLINE_S)
            if self._at_once:
                wire = self._tls.wrap_socket(wire, server_side=True)
            wire.sendall(b"220 sink\r\n")
            while self._answer(wire):
                if self.said[-1][1].upper() == "STARTTLS":
                    wire.sendall(b"220 go\r\n" + self._inject)
                    wire = self._tls.wrap_socket(wire, server_side=True)
        wire.close()

    def _answer(self, wire: socket.socket) -> bool:
        line = _line(wire)
        secure = isinstance(wire, ssl.SSLSocket)
        self.said.append((secure, line))
        match line.split(" ")[0].upper():
            case "EHLO":
                wire.sendall(b"250-sink\r\n" + (b"250 AUTH PLAIN\r\n" if secure else b"250 STARTTLS\r\n"))
            case "DATA":
                wire.sendall(b"354 go\r\n")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += wire.recv(4096)
                self.mails.append(body)
                wire.sendall(b"250 kept\r\n")
            case "AUTH":
                wire.sendall(b"235 ok\r\n")
            case "QUIT" | "":
                return False
            case "STARTTLS":
                return True
            case _:
                wire.sendall(b"250 ok\r\n")
        return True

    def close(self) -> None:
        self._listener.close()


def _line(wire: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\n"):
        byte = wire.recv(1)
        if not byte:
            return ""
        found += byte
    return found.decode("ascii", "replace").strip()


class SecureWeb:
    """An HTTPS server that keeps what it gets."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.bodies: list[bytes] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        class Server(HTTPServer):
            def handle_error(self, *_: Any) -> None:
                """Who does not trust us hangs up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


Mail = Callable[..., SecureMail]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    running: list[Any] = []

    def start(kind: type[Any], *args: Any, **more: Any) -> Any:
        running.append(kind(*args, **more))
        return running[-1]

    yield start
    for one in running:
        one.close()


def by_mail(server: SecureMail, scheme: str, authority: str = "", host: str = "127.0.0.1") -> None:
    options = {"sender": "yunwang@city.example", **({"authority": authority} if authority else {})}
    channel = Channel(id="c", name="post", kind="mail", url=f"{scheme}://{host}:{server.port}", options=options)
    send(channel, Login("duty", Secret("S3cret")), Letter("0190" + "0" * 28, "duty@city.example", "告警", "text", "critical", AT))


def by_hook(server: SecureWeb, authority: str = "") -> None:
    options = {"authority": authority} if authority else {}
    channel = Channel(id="c", name="hook", kind="webhook", url=server.url, options=options)
    send(channel, Login("", Secret("key")), Letter("0190" + "0" * 28, "", "告警", "text", "critical", AT))


WAYS = [("smtps", True), ("smtp", False)]


@pytest.mark.parametrize(("scheme", "at_once"), WAYS)
def test_mail_goes_over_tls_to_a_server_of_the_citys_own_authority(
    authority: Authority, serve: Any, scheme: str, at_once: bool,
) -> None:
    server = serve(SecureMail, authority.context(), at_once=at_once)
    by_mail(server, scheme, authority.pem)
    assert email.message_from_bytes(server.mails[0].removesuffix(b".\r\n"), policy=default)["Subject"] == "告警"
    in_the_clear = [line for secure, line in server.said if not secure]
    assert all(line.split(" ")[0].upper() in ("EHLO", "STARTTLS") for line in in_the_clear)
    assert any(secure and line.startswith("AUTH") for secure, line in server.said)


@pytest.mark.parametrize(("scheme", "at_once"), WAYS)
@pytest.mark.parametrize(("fault", "why", "way_out"), [
    ("name", "it is for another name", "as its certificate does"), ("expired", "it has expired", "renewed"),
    ("stranger", "nobody we trust has signed it", "--authority"), ("nobody", "nobody we trust has signed it", "--authority"),
])
def test_a_server_that_is_not_who_it_should_be_gets_neither_password_nor_mail_and_it_is_said_why(
    authority: Authority, serve: Any, tmp_path: Path, scheme: str, at_once: bool, fault: str, why: str, way_out: str,
) -> None:
    tls = {
        "name": lambda: authority.context("mail.elsewhere.example"), "expired": lambda: authority.context(until=NOW - DAY),
        "stranger": lambda: Authority(tmp_path, "Another").context(), "nobody": authority.context,
    }[fault]()
    server = serve(SecureMail, tls, at_once=at_once)
    with pytest.raises(UnavailableError) as told:
        by_mail(server, scheme, "" if fault == "nobody" else authority.pem)
    assert why in told.value.message
    assert way_out in told.value.way_out
    assert not server.mails
    assert not any(line.upper().startswith(("AUTH", "MAIL")) for _, line in server.said)


def test_a_name_is_checked_as_it_was_given_and_not_where_it_leads(authority: Authority, serve: Any) -> None:
    server = serve(SecureMail, authority.context("localhost"), at_once=False)
    by_mail(server, "smtp", authority.pem, host="localhost")
    assert len(server.mails) == 1
    with pytest.raises(UnavailableError):
        by_mail(server, "smtp", authority.pem)


def test_what_was_slipped_in_before_tls_began_is_not_taken_for_an_answer(authority: Authority, serve: Any) -> None:
    """As CVE-2011-0411 and its kin: answers in the clear behind the consent to STARTTLS."""
    server = serve(SecureMail, authority.context(), at_once=False, inject=b"250 injected\r\n235 injected\r\n")
    with contextlib.suppress(YunwangError):
        by_mail(server, "smtp", authority.pem)
    assert not any(line.upper().startswith("AUTH") and not secure for secure, line in server.said)


def test_old_tls_is_refused(authority: Authority, serve: Any) -> None:
    old = authority.context()
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(UnavailableError) as told:
        by_mail(serve(SecureMail, old, at_once=True), "smtps", authority.pem)
    assert "TLS 1.2" in told.value.way_out


def test_an_authority_that_is_no_certificate_is_named(authority: Authority, serve: Any) -> None:
    server = serve(SecureMail, authority.context(), at_once=True)
    with pytest.raises(SettingsError):
        by_mail(server, "smtps", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def test_a_webhook_goes_over_https_to_a_server_of_the_citys_own_authority(authority: Authority, serve: Any) -> None:
    server = serve(SecureWeb, authority.context())
    by_hook(server, authority.pem)
    assert json.loads(server.bodies[0])["subject"] == "告警"


@pytest.mark.parametrize(("fault", "why"), [
    ("name", "it is for another name"), ("expired", "it has expired"), ("stranger", "nobody we trust has signed it"),
])
def test_a_webhook_to_somebody_else_is_not_sent_and_it_is_said_why(
    authority: Authority, serve: Any, tmp_path: Path, fault: str, why: str,
) -> None:
    tls = {
        "name": lambda: authority.context("hook.elsewhere.example"), "expired": lambda: authority.context(until=NOW - DAY),
        "stranger": lambda: Authority(tmp_path, "Another").context(),
    }[fault]()
    server = serve(SecureWeb, tls)
    with pytest.raises(UnavailableError) as told:
        by_hook(server, authority.pem)
    assert why in told.value.message
    assert not server.bodies
