"""One record after the other on the command line, against a hub that really runs: edit, add, remove, revert, diff, and what was."""

import io
import json
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from agents import launch
from cli.main import main
from core import cloud, i18n
from core.identity import Actor
from core.settings import load
from stores.records import open_records

Run = Callable[..., subprocess.CompletedProcess[str]]
SHEETS = {
    "units": [["name", "level", "parent"], ["Bureau", "city", ""], ["District", "county", "Bureau"]],
    "sites": [["name", "level", "county"], ["Hall", "city", ""]],
    "VPN instances": [["name", "rd"], ["gov", "65000:1"]],
    "devices": [
        ["name", "address", "site", "role", "unit"], ["PE-1", "10.0.0.1", "Hall", "PE", "Bureau"], ["PE-2", "10.0.0.2", "Hall", "PE", ""],
    ],
    "access points": [["name", "unit", "device", "port", "vpn"], ["A-1", "District", "PE-1", "GE1", "gov"]],
    "prefixes": [["prefix", "vpn", "unit"], ["10.9.0.0/24", "gov", "District"]],
    "VLANs": [["domain", "vid"], ["PE-1", 100]],
    "systems": [["name", "unit", "protection level"], ["Portal", "Bureau", 3]],
}

TOLD = (
    cloud.CloudPlatform(id="1" * 32, name="Cloud"),
    cloud.Project(id="2" * 32, key="prj-1", name="alpha", platform="Cloud"),
    cloud.Project(id="3" * 32, key="prj-2", name="beta", platform="Cloud"),
    cloud.Project(id="4" * 32, key="prj-3", name="beta", platform="Cloud"),
    cloud.VM(id="5" * 32, key="vm-key-1", name="web-1", project="prj-1"),
    cloud.VM(id="6" * 32, key="vm-key-2", name="web-2", project="prj-1"),
)
"""What a cloud told before."""


def book(**changes: list[list[object]]) -> bytes:
    found = openpyxl.Workbook()
    found.remove(found.worksheets[0])
    for name, rows in {**SHEETS, **changes}.items():
        sheet = found.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("edits")
    settings = load(None, {"YUNWANG_CONFIG": "/dev/null", "YUNWANG_GENERAL_DATA_DIR": str(path / "data"),
                           "YUNWANG_GENERAL_RUN_DIR": str(path / "run")})
    before = i18n.language()
    (path / "data").mkdir()
    store = open_records(path / "data" / "records.db")
    with store.write(Actor(name="cloud"), 1) as write:
        for noun in TOLD:
            write.put("inventory.sync", noun)
    store.close()
    launch.start(settings, die_with_us=True, kinds=("hub", "workers"))
    try:
        (path / "city.xlsx").write_bytes(book())
        done = run_on(path, "inventory", "import", str(path / "city.xlsx"))
        assert done.returncode == 0, done.stdout + done.stderr
        yield path
    finally:
        launch.stop(settings)
        i18n.use(before)


def run_on(folder: Path, *words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    """The command line in this process: another one for each of a hundred commands would take a minute."""
    own = {"YUNWANG_CONFIG": "/dev/null", "YUNWANG_GENERAL_DATA_DIR": str(folder / "data"), "YUNWANG_GENERAL_RUN_DIR": str(folder / "run"),
           "LC_ALL": "en_US.UTF-8", **env}
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        for name, stream in (("stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8")), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        code = main(words)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    assert "Traceback" not in texts[1]
    return subprocess.CompletedProcess(words, code, *texts)


@pytest.fixture
def yunwang(folder: Path) -> Run:
    return lambda *words, stdin=b"", **env: run_on(folder, "inventory", *words, stdin=stdin, **env)


def now() -> str:
    """A moment between what was done before and what is done after, as people type it."""
    time.sleep(0.002)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime()) + f".{time.time_ns() // 1_000_000 % 1000:03d}"


