"""Laws of the live stream: whoever applies the deltas has the window; who is too slow or comes back has it too."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.hub import stream
from agents.hub.filtering import Filter
from agents.hub.lists import Lists
from agents.hub.overview import overview
from agents.hub.sight import EVERYTHING, Sight
from agents.hub.stream import Streams
from agents.hub.table import LiveTable
from agents.hub.windows import Views
from core.errors import ForbiddenError, InvalidInputError, NotFoundError
from core.failure import Failure
from core.messages import LiveDevice
from core.objects import Device, Site
from core.signals import Alert
from core.views import PollingHealth, Status, ViewDelta, ViewQuery

STATUSES: tuple[Status, ...] = ("up", "partial", "down", "refused", "unknown")
live = st.builds(
    LiveDevice, id=st.integers(0, 12).map(str), status=st.sampled_from(STATUSES), since=st.integers(0, 9), polled_at=st.integers(0, 9),
    rtt_ms=st.floats(), in_bps=st.floats(), out_bps=st.floats(0, 1e12), ports_up=st.integers(-1, 9), ports=st.integers(-1, 9),
)
alerts = st.builds(
    Alert, id=st.sampled_from("abcdef"), rule=st.just("r"), device_id=st.integers(0, 12).map(str), severity=st.just("major"),
    raised_at=st.integers(1, 9), cleared_at=st.sampled_from((0, 0, 10)),
)
queries = st.builds(
    ViewQuery, view=st.sampled_from(("devices", "alerts", "overview")), text=st.sampled_from(("", "d1", "no")),
    sort=st.sampled_from(("name", "-name", "status", "-rtt_ms", "-alerts", "in_bps")), offset=st.integers(0, 5), limit=st.integers(1, 12),
    where=st.sampled_from(({}, {"status": "up"}, {"county": "c1"})),
)


def device(number: int, **more: Any) -> Device:
    return Device(id=str(number), name=f"d{number}", address=f"10.0.0.{number}", site=f"s{number % 3}", role="access", **more)


def city(count: int = 10) -> tuple[LiveTable, Views, Streams]:
    table = LiveTable()
    sites = [Site(id=str(n), name=f"s{n}", level="county", county=f"c{n}") for n in range(3)]
    table.load_devices([device(n) for n in range(count)], sites, {})
    views = Views(table, Lists(Nothing(), table.row), lambda sight: overview(table, PollingHealth(), "", 0, sight))
    return table, views, Streams(views, lambda _ids: None)


class Nothing:
    """Records of which none are asked for."""


class Screen:
    """A console that only applies what the stream says."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.order: tuple[str, ...] = ()
        self.total = self.id = 0
        self.token = ""
        self.error: Failure | None = None

    def take(self, data: bytes) -> None:
        for block in data.decode().split("\n\n"):
            if not block:
                continue
            fields = dict(line.split(":", 1) for line in block.split("\n"))
            self.token = fields.get("id", "")
            self.apply(msgspec.json.decode(fields["data"], type=ViewDelta))

    def apply(self, event: ViewDelta) -> None:
        assert event.kind != "delta" or event.id == self.id + 1
        self.id = event.id
        if event.kind == "end":
            self.error = event.error
        if event.kind in ("resync", "end"):
            return
        if event.kind == "snapshot":
            self.rows.clear()
        self.total = event.total
        self.rows |= {str(row.get("id", "")): row for row in event.rows}
        self.order = event.order if event.order is not None else self.order or tuple(self.rows)
        self.rows = {key: self.rows[key] for key in self.order}


def expected(views: Views, query: ViewQuery) -> tuple[list[dict[str, Any]], int]:
    window = views.window(query)
    return msgspec.json.decode(msgspec.json.encode(list(window.rows.values()))), window.total


async def step(events: AsyncIterator[bytes], screen: Screen) -> None:
    screen.take(await asyncio.wait_for(anext(events), 5))


def drain(console: stream.Console, screen: Screen) -> None:
    screen.take(console.take())


