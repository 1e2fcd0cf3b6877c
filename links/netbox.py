"""Reading and writing a NetBox through pynetbox: its endpoints, pages and token schemes, over a session that asks no other host.

Pages are followed by NetBox's own `next` addresses: one that leads to another host is refused before anything is sent there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import ForbiddenError, InvalidInputError, NotFoundError, ProtocolError
from core.i18n import tr
from core.width import clean
from links import bounded

PAGE = 500
MOST_ITEMS = 500_000
Item = dict[str, Any]


class NetBox:
    """One NetBox with one token. Raises errors of ours, which never show the token."""

    def __init__(self, site: bounded.Site, token: str) -> None:
        import pynetbox

        self._site = site
        self._api = pynetbox.api(site.url, token=token)
        self._api.http_session = bounded.session(site)

    def version(self) -> str:
        """`4.2.3`; empty where it does not say."""
        found = self._ask(self._api.status)
        return clean(str(found.get("netbox-version", "")), 32) if isinstance(found, Mapping) else ""

    def pages(self, path: str, **filters: Any) -> Iterator[tuple[list[Any], int]]:
        """All objects of an endpoint, `dcim/devices`, a page at a time, each with how many there are."""
        request = self._request(path, filters, PAGE)
        body, came = self._ask(request._make_call), 0  # noqa: SLF001 -- its generator hides the pages, and follows addresses without end
        while True:
            found, total, following = self._page(body, path)
            came += len(found)
            if found:
                yield found, total
            if not following or not found:
                return
            if came > MOST_ITEMS:
                raise ProtocolError(tr("{url} has no end of {path}.", url=self._site.url, path=path))
            body = self._ask(request._make_call, url_override=following)  # noqa: SLF001

    def _page(self, body: Any, path: str) -> tuple[list[Any], int, str]:
        found = body.get("results") if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise ProtocolError(tr("{cloud} answered {path} with something else than a list.", cloud=self._site.url, path=path))
        total, following = body.get("count"), body.get("next")
        return found, total if isinstance(total, int) else 0, following if isinstance(following, str) else ""

    def create(self, path: str, values: Mapping[str, Any]) -> Item:
        """The new object. Raises `InvalidInputError` with what NetBox has against it, by field."""
        return self._object(self._ask(self._request(path, {}, 0).post, dict(values)), path)

    def update(self, path: str, number: int, values: Mapping[str, Any]) -> Item:
        """The object with these fields changed."""
        request = self._request(path, {}, 0)
        return self._object(self._ask(self._keyed(request, number).patch, dict(values)), path)

    def _keyed(self, request: Any, number: int) -> Any:
        request.key, request.url = number, f"{request.base}{number}/"
        return request

    def _request(self, path: str, filters: Mapping[str, Any], limit: int) -> Any:
        from pynetbox.core.query import Request

        return Request(
            base=f"{self._api.base_url}/{path}/", http_session=self._api.http_session, token=self._api.token,
            filters={**filters, **({"limit": limit} if limit else {})},
        )

    def _object(self, found: Any, path: str) -> Item:
        if not isinstance(found, dict) or not isinstance(found.get("id"), int):
            raise ProtocolError(tr("{cloud} answered {path} with something else than an object.", cloud=self._site.url, path=path))
        return found

    def _ask(self, question: Any, *args: Any, **options: Any) -> Any:
        import pynetbox

        try:
            return question(*args, **options)
        except pynetbox.RequestError as error:
            raise self._refused(error) from None
        except pynetbox.ContentError:
            raise bounded.not_json(self._site) from None
        except Exception as error:  # noqa: BLE001 -- pynetbox lets through what requests, urllib3 and ssl raise
            raise bounded.explained(error, self._site) from None

    def _refused(self, error: Any) -> Exception:
        status, path = int(error.req.status_code), str(error.req.url).removeprefix(self._site.url)[:200]
        if status in (401, 403):
            return ForbiddenError(
                tr("{url} does not let this token use {path}.", url=self._site.url, path=path),
                way_out=tr("Check the token, its permissions, that it is enabled, and that it may come from this address."),
            )
        if status == 404:
            return NotFoundError(
                tr("{url} has no {path}.", url=self._site.url, path=path), way_out=tr("Is it the address of NetBox itself, without /api?"),
            )
        if status == 400:
            return InvalidInputError(tr("NetBox refuses it: {reason}", reason=_fields(error.error)))
        return ProtocolError(tr("{url} answered {path} with status {status}.", url=self._site.url, path=path, status=status))

    def close(self) -> None:
        self._api.http_session.close()


def _fields(body: Any) -> str:
    """NetBox's answer to what it does not take: `{"slug": ["..."]}` as one bounded line."""
    return clean(" ".join(str(body).split()), 300)
