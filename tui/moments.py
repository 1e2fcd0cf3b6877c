"""Times that a person types into a form. Pure: now is an argument."""

import re
import time
from datetime import datetime, timedelta

from core.errors import InvalidInputError
from core.i18n import tr

_SPAN = re.compile(r"^\+?\s*(\d{1,4})\s*(m|min|h|d|w|分|分钟|时|小时|天|日|周)$", re.IGNORECASE)
_UNITS = {
    "m": 60, "min": 60, "分": 60, "分钟": 60, "h": 3600, "时": 3600, "小时": 3600, "d": 86_400, "天": 86_400, "日": 86_400, "w": 604_800,
    "周": 604_800,
}
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%m-%d %H:%M", "%H:%M")


def read_moment(typed: str, now_ms: int) -> int:
    """`2026-11-23 18:00`, `11-23 18:00`, `18:00` (the next one), `+2h`, `30分钟`, `now`; in the zone of this console, as milliseconds.

    Raises `InvalidInputError`.
    """
    text = " ".join(typed.replace("：", ":").replace("　", " ").replace("/", "-").replace("T", " ").split())
    if text.lower() in ("now", "现在", "0"):
        return now_ms
    if found := _SPAN.match(text):
        return now_ms + int(found[1]) * _UNITS[found[2].lower()] * 1000
    now = datetime.fromtimestamp(now_ms / 1000).astimezone()
    for form in _FORMS:
        year, form_ = (f"{now.year}-", f"%Y-{form}") if form.startswith("%m") else ("", form)
        try:
            return _placed(datetime.strptime(year + text, form_).astimezone(), form, now)
        except (ValueError, OverflowError, OSError):
            continue
    raise InvalidInputError(
        tr("{typed} is no time.", typed=text[:40] or "?"), way_out=tr("Write 2026-11-23 18:00, 18:00 or +2h."),
    )


def read_past(typed: str, now_ms: int) -> int:
    """The same for what has been: `2h` is two hours ago, `18:00` the last one, `11-20` that day's beginning."""
    text = typed.strip()
    if found := _SPAN.match(text):
        return now_ms - int(found[1]) * _UNITS[found[2].lower()] * 1000
    if re.fullmatch(r"\d{1,2}[-/]\d{1,2}", text):
        text = f"{time.localtime(now_ms / 1000).tm_year}-{text} 00:00".replace("/", "-")
    found_ms = read_moment(text, now_ms)
    return found_ms - 86_400_000 if found_ms > now_ms and ":" in text and "-" not in text else found_ms


def _placed(then: datetime, form: str, now: datetime) -> int:
    if form == "%H:%M":
        then = now.replace(hour=then.hour, minute=then.minute, second=0, microsecond=0)
        if then <= now:
            then += timedelta(days=1)
    return int(then.timestamp() * 1000)


def written(ms: int) -> str:
    """As it would be typed."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ms / 1000))
