"""What an intake did, counted."""

from collections import Counter
from collections.abc import Mapping, Sequence

from core.sources import IntakeReport, Told, Unplaced
from inventory.intake.world import Draft

SHOWN = 500


def report(draft: Draft, told: Told, counts: Mapping[str, int], unplaced: Sequence[Unplaced], unplaced_total: int) -> IntakeReport:
    """What a telling did. counts: by kind, how many things were told. unplaced: those that the intake found besides the source's own."""
    world = draft.world
    added, changed, removed = Counter[str](), Counter[str](), Counter[str]()
    for kind, records in draft.records.items():
        before = world.records.get(kind, {})
        for object_id, noun in records.items():
            old = before.get(object_id)
            if old is None:
                added[kind] += 1
            elif old is not noun and old != noun:
                changed[kind] += 1
        removed[kind] = sum(object_id not in records for object_id in before)
    unchanged = {kind: count - added[kind] - changed[kind] for kind, count in counts.items()}
    mine = [line for line in draft.queue.values() if line.state == "open" and line.origin == told.origin]
    waiting = Counter(line.object_kind for line in mine)
    unchanged_not = Counter(line.object_kind for line in mine if line.what in ("new", "in-doubt"))
    unchanged = {kind: count - unchanged_not[kind] for kind, count in unchanged.items()}
    return IntakeReport(
        origin=told.origin, added=_counts(added), changed=_counts(changed), removed=_counts(removed),
        unchanged={kind: count for kind, count in unchanged.items() if count > 0}, queued=_counts(waiting),
        by_rule={rule: sum(counts.values()) for rule, counts in sorted(draft.accepted.items())},
        unplaced=(*told.unplaced, *unplaced)[:SHOWN],
        unplaced_total=max(told.unplaced_total, len(told.unplaced)) + unplaced_total,
    )


def _counts(found: Mapping[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in sorted(found.items()) if count}
