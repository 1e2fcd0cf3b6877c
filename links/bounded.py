"""Requests to servers that are not ours: bounded in size and time, never redirected, never to another host than the one that was named.

A session keeps nothing of the environment: no proxy, no login of a netrc file.
"""

import errno
import ipaddress
import socket
import time
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from core.errors import ForbiddenError, NoAnswerError, NotFoundError, ProtocolError, SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from links import certificates

MOST_BYTES = 64 * 1024 * 1024
CHUNK = 64 * 1024
REACH_S = 5.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Site(NamedTuple):
    """Where a server is. authority: PEM file; empty: the system's authorities."""

    url: str
    authority: str = ""
    timeout_s: float = 60.0
    """Without a byte."""
    slowest_s: float = 600.0
    """For an answer as a whole."""
    most_bytes: int = MOST_BYTES

    @property
    def origin(self) -> tuple[str, str, int]:
        return origin(self.url)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises `SettingsError` for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
    except ValueError:
        host, port, parts = "", 0, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise SettingsError(tr("{url} is no address of a server.", url=url[:200]), way_out=tr("For example https://netbox.city.local"))
    return parts.scheme, host.lower(), port


def travels_in_the_clear(url: str) -> bool:
    """Whether a secret sent there could be read on the way: http to another machine."""
    scheme, host, _ = origin(url)
    if scheme == "https" or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def session(site: Site, *, of_many: bool = False) -> Any:
    """A session of requests that asks this site and no other.

    of_many: whoever uses it learns from the site which others belong to it (a cloud's catalogue) and follows redirects; only those that
    stay on their host are let through.
    """
    import requests

    class Bounded(requests.Session):
        """What it is told about redirects and streaming, it knows better."""

        def request(self, method: Any, url: Any, *args: Any, **options: Any) -> Any:
            options["allow_redirects"] = False
            return super().request(method, url, *args, **options)

        def send(self, request: Any, **options: Any) -> Any:
            if not of_many and origin(str(request.url)) != site.origin:
                host = origin(str(request.url))[1]
                raise ProtocolError(
                    tr("{url} points to another host, {host}: nothing is sent there.", url=site.url, host=host[:200]),
                    way_out=tr("Name the address under which it answers itself."),
                )
            options["stream"], options["timeout"] = True, options.get("timeout") or site.timeout_s
            options["allow_redirects"] = False
            answer = super().send(request, **options)
            answer._content = _body(answer, site)  # noqa: SLF001 -- requests has no other way to bound what it reads
            if answer.status_code in REDIRECTS and not (of_many and _stays(answer)):
                raise ProtocolError(
                    tr("{url} sends us elsewhere; that is not followed.", url=site.url),
                    way_out=tr("Name the address at which it answers itself, with https:// where it wants that."),
                )
            return answer

    made = Bounded()
    made.trust_env = False
    made.verify = site.authority or True
    return made


def _stays(answer: Any) -> bool:
    """Whether a redirect leads to the host that sent it."""
    return origin(urljoin(str(answer.url), answer.headers.get("location", ""))) == origin(str(answer.url))


def _body(answer: Any, site: Site) -> bytes:
    deadline = time.monotonic() + site.slowest_s
    body = bytearray()
    while piece := answer.raw.read1(CHUNK, decode_content=True):
        body += piece
        if len(body) > site.most_bytes:
            answer.close()
            raise ProtocolError(tr("{url} answered with more than {limit} MiB.", url=site.url, limit=site.most_bytes >> 20))
        if time.monotonic() > deadline:
            answer.close()
            raise NoAnswerError(tr("{url} answers too slowly.", url=site.url))
    return bytes(body)


def reach(url: str) -> None:
    """Raises in one sentence why nothing listens there: the name, the port, the way."""
    _, host, port = origin(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswerError(
            tr("The name {host} is not known here.", host=host[:200]), way_out=tr("Check the name, or the name servers of this machine."),
        ) from None
    last: OSError | None = None
    for family, kind, protocol, _, address in found[:4]:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.settimeout(REACH_S)
                probe.connect(address)
                return
        except OSError as error:
            last = error
    if last is not None and last.errno == errno.ECONNREFUSED:
        raise NoAnswerError(tr("Nothing listens on port {port} of {host}.", port=port, host=host), way_out=tr("Check the port."))
    raise NoAnswerError(tr("{host} does not answer on port {port}.", port=port, host=host), way_out=tr("Check the firewall between."))


def explained(error: Exception, site: Site) -> YunwangError:
    """What requests raised, as ours: one sentence without anything that the server said."""
    import requests

    if isinstance(error, YunwangError):
        return error
    if isinstance(error, requests.exceptions.SSLError):
        if certificates.is_refusal(error):
            return certificates.refused(error, site.url)
        return UnavailableError(
            tr("{url} speaks no TLS that is safe enough.", url=site.url), way_out=tr("Check address and port; TLS 1.2 or newer is spoken."),
        )
    if isinstance(error, requests.exceptions.Timeout):
        return NoAnswerError(tr("{url} answers too slowly.", url=site.url))
    if isinstance(error, requests.exceptions.JSONDecodeError | ValueError | RecursionError):
        return not_json(site)
    if isinstance(error, requests.exceptions.RequestException | OSError):
        return NoAnswerError(tr("{url} does not answer.", url=site.url), way_out=tr("Check the address and the firewall between."))
    return ProtocolError(tr("{cloud} answered something unexpected ({kind}).", cloud=site.url, kind=type(error).__name__))


def not_json(site: Site) -> YunwangError:
    return ProtocolError(
        tr("{url} answered with something else than JSON.", url=site.url),
        way_out=tr("Is this its own address, and not that of a portal before it?"),
    )


def refuse(status: int, site: Site, path: str) -> None:
    """Raises for a status that is no answer."""
    if status in (401, 403):
        raise ForbiddenError(
            tr("{url} does not let this account read {path}.", url=site.url, path=path[:200]),
            way_out=tr("Check the token or password, and that the account may read."),
        )
    if status == 404:
        raise NotFoundError(tr("{url} has no {path}.", url=site.url, path=path[:200]), way_out=tr("Check the address and the version."))
    if status >= 400:
        raise ProtocolError(tr("{url} answered {path} with status {status}.", url=site.url, path=path[:200], status=status))


def get_json(session: Any, site: Site, path: str, **options: Any) -> Any:
    """The parsed answer of GET, or why there is none. path: below the site's address."""
    return ask_json(session, site, "GET", path, **options)


def ask_json(session: Any, site: Site, method: str, path: str, **options: Any) -> Any:
    """The parsed answer of any method; options as in `requests.Session.request`."""
    try:
        answer = session.request(method, site.url.rstrip("/") + path, **options)
    except Exception as error:  # noqa: BLE001 -- requests, urllib3 and ssl each have a tree of their own
        raise explained(error, site) from None
    refuse(answer.status_code, site, path)
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise not_json(site) from None
