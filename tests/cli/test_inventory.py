"""`yunwang inventory` against a hub that really runs."""

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents import launch
from core import i18n
from core.settings import load
from inventory.sheets.columns import SHEETS

Run = Callable[..., subprocess.CompletedProcess[str]]

SITES = "站点名称,级别,县市区\n莲都机房,县级,莲都\n市中心机房,市级,\n=龙泉机房,县级,龙泉\n"
DEVICES = ("设备名称,管理地址,站点,角色,平台\n"
           + "".join(f"LD-CE-{n:03},10.2.{n // 250}.{n % 250 + 1},莲都机房,CE,huawei_vrp\n" for n in range(620))
           + "LS-CORE-01,10.0.0.1,市中心机房,核心,h3c_comware\n")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, commands: Any) -> Iterator[Path]:
    """A hub with a few sites and 621 devices."""
    folder = tmp_path_factory.mktemp("hub")
    settings = load(None, {"YUNWANG_CONFIG": "/dev/null", "YUNWANG_GENERAL_DATA_DIR": str(folder / "data"),
                           "YUNWANG_GENERAL_RUN_DIR": str(folder / "run")})
    before = i18n.language()
    i18n.use("zh")  # the hub's own language is not the reader's
    launch.start(settings, die_with_us=True, kinds=("hub", "workers"))
    try:
        for name, text in (("sites.csv", SITES), ("devices.csv", DEVICES)):
            (folder / name).write_text(text, "utf-8")
            assert run_on(commands, folder, "inventory", "import", str(folder / name)).returncode == 0
        yield folder
    finally:
        launch.stop(settings)
        i18n.use(before)


def run_on(commands: Any, folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("YUNWANG_")}
    env |= {"YUNWANG_CONFIG": "/dev/null", "YUNWANG_GENERAL_DATA_DIR": str(folder / "data"), "YUNWANG_GENERAL_RUN_DIR": str(folder / "run"),
            "LC_ALL": "en_US.UTF-8"}
    return commands.run(*words, stdin=stdin, env=env)


@pytest.fixture
def yunwang(hub: Path, commands: Any) -> Run:
    return lambda *words, stdin=b"": run_on(commands, hub, *words, stdin=stdin)


def test_list_lines_up_in_both_languages(yunwang: Run) -> None:
    lines = yunwang("inventory", "list", "site").stdout.splitlines()
    assert lines[0].split() == ["name", "level", "county", "address"]
    assert [line.split()[0] for line in lines[1:]] == ["=龙泉机房", "市中心机房", "莲都机房"]
    assert yunwang("--lang", "zh", "inventory", "list", "site", "--sort", "-name").stdout.splitlines()[1] == "莲都机房    县级  莲都"


def test_list_filters_sorts_and_pages(yunwang: Run) -> None:
    everything = json.loads(yunwang("inventory", "list", "device", "--limit", "0", "--json").stdout)
    assert everything["total"] == len(everything["items"]) == 621
    assert [item["name"] for item in everything["items"]] == sorted(item["name"] for item in everything["items"])
    some = yunwang("inventory", "list", "device", "--limit", "3")
    assert len(some.stdout.splitlines()) == 4
    assert some.stderr == "3 of 621; --limit 0 shows all.\n"
    for words in (["--where", "role=core"], ["--where", "角色=核心"], ["--filter", "LS CORE"],
                  ["--where", "平台=h3c_comware", "--where", "polled=是"]):
        found = json.loads(yunwang("inventory", "list", "device", "--json", *words).stdout)
        assert [item["name"] for item in found["items"]] == ["LS-CORE-01"]


def test_show_names_every_field(yunwang: Run) -> None:
    shown = dict(line.split(None, 1) for line in yunwang("--lang", "zh", "inventory", "show", "device", "LS-CORE-01").stdout.splitlines()
                 if len(line.split(None, 1)) == 2)
    assert shown["角色"] == "核心"
    assert shown["管理地址"] == "10.0.0.1"
    record = json.loads(yunwang("inventory", "show", "device", "LS-CORE-01", "--json").stdout)
    assert (record["kind"], record["snmp_version"], record["polled"]) == ("device", "2c", True)


def test_what_is_not_there(yunwang: Run) -> None:
    done = yunwang("inventory", "show", "device", "nobody")
    assert (done.returncode, done.stdout) == (6, "")
    assert "nobody" in done.stderr
    assert "Traceback" not in done.stderr


def test_mistakes_are_listed_and_nothing_is_imported(yunwang: Run, hub: Path) -> None:
    bad = SITES + "新机房,国家级,\n"
    (hub / "bad.csv").write_text(bad, "utf-8")
    before = yunwang("inventory", "list", "site", "--json").stdout
    done = yunwang("inventory", "import", str(hub / "bad.csv"))
    assert done.returncode == 5
    assert done.stdout.startswith("bad, row 5: B 级别: 国家级 is not one of:")
    assert done.stderr == "Mistakes: 1. Nothing was imported.\n"
    report = json.loads(yunwang("inventory", "import", str(hub / "bad.csv"), "--json").stdout)
    assert [(p["sheet"], p["row"], p["column"]) for p in report["problems"]] == [("bad", 5, "B 级别")]
    assert yunwang("inventory", "list", "site", "--json").stdout == before


def test_a_dry_run_changes_nothing(yunwang: Run) -> None:
    before = yunwang("inventory", "list", "site", "--json").stdout
    done = yunwang("inventory", "import", "-", "--dry-run", "--json", stdin=b"name,level,county\nNew,county,Yunhe\n")
    report = json.loads(done.stdout)
    assert (report["dry_run"], report["added"]) == (True, {"site": 1})
    assert yunwang("inventory", "list", "site", "--json").stdout == before


def test_an_export_imports_as_unchanged(yunwang: Run, hub: Path) -> None:
    for name in ("all.xlsx", "devices.csv", "sites.csv"):
        kind = [] if name == "all.xlsx" else [name.removesuffix("s.csv")]
        assert yunwang("inventory", "export", *kind, "-o", str(hub / f"out-{name}")).returncode == 0
        report = json.loads(yunwang("inventory", "import", str(hub / f"out-{name}"), "--json").stdout)
        assert report["problems"] == []
        assert (report["added"], report["changed"]) == ({}, {})
        assert sum(report["unchanged"].values()) in (3, 621, 624)


def test_export_to_standard_output(yunwang: Run) -> None:
    rows = list(csv.reader(io.StringIO(yunwang("inventory", "export", "site").stdout.removeprefix("\ufeff"))))
    assert len(rows) == 4
    assert [row[0] for row in rows if "龙泉机房" in row[0]] == ["'=龙泉机房"]
    assert len(json.loads(yunwang("inventory", "export", "--format", "json").stdout)["device"]) == 621


def test_the_template_is_written_once(yunwang: Run, tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    assert yunwang("inventory", "template", "-o", str(file)).returncode == 0
    assert openpyxl.load_workbook(file).sheetnames == [sheet.en for sheet in SHEETS]
    again = yunwang("inventory", "template", "-o", str(file))
    assert again.returncode == 8
    assert again.stderr == f"yunwang: There is a file {file} already. Choose another name with -o.\n"


def test_a_full_disk_leaves_no_half_file(yunwang: Run, tmp_path: Path) -> None:
    done = yunwang("inventory", "export", "site", "-o", str(tmp_path / "no-such-folder" / "x.csv"))
    assert done.returncode == 9
    assert done.stderr.startswith(f"yunwang: The file {tmp_path}/no-such-folder/x.csv cannot be written: No such file or directory.")
    assert list(tmp_path.iterdir()) == []
