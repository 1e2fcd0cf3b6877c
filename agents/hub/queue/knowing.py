"""What is known, read from the records for one plan."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.ports import RecordStore
from core.review import SHIPPED, AcceptRule

if TYPE_CHECKING:
    from inventory.intake import World


def load(store: RecordStore, kinds: Iterable[str]) -> "World":
    """All records that a plan about these kinds needs, all statements, the queue and the rules."""
    from inventory.intake import World, needs

    return World(
        records={kind: {noun.id: noun for noun in store.all(kind)} for kind in needs(kinds)},
        statements={one.id: one for one in store.all("statement")},
        queue={one.id: one for one in store.all("difference")},
        rules=rules(store),
    )


def rules(store: RecordStore) -> tuple[AcceptRule, ...]:
    """Those that are always there, as they are switched, then people's own by name."""
    kept: dict[str, AcceptRule] = {rule.id: rule for rule in store.all("accept_rule")}
    shipped = tuple(rule.replace(enabled=kept.pop(rule.id, rule).enabled) for rule in SHIPPED)
    return (*shipped, *sorted(kept.values(), key=lambda rule: rule.name))
