"""The screen of what devices say."""

from core.events import EventRow

ROWS = [
    EventRow(id="1", at_ms=1_790_000_000_000, source="10.0.0.1", device_id="d00000", device="LD-CORE-01", kind="syslog", priority=3,
             mnemonic="IFNET/4/LINK_STATE", text="The line protocol [red] went down", fields={"ifName": "GE0/0/1"}, count=17),
    EventRow(id="2", at_ms=1_790_000_000_000, source="10.0.0.99", kind="trap", priority=6, mnemonic="linkUp", text="linkUp"),
]


async def test_events_are_shown_and_narrowed_by_severity(city, console):
    hub = city(5)
    asked = []

    def view(query):
        asked.append(query.where)
        most = int(query.where.get("priority", "7"))
        rows = [row for row in ROWS if row.priority <= most]
        return rows, len(rows)

    hub.more_views["events"] = view
    async with console(hub, (160, 40)) as c:
        await c.keys("ctrl+b")
        await c.until(lambda: c.app.screen.NAME == "events")
        await c.until(lambda: "LINK_STATE" in c.text())
        text = c.text()
        for words in ("2 条事件", "错误", "10.0.0.99", "[red] went down", "17", "ifName=GE0/0/1"):
            assert words in text, words
        await c.keys("f8")
        await c.until(lambda: "linkUp" not in c.text())
        assert "警告及以上" in c.text()
        assert asked[-1] == {"priority": "4"}


async def test_nobody_speaks_and_the_screen_says_how_to_change_that(city, console):
    hub = city(5)
    hub.more_views["events"] = lambda _query: ([], 0)
    async with console(hub) as c:
        await c.keys("ctrl+b")
        await c.until(lambda: "yunwang device snippet" in c.text())


async def test_a_device_tells_what_it_said_of_late_on_a_tab_of_its_page(city, console):
    hub = city(5)
    hub.events.rows, hub.events.complete = tuple(row.replace(id="") for row in ROWS), False
    async with console(hub, (160, 40)) as c:
        await c.keys("f3")
        await c.until(lambda: c.app.screen.NAME == "devices" and c.app.screen.rows.row is not None)
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "device")
        c.app.screen.action_show_tab("events")
        await c.until(lambda: "2 条消息，还有更早的" in c.text().replace(", ", "，"))
        assert "[red] went down" in c.text()
        assert "linkUp" in c.text()
        await c.keys("down")
        await c.until(lambda: "10.0.0.99" in c.text())
        assert {query.device for query in hub.events.asked} == {c.app.screen.device_id}
        assert all(query.start_ms for query in hub.events.asked)
