"""The review queue as the hub holds it: lines, verdicts, undo, what devices say of themselves, and a look at everything once an hour."""

import asyncio
import logging
from typing import TYPE_CHECKING

import msgspec

from agents.hub.asking import key_of_request
from agents.hub.queue.seeing import Seeing
from agents.hub.records import in_thread, now_ms
from core.errors import InvalidInputError, YunwangError
from core.i18n import tr
from core.identity import Actor, Caller
from core.model import KEYED, MODEL
from core.nouns import new_id
from core.ports import ListQuery, RecordStore
from core.review import Decided, DecisionOnLines, Difference, DifferenceDetail, Replaced, Replacement, Selection, Statement

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.hub.sight import Sight
    from inventory.intake import Plan, World

CLOCK = Actor(name="system:queue", origin="process")
HOUR_S = 3600.0
AT_ONCE = 2000
"""Lines that one verdict takes; whoever wants more asks again."""
PAGE = 1000
ACTIONS = {"accept": "queue.accept", "undo": "queue.accept", "reject": "queue.reject", "reopen": "queue.reject"}
STATES = {"accept": ("open",), "reject": ("open",), "reopen": ("rejected",), "undo": ("accepted",)}
"""Of the lines that a filter finds; whoever names a line by id means it whatever its state."""

log = logging.getLogger(__name__)


class Queue:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.seeing = Seeing(hub)

    async def start(self) -> None:
        self._hub.spawn(self._look_for_ever())
        self._hub.spawn(self.seeing.run())

    async def close(self) -> None:
        """Its tasks end with the hub."""

    async def show(self, caller: Caller, line_id: str) -> DifferenceDetail:
        """One line with all sides of its object."""
        line: Difference = await self._hub.read(self._hub.store.get, "difference", line_id)
        await self._hub.allow(caller, "queue.list", line.name, line.unit, line.site)
        return await in_thread(_detail, self._hub.store, line)

    async def decide(self, caller: Caller, wish: DecisionOnLines) -> Decided:
        """A verdict on one line or many; those that it cannot be given on are named."""
        await self._hub.allow(caller, ACTIONS[wish.verdict])
        sight = self._hub.sight(caller, ACTIONS[wish.verdict])
        lines, left = await in_thread(chosen, self._hub.store, wish.lines, STATES[wish.verdict], sight)
        kinds = {line.object_kind for line in lines} & KEYED.keys()

        def plan(world: "World") -> "Plan":
            from inventory.intake import decide

            return decide(world, [line.id for line in lines], wish, caller.actor.name, now_ms(), _fresh_id)

        done, _ = await self._hub.intake.write(
            caller.actor, f"queue.{wish.verdict}", kinds, plan, dry_run=wish.dry_run, key=None if wish.dry_run else key_of_request(),
        )
        report: Decided = done.report
        return report.replace(left=left)

    async def replace(self, caller: Caller, name: str, wish: Replacement) -> Replaced:
        """Another box in the place of a device."""
        await self._hub.allow(caller, "device.replace", name)
        if not wish.serial.strip():
            raise InvalidInputError(tr("A box is told by its serial number."), way_out=tr("Give it: --serial NUMBER."))

        def plan(world: "World") -> "Plan":
            from inventory.intake import replace_box

            return replace_box(world, name, wish, now_ms(), _fresh_id)

        done, _ = await self._hub.intake.write(
            caller.actor, "device.replace", (), plan, dry_run=wish.dry_run, key=None if wish.dry_run else key_of_request(),
        )
        report: Replaced = done.report
        return report

    async def look(self, actor: Actor = CLOCK) -> int:
        """Finds what follows from what is known now; how many records and lines were written."""
        def plan(world: "World") -> "Plan":
            from inventory.intake import settle

            return settle(world, now_ms(), _fresh_id)

        done, _ = await self._hub.intake.write(actor, "queue.look", MODEL, plan)
        return len(done.puts) + len(done.deletes)

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(HOUR_S)
            try:
                await self.look()
            except YunwangError as error:
                log.warning("The inventory could not be looked over: %s", error)
            except Exception:
                log.exception("The inventory could not be looked over.")


def chosen(store: RecordStore, lines: Selection, states: tuple[str, ...], sight: "Sight") -> tuple[list[Difference], int]:
    """The lines that are meant and seen, at most `AT_ONCE`, and how many more there are."""
    if lines.ids:
        if len(lines.ids) > AT_ONCE:
            raise InvalidInputError(tr("At most {count} lines at once.", count=AT_ONCE), way_out=tr("Name fewer, or use a filter."))
        found = [store.get("difference", one) for one in dict.fromkeys(lines.ids)]
        return [line for line in found if sight.sees(line.unit, line.site)], 0
    if not lines.where and not lines.text:
        raise InvalidInputError(tr("It is not said which lines are meant."), way_out=tr("Name them by id, or give a filter."))
    out: list[Difference] = []
    total = 0
    for state in states:
        query = sight.within(ListQuery(text=lines.text, where={**lines.where, "state": state}, sort="first_seen", limit=PAGE))
        while True:
            page = store.page("difference", query)
            out += (msgspec.convert(item, Difference) for item in page.items[: AT_ONCE - len(out)])
            if not page.cursor or len(out) >= AT_ONCE:
                total += page.total
                break
            query = query.replace(cursor=page.cursor)
    return out, max(0, total - len(out))


def _detail(store: RecordStore, line: Difference) -> DifferenceDetail:
    from inventory.intake import detail

    record = None
    if (line.object_id and line.state != "accepted") or line.what not in ("missing", "new"):
        record = _record(store, line)
    where = {"object_id": line.object_id} if line.object_id else {"object_kind": line.object_kind, "object_id": "", "name": line.name}
    page = store.page("statement", ListQuery(where=where, sort="id", limit=100))
    return detail(line, record, [msgspec.convert(item, Statement) for item in page.items])


def _record(store: RecordStore, line: Difference) -> object:
    page = store.page(line.object_kind, ListQuery(where={"id": line.object_id}, limit=1))
    return msgspec.convert(page.items[0], MODEL[line.object_kind]) if page.items else None


def _fresh_id() -> str:
    return new_id(now_ms())
