"""End to end: a small city over real UDP, imported as a person would, polled, seen, shut down and seen again."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_a_demonstration_polls_its_city_twice_and_leaves_nothing(tmp_path: Path) -> None:
    before = set(Path("/proc").glob("[0-9]*"))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())",
         "--lang", "en", "demo", "--devices", "20", "--interval", "1", "--once", "--json"],
        capture_output=True, text=True, timeout=150, check=False, env=environment,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["devices"] == 20
    assert summary["up"] + summary["down"] == 20
    assert summary["variables"] > 0
    assert summary["player"] in ("c", "python")
    assert "20 devices imported" in done.stderr
    assert list(tmp_path.iterdir()) == []
    left = [path for path in set(Path("/proc").glob("[0-9]*")) - before if _is_child_of_demo(path, str(tmp_path))]
    assert left == []


def _is_child_of_demo(process: Path, mark: str) -> bool:
    try:
        return mark.encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def test_a_demonstration_that_makes_no_sense_is_one_sentence() -> None:
    for arguments, word in (
        (("demo", "--devices", "0", "--once"), "60000"), (("demo", "--interval", "0", "--once"), "86400"), (("demo",), "terminal"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", "--lang", "en", *arguments],
            capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 2
        assert word in done.stderr
        assert done.stderr.count("\n") == 1
