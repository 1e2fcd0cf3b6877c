"""Starting costs nothing that is not needed: every import is deferred."""

import json
import subprocess
import sys

import pytest

HEAVY = ["numpy", "pyarrow", "duckdb", "textual", "litestar", "httpx", "sqlite_utils", "openpyxl", "asyncio", "rich", "gufo", "yaml"]


def loaded_by(program: str) -> list[str]:
    report = f"import sys, json; {program}; sys.stderr.write(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return list(json.loads(done.stderr))


@pytest.mark.parametrize("program", [
    "import cli.main",
    "import core.operations",
    "from cli.main import main; main(['--help'])",
    "from cli.main import main; main(['inventory', 'import', '--help'])",
    "from cli.main import main; main(['--version'])",
    "from cli.main import main; main(['completion', 'bash'])",
])
def test_nothing_heavy_is_loaded(program: str) -> None:
    assert loaded_by(program) == []
