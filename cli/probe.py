"""`yunwang probe ...`: questions to what SNMP does not answer."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import msgspec

from cli import tables
from cli.asking import ask, clock, print_json
from core.errors import InvalidInputError, NotFoundError, UsageError
from core.i18n import tr
from core.probes import OURS, SENTENCES, NewProbe, NewProbes, Outcome, ProbeChange, ProbeRow
from core.settings import Settings
from core.width import clean

NOT_THERE = frozenset({"no-answer", "closed", "unreachable", "unknown-name"})
MOST_FILE = 512 * 1024


def run(args: Namespace, _settings: Settings) -> int:
    """Asks one thing now. Exit 0: as it should be, 3: nothing answers, 1: anything else."""
    from agents.senses.probing_once import once

    wanted = _checked({
        "name": args.kind, "kind": args.kind, "target": args.target, "port": args.port, "timeout_ms": round(args.timeout * 1000),
        "options": options_of(args.option), "interval_s": 60,
    })
    outcome = once(wanted, args.user, args.secret, args.host_key)
    if args.json:
        print_json(msgspec.to_builtins(outcome))
    else:
        _show(args.target, outcome)
    return exit_code(outcome)


def exit_code(outcome: Outcome) -> int:
    return 0 if outcome.answer == "ok" else 3 if outcome.answer in NOT_THERE else 1


def _show(target: str, outcome: Outcome) -> None:
    sentence = " ".join(filter(None, (tr(SENTENCES[outcome.answer]), clean(outcome.said, 200))))
    print(f"{clean(target, 200)}: {sentence}")
    rows = [(f"{one.metric} {clean(one.part, 80)}".strip(), number(one.value)) for one in outcome.figures]
    print("\n".join(tables.pairs([*rows, *((name, clean(value, 200)) for name, value in sorted(outcome.facts.items()))])))


def number(value: float) -> str:
    """As short as it can be read."""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def list_(args: Namespace, settings: Settings) -> int:
    """Prints all probes that one sees."""
    rows = [row for row in ask(settings, lambda hub: hub.probes.list()) if _wanted(row, args)]
    if args.json:
        print_json({"probes": [msgspec.to_builtins(row) for row in rows]})
        return 0
    headings = [tr("name"), tr("kind"), tr("object"), tr("target"), tr("every"), tr("found"), tr("ms"), tr("at")]
    print("\n".join(tables.lines(headings, [_line(row) for row in rows], tables.room())))
    return 0


def _wanted(row: ProbeRow, args: Namespace) -> bool:
    bad = row.probe.enabled and row.outcome.answer not in ("ok", "pending")
    return (bad or not args.bad) and (not args.object or row.probe.object == args.object)


def _line(row: ProbeRow) -> list[str]:
    probe, outcome = row.probe, row.outcome
    about = probe.object if probe.object_kind == "device" else f"{probe.object_kind}:{probe.object}"
    rtt = outcome.figure("yw_probe_rtt_ms")
    found = tr(SENTENCES[outcome.answer]) if probe.enabled else tr("switched off")
    return [
        probe.name, probe.kind, about if probe.object else "-", row.host or "-", f"{probe.interval_s} s",
        " ".join(filter(None, (found, outcome.said))), "-" if rtt is None else number(rtt), clock(outcome.at_ms),
    ]


def add(args: Namespace, settings: Settings) -> int:
    """Adds one, or those of a file; all or none."""
    if args.file:
        from monitors.probes.definitions import read

        probes = read(args.file, _text(args.file))
    elif not args.kind or not args.name:
        raise UsageError(tr("Say what it asks and what it is called, or give a file."), way_out="yunwang probe add KIND NAME | --file FILE")
    else:
        kind, _, name = args.object.rpartition(":")
        probes = (_checked({
            "name": args.name, "kind": args.kind, "object_kind": kind or "device", "object": name, "target": args.target, "port": args.port,
            "interval_s": args.interval, "timeout_ms": round(args.timeout * 1000), "credential": args.credential,
            "options": options_of(args.option), "note": args.note,
        }),)
    wish = NewProbes(probes=probes, over=args.replace, dry_run=args.dry_run)
    report = ask(settings, lambda hub: hub.probes.add(wish))
    if args.json:
        print_json(report)
        return 0
    if report.dry_run:
        print(tr("Nothing was changed."))
    print(tr("Added {added}, changed {changed}, unchanged {same}.", added=len(report.added), changed=len(report.changed),
             same=len(report.unchanged)))
    return 0


def set_(args: Namespace, settings: Settings) -> int:
    """Changes what is named."""
    if args.on and args.off:
        raise UsageError(tr("--on and --off at once make no sense."))
    change = _converted({
        "target": args.target, "port": args.port, "interval_s": args.interval, "credential": args.credential, "note": args.note,
        "timeout_ms": None if args.timeout is None else round(args.timeout * 1000),
        "options": options_of(args.option) or None, "enabled": True if args.on else False if args.off else None,
    }, ProbeChange)
    probe = ask(settings, lambda hub: hub.probes.change(args.name, change))
    if args.json:
        print_json(probe)
    else:
        print(tr("{name} is changed.", name=clean(probe.name)))
    return 0


def test(args: Namespace, settings: Settings) -> int:
    """Runs it from where the hub's senses are."""
    outcome = ask(settings, lambda hub: hub.probes.test(args.name))
    if args.json:
        print_json(msgspec.to_builtins(outcome))
    else:
        _show(args.name, outcome)
    return exit_code(outcome) if outcome.answer not in OURS else 1


def remove(args: Namespace, settings: Settings) -> int:
    ask(settings, lambda hub: hub.probes.remove(args.name))
    print(tr("{name} is removed.", name=clean(args.name)))
    return 0


def options_of(given: list[str] | None) -> dict[str, str]:
    """NAME=VALUE, as many as there are; VALUE may be @FILE: its text."""
    out: dict[str, str] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise UsageError(tr("{text} is no NAME=VALUE.", text=one[:64]))
        out[name] = _text(value[1:]) if value.startswith("@") else value
    return out


def _text(path: str) -> str:
    try:
        raw = sys.stdin.buffer.read(MOST_FILE + 1) if path == "-" else _bytes(Path(path).expanduser())
        if len(raw) > MOST_FILE:
            raise InvalidInputError(tr("{path} is larger than {limit} KiB.", path=path, limit=MOST_FILE >> 10))
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError(tr("{path} is not UTF-8 text.", path=path)) from None
    except OSError as error:
        raise NotFoundError(tr("{path} cannot be read: {reason}", path=path, reason=error.strerror or "")) from None


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_FILE + 1)


def _checked(fields: dict[str, Any]) -> NewProbe:
    found: NewProbe = _converted(fields, NewProbe)
    return found


def _converted(fields: dict[str, Any], noun: Any) -> Any:
    try:
        return msgspec.convert(fields, noun)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("This is no probe: {reason}", reason=str(error)[:200])) from None
