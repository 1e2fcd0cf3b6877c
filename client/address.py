"""Where a hub is: behind the Unix socket here, or elsewhere over TLS; and in a sentence why it cannot be reached."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from client.lean import httpx
from core import sections
from core.errors import NoAnswerError, SettingsError, UnavailableError, YunwangError
from core.i18n import reason, tr
from core.paths import run_dir
from core.settings import Settings

CONNECT_S = 5.0
EXPIRED, NOT_YET, OTHER_NAME, OTHER_ADDRESS = 10, 9, 62, 64
"""X509_V_ERR_* of OpenSSL (x509_vfy.h); whatever else is wrong with a certificate, nobody we trust has signed it."""


class Address:
    """One hub. `of` gives the one that the settings name."""

    def __init__(self, path: Path | None = None, api: sections.Api | None = None) -> None:
        self._path, self._api = path, api or sections.Api()
        self.base = "http://hub" if path else _checked(self._api.url)

    @classmethod
    def of(cls, settings: Settings) -> "Address":
        return cls(None, settings.api) if settings.api.url else cls(run_dir(settings) / "hub.sock")

    def __str__(self) -> str:
        return str(self._path or self.base)

    def transport(self) -> httpx.AsyncHTTPTransport:
        if self._path:
            return httpx.AsyncHTTPTransport(uds=str(self._path), verify=False)  # no TLS here: authorities need not be read, each time 20 ms
        return httpx.AsyncHTTPTransport(verify=_trust(self._api))

    def too_slow(self, error: Exception) -> YunwangError:
        if isinstance(error, httpx.ConnectTimeout) and not self._path:
            return UnavailableError(
                tr("Nothing answers at {address}.", address=self), way_out=tr("Check api.url, and firewalls on the way."),
            )
        return NoAnswerError(tr("The hub did not answer in time."), way_out=tr("Try again; `yunwang hub status` tells more."))

    def unavailable(self, error: Exception) -> UnavailableError:
        return self._nobody_here(error) if self._path else self._nobody_there(error)

    def _nobody_here(self, error: Exception) -> UnavailableError:
        if any(isinstance(one, PermissionError) for one in _causes(error)) or "Permission denied" in str(error):
            return UnavailableError(
                tr("This account may not open the hub's socket {path}.", path=self),
                way_out=tr("Ask for membership in the group that owns it, or run your own hub with another general.data_dir."),
            )
        return UnavailableError(tr("No hub is running."), way_out=tr("Start it with `yunwang hub start`."))

    def _nobody_there(self, error: Exception) -> UnavailableError:
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return self._not_trusted(cause)
            if isinstance(cause, (ssl.SSLError, httpx.RemoteProtocolError)):
                return UnavailableError(
                    tr("{address} ended the TLS connection.", address=self),
                    way_out=tr("It may be stopping, or ask for a certificate of the client: api.client_certificate, api.client_key."),
                )
            if isinstance(cause, socket.gaierror):
                return UnavailableError(tr("The name in {address} is not known.", address=self), way_out=tr("Check api.url."))
            if isinstance(cause, ConnectionRefusedError):
                break
        return UnavailableError(
            tr("No hub answers at {address}.", address=self), way_out=tr("Check api.url here, and api.listen of the hub there."),
        )

    def _not_trusted(self, error: ssl.SSLCertVerificationError) -> UnavailableError:
        why, way_out = {
            EXPIRED: (tr("it has expired"), tr("Renew it; the hub notices within a minute.")),
            NOT_YET: (tr("it is not valid yet"), tr("Check the clocks of both machines.")),
            OTHER_NAME: (tr("it is for another name"), tr("Use a name in api.url that stands in the certificate.")),
            OTHER_ADDRESS: (tr("it is for another name"), tr("Use a name in api.url that stands in the certificate.")),
        }.get(error.verify_code, (tr("nobody we trust has signed it"), tr("Name the authority's PEM file in api.authority.")))
        return UnavailableError(tr("The certificate of {address} was refused: {why}.", address=self, why=why), way_out=way_out)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    try:
        good = parts.scheme == "https" and bool(parts.hostname) and parts.path in ("", "/") and not parts.query and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username is not None:
        raise SettingsError(tr("api.url is {value!r}; it takes https://HOST:PORT.", value=url), way_out=tr("Mend it in the settings."))
    return f"https://{parts.netloc}"


def _trust(api: sections.Api) -> ssl.SSLContext:
    """TLS 1.2 or newer, the hub's certificate and name verified; our own certificate where the settings name one."""
    file = api.authority
    try:
        context = ssl.create_default_context(cafile=str(Path(file).expanduser()) if file else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        file = api.client_certificate
        if file:
            key = Path(api.client_key or file).expanduser()
            context.load_cert_chain(Path(file).expanduser(), key, password=_no_phrase)
    except ssl.SSLError as error:
        raise SettingsError(
            tr("{file} cannot be used: {reason}.", file=file, reason=error.reason or str(error)),
            way_out=tr("It takes PEM; a key must not have a pass phrase."),
        ) from None
    except OSError as error:
        raise SettingsError(
            tr("{file} cannot be read: {reason}.", file=file, reason=reason(error)), way_out=tr("Check its name and its mode."),
        ) from None
    return context


def _no_phrase() -> bytes:
    """OpenSSL would ask in the terminal."""
    return b""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 20:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1
