"""What stands in a person's way: each obstacle is one sentence with the way out, in the reader's language."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
FOLDERS = ("YUNWANG_GENERAL_DATA_DIR", "YUNWANG_GENERAL_RUN_DIR")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder whose name is short enough for sockets."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def told(yunwang: Run, place: Path) -> Callable[..., None]:
    """Runs a command in both languages, on folders of its own, and compares sentence, way out and exit code."""

    def check(words: list[str], code: int, english: tuple[str, str], chinese: tuple[str, str], **env: str) -> None:
        folders = dict(zip(FOLDERS, (str(place / "data"), str(place / "run")), strict=True))
        for language, (sentence, way_out) in (("en", english), ("zh", chinese)):
            done = yunwang("--lang", language, *words, **{**folders, **env})
            assert done.returncode == code, done.stderr
            assert done.stderr.startswith(f"yunwang: {sentence}"), done.stderr
            assert way_out in done.stderr
            assert (done.stdout, done.stderr.count("\n")) == ("", 1)

    return check


@pytest.mark.parametrize("words", [
    ["hub", "status"], ["hub", "stop"], ["inventory", "list", "device"], ["inventory", "show", "device", "x"],
    ["inventory", "export", "device"],
])
def test_no_hub(words: list[str], told: Callable[..., None]) -> None:
    told(words, 12, ("No hub is running.", "`yunwang hub start`"), ("没有正在运行的中枢。", "`yunwang hub start`"))


def test_no_hub_for_an_import(told: Callable[..., None], place: Path) -> None:
    (place / "sites.csv").write_text("name,level\nA,city\n")
    for more in ([], ["--dry-run"]):
        told(["inventory", "import", str(place / "sites.csv"), *more], 12, ("No hub is running.", "`yunwang hub start`"),
             ("没有正在运行的中枢。", "`yunwang hub start`"))


def test_a_console_without_a_terminal(told: Callable[..., None]) -> None:
    told(["console"], 2, ("The console needs a terminal.", "yunwang --help"), ("控制台需要终端。", "yunwang --help"))


def test_a_typo_in_the_settings(told: Callable[..., None], place: Path) -> None:
    (place / "y.toml").write_text("[polling]\nintervall_s = 5\n")
    told(["--config", str(place / "y.toml"), "hub", "start"], 4,
         (f"{place}/y.toml:2: there is no setting polling.intervall_s.", "Did you mean interval_s?"),
         (f"{place}/y.toml:2：没有设置项 polling.intervall_s。", "interval_s"))


def test_a_command_that_does_not_exist(told: Callable[..., None]) -> None:
    told(["hub", "strat"], 2, ("There is no command yunwang hub strat.", "yunwang hub start?"),
         ("没有命令 yunwang hub strat。", "yunwang hub start？"))


def test_a_file_that_is_too_large(told: Callable[..., None], place: Path) -> None:
    with (place / "big.csv").open("wb") as file:
        file.truncate((64 << 20) + 1)
    told(["inventory", "import", str(place / "big.csv")], 5, (f"The file {place}/big.csv is larger than 64 MiB.", "Split it."),
         (f"文件 {place}/big.csv 超过 64 MiB。", "请拆分后再试。"))


def test_a_file_that_is_not_there(told: Callable[..., None], place: Path) -> None:
    told(["inventory", "import", str(place / "no.csv")], 5,
         (f"The file {place}/no.csv cannot be read: No such file or directory.", "Check the name"),
         (f"无法读取文件 {place}/no.csv：没有这个文件或目录。", "请检查"))


def test_a_port_in_use(told: Callable[..., None]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        told(["hub", "start"], 11, (f"UDP port {port} of 127.0.0.1 is in use by another program.", "ears.syslog_port"),
             (f"127.0.0.1 的 UDP 端口 {port} 已被其他程序占用。", "ears.syslog_port"),
             YUNWANG_EARS_ADDRESS="127.0.0.1", YUNWANG_EARS_SYSLOG_PORT=port)


def test_a_socket_path_that_is_too_long(told: Callable[..., None], place: Path) -> None:
    run = str(place / ("x" * 100))
    told(["hub", "start"], 4, (f"The path of the socket {run}/hub.sock is too long", "general.run_dir"),
         (f"套接字路径 {run}/hub.sock 过长", "general.run_dir"), YUNWANG_GENERAL_RUN_DIR=run)


def test_damaged_records(told: Callable[..., None], place: Path) -> None:
    (place / "data").mkdir()
    (place / "data" / "records.db").write_bytes(b"this is no database" * 1000)
    told(["hub", "start"], 9, ("", "records.db"), ("", "records.db"))


AS_ANOTHER_ACCOUNT = """
import os, sys
from agents import launch
from cli import failure, hub
from cli.main import main
from core import i18n
i18n.catalogue("zh")
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(["--lang", sys.argv[1], "hub", "start"]))
"""


@pytest.mark.parametrize(("language", "sentence"), [("en", "This account may not write to {}."), ("zh", "{}")])
def test_a_missing_right(language: str, sentence: str, node: Path, place: Path) -> None:
    data = place / "data"
    data.mkdir()
    data.chmod(0o555)
    place.chmod(0o555)
    env = os.environ | dict(zip(FOLDERS, (str(data), str(place / "run")), strict=True)) | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", AS_ANOTHER_ACCOUNT, language], capture_output=True, text=True, env=env, check=False,
                          cwd="/", encoding="utf-8", timeout=60)
    place.chmod(0o755)
    assert done.returncode == 9, done.stderr
    assert sentence.format(data / "log") in done.stderr or sentence.format(place / "run") in done.stderr, done.stderr
    assert "chown" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_full_disk(told: Callable[..., None], disk_of: Callable[[str], Path]) -> None:
    full = disk_of("40k")
    told(["hub", "start"], 10, (f"The disk is full at {full}", "Make room"), (f"{full}", "空间"),
         YUNWANG_GENERAL_DATA_DIR=str(full / "data"))