@settings(max_examples=150, deadline=None)
@given(queries, st.lists(st.one_of(st.lists(live, max_size=6), st.lists(alerts, max_size=3), st.integers(3, 12)), max_size=12))
def test_deltas_make_the_window(query: ViewQuery, story: list[Any]) -> None:
    table, views, streams = city()
    try:
        views.check(query)
    except InvalidInputError:
        return
    table.take_changes()

    async def run() -> None:
        channel = await streams._channel(query, EVERYTHING)
        console, screen = stream.Console(channel, ""), Screen()
        channel.consoles.add(console)
        for event in story:
            if isinstance(event, int):
                table.load_devices([device(n) for n in range(event)], [Site(id="1", name="s1", level="county", county="c1")], {})
            elif event and isinstance(event[0], Alert):
                table.put_alerts(event)
            else:
                table.apply_live(event)
            await streams.tick(table.take_changes())
            drain(console, screen)
            assert (list(screen.rows.values()), screen.total) == expected(views, query)

    asyncio.run(run())


async def test_a_console_that_is_too_slow_starts_again_from_a_snapshot() -> None:
    table, views, streams = city()
    query = ViewQuery(view="devices")
    events, screen = await streams.follow(query), Screen()
    await step(events, screen)
    for number in range(stream.MAX_BEHIND + 20):
        table.apply_live([LiveDevice(id="1", status="up", since=number, polled_at=number)])
        await streams.tick(table.take_changes())
    await step(events, screen)
    assert (list(screen.rows.values()), screen.total) == expected(views, query)
    table.apply_live([LiveDevice(id="2", status="down", since=1, polled_at=1)])
    await streams.tick(table.take_changes())
    await step(events, screen)
    assert screen.rows["2"]["status"] == "down"
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_console_that_comes_back_is_told_what_it_missed_and_nothing_else() -> None:
    table, views, streams = city()
    query = ViewQuery(view="devices")
    events, screen = await streams.follow(query), Screen()
    await step(events, screen)
    await events.aclose()  # type: ignore[attr-defined]
    for number in range(3):
        table.apply_live([LiveDevice(id=str(number), status="up", since=1, polled_at=1)])
        await streams.tick(table.take_changes())
    events = await streams.follow(query, screen.token)
    await step(events, screen)
    assert (list(screen.rows.values()), screen.total) == expected(views, query)
    await events.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("last", [
    "", "x", "0-1", "-", "a-b", "9" * 99, "other-1", "{token}-999", "{token}-99999999999999999999", "{token}--1", "{token}-¹",
])
async def test_an_id_that_nobody_gave_means_a_snapshot(last: str) -> None:
    _, _, streams = city()
    query = ViewQuery(view="devices")
    token = (await streams._channel(query, EVERYTHING)).token
    events, screen = await streams.follow(query, last.format(token=token)), Screen()
    await step(events, screen)
    assert len(screen.rows) == 10
    await events.aclose()  # type: ignore[attr-defined]


async def test_consoles_of_one_window_share_one_computation() -> None:
    table, views, streams = city()
    computed: list[ViewQuery] = []
    refreshed = views.refreshed

    def count(query: ViewQuery, *rest: Any) -> Any:
        computed.append(query)
        return refreshed(query, *rest)

    views.refreshed = count  # type: ignore[method-assign]
    query = ViewQuery(view="devices", sort="-rtt_ms")
    consoles = [await streams.follow(query) for _ in range(50)]
    screens = [Screen() for _ in consoles]
    for events, screen in zip(consoles, screens, strict=True):
        await step(events, screen)
    table.apply_live([LiveDevice(id="1", status="up", since=1, polled_at=1, rtt_ms=2.0)])
    await streams.tick(table.take_changes())
    for events, screen in zip(consoles, screens, strict=True):
        await step(events, screen)
        assert screen.order[0] == "1"
        await events.aclose()  # type: ignore[attr-defined]
    assert computed == [query]
    assert streams.consoles == 0


async def test_channels_without_consoles_are_forgotten() -> None:
    table, _, streams = city()
    for number in range(5):
        events = await streams.follow(ViewQuery(view="devices", offset=number))
        await anext(events)
        await events.aclose()  # type: ignore[attr-defined]
    for _ in range(stream.LINGER_TICKS + 1):
        await streams.tick(table.take_changes())
    assert not streams._channels


