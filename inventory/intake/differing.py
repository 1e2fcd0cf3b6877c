"""Lines of the review queue: what the sources say against each other, found anew each time, with the verdicts that were given."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.i18n import mark
from core.review import Difference, DifferenceClass, Statement
from inventory.intake.binding import Bound, Doubt
from inventory.intake.deriving import Said, Tongue, Voices, same, voices
from inventory.intake.saying import GUESS, by_name, guesses, missing_fields, shown, value_of
from inventory.intake.world import Draft, statement_id

DAY_MS = 86_400_000
LONGEST = 200
GONE_DAYS = 90
"""How long a line is kept that is no more."""
Found = dict[str, Difference]


def line_id(kind: str, about: str, what: DifferenceClass, field: str = "") -> str:
    """about: id of the object, or what it is called where it has none."""
    return statement_id(kind, f"{what}\x1f{field}", about)


def of_object(draft: Draft, kind: str, record: Any, found: Voices, statements: list[Statement]) -> Iterable[Difference]:
    """Fields that differ, another box, nobody who sees it any more."""
    declared = draft.declaration(kind, record.id)
    swapped = _swapped(kind, declared, found, statements, draft.former_serials(record.id))
    if swapped is not None:
        yield swapped_line(draft, kind, record, declared, found, swapped)
    for field, says in found.items():
        if swapped is not None and field in ("serial", "model"):
            continue
        mine = declared.get(field)
        if mine is None:
            best = says[0]
            if not draft.rule_for(kind, "field", field, best.statement.origin, empty=True):
                yield _field_line(draft, kind, record, field, "", says, best)
        else:
            other = next((one for one in says if not one.statement.gone_at and not same(kind, field, mine, one.text)), None)
            if other is not None:
                yield _field_line(draft, kind, record, field, mine, says, other)
    if statements and all(one.gone_at for one in statements):
        newest = max(statements, key=lambda one: (one.gone_at, one.origin))
        yield made_line(
            draft, kind, "missing", record.id, record=record, origin=newest.origin,
            reason=mark("No source tells of it any more."), observed="", seen=newest.gone_at,
        )


def _swapped(
    kind: str, declared: Mapping[str, str], found: Voices, statements: list[Statement], former: tuple[str, ...],
) -> Said | None:
    """What says that another box stands at the declared place: the serial number differs, name and address do not.

    former: serial numbers of boxes that stood there before; who names one of them is behind.
    """
    mine = declared.get("serial")
    if kind != "device" or mine is None or "serial" not in found:
        return None
    chassis = {one.fields["chassis"] for one in statements if "chassis" in one.fields}
    for one in found["serial"]:
        fields = one.statement.fields
        if one.statement.gone_at or same(kind, "serial", mine, one.text) or value_of(one.text) in former:
            continue
        at_place = all(
            name not in fields or name not in declared or same(kind, name, declared[name], fields[name]) for name in ("name", "address")
        )
        known_box = len(chassis) == 1 and any(
            other.text == mine and "chassis" in other.statement.fields for other in found["serial"]
        )
        if at_place and not known_box:
            return one
    return None


def swapped_line(
    draft: Draft, kind: str, record: Any, declared: Mapping[str, str], found: Voices, one: Said,
) -> Difference:
    """Another box at the same place: what acceptance writes is what tells the box, not the place."""
    proposal = {"serial": one.text}
    model = next((said.text for said in found.get("model", ()) if said.statement.origin == one.statement.origin), "")
    if model and model != declared.get("model", ""):
        proposal["model"] = model
    return made_line(
        draft, kind, "replaced", record.id, "serial", record=record, origin=one.statement.origin, proposal=proposal,
        declared=declared["serial"], says=found["serial"], reason=mark("Name and address are the same, the serial number is another."),
    )


def _field_line(draft: Draft, kind: str, record: Any, field: str, mine: str, says: list[Said], other: Said) -> Difference:
    return made_line(
        draft, kind, "field", record.id, field, record=record, origin=other.statement.origin, proposal={field: other.text}, declared=mine,
        says=[other, *says],
    )


def made_line(
    draft: Draft, kind: str, what: DifferenceClass, about: str, field: str = "", *, record: Any = None, name: str = "", origin: str = "",
    proposal: Mapping[str, str] | None = None, declared: str = "", says: Iterable[Said] = (), reason: str = "", observed: str = "",
    seen: int = 0, unit: str = "", site: str = "",
) -> Difference:
    """One line. about: id of the object, or what it is called; says: voices, of which the first of each kind of source is shown."""
    by_source: dict[str, str] = {}
    for one in says:
        by_source.setdefault(one.statement.source, one.text)
    place = placed(draft, kind, record) if record is not None else (unit, site)
    when = seen or draft.now_ms
    return Difference(
        id=line_id(kind, about, what, field), object_kind=kind, object_id=record.id if record is not None else "",
        name=(record.name if record is not None else name)[:LONGEST], what=what, field=field, declared=shown(declared)[:LONGEST],
        configured=shown(by_source.get("configured", ""))[:LONGEST],
        observed=(shown(by_source.get("observed", "")) or observed)[:LONGEST], origin=origin,
        proposal=_in_order(kind, proposal or {}), unit=place[0],
        site=place[1], reason=reason, first_seen=when, last_seen=when,
    )


def _in_order(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """As the noun has its fields, signs after them."""
    known = by_name(kind)
    return {name: fields[name] for name in (*known, *sorted(fields.keys() - known.keys())) if name in fields}


def placed(draft: Draft, kind: str, record: Any) -> tuple[str, str]:
    """Unit and site of an object, so that scopes cover what is said of it."""
    if kind in ("unit", "site"):
        return (record.name, "") if kind == "unit" else ("", record.name)
    unit = getattr(record, "unit", "") or getattr(record, "owner", "")
    if not unit and (project := draft.named("project", getattr(record, "project", ""))) is not None:
        unit = project.unit
    return unit, getattr(record, "site", "")


def of_waiting(draft: Draft, kind: str, group: list[Statement], tongue: Tongue) -> Difference:
    """Something that a source knows and nobody declared."""
    found = voices(kind, group, tongue)
    fields = guesses(one.fields for one in group)
    fields |= {name: text for one in reversed(group) for name, text in one.fields.items() if not name.endswith(GUESS)}
    fields |= {field: says[0].text for field, says in found.items()}
    missing = missing_fields(kind, fields)
    name = str(value_of(fields["name"])) if "name" in fields else group[0].name
    told = ", ".join(sorted({one.origin for one in group}))
    reason = f"{told} ({', '.join(f'{one} = ?' for one in missing)})" if missing else told
    return made_line(
        draft, kind, "new", name, name=name, origin=group[0].origin, proposal=fields, reason=reason,
        observed=shown(fields.get("address", fields.get("prefix", ""))),
        unit=shown(fields.get("unit", "")), site=shown(fields.get("site", "")),
    )


def of_doubt(draft: Draft, doubt: Doubt) -> Difference:
    """One of several, or one that is only somewhat like a known one."""
    one, verdict = doubt
    rivals = [draft.records["device"][rival].name for rival in verdict.rivals if rival in draft.records["device"]]
    return made_line(
        draft, "device", "in-doubt", f"{one.origin}\x1f{one.name}", name=one.name, origin=one.origin, proposal=one.fields,
        reason=f"{', '.join(verdict.by)}: {', '.join(rivals)}", observed=shown(one.fields.get("address", "")),
    )


def found_lines(
    draft: Draft, bound: Bound, tongue: Tongue, spoken: Mapping[str, tuple[str, Voices]], more: Iterable[Difference],
) -> Found:
    """All lines that follow from what is said now. spoken: by object of which a source speaks, its kind and the voices.

    more: lines that follow from the records alone.
    """
    out: Found = {}
    for object_id, (kind, found) in spoken.items():
        record = draft.records[kind].get(object_id)
        if record is not None:
            out.update((line.id, line) for line in of_object(draft, kind, record, found, draft.others(object_id)))
    for kind, groups in bound.waiting.items():
        out.update((line.id, line) for line in (of_waiting(draft, kind, group, tongue) for group in groups))
    out.update((line.id, line) for line in (of_doubt(draft, doubt) for doubt in bound.doubts))
    out.update((line.id, line) for line in more)
    return out


def merge(draft: Draft, found: Found, covers: Callable[[Difference], bool]) -> None:
    """The queue after a look. What is still there keeps its first sight, and its rejection until it says something else; what is no
    longer there is gone. covers: whether a line like this one would have been found."""
    for line in found.values():
        before, first = draft.queue.get(line.id), draft.world.queue.get(line.id)
        if first is not None and first.state == "open" and before is not None and before.state == "accepted":
            before = first
        draft.queue[line.id] = line if before is None else _again(before, line)
    for line_id_, before in list(draft.queue.items()):
        if line_id_ not in found and before.state in ("open", "rejected") and covers(before):
            draft.queue[line_id_] = before.replace(state="gone", at_ms=draft.now_ms)
        elif before.state == "gone" and line_id_ not in found and draft.now_ms - before.at_ms > GONE_DAYS * DAY_MS:
            del draft.queue[line_id_]


def _again(before: Difference, line: Difference) -> Difference:
    if before.state in ("open", "rejected") and says_same(before, line):
        moved = line.last_seen - before.last_seen >= DAY_MS
        fresh = before.replace(unit=line.unit, site=line.site, name=line.name)
        return fresh.replace(last_seen=line.last_seen) if moved else fresh
    return line.replace(first_seen=before.first_seen)


def says_same(before: Difference, line: Difference) -> bool:
    """Whether a line says what it said when somebody last looked at it."""
    return _said(before) == _said(line)


def _said(line: Difference) -> tuple[Any, ...]:
    return line.object_id, line.field, line.declared, line.configured, line.observed, line.origin, line.proposal, line.reason
