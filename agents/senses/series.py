"""Series numbers of what is polled: those known already, and new ones from the store for many devices at a time."""

from collections.abc import Sequence

from agents.senses.entry import Entry
from agents.senses.store import SampleWriter
from monitors.samples import Ledger, Numbers, keys_of

_TOGETHER = 128
"""Devices whose series are numbered together: each time is one durable write, and their names take 100 kB a device meanwhile."""


def numbered(entries: Sequence[Entry], known: Sequence[Numbers | None], writer: SampleWriter) -> list[Numbers | None]:
    """Numbers of all devices; None for those that the store cannot give any now. known: of those that have theirs."""
    out = list(known)
    new = [at for at, numbers in enumerate(known) if numbers is None]
    for start in range(0, len(new), _TOGETHER):
        some = new[start : start + _TOGETHER]
        keys = [keys_of(entries[at].target.device_id, entries[at].polled) for at in some]
        given = writer.numbers([key for part in keys for key in part])
        if given is None:
            break
        first = 0
        for at, part in zip(some, keys, strict=True):
            out[at] = given[first : first + len(part)]
            first += len(part)
    return out


def number_the_rest(entries: Sequence[Entry], ledger: Ledger, writer: SampleWriter) -> None:
    """Once the store works again: numbers for the devices that could not get theirs."""
    lacking = [number for number, has in enumerate(ledger.numbered.tolist()) if not has]
    if not lacking:
        return
    found = numbered([entries[n] for n in lacking], [None] * len(lacking), writer)
    for number, numbers in zip(lacking, found, strict=True):
        if numbers is not None:
            ledger.enter(number, numbers)
