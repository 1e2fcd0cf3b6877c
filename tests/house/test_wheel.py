"""`pip install .` outside the checkout gives a complete yunwang."""

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("yunwang-*.whl"))


def tracked(packages: list[str]) -> set[str]:
    listing = subprocess.run(["git", "ls-files", "-z", *packages], cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()}


def test_holds_every_tracked_file_of_the_packages(wheel: Path) -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    missing = tracked(packages) - set(zipfile.ZipFile(wheel).namelist())
    assert not missing


def test_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Site hooks are off (-S), so the editable install cannot help; only the wheel and the dependencies are on the path."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    paths = [str(tmp_path / "site"), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
    program = f"import sys; sys.path[:0] = {paths!r}; import cli.main; print(cli.main.__file__); sys.exit(cli.main.main(['--version']))"
    done = subprocess.run([sys.executable, "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout.splitlines()[0]
    assert "0.1.0" in done.stdout
