"""Operations on rules: what becomes an alert."""

from core.operations.noun import JSON, Argument, Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="rule.list", summary="List the rules in force, with their open alerts.", noun="rule", verb="list",
        arguments=(
            Argument(name="--kind", help="Only those of this kind.", default="", metavar="KIND"),
            Argument(name="--own", help="Only the site's own.", type="flag"), JSON,
        ),
        handler="cli.rule:list_",
    ),
    Operation(
        id="rule.show", summary="Show one rule: its keys, what it says, what to do about it.", noun="rule", verb="show",
        arguments=(Argument(name="NAME", help="Name of the rule."), JSON),
        handler="cli.rule:show",
    ),
    Operation(
        id="rule.check", summary="Check files of rules without a hub; each mistake is named by file, line and key.", noun="rule",
        verb="check", arguments=(Argument(name="FILE", help="YAML files, or folders of them.", many="+"), JSON),
        handler="cli.rule:check",
    ),
    Operation(
        id="rule.reload", summary="Read the site's own rules anew; with a mistake in any file nothing changes.", noun="rule", verb="reload",
        arguments=(Argument(name="--dry-run", help="Tell what would change; change nothing.", type="flag"), JSON),
        handler="cli.rule:reload", needs="rule.reload",
    ),
    Operation(
        id="rule.test", summary="Try rules over the stored samples: how often, when and how long they would have fired.", noun="rule",
        verb="test",
        arguments=(
            Argument(name="RULE", help="Name of a rule in force, or a YAML file of rules (docs/rules.md)."),
            Argument(name="--name", help="Of a file only this rule.", default="", metavar="NAME"),
            Argument(name="--device", help="Only on this device or object: name or id.", default="", metavar="NAME"),
            Argument(name="--since", help="From then on: 2026-11-23T08:30, 90m, 12h, 30d ago.", default="30d", metavar="TIME"),
            Argument(name="--until", help="Up to then: 2026-11-23T08:30, 90m ago.", default="", metavar="TIME"),
            Argument(name="--limit", help="Show at most so many alerts of each.", type="int", default=20, metavar="N"), JSON,
        ),
        handler="cli.rule:test", needs="rule.test",
    ),
)
