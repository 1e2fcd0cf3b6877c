"""However a command fails: one sentence with the way out, an exit code, and never a traceback."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import main as front
from core import errors
from core.operations import Operation
from core.settings import Settings

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(("words", "sentence", "code"), [
    (["inventroy"], "yunwang: There is no command yunwang inventroy. Did you mean yunwang inventory?", 2),
    (["inventory", "lsit", "device"], "yunwang: There is no command yunwang inventory lsit. Did you mean yunwang inventory list?", 2),
    (["--lang", "en", "qqqq"], "yunwang: There is no command yunwang qqqq. See yunwang --help.", 2),
    (["x" * 500], f"yunwang: There is no command yunwang {'x' * 40}... See yunwang --help.", 2),
    (["inventory", "list"], "yunwang: The following arguments are required: KIND. See yunwang inventory list --help.", 2),
    (["inventory", "list", "device", "--limit", "many"], "yunwang: Argument --limit: invalid int value: 'many'.", 2),
    (["inventory", "list", "device", "--nosuch"], "yunwang: Unrecognized arguments: --nosuch. See", 2),
    (["inventory", "list", "device"], "yunwang: No hub is running.", 12),
    (["inventory", "import", "nosuch.csv"], "yunwang: The file nosuch.csv cannot be read: No such file or directory.", 5),
    (["inventory", "list", "device", "--where", "role"], "yunwang: role is not of the form FIELD=VALUE.", 2),
    (["inventory", "list", "device", "--where", "rolle=core"], "yunwang: A device has no field rolle. Did you mean role?", 2),
    (["inventory", "list", "device", "--where", "role=boss"], "yunwang: --where role=boss: boss is not one of:", 2),
    (["inventory", "export"], "yunwang: A csv file holds one kind.", 2),
    (["--config", "nosuch.toml", "inventory", "list", "device"], "yunwang: There is no settings file nosuch.toml.", 4),
])
def test_one_sentence(words: list[str], sentence: str, code: int, yunwang: Run) -> None:
    done = yunwang(*words)
    assert done.stderr.startswith(sentence)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)


def test_a_typo_in_the_settings(yunwang: Run, node: Path) -> None:
    (node / "yunwang.toml").write_text("[polling]\nintervall_s = 5\n")
    done = yunwang("inventory", "list", "device")
    assert done.stderr == "yunwang: yunwang.toml:2: there is no setting polling.intervall_s. Did you mean interval_s?\n"
    assert done.returncode == 4
    assert yunwang("--help").returncode == 0


def test_the_language_of_the_settings_holds_for_help_and_errors(yunwang: Run, node: Path) -> None:
    (node / "yunwang.toml").write_text("[general]\nlanguage = 'zh'\n")
    assert yunwang("inventroy").stderr == "yunwang: 没有命令 yunwang inventroy。 是否想输入 yunwang inventory？\n"
    assert "选项" in yunwang("--help").stdout
    assert "options" in yunwang("--lang", "en", "--help").stdout
    assert yunwang("inventory", "list", "--lang=zh").stderr.startswith("yunwang: 缺少参数：KIND。")


def test_chinese_is_the_language_of_the_house(yunwang_anew: Run) -> None:
    assert yunwang_anew("inventroy", LC_ALL="C.UTF-8").stderr.startswith("yunwang: 没有命令")


def test_a_terminal_that_knows_no_chinese_is_no_reason_to_fail(yunwang_anew: Run) -> None:
    done = yunwang_anew("--lang", "zh", "--help", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0


def test_machines_get_json(yunwang: Run) -> None:
    done = yunwang("inventory", "list", "device", "--json")
    told = json.loads(done.stdout)["error"]
    assert (told["code"], told["message"], done.returncode) == ("unavailable", "No hub is running.", 12)
    assert told["way_out"]
    assert json.loads(yunwang("inventory", "lsit", "--json").stdout)["error"]["code"] == "usage"


def test_help_and_version(yunwang_anew: Run) -> None:
    assert yunwang_anew("--version").stdout.startswith("yunwang ")
    assert yunwang_anew().returncode == 0
    assert "inventory" in yunwang_anew().stdout
    assert yunwang_anew("inventory").returncode == 2
    assert "import" in yunwang_anew("inventory").stdout


@pytest.mark.parametrize(("terminal", "words", "chosen"), [(True, [], ["console"]), (False, [], []), (True, ["--lang", "en"], [])])
def test_alone_on_a_terminal_it_opens_the_console(terminal: bool, words: list[str], chosen: list[str], node: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def handler_of(operation: Operation) -> Callable[[Namespace, Settings], int]:
        return lambda args, settings: opened.append(operation.id) or 0

    monkeypatch.setattr(front, "handler", handler_of)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    front.main(words)
    assert opened == chosen


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """`yunwang fail` raises this."""

    def handler(args: Namespace, settings: Settings) -> int:
        raise error

    operation = Operation(id="test.fail", summary="Fail.", verb="fail", handler="test:fail")
    monkeypatch.setattr("core.operations.OPERATIONS", (operation,))
    monkeypatch.setattr(front, "handler", lambda _: handler)


ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.YunwangError)]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_its_exit_code(kind: type[errors.YunwangError], node: Path, monkeypatch: pytest.MonkeyPatch,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    failing(monkeypatch, kind("It is\nbroken\x1b[31m.", way_out="Mend it."))
    assert front.main(["fail"]) == kind.exit_code
    assert capsys.readouterr().err == "yunwang: It is broken[31m. Mend it.\n"


def test_exit_codes_tell_errors_apart() -> None:
    assert len({kind.exit_code for kind in ALL}) == len({kind.code for kind in ALL}) == len(ALL)


def test_a_fault_of_ours_goes_to_a_file(node: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    failing(monkeypatch, ZeroDivisionError("of ours"))
    assert front.main(["fail"]) == 70
    (file,) = (node / "data" / "crashes").iterdir()
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert str(file) in err
    assert err.count("\n") == 1
    assert "ZeroDivisionError: of ours" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_the_details_there_is_still_a_sentence(node: Path, monkeypatch: pytest.MonkeyPatch,
                                                                   capsys: pytest.CaptureFixture[str]) -> None:
    (node / "data").write_text("a file where the folder should be")
    (node / "tmp").write_text("the same")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(node / "tmp"))
    failing(monkeypatch, ZeroDivisionError("of ours"))
    assert front.main(["fail"]) == 70
    assert capsys.readouterr().err == "yunwang: Something went wrong inside Yunwang: ZeroDivisionError.\n"


def test_crash_files_do_not_pile_up(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = node / "data" / "crashes"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"crash-2020{number:04}.txt").write_text("old")
    failing(monkeypatch, ZeroDivisionError("of ours"))
    front.main(["fail"])
    assert len(list(folder.iterdir())) == 20


def test_ctrl_c_is_quiet(node: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    assert front.main(["fail"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("words", [["completion", "bash"], ["inventory", "list", "device", "--json"]])
def test_a_reader_that_went_away_is_no_error(words: list[str], node: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    program = f"import sys; from cli.main import main; sys.exit(main({words!r}))"
    done = subprocess.run([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
