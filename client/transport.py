"""HTTP to the hub: one connection pool over its Unix socket, and errors that arrive as what they were."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from core import i18n
from core.errors import NoAnswerError, ProtocolError, UnavailableError, YunwangError
from core.failure import Failure
from core.i18n import tr

T = TypeVar("T")
Params = Mapping[str, str | int]


class _Envelope(msgspec.Struct):
    error: Failure


class Transport:
    """Asks the hub behind one socket. timeout_s bounds each read, not a whole stream."""

    def __init__(self, socket: Path, timeout_s: float = 30.0) -> None:
        self.socket = socket
        self.token = self.persona = ""
        """What every request carries: who asks, and in which persona."""
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket)),
            base_url="http://hub",
            timeout=httpx.Timeout(timeout_s, connect=5.0),
            trust_env=False,
        )

    async def get(self, path: str, type_: type[T], params: Params | None = None) -> T:
        return decode(await self.raw("GET", path, params=params), type_)

    async def raw(
        self, method: str, path: str, *, params: Params | None = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, timeout_s: float | None = None,
    ) -> bytes:
        """The body of an answer; the hub's error is raised as its own class."""
        timeout = httpx.USE_CLIENT_DEFAULT if timeout_s is None else httpx.Timeout(timeout_s, connect=5.0)
        try:
            answer = await self._http.request(
                method, path, params=params, content=content, headers=self.headers(headers), timeout=timeout,
            )
        except httpx.TimeoutException:
            raise NoAnswerError(tr("The hub did not answer in time."), way_out=tr("Try again; `yunwang hub status` tells more.")) from None
        except httpx.TransportError as error:
            raise self.unavailable(error) from None
        if answer.is_error:
            raise failure(answer.status_code, answer.content)
        return answer.content

    def stream(self, path: str, params: Params, headers: Mapping[str, str]) -> Any:
        """An open answer, as httpx gives it."""
        timeout = httpx.Timeout(45.0, connect=5.0)
        return self._http.stream("GET", path, params=params, headers=self.headers(headers), timeout=timeout)

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        who = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if self.persona:
            who["x-yunwang-persona"] = self.persona
        return {"accept-language": i18n.language(), **who, **(more or {})}

    def unavailable(self, error: Exception) -> UnavailableError:
        if isinstance(error.__cause__, PermissionError) or "Permission denied" in str(error):
            return UnavailableError(
                tr("This account may not open the hub's socket {path}.", path=self.socket),
                way_out=tr("Ask for membership in the group that owns it, or run your own hub with another general.data_dir."),
            )
        return UnavailableError(tr("No hub is running."), way_out=tr("Start it with `yunwang hub start`."))

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
