"""`yunwang storage`, `upgrade`, `settings ...`, `hub metrics`: questions about the node itself."""

import os
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli import tables
from cli.asking import ask, clock, print_json
from core.errors import StorageError, UnavailableError, UsageError
from core.i18n import tr
from core.settings import Settings

if TYPE_CHECKING:
    from core.node import Exported, Portion, StorageReport, UpgradePlan

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size(count: float) -> str:
    """Bytes for a person."""
    power = 0
    while abs(count) >= 1024 and power < len(_UNITS) - 1:
        count, power = count / 1024, power + 1
    return f"{count:.0f} {_UNITS[power]}" if power == 0 else f"{count:.1f} {_UNITS[power]}"


def storage(args: Namespace, settings: Settings) -> int:
    """By the hub where one runs, so that everybody who may asks the same way; else by this account's own eyes."""
    try:
        found = ask(settings, lambda hub: hub.node.storage())
    except UnavailableError:
        if not _may_look(settings):
            raise
        found = _own_storage(settings)
    if args.json:
        print_json(found)
        return 0
    _show_storage(found)
    return 0


def _may_look(settings: Settings) -> bool:
    from core.paths import data_dir

    return not os.path.lexists(data_dir(settings)) or os.access(data_dir(settings), os.R_OK | os.X_OK)


def _own_storage(settings: Settings) -> "StorageReport":
    from agents.node.backup import backups_folder
    from agents.node.storage import report
    from core.paths import data_dir

    folder = data_dir(settings)
    if not os.path.isdir(folder):  # noqa: PTH112 -- False as well where it may not be looked at
        raise StorageError(tr("There is no data folder {folder} yet.", folder=folder), way_out=tr("Start the hub once; it makes it."))
    return report(settings, folder, backups_folder(settings), time.time_ns() // 1_000_000)


def _show_storage(found: "StorageReport") -> None:
    headings = [tr("what"), tr("size"), tr("files"), tr("since"), tr("kept"), tr("frees next"), tr("freed in 7 days"), tr("grows a day"),
                tr("may go now")]
    print("\n".join(tables.lines(headings, [_portion(portion) for portion in found.portions], tables.room())))
    print(tr("Together {size} in {folder}; the disk has {free} left of {total}.",
             size=size(found.size), folder=found.folder, free=size(found.disk_free), total=size(found.disk_size)))
    logs = next((portion for portion in found.portions if portion.name == "logs.sealed" and portion.grows_daily > 0), None)
    if logs is not None:
        need = logs.grows_daily * logs.keep_days
        print(tr("Raw logs of {days} days take {size} at this pace.", days=logs.keep_days, size=size(need)))
        if need - logs.size > found.disk_free:
            room = (logs.size + found.disk_free) // logs.grows_daily
            print(tr("There is room for {days} days of them: give the disk {size} more.", days=room,
                     size=size(need - logs.size - found.disk_free)))
    if found.full_at:
        print(tr("At this pace ({pace} a day after what is freed) the disk is full on {date}.",
                 pace=size(found.grows_daily), date=clock(found.full_at)))
    elif any(portion.grows_daily >= 0 for portion in found.portions):
        print(tr("At this pace the disk will not be full within ten years."))
    else:
        print(tr("How fast it grows is known after the first full day."))


def _portion(portion: "Portion") -> list[str]:
    kept = tr("{days} days", days=portion.keep_days) if portion.keep_days else "-"
    grows = size(portion.grows_daily) if portion.grows_daily >= 0 else "?"
    return [tr(portion.name), size(portion.size), f"{portion.files:,}", clock(portion.oldest_ms), kept, clock(portion.frees_at),
            size(portion.freed_in_week) if portion.frees_at else "-", grows, size(portion.removable) if portion.removable else "-"]


def upgrade(args: Namespace, settings: Settings) -> int:
    """Exit code 0: nothing to do. 1: the next start changes something."""
    from agents.node.upgrade import compare

    plan = compare(settings)
    if args.json:
        print_json(plan)
    else:
        _show_plan(plan)
    if plan.too_new:
        raise StorageError(
            tr("A newer version wrote these stores: {what}.", what=", ".join(plan.too_new)),
            way_out=tr("Install that version again, or restore a backup that this one made."),
        )
    if not plan.changes or args.check:
        return 1 if plan.changes else 0
    from cli.backup import make_offline

    made = make_offline(settings, to="", with_key=False)
    print(tr("The backup {path} is the way back: {command}", path=made.path, command=f"yunwang restore {made.path} --replace"))
    return 0


def _show_plan(plan: "UpgradePlan") -> None:
    rows = [(tr("program"), plan.version), (tr("schema of the records"), f"{plan.schema_found} -> {plan.schema_wanted}")]
    for name, what in ((tr("new tables"), plan.tables), (tr("new columns"), plan.columns), (tr("migrations"), plan.migrations)):
        if what:
            rows.append((name, ", ".join(what)))
    print("\n".join(tables.pairs(rows)))
    if plan.changes:
        print(tr("The next start of the hub changes this. The way back: a backup first, then that version and `yunwang restore`."))
    elif not plan.too_new:
        print(tr("The stores are up to date; nothing would be changed."))


def export(args: Namespace, settings: Settings) -> int:
    """The hub tells the state; git runs here, as the person who asks."""
    if not (args.git or args.output):
        raise UsageError(tr("Name the repository with --git, or a folder with -o."))
    from agents.node import export as exporting
    from agents.node.records import actor

    found = _exported(settings)
    if args.output:
        exporting.write_files(Path(args.output).expanduser(), found)
        told = {"folder": args.output, "commit": "", "files": len(found.files)}
    else:
        folder = Path(args.git).expanduser()
        told = {"folder": args.git, "commit": exporting.commit(folder, found, actor().name), "files": len(found.files)}
    if args.json:
        print_json(told)
    elif args.git and not told["commit"]:
        print(tr("Nothing has changed since the last commit."), file=sys.stderr)
    else:
        print(tr("{count} files were written to {folder} {commit}.", count=told["files"], folder=told["folder"], commit=told["commit"]),
              file=sys.stderr)
    return 0


def _exported(settings: Settings) -> "Exported":
    return ask(settings, lambda hub: hub.node.export())


def show(args: Namespace, settings: Settings) -> int:
    """The settings in force: file and environment together."""
    from agents.node.toml import MASK, settings_toml

    if args.json:
        import tomllib

        print_json(tomllib.loads(settings_toml(settings, masked=True, defaults=args.all)))
        return 0
    text = settings_toml(settings, masked=True, defaults=args.all)
    print(text.rstrip() or tr("Every setting has its default."))
    if MASK in text:
        print(tr("What may be a secret is shown as {mask}.", mask=MASK), file=sys.stderr)
    return 0


def metrics(_args: Namespace, settings: Settings) -> int:
    print(ask(settings, lambda hub: hub.node.metrics()), end="")
    return 0
