"""All sides of one object beside each other, and what acceptance of a line would do."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.i18n import tr
from core.review import DECLARATION, Difference, DifferenceDetail, FieldSides, Statement, Voice
from inventory.intake.binding import rank
from inventory.intake.saying import by_name, implied, missing_fields, shown, text_of


def detail(line: Difference, record: Any, statements: Iterable[Statement]) -> DifferenceDetail:
    """record: of the object; None where there is none. statements: of the object, or of what it is called where there is none."""
    said = list(statements)
    rivals = tuple(name.strip() for name in line.reason.rpartition(":")[2].split(",")) if line.what == "in-doubt" else ()
    return DifferenceDetail(
        difference=line, sides=sides(line.object_kind, record, said, line.proposal), would=would(line), rivals=rivals,
    )


def sides(kind: str, record: Any, statements: Iterable[Statement], proposal: Mapping[str, str]) -> tuple[FieldSides, ...]:
    """Every field of which anybody says anything."""
    all_of = list(statements)
    declared = next((one.fields for one in all_of if one.origin == DECLARATION), None)
    if declared is None:
        declared = implied(kind, record) if record is not None else {}
    others = sorted((one for one in all_of if one.origin != DECLARATION), key=rank)
    names = [*by_name(kind), *sorted({name for one in others for name in one.fields} - by_name(kind).keys())]
    out = []
    for name in names:
        voices = tuple(_voice(one, one.fields[name]) for one in others if name in one.fields)
        if not voices and name not in declared and name not in proposal:
            continue
        by_source = {voice.source: voice.value for voice in reversed(voices)}
        mine = shown(declared.get(name, ""))
        holds = shown(text_of(getattr(record, name))) if record is not None and name in by_name(kind) else ""
        values = {value.strip().casefold() for value in (mine, *(voice.value for voice in voices if not voice.gone)) if value}
        out.append(FieldSides(
            field=name, holds=holds, declared=mine, configured=by_source.get("configured", ""), observed=by_source.get("observed", ""),
            voices=voices, differs=len(values) > 1, proposed=shown(proposal.get(name, "")),
        ))
    return tuple(out)


def _voice(one: Statement, text: str) -> Voice:
    return Voice(
        origin=one.origin, source=one.source, value=shown(text), since=one.since, seen_at=one.seen_at, confidence=one.confidence,
        gone=bool(one.gone_at),
    )


def would(line: Difference) -> str:
    """What acceptance would do, in one sentence."""
    fields = ", ".join(f"{name} = {shown(text)}" for name, text in line.proposal.items())
    match line.what:
        case "new":
            missing = missing_fields(line.object_kind, line.proposal)
            if missing:
                return tr("It can be added once it is said what {fields} is.", fields=", ".join(missing))
            return tr("It would be added and declared: {fields}.", fields=fields)
        case "missing":
            return tr("It would be removed; its history stays.")
        case "replaced":
            return tr("The device would keep its id and history with another box: {fields}.", fields=fields)
        case "in-doubt":
            return tr("This source would mean that device from now on.")
        case "unowned":
            return tr("It would get the unit that is given with the acceptance.")
    return tr("It would be declared: {fields}.", fields=fields)
