"""`yunwang profile list|show|test`: what devices are known, what a profile says, and what the profiles find on one device."""

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cli.discover import show_found
from cli.poll import secret_of
from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.settings import Settings
from core.width import clean, fit, right

if TYPE_CHECKING:
    from monitors.profile import Profile
    from monitors.profiles import Catalogue

LARGEST_FILE = 512 << 10


def list_profiles(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `profile.list`."""
    del settings
    found = [one for one in _catalogue(args).profiles if (args.word or "").lower() in f"{one.profile} {one.title}".lower()]
    if args.json:
        print(msgspec.json.encode([_summary(one) for one in found]).decode())
        return 0
    for one in found:
        print(f"{fit(one.profile, 32)} {fit(one.title, 40)} {clean(_matches(one), 60)}")
    print(tr("{count} profiles", count=len(found)))
    return 0


def show(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `profile.show`."""
    del settings
    from monitors.profiles import text_of_profile

    known = {one.profile: one for one in _catalogue(args).profiles}
    if args.name not in known:
        from difflib import get_close_matches

        near = get_close_matches(args.name, list(known), 3, 0.4)
        way_out = tr("Did you mean {names}?", names=", ".join(near)) if near else tr("See all: yunwang profile list")
        raise NotFoundError(tr("There is no profile {name}.", name=args.name[:64]), way_out=way_out)
    text = text_of_profile(args.name)
    if args.json or not text:
        body = msgspec.json.encode(known[args.name])
        print((body if args.json else msgspec.json.format(body, indent=2)).decode())
    else:
        print(text, end="")
    return 0


def test(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `profile.test`."""
    del settings
    from agents import local
    from agents.discovering import examine
    from agents.recorded import read_recording
    from links.snmp.session import open_session

    catalogue = _catalogue(args)
    if Path(args.recording).is_file():
        session: Any = read_recording(Path(args.recording))
    elif "/" in args.recording or args.recording.endswith((".snmprec", ".walk", ".txt")):
        raise NotFoundError(tr("There is no file {path}.", path=args.recording[:200]))
    else:
        session = open_session(local.target_of(local.address_of(args.recording), args.port, args.version, secret_of(args), args.timeout))
    found = asyncio.run(examine(session, catalogue, args.recording))
    if args.json:
        print(msgspec.json.encode(found).decode())
        return 0
    show_found(found)
    print(f"\n{fit(tr('Profile'), 24)} {fit(tr('Table'), 26)} {right(tr('Rows'), 6)}  {tr('Columns without a value')}")
    empty = 0
    for one in found["tables"]:
        if not one["rows"] and not one["problem"]:
            empty += 1
            continue
        print(f"{fit(one['profile'], 24)} {fit(one['table'], 26)} {right(str(one['rows']), 6)}  {clean(' '.join(one['empty']), 80)}")
    print(tr("{count} more tables have no rows.", count=empty))
    return 0


def _catalogue(args: Namespace) -> "Catalogue":
    """The shipped profiles and those of the given files, which replace shipped ones of the same name."""
    from agents.catalogue import shipped
    from monitors.profiles import extended

    return extended(shipped(), [(path, _text(path)) for path in getattr(args, "profile", None) or ()])


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST_FILE + 1).decode("utf-8")
    except OSError as error:
        raise NotFoundError(tr("{path} cannot be read: {reason}.", path=path, reason=error.strerror or "")) from None
    except UnicodeDecodeError:
        raise InvalidInputError(tr("{path} is not UTF-8 text.", path=path)) from None


def _matches(one: "Profile") -> str:
    return "; ".join(" ".join(part for part in (m.object_id, m.descr, m.probe) if part) for m in one.match) or tr("every device")


def _summary(one: "Profile") -> dict[str, Any]:
    return {
        "profile": one.profile, "title": one.title, "source": one.source, "match": msgspec.to_builtins(one.match),
        "tables": list(one.tables), "sensors": len(one.sensors),
    }
