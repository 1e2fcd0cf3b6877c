"""`yunwang source ...`: where the inventory comes from; and `yunwang inventory import KIND:WHAT`."""

import sys
from argparse import Namespace
from typing import Any
from urllib.parse import urlsplit

import msgspec

import client
from cli import files, secrets, tables
from cli.asking import ask, clock, print_json
from cli.source_report import show_intake, show_push
from cli.work import until_ended
from core import jobs
from core.errors import ConflictError, InvalidInputError, NotFoundError, UsageError, YunwangError
from core.failure import BY_CODE
from core.i18n import tr
from core.settings import Settings, load
from core.sources import IntakeReport, NewSource, PushReport, SourceChange, SourceConfig, SyncWish
from core.width import clean
from core.work import Job

PASSWORD = frozenset({"openstack"})
"""Kinds that want a user and a password; the others a token, if anything."""
FILES = frozenset({"oxidized", "librenms", "zabbix"})
"""Kinds that a file may stand for."""


def list_(args: Namespace, settings: Settings) -> int:
    """Prints all sources."""
    rows = ask(settings, lambda hub: hub.sources.list())
    if args.json:
        print_json({"sources": [msgspec.to_builtins(row) for row in rows]})
        return 0
    headings = [tr("name"), tr("kind"), tr("address"), tr("credential"), tr("on"), tr("newest sync"), tr("state")]
    table = [
        [row.source.name, row.source.kind, row.source.url, row.source.credential, tr("yes") if row.source.enabled else tr("no"),
         clock(row.at_ms), " ".join(filter(None, (tr(jobs.STATES[row.state]) if row.state in jobs.STATES else "-", tr(row.message))))]
        for row in rows
    ]
    print("\n".join(tables.lines(headings, table, tables.room())))
    return 0


def add(args: Namespace, settings: Settings) -> int:
    """Adds a source."""
    new = _from_cloud(args.name, args.from_cloud) if args.from_cloud else _new(args)
    options = {**new.options, **_options(args)}
    added = ask(settings, lambda hub: hub.sources.add(new.replace(options=options, note=args.note)))
    return _tell(args, added)


def _new(args: Namespace) -> NewSource:
    if not args.url:
        raise UsageError(tr("--url is needed."), way_out=tr("Or take a cloud over from clouds.yaml with --from-cloud."))
    given = "" if args.credential else _secret(args)
    return NewSource(name=args.name, kind=args.kind, url=args.url, credential=args.credential, username=args.user, secret=given)


def _secret(args: Namespace) -> str:
    if args.kind == "oxidized" and not args.stdin and not args.user:
        return ""
    if args.kind in PASSWORD and not args.user:
        raise UsageError(tr("A password needs a user name."), way_out="--user NAME")
    if args.stdin:
        return secrets.from_stdin()
    return secrets.typed(tr("Password: ") if args.kind in PASSWORD or args.user else tr("Token: "))


def _from_cloud(name: str, cloud: str) -> NewSource:
    """As it stands in clouds.yaml of this machine. `verify: false` is not taken over: its certificate can be named instead."""
    from links.clouds import entry

    found = entry(cloud)
    if found.unverified and not found.authority:
        print(tr("clouds.yaml does not verify the certificate; here it is verified: name it with --authority."), file=sys.stderr)
    options = {
        "project": found.project, "domain": found.domain, "region": found.region, "authority": found.authority,
        "login": "application-credential" if found.application else "",
    }
    return NewSource(
        name=name, kind="openstack", url=found.auth_url, username=found.username, secret=found.password,
        options={field: value for field, value in options.items() if value},
    )


def _options(args: Namespace) -> dict[str, str]:
    found = {}
    for word in args.option or []:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise UsageError(tr("{word} is not of the form NAME=VALUE.", word=clean(word, 60)))
        found[name] = value
    if args.authority:
        found["authority"] = files.read(args.authority).decode("ascii", "replace")
    return found


def set_(args: Namespace, settings: Settings) -> int:
    """Changes a source."""
    if args.on and args.off:
        raise UsageError(tr("--on and --off at once make no sense."))
    change = SourceChange(
        url=args.url or None, credential=args.credential or None, options=_options(args) or None, note=args.note or None,
        enabled=True if args.on else False if args.off else None,
    )
    return _tell(args, ask(settings, lambda hub: hub.sources.change(args.name, change)))


def _tell(args: Namespace, source: SourceConfig) -> int:
    if args.json:
        print_json(source)
        return 0
    print(f"{clean(source.name)}: {source.kind} {clean(source.url)} {tr('on') if source.enabled else tr('off')}")
    print(tr("Try it: yunwang source test {name}", name=clean(source.name)), file=sys.stderr)
    return 0


def remove(args: Namespace, settings: Settings) -> int:
    """Removes a source."""
    ask(settings, lambda hub: hub.sources.remove(args.name))
    print(tr("Removed {name}.", name=clean(args.name)))
    return 0


