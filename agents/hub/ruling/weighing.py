"""One step more severe where a business system of a high protection level 等保级别 depends on the device."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.hub.records import in_thread
from agents.hub.sight import EVERYTHING
from core.errors import YunwangError
from core.graph import GraphView
from core.signals import Alert, Severity

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_AT_ONCE = 50
"""Devices of one batch that are looked up; of a storm the others keep the severity of their rule."""
UP: Mapping[Severity, Severity] = {"info": "warning", "warning": "minor", "minor": "major", "major": "critical", "critical": "critical"}
log = logging.getLogger(__name__)


class Weighing:
    """Belongs to the event loop. steps: by rule, from which level on; rules without one are not there."""

    def __init__(self, hub: "Hub", steps: Mapping[str, int]) -> None:
        self._hub, self._steps = hub, steps
        self._revision = -1
        self._levels: dict[str, int] = {}

    async def weighed(self, alerts: Sequence[Alert]) -> list[Alert]:
        """The alerts with their severities. Never fails: at worst they stay as their rules have them."""
        try:
            levels = await self._of({alert.device_id for alert in alerts if alert.rule in self._steps and not self._known(alert)})
        except YunwangError as error:
            log.info("Protection levels are not known: %s", error)
            levels = {}
        except Exception:
            log.exception("Alerts could not be weighed.")
            levels = {}
        return [self._one(alert, levels.get(alert.device_id, 0)) for alert in alerts]

    def _known(self, alert: Alert) -> bool:
        return self._hub.table.alert(alert.id) is not None

    def _one(self, alert: Alert, level: int) -> Alert:
        before = self._hub.table.alert(alert.id)
        if before is not None and alert.rule in self._steps:
            return alert.replace(severity=before.severity)
        if level and level >= self._steps.get(alert.rule, level + 1):
            return alert.replace(severity=UP[alert.severity], evidence={**alert.evidence, "level": str(level)})
        return alert

    async def _of(self, device_ids: set[str]) -> Mapping[str, int]:
        if not device_ids:
            return {}
        view = await self._hub.graphs.view()
        if view.revision != self._revision:
            self._revision, self._levels = view.revision, {}
        wanted = sorted(device_ids - self._levels.keys())[:MOST_AT_ONCE]
        if wanted:
            self._levels |= await in_thread(_levels, view, wanted)
        return self._levels


def _levels(view: GraphView, device_ids: Sequence[str]) -> dict[str, int]:
    """The highest level of what depends on each; 0: nothing."""
    from agents.hub.graph.composing import impact
    from agents.hub.graph.naming import chosen

    out = {}
    for device_id in device_ids:
        try:
            found = impact(view, chosen(view, (device_id,), EVERYTHING), EVERYTHING)
        except YunwangError:
            out[device_id] = 0
        else:
            out[device_id] = max((one.level for one in found.levels if one.down or one.degraded), default=0)
    return out
