"""Rules over a while in the whole process: what was stored before, a city that answers over real UDP, a restart."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.senses.main import Senses
from agents.senses.slow import Slow, watched
from core.messages import Assign
from core.objects import CredentialRef, Device
from core.sections import Polling, Samples
from core.settings import Settings
from core.signals import SampleBlock, SeriesKey
from lab import run
from stores.samples import open_samples

Until = Callable[..., Awaitable[None]]


async def test_a_slow_device_is_an_alert_that_a_restart_keeps(
    hub_ear: Any, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slow.__init__, "__defaults__", (0.3,))
    store = open_samples(tmp_path / "samples", Samples())
    at = time.time_ns() // 1_000_000 - np.arange(240, 0, -1) * 30_000
    (series,) = store.series_ids([SeriesKey("d0", "yw_rtt_ms")])
    store.append(SampleBlock(np.full(len(at), series, np.uint32), at, np.full(len(at), 4000.0)))
    store.close()

    def ours(*, cleared: bool) -> list[Any]:
        return [alert for alert in hub_ear.alerts if alert.rule == "answers-slow" and bool(alert.cleared_at) is cleared]

    with run.start(1, seed=7, base=run.random_base(), events=False) as city:
        device = Device(
            id="d0", name="n0", address=city.address_of(0), site="s", role="access", credential="c", snmp_port=city.port, interval_s=2,
            timeout_ms=500,
        )
        secret = CredentialRef(id="c", name="c", kind="snmp-community", locator=f"file:{city.credential_file}")
        assign = Assign(revision=1, devices=(device,), credentials=(secret,))
        for left in (assign, None):
            senses = Senses(
                Settings(polling=Polling(dead_probe_s=1)), hub_ear, open_samples(tmp_path / "samples", Samples()), tmp_path, pause_s=0.1,
            )
            await senses.start()
            await hub_ear.ask("senses.assign", left or assign.replace(open_alerts=tuple(ours(cleared=False))))
            if left:
                await until(lambda: ours(cleared=False))
            await until(lambda senses=senses: any(port.speed_bps for one in senses._roster.watched() for port in one.interfaces.values()))
            found = watched(senses._roster, senses._probing, senses._slow._store)
            await senses.stop()
    (raised,) = {alert.id: alert for alert in ours(cleared=False)}.values()
    assert float(raised.evidence["value"]) > 1000
    assert ours(cleared=True) == [], "it was taken over, not ended"
    (one,) = found
    assert (one.id, one.known, one.subject.name) == ("d0", True, "n0")
    assert any(port.speed_bps > 0 and port.alerting for port in one.interfaces.values())
