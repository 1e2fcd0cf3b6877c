"""What each screen says: normal, empty, with errors, narrow; and that its columns stay in line."""

import pytest

from core import i18n
from core.signals import SeriesFrame
from core.views import PollingHealth
from core.width import width
from tui.rows import Rows

SIZES = [(80, 24), (200, 60)]


def _starts(line, words):
    """Cells before each of these words."""
    return [width(line.split(word)[0]) for word in words]


async def _device(c, device_id="d00000"):
    c.app.open_device(device_id)
    await c.until(lambda: c.app.screen.NAME == "device" and c.app.screen.own.known)


@pytest.mark.parametrize("size", SIZES)
async def test_overview(city, console, size):
    async with console(city(3000), size) as c:
        text = c.text()
        for words in ("云网 总览", "+ 已连接", "设备 3,000", "在线 2,909", "离线 60", "!! 紧急 60", "48,123 变量/秒", "入 12.3G", "+ 入库",
                      "莲都", "设备无应答", "最忙设备", "F1 帮助", "F3 设备"):
            assert words in text, words
        assert all(width(line) == size[0] for line in c.lines())


@pytest.mark.parametrize("size", SIZES)
async def test_overview_of_nothing_says_how_to_begin(city, console, size):
    async with console(city(0), size) as c:
        for words in ("台账中还没有设备", "yunwang inventory template", "yunwang inventory import", "yunwang demo"):
            assert words in c.text()


async def test_overview_says_that_samples_are_not_stored(city, console):
    hub = city(10)
    hub.polling = PollingHealth(storage_error="No space left on device")
    async with console(hub) as c:
        assert "采样数据未能保存：No space left on device" in c.lines()[1]
        assert "x 入库" in c.text()


async def test_every_screen_carries_the_banner(city, console):
    hub = city(10)
    hub.banner = "A demo city: nothing here is real."
    async with console(hub) as c:
        for key in ("f2", "f3", "f4"):
            await c.keys(key)
            assert "A demo city" in c.lines()[1]


@pytest.mark.parametrize("size", SIZES)
async def test_devices(city, console, size):
    async with console(city(3000), size) as c:
        await c.keys("f3")
        await c.until(lambda: "云和-汇聚-0003" in c.text())
        lines = c.lines()
        assert "设备 3,000 台 | 全部 | 排序 设备 升序" in lines[1]
        assert all(width(line) == size[0] for line in lines)
        assert {tuple(_starts(line, ["10.0."])) for line in lines if "10.0." in line} == {(_starts(lines[2], ["地址"])[0],)}
        assert {width(line.split("M ")[0]) for line in lines if "M " in line} == {width(lines[2].split("入")[0]) + 1}
        assert "x 离线" in c.text()
        assert ("起始" in lines[2]) == (size[0] == 200)


async def test_devices_of_nothing_and_of_a_filter_without_match(city, console):
    async with console(city(0)) as c:
        await c.keys("f3")
        await c.until(lambda: "导入工作簿" in c.text())
    async with console(city(10)) as c:
        await c.keys("f3", "f6")
        await c.type("没有这台")
        await c.until(lambda: "没有符合筛选的设备" in c.text())


@pytest.mark.parametrize("size", SIZES)
async def test_device(city, console, size):
    async with console(city(20), size) as c:
        await _device(c)
        await c.until(lambda: "GigabitEthernet0/0/1" in c.text())
        text = c.text()
        for words in ("莲都-汇聚-0000", "+ 在线", "10.0.0.1", "[接口]", "+ 连通", "x 断开", "950M", "95%", "0.50"):
            assert words in text, words
        await c.keys("down", "down", "enter")
        await c.until(lambda: "最近 1 小时" in c.text() and "250M" in c.text())
        assert "GigabitEthernet0/0/3" in c.text()
        assert all(width(line) == size[0] for line in c.lines())
        await c.keys("f8")
        await c.until(lambda: "最近 6 小时" in c.text())
        await c.keys("right")
        await c.until(lambda: "S6730-H48X6C" in c.text())
        await c.keys("right", "right", "right")
        await c.until(lambda: "LLDP" in c.text())


