"""Whether a page is the one that is expected: its status, what must stand in it, and what must not."""

from collections.abc import Mapping
from typing import NamedTuple

from core.errors import InvalidInputError
from core.i18n import tr
from core.probes import Answer

USUAL = "200-399"
_CODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
"""In which pages here are written: words are looked for in each, whatever the page says of itself."""


class Verdict(NamedTuple):
    """said: what was there instead."""

    answer: Answer
    said: str = ""


def statuses(text: str) -> tuple[tuple[int, int], ...]:
    """`200-299,401` as ranges. Raises `InvalidInputError`."""
    out = []
    for part in (text or USUAL).split(","):
        low, _, high = part.strip().partition("-")
        if not low.isdecimal() or not (high or low).isdecimal() or not 100 <= int(low[:4]) <= int((high or low)[:4]) <= 599:
            raise InvalidInputError(tr("{text} is no list of status codes.", text=text[:64]), way_out="200-299,401")
        out.append((int(low), int(high or low)))
    return tuple(out)


def judged(status: int, body: bytes, whole: bool, options: Mapping[str, str]) -> Verdict:
    """options: `status`, `contains`, `lacks`."""
    if not any(low <= status <= high for low, high in statuses(options.get("status", ""))):
        return Verdict("wrong-status", str(status))
    wanted, unwanted = options.get("contains", ""), options.get("lacks", "")
    if wanted and not holds(body, wanted):
        return Verdict("wrong-content", f"-{wanted}" if whole else f"-{wanted} (..{len(body)})")
    if unwanted and holds(body, unwanted):
        return Verdict("wrong-content", f"+{unwanted}")
    return Verdict("ok")


def holds(body: bytes, text: str) -> bool:
    """Whether the text stands there in one of the codings."""
    return any(text.encode(coding, "replace") in body for coding in _CODINGS)