def test(args: Namespace, settings: Settings) -> int:
    """Tries a source; the exit code tells how it went."""
    found = ask(settings, lambda hub: hub.sources.test(args.name))
    if args.json:
        print_json(found)
    else:
        print(clean(found.message, 500))
        if found.about:
            print(f"  {clean(found.about, 200)} ({found.took_ms} ms)")
        if found.way_out:
            print(f"  {clean(found.way_out, 300)}", file=sys.stderr)
    return 0 if found.ok else BY_CODE.get(found.code, YunwangError).exit_code


def sync(args: Namespace, settings: Settings) -> int:
    """Asks a source, and waits for what became of it."""
    wish = SyncWish(dry_run=args.dry_run, accept_new=args.accept_new)
    return _follow(args, settings, ask(settings, lambda hub: hub.sources.sync(args.name, wish)), wait=not args.no_wait)


def push(args: Namespace, settings: Settings) -> int:
    """Writes to a NetBox, and waits for what became of it."""
    job = ask(settings, lambda hub: hub.sources.push(args.name, dry_run=args.dry_run))
    job = _ended(args, settings, job) if not args.no_wait else job
    if job.state != "done":
        return _unfinished(args, job)
    report = msgspec.convert(job.result, PushReport)
    if args.json:
        print_json(report)
    else:
        show_push(report)
    return 0


def _follow(args: Namespace, settings: Settings, job: Job, *, wait: bool = True) -> int:
    job = _ended(args, settings, job) if wait else job
    if job.state != "done":
        return _unfinished(args, job)
    return _show(args, msgspec.convert(job.result, IntakeReport))


def _show(args: Namespace, report: IntakeReport) -> int:
    if args.json:
        print_json(report)
    else:
        show_intake(report)
    return InvalidInputError.exit_code if report.problems_total else 0


def _ended(args: Namespace, settings: Settings, job: Job) -> Job:
    return ask(settings, lambda hub: until_ended(hub, job.id, quiet=args.json or not sys.stderr.isatty()))


def _unfinished(args: Namespace, job: Job) -> int:
    """It waits, or it ended otherwise than well."""
    if args.json:
        print_json(job)
    else:
        print(clean(f"{job.kind} {job.id}: {tr(jobs.STATES[job.state])} {tr(job.message)}", 1000), file=sys.stderr)
    return 0 if job.state not in jobs.ENDED else ConflictError.exit_code


# ---- yunwang inventory import KIND:WHAT


def import_from(args: Namespace, settings: Settings | None = None) -> int:
    """`openstack:CLOUD`, `netbox:URL`, `librenms:URL`, `zabbix:URL`, `oxidized:FILE`, `discover:PREFIX` of `inventory import`."""
    settings = settings or load(getattr(args, "config", None))
    kind, _, what = args.file.partition(":")
    kind = kind.lower()
    if kind == "discover":
        from cli.crawl import import_discover

        return int(import_discover(args, settings))
    if not what:
        raise UsageError(tr("{kind}: of what?", kind=kind), way_out="openstack:CLOUD netbox:URL librenms:URL zabbix:URL oxidized:FILE")
    if kind in FILES and not what.startswith(("http://", "https://")) and what not in _known(settings):
        return _import_file(args, settings, kind, what)
    name = _source(args, settings, kind, what)
    job = ask(settings, lambda hub: hub.sources.sync(name, SyncWish(dry_run=args.dry_run, accept_new=True)))
    return _follow(args, settings, job)


def _known(settings: Settings) -> dict[str, SourceConfig]:
    return {row.source.name: row.source for row in ask(settings, lambda hub: hub.sources.list())}


def _import_file(args: Namespace, settings: Settings, kind: str, name: str) -> int:
    content = files.read(name)

    async def question(hub: client.Client) -> IntakeReport:
        return await hub.sources.import_file(kind, name.replace("\\", "/").rpartition("/")[2], content, dry_run=args.dry_run)

    return _show(args, ask(settings, question))


def _source(args: Namespace, settings: Settings, kind: str, what: str) -> str:
    """The source of this name or address; a new one where nobody added it before, but for a dry run, which changes nothing."""
    known = _known(settings)
    if what in known:
        return what
    found = next((one.name for one in known.values() if one.kind == kind and one.url and one.url == what.rstrip("/")), "")
    if found:
        return found
    new = _from_cloud(what, what) if kind == "openstack" else _asked(kind, what)
    if args.dry_run:
        raise NotFoundError(
            tr("There is no source {name} yet, and a dry run adds none.", name=clean(what, 200)),
            way_out=tr("Add it first: yunwang source add"),
        )
    ask(settings, lambda hub: hub.sources.add(new))
    print(tr("Added the source {name}.", name=clean(new.name)), file=sys.stderr)
    return new.name


def _asked(kind: str, url: str) -> NewSource:
    """A source whose token is typed now."""
    host = urlsplit(url).hostname
    if not host:
        raise UsageError(tr("There is no source named {name}.", name=clean(url, 64)), way_out=f"{kind}:https://...")
    token = "" if kind == "oxidized" else secrets.typed(tr("Token: "))
    kinds: Any = kind
    return NewSource(name=host, kind=kinds, url=url, secret=token)
