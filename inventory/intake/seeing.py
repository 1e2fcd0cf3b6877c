"""What devices say of themselves, found by discovery: the hub knows which one it asked, so nothing has to be recognised."""

from collections.abc import Callable, Iterable, Mapping

from core.objects import Fact
from core.review import Statement
from inventory.intake.binding import PINNED
from inventory.intake.differing import DAY_MS
from inventory.intake.saying import text_of
from inventory.intake.settling import settle_draft
from inventory.intake.telling import finished, remember_box
from inventory.intake.world import Draft, Plan, World, statement_id

FACTS = {"serial": "serial", "model": "model", "platform": "platform", "sysName": "name", "version": "version", "chassis": "chassis",
         "engine": "engine"}
"""Facts that tell a box, and the field that each speaks of. `version`, `chassis` and `engine` are no fields of a device: signs beside."""
LONGEST = 256


def fields_of_facts(facts: Iterable[Fact]) -> dict[str, str]:
    """What they say, as a statement has it."""
    return {FACTS[fact.field]: text_of(fact.value[:LONGEST]) for fact in facts if fact.field in FACTS and fact.value.strip()}


def seen(world: World, found: Mapping[str, Mapping[str, str]], now_ms: int, new_id: Callable[[], str]) -> Plan:
    """What becomes of it when these devices, by id, say this of themselves."""
    draft = Draft(world, now_ms, new_id)
    for device_id, fields in found.items():
        device = draft.records["device"].get(device_id)
        if device is not None and fields:
            _take(draft, device_id, f"{PINNED}{device.name}", device.name, dict(fields))
    settle_draft(draft)
    return finished(draft, None)


def _take(draft: Draft, device_id: str, origin: str, name: str, fields: dict[str, str]) -> None:
    key = statement_id("device", PINNED, device_id)
    old = draft.statements.get(key)
    if old is None:
        draft.statements[key] = Statement(
            id=key, object_kind="device", object_id=device_id, name=name, source="observed", origin=origin, fields=fields,
            since=draft.now_ms, seen_at=draft.now_ms,
        )
        return
    if old.fields == fields and old.origin == origin:
        if draft.now_ms - old.seen_at >= DAY_MS:
            draft.statements[key] = old.replace(seen_at=draft.now_ms)
        return
    remember_box(draft, old, fields)
    since = old.since if old.fields == fields else draft.now_ms
    draft.statements[key] = old.replace(fields=fields, origin=origin, name=name, since=since, seen_at=draft.now_ms)
