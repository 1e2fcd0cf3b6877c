"""Walls that a linter of imports cannot see."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IO = ["socket", "sqlite3", "sqlite_utils", "duckdb", "pyarrow", "httpx", "asyncio", "gufo", "textual", "litestar"]


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def modules_of(package: str) -> list[str]:
    names = [p.relative_to(ROOT).with_suffix("").parts for p in sorted((ROOT / package).rglob("*.py"))]
    return [".".join(n[:-1] if n[-1] == "__init__" else n) for n in names]


@pytest.mark.parametrize("package", ["inventory", "monitors"])
def test_engines_load_no_io_at_run_time(package: str) -> None:
    load = f"import sys, importlib; [importlib.import_module(m) for m in {modules_of(package)!r}]"
    program = f"{load}; print([m for m in {IO!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_locks_name_versions_and_hashes_but_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"index-url|https?://", text)


def test_every_page_named_in_the_docs_exists() -> None:
    for page in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_no_secret_of_a_house_is_in_the_tree() -> None:
    """No path of a build machine and no address of a package index."""
    pattern = re.compile("/" + r"(?:root|home/\w+|work)/[\w.]|https?://[^\s]*/(?:simple|pack" + "ages)/")
    for path in tracked("*.py", "*.md", "*.toml", "*.yml", "*.yaml", "*.lock", "Makefile", ".ci/run"):
        assert not pattern.search(path.read_text("utf-8", errors="replace")), path


def test_the_hub_starts_without_what_only_some_of_its_work_needs() -> None:
    """It is to answer within a second: these cost a tenth of one each, and are imported where they are used."""
    heavy = ("numpy", "pyarrow", "httpx", "openpyxl", "openstack", "pynetbox", "netmiko", "textual")
    asked = f"import sys, agents.hub.app, agents.hub.hub; print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