def test_an_edit_is_shown_checked_and_can_be_taken_back(yunwang: Run) -> None:
    at = now()
    dry = yunwang("edit", "device", "PE-1", "note=moved", "角色=核心", "--dry-run")
    assert dry.stdout.splitlines() == ["~ device PE-1", "    role: PE → core", "    note: - → moved"]
    assert (dry.returncode, dry.stderr) == (0, "Nothing was changed: this was only a check.\n")
    assert json.loads(yunwang("show", "device", "PE-1", "--json").stdout)["role"] == "PE"
    done = json.loads(yunwang("edit", "device", "PE-1", "note=moved", "角色=核心", "--yes", "--json").stdout)
    assert (done["role"], done["note"], done["address"]) == ("core", "moved", "10.0.0.1")
    assert yunwang("edit", "device", "PE-1", "note=moved", "--yes").stderr == "Nothing to change.\n"
    then = json.loads(yunwang("show", "device", "PE-1", "--at", at, "--json").stdout)["record"]
    assert (then["role"], then["note"]) == ("PE", "")
    back = yunwang("revert", "device", "PE-1", "--at", at, "--yes")
    assert back.returncode == 0, back.stderr
    assert json.loads(yunwang("show", "device", "PE-1", "--json").stdout)["role"] == "PE"
    changes = json.loads(yunwang("diff", "--since", at, "--json").stdout)
    assert changes["total"] == 0, "there and back again is no change"


@pytest.mark.parametrize(("words", "said"), [
    (("edit", "device", "PE-1", "address=10.0.0.999"), "address: 10.0.0.999 is not an IPv4 or IPv6 address."),
    (("edit", "device", "PE-1", "colour=red"), "has no field colour"),
    (("edit", "device", "PE-1", "name=PE-9"), "name is what it is known by"),
    (("edit", "device", "PE-1", "address=10.0.0.2"), "belongs to PE-2 of the inventory already"),
    (("edit", "device", "PE-1", "site=Attic"), "There is no site Attic"),
    (("edit", "device", "PE-1", "site="), "must be filled in"),
    (("edit", "device", "PE-1", "note"), "not of the form FIELD=VALUE"),
    (("edit", "device", "PE-1", "note=a", "note=b"), "given twice"),
    (("edit", "vm", "x", "name=y"), "not declared by people"),
    (("edit", "project", "x", "unit=Bureau"), "There is no project named x"),
    (("add", "project", "x", "unit=Bureau"), "Only its platform adds"),
    (("add", "device", "PE-1", "address=10.0.0.7", "site=Hall", "role=PE"), "There is a device named PE-1 already"),
    (("add", "device", "PE-7", "address=10.0.0.7"), "These must be given: site, role."),
    (("add", "prefix", "gov|10.9.0.1/24"), "the prefix is 10.9.0.0/24"),
    (("add", "vlan", "PE-1/4095"), "out of range: 1 to 4094"),
    (("remove", "site", "Attic"), "There is no site named Attic"),
    (("remove", "vm", "Attic"), "There is no vm named Attic"),
    (("revert", "site", "Hall", "--at", "yesterday"), "is no moment"),
    (("diff",), "What shall be compared?"),
    (("diff", "x.csv", "--since", "1d"), "compared with the records as they are now"),
])
def test_what_cannot_be_is_one_sentence(yunwang: Run, words: tuple[str, ...], said: str) -> None:
    done = yunwang(*words, *(["--yes"] if words[0] != "diff" else []))
    assert done.returncode not in (0, 70)
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_terminal_nobody_is_asked(yunwang: Run) -> None:
    done = yunwang("edit", "device", "PE-1", "note=x")
    assert "There is no terminal to ask. Use --yes." in done.stderr
    assert json.loads(yunwang("show", "device", "PE-1", "--json").stdout)["note"] == ""


