"""The commands as people use them: the first login with everything it asks for, then the day's work of the three offices."""

import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest

from cli.main import main
from client import connect, session
from core import i18n
from core.identity import Founding, Officer
from core.settings import Settings

NEW = "Kx7#mPq2vL"


@pytest.fixture
def use(node: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """`use("auditor", "user", "list")`: exit code, standard output, standard error of a command of that person."""
    general = node.settings.general
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", general.run_dir)

    def run(who: str, *words: str, stdin: str = "", lang: str = "en") -> tuple[int, str, str]:
        monkeypatch.setenv("YUNWANG_TOKEN", node.people[who].bearer if who else "")
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        before = i18n.language()
        code = main(["--lang", lang, *words])
        i18n.use(before)
        found = capsys.readouterr()
        return code, found.out, found.err

    return run


def test_the_day_of_the_three_offices(use: Callable[..., Any]) -> None:
    code, out, err = use("system-administrator", "user", "add", "sun", "--display-name", "孙敏", "--unit", "Bureau")
    assert (code, len(out.split())) == (0, 1)
    assert out.strip() not in err
    assert use("security-officer", "user", "add", "nope")[0] == 7
    dates = ("--from", "2026-01-01", "--to", "2099-12-31")
    code, _, err = use("security-officer", "grant", "add", "sun", "operator", "--unit", "Bureau", *dates)
    assert code == 0, err
    code, out, _ = use("security-officer", "grant", "list", "sun", "--json")
    grant = json.loads(out)["grants"][0]
    assert (grant["account"], grant["role"], grant["scope"]["units"]) == ("sun", "operator", ["Bureau"])
    assert use("security-officer", "grant", "add", "sun", "auditor")[0] == 8
    assert use("security-officer", "grant", "add", "sun", "viewer", "--to", "tomorrow")[0] == 2
    code, out, err = use("security-officer", "grant", "add", "viewer", "officer-in-charge")
    assert (code, out) == (75, ""), "not yet: a script must see that"
    assert "yunwang approval approve" in err
    assert use("security-officer", "grant", "remove", "sun", "operator")[0] == 0
    assert use("security-officer", "grant", "remove", "sun", "operator")[0] == 6
    assert use("system-administrator", "user", "disable", "sun")[0] == 0
    code, out, _ = use("auditor", "user", "list", lang="zh")
    line = next(line for line in out.splitlines() if line.startswith("sun"))
    assert "孙敏" in line
    assert "停用" in line
    assert use("security-officer", "user", "unlock", "sun")[0] == 0
    assert use("system-administrator", "user", "enable", "sun")[0] == 0
    assert use("security-officer", "user", "unlock", "nobody-such")[0] == 6
    code, out, _ = use("system-administrator", "user", "reset-secret", "sun", "--json")
    assert json.loads(out)["done"] is True


def test_who_one_is(use: Callable[..., Any]) -> None:
    code, out, _ = use("operator", "whoami", "--json")
    who = json.loads(out)
    assert (code, who["name"], who["roles"], who["how"]) == (0, "operator", ["operator"], "session")
    assert "job.run" in use("operator", "whoami", "--actions")[1]
    assert use("operator", "--as", "auditor", "whoami")[0] == 7
    assert use("operator", "whoami", "--as", "emperor")[0] == 2
    code, _, err = use("", "whoami")
    assert code == 14
    assert "yunwang login" in err


def test_tokens_and_sessions(use: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    code, token, err = use("operator", "token", "add", "robot", "--action", "inventory.export", "--days", "2")
    assert code == 0
    assert token.startswith("ywt_")
    assert token.strip() not in err
    assert "robot" in use("operator", "token", "list")[1]
    assert use("viewer", "token", "list", "--all")[0] == 7
    assert use("operator", "token", "add", "robot2", "--action", "approval.decide")[0] == 2
    assert use("operator", "token", "revoke", "robot")[0] == 0
    assert use("operator", "token", "revoke", "robot")[0] == 6
    listed = json.loads(use("approver", "session", "list", "--json")[1])
    assert use("approver", "session", "end", listed[0]["id"])[0] == 0
    assert use("approver", "whoami")[0] == 14


def test_nothing_secret_is_an_argument() -> None:
    from core.operations import OPERATIONS

    words = {argument.name for operation in OPERATIONS for argument in operation.arguments
             if argument.metavar != "PLACE" and argument.type != "flag"}
    assert not {word for word in words if re.search(r"passw|secret|code|totp", word, re.IGNORECASE)}


def test_the_first_login_asks_for_everything_and_keeps_its_session_to_itself(trial: Settings, tmp_path: Path) -> None:
    secrets = _founded(trial)
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("YUNWANG_")}, "XDG_CONFIG_HOME": str(tmp_path),
        "YUNWANG_GENERAL_DATA_DIR": trial.general.data_dir, "YUNWANG_GENERAL_RUN_DIR": trial.general.run_dir,
        "YUNWANG_GENERAL_LANGUAGE": "en",
    }
    command = [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())"]
    process = subprocess.Popen([*command, "login", "li", "--stdin"], stdin=-1, stdout=-1, stderr=-1, text=True, env=env)
    assert process.stdin
    assert process.stderr
    process.stdin.write(f"{secrets['li']}\n{NEW}\n")
    process.stdin.flush()
    said = ""
    while "type this key" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    key = said.split()[-1]
    process.stdin.write(f"{pyotp.TOTP(key).now()}\n")
    process.stdin.close()
    said += process.stderr.read()
    assert process.wait(60) == 0, said
    assert "Logged in as li (security-officer)" in said
    file = tmp_path / "yunwang" / "sessions.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    assert list(kept) == [session.address(trial)]
    for secret in (secrets["li"], NEW, key):
        assert secret not in file.read_text()

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*command, *words], env=env, capture_output=True, text=True, timeout=120, check=False)

    assert json.loads(run("whoami", "--json").stdout)["second_factor"] is True
    file.chmod(0o644)
    assert run("whoami").returncode == 14, "a file that others can read is not believed"
    file.chmod(0o600)
    assert run("logout").returncode == 0
    assert json.loads(file.read_text()) == {}


def _founded(settings: Settings) -> dict[str, str]:
    import asyncio

    roles = {"wang": "system-administrator", "li": "security-officer", "zhao": "auditor"}
    officers = tuple(Officer(role=role, name=name) for name, role in roles.items())  # type: ignore[arg-type]

    async def found() -> dict[str, str]:
        async with connect(settings) as hub:
            return {one.name: one.secret for one in await hub.accounts.found(Founding(unit="Bureau", officers=officers))}

    return asyncio.run(found())


def test_the_code_on_the_terminal_is_the_one_that_is_meant() -> None:
    """Read back by its own modules: two rows to a line, dark is a filled half."""
    import segno

    from cli import qr

    uri = "otpauth://totp/Yunwang:li?secret=JBSWY3DPEHPK3PXP&issuer=Yunwang"
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in qr.lines(uri)]
    assert len({len(line) for line in lines}) == 1
    rows = [[cell in upper for cell in line] for line in lines for upper in ("▀█", "▄█")]
    matrix = [[bool(module) for module in row] for row in segno.make(uri, error="l", micro=False).matrix]
    inner = [row[qr.QUIET : qr.QUIET + len(matrix)] for row in rows[qr.QUIET : qr.QUIET + len(matrix)]]
    assert inner == matrix
    assert len(lines[0]) <= 80


