"""`yunwang queue rule-...`: rules that accept classes of differences by themselves."""

from argparse import Namespace

from cli import tables
from cli.asking import ask, plain, print_json
from cli.queue import title
from core.i18n import tr
from core.review import CLASSES, AcceptRule, RuleTrial, RuleWish
from core.settings import Settings
from core.width import clean


def list_(args: Namespace, settings: Settings) -> int:
    """Prints all rules."""
    rules = ask(settings, lambda hub: hub.queue.rules())
    if args.json:
        print_json({"rules": plain(rules)})
        return 0
    headings = [tr("name"), tr("on"), tr("kinds"), tr("class"), tr("fields"), tr("said by"), tr("note")]
    rows = [
        [rule.name, tr("yes") if rule.enabled else tr("no"), ", ".join(map(title, rule.kinds)) or tr("all"),
         ", ".join(tr(CLASSES[what]) for what in rule.what) or tr("all"),
         ", ".join(rule.fields) or (tr("empty ones") if rule.only_empty else tr("all")),
         ", ".join(rule.origins) or tr("all"), tr(rule.note)]
        for rule in rules
    ]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    return 0


def add(args: Namespace, settings: Settings) -> int:
    """Adds a rule, or says what it would accept."""
    wish = RuleWish(
        name=args.name, kinds=tuple(args.kind or ()), what=tuple(getattr(args, "class") or ()), fields=tuple(args.field or ()),
        origins=tuple(args.origin or ()), only_empty=args.only_empty, note=args.message,
    )
    if args.dry_run:
        return _tell_trial(args, ask(settings, lambda hub: hub.queue.try_wish(wish)))
    return _tell_rule(args, ask(settings, lambda hub: hub.queue.add_rule(wish)))


def test(args: Namespace, settings: Settings) -> int:
    """What a rule would accept."""
    return _tell_trial(args, ask(settings, lambda hub: hub.queue.try_rule(args.name)))


def remove(args: Namespace, settings: Settings) -> int:
    """Removes a rule."""
    ask(settings, lambda hub: hub.queue.remove_rule(args.name))
    print(tr("Removed: {name}.", name=clean(args.name)))
    return 0


def enable(args: Namespace, settings: Settings) -> int:
    """Switches a rule on."""
    return _tell_rule(args, ask(settings, lambda hub: hub.queue.switch_rule(args.name, True)))


def disable(args: Namespace, settings: Settings) -> int:
    """Switches a rule off."""
    return _tell_rule(args, ask(settings, lambda hub: hub.queue.switch_rule(args.name, False)))


def _tell_rule(args: Namespace, rule: AcceptRule) -> int:
    if args.json:
        print_json(rule)
    else:
        print(tr("The rule {name} is on.", name=clean(rule.name)) if rule.enabled else tr("The rule {name} is off.", name=clean(rule.name)))
    return 0


def _tell_trial(args: Namespace, found: RuleTrial) -> int:
    if args.json:
        print_json(found)
        return 0
    print(tr("{name} would accept {fits} of {open} open lines.", name=clean(found.name), fits=found.fits, open=found.open))
    for kind, count in found.by_kind.items():
        print(f"  {title(kind)}: {count}")
    for line in found.examples:
        print(f"  {clean(line)}")
    return 0
