"""Pictures of the console for the documentation: real screens of a real hub, as SVG."""

import asyncio
import re
from pathlib import Path

from client.api import connect
from core.paths import data_dir
from core.settings import Settings
from core.views import ViewQuery
from tui.console import YunwangApp


def save(folder: Path, settings: Settings, size: tuple[int, int] = (120, 36), settle_s: float = 1.5) -> list[Path]:
    """Writes overview, devices, device, chart and alerts of the hub that runs with these settings; returns the files.

    settle_s: seconds that each screen gets to fill.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_save(folder, settings, size, settle_s))


def self_contained(svg: str) -> str:
    """The picture without the fonts that Textual would load from elsewhere."""
    return re.sub(r"@font-face \{[^}]*\}", "", svg).replace("Fira Code", "DejaVu Sans Mono, Noto Sans Mono CJK SC")


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
        await app.run_action("show('alerts')")
        await shoot("alerts")
    return files
