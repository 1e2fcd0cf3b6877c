"""Months by the clock of this machine."""

from datetime import datetime, timedelta


def span(year: int, month: int) -> tuple[int, int]:
    """[from, until) in milliseconds since 1970. Raises ValueError, OverflowError or OSError for what no clock knows."""
    first = datetime(year, month, 1)  # noqa: DTZ001 - local time is meant
    following = (first + timedelta(days=31)).replace(day=1)
    return int(first.astimezone().timestamp() * 1000), int(following.astimezone().timestamp() * 1000)


def parse(text: str) -> tuple[int, int]:
    """The same of `2026-10`. Raises ValueError and the like."""
    found = datetime.strptime(text.strip(), "%Y-%m")  # noqa: DTZ007 - local time is meant
    return span(found.year, found.month)


def latest(now_ms: int, count: int) -> list[str]:
    """This month and those before it, as `2026-10`, the newest first."""
    now = datetime.fromtimestamp(now_ms / 1000).astimezone()
    numbers = [now.year * 12 + now.month - 1 - back for back in range(count)]
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]
