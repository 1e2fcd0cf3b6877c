"""The entry point: words to an operation, the operation to its handler, errors to one sentence and an exit code."""

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from cli import words
from core import i18n
from core.errors import YunwangError
from core.operations import Operation, commands
from core.settings import Settings, load

if TYPE_CHECKING:
    from argparse import Namespace

Handler = Callable[["Namespace", Settings], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; whatever happens, the user sees sentences and never a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _make_writable()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except YunwangError as error:
        from cli import failure

        return _quietly(partial(failure.tell, error, as_json=words.wants_json(arguments)))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:  # noqa: BLE001 - the last net: a person gets a sentence, the details go to a file
        from cli import failure

        return _quietly(partial(failure.unexpected, error, arguments, as_json=words.wants_json(arguments)))
    return code


def _run(arguments: list[str]) -> int:
    i18n.use(words.language(arguments))
    words.check(arguments, commands())
    from cli.parser import build

    try:
        given = words.joined(arguments, commands())
        args = build(words=given).parse_args(given)
    except SystemExit as leave:  # --help and --version
        return int(leave.code or 0)
    operation = cast("Operation | None", args.operation)
    if operation is None:
        operation = _console() if not arguments else None
    if operation is None:
        args.parser.print_help()
        return 0 if not arguments else 2
    settings = load(getattr(args, "config", None))
    i18n.use(i18n.choose(getattr(args, "lang", settings.general.language)))
    if persona := getattr(args, "persona", ""):
        os.environ["YUNWANG_AS"] = persona
    return handler(operation)(args, settings)


def handler(operation: Operation) -> Handler:
    """The function that an operation names, imported only now."""
    module, _, function = operation.handler.partition(":")
    return cast("Handler", getattr(importlib.import_module(module), function))


def _console() -> Operation | None:
    """`yunwang` alone on a terminal opens the console."""
    return commands().get(("", "console")) if sys.stdin.isatty() and sys.stdout.isatty() else None


def _make_writable() -> None:
    """A terminal that cannot show a character gets a replacement, not an error."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _quietly(tell: Callable[[], int]) -> int:
    try:
        code = tell()
        sys.stdout.flush()
    except BrokenPipeError:
        return _closed_pipe()
    return code


def _closed_pipe() -> int:
    """Nobody reads any more. What is left in the buffer must not complain when the interpreter closes it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE
