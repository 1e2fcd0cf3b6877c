"""What people do all day."""

import pytest

from tui.dialog import Chooser, Help
from tui.prompt import Prompt
from tui.rows import Rows
from tui.screens.device import DeviceScreen


def _name(c):
    return getattr(c.app.screen, "NAME", "")


async def _enter(c, line):
    await c.keys("f9")
    await c.type(line)
    await c.keys("enter")


async def test_with_function_keys_alone_to_every_screen_and_back(city, console):
    async with console(city(200)) as c:
        await c.keys("f3")
        await c.until(lambda: c.app.screen.query_one(Rows).row is not None)
        await c.keys("down", "enter")
        await c.until(lambda: _name(c) == "device")
        await c.keys("escape")
        assert _name(c) == "devices"
        await c.keys("f4")
        assert _name(c) == "alerts"
        await c.keys("f1")
        assert isinstance(c.app.screen, Help)
        await c.keys("escape", "f2")
        assert _name(c) == "overview"
        await c.keys("f10")
        assert c.app._exit


async def test_every_operation_can_be_chosen_from_the_palette(city, console):
    async with console(city(20)) as c:
        await c.keys("ctrl+p")
        assert isinstance(c.app.screen, Chooser)
        await c.type("设备列表")
        await c.keys("enter")
        await c.until(lambda: _name(c) == "devices")


@pytest.mark.parametrize("key", ["slash", "ideographic_comma", "fullwidth_solidus", "f6"])
async def test_the_filter_opens_with_any_input_method(city, console, key):
    async with console(city(20)) as c:
        await c.keys("f3", key)
        assert c.app.screen.query_one(Prompt).is_open


async def test_filtering_narrows_while_typing_and_escape_drops_it(city, console):
    async with console(city(90)) as c:
        await c.keys("f3", "f6")
        await c.type("莲都 状态=离线")
        await c.until(lambda: "设备 0 台" in c.text() or "设备 1 台" in c.text())
        await c.keys("enter")
        assert "筛选：莲都 状态=离线" in c.text()
        assert c.hub.queries[-1].where == {"status": "down"}
        await c.keys("escape")
        await c.until(lambda: "设备 90 台 | 全部" in c.text())


async def test_a_county_opens_its_devices(city, console):
    async with console(city(90)) as c:
        await c.keys("enter")
        await c.until(lambda: "筛选：county=莲都" in c.text() and "设备 10 台" in c.text())


async def test_sorting_by_menu_by_key_and_back(city, console):
    async with console(city(90)) as c:
        await c.keys("f3", "f7")
        await c.type("in_bps")
        await c.keys("enter")
        await c.until(lambda: "排序 入 降序" in c.text() and "-0089" in c.lines()[3])
        await c.keys("f8")
        await c.until(lambda: "排序 入 升序" in c.text() and "-0000" in c.lines()[3])


@pytest.mark.parametrize(("line", "screen"), [("devices", "devices"), ("：设备", "devices"), (":告警", "alerts"), ("overview", "overview")])
async def test_commands_and_chinese_commands(city, console, line, screen):
    async with console(city(20)) as c:
        await _enter(c, line)
        await c.until(lambda: _name(c) == screen)


async def test_a_device_by_its_name(city, console):
    async with console(city(200)) as c:
        await _enter(c, "device 莲都-汇聚-0009")
        await c.until(lambda: _name(c) == "device" and "莲都-汇聚-0009" in c.text())
        await _enter(c, "device 莲都")
        await c.until(lambda: "筛选：莲都" in c.text())


async def test_names_and_words_complete_with_tab_and_history_comes_with_up(city, console):
    async with console(city(200)) as c:
        await c.keys("f9")
        await c.type("dev")
        line = c.app.screen.query_one(Prompt).line
        await c.until(lambda: line._suggestion == "devices")
        await c.keys("tab")
        assert line.value == "devices"
        line.reset("")
        await c.type("device 莲都-汇聚-000")
        await c.until(lambda: line._suggestion.startswith("device 莲都-汇聚-000"))
        await c.keys("escape")
        await _enter(c, "alerts")
        await c.until(lambda: _name(c) == "alerts")
        await c.keys("f9")
        await c.keys("up")
        assert c.app.screen.query_one(Prompt).line.value == "alerts"


@pytest.mark.parametrize("line", ["nonsense", "lang fr", "overview now", "device '); import os", "theme (1)"])
async def test_a_wrong_command_is_explained_and_does_nothing(city, console, line):
    async with console(city(20)) as c:
        await _enter(c, line)
        await c.until(lambda: len(c.app._notifications) == 1)
        assert _name(c) == "overview"


async def test_language_and_theme_by_command(city, console):
    async with console(city(20)) as c:
        await _enter(c, "lang en")
        await c.until(lambda: "Devices 20" in c.text())
        await _enter(c, "theme light")
        await c.until(lambda: c.app.theme == "light")


async def test_a_line_is_copied_as_text(city, console):
    async with console(city(20)) as c:
        await c.keys("f3")
        await c.until(lambda: c.app.screen.query_one(Rows).row is not None)
        await c.keys("ctrl+c")
        assert "汇聚" in c.app.clipboard
        assert "\t" in c.app.clipboard


async def test_clicking_a_key_in_the_footer(city, console):
    async with console(city(20)) as c:
        line = c.lines()[-1]
        from core.width import width

        await c.pilot.click(offset=(width(line.split("F4")[0]) + 1, 23))
        await c.until(lambda: _name(c) == "alerts")


async def test_rows_change_under_the_eyes_without_moving_the_cursor(city, console):
    async with console(city(200)) as c:
        await c.keys("f3")
        await c.until(lambda: c.app.screen.query_one(Rows).row is not None)
        await c.keys("down", "down", "down")
        rows = c.app.screen.query_one(Rows)
        chosen = rows.row.id

        def edit(hub):
            hub.rows = [row.replace(in_bps=7.7e9, status="partial") for row in hub.rows]

        await c.change(edit)
        await c.until(lambda: "7.7G" in c.text() and "~ 部分" in c.text())
        assert rows.row.id == chosen


async def test_a_dead_hub_is_told_the_screen_stays_and_it_comes_back(city, console):
    async with console(city(50)) as c:
        await c.keys("f3")
        await c.until(lambda: "云和-汇聚" in c.text())
        c.hub.lose()
        await c.until(lambda: "连接断开，正在重连" in c.text())
        assert "云和-汇聚" in c.text()
        await c.until(lambda: "No hub is running" in c.text())
        await c.keys("f4", "f3", "down")
        await _enter(c, "device x")
        c.hub.answer()
        await c.until(lambda: "+ 已连接" in c.text())
        assert "No hub is running" not in c.text()


async def test_no_hub_at_the_start_is_told_with_the_way_out(city, console):
    hub = city(50)
    hub.down = True
    async with console(hub) as c:
        await c.until(lambda: "yunwang hub start" in c.text())
        assert "~ 连接中" in c.text()
        hub.answer()
        await c.until(lambda: "设备 50" in c.text())


async def test_screens_that_are_not_seen_follow_nothing(city, console):
    async with console(city(50)) as c:
        await c.keys("f3")
        await c.until(lambda: "云和-汇聚" in c.text())
        devices = c.app.screen
        await c.keys("f4")
        await c.until(lambda: _name(c) == "alerts")
        assert all(feed._worker is None for feed in devices.feeds)
        await c.keys("f3")
        await c.until(lambda: all(feed._worker is not None for feed in devices.feeds))


async def test_neighbours_do_not_pile_up(city, console):
    async with console(city(50)) as c:
        c.app.open_device("d00000")
        await c.until(lambda: _name(c) == "device")
        for device in ("d00001", "d00002", "d00003"):
            c.app.open_device(device)
            await c.until(lambda device=device: isinstance(c.app.screen, DeviceScreen) and c.app.screen.device_id == device)
        assert len(c.app.screen_stack) == 3
        await c.keys("escape")
        assert _name(c) == "overview"


async def test_the_hub_is_left_when_the_console_ends(city, console):
    hub = city(5)
    async with console(hub):
        pass
    assert hub.closed