def test_the_editor_shows_the_record_and_takes_what_is_left(yunwang: Run, tmp_path: Path) -> None:
    seen, editor = tmp_path / "seen.yaml", tmp_path / "editor.sh"
    editor.write_text(f'#!/bin/sh\ncp "$1" {seen}\nsed -i "s/^note:.*/note: from the editor/; s/^polled: true/polled: false/" "$1"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    done = yunwang("edit", "device", "PE-2", "--yes", EDITOR=str(editor), VISUAL="")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["~ device PE-2", "    polled: yes → no", "    note: - → from the editor"]
    text = seen.read_text("utf-8")
    assert "# role; P, PE, CE, core (核心)" in text
    assert "address: 10.0.0.2" in text
    assert "\nname:" not in text
    broken = yunwang("edit", "device", "PE-2", "--yes", EDITOR="false", VISUAL="")
    assert "nothing was changed" in broken.stderr
    missing = yunwang("edit", "device", "PE-2", "--yes", EDITOR="no-such-editor-at-all", VISUAL="")
    assert "cannot be started" in missing.stderr


@pytest.mark.parametrize("text", [
    "&a [*a]", "a: &a [x, x]\nnote: [*a, *a]", "- 1", "note: {a: b}", "note: [[1]]", "note: 'x", "!!python/object:os.system {}", "1: 2",
    "[" * 5000,
])
def test_yaml_from_anywhere_is_a_record_or_a_sentence(yunwang: Run, text: str) -> None:
    done = yunwang("edit", "device", "PE-2", "--stdin", "--yes", stdin=text.encode())
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_is_referred_to_stays(yunwang: Run) -> None:
    done = yunwang("remove", "device", "PE-1", "--yes")
    assert done.returncode != 0
    assert "Others refer to PE-1: access point A-1." in done.stderr
    unit = yunwang("remove", "unit", "District", "--yes").stderr
    assert "access point A-1" in unit
    assert "prefix gov|10.9.0.0/24" in unit
    assert yunwang("show", "device", "PE-1").returncode == 0


def test_added_removed_and_brought_back(yunwang: Run) -> None:
    added = yunwang("add", "system", "Mail", "责任单位=Bureau", "等保级别=三级", "depends_on=Portal", "--yes")
    assert added.returncode == 0, added.stderr
    assert "There is a system" not in added.stderr
    shown = yunwang("show", "system", "Mail").stdout
    assert "depends on" in shown
    assert "needs" in shown, "what it hangs together with"
    at = now()
    assert yunwang("remove", "system", "Mail", "--dry-run").returncode == 0
    assert yunwang("show", "system", "Mail").returncode == 0
    gone = yunwang("remove", "system", "Mail", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert yunwang("show", "system", "Mail").returncode == 6
    since = yunwang("diff", "--since", at, "--kind", "system")
    assert since.stdout.splitlines()[0] == "- business system Mail"
    assert since.stdout.splitlines()[-1].endswith("0 added, 0 changed, 1 removed.")
    assert json.loads(yunwang("show", "system", "Mail", "--at", at, "--json").stdout)["record"]["depends_on"] == ["Portal"]
    assert yunwang("revert", "system", "Mail", "--at", at, "--yes").returncode == 0
    assert json.loads(yunwang("show", "system", "Mail", "--json").stdout)["unit"] == "Bureau"


def test_names_that_follow_from_fields(yunwang: Run) -> None:
    done = yunwang("add", "prefix", "gov|10.10.0.0/16", "用途=new", "--yes")
    assert done.returncode == 0, done.stderr
    found = json.loads(yunwang("show", "prefix", "gov|10.10.0.0/16", "--json").stdout)
    assert (found["prefix"], found["vpn"], found["purpose"]) == ("10.10.0.0/16", "gov", "new")
    assert yunwang("add", "vlan", "PE-1/200", "--yes").returncode == 0
    assert yunwang("edit", "vlan", "PE-1/200", "purpose=voice", "--yes").returncode == 0
    moved = yunwang("edit", "vlan", "PE-1/200", "vid=201", "--yes")
    assert "The name follows from the other fields: PE-1/201." in moved.stderr
    assert yunwang("remove", "vlan", "PE-1/200", "--yes").returncode == 0


def test_a_file_against_the_records(yunwang: Run, folder: Path) -> None:
    rows: list[list[object]] = [["name", "level", "county"], ["Hall", "county", "Liandu"], ["Attic", "city", ""]]
    (folder / "new.xlsx").write_bytes(book(sites=rows))
    done = yunwang("diff", str(folder / "new.xlsx"))
    assert done.stdout.splitlines()[:3] == ["~ site Hall", "    level: city → county", "    county: - → Liandu"]
    assert "+ site Attic" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 added, 1 changed, 0 removed."
    assert yunwang("show", "site", "Attic").returncode == 6
    (folder / "sites.csv").write_text("name,level\nX,high\n", "utf-8")
    bad = yunwang("diff", str(folder / "sites.csv"))
    assert bad.returncode == 5
    assert "high is not one of" in bad.stdout


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json", "sqlite"])
def test_what_sources_tell_is_exported_too(yunwang: Run, folder: Path, format_: str) -> None:
    assert yunwang("export", "vm", "--format", format_, "-o", str(folder / f"vm.{format_}")).returncode == 0
    if format_ in ("csv", "xlsx"):
        refused = yunwang("import", str(folder / f"vm.{format_}"))
        assert refused.returncode == 5
        assert "they are exported, never imported" in refused.stdout


def test_a_workbook_of_everything_comes_back_unchanged(yunwang: Run, folder: Path) -> None:
    assert yunwang("export", "-o", str(folder / "all.xlsx")).returncode == 0
    report = json.loads(yunwang("import", str(folder / "all.xlsx"), "--json").stdout)
    assert (report["problems"], report["added"], report["changed"]) == ([], {}, {})
    assert set(report["unchanged"]) >= {"unit", "device", "prefix", "vlan", "access_point"}


def test_people_say_whose_a_project_is_and_the_cloud_says_the_rest(yunwang: Run, folder: Path) -> None:
    assert yunwang("edit", "project", "alpha", "unit=Bureau", "业务系统=Portal", "--yes").returncode == 0
    assert yunwang("edit", "project", "prj-2", "unit=District", "--yes").returncode == 0
    assert "Several objects are called beta" in yunwang("edit", "project", "beta", "unit=District", "--yes").stderr
    assert "Only a source knows this" in yunwang("edit", "project", "alpha", "enabled=no", "--yes").stderr
    assert "what the platform says" in yunwang("edit", "project", "alpha", "key=prj-9", "--yes").stderr
    assert "Only its platform removes" in yunwang("remove", "project", "alpha", "--yes").stderr
    (folder / "projects.csv").write_text("标识,所属单位\nprj-3,Bureau\nprj-1,\n", "utf-8")
    report = json.loads(yunwang("import", str(folder / "projects.csv"), "--json").stdout)
    assert (report["problems"], report["added"], report["changed"]) == ([], {}, {"project": 2})
    found = json.loads(yunwang("list", "project", "--json").stdout)["items"]
    assert {one["key"]: (one["unit"], one["system"]) for one in found} == {
        "prj-1": ("", "Portal"), "prj-2": ("District", ""), "prj-3": ("Bureau", ""),
    }
    assert "project beta" in yunwang("remove", "unit", "District", "--yes").stderr


def test_machines_by_name_address_or_key(yunwang: Run) -> None:
    done = yunwang("add", "component", "Portal/web", "system=Portal", "runs_on=web-1；vm-key-2", "needed=2", "--yes")
    assert done.returncode == 0, done.stderr
    assert json.loads(yunwang("show", "component", "Portal/web", "--json").stdout)["runs_on"] == ["vm-key-1", "vm-key-2"]
    refused = yunwang("edit", "component", "Portal/web", "needed=3", "--yes").stderr
    assert "3 machines must live, but it runs on 2 only." in refused
    assert yunwang("remove", "component", "Portal/web", "--yes").returncode == 0
