"""Reservations: made and given back in one transaction each, so that two who ask at once get different things."""

from itertools import islice
from typing import TYPE_CHECKING

from agents.hub.records import in_thread, now_ms
from core.errors import ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.finding import ReserveWish
from core.i18n import tr
from core.identity import Actor, Caller
from core.network import Reservation
from core.nouns import new_id
from core.ports import RecordStore, RecordWrite
from core.scopes import refusal
from core.width import clean

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from inventory.finding.offering import Offer

ADD, REMOVE = "reservation.add", "reservation.remove"
CLOCK = Actor(name="system:reservations", origin="process")
LONGEST = 200
MOST_TRIED = 1000
"""Free things that are tried one after the other when others reserve at the same time."""
NEWEST_MS = 600_000
"""No view is older."""


def name_of(what: str, within: str, value: str) -> str:
    return f"{what}|{within}|{value}"


class Reserving:
    """What the hub keeps for somebody."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._newest: dict[str, Reservation] = {}
        """By name, those that the view may not know yet; touched by the thread of the commits alone."""

    async def add(self, caller: Caller, wish: ReserveWish) -> Reservation:
        """The reservation. Raises `ConflictError` when it is used or kept already, or when nothing is free."""
        named, now = wish.value or wish.inside or wish.within, now_ms()
        found = await self._offer(caller, wish, named, now)
        await self._hub.allow(caller, ADD, named, found.unit, found.site)
        if wish.unit:
            await self._hub.allow(caller, ADD, named, wish.unit, found.site)
            await self._must_exist(wish.unit)
        if wish.until and wish.until <= now:
            raise InvalidInputError(tr("The reservation would be over already."), way_out=tr("Give a time that is to come, or none."))
        made = Reservation(
            id="", name="", what=wish.what, value="", unit=wish.unit, by=caller.actor.name, until=wish.until, made_at=now,
            reason=clean(wish.reason, LONGEST).strip(),
        )
        return await self._hub.write(caller, lambda write: self._take(write, found, made))

    async def _offer(self, caller: Caller, wish: ReserveWish, named: str, now: int) -> "Offer":
        """What there is to take. Whoever may not reserve there is not told what is wrong with the wish."""
        from inventory.finding.offering import offer

        if refusal(caller, ADD) not in ("", "place"):
            await self._hub.allow(caller, ADD, named)
        try:
            _must_be_short(wish)
            finding = self._hub.finding
            view, stations = await finding.view(), await finding.stations()
            rows = await finding.interfaces(view, wish.within) if wish.what == "port" else {}
            return await in_thread(offer, view, wish, stations, rows, now)
        except YunwangError:
            await self._hub.allow(caller, ADD, named, wish.unit)
            raise

    async def _must_exist(self, unit: str) -> None:
        if await self._hub.read(self._hub.store.find, "unit", unit) is None:
            raise NotFoundError(tr("There is no unit named {name}.", name=unit[:64]), way_out=tr("`yunwang search --kind unit` finds it."))

    async def remove(self, caller: Caller, name: str) -> Reservation:
        """Gives it back. name: its id or its name."""
        hub = self._hub
        found = await in_thread(_named, hub.store, name) if refusal(caller, REMOVE) in ("", "place") else None
        unit, site = await in_thread(place_of, hub.store, found) if found is not None else ("", "")
        await hub.allow(caller, REMOVE, name[:128], unit, site)
        if found is None:
            raise NotFoundError(
                tr("There is no reservation {name}.", name=name[:128]), way_out=tr("`yunwang reservation list` shows them."),
            )
        object_id = found.id

        def write(change: RecordWrite) -> Reservation:
            fresh: Reservation = change.get("reservation", object_id)
            change.delete(REMOVE, "reservation", object_id)
            self._newest.pop(fresh.name, None)
            return fresh

        return await hub.write(caller, write)

    async def sweep(self, now: int) -> int:
        """Removes what is over; how many there were."""
        store = self._hub.store
        over = await in_thread(lambda: [one.id for one in store.all("reservation") if one.until and one.until <= now])
        return await self._hub.commits.write(CLOCK, lambda change: sum(_expire(change, one, now) for one in over)) if over else 0

    def _take(self, write: RecordWrite, found: "Offer", made: Reservation) -> Reservation:
        """Inside the transaction: the first that nobody has taken in the meantime."""
        for within, value in islice(found.values, MOST_TRIED):
            name = name_of(made.what, within, value)
            before: Reservation | None = write.find("reservation", name)
            kept = made.replace(id=before.id if before else new_id(made.made_at), name=name, within=within, value=value)
            other = before if before is not None and before.holds(made.made_at) else self._across(kept)
            if other is not None and found.single:
                raise ConflictError(
                    tr("{value} is kept for {who} already.", value=value, who=other.unit or other.by),
                    way_out=tr("`yunwang reservation list` shows until when; without a value the next free one is taken."),
                )
            if other is None and not _declared(write, made.what, within, value):
                write.put(ADD, kept)
                self._remember(kept)
                return kept
        way_out = tr("Look at another place: `address free`, `prefix free`, `vlan free`, `port free`.")
        raise ConflictError(tr("Nothing is free there."), way_out=way_out)

    def _across(self, wanted: Reservation) -> Reservation | None:
        """A new reservation with which this one shares addresses, though they are not named alike."""
        from inventory.finding.numbers import span

        mine = span(wanted.value) if wanted.what in ("address", "prefix") else None
        for one in self._newest.values() if mine is not None else ():
            theirs = span(one.value) if one.what in ("address", "prefix") and one.within == wanted.within else None
            if theirs is None or mine is None or not one.holds(wanted.made_at):
                continue
            inside = theirs != mine and theirs.holds(mine)
            if mine.holds(theirs) or (inside and not (one.unit and one.unit == wanted.unit)):
                return one
        return None

    def _remember(self, kept: Reservation) -> None:
        self._newest[kept.name] = kept
        for name in [name for name, one in self._newest.items() if one.made_at < kept.made_at - NEWEST_MS]:
            del self._newest[name]


def _must_be_short(wish: ReserveWish) -> None:
    """Names of things are one short line each; where no interface was observed yet, the name of a port is all that there is."""
    for text in (wish.within, wish.value, wish.inside, wish.unit):
        if len(text) > LONGEST or clean(text) != text:
            problem = tr("{text} is no name.", text=repr(text[:40]))
            raise InvalidInputError(problem, way_out=tr("Names are one line of at most 200 characters."))


def _expire(change: RecordWrite, object_id: str, now: int) -> int:
    try:
        fresh: Reservation = change.get("reservation", object_id)
    except NotFoundError:  # given back in the meantime
        return 0
    if not fresh.until or fresh.until > now:
        return 0
    change.delete("reservation.expire", "reservation", object_id)
    return 1


_DECLARED = {"address": ("ip_address", "|"), "prefix": ("prefix", "|"), "vlan": ("vlan", "/")}


def _declared(write: RecordWrite, what: str, within: str, value: str) -> bool:
    """Whether it was declared since the view was made."""
    if what not in _DECLARED:
        return False
    kind, joint = _DECLARED[what]
    return write.find(kind, f"{within}{joint}{value}") is not None


def _named(store: RecordStore, name: str) -> Reservation | None:
    found: Reservation | None = store.find("reservation", name)
    if found is not None:
        return found
    try:
        one: Reservation = store.get("reservation", name)
    except NotFoundError:
        return None
    return one


def place_of(store: RecordStore, one: Reservation) -> tuple[str, str]:
    """Unit and site of a reservation: its own unit, the site of the device whose port or VLAN it is."""
    device = store.find("device", one.within) if one.what in ("vlan", "port") else None
    return one.unit, device.site if device is not None else ""
