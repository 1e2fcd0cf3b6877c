"""The node's kinds of jobs, each in a process of the workers."""

import time
from pathlib import Path
from typing import Any

import msgspec

from agents.job import Run
from agents.node import backup, export
from agents.node.records import source
from core.errors import SettingsError
from core.i18n import tr
from stores.records import open_records, records_at


def make_backup(run: Run) -> dict[str, Any]:
    """`arguments`: to (folder; empty: the settings'), with_key, kept (asked for by a person: the schedule never removes it)."""
    wanted = run.arguments
    to = Path(wanted["to"]) if wanted.get("to") else backup.backups_folder(run.settings)
    wish = backup.Wish(to, with_key=bool(wanted.get("with_key")), scheduled=not wanted.get("kept"))

    def tell(done: int, total: int, _what: str) -> None:
        run.tell(done, total)

    with source(run.settings) as records:
        made = backup.make(run.settings, records, wish, _now_ms, tell)
    plain: dict[str, Any] = msgspec.to_builtins(made)
    return plain


def export_settings(run: Run) -> dict[str, Any]:
    """Into `service.export_git`."""
    if not run.settings.service.export_git:
        raise SettingsError(tr("No repository is named for exports."), way_out=tr("Set service.export_git to its folder."))
    store = open_records(records_at(run.settings), readonly=True)
    try:
        exported = export.collect(run.settings, store)
    finally:
        store.close()
    made = export.commit(Path(run.settings.service.export_git).expanduser(), exported, "yunwang")
    return {"commit": made, "files": len(exported.files)}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
