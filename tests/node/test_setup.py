"""Setting up, again and again; settings in git; an older schema and the way back."""

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from agents.node import backup, export, restore, setup, toml
from agents.node.records import source, target
from agents.node.upgrade import compare
from core.errors import ConflictError, InvalidInputError, LoginNeededError, SettingsError, StorageError, UnavailableError
from core.identity import Actor
from core.node import Exported
from core.objects import Site
from core.sections import Accounts, Records, Service
from core.settings import Settings, load
from core.work import Schedule
from stores.records import open_records

Run = Callable[..., AbstractContextManager[Settings]]
Make = Callable[..., Settings]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
ME = Actor(name="test", origin="process")
PROGRAM = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"
ANSWERS = """
unit = "市大数据局"
language = "en"
[officers.system-administrator]
name = "sysadm"
display_name = "张三"
[officers.security-officer]
name = "secoff"
[officers.auditor]
name = "auditor"
"""


@pytest.fixture
def command(commands: Any) -> Command:
    """`command(place, "hub", "start")`: as a person whose home is that folder."""

    def run(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        folders = {"YUNWANG_GENERAL_DATA_DIR": str(place / "data"), "YUNWANG_GENERAL_RUN_DIR": str(place / "run")}
        environment = {**os.environ, "HOME": str(place), **folders}
        return commands.run(*words, "--lang", "en", env=environment, cwd=place)

    return run


def tree(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


def test_setup_founds_a_node_once_and_may_be_repeated(place: Path, command: Command) -> None:
    (place / "answers.toml").write_text(ANSWERS)
    dry = command(place, "setup", "--answers", "answers.toml", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert tree(place) == {"answers.toml"}
    first = command(place, "setup", "--answers", "answers.toml", "--systemd", str(place / "etc"), "--json")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    secrets = {one["name"]: one["secret"] for one in told["secrets"]}
    assert secrets.keys() == {"sysadm", "secoff", "auditor"}
    assert len(set(secrets.values())) == 3
    config = place / ".config" / "yunwang" / "yunwang.toml"
    assert load(config).general.data_dir == str(place / "data")
    assert config.stat().st_mode & 0o777 == 0o600
    assert (place / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (place / "etc" / "systemd" / "system" / "yunwang.service").exists()
    for path in place.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in secrets.values()), path
    before = {name: (place / name).read_bytes() for name in (".config/yunwang/yunwang.toml", "data/secret.key")}
    again = command(place, "setup", "--answers", "answers.toml", "--systemd", str(place / "etc"), "--json")
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert told["secrets"] == []
    assert all(step["done"] for step in told["steps"])
    assert before == {name: (place / name).read_bytes() for name in before}


def test_once_there_are_accounts_the_machine_s_root_is_nobody_to_the_hub(place: Path, command: Command) -> None:
    """It may look whether the hub lives, and end it by a signal; what is written down needs a login."""
    (place / "answers.toml").write_text(ANSWERS)
    assert command(place, "setup", "--answers", "answers.toml").returncode == 0
    assert command(place, "hub", "start").returncode == 0
    try:
        seen = command(place, "hub", "status", "--json")
        told = json.loads(seen.stdout)
        assert (seen.returncode, told["status"]) == (0, "ok")
        assert "processes" not in told
        assert "revision" not in told
        for words in (("hub", "stop"), ("backup",), ("storage",), ("hub", "metrics"), ("settings", "export", "-o", "out")):
            refused = command(place, *words)
            assert refused.returncode == LoginNeededError.exit_code, words
            assert "yunwang login" in refused.stderr
    finally:
        stopped = command(place, "hub", "stop", "--force")
    assert stopped.returncode == 0, stopped.stderr
    gone = command(place, "hub", "stop")
    assert gone.returncode == UnavailableError.exit_code
    assert "No hub is running" in gone.stderr


def test_a_conversation_changes_nothing_when_it_ends_with_no(place: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {
        **os.environ, "HOME": str(place), "YUNWANG_GENERAL_DATA_DIR": str(place / "data"), "YUNWANG_GENERAL_RUN_DIR": str(place / "run"),
    }
    words = [sys.executable, "-c", PROGRAM, "setup", "--lang", "en"]
    asked = subprocess.Popen(words, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=place, text=True)
    os.close(theirs)
    os.write(ours, "\n\n\ny\n市大数据局\ncity\nsysadm\n张三\nsecoff\n\nauditor\n\nn\n".encode())
    _, shown = asked.communicate(timeout=60)
    os.close(ours)
    assert asked.returncode == 1, shown
    assert "sysadm, secoff, auditor" in shown
    assert tree(place) == set()


@pytest.mark.parametrize(("text", "named"), [
    ("unit = 5", "unit"), ('unti = "x"', "unti"), ("[", "answers"), ('unit = "x"\n[officers.auditor]\nname = "a"', "three offices"),
])
def test_wrong_answers_are_named(text: str, named: str, place: Path) -> None:
    (place / "answers.toml").write_text(text)
    with pytest.raises(InvalidInputError, match=named):
        setup.read_answers(place / "answers.toml").founding()


def test_what_stands_there_is_never_overwritten(place: Path, settings_in: Make) -> None:
    settings = settings_in(place)
    place_of_setup = setup.Place(place / "yunwang.toml", place / "etc", system=False, program=Path("/opt/yunwang/bin/yunwang"))
    (place / "yunwang.toml").write_text('[general]\nlanguage = "zh"\n')
    unit = place / "etc" / "systemd" / "system" / "yunwang.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("my own")
    for step in setup.steps(settings, place_of_setup):
        if step.do:
            step.do()
    assert (place / "yunwang.toml").read_text() == '[general]\nlanguage = "zh"\n'
    assert unit.with_name("yunwang.service.old").read_text() == "my own"
    assert "/opt/yunwang/bin/yunwang" in unit.read_text()
    assert not [step for step in setup.steps(settings, place_of_setup) if step.do]
    (place / "yunwang.toml").write_text("[general]\nlangauge = 1\n")
    with pytest.raises(SettingsError, match="langauge"):
        setup.steps(settings, place_of_setup)


# settings as text


def test_settings_survive_the_way_through_toml(place: Path) -> None:
    settings = Settings(
        service=Service(backup_dir='/b"\\ \x7f云', heartbeat_s=77), accounts=Accounts(ldap_url="ldaps://h", second_factor="everybody"),
    )
    for defaults in (False, True):
        (place / "y.toml").write_text(toml.settings_toml(settings, masked=False, defaults=defaults))
        assert load(place / "y.toml", {}) == settings


@pytest.mark.parametrize(("address", "shown"), [
    ("postgresql://yw:pw-1@h:5432/db?sslpassword=pw-2", "postgresql://yw:***@h:5432/db?sslpassword=***"),
    ("https://hc.example/ping/key-1?k=key-2#key-3", "https://hc.example/***?k=***"),
    ("/var/lib/yunwang", "/var/lib/yunwang"), ("http://[bad", "***"),
])
def test_an_address_is_shown_without_its_secrets(address: str, shown: str) -> None:
    assert toml.mask_address(address) == shown


def test_the_same_state_is_the_same_bytes_and_no_commit(place: Path, settings_in: Make) -> None:
    settings = settings_in(place, heartbeat_url="https://hc.example/ping/key-1").replace(records=Records(url=""))
    store = open_records(place / "records.db")
    with store.write(ME, 1) as write:
        for number, name in enumerate(("weekly", "daily")):
            write.put("schedule.add", Schedule(id=f"x{number}", name=name, kind="backup", cron="0 2 * * *", last_due=number))
    first = export.collect(settings, store)
    folder = place / "git"
    made = export.commit(folder, first, "张三 <a>\n")
    assert made
    with store.write(ME, 2) as write:
        write.put("schedule.run", store.get("schedule", "x0").replace(last_due=99))
    assert export.commit(folder, export.collect(settings, store), "li") == ""
    with store.write(ME, 3) as write:
        write.put("schedule.change", store.get("schedule", "x0").replace(cron="0 3 * * *"))
    assert export.commit(folder, export.collect(settings, store), "li") not in ("", made)
    store.close()
    words = ["git", "-C", str(folder), "log", "--format=%an|%s"]
    log = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\n")
    assert log[0] == "li|Settings, rules and schedules at revision 4"
    assert log[1].startswith("张三 a|")
    content = "".join(path.read_text() for path in folder.iterdir() if path.is_file())
    assert "key-1" not in content
    assert tomllib.loads((folder / "settings.toml").read_text())["service"]["heartbeat_s"] == 60


def test_git_runs_no_hook_of_the_repository_and_foreign_folders_are_left_alone(place: Path) -> None:
    folder = place / "git"
    export.commit(folder, Exported(files={"a.yml": "1"}), "me")
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {place}/ran\n")
    hook.chmod(0o755)
    assert export.commit(folder, Exported(files={"a.yml": "2"}), "me")
    assert not (place / "ran").exists()
    (place / "full").mkdir()
    (place / "full" / "x").write_text("x")
    with pytest.raises(ConflictError, match="other files"):
        export.commit(place / "full", Exported(files={"a.yml": "1"}), "me")
    with pytest.raises(InvalidInputError):
        export.write_files(place / "new", Exported(files={"../evil": "1"}))


# an older version


def an_older_node(settings: Settings) -> None:
    """Records as a version left them that knew neither schedules nor what unit a site belongs to."""
    data = Path(settings.general.data_dir)
    data.mkdir(parents=True)
    store = open_records(data / "records.db")
    with store.write(ME, 1) as write:
        write.put("site.add", Site(id="s", name="S", level="city"))
    store.close()
    with closing(sqlite3.connect(data / "records.db")) as old:
        old.execute("DROP TABLE schedule")
        old.execute("ALTER TABLE site DROP COLUMN address")
        old.execute("DELETE FROM migration")
        old.commit()


def test_an_older_schema_is_told_backed_up_and_brought_up_to_date(place: Path, settings_in: Make, command: Command) -> None:
    settings = settings_in(place)
    assert not compare(settings).changes
    an_older_node(settings)
    plan = compare(settings)
    assert (plan.schema_found, plan.tables, plan.columns) == (0, ("schedule",), ("site.address",))
    assert plan.migrations
    checked = command(place, "upgrade", "--check")
    assert checked.returncode == 1
    assert "schedule" in checked.stdout
    assert not backup.backups_folder(settings).exists()
    made = command(place, "upgrade")
    assert made.returncode == 0, made.stderr
    assert "yunwang restore" in made.stdout
    (line,) = backup.listed(backup.backups_folder(settings))
    open_records(place / "data" / "records.db").close()  # the new version starts
    assert not compare(settings).changes
    back = settings_in(place / "back")
    restore.restore(back, Path(line.path), target(back)._replace(note=lambda *_: None), now_ms=2)
    assert compare(back) == plan, "the old version finds its records as they were"
    shutil.rmtree(place / "back")
    restore.restore(back, Path(line.path), target(back), now_ms=2)
    store = open_records(Path(back.general.data_dir) / "records.db", readonly=True)
    assert (store.get("site", "s").name, store.verify().bad_seq) == ("S", 0)
    store.close()


def test_stores_of_a_newer_version_are_refused(place: Path, settings_in: Make, command: Command) -> None:
    settings = settings_in(place)
    an_older_node(settings)
    with closing(sqlite3.connect(place / "data" / "records.db")) as newer:
        newer.execute("ALTER TABLE site ADD COLUMN orbit TEXT")
        newer.commit()
    assert compare(settings).too_new == ("site.orbit",)
    done = command(place, "upgrade", "--check")
    assert done.returncode == StorageError.exit_code
    assert "site.orbit" in done.stderr


def test_a_damaged_older_file_is_not_backed_up_as_if_it_were_whole(place: Path, settings_in: Make) -> None:
    settings = settings_in(place)
    an_older_node(settings)
    file = place / "data" / "records.db"
    content = bytearray(file.read_bytes())
    pages = len(content) // 4096
    for page in range(2, pages):
        content[page * 4096 : page * 4096 + 200] = os.urandom(200)
    file.write_bytes(content)
    with pytest.raises(StorageError, match="damaged"), source(settings) as records:
        backup.make(settings, records, backup.Wish(backup.backups_folder(settings)), lambda: 1)
    assert not backup.listed(backup.backups_folder(settings))
