"""The heartbeat outwards: one small POST, bounded in time and size; what fails is told and tried again at the next beat."""

import http.client
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from core import __version__
from core.errors import NoAnswerError, SettingsError
from core.i18n import reason, tr
from core.node import Heartbeat

TIMEOUT_S = 10.0
MAX_ANSWER = 4096


class Address(NamedTuple):
    """Where a heartbeat goes."""

    secure: bool
    host: str
    port: int | None
    target: str

    @property
    def shown(self) -> str:
        """Without what may be a secret: a path or a query often is the key of the receiver."""
        return f"{'https' if self.secure else 'http'}://{self.host}{f':{self.port}' if self.port else ''}"


def parse(url: str) -> Address:
    """Raises `SettingsError` for anything but http and https with a host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or any(c <= " " for c in url):
        raise SettingsError(
            tr("service.heartbeat_url is no address that a heartbeat can be posted to."),
            way_out=tr("Write https://HOST/PATH, without a user name; docs/operations.md shows receivers."),
        )
    return Address(parts.scheme == "https", host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def post(address: Address, beat: Heartbeat, timeout_s: float = TIMEOUT_S) -> None:
    """Raises `NoAnswerError` with the reason; redirects are not followed."""
    connection: http.client.HTTPConnection
    if address.secure:
        connection = http.client.HTTPSConnection(address.host, address.port, timeout=timeout_s, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout_s)
    try:
        headers = {"content-type": "application/json", "user-agent": f"yunwang/{__version__}"}
        connection.request("POST", address.target, msgspec.json.encode(beat), headers)
        answer = connection.getresponse()
        answer.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else type(error).__name__
        raise _failed(address, why) from None
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise _failed(address, f"HTTP {answer.status}")


def _failed(address: Address, why: str) -> NoAnswerError:
    return NoAnswerError(
        tr("The heartbeat did not reach {address}: {reason}.", address=address.shown, reason=why),
        way_out=tr("Correct service.heartbeat_url, or look at the way there; it is tried again at the next beat."),
    )
