"""Whether there is a terminal for the console, which reads standard input and draws on standard error."""

import sys

from core.errors import UsageError
from core.i18n import tr


def require_terminal() -> None:
    """Raises `UsageError` where a console could not be drawn."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            tr("The console needs a terminal."), way_out=tr("Without one, use the commands of `yunwang --help`; the demo takes --once."),
        )
