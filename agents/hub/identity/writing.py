"""One transaction on people: what was put is remembered, and taken into memory once it is durable."""

from typing import Any

from agents.hub.identity.people import Person
from core.objects import Unit
from core.ports import RecordWrite


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
