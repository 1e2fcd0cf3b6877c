"""Pictures of the console for the documentation: real screens of a real hub, as SVG."""

import asyncio
import html
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from client.api import connect
from core.paths import data_dir
from core.settings import Settings
from core.views import ViewQuery
from core.width import width
from tui.console import YunwangApp

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
        if part.strip("\xa0 "):
            yield x, length, html.escape(part).replace("\xa0", "&#160;")
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
            await app.run_action("show_tab('charts')", app.screen)
            await shoot("chart")
        for name in ("alerts", "jobs", "approvals", "windows", "identity"):
            await app.run_action(f"show('{name}')")
            await shoot(name)
        if app.who.identity is not None and app.who.identity.trial:
            await app.who.take("auditor")
        await app.run_action("show('audit')")
        await shoot("audit")
    return files
