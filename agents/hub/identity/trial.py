"""Trial mode 试用: the demo and the first hour, before any account exists. One account, three personas, nothing written to real devices.

It lasts 30 days from the first start. What it remembers lies in `trial.json` of the data folder: when it began, the largest time that was
ever seen (a clock that is set back does not prolong it), and that it has ended once there were accounts.
"""

import logging
import os
from pathlib import Path

import msgspec

from core.errors import ForbiddenError, YunwangError
from core.i18n import mark, tr
from core.identity import OFFICES, Actor, Caller, Grant, Role
from core.nouns import Noun
from stores.secrets.places import replace_private

DAYS = 30
DAY_MS = 86_400_000
FILE = "trial.json"
ACCOUNT = "trial"
"""Id of the one account: not one that any record can have."""
PERSONAS = OFFICES
BANNER = mark("Trial: nothing is written to real devices and nothing is signed. Found the offices with `yunwang setup`.")

log = logging.getLogger(__name__)


class Remembered(Noun, frozen=True, kw_only=True):
    """What survives a restart. Times are milliseconds since 1970, UTC; 0: not yet."""

    begun_at: int
    seen_at: int
    ended_at: int = 0


class Trial:
    """The trial of one node."""

    def __init__(self, folder: Path, now_ms: int) -> None:
        self._file = folder / FILE
        self._state = _read(self._file) or Remembered(begun_at=now_ms, seen_at=now_ms)
        self.look(now_ms)

    @property
    def on(self) -> bool:
        return not self._state.ended_at

    @property
    def until(self) -> int:
        return self._state.begun_at + DAYS * DAY_MS

    def is_over(self, now_ms: int) -> bool:
        """Whether its days are used up, by the largest time that was ever seen."""
        return max(self._state.seen_at, now_ms) >= self.until

    def look(self, now_ms: int) -> None:
        """Remembers how late it is."""
        self._keep(self._state.replace(seen_at=max(self._state.seen_at, now_ms)))

    def end(self, now_ms: int) -> None:
        """For good: there are accounts now."""
        if self.on:
            self._keep(self._state.replace(ended_at=max(now_ms, 1)))

    def _keep(self, state: Remembered) -> None:
        self._state = state
        try:
            replace_private(self._file, msgspec.json.encode(state).decode())
        except YunwangError as error:
            log.warning("The trial's state was not written: %s", error)

    def caller(self, peer: Actor, persona: Role, now_ms: int) -> Caller | None:
        """The one account, for the system account that runs the hub and for root; None for everybody else."""
        if not self.on or peer.uid not in (0, os.geteuid()):
            return None
        if persona not in PERSONAS:
            raise ForbiddenError(
                tr("The trial has no persona {role}.", role=tr(persona)), way_out=tr("Personas: {roles}.", roles=", ".join(PERSONAS)),
            )
        actor = Actor(name=f"{peer.name} (trial)", uid=peer.uid, origin=peer.origin, request=peer.request)
        return Caller(
            actor=actor, account=ACCOUNT, grants=(Grant(id="", account=ACCOUNT, role=persona),), trial=True,
            trial_over=self.is_over(now_ms), how="trial", expires_at=self.until,
        )


def _read(file: Path) -> Remembered | None:
    """None where there is none yet; one that cannot be read counts as used up: it does not begin anew by being damaged."""
    try:
        return msgspec.json.decode(file.read_bytes()[:4096], type=Remembered)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        return Remembered(begun_at=0, seen_at=0)
