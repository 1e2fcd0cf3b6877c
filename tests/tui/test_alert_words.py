"""What people do with an alert in the console: take it on, note, silence, fold."""

from core.alerting import AlertSilence


class TwinAlerting:
    """Keeps what was asked of it."""

    def __init__(self):
        self.done = []

    async def ack(self, alert_id, reason=""):
        self.done.append(("ack", alert_id, reason))

    async def unack(self, alert_id, text=""):
        self.done.append(("unack", alert_id, text))

    async def silence(self, wish):
        self.done.append(("silence", wish))


async def _alerts(c):
    await c.keys("f4")
    await c.until(lambda: c.app.screen.NAME == "alerts" and c.app.screen.rows.window.known)


async def test_an_alert_is_taken_on_with_a_reason(city, console):
    hub = city(300)
    hub.alerting = TwinAlerting()
    async with console(hub, (160, 40)) as c:
        await _alerts(c)
        row = c.app.screen.rows.row
        await c.keys("ctrl+v")
        await c.until(lambda: "确认告警" in c.text())
        await c.keys("enter")
        await c.until(lambda: hub.alerting.done)
        assert hub.alerting.done == [("ack", row.id, "")]


async def test_one_rule_on_one_device_is_silenced_until_later(city, console):
    hub = city(300)
    hub.alerting = TwinAlerting()
    async with console(hub, (160, 40)) as c:
        await _alerts(c)
        row = c.app.screen.rows.row
        await c.app.screen._silence(row, {"end": "+2h", "reason": "planned"})
        (_, wish), = hub.alerting.done
        assert isinstance(wish, AlertSilence)
        assert (wish.alert, wish.whole, wish.reason) == (row.id, False, "planned")
        assert await c.app.screen._silence(row, {"end": "2020-01-01 00:00", "reason": "planned"})
        assert len(hub.alerting.done) == 1


async def test_consequences_are_folded_and_shown(city, console):
    hub = city(300)
    async with console(hub, (160, 40)) as c:
        await _alerts(c)
        await c.until(lambda: "从属告警已折叠" in c.text())
        assert hub.queries[-1].where["suppressed_by"] == ""
        await c.keys("left")
        await c.until(lambda: "从属告警已折叠" not in c.text())
        assert "suppressed_by" not in hub.queries[-1].where
        await c.keys("left")
        await c.until(lambda: "从属告警已折叠" in c.text())
