"""`yunwang device check HOST`, `yunwang device snippet`: the first minutes with one's own devices, without a hub."""

import asyncio
import secrets as randomness
import string
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.asking import ask, plain, print_json
from cli.poll import asked, secret_of
from core.errors import UsageError
from core.i18n import tr
from core.settings import Settings
from core.snippets import PARTS, SECRETS, TITLES, Snippet, Wish, platforms
from core.snippets import snippet as lines_for
from core.width import clean, pad

if TYPE_CHECKING:
    from agents.local_check import Wish as CheckWish
    from core.node import Check
    from links.ssh import Login

EXIT = {"ok": 0, "warn": 0, "fail": 1}
SIGNS = {"ok": "ok", "warn": "!", "fail": "X"}
NAME_CELLS = 14
LETTERS = "".join(one for one in string.ascii_letters + string.digits if one not in "0O1lI")
LENGTH = 20


def check(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `device.check`: each line as soon as it is known. Exit code 1 when something fails."""
    checks = _by_hub(args, settings) if args.hub else asyncio.run(_checked(_wish(args, settings), quiet=args.json))
    worst = max((one.status for one in checks), key=list(EXIT).index, default="ok")
    if args.json:
        print_json({"status": worst, "host": args.host, "checks": [plain(one) for one in checks]})
    elif worst == "ok":
        print(tr("Everything is there."))
    return EXIT[worst]


def _by_hub(args: Namespace, settings: Settings) -> "list[Check]":
    """With the credentials and pinned keys of the hub."""
    done = list(ask(settings, lambda hub: hub.check(args.host, ssh_port=args.ssh_port)))
    if not args.json:
        for one in done:
            _show(one)
    return done


def _wish(args: Namespace, settings: Settings) -> "CheckWish":
    from agents import local
    from agents.local_check import Wish as CheckWish

    target = local.target_of(local.address_of(args.host), args.port, args.version, secret_of(args), args.timeout)
    return CheckWish(
        target=target, ssh_port=args.ssh_port, login=_login(args), host_key=args.host_key, platform=args.platform,
        listen_s=max(args.listen, 0.0), trap_port=args.trap_port, syslog_port=args.syslog_port, legacy=settings.secrets.ssh_legacy,
    )


def _login(args: Namespace) -> "Login | None":
    from agents.senses.secrets import read_locator
    from links.ssh import Login

    if not args.ssh_user:
        return None
    secret = read_locator(args.ssh_secret) if args.ssh_secret else asked(tr("Password of {user}: ", user=clean(args.ssh_user, 64)))
    return Login(args.ssh_user, secret if secret.startswith("-----BEGIN ") else secret.splitlines()[0] if secret else "")


async def _checked(wish: "CheckWish", *, quiet: bool) -> "list[Check]":
    from agents.local_check import Checking

    done = []
    async for one in Checking(wish).run():
        done.append(one)
        if not quiet:
            _show(one)
    return done


def _show(one: "Check") -> None:
    print(f"{pad(SIGNS[one.status], 3)} {pad(one.name, NAME_CELLS)} {clean(one.found)}", flush=True)
    if one.fix:
        print(f"{pad('', 4 + NAME_CELLS)} {tr('fix:')} {clean(one.fix)}", flush=True)


def snippet(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `device.snippet`."""
    del settings
    if not args.platform:
        raise UsageError(tr("Name the platform with --platform."), way_out=tr("One of: {names}.", names=", ".join(platforms())))
    wish = Wish(collector=args.collector, user=args.user, trap_port=args.trap_port, syslog_port=args.syslog_port, source=args.source)
    parts = tuple(part for part in PARTS if not args.part or part in args.part)
    made = lines_for(args.platform, wish, parts)
    if args.generate:
        made = lines_for(args.platform, wish, parts, _generated(Path(args.generate)))
    if args.json:
        print_json(made)
        return 0
    for line in _lines(made):
        print(line)
    for line in _advice(made, args):
        print(line, file=sys.stderr)
    return 0


def _generated(file: Path) -> dict[str, str]:
    """New secrets, a line each in a file that only its owner reads: authentication, privacy, login. Never over an old file."""
    made = {word: _secret() for word in SECRETS}
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_text("".join(f"{made[word]}\n" for word in SECRETS), "ascii")
    except FileExistsError:
        raise UsageError(tr("{file} is there already.", file=file), way_out=tr("Name a new file: secrets are never overwritten.")) from None
    return made


def _secret() -> str:
    """Letters and digits that nobody mistakes for one another, of each kind at least one."""
    while True:
        made = "".join(randomness.choice(LETTERS) for _ in range(LENGTH))
        if any(map(str.islower, made)) and any(map(str.isupper, made)) and any(map(str.isdigit, made)):
            return made


def _lines(made: Snippet) -> list[str]:
    out = []
    for part, lines in made.lines.items():
        out += [f"{made.comment} {made.title}: {tr(TITLES[part])}", *lines, ""]
    return out


def _advice(made: Snippet, args: Namespace) -> list[str]:
    """What a person must know beside the lines: it does not go into the device."""
    out = [tr("Note: {text}", text=note) for note in made.notes.values()]
    if made.missing:
        out.append(tr("Replace before pasting: {words}", words=" ".join(made.missing)))
    if "snmp" in made.lines:
        out.append(tr(
            "Then: {command}",
            command=f"yunwang credential add {args.user} --kind snmp-v3 --user {args.user} --auth {made.auth} --priv {made.priv}"
            + (f" --at file:{Path(args.generate).absolute()}" if args.generate else ""),
        ))
    out.append(tr("Save the device's configuration, then: {command}", command="yunwang device check HOST"))
    return out
