"""The answers to questions of impact, as nouns, with the names that the caller may see. Called in threads."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from agents.hub.graph.naming import Chosen, sees, shown, thing
from agents.hub.sight import Sight
from core.graph import GraphView
from core.questions import Harmed, ImpactReport, LevelHarm, UnitHarm, WhatIfReport

if TYPE_CHECKING:
    from inventory.graph.impact import Damage, Impact
    from inventory.graph.report import UnitHit

MOST_HARMED, MOST_UNITS, MOST_ALREADY = 500, 200, 100


def impact(view: GraphView, gone: Chosen, sight: Sight) -> ImpactReport:
    """What happens when these are gone."""
    from inventory.graph.impact import damage

    found = damage(view, [node.id for node in gone.nodes], gone.edges)
    return _report(view, gone, found, found.hurt, sight, None)


def what_if(view: GraphView, gone: Chosen, already: Sequence[str], sight: Sight) -> WhatIfReport:
    """What these add to `already`, ids of what is down by itself."""
    from inventory.graph.impact import damage
    from inventory.graph.report import worse

    before = damage(view, already)
    after = damage(view, [*already, *(node.id for node in gone.nodes)], gone.edges)
    added = _report(view, gone, after, worse(before, after), sight, before)
    down = [shown(view, view.node(object_id), sight) for object_id in already[:MOST_ALREADY]]
    return WhatIfReport(revision=view.revision, already=tuple(down), already_total=len(already), before=before.counts(), added=added)


def _report(view: GraphView, gone: Chosen, found: "Impact", among: Any, sight: Sight, before: "Impact | None") -> ImpactReport:
    from inventory.graph.report import levels, units, worst_first

    systems = found.of_kind("system", among)
    hit = units(view, systems, found.of_kind("access_point", among), found)
    worst, total = worst_first(view, found, among), int(among.sum())
    if sight.everything:
        some, seen = list(islice(worst, MOST_HARMED)), total
    else:
        mine = [object_id for object_id in worst if sees(view, view.node(object_id), sight)]
        some, seen = mine[:MOST_HARMED], len(mine)
    return ImpactReport(
        revision=view.revision, failed=tuple(map(thing, gone.nodes)), links=gone.labels, counts=found.counts(among),
        levels=tuple(LevelHarm(**one._asdict()) for one in levels(view, systems, found)), units_total=len(hit),
        units=tuple(_unit(view, one) for one in hit if sees(view, view.node(one.id), sight))[:MOST_UNITS],
        worst=tuple(_harmed(view, one, found, sight, before) for one in some), total=total, hidden=total - seen,
    )


def _unit(view: GraphView, hit: "UnitHit") -> UnitHarm:
    unit = view.noun(hit.id)
    return UnitHarm(
        thing=thing(view.node(hit.id)), down=hit.down, degraded=hit.degraded, level=hit.level, cii=hit.cii, access=hit.access,
        left=hit.left, of=hit.of, contact=unit.contact, phone=unit.phone,
    )


def _harmed(view: GraphView, object_id: str, found: "Impact", sight: Sight, before: "Impact | None") -> Harmed:
    from inventory.graph.report import unit_of

    one: Damage = found[object_id]
    noun, was = view.noun(object_id), before.get(object_id) if before is not None else None
    return Harmed(
        thing=thing(view.node(object_id)), harm=one.harm, because=shown(view, view.node(one.because), sight) if one.because else None,
        left=one.left, of=one.of, protection_level=getattr(noun, "protection_level", 0), cii=getattr(noun, "cii", False),
        unit=unit_of(view, object_id), was=was.harm if was is not None else "",
    )
