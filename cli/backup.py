"""`yunwang backup ...` and `yunwang restore`."""

import asyncio
import contextlib
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec

import client
from cli import tables
from cli.asking import clock, print_json
from cli.node import size
from core.errors import ConflictError, NotFoundError, UnavailableError, UsageError, YunwangError
from core.i18n import tr
from core.node import Backup
from core.settings import Settings

LOOK_S = 0.5
_SHOWN = 120


def backup(args: Namespace, settings: Settings) -> int:
    """By a job of the hub where one runs; in this process where none does, or where --offline or --to ask for it."""
    if args.offline or args.to:
        made = make_offline(settings, to=args.to or "", with_key=args.with_key)
    else:
        try:
            made = asyncio.run(_by_job(settings, with_key=args.with_key))
        except UnavailableError:
            made = make_offline(settings, to="", with_key=args.with_key)
    if args.json:
        print_json(made)
        return 0
    print(tr("Everything up to entry {revision} is in {path} ({size}, {files} files, proved).",
             revision=made.revision, path=made.path, size=size(made.size), files=made.files))
    if made.with_key:
        print(tr("It holds the key of the secrets: whoever has it can read them. Keep it locked away."), file=sys.stderr)
    else:
        print(tr("The key of the secrets is not in it: keep that separately, or the secrets must be entered anew."), file=sys.stderr)
    return 0


async def _by_job(settings: Settings, *, with_key: bool) -> Backup:
    async with client.connect(settings) as hub:
        job = await hub.node.backup(with_key=with_key)
        with _line() as say:
            while job.state in ("waiting", "running"):
                await asyncio.sleep(LOOK_S)
                job = await hub.work.job(job.id)
                say(job.done, job.total, "")
    if job.state != "done":
        raise ConflictError(tr("The backup ended as {state}: {reason}", state=tr(job.state), reason=tr(job.message)),
                            way_out=tr("`yunwang job show {id}` tells more.", id=job.id))
    return msgspec.convert(job.result, Backup)


def make_offline(settings: Settings, *, to: str, with_key: bool) -> Backup:
    """Reads beside whoever writes, with the rights of this account on the files."""
    from agents.node.backup import Wish, backups_folder, make
    from agents.node.records import source

    folder = Path(to).expanduser().absolute() if to else backups_folder(settings)
    with source(settings) as records, _line() as say:
        return make(settings, records, Wish(folder, with_key=with_key), lambda: time.time_ns() // 1_000_000, say)


def list_(args: Namespace, settings: Settings) -> int:
    """Reads the folder itself where this account may; asks the hub where not."""
    from agents.node.backup import backups_folder, listed

    folder = Path(args.to).expanduser() if args.to else backups_folder(settings)
    found = listed(folder)
    if args.json:
        from cli.asking import plain

        print_json({"folder": str(folder), "backups": [plain(one) for one in found]})
        return 0
    if not found:
        print(tr("There are no backups in {folder}.", folder=folder), file=sys.stderr)
        return 0
    rows = [[clock(one.made_at), str(one.revision), one.version, size(one.size), tr("with key") if one.with_key else "",
             tr("scheduled") if one.scheduled else tr("by hand"), one.path] for one in found]
    headings = [tr("made"), tr("entry"), tr("version"), tr("size"), tr("key"), tr("by"), tr("folder")]
    print("\n".join(tables.lines(headings, rows)))
    return 0


def _chosen(settings: Settings, name: str) -> Path:
    from agents.node.backup import backups_folder, newest_of

    if name != "latest":
        return Path(name).expanduser().absolute()
    folder = backups_folder(settings)
    newest = newest_of(folder)
    if newest is None:
        raise NotFoundError(tr("There are no backups in {folder}.", folder=folder), way_out=tr("Make one with `yunwang backup`."))
    return newest[0]


def verify(args: Namespace, settings: Settings) -> int:
    from agents.node.proof import prove

    folder = _chosen(settings, args.dir)
    with _line() as say:
        manifest = prove(folder, say)
    if args.json:
        print_json({"path": str(folder), "whole": True, "files": len(manifest.files), "revision": manifest.revision, "tip": manifest.tip})
    else:
        print(tr("{path} is whole: {files} files of {time}, up to entry {revision}.",
                 path=folder, files=len(manifest.files), time=clock(manifest.made_at), revision=manifest.revision))
    return 0


def restore(args: Namespace, settings: Settings) -> int:
    from agents.node.records import target
    from agents.node.restore import plan
    from agents.node.restore import restore as bring_back
    from agents.places import owner, settled
    from core.paths import data_dir

    settings = settled(settings)
    folder = _chosen(settings, args.dir)
    if pid := owner(settings):
        raise ConflictError(tr("A hub runs on {folder} (process {pid}).", folder=data_dir(settings), pid=pid),
                            way_out=tr("Stop it with `yunwang hub stop`, then restore."))
    if folder.is_relative_to(data_dir(settings)) and folder.parent.name != "backups":
        raise UsageError(tr("The backup lies inside the data that it would replace."), way_out=tr("Move it out of the data folder first."))
    with _line() as say:
        if args.dry_run:
            made = plan(settings, folder, target(settings), replace=args.replace, progress=say)
            manifest, aside, key_here = made.manifest, None, made.key_here
        else:
            manifest, aside = bring_back(
                settings, folder, target(settings), now_ms=time.time_ns() // 1_000_000, replace=args.replace, progress=say,
            )
            key_here = plan_key(settings, with_key=manifest.with_key)
    told = {"path": str(folder), "revision": manifest.revision, "made_at": manifest.made_at, "dry_run": bool(args.dry_run),
            "set_aside": str(aside or ""), "key_here": key_here}
    if args.json:
        print_json(told)
        return 0
    sentence = tr("It can be restored: everything up to entry {revision}, of {time}.") if args.dry_run else tr(
        "Restored: everything up to entry {revision}, of {time}.")
    print(sentence.format(revision=manifest.revision, time=clock(manifest.made_at)))
    if aside:
        print(tr("What was there before lies in {folder} now; remove it when you are sure.", folder=aside))
    if not key_here:
        print(tr("The key of the secrets is not here: put it at the place of secrets.key before the hub starts."), file=sys.stderr)
    if not args.dry_run:
        print(tr("Next: `yunwang doctor`, then `yunwang hub start`, then `yunwang audit verify`."), file=sys.stderr)
    return 0


def plan_key(settings: Settings, *, with_key: bool) -> bool:
    """Whether the secrets can be opened after a restore."""
    from stores.secrets import Keyring

    if with_key:
        return True
    try:
        Keyring.open(settings, create=False)
    except (YunwangError, OSError):
        return False
    return True


@contextlib.contextmanager
def _line() -> Iterator["Progress"]:
    """One line of progress on a terminal; silence where there is none."""
    say = Progress()
    try:
        yield say
    finally:
        say.clear()


class Progress:
    """Callable as `agents.node.progress.Progress`."""

    def __init__(self) -> None:
        self._last = 0.0
        self._on = sys.stderr.isatty()

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if self._on and now - self._last >= LOOK_S:
            self._last = now
            share = f"{100 * done // total:3d} % " if total else ""
            print(f"\r\x1b[K{share}{what[:_SHOWN]}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._on and self._last:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
