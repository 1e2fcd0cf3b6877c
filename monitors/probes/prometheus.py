"""An answer of the query API of Prometheus (its HTTP API, version 1), which VictoriaMetrics, Thanos and Mimir speak too."""

import math
import re
from typing import Any

from core.errors import InvalidInputError
from core.i18n import tr
from core.probes import Figure
from core.width import clean

MOST_SERIES = 1000
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,99}")
"""Data model of Prometheus: what a metric is called."""


def metric_named(text: str) -> str:
    """Raises `InvalidInputError`."""
    if not METRIC.fullmatch(text):
        raise InvalidInputError(
            tr("{name} is no name of a metric.", name=text[:64] or "''"), way_out=tr("Letters, digits and underscores, as in city_cpu."),
        )
    return text


def figures(body: Any, metric: str, labels: tuple[str, ...]) -> tuple[Figure, ...]:
    """One value for each series of an instant vector, or one of a scalar. labels: whose values name the parts; none: all but the name.
    Raises `ValueError` with what is wrong."""
    if not isinstance(body, dict) or body.get("status") != "success":
        said = body.get("error", "") if isinstance(body, dict) else ""
        raise ValueError(clean(str(said), 200) or "no success")
    data = body.get("data")
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
    if kind == "scalar" and isinstance(result, list):
        return _one(metric, result, "")
    if kind != "vector" or not isinstance(result, list):
        raise ValueError("no instant vector")
    if len(result) > MOST_SERIES:
        raise ValueError(f"{len(result)} series, more than {MOST_SERIES}")
    out: dict[str, Figure] = {}
    for series in result:
        if isinstance(series, dict):
            part = _part(series.get("metric"), labels)
            for figure in _one(metric, series.get("value"), part):
                if part in out:
                    raise ValueError(f"two series are called {part or metric}: name more labels")
                out[part] = figure
    return tuple(out.values())


def _part(said: Any, labels: tuple[str, ...]) -> str:
    found = said if isinstance(said, dict) else {}
    names = labels or tuple(sorted(name for name in found if name != "__name__"))
    return clean(",".join(str(found.get(name, "")) for name in names), 120)


def _one(metric: str, pair: Any, part: str) -> tuple[Figure, ...]:
    """NaN and infinities are no values."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        raise ValueError("a sample that is none")
    value = float(pair[1])
    return (Figure(metric=metric, value=value, part=part),) if math.isfinite(value) else ()
