"""Moments as people type and read them on the command line."""

import re
from datetime import datetime, timedelta, timezone

from core.errors import UsageError
from core.i18n import tr

_AGO = re.compile(r"(\d{1,7})\s*(s|m|min|h|d|w|秒|分钟|分|小时|时|天|日|周)(?:前)?")
_SECONDS = {
    "s": 1, "秒": 1, "m": 60, "min": 60, "分": 60, "分钟": 60, "h": 3600, "时": 3600, "小时": 3600, "d": 86_400, "天": 86_400, "日": 86_400,
    "w": 604_800, "周": 604_800,
}


def parse_moment(text: str, now_ms: int) -> int:
    """Milliseconds since 1970 of `2026-11-23`, `2026-11-23T08:30` (local time where it has no offset), or of `90m`, `12h`, `7d` ago."""
    if ago := _AGO.fullmatch(text.strip()):
        return now_ms - int(ago[1]) * _SECONDS[ago[2]] * 1000
    try:
        return int(datetime.fromisoformat(text.strip()).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            tr("{text} is no moment.", text=repr(text[:40])), way_out=tr("For example 2026-11-23, 2026-11-23T08:30, 90m, 12h, 7d."),
        ) from None


def local(at_ms: int, zone_s: int | None = None) -> str:
    """To the second, with its offset; zone_s None: here."""
    try:
        zone = timezone(timedelta(seconds=zone_s)) if zone_s is not None else None
        return f"{datetime.fromtimestamp(at_ms / 1000, zone).astimezone(zone):%Y-%m-%d %H:%M:%S%z}"
    except (OverflowError, ValueError, OSError):
        return str(at_ms)
