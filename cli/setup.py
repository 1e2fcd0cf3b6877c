"""`yunwang setup`: asks what it must know, shows what it will do, does it, and says what comes next."""

import asyncio
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import client
from cli import tables
from cli.asking import print_json
from core import i18n
from core.errors import ForbiddenError, InvalidInputError, UsageError
from core.i18n import tr
from core.identity import OFFICES, Founding, OneTimeSecret
from core.settings import Settings, load

if TYPE_CHECKING:
    from agents.node.setup import Answers, Place, Step

TRIES = 3


def setup(args: Namespace, settings: Settings) -> int:
    """Exit code 0 when everything is done; it may be repeated at any time."""
    from agents.node import setup as doing

    _refuse_without_root(args)
    config = doing.config_path(args.settings or getattr(args, "config", "") or "", system=args.system)
    if config.exists():
        settings = load(config)
    place = doing.Place(config, _systemd(args), args.system, _program())
    if args.systemd and not args.system and not args.answers:
        return _units_only(settings, place, dry_run=args.dry_run)
    answers = doing.read_answers(Path(args.answers).expanduser()) if args.answers else _ask(settings, system=args.system)
    settings = doing.wanted(answers, settings, system=args.system)
    founding = _founding(answers, settings)
    todo = doing.steps(settings, place)
    if not args.json:
        _show(todo, founding)
    if args.dry_run:
        if args.json:
            print_json({"steps": [_plain(step) for step in todo], "founds": founding.unit if founding else "", "dry_run": True})
        return 0
    if not args.answers and not _yes(tr("Do this?")):
        return 1
    secrets = _do(todo, settings, place, founding)
    if args.json:
        print_json({"config": str(config), "steps": [_plain(step) for step in todo],
                    "secrets": [{"name": one.name, "secret": one.secret} for one in secrets]})
    else:
        _tell(secrets, place)
    return 0


def _refuse_without_root(args: Namespace) -> None:
    if args.system and os.geteuid() != 0:
        raise ForbiddenError(tr("Setting up the service of this machine needs root."), way_out="sudo yunwang setup --system")


def _do(todo: "list[Step]", settings: Settings, place: "Place", founding: Founding | None) -> tuple[OneTimeSecret, ...]:
    from agents.node.setup import hand_over

    for step in todo:
        if step.do:
            step.do()
    secrets = asyncio.run(_found(settings, founding)) if founding else ()
    if place.system:
        hand_over(settings, place.config)
    return secrets


def _systemd(args: Namespace) -> Path | None:
    if args.systemd:
        return Path(args.systemd).expanduser().absolute()
    return Path("/etc") if args.system and Path("/run/systemd/system").is_dir() else None


def _program() -> Path:
    """The `yunwang` beside the Python that runs."""
    beside = Path(sys.executable).with_name("yunwang")
    return beside if beside.exists() else Path(sys.argv[0]).absolute()


def _units_only(settings: Settings, place: "Place", *, dry_run: bool) -> int:
    from agents.node import setup as doing

    todo = [step for step in doing.steps(settings, place) if step.name == tr("unit of systemd")]
    _show(todo, None)
    for step in todo:
        if step.do and not dry_run:
            step.do()
    return 0


def _founding(answers: "Answers", settings: Settings) -> Founding | None:
    from agents.hub.identity.founding import check
    from agents.node.setup import founded

    founding = answers.founding()
    if founding is None or founded(settings):
        return None
    check(founding)
    return founding


def _ask(settings: Settings, *, system: bool) -> "Answers":
    """A conversation; what is empty takes the value in brackets."""
    from agents.node.setup import Answers, Person, founded, wanted

    if not sys.stdin.isatty():
        way_out = tr("Give the answers in a file with --answers; docs/install.md shows one.")
        raise UsageError(tr("There is no terminal to ask."), way_out=way_out)
    print(tr("Setting up this node. Nothing is done before you say yes at the end; Ctrl+C leaves."), file=sys.stderr)
    usual = wanted(Answers(), settings, system=system)
    language = _word(tr("Language of screens and messages (zh, en)"), i18n.language(), ("zh", "en"))
    data = _word(tr("Folder of the data"), usual.general.data_dir)
    run = _word(tr("Folder of the sockets"), usual.general.run_dir)
    answers = Answers(language=language, data_dir=data, run_dir=run)  # type: ignore[arg-type]
    if founded(wanted(answers, settings, system=system)) or not _yes(tr("Found the unit and the three offices now?")):
        return answers
    unit = _word(tr("Name of the unit that runs this hub"), "")
    level = _word(tr("Its level (city, county, township)"), "city", ("city", "county", "township"))
    print(tr("Three offices, three persons: none may hold two of them."), file=sys.stderr)
    officers = {}
    for role in OFFICES:
        name = _word(tr("{office}: name for the login", office=tr(role)), "")
        officers[role] = Person(name=name, display_name=_word(tr("{office}: name of the person", office=tr(role)), name))
    return answers.replace(unit=unit, level=level, officers=officers)


def _word(question: str, usual: str, choices: tuple[str, ...] = ()) -> str:
    """Asks until there is an answer that can be taken."""
    for _ in range(TRIES):
        print(f"{question}{f' [{usual}]' if usual else ''}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline(1024)
        if not line:
            raise UsageError(tr("The answers ended too early."))
        if (answer := line.strip() or usual) and (not choices or answer in choices):
            return answer
    raise InvalidInputError(tr("No answer to: {question}", question=question))


def _yes(question: str) -> bool:
    return _word(f"{question} (y, n)", "y", ("y", "n", "yes", "no", "是", "否")) in ("y", "yes", "是")


async def _found(settings: Settings, founding: Founding) -> tuple[OneTimeSecret, ...]:
    """By the hub that runs, or by one that is started for this and stopped again."""
    from agents import launch
    from agents.places import owner

    started = 0 if owner(settings) else await asyncio.to_thread(launch.start, settings, kinds=("hub", "workers"))
    try:
        async with client.connect(settings) as hub:
            return await hub.accounts.found(founding)
    finally:
        if started:
            await asyncio.to_thread(launch.stop, settings)


def _plain(step: "Step") -> dict[str, object]:
    return {"name": step.name, "detail": step.detail, "done": step.do is None}


def _show(todo: "list[Step]", founding: Founding | None) -> None:
    rows = [[tr("there") if step.do is None else tr("to do"), step.name, step.detail] for step in todo]
    if founding:
        rows.append([tr("to do"), tr("unit and offices"), f"{founding.unit}: {', '.join(officer.name for officer in founding.officers)}"])
    print("\n".join(tables.lines([tr("state"), tr("step"), tr("where")], rows)), file=sys.stderr)


def _tell(secrets: tuple[OneTimeSecret, ...], place: "Place") -> None:
    if secrets:
        print(tr("These one-time passwords are shown once. Hand each to its person, who changes it at the first login."), file=sys.stderr)
        print("\n".join(tables.lines([tr("name"), tr("one-time password")], [[one.name, one.secret] for one in secrets])))
    print(tr("Next:"), file=sys.stderr)
    if place.system:
        print("  systemctl daemon-reload && systemctl enable --now yunwang", file=sys.stderr)
        print(tr("  usermod -aG yunwang NAME   for each person who works in a terminal of this machine"), file=sys.stderr)
    else:
        print("  yunwang hub start", file=sys.stderr)
    for line in ("  yunwang doctor", "  yunwang login", "  yunwang console"):
        print(line, file=sys.stderr)
