"""What commands ask: the hub through the client, and the person before the terminal for what must not be an argument."""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import client
from core.errors import UsageError
from core.i18n import tr
from core.settings import Settings

T = TypeVar("T")
LONGEST_LINE = 4096


def ask(settings: Settings, question: Callable[[client.Client], Awaitable[T]]) -> T:
    """One question to the hub of these settings."""

    async def run() -> T:
        async with client.connect(settings) as hub:
            return await question(hub)

    return asyncio.run(run())


def secret(prompt: str, *, stdin: bool) -> str:
    """What must not be shown: typed without echo, or the next line of standard input. Raises `UsageError` where there is neither."""
    if stdin:
        return sys.stdin.readline(LONGEST_LINE).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError(tr("There is no terminal to type a secret into."), way_out=tr("Use --stdin, or a token in YUNWANG_TOKEN."))
    return getpass.getpass(prompt)


def word(prompt: str, *, stdin: bool) -> str:
    """What may be shown while it is typed."""
    if stdin:
        return sys.stdin.readline(LONGEST_LINE).strip()
    if not sys.stdin.isatty():
        raise UsageError(tr("There is no terminal to ask."), way_out=tr("Give it as an argument, or use --stdin."))
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline(LONGEST_LINE).strip()


def plain(noun: Any) -> Any:
    """A noun with every field, defaults too, as JSON shows it."""
    import msgspec

    if isinstance(noun, tuple | list):
        return [plain(one) for one in noun]
    return {field.name: msgspec.to_builtins(getattr(noun, field.name)) for field in msgspec.structs.fields(type(noun))}


def print_json(noun: Any) -> None:
    print(json.dumps(noun if isinstance(noun, dict) else plain(noun), ensure_ascii=False, indent=1))


def clock(at_ms: int, *, empty: str = "-") -> str:
    """Local time to the minute."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}" if at_ms else empty


def agreed(question: str) -> bool:
    """Whether the person says yes. Raises `UsageError` where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError(tr("There is no terminal to ask."), way_out=tr("Use --yes."))
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline(LONGEST_LINE).strip().lower() in ("y", "yes", "是")
