"""A whole hub on PostgreSQL: imports, reads, kills, the trail."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from agents import launch
from agents.places import owner, settled
from agents.supervisor import read_status
from client import connect
from core.errors import NoAnswerError, ProtocolError, UnavailableError, YunwangError
from core.sections import General, Records
from core.settings import Settings

pytestmark = pytest.mark.real


@pytest.fixture
def node(database: Callable[..., str]) -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")
    settings = settled(Settings(general=general, records=Records(url=database(fresh=True))))
    launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
    yield settings
    with suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def hub_pid(settings: Settings) -> int:
    return next((row.pid for row in read_status(Path(settings.general.run_dir)) if row.kind == "hub"), 0)


async def test_a_hub_on_postgresql_lives_through_kills_and_lost_sessions(node: Settings) -> None:
    async with connect(node) as hub:
        hub.identify("", "system-administrator")
        assert (await hub.import_file("sites.csv", b"name,level\nA,city\n", key="a")).added == {"site": 1}
    os.kill(hub_pid(node), signal.SIGKILL)
    for name in ("B", "C"):
        await until_imported(node, name)
        with psycopg.connect(node.records.url, autocommit=True) as session:
            session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yunwang'")
    await until_imported(node, "D")
    async with connect(node) as hub:
        assert [item["name"] for item in (await hub.page("site")).items] == ["A", "B", "C", "D"]
        hub.identify("", "auditor")
        steps = [step async for step in hub.audit.verify()]
        assert steps[-1].verdict
        assert steps[-1].verdict.good
        assert (await hub.audit.status()).newest_seq >= 4
    assert not (Path(node.general.data_dir) / "records.db").exists()


async def until_imported(settings: Settings, name: str) -> None:
    """A client that repeats with the same key what was broken off: it happens once."""
    async with asyncio.timeout(60):
        while True:
            with suppress(UnavailableError, NoAnswerError, ProtocolError, OSError):
                async with connect(settings) as hub:
                    hub.identify("", "system-administrator")
                    report = await hub.import_file("sites.csv", f"name,level\n{name},city\n".encode(), key=name)
                    assert report.added == {"site": 1}
                    return
            await asyncio.sleep(0.1)
