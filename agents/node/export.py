"""Settings, rules and schedules as text files, and their history in git: the same state gives the same bytes and no commit."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from agents.hub.approvals import rules
from agents.node.snapshot import is_key
from agents.node.toml import settings_toml
from core.errors import ConflictError, InvalidInputError, NotFoundError, StorageError
from core.i18n import tr
from core.node import Exported
from core.ports import RecordStore
from core.settings import Settings
from stores.files import storage_errors
from stores.records.masking import masked

KINDS = {
    "schedule": "schedules.yml", "time_window": "windows.yml", "credential_set": "credential-sets.yml", "delegation": "delegations.yml",
}
"""Records that are rules of a kind; their file."""
VOLATILE = ("id", "last_due", "created_at", "ended_early_at")
GIT_S = 60


def collect(settings: Settings, store: RecordStore) -> Exported:
    """Without ids and counters that change by themselves, and without anything secret."""
    files = {"settings.toml": settings_toml(settings, masked=True, defaults=True)}
    book = rules.load(settings)
    files["approvals.yml"] = _yaml({"rules": [msgspec.to_builtins(rule) for rule in book.rules]})
    for kind, name in KINDS.items():
        files[name] = _yaml({kind: _records(store.all(kind))})
    files["profiles.yml"] = _yaml({"platforms": _platforms(store)})
    return Exported(files=files, revision=store.revision())


def _records(found: Iterable[Any]) -> list[dict[str, Any]]:
    plain = (masked({**msgspec.to_builtins(noun)}) for noun in found)
    kept = [{key: value for key, value in record.items() if key not in VOLATILE} for record in plain]
    return sorted(kept, key=lambda record: str(sorted(record.items())))


def _platforms(store: RecordStore) -> list[dict[str, Any]]:
    """Which platforms the inventory names, and how many devices of each."""
    count: dict[str, int] = {}
    for device in store.all("device"):
        count[device.platform or "-"] = count.get(device.platform or "-", 0) + 1
    return [{"platform": name, "devices": number} for name, number in sorted(count.items())]


def _yaml(tree: dict[str, Any]) -> str:
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=True, width=120)


def write_files(folder: Path, exported: Exported) -> None:
    """Each file replaced in one step."""
    with storage_errors(folder):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        for path, text in exported.files.items():
            if "/" in path or path.startswith(".") or is_key(path):
                raise InvalidInputError(tr("{path} is no name of an exported file.", path=path))
            new = folder / f".{path}.new"
            new.write_text(text, "utf-8")
            new.replace(folder / path)


def commit(folder: Path, exported: Exported, author: str) -> str:
    """Writes the files into a repository of git and commits what changed; the commit, empty where nothing did.

    A folder that holds other things than a repository of ours is left alone. Raises `NotFoundError` without git, `ConflictError`,
    `StorageError`.
    """
    fresh = not (folder / ".git").exists()
    if fresh and folder.exists() and any(folder.iterdir()):
        way_out = tr("Name an empty folder, or a repository made by this command.")
        raise ConflictError(tr("{path} holds other files.", path=folder), way_out=way_out)
    write_files(folder, exported)
    if fresh:
        _git(folder, "init", "--quiet", "--initial-branch=main")
    names = sorted(exported.files)
    _git(folder, "add", "--", *names)
    if not _git(folder, "status", "--porcelain", "--", *names):
        return ""
    _git(
        folder, "-c", f"user.name={_one_line(author)}", "-c", "user.email=yunwang@localhost", "commit", "--quiet", "--no-verify",
        "-m", f"Settings, rules and schedules at revision {exported.revision}", "--", *names,
    )
    return _git(folder, "rev-parse", "--short", "HEAD").strip()


def _one_line(author: str) -> str:
    kept = "".join(c for c in author if c.isprintable() and c not in "<>")[:64].strip()
    return kept or "yunwang"


def _git(folder: Path, *words: str) -> str:
    """git without the hooks, the prompts and the settings of whoever calls."""
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    }
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=GIT_S, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise NotFoundError(tr("The program git is not installed."), way_out="apt-get install git") from None
    except subprocess.TimeoutExpired:
        raise StorageError(tr("git does not end in {path}.", path=folder), way_out=tr("Look at that repository.")) from None
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise StorageError(tr("git failed in {path}: {reason}", path=folder, reason=told[-1][:300] if told else done.returncode),
                           way_out=tr("Look at that repository."))
    return done.stdout
