"""The hub is killed: what was acknowledged, who is on it and what was noted are there when it comes back."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.supervisor import read_status
from core.alerting import AlertQuery
from core.signals import Alert


def test_alerts_and_what_people_did_about_them_survive_kill_9(node: Any, alert: Callable[..., Alert]) -> None:
    run = Path(node.settings.general.run_dir)
    root, child, other = alert("device-unreachable", "mid"), alert("device-unreachable", "leaf"), alert("own-rule", "core", "1")
    node.say(root, child, other)
    node.ask(lambda hub: hub.alerting.ack(root.id, reason="the road is dug up"))
    node.ask(lambda hub: hub.alerting.comment(root.id, text="until six"))
    before = next(row.pid for row in read_status(run) if row.kind == "hub")
    os.kill(before, signal.SIGKILL)

    async def is_back(hub: Any) -> bool:
        rows = {row.id: row for row in (await hub.alerting.matching(AlertQuery(roots=False))).rows}
        return rows.keys() == {root.id, child.id, other.id} and rows[child.id].suppressed_by == root.id

    node.until(is_back)
    assert next(row.pid for row in read_status(run) if row.kind == "hub") != before
    story = node.ask(lambda hub: hub.alerting.story(root.id))
    assert (story.alert.acked_by, story.alert.ack_reason) == ("operator", "the road is dug up")
    assert [said.text for said in story.alert.comments] == ["until six"]
    assert [step.what for step in story.history if step.who == "operator"] == ["acked", "commented"]
    node.say(root)
    assert node.ask(lambda hub: hub.alerting.story(root.id)).alert.acked_by == "operator", "told again after the restart, it stays taken on"
