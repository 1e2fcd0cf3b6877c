"""Rules that accept classes of differences by themselves: people's own, and the switches of those that are always there."""

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from agents.hub.queue.knowing import rules
from agents.hub.records import in_thread, now_ms
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.model import MODEL
from core.nouns import new_id
from core.ports import ListQuery, RecordStore, RecordWrite
from core.review import SHIPPED, AcceptRule, Difference, RuleTrial, RuleWish

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_RULES, LONGEST = 200, 128
EXAMPLES = 10
PAGE = 2000


async def add(hub: "Hub", caller: Caller, wish: RuleWish) -> AcceptRule:
    """A new rule; what is open and fits is accepted at once."""
    await hub.allow(caller, "queue.rule-add", wish.name)
    rule = _checked(wish, caller.actor.name)

    def change(write: RecordWrite) -> AcceptRule:
        if len(rules(hub.store)) >= MOST_RULES:
            raise ConflictError(tr("There are too many rules."), way_out=tr("Remove some of them."))
        if write.find("accept_rule", rule.name) is not None or rule.name in {one.name for one in SHIPPED}:
            raise ConflictError(tr("There is already a rule named {name}.", name=rule.name), way_out=tr("Choose another name."))
        write.put("queue.rule-add", rule)
        return rule

    added = await hub.write(caller, change)
    await hub.queue.look(caller.actor)
    return added


async def switch(hub: "Hub", caller: Caller, name: str, enabled: bool) -> AcceptRule:
    """On or off. What was accepted stays accepted."""
    await hub.allow(caller, "queue.rule-add", name)
    await named(hub, name)

    def change(write: RecordWrite) -> AcceptRule:
        shipped = next((one for one in SHIPPED if one.name == name), None)
        found: AcceptRule | None = write.find("accept_rule", name) or shipped
        if found is None:
            raise _unknown(name)
        after = found.replace(enabled=enabled)
        write.put("queue.rule-enable" if enabled else "queue.rule-disable", after)
        return after

    after = await hub.write(caller, change)
    await hub.queue.look(caller.actor)
    return after


async def remove(hub: "Hub", caller: Caller, name: str) -> None:
    """A rule of people's own; what it accepted stays."""
    await hub.allow(caller, "queue.rule-remove", name)
    rule = await named(hub, name)
    if any(rule.id == one.id for one in SHIPPED):
        raise ConflictError(
            tr("{name} is always there.", name=name), way_out=tr("Switch it off: `yunwang queue rule-disable {name}`.", name=name),
        )
    await hub.write(caller, lambda write: write.delete("queue.rule-remove", "accept_rule", rule.id))


async def named(hub: "Hub", name: str) -> AcceptRule:
    found = next((rule for rule in await in_thread(rules, hub.store) if rule.name == name), None)
    if found is None:
        raise _unknown(name)
    return found


async def trial(hub: "Hub", caller: Caller, rule: AcceptRule) -> RuleTrial:
    """What a rule would accept of the lines that are open and that the caller sees."""
    sight = hub.sight(caller, "queue.list")
    query = sight.within(ListQuery(where={"state": "open"}, sort="first_seen", limit=PAGE))
    return await in_thread(_tried, hub.store, query, rule.replace(enabled=True))


def _tried(store: RecordStore, query: ListQuery, rule: AcceptRule) -> RuleTrial:
    kinds, examples, total = Counter[str](), list[str](), 0
    while True:
        page = store.page("difference", query)
        for item in page.items:
            line = msgspec.convert(item, Difference)
            total += 1
            if line.what not in ("unowned", "in-doubt") and rule.fits(
                line.object_kind, line.what, line.field, line.origin, empty=line.what == "field" and not line.declared,
            ):
                kinds[line.object_kind] += 1
                if len(examples) < EXAMPLES:
                    examples.append(f"{line.name} {line.field} {line.declared} → {line.observed or line.configured}".strip())
        if not page.cursor:
            break
        query = query.replace(cursor=page.cursor)
    return RuleTrial(name=rule.name, fits=sum(kinds.values()), open=total, by_kind=dict(sorted(kinds.items())), examples=tuple(examples))


def rule_of(wish: RuleWish, author: str = "") -> AcceptRule:
    return AcceptRule(id=new_id(now_ms()), author=author, **msgspec.structs.asdict(wish))


def _checked(wish: RuleWish, author: str) -> AcceptRule:
    if not wish.name.strip() or len(wish.name) > LONGEST or not wish.name.isprintable():
        raise InvalidInputError(tr("A rule has a name of 1 to {most} characters.", most=LONGEST))
    if not (wish.kinds or wish.what or wish.fields or wish.origins):
        raise InvalidInputError(
            tr("This rule would accept everything."), way_out=tr("Say which kinds, classes, fields or origins it is for."),
        )
    for kind in wish.kinds:
        if kind not in MODEL:
            raise InvalidInputError(
                tr("There is no kind of object called {name}.", name=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)),
            )
    if any(what in ("unowned", "in-doubt") for what in wish.what):
        raise InvalidInputError(tr("What nobody owns, and what is in doubt, a person decides."))
    return rule_of(wish, author)


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(tr("There is no rule {name}.", name=name[:LONGEST]), way_out=tr("`yunwang queue rule-list` lists them."))
