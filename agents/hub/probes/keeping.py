"""Probes are written and removed in one transaction each, checked before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from agents.hub.probes.objects import must_be_there
from agents.hub.records import in_thread, now_ms
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.nouns import new_id
from core.ports import RecordStore, RecordWrite
from core.probes import ECHO, NewProbe, NewProbes, Probe, ProbeChange, ProbesReport
from monitors.probes.kinds import RULES, check

if TYPE_CHECKING:
    from agents.hub.hub import Hub

ADD, SET, REMOVE = "probe.add", "probe.set", "probe.remove"
MOST = 10_000


def every(store: RecordStore) -> list[Probe]:
    return [probe for probe in store.all("probe") if isinstance(probe, Probe)]


async def named(hub: "Hub", name: str) -> Probe:
    """Raises `NotFoundError`."""
    found = await in_thread(hub.store.find, "probe", name)
    if not isinstance(found, Probe):
        raise NotFoundError(tr("There is no probe named {name}.", name=name[:64]), way_out=tr("They are shown by `yunwang probe list`."))
    return found


async def add(hub: "Hub", caller: Caller, wish: NewProbes) -> ProbesReport:
    """All or none: the first mistake is told and nothing is written."""
    names = [new.name for new in wish.probes]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInputError(tr("{name} is there twice.", name=twice))
    known = {probe.name: probe for probe in await in_thread(every, hub.store)}
    await in_thread(_check, hub.store, wish.probes)
    if len(known.keys() | set(names)) > MOST:
        raise ConflictError(tr("There are {count} probes already.", count=len(known)))
    report = _sorted(known, wish)
    if wish.dry_run or not (report.added or report.changed):
        return report

    def change(write: RecordWrite) -> ProbesReport:
        for new in wish.probes:
            before = write.find("probe", new.name)
            if before is not None and not wish.over:
                raise _taken(new.name)
            write.put(ADD if before is None else SET, _kept(new, before))
        return report

    added = await hub.write(caller, change)
    hub.assign_soon()
    return added


def _sorted(known: dict[str, Probe], wish: NewProbes) -> ProbesReport:
    added: list[str] = []
    changed: list[str] = []
    unchanged: list[str] = []
    for new in wish.probes:
        before = known.get(new.name)
        if before is None:
            added.append(new.name)
        elif not wish.over:
            raise _taken(new.name)
        else:
            (unchanged if _kept(new, before) == before else changed).append(new.name)
    return ProbesReport(added=tuple(added), changed=tuple(changed), unchanged=tuple(unchanged), dry_run=wish.dry_run)


def _taken(name: str) -> ConflictError:
    return ConflictError(
        tr("There is already a probe named {name}.", name=name),
        way_out=tr("Change it: yunwang probe set {name}, or add with --replace", name=name),
    )


def _kept(new: NewProbe, before: Probe | None) -> Probe:
    fields = {name: getattr(new, name) for name in new.__struct_fields__}
    fields["options"] = {name: value for name, value in new.options.items() if value}
    if before is None:
        return Probe(id=new_id(now_ms()), **fields)
    return Probe(id=before.id, enabled=before.enabled, **fields)


def _check(store: RecordStore, probes: Sequence[NewProbe | Probe]) -> None:
    kinds = {credential.name: credential.kind for credential in store.all("credential")}
    for probe in probes:
        try:
            if probe.name == ECHO:
                raise InvalidInputError(tr("Every polled device has a probe of this name already."), way_out=tr("Call it something else."))
            check(probe)
            must_be_there(store, probe)
            _check_credential(probe, kinds)
        except InvalidInputError as error:
            raise InvalidInputError(f"{probe.name}: {error.message}", way_out=error.way_out) from None


def _check_credential(probe: NewProbe | Probe, kinds: dict[str, str]) -> None:
    if not probe.credential:
        return
    if probe.credential not in kinds:
        raise InvalidInputError(
            tr("There is no credential named {name}.", name=probe.credential), way_out=tr("They are shown by `yunwang credential list`."),
        )
    wanted = RULES[probe.kind].credentials
    if kinds[probe.credential] not in wanted:
        raise InvalidInputError(
            tr("The credential {name} does not fit this kind of probe.", name=probe.credential),
            way_out=tr("It needs one of the kind {kinds}.", kinds=", ".join(wanted)),
        )


async def change(hub: "Hub", caller: Caller, name: str, wish: ProbeChange) -> Probe:
    """Other values for some fields. A credential is not sent to another target than the one that it was named for."""
    before = await named(hub, name)
    after = _changed(before, wish)
    await in_thread(_check, hub.store, (after,))
    moved = (after.target, after.port) != (before.target, before.port)
    if moved and before.credential and wish.credential is None:
        raise ConflictError(
            tr("The credential of {name} was named for {target}; it is not sent elsewhere.", name=name, target=before.target),
            way_out=tr("Name it together with the new target: --credential NAME"),
        )

    def write_it(write: RecordWrite) -> Probe:
        now = _changed(write.get("probe", before.id), wish)
        write.put(SET, now)
        return now

    changed = await hub.write(caller, write_it)
    hub.assign_soon()
    return changed


def _changed(probe: Probe, wish: ProbeChange) -> Probe:
    given = {name: value for name in wish.__struct_fields__ if (value := getattr(wish, name)) is not None}
    if "options" in given:
        given["options"] = {name: value for name, value in {**probe.options, **given["options"]}.items() if value}
    changed: Probe = msgspec.structs.replace(probe, **given)
    return changed


async def remove(hub: "Hub", caller: Caller, name: str) -> None:
    probe = await named(hub, name)
    await hub.write(caller, lambda write: write.delete(REMOVE, "probe", probe.id))
    hub.assign_soon()