async def test_a_device_of_which_nothing_is_known_yet(city, console):
    async with console(city(20)) as c:
        await _device(c, "d00009")
        await c.until(lambda: "还不知道有哪些接口" in c.text())
        await c.keys("right", "right")
        await c.until(lambda: "请在“接口”页选择一个接口并按回车" in c.text())
        await c.keys("right")
        assert "还没有发现任何事实" in c.text()
        await c.keys("right")
        await c.until(lambda: "这台设备没有过告警" in c.text())
        await c.keys("right")
        await c.until(lambda: "没有收到它的任何消息" in c.text())
        await c.keys("right")
        assert "没有已知的邻居" in c.text()


async def test_a_chart_without_samples_says_so(city, console, monkeypatch):
    import numpy as np

    hub = city(20)

    async def nothing(*_args, **_fields):
        return SeriesFrame(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))

    monkeypatch.setattr(hub, "samples", nothing)
    async with console(hub) as c:
        await _device(c)
        await c.until(lambda: "GigabitEthernet0/0/1" in c.text())
        await c.keys("enter")
        await c.until(lambda: "最近 1 小时：还没有数据" in c.text())


@pytest.mark.parametrize("size", SIZES)
async def test_alerts(city, console, size):
    async with console(city(3000), size) as c:
        await c.keys("f4")
        await c.until(lambda: "未恢复告警 60 条" in c.text())
        assert "!! 紧急" in c.text()
        assert "设备无应答" in c.text()
        assert all(width(line) == size[0] for line in c.lines())


async def test_no_alerts(city, console):
    async with console(city(5)) as c:
        await c.keys("f4")
        await c.until(lambda: "没有未恢复的告警" in c.text())


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (1, 1), (250, 70)])
async def test_odd_sizes_do_no_harm(city, console, size):
    async with console(city(100), size) as c:
        for key in ("f3", "enter", "right", "f4", "f1", "escape", "f2"):
            await c.keys(key)
        assert len(c.lines()) == size[1]


async def test_resize_rearranges_the_columns(city, console):
    async with console(city(100)) as c:
        await c.keys("f3")
        await c.until(lambda: "云和-汇聚" in c.text())
        assert "起始" not in c.text()
        await c.pilot.resize_terminal(200, 50)
        await c.until(lambda: "起始" in c.lines()[2])
        assert len(c.lines()) == 50
        await c.pilot.resize_terminal(60, 15)
        await c.until(lambda: "县区" not in c.lines()[2])


async def test_english_and_back_on_every_screen(city, console):
    async with console(city(100)) as c:
        await c.keys("ctrl+l")
        assert i18n.language() == "en"
        assert "Devices 100" in c.text()
        await c.keys("f3")
        await c.until(lambda: "sorted by Device ascending" in c.text())
        assert "+ up" in c.text()
        assert "F1 Help" in c.text()
        await c.keys("ctrl+l")
        await c.until(lambda: "排序 设备 升序" in c.text())
        assert "+ 在线" in c.text()
        assert "Device" not in c.text()


async def test_both_themes_show_the_same_words(city, console):
    async with console(city(100)) as c:
        before = [line for line in c.lines()[1:] if "流量" not in line]
        await c.keys("ctrl+t")
        assert c.app.theme == "light"
        assert [line for line in c.lines()[1:] if "流量" not in line] == before


async def test_only_the_seen_rows_travel(city, console):
    hub = city(3000)
    async with console(hub) as c:
        await c.keys("f3")
        await c.until(lambda: c.app.screen.query_one(Rows).window.known)
        await c.keys("end")
        await c.until(lambda: hub.queries[-1].offset > 2000 and c.app.screen.query_one(Rows).window.covers(2980, 20))
        assert hub.queries[-1].limit <= 200
        assert len(c.app.screen.query_one(Rows).window.rows) <= 200
        await c.until(lambda: not any(line.startswith("..") for line in c.lines()))


async def test_the_last_hour_of_traffic_is_there_at_once(city, console):
    import time

    from core.views import TrafficHistory

    hub = city(20)
    now = int(time.time() * 1000)
    at, rates = tuple(now - 5000 * n for n in range(40, 0, -1)), (1e9,) * 20 + (2.3e10,) * 20
    hub.past = TrafficHistory(at_ms=at, in_bps=rates, out_bps=(0.0,) * 40)
    async with console(hub, (120, 30)) as c:
        await c.until(lambda: "▁" * 20 + "█" * 20 in c.text())
