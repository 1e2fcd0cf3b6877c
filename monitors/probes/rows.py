"""How fresh the rows of a data line are: what one row of an answer in SQL says."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.i18n import tr
from core.probes import ROWS, ROWS_AGE, ROWS_AGE_RATIO, ROWS_RATIO, Figure

NAMES = ("rows", "age_s", "latest")
"""Columns that mean something: rows moved, seconds since the newest, or when the newest came. Any other is left alone."""


def figures(row: Mapping[str, Any], now_ms: int, about: Mapping[str, str]) -> tuple[Figure, ...]:
    """about: `fresh_minutes` and `rows_per_day` of the line, where it promises something. Raises `ValueError` with what is wrong."""
    found = {name.lower(): value for name, value in row.items() if isinstance(name, str)}
    if not any(name in found for name in NAMES):
        raise ValueError(tr("The answer has none of the columns {names}.", names=", ".join(NAMES)))
    out: list[Figure] = []
    age_s = _age_s(found, now_ms)
    if age_s is not None:
        out.append(Figure(metric=ROWS_AGE, value=age_s))
        if (fresh := _number(about.get("fresh_minutes"))) is not None and fresh > 0:
            out.append(Figure(metric=ROWS_AGE_RATIO, value=age_s / (fresh * 60)))
    if (count := _number(found.get("rows"))) is not None:
        out.append(Figure(metric=ROWS, value=count))
        if (daily := _number(about.get("rows_per_day"))) is not None and daily > 0:
            out.append(Figure(metric=ROWS_RATIO, value=count / daily))
    return tuple(out)


def _age_s(found: Mapping[str, Any], now_ms: int) -> float | None:
    """None: the line has no rows at all, or the statement does not ask for an age."""
    if (age := _number(found.get("age_s"))) is not None:
        return max(age, 0.0)
    latest = found.get("latest")
    if latest is None:
        return None
    if isinstance(latest, date) and not isinstance(latest, datetime):
        latest = datetime(latest.year, latest.month, latest.day, tzinfo=UTC)
    if not isinstance(latest, datetime):
        raise ValueError(tr("The column latest is no time."))  # noqa: TRY004 - of the data, not of our call
    if latest.tzinfo is None:
        raise ValueError(tr("The column latest has no time zone; write latest AT TIME ZONE 'Asia/Shanghai'."))
    return max(now_ms / 1000 - latest.timestamp(), 0.0)


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"{type(value).__name__} is no number")  # noqa: TRY004 - as above
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number")
    return number