def test_hostile_queries_are_refused() -> None:
    table, views, _ = city()
    for query in (
        ViewQuery(view="devices", sort="__class__"), ViewQuery(view="devices", where={"__dict__": "1"}),
        ViewQuery(view="alerts", sort="evidence"),
    ):
        with pytest.raises(InvalidInputError):
            views.check(query)
    with pytest.raises(NotFoundError):
        views.check(ViewQuery(view="interfaces", device_id="nobody"))
    assert table.devices(Filter(text="%_!'\"; DROP TABLE device", offset=-5, limit=-1)) == ([], 0)


def test_a_reload_keeps_what_is_living() -> None:
    table, _, _ = city()
    table.apply_live([LiveDevice(id="1", status="up", since=1, polled_at=1, rtt_ms=2.0)])
    table.put_alerts([Alert(id="a", rule="r", device_id="1", severity="major", raised_at=1)])
    table.load_devices([device(1, note="new").replace(name="renamed")], [], {})  # type: ignore[list-item]
    row = table.devices(Filter())[0][0]
    assert (row.name, row.status, row.rtt_ms, row.alerts) == ("renamed", "up", 2.0, 1)
    assert table.alerts(Filter())[0][0].device == "renamed"


async def test_a_console_sees_its_own_units_only_and_starts_again_when_that_changes() -> None:
    table, _, streams = city(0)
    owners = {"1": "health", "2": "health", "3": "water"}
    table.load_devices([device(int(n), unit=unit) for n, unit in owners.items()], [], {})
    sight = Sight(frozenset({"health"}))

    def look() -> Sight:
        if sight == Sight(frozenset(), None):
            raise ForbiddenError("No.")
        return sight

    for view, rows in (("devices", 2), ("overview", 1)):
        screen = Screen()
        events = await streams.follow(ViewQuery(view=view), "", look)  # type: ignore[arg-type]
        await step(events, screen)
        assert len(screen.rows) == rows
        assert view != "overview" or screen.rows[""]["devices"] == 2
        await events.aclose()  # type: ignore[attr-defined]
    events, screen = await streams.follow(ViewQuery(view="devices"), "", look), Screen()
    await step(events, screen)
    table.apply_live([LiveDevice(id=n, status="up", since=1, polled_at=1) for n in owners])
    table.put_alerts([Alert(id="a", rule="r", device_id="3", severity="major", raised_at=1)])
    assert table.alerts(Filter(), sight) == ([], 0)
    await streams.tick(table.take_changes())
    await step(events, screen)
    assert set(screen.rows) == {"1", "2"}
    sight = Sight(frozenset({"water"}), None)
    table.apply_live([LiveDevice(id="1", status="down", since=2, polled_at=2)])
    await streams.tick(table.take_changes())
    await step(events, screen)
    assert set(screen.rows) == {"3"}
    sight = Sight(frozenset(), None)
    streams.reconsider()
    await step(events, screen)
    assert screen.error is not None
    assert screen.error.code == "forbidden"
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    assert streams.consoles == 0


async def test_a_console_goes_on_after_a_restart_that_changed_nothing_for_it() -> None:
    query = ViewQuery(view="devices")
    _, _, first = city()
    events, screen = await first.follow(query), Screen()
    await step(events, screen)
    await events.aclose()  # type: ignore[attr-defined]
    _, _, second = city()
    events = await second.follow(query, screen.token)
    again = await asyncio.wait_for(anext(events), 5)
    await events.aclose()  # type: ignore[attr-defined]
    assert b"event:delta" in again
    assert b'"rows"' not in again
    _, _, third = city(9)
    events = await third.follow(query, screen.token)
    assert b"event:snapshot" in await asyncio.wait_for(anext(events), 5)
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_hub_that_stops_sends_everybody_away() -> None:
    _, _, streams = city()
    events, screen = await streams.follow(ViewQuery(view="devices")), Screen()
    await step(events, screen)
    streams.farewell()
    await step(events, screen)
    assert screen.error is not None
    assert screen.error.code == "unavailable"
    late = await streams.follow(ViewQuery(view="alerts"))
    assert b"event:end" in await asyncio.wait_for(anext(late), 5)
