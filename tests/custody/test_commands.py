"""The commands as a person uses them: secrets are typed or piped, shown nowhere, and exit codes tell how it went."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DEADLINE_S = 60.0
YUNWANG = str(Path(sys.executable).with_name("yunwang"))
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environ(node: Any) -> dict[str, str]:
    general = node.settings.general
    folders = {"YUNWANG_GENERAL_DATA_DIR": general.data_dir, "YUNWANG_GENERAL_RUN_DIR": general.run_dir, "HOME": str(node.folder)}
    return {**os.environ, **folders}


@pytest.fixture
def run(environ: dict[str, str], commands: Any) -> Run:
    """`run("credential list", given="...", lang="en")`"""

    def call(words: str, given: str = "", lang: str = "en") -> "subprocess.CompletedProcess[str]":
        return commands.run(*words.split(), "--lang", lang, stdin=given.encode(), env=environ, timeout=DEADLINE_S)

    return call


def test_add_list_set_remove(run: Run) -> None:
    added = run("credential add 核心 --stdin", "s3cret-community\n")
    assert (added.returncode, added.stdout) == (0, "Added 核心, kept at secret:核心.\n"), added.stderr
    again = run("credential add 核心 --stdin", "s3cret-community\n")
    assert again.returncode == 8
    changed = run("credential set 核心 --stdin", "another-s3cret")
    assert changed.returncode == 0, changed.stderr
    rows = json.loads(run("credential list --json").stdout)
    assert next((row["locator"], row["version"], row["devices"]) for row in rows if row["name"] == "核心") == ("secret:核心", 2, 0)
    chinese = run("credential list", lang="zh").stdout
    assert "存放位置" in chinese
    assert "团体字" in chinese
    refused = run("credential test 核心 192.0.2.1")
    assert refused.returncode == 7
    assert "no secret is sent there" in refused.stderr
    assert run("credential remove 核心").returncode == 0
    assert run("credential remove 核心").returncode == 6
    shown = "".join(one.stdout + one.stderr for one in (added, again, changed, refused)) + chinese
    assert "s3cret" not in shown.replace("secret:", "")


@pytest.mark.parametrize(("words", "given", "code"), [
    ("credential add x", "", 2), ("credential add x --stdin", "", 5), ("credential add x --at nowhere", "", 5),
    ("credential set gone --stdin", "y", 6), ("credential-set add s", "", 2), ("hostkey accept 10.0.0.1:x y", "", 2),
    ("hostkey accept [fd00::1]:2222 SHA256:x", "", 7),
])
def test_mistakes_are_told_by_the_exit_code(run: Run, words: str, given: str, code: int) -> None:
    as_office = "" if code != 7 else " --as system-administrator"
    done = run(words + as_office, given)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_typed_secret_is_not_shown(environ: dict[str, str], run: Run) -> None:
    ours, theirs = pty.openpty()
    command = [YUNWANG, "credential", "add", "typed", "--lang", "en"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True)
    os.close(theirs)
    shown = ""
    try:
        for prompt, answer in (("Community: ", "s3cret-one"), ("Once more: ", "s3cret-two"), ("Community: ", "s3cret-one"),
                               ("Once more: ", "s3cret-one")):
            start = len(shown)
            while prompt not in shown[start:]:
                shown += _read(ours)
            os.write(ours, answer.encode() + b"\n")
        while "Added" not in shown:
            shown += _read(ours)
        assert process.wait(DEADLINE_S) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "These were not the same." in shown
    assert "s3cret" not in shown
    assert "secret:typed" in run("credential list").stdout


def _read(fd: int) -> str:
    ready, _, _ = select.select([fd], [], [], DEADLINE_S)
    assert ready, "nothing more is shown"
    time.sleep(0.01)
    return os.read(fd, 4096).decode("utf-8", "replace")
