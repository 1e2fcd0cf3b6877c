"""Pictures of the console for the documentation: real screens of a real hub, as SVG."""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Iterator
from itertools import groupby
from pathlib import Path

from client.api import connect
from core.paths import data_dir
from core.questions import Thing
from core.settings import Settings
from core.views import ViewQuery
from core.width import width
from tui.console import YunwangApp
from tui.screens.alerts import AlertsScreen
from tui.search import Search

_CELL = 12.2
"""Width of one terminal cell in Rich's pictures."""
_TEXT = re.compile(r'(<text [^>]*x=")([\d.]+)("[^>]*textLength=")([\d.]+)("[^>]*>)([^<]*)</text>')


def save(folder: Path, settings: Settings, size: tuple[int, int] = (120, 36), settle_s: float = 1.5) -> list[Path]:
    """Writes every screen of the hub that runs with these settings; returns the files.

    settle_s: seconds that each screen gets to fill. In a trial the audit trail is seen by the auditor.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_save(folder, settings, size, settle_s))


def self_contained(svg: str) -> str:
    """The picture without the fonts that Textual would load from elsewhere, and with Chinese as wide as a terminal draws it."""
    svg = re.sub(r"@font-face \{[^}]*\}", "", svg).replace("Fira Code", "DejaVu Sans Mono, Noto Sans Mono CJK SC")
    return _TEXT.sub(_as_wide_as_drawn, svg)


def _as_wide_as_drawn(found: re.Match[str]) -> str:
    """Rich gives each character the width of one cell; here each run of equally wide ones gets its own place and length."""
    return "".join(f'{found[1]}{x:g}{found[3]}{length:g}{found[5]}{run}</text>' for x, length, run in _runs(float(found[2]), found[6]))


def _runs(x: float, text: str) -> Iterator[tuple[float, float, str]]:
    for cells, run in groupby(html.unescape(text), width):
        part = "".join(run)
        length = cells * len(part) * _CELL
        blank = cells * (len(part) - len(part.lstrip("\xa0 "))) * _CELL  # some viewers drop blanks at the beginning
        if part.strip("\xa0 "):
            yield x + blank, length - blank, html.escape(part.lstrip("\xa0 ")).replace("\xa0", "&#160;")
        x += length


async def _save(folder: Path, settings: Settings, size: tuple[int, int], settle_s: float) -> list[Path]:
    app = YunwangApp(connect(settings), data_dir(settings) / "reports")
    files: list[Path] = []

    async def shoot(name: str) -> None:
        await asyncio.sleep(settle_s)
        file = folder / f"{name}.svg"
        file.write_text(self_contained(app.export_screenshot(title="Yunwang")), "utf-8")
        files.append(file)

    async with app.run_test(size=size):
        await shoot("overview")
        await app.run_action("show('devices')")
        await shoot("devices")
        if first := (await app.hub.devices(ViewQuery(view="devices", sort="-in_bps", limit=1))).rows:
            app.open_device(first[0].id)
            await shoot("device")
            await app.run_action("show_tab('measured')", app.screen)
            await shoot("health")
            await app.run_action("show_tab('charts')", app.screen)
            await shoot("chart")
        await _existing(app, shoot)
        await _alerting(app, shoot)
        await _saying(app, shoot)
        for name in ("messages", "jobs", "approvals", "windows", "identity"):
            await app.run_action(f"show('{name}')")
            await shoot(name)
        for name in ("capacity", "availability"):
            await app.run_action(name)
            await asyncio.sleep(2 * settle_s)  # the hub works it out
            await shoot(name)
        if app.who.identity is not None and app.who.identity.trial:
            await app.who.take("auditor")
        await app.run_action("show('audit')")
        await shoot("audit")
    return files


async def _alerting(app: YunwangApp, shoot: Callable[[str], Awaitable[None]]) -> None:
    """Roots, those that stand for most first; what follows from the first of them."""
    await app.run_action("show('alerts')")
    screen = app.screen
    if isinstance(screen, AlertsScreen) and screen.listing is not None:
        screen.listing.sort("suppressed")
    await shoot("alerts")
    await app.run_action("consequences", app.screen)
    await shoot("consequences")
    if rows := (await app.hub.alerts(ViewQuery(view="alerts", sort="-suppressed", limit=1))).rows:
        app.open_alert(rows[0].id, rows[0])
        await shoot("alert")


async def _saying(app: YunwangApp, shoot: Callable[[str], Awaitable[None]]) -> None:
    """What all devices say; what the one that spoke last said."""
    await app.run_action("show('events')")
    await shoot("events")
    spoke = (await app.hub.view(ViewQuery(view="events", sort="-at_ms", limit=50))).rows
    if ids := [str(row["device_id"]) for row in spoke if row["device_id"]]:
        app.open_device(ids[0])
        await asyncio.sleep(1.0)
        await app.run_action("show_tab('events')", app.screen)
        await shoot("said")


async def _existing(app: YunwangApp, shoot: Callable[[str], Awaitable[None]]) -> None:
    """What exists: the systems, the most protected of them from all sides."""
    app.show_objects("system")
    await shoot("objects")
    page = await app.hub.view(ViewQuery(view="objects", where={"object_kind": "system"}, sort="-protection_level", limit=1))
    if page.rows:
        thing = Thing(id=str(page.rows[0]["id"]), kind="system", name=str(page.rows[0]["name"]))
        app.open_object(thing.kind, thing.id, thing.name)
        await shoot("object")
        app.open_xray(thing)
        await shoot("xray")
        app.open_impact([thing])
        await shoot("impact")
    app.push_screen(Search("局"))
    await shoot("search")
    await app.pop_screen()
    app.show_queue()
    await shoot("queue")
