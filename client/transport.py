"""HTTP to the hub: one pool of connections, and errors that arrive as what they were."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from client.address import CONNECT_S, Address
from client.lean import httpx
from core import i18n
from core.errors import ProtocolError, YunwangError
from core.failure import Failure
from core.i18n import tr
from core.nouns import Noun, new_id

T = TypeVar("T")
Params = Mapping[str, str | int]


class _Envelope(msgspec.Struct):
    error: Failure


class Transport:
    """Asks one hub: behind a Unix socket, or over TLS. timeout_s bounds each read, not a whole stream."""

    def __init__(self, address: Address, timeout_s: float = 30.0) -> None:
        self.address = address
        self.token = self.persona = ""
        """What every request carries: who asks, and in which persona."""
        self._http = httpx.AsyncClient(
            transport=address.transport(), base_url=address.base, timeout=httpx.Timeout(timeout_s, connect=CONNECT_S), trust_env=False,
        )

    async def get(self, path: str, type_: type[T], params: Params | None = None) -> T:
        return decode(await self.raw("GET", path, params=params), type_)

    async def send(self, method: str, path: str, type_: type[T], body: Noun | None = None, **more: Any) -> T:
        """A write and its answer; `more` as `tell` takes it."""
        return decode(await self.tell(method, path, body, **more), type_)

    async def tell(
        self, method: str, path: str, body: Noun | None = None, *, params: Params | None = None, key: str = "",
        headers: Mapping[str, str] | None = None, timeout_s: float | None = None,
    ) -> bytes:
        """A write: a JSON body, an idempotency key (a new one when none is given); the answer as it came."""
        more = {"idempotency-key": key or new_id(0), **(headers or {})}
        if body is not None:
            more["content-type"] = "application/json"
        content = b"" if body is None else msgspec.json.encode(body)
        return await self.raw(method, path, params=params, content=content, headers=more, timeout_s=timeout_s)

    async def raw(
        self, method: str, path: str, *, params: Params | None = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, timeout_s: float | None = None,
    ) -> bytes:
        """The body of an answer; the hub's error is raised as its own class."""
        return (await self.answer(method, path, params=params, content=content, headers=headers, timeout_s=timeout_s)).content

    async def answer(
        self, method: str, path: str, *, params: Params | None = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, timeout_s: float | None = None, accept: tuple[int, ...] = (),
    ) -> httpx.Response:
        """The same with its headers; an error with one of the `accept`ed statuses is no error.

        What may be repeated is asked once more when a connection that was kept turns out to be gone.
        """
        timeout = httpx.USE_CLIENT_DEFAULT if timeout_s is None else httpx.Timeout(timeout_s, connect=CONNECT_S)
        whole = self.headers(headers)
        repeatable = method == "GET" or "idempotency-key" in whole
        for last in (not repeatable, True):
            try:
                answer = await self._http.request(method, path, params=params, content=content, headers=whole, timeout=timeout)
            except httpx.TimeoutException as error:
                raise self.address.too_slow(error) from None
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
                if last:
                    raise self.address.unavailable(error) from None
                continue
            except httpx.TransportError as error:
                raise self.address.unavailable(error) from None
            break
        if answer.is_error and answer.status_code not in accept:
            raise failure(answer.status_code, answer.content)
        return answer

    def stream(self, path: str, params: Params, headers: Mapping[str, str]) -> Any:
        """An open answer, as httpx gives it."""
        timeout = httpx.Timeout(45.0, connect=CONNECT_S)
        return self._http.stream("GET", path, params=params, headers=self.headers(headers), timeout=timeout)

    def opened(
        self, method: str, path: str, *, params: Params | None = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, timeout_s: float = 45.0,
    ) -> Any:
        """An open answer that ends by itself, of any method. timeout_s: between two pieces."""
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_S)
        return self._http.stream(method, path, params=params, content=content, headers=self.headers(headers), timeout=timeout)

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        who = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if self.persona:
            who["x-yunwang-persona"] = self.persona
        return {"accept-language": i18n.language(), **who, **(more or {})}

    async def close(self) -> None:
        await self._http.aclose()


def decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.DecodeError as error:
        raise ProtocolError(
            tr("The hub's answer was not understood: {reason}.", reason=str(error)),
            way_out=tr("Hub and client must be of the same version: `yunwang --version`."),
        ) from None


def failure(status: int, body: bytes) -> YunwangError:
    """The error in the body; a plain one where something else stands there."""
    try:
        return msgspec.json.decode(body, type=_Envelope).error.error()
    except msgspec.DecodeError:
        return ProtocolError(tr("The hub answered with status {status}.", status=status))
