"""One request to a service that takes messages: bounded, never redirected, its authority from the channel."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from core.errors import BusyError, ForbiddenError, ProtocolError, SettingsError
from core.i18n import tr
from core.notices import Channel
from links import bounded

TIMEOUT_S, SLOWEST_S, MOST_BYTES = 10.0, 20.0, 256 * 1024
AUTHORITY, PLAIN = "authority", "plain"


class Answer(NamedTuple):
    """What came back: at most 256 KiB."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Empty where it is none."""
        import json

        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def must_be_safe(channel: Channel) -> None:
    """Raises `SettingsError` where the text or a secret would travel in the clear and nobody allowed it."""
    if bounded.travels_in_the_clear(channel.url) and channel.options.get(PLAIN) != "yes":
        raise SettingsError(
            tr("{url} is reached without TLS: nothing is sent there in the clear.", url=channel.url[:200]),
            way_out=tr("Use https://, or allow it with the option plain=yes."),
        )


def ask(
    channel: Channel, method: str, body: bytes = b"", headers: Mapping[str, str] | None = None, query: str = "",
) -> Answer:
    """The answer to one request at the channel's address. Raises why there is none, or for a status that is no success."""
    must_be_safe(channel)
    with _authority(channel) as file:
        site = bounded.Site(channel.url, file, TIMEOUT_S, SLOWEST_S, MOST_BYTES)
        session = bounded.session(site)
        try:
            found = session.request(method, channel.url, data=body or None, headers=dict(headers or {}), params=query or None)
            answer = Answer(found.status_code, found.content)
        except Exception as error:  # noqa: BLE001 -- requests, urllib3 and ssl each have a tree of their own
            raise bounded.explained(error, site) from None
        finally:
            session.close()
    _refuse(answer.status, channel)
    return answer


def _refuse(status: int, channel: Channel) -> None:
    host = bounded.origin(channel.url)[1]
    if status in (401, 403):
        raise ForbiddenError(
            tr("{host} does not take the message ({status}).", host=host, status=status), way_out=tr("Check its token or key."),
        )
    if status == 429:
        raise BusyError(tr("{host} takes no more messages now.", host=host), way_out=tr("It is sent again by itself."))
    if not 200 <= status < 300:
        raise ProtocolError(tr("{host} does not take the message ({status}).", host=host, status=status))


@contextmanager
def _authority(channel: Channel) -> Iterator[str]:
    """A file with the channel's authority; empty: the system's."""
    pem = channel.options.get(AUTHORITY, "")
    if not pem:
        yield ""
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="utf-8") as file:
        file.write(pem)
        file.flush()
        yield file.name
