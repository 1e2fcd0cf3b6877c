"""Months and moments by China's clock, whatever zone a machine is set to: reports of one city must not depend on who asks."""

from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "UTC+8")
"""No summer time since 1991."""


def span(year: int, month: int) -> tuple[int, int]:
    """[from, until) in milliseconds since 1970. Raises ValueError or OverflowError for what no clock knows."""
    first = datetime(year, month, 1, tzinfo=CHINA)
    if year < 1970:
        raise ValueError(year)
    following = (first + timedelta(days=31)).replace(day=1)
    return int(first.timestamp() * 1000), int(following.timestamp() * 1000)


def parse(text: str) -> tuple[int, int]:
    """The same of `2026-10`. Raises ValueError and the like."""
    found = datetime.strptime(text.strip(), "%Y-%m").replace(tzinfo=CHINA)
    return span(found.year, found.month)


def latest(now_ms: int, count: int) -> list[str]:
    """This month and those before it, as `2026-10`, the newest first."""
    now = datetime.fromtimestamp(now_ms / 1000, CHINA)
    numbers = [now.year * 12 + now.month - 1 - back for back in range(count)]
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def clock(at_ms: int) -> str:
    """`2026-10-01 00:00 UTC+8`."""
    return f"{datetime.fromtimestamp(at_ms / 1000, CHINA):%Y-%m-%d %H:%M %Z}"
