"""Secrets as people hand them over: typed at a prompt that shows nothing, or on standard input. Never an argument, never a file of ours."""

import getpass
import sys

from core.errors import InvalidInputError, UsageError
from core.i18n import tr

MOST = 16 * 1024


def from_stdin() -> str:
    """All of standard input, without the line break at its end."""
    raw = sys.stdin.buffer.read(MOST + 1)
    if len(raw) > MOST:
        raise InvalidInputError(tr("The secret is longer than {limit} KiB.", limit=MOST >> 10))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError(tr("The secret is not UTF-8 text.")) from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise InvalidInputError(tr("Standard input is empty."))
    return text


def typed(prompt: str) -> str:
    """A new secret, typed twice."""
    if not sys.stdin.isatty():
        raise UsageError(tr("There is no terminal to ask for the secret."), way_out=tr("Give it on standard input with --stdin."))
    for _ in range(3):
        secret = getpass.getpass(prompt)
        if not secret:
            raise UsageError(tr("The secret is empty."))
        if getpass.getpass(tr("Once more: ")) == secret:
            return secret
        print(tr("These were not the same."), file=sys.stderr)
    raise UsageError(tr("The secret was not typed the same way twice."))
