"""`yunwang doctor`: what is wrong with this machine and its settings, and the fix for each fault. Works without a hub."""

from argparse import Namespace
from typing import TYPE_CHECKING

from cli.asking import plain, print_json
from core.i18n import tr
from core.settings import Settings
from core.width import clean, pad, width

if TYPE_CHECKING:
    from core.node import Check

EXIT = {"ok": 0, "warn": 0, "fail": 1}
_SIGNS = {"ok": "ok", "warn": "!", "fail": "X"}


def doctor(args: Namespace, settings: Settings) -> int:
    """Exit code 1 when something fails; warnings alone give 0."""
    from agents.node.checks import judge, verdict
    from agents.node.probing import now_ms, probe
    from agents.places import settled

    settings = settled(settings)
    checks = judge(probe(settings, now_ms()), settings)
    found = verdict(checks)
    if args.json:
        print_json({"status": found, "checks": [plain(check) for check in checks]})
        return EXIT[found]
    shown = checks if args.all else [check for check in checks if check.status != "ok"]
    for line in _lines(shown):
        print(line)
    counts = {status: sum(check.status == status for check in checks) for status in EXIT}
    print(tr("{count} checks: {ok} in order, {warn} warnings, {fail} faults.", count=len(checks), **counts))
    return EXIT[found]


def _lines(checks: "list[Check]") -> list[str]:
    lines, area = [], ""
    broad = max((width(check.name) for check in checks), default=0)
    for check in checks:
        if check.area != area:
            area = check.area
            lines.append(area)
        lines.append(f"  {pad(_SIGNS[check.status], 3)} {pad(check.name, broad)}  {clean(check.found)}".rstrip())
        if check.fix:
            lines.append(f"      {tr('fix:')} {clean(check.fix)}")
    return lines
