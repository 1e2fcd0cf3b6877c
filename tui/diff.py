"""What was before and after, as lines. Pure. Values are data: cut, cleaned, never interpreted."""

from collections.abc import Mapping
from typing import Any

import msgspec

from core.i18n import tr
from core.width import clean
from tui.moments import written
from tui.pane import Line

DEEPEST = 4
FIRST_MS, LAST_MS = 946_684_800_000, 4_102_444_800_000
"""Numbers between these (the years 2000 and 2100) are also read as a moment."""
MOST = 200


def flat(content: Mapping[str, Any], prefix: str = "", depth: int = 0) -> list[tuple[str, str]]:
    """Pairs of dotted name and value as text, in the order they have; nested mappings become several, lists one."""
    found: list[tuple[str, str]] = []
    for name, value in content.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping) and value and depth < DEEPEST:
            found += flat(value, f"{path}.", depth + 1)
        else:
            found.append((path, text_of(value)))
        if len(found) > MOST:
            return [*found[:MOST], ("..", tr("and more"))]
    return found


def text_of(value: Any) -> str:
    if isinstance(value, str):
        return clean(value)
    text = clean(msgspec.json.encode(value).decode("utf-8", "replace"))
    is_moment = isinstance(value, int) and not isinstance(value, bool) and FIRST_MS <= value < LAST_MS
    return f"{text}  ({written(value)})" if is_moment else text


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Line]:
    """One line for each field that came (+), went (-) or changed (- then +); what stayed is left out."""
    old, new = dict(flat(before)), dict(flat(after))
    lines: list[Line] = []
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) == new.get(name):
            continue
        if name in old:
            lines.append(Line(f"- {clean(name)}", old[name], "bad"))
        if name in new:
            lines.append(Line(f"+ {clean(name)}", new[name], "good"))
    return lines
