"""Rules tried over many devices: on several processes as in one, within what the caller sees, with what cannot be told said."""

import time
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from agents import rule_test
from agents.hub.ruling.part import _within
from agents.hub.sight import Sight
from agents.rule_test import run
from core import rulebook
from core.errors import NotFoundError
from core.identity import Actor
from core.objects import Device, Site
from core.sections import General, Samples
from core.settings import Settings
from core.signals import SampleBlock, SeriesKey
from stores.records import open_records, records_at
from stores.samples import open_samples

STEP, NOW = 300_000, time.time_ns() // 1_000_000 // 300_000 * 300_000
RULES = """
rules:
  hot: {kind: threshold, metric: yw_processor_percent, above: 80, severity: major}
  full-soon: {kind: forecast, metric: yw_processor_percent, above: 95, window_s: 1209600, within_days: 9, severity: minor}
"""
DEVICES = 8


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Eight devices at two sites; of two days of five minutes, device n is hot n times."""
    folder = tmp_path_factory.mktemp("trial")
    made = Settings(general=General(data_dir=str(folder), run_dir=str(folder / "run")))
    records = open_records(records_at(made))
    with records.write(Actor(name="seed", origin="test"), NOW) as write:
        for site in ("S-1", "S-2"):
            write.put("seed", Site(id=site, name=site, level="county"))
        for n in range(DEVICES):
            unit = "Bureau" if n < 2 else ""
            write.put("seed", Device(id=f"d{n}", name=f"D-{n}", address=f"127.9.0.{n}", site=f"S-{n % 2 + 1}", role="access", unit=unit))
    records.close()
    store = open_samples(folder / "samples", Samples())
    at = NOW - np.arange(576, 0, -1) * STEP
    for n in range(DEVICES):
        (series,) = store.series_ids([SeriesKey(f"d{n}", "yw_processor_percent", "0")])
        value = np.full(len(at), 40.0)
        value[10 : 10 + 20 * n : 20] = 90.0
        store.append(SampleBlock(np.full(len(at), series, np.uint32), at, value))
    store.close()
    return made


def tried(settings: Settings, told: list[int] | None = None, **more: Any) -> rulebook.TestReport:
    wish = {"text": RULES, "file": "own.yml", "start_ms": NOW - 3 * 86_400_000, "end_ms": NOW, **more}
    heard = [] if told is None else told
    job: Any = SimpleNamespace(settings=settings, arguments=wish, tell=lambda done, _total=0: heard.append(done))
    return msgspec.convert(run(job), rulebook.TestReport)


def test_counts_of_each_object_the_first_and_the_last(settings: Settings) -> None:
    hot, forecast = tried(settings).rules
    assert (hot.count, hot.series, hot.firing, hot.open) == (28, 8, 7, 0)
    assert list(hot.per_object.items())[:2] == [("D-7", 7), ("D-6", 6)]
    assert hot.first_at == NOW - 566 * STEP
    assert hot.last_at == NOW - (566 - 120) * STEP
    assert (forecast.count, forecast.series, forecast.thin) == (0, 8, 8), "two days tell nothing of two weeks"


def test_several_processes_find_what_one_finds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tried(settings)
    monkeypatch.setattr(rule_test, "ALONE", 1)
    monkeypatch.setattr(rule_test, "SHARE", 3)
    monkeypatch.setattr(rule_test, "processors", lambda: 2)
    told: list[int] = []
    assert tried(settings, told) == alone
    assert told[-1] == DEVICES


def test_who_is_good_for_some_places_tries_on_what_they_see(settings: Settings) -> None:
    seen = _within({"units": None, "sites": None}, Sight(frozenset({"Bureau"}), frozenset()))
    assert set(tried(settings, **seen).rules[0].per_object) == {"D-1"}
    at_site = _within({}, Sight(None, frozenset({"S-2"})))
    assert set(tried(settings, **at_site).rules[0].per_object) == {"D-1", "D-3", "D-5", "D-7"}
    assert _within({"units": ["Bureau"], "sites": ["S-1"]}, Sight()) == {"units": None, "sites": None}
    with pytest.raises(NotFoundError, match="D-7"):
        tried(settings, device="D-7", **seen)
