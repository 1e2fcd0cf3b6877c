"""What discovery found on one device, compared with what was known."""

from typing import Any, TypeVar

import msgspec

from core.messages import Observed
from core.nouns import Noun
from core.objects import Fact, Link, Station
from stores.records.columns import Shape
from stores.records.shapes import FACT, INTERFACE, LINK, STATION

Timed = TypeVar("Timed", Fact, Link, Station)

SETS = (("interfaces", INTERFACE), ("facts", FACT), ("links", LINK), ("stations", STATION))
JOURNALED = ("interfaces", "facts", "links")


def select(shape: Shape[Any]) -> str:
    return f"{shape.select} WHERE observed_on = ? ORDER BY place"


def insert(shape: Shape[Any]) -> str:
    marks = ", ".join("?" * (len(shape.fields) + 2))
    return f"INSERT INTO {shape.table} ({shape.columns}, observed_on, place) VALUES ({marks})"


def keep_beginnings(old: Observed, new: Observed) -> Observed:
    """The new observation, in which what already held keeps the moment from which it held."""
    return Observed(
        device_id=new.device_id,
        at_ms=new.at_ms,
        interfaces=new.interfaces,
        facts=_since(old.facts, new.facts),
        links=_since(old.links, new.links),
        stations=_since(old.stations, new.stations),
    )


def _since(old: tuple[Timed, ...], new: tuple[Timed, ...]) -> tuple[Timed, ...]:
    began = {_timeless(item): item.valid_from for item in old}
    return tuple(msgspec.structs.replace(item, valid_from=began.get(_timeless(item), item.valid_from)) for item in new)


def _timeless(item: Timed) -> Timed:
    return msgspec.structs.replace(item, valid_from=0)


def changed(old: Observed, new: Observed) -> set[str]:
    """The sets that are not as they were."""
    return {name for name, _ in SETS if getattr(old, name) != getattr(new, name)}


def difference(old: Observed, new: Observed) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after for the journal: by set, the items that are gone and those that came. Both empty: nothing changed."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in JOURNALED:
        was: tuple[Noun, ...] = getattr(old, name)
        now: tuple[Noun, ...] = getattr(new, name)
        if was != now:
            was_set, now_set = set(was), set(now)
            before[name] = [msgspec.to_builtins(item) for item in was if item not in now_set]
            after[name] = [msgspec.to_builtins(item) for item in now if item not in was_set]
    return before, after
