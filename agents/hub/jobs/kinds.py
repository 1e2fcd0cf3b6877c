"""What kinds of jobs there are, who may run each, and where it runs."""

from collections.abc import Callable
from typing import Any, NamedTuple

from agents.hub.sight import Sight
from agents.job import Runner
from core.errors import NotFoundError
from core.i18n import tr


class Kind(NamedTuple):
    """One kind of job. It runs in a thread of the hub (`runner`), or in a process of the workers (`entry`, `module:function`)."""

    name: str
    runner: Runner | None = None
    entry: str = ""
    action: str = "job.run"
    """What a person must be allowed to do to run it."""
    resumable: bool = False
    """Whether it may be begun again, from its checkpoint, after the process that ran it has died."""
    at_once: int = 1
    limit_s: int = 4 * 3600
    summary: str = ""
    """Message id."""
    check: Callable[[dict[str, Any]], dict[str, Any]] = lambda arguments: arguments
    """The arguments as the job will get them; raises `InvalidInputError`."""
    within: Callable[[dict[str, Any], Sight], dict[str, Any]] | None = None
    """The arguments narrowed to what the caller sees; None: the job is about everything."""


class Kinds:
    """All that were registered."""

    def __init__(self) -> None:
        self._known: dict[str, Kind] = {}

    def add(self, kind: Kind) -> None:
        self._known[kind.name] = kind

    def get(self, name: str) -> Kind:
        kind = self._known.get(name)
        if kind is None:
            raise NotFoundError(
                tr("There is no kind of job named {kind}.", kind=name[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(self._known)),
            )
        return kind

    def known(self, name: str) -> Kind | None:
        return self._known.get(name)

    def all(self) -> tuple[Kind, ...]:
        return tuple(self._known.values())
