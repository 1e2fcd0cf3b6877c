"""Processors, memory and sensors on a device's own screen."""

from core.measured import MeasuredNow, MemoryPool, Processor, Sensor
from tui.tables_measured import limit_tone, measures, size

NOW = MeasuredNow(
    device_id="",
    processors=(Processor(name="CPU 0", usage_percent=12.0, live=True),),
    memory=(MemoryPool(name="RAM", total_bytes=8 << 30, used_bytes=7 << 30, used_percent=92.0, live=True),),
    sensors=(
        Sensor(kind="temperature", name="Inlet", value=31.0, high_warn=45.0, high=60.0),
        Sensor(kind="state", name="Fan 1 [red]", value=2.0, states={"2": "failed"}),
        Sensor(kind="dbm", name="GE0/0/1", value=-19.5, low_warn=-18.0, low=-22.0),
    ),
)


def test_what_is_out_of_its_limits_stands_first() -> None:
    rows = measures(NOW)
    assert [row.tone for row in rows] == ["bad", "bad", "warn", "", "good"]
    assert {row.kind for row in rows[:2]} == {"memory", "state"}
    assert rows[0].limits == "7.0 GiB / 8.0 GiB" or "8.0 GiB" in rows[0].limits


def test_limits_of_the_device_decide() -> None:
    one = Sensor(kind="temperature", name="x", value=0.0, low=5.0, high=60.0)
    assert [limit_tone(one.replace(value=value)) for value in (4.0, 5.0, 30.0, 60.0)] == ["bad", "bad", "good", "bad"]
    assert limit_tone(Sensor(kind="voltage", name="x", value=1.0)) == ""
    assert size(-1) == "-"


async def test_the_tab_of_a_device(city, console):
    hub = city(5)
    hub.measured_now = NOW
    async with console(hub) as c:
        c.app.open_device("d00000")
        await c.until(lambda: c.app.screen.NAME == "device" and c.app.screen.own.known)
        c.app.screen.action_show_tab("measured")
        await c.until(lambda: "Inlet" in c.text())
        text = c.text()
        for words in ("健康", "处理器", "12 %", "92 %", "-18 .. -", "failed", "Fan 1 [red]", "31 °C"):
            assert words in text, words
