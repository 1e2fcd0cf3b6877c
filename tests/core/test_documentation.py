"""The reference pages, the catalogues and the code say the same."""

import subprocess
import sys
from pathlib import Path

import msgspec

from core.operations import OPERATIONS
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "docs/make.py", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_pages_are_current() -> None:
    done = make("--check")
    assert done.returncode == 0, f"python docs/make.py\n{done.stdout}{done.stderr}"


def test_compiled_catalogues_are_current() -> None:
    done = make("translations", "--check")
    assert done.returncode == 0, f"python docs/make.py translations\n{done.stdout}{done.stderr}"


def test_everything_that_is_said_is_said_in_chinese_too() -> None:
    done = make("messages")
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_every_command_and_argument_is_documented() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for operation in OPERATIONS:
        if operation.verb:
            assert f"## {' '.join(filter(None, ('yunwang', operation.noun, operation.verb)))}\n" in page
            assert all(f"`{name}`" in page for argument in operation.arguments for name in argument.name.split())


def test_every_key_is_documented() -> None:
    page = (ROOT / "docs" / "keys.md").read_text("utf-8")
    for operation in OPERATIONS:
        assert all(f"`{key}`" in page for key in operation.keys)
        assert all(f"`:{word}`" in page for word in operation.colon)


def test_every_setting_is_documented_with_its_meaning() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for section in msgspec.structs.fields(Settings):
        chapter = page.partition(f"## [{section.name}]")[2].partition("\n## ")[0]
        for field in msgspec.structs.fields(section.type):
            (row,) = [line for line in chapter.splitlines() if line.startswith(f"| `{field.name}` |")]
            assert all(part.strip() for part in row.split("|")[1:-1])
