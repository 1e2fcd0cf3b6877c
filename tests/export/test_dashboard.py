"""The dashboard of the docs: each metric and label in it leads out of the hub or its store, and units are those of the values."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.hub.export import figures
from agents.hub.export.naming import OF_DEVICE, OF_PORT, Names
from agents.hub.export.pushing import Pushing
from agents.hub.node import metrics
from core.measured import MEMORY, PROCESSOR, STORAGE, sensor_metric
from core.sections import Export, Samples
from core.signals import SeriesKey
from core.views import DeviceRow, PollingHealth
from stores.samples import open_samples

DOCS = Path(__file__).parent.parent.parent / "docs" / "grafana"
ROW = DeviceRow(id="1" * 32, name="a", address="10.0.0.1", site="s", county="c", role="P", unit="u", status="up", polled_at=1)
NAME = re.compile(r"\b(?:yunwang|yw)_[a-z0-9_]+")
UNITS = {"_bps": "bps", "_ms": "ms", "_percent": "percent", "yw_temperature": "celsius", "_per_second": "pps", "_seconds": "s"}
COUNTS = frozenset({"yunwang_device_up", "yunwang_device_alerts", "yunwang_polling_variables_per_second"})


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DOCS / "yunwang.json").read_bytes())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, frozenset[str]]:
    """Labels of each metric that is fetched or pushed."""
    folder = tmp_path_factory.mktemp("export")
    found = {name: frozenset(labels) for name, labels in _fetched(folder)}
    store = open_samples(folder / "samples", Samples())
    names = Names(store, ports=True)
    names.use([ROW])
    parts = [(metric, "x") for metric in (PROCESSOR, MEMORY, STORAGE, sensor_metric("temperature"), *OF_PORT)]
    for metric, part in [*((metric, "") for metric in OF_DEVICE), *parts]:
        made = names._name(SeriesKey(ROW.id, metric, part))
        assert made
        labels = dict(_labels(made.labels))
        found[labels.pop("__name__")] = frozenset(labels)
    store.close()
    return found


def _fetched(folder: Path) -> Iterator[tuple[str, frozenset[str]]]:
    from agents.hub.export.part import Export as Part

    part = Part.__new__(Part)
    part.error = ""
    part._pushing = Pushing(Export(remote_write_url="http://127.0.0.1:9/"), folder, open_samples(folder / "none", Samples(), readonly=True))
    row = ROW.replace(rtt_ms=1.0, uptime_s=1, in_bps=1.0, out_bps=1.0, ports=1, ports_up=1)
    for metric in (*figures.of_devices([row], 1), *part.metrics(), *metrics.of_polling(PollingHealth())):
        assert metric.samples, metric.name
        yield metric.name, frozenset(label for _, labels, _ in metric.samples for label in labels)


def _labels(encoded: bytes) -> Iterator[tuple[str, str]]:
    """Of protocol buffers: field 1 of a series, with name and text."""
    at = 0
    while at < len(encoded):
        size = encoded[at + 1]
        one = encoded[at + 2 : at + 2 + size]
        yield one[2 : 2 + one[1]].decode(), one[4 + one[1] :].decode()
        at += 2 + size


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_a_panel_names_what_is_exported_in_its_unit(panel: dict[str, Any], exported: dict[str, frozenset[str]]) -> None:
    (target,) = panel["targets"]
    names = NAME.findall(target["expr"])
    assert names
    wanted = set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
    for group in re.findall(r"by \(([^)]*)\)", target["expr"]):
        wanted |= set(re.split(r",\s*", group))
    wanted |= set(re.findall(r"[{,]\s*(\w+)\s*=~?", target["expr"]))
    for name in names:
        assert wanted <= exported[name], name
        assert panel["fieldConfig"]["defaults"]["unit"] == _unit(name, target["expr"])
    assert target["expr"].count("(") == target["expr"].count(")")


def _unit(name: str, expression: str) -> str:
    if "rate(" in expression:
        return "cps"
    if expression.startswith("100 * avg("):
        return "percent"
    return "short" if name in COUNTS else next(unit for end, unit in UNITS.items() if name.endswith(end))


def test_a_device_that_is_fetched_and_pushed_counts_once() -> None:
    for panel in panels():
        expression = panel["targets"][0]["expr"]
        if re.match(r"(sum|count|topk)\(", expression) and "yunwang_device" in expression:
            assert "max by (device" in expression, panel["title"]


def test_the_page_names_what_is_exported(exported: dict[str, frozenset[str]]) -> None:
    text = (DOCS / "README.md").read_text("utf-8")
    short = {f"yunwang_remote_write{name}" for name in re.findall(r"`(_\w+)`", text)}
    named = set(re.findall(r"`((?:yunwang|yw)_\w+)`", text)) | short
    assert len(named) > 5
    assert named <= exported.keys()
    assert json.loads((DOCS / "yunwang.json").read_bytes())["templating"]["list"][1]["query"] == "label_values(yunwang_device_up, site)"
