"""From the last answer of a device to the message about it: a whole node on a city of the lab, polled every 30 s, mail to a real server.

A device on which others hang loses its power. Told are the seconds from its last answer to the mail, and how many messages there were
about how many silent devices. At most 120 s is asked.
"""

import asyncio
import email
import shutil
import tempfile
import time
from collections.abc import Callable
from email.policy import default
from pathlib import Path
from typing import Any

import lab.run
from agents import launch
from client import Client, connect
from core import i18n
from core.notices import NewChannel, NewContact, Way
from core.sections import General
from core.settings import Settings
from core.views import ViewQuery
from lab.workbook import living

NAME = "first-message"
INTERVAL_S = 30
PATIENCE_S = 900.0


def run(quick: bool) -> list[tuple[str, str]]:
    """One device with others behind it dies."""
    i18n.use("en")
    devices = 60 if quick else 3000
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en"))
    try:
        with lab.run.start(devices, events=False) as city:
            launch.start(settings, kinds=("hub", "workers", "senses"), die_with_us=True)
            try:
                return asyncio.run(_measure(settings, city))
            finally:
                launch.stop(settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(settings: Settings, city: Any) -> list[tuple[str, str]]:
    mails: list[tuple[float, str, str]] = []
    server = await asyncio.start_server(lambda r, w: _talk(r, w, mails), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, connect(settings) as hub:
        await hub.import_file("city.xlsx", living(city.city, city.port, INTERVAL_S, f"file:{city.credential_file}"))
        await hub.notify.add_channel(NewChannel(
            name="post", kind="mail", url=f"smtp://127.0.0.1:{port}", options={"sender": "yunwang@city.example"}))
        await hub.notify.put_contact(NewContact(name="duty", ways=(Way(channel="post", to="duty@city.example"),), language="en"))
        victim, behind = _victim(city.city)
        await _until(hub, lambda rows: sum(row.status == "up" for row in rows.values()) >= 0.97 * len(rows))
        known = await _links_known(hub, city.city, victim)
        await asyncio.sleep(INTERVAL_S)
        mails.clear()
        answered = (await _rows(hub))[victim].polled_at / 1000
        await asyncio.to_thread(city.control, "kill", victim)
        found = await _mail_about(mails, victim)
        await asyncio.sleep(INTERVAL_S)
        alerts = (await hub.alerts(ViewQuery(view="alerts", limit=5000))).rows
        roots = [one for one in alerts if not one.cleared_at and not one.suppressed_by]
    return [
        (f"last answer to mail, polled every {INTERVAL_S} s", f"{found[0] - answered:.0f} s (at most 120)"),
        ("subject", found[1]),
        (f"behind it by the wires: {behind} devices; open alerts, roots", f"{sum(not one.cleared_at for one in alerts)}, {len(roots)}"),
        ("roots", ", ".join(f"{one.device} {one.rule} {one.instance}".strip() for one in roots[:6])),
        ("links of it that were known by then", known),
        ("mails", str(len(mails))),
    ]


def _victim(city: Any) -> tuple[str, int]:
    """The device outside the core behind which most others lie, and how many."""
    ends: dict[int, set[int]] = {}
    for wire in city.wires:
        ends.setdefault(wire.a, set()).add(wire.b)
        ends.setdefault(wire.b, set()).add(wire.a)
    core = {box.number for box in city.boxes if box.slot.role in ("P", "core")}

    def lost(gone: int) -> int:
        seen, front = set(core), list(core)
        while front:
            fresh = ends.get(front.pop(), set()) - seen - {gone}
            seen |= fresh
            front += fresh
        return len(city.boxes) - len(seen) - 1

    best = max((box for box in city.boxes if box.number not in core), key=lambda box: lost(box.number))
    return best.name, lost(best.number)


async def _rows(hub: Client) -> dict[str, Any]:
    return {row.name: row for row in (await hub.devices(ViewQuery(view="devices", limit=50_000))).rows}


async def _until(hub: Client, condition: Callable[[dict[str, Any]], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition(await _rows(hub)):
        assert time.monotonic() < deadline, "the city was not polled"
        await asyncio.sleep(0.5)


async def _links_known(hub: Client, city: Any, victim: str) -> str:
    """Waits until it and its neighbours were discovered: of a link that nobody knows, the far end is a root of its own."""
    number = city.box(victim).number
    wires = [wire for wire in city.wires if number in (wire.a, wire.b)]
    ids = {row.name: row.id for row in (await _rows(hub)).values()}
    ends = [ids[city.boxes[one].name] for one in {number, *(wire.a for wire in wires), *(wire.b for wire in wires)}]
    deadline = time.monotonic() + PATIENCE_S
    known = 0
    while known < len(ends) and time.monotonic() < deadline:
        known = sum([bool(await hub.links(one)) for one in ends])
        await asyncio.sleep(1)
    return f"{known} of {len(ends)} devices"


async def _mail_about(mails: list[tuple[float, str, str]], name: str) -> tuple[float, str, str]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        for one in mails:
            if name in one[1] or name in one[2]:
                return one
        assert time.monotonic() < deadline, "no mail came"
        await asyncio.sleep(0.1)


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mails: list[tuple[float, str, str]]) -> None:
    """SMTP, as much as is needed."""
    writer.write(b"220 sink\r\n")
    while line := (await reader.readline()).decode("ascii", "replace").strip():
        if line.upper() == "DATA":
            writer.write(b"354 go\r\n")
            raw = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
            found: Any = email.message_from_bytes(raw, policy=default)
            mails.append((time.time(), str(found["Subject"]), found.get_content()))
        writer.write(b"221 bye\r\n" if line.upper() == "QUIT" else b"250 ok\r\n")
        if line.upper() == "QUIT":
            break
    writer.close()


if __name__ == "__main__":
    for told in run(quick=True):
        print(*told, sep=": ")
