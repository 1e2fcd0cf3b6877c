"""How work tells how far it is, and hears that it shall stop."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""(done, total, what), both in bytes; total 0: not known yet. Raises to stop the work, which then leaves nothing behind."""


def silent(_done: int, _total: int, _what: str) -> None:
    """Nobody listens."""
