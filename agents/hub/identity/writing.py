"""One transaction on people: what was put is remembered, and taken into memory once it is durable."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from agents.hub.identity.people import Person
from core.objects import Unit
from core.ports import RecordWrite

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities

P = ParamSpec("P")
T = TypeVar("T")


class _OfPart(Protocol):
    _part: "Identities"


S = TypeVar("S", bound=_OfPart)


def in_turn(method: Callable[Concatenate[S, P], Awaitable[T]]) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """One change of accounts and grants after the other: two at once must not get past each other's checks."""

    async def inner(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._part.turn:
            return await method(self, *args, **kwargs)

    return inner


class Writing:
    """A `RecordWrite` that remembers."""

    def __init__(self, write: RecordWrite) -> None:
        self.inside = write
        self.people: list[Person] = []
        self.dropped: list[str] = []
        """Ids of grants."""

    def get(self, kind: str, object_id: str) -> Any:
        return self.inside.get(kind, object_id)

    def find(self, kind: str, name: str) -> Any:
        return self.inside.find(kind, name)

    def put(self, action: str, record: Person) -> None:
        self.inside.put(action, record)
        self.people.append(record)

    def put_unit(self, action: str, unit: Unit) -> None:
        self.inside.put(action, unit)

    def drop_grant(self, action: str, grant_id: str) -> None:
        self.inside.delete(action, "role_grant", grant_id)
        self.dropped.append(grant_id)

    def note(self, action: str, detail: dict[str, Any]) -> None:
        self.inside.note(action, detail)
