"""`yunwang audit ...` against a running hub, as the auditor of a trial types it."""

import asyncio
import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agents import launch
from agents.places import owner, settled
from cli.main import main
from client import connect
from core.audit import AuditQuery
from core.errors import YunwangError
from core.sections import Audit, General
from core.settings import Settings
from stores.records.sqlite import GUARDS

SITES = "name,level,county,address\n\'=1+1,city,,第一\n莲都,county,莲都,莲都政务中心\n".encode()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def node(folder: Path) -> Iterator[Settings]:
    """A running hub with some rows; it was started twice, so that it has sealed."""
    general = General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")
    settings = settled(Settings(general=general, audit=Audit(tip_file=str(folder / "tips"), hash="sm3")))
    for _ in range(2):
        with suppress(YunwangError):
            launch.stop(settings)
        launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
    asyncio.run(_fill(settings))
    yield settings
    with suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)


async def _fill(settings: Settings) -> None:
    async with connect(settings) as hub:
        hub.identify("", "system-administrator")
        assert (await hub.import_file("sites.csv", SITES)).problems == ()


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(node: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as the auditor; exit code, output, messages."""
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", node.general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", node.general.run_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_LANGUAGE", "en")

    def command(*words: str, role: str = "auditor") -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*words, "--as", role])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_what_was_done_is_found_and_who_did_it(run: Run) -> None:
    code, out, _ = run("audit", "search", "--action", "inventory.import", "--json")
    found = json.loads(out)["items"]
    assert code == 0
    assert {row["after"]["name"] for row in found} == {"=1+1", "莲都"}
    assert all("trial" in row["actor"] and row["origin"].startswith("unix:") and row["request"] for row in found)
    assert json.loads(run("audit", "search", "--word", "政务", "--json")[1])["items"][0]["after"]["name"] == "莲都"
    assert json.loads(run("audit", "search", "--since", "1h", "--limit", "1", "--json")[1])["more"]
    assert json.loads(run("audit", "search", "--until", "2020-01-01", "--json")[1])["items"] == []
    shown = run("audit", "search", "--limit", "0")[1]
    assert "audit.seal" in shown
    assert "莲都" in shown
    details = run("audit", "search", "--object", f"site:{found[0]['object_id']}", "--details")[1]
    assert "UTC" in details
    assert "+0000" in details


def test_refusals_are_in_the_trail(run: Run) -> None:
    code, _, told = run("audit", "search", role="system-administrator")
    assert code == 7
    assert "auditor" in told
    found = json.loads(run("audit", "search", "--refused", "--json")[1])["items"]
    assert found[0]["after"]["action"] == "audit.search"


@pytest.mark.parametrize("words", [("--object", "device"), ("--since", "yesterday"), ("--since", "99999999999d"), ("--limit", "x")])
def test_words_that_make_no_sense(run: Run, words: tuple[str, str]) -> None:
    code, _, told = run("audit", "search", *words)
    assert code == 2
    assert told.count("\n") == 1


def test_the_trail_is_proved_against_the_tips(run: Run, folder: Path) -> None:
    code, out, _ = run("audit", "verify", "--tip", str(folder / "tips"), "--json")
    found = json.loads(out)
    assert (code, found["good"], found["bad_seq"]) == (0, True, 0)
    assert found["tips"] == found["seals"] == 1
    assert found["tip"].startswith("sm3:")
    (folder / "later").write_text(f'{{"seq": 999999, "digest": "sm3:{"a" * 64}"}}\n')
    code, out, _ = run("audit", "verify", "--tip", str(folder / "later"))
    assert code == 9
    assert "cut off" in out
    (folder / "nothing").write_text("nothing\n")
    assert run("audit", "verify", "--tip", str(folder / "nothing"))[0] == 5


def test_a_copy_is_proved_without_a_hub_and_tampering_named(run: Run, folder: Path, tmp_path: Path) -> None:
    data = folder / "data"
    for file in data.glob("records.db*"):
        shutil.copy(file, tmp_path)
    assert run("audit", "verify", "--file", str(tmp_path / "records.db"))[0] == 0
    db = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    for guard in GUARDS:
        db.execute(f"DROP TRIGGER {guard}")
    db.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    db.close()
    code, out, _ = run("audit", "verify", "--file", str(tmp_path / "records.db"))
    assert code == 9
    assert "2" in out
    assert "NOT" in out
    assert run("audit", "verify", "--file", str(tmp_path / "nowhere.db"))[0] == 5


def test_the_export_is_whole_safe_and_journaled(run: Run, tmp_path: Path) -> None:
    code, _, told = run("audit", "export", str(tmp_path / "a.csv"))
    assert code == 0, told
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["seq"]) for row in rows] == list(range(1, len(rows) + 1))
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row.values() if cell)
    assert (tmp_path / "a.csv").stat().st_mode & 0o077 == 0
    assert run("audit", "export", str(tmp_path / "a.csv"))[0] == 8
    assert run("audit", "export", str(tmp_path / "a.jsonl"), "--action", "inventory")[0] == 0
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert {line["action"] for line in lines} >= {"inventory.import"}
    note = json.loads(run("audit", "search", "--action", "audit.export", "--json")[1])["items"][0]
    assert (note["after"]["format"], note["after"]["filter"]) == ("jsonl", {"action": "inventory"})
    assert run("audit", "export", str(tmp_path / "none" / "a.csv"))[0] == 9
    assert run("audit", "export", "-", "--action", "audit.seal")[1].startswith("\ufeffseq,")


def test_young_rows_stay_and_the_status_tells_how_it_is(run: Run) -> None:
    code, out, _ = run("audit", "archive", "--json")
    assert (code, json.loads(out)["rows"]) == (0, 0)
    found = json.loads(run("audit", "status", "--json")[1])
    assert found["hash"] == "sm3"
    assert found["oldest_seq"] == 1
    assert found["sealed_seq"] > 0
    assert (found["trouble"], found["unsent"], found["archives"]) == ("", 0, [])
    assert "last seal" in run("audit", "status")[1]


async def test_no_route_changes_the_trail(node: Settings) -> None:
    """Whoever asks: nothing but reading is there, and the auditor's routes are closed to others."""
    async with connect(node) as hub:
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            for path in ("/api/v1/audit", "/api/v1/audit/1", "/api/v1/journal", "/api/v1/records/journal/1"):
                answer: Any = None
                with suppress(YunwangError):
                    answer = await hub._wire.tell(method, path)
                assert answer is None, f"{method} {path}"
        hub.identify("", "system-administrator")
        with pytest.raises(YunwangError):
            await hub.audit.search(AuditQuery())
        with pytest.raises(YunwangError):
            await hub.audit.export()
        with pytest.raises(YunwangError):
            await hub.audit.archive()
        hub.identify("", "auditor")
        steps = [step async for step in hub.audit.verify()]
        assert steps[-1].verdict is not None
        assert steps[-1].verdict.good


async def test_an_export_that_nobody_waits_for_ends(node: Settings) -> None:
    """A reader that goes away leaves no thread behind that waits for it: the next one is served."""
    async with connect(node) as hub:
        hub.identify("", "auditor")
        for _ in range(12):
            async for _piece in hub.audit.pieces():
                break
        assert (await hub.audit.search(AuditQuery(limit=1))).items
