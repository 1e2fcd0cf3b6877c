"""HashiCorp Vault against a local double of its documented HTTP API (KV version 2): the contract, and answers that are none."""

import contextlib
import http.server
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import ForbiddenError, NotFoundError, ProtocolError, SettingsError, UnavailableError, YunwangError
from links.vault import Access, Vault

TOKEN = "hvs.test-token-that-is-long"
SECRETS = {"net/core": {"community": "s3cret-from-vault", "empty": "", "number": 5}}


class Double(http.server.BaseHTTPRequestHandler):
    """`GET /v1/MOUNT/data/PATH` as Vault documents it: 200 with data.data, 403, 404, 503 when sealed."""

    mode = ""
    asked: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("X-Vault-Token", "")))
        mode = type(self).mode
        if mode:
            getattr(self, mode)()
        elif self.headers.get("X-Vault-Token") != TOKEN:
            self.answer(403, {"errors": ["permission denied"]})
        elif (data := SECRETS.get(self.path.removeprefix("/v1/kv/data/"))) is None:
            self.answer(404, {"errors": []})
        else:
            self.answer(200, {
                "request_id": "r", "lease_id": "", "renewable": False, "lease_duration": 0, "wrap_info": None, "warnings": None,
                "auth": None,
                "data": {"data": data, "metadata": {
                    "created_time": "2026-01-01T00:00:00Z", "deletion_time": "", "destroyed": False, "version": 2, "custom_metadata": None,
                }},
            })

    def answer(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def sealed(self) -> None:
        self.answer(503, {"errors": ["Vault is sealed"]})

    def elsewhere(self) -> None:
        self.send_response(307)
        self.send_header("location", "http://127.0.0.1:9/stolen")
        self.end_headers()

    def nonsense(self) -> None:
        self.answer(200, ["s3cret-from-vault"])

    def no_json(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>s3cret-from-vault</html>")

    def deleted(self) -> None:
        self.answer(404, {"data": {"data": None, "metadata": {"version": 1, "deletion_time": "2026-01-01T00:00:00Z"}}})

    def endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(10_000):
                self.wfile.write(b"x" * 10_000)

    def dripping(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "100000")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(600):
                self.wfile.write(b"x" * 9000 if _ == 0 else b"x")
                self.wfile.flush()
                time.sleep(0.05)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def double() -> Iterator[Callable[..., tuple[str, type[Double]]]]:
    """`double(mode)` is its address and its class."""
    made: list[http.server.ThreadingHTTPServer] = []

    def make(mode: str = "", certificate: Path | None = None) -> tuple[str, type[Double]]:
        handler = type("Handler", (Double,), {"mode": mode, "asked": []})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        made.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        scheme = "https" if certificate else "http"
        return f"{scheme}://{'localhost' if certificate else '127.0.0.1'}:{server.server_port}", handler

    yield make
    for server in made:
        server.shutdown()
        server.server_close()


def read(url: str, place: str, **more: Any) -> str:
    vault = Vault(Access(**{"url": url, "token": TOKEN, "mount": "kv", "timeout_s": 20.0, **more}))
    try:
        return vault.read(place)
    finally:
        vault.close()


def test_one_field_of_one_secret(double: Callable[..., Any]) -> None:
    url, handler = double()
    assert read(url, "net/core#community") == "s3cret-from-vault"
    assert handler.asked == [("GET", "/v1/kv/data/net/core", TOKEN)]


@pytest.mark.parametrize(("place", "more", "kind"), [
    ("net/core#gone", {}, NotFoundError), ("net/core#empty", {}, NotFoundError), ("net/core#number", {}, NotFoundError),
    ("net/gone#x", {}, NotFoundError), ("net/core#community", {"token": "hvs.wrong"}, ForbiddenError),
])
def test_what_is_not_there_or_not_allowed(double: Callable[..., Any], place: str, more: dict[str, str], kind: type[YunwangError]) -> None:
    with pytest.raises(kind):
        read(double()[0], place, **more)


@pytest.mark.parametrize(("mode", "kind"), [
    ("sealed", UnavailableError), ("nonsense", ProtocolError), ("no_json", ProtocolError), ("elsewhere", YunwangError),
    ("endless", UnavailableError), ("deleted", NotFoundError),
])
def test_answers_that_are_none(double: Callable[..., Any], mode: str, kind: type[YunwangError]) -> None:
    with pytest.raises(kind) as caught:
        read(double(mode)[0], "net/core#community")
    assert "s3cret" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_an_answer_that_drips_is_ended(double: Callable[..., Any]) -> None:
    with pytest.raises(UnavailableError):
        read(double("dripping")[0], "net/core#community", timeout_s=0.5)


def test_nobody_there() -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        read("http://127.0.0.1:9", "net/core#community", timeout_s=2.0)


def test_the_token_never_travels_in_the_clear() -> None:
    with pytest.raises(SettingsError, match="https"):
        Vault(Access(url="http://vault.city.example:8200", token=TOKEN))
    assert TOKEN not in repr(Access(url="https://x", token=TOKEN))


def test_tls_is_verified(double: Callable[..., Any], tmp_path: Path) -> None:
    certificate = _certificate(tmp_path)
    url, handler = double("", certificate)
    assert read(url, "net/core#community", authority=str(certificate)) == "s3cret-from-vault"
    handler.asked.clear()
    with pytest.raises(UnavailableError, match="not trusted"):
        read(url, "net/core#community")
    assert handler.asked == []


def _certificate(folder: Path) -> Path:
    """A self-signed one for localhost, with its key, in one PEM file."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )
    path = folder / "vault.pem"
    text = serialization.Encoding.PEM
    private = key.private_bytes(text, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(text))
    return path
