"""Rules on fresh values in the whole process: a site's own rule over a city that answers over real UDP, and what a restart keeps."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agents.senses.main import Senses
from core.messages import Assign
from core.objects import CredentialRef, Device
from core.sections import Polling, Rules, Samples
from core.settings import Settings
from lab import run
from stores.samples import open_samples

Until = Callable[..., Awaitable[None]]
pytestmark = pytest.mark.usefixtures("on_a_busy_machine")
OWN = """
rules:
  busier-than-nothing:
    kind: threshold
    metric: yw_processor_percent
    above: {above}
    severity: minor
    says: {{zh: "{{instance}} 忙：{{value}}%", en: "{{instance}} is busy: {{value}} %"}}
"""


@contextlib.asynccontextmanager
async def judging(hub_ear: Any, folder: Path, above: float) -> AsyncIterator[Senses]:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / "site.yml").write_text(OWN.format(above=above))
    (folder / "own" / "broken.yml").write_text("rules: [")
    settings = Settings(polling=Polling(dead_probe_s=1), rules=Rules(folder=str(folder / "own")))
    senses = Senses(settings, hub_ear, open_samples(folder / "samples", Samples()), folder, pause_s=0.1)
    await senses.start()
    try:
        yield senses
    finally:
        await senses.stop()


async def test_a_rule_of_the_site_is_judged_and_its_alert_survives_a_restart(hub_ear: Any, until: Until, tmp_path: Path) -> None:
    with run.start(1, seed=7, base=run.random_base(), events=False) as city:
        device = Device(
            id="d0", name="n0", address=city.address_of(0), site="s", role="access", credential="c", snmp_port=city.port, interval_s=1,
            timeout_ms=1500,
        )
        secret = CredentialRef(id="c", name="c", kind="snmp-community", locator=f"file:{city.credential_file}")
        assign = Assign(revision=1, devices=(device,), credentials=(secret,))

        def ours() -> list[Any]:
            return [alert for alert in hub_ear.alerts if alert.rule == "busier-than-nothing"]

        async with judging(hub_ear, tmp_path, 0):
            await hub_ear.ask("senses.assign", assign)
            await until(ours)
        raised = ours()[0]
        assert raised.instance
        assert float(raised.evidence["value"]) > 0
        assert not [alert for alert in ours() if alert.cleared_at]
        hub_ear.alerts.clear()
        async with judging(hub_ear, tmp_path, 100):
            await hub_ear.ask("senses.assign", assign.replace(open_alerts=(raised,)))
            await until(ours)
        assert [(alert.id, bool(alert.cleared_at)) for alert in ours()] == [(raised.id, True)]
