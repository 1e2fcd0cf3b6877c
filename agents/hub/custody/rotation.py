"""Everything that is sealed, sealed anew: in one transaction, so that a crash finds it whole under the old key or whole under the new."""

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

from agents.hub.records import now_ms
from core.custody import SealedSecret
from core.errors import YunwangError
from core.identity import AccountSecret, Actor
from core.ports import RecordStore, RecordWrite
from stores.secrets import Keyring

ACTION = "credential.rotate"
log = logging.getLogger(__name__)


def seals_anything(store: RecordStore) -> bool:
    """Whether there is something that only the key opens."""
    return any(True for _ in store.all("sealed_secret")) or any(one.totp_secret for one in store.all("account_secret"))


class Resealed(NamedTuple):
    """What one pass did."""

    records: tuple[SealedSecret | AccountSecret, ...]
    unreadable: tuple[str, ...]
    """What no key opens: it stays as it is."""


def reseal(store: RecordStore, keyring: Keyring, actor: Actor) -> Resealed:
    """Seals with the current key and cipher whatever is not, and journals it where there was anything."""
    unreadable: list[str] = []
    changed: list[SealedSecret | AccountSecret] = []
    with store.write(actor, now_ms()) as write:
        for record in _sealed(store, write):
            try:
                new = _anew(keyring, record)
            except YunwangError as error:
                log.warning("%s", error)
                unreadable.append(record.name if isinstance(record, SealedSecret) else f"account {record.id}")
                continue
            if new is not None:
                write.put(ACTION, new)
                changed.append(new)
        if changed:
            write.note(ACTION, {"sealed_with": keyring.current, "resealed": len(changed), "unreadable": sorted(unreadable)})
    return Resealed(tuple(changed), tuple(sorted(unreadable)))


def _sealed(store: RecordStore, write: RecordWrite) -> Iterator[SealedSecret | AccountSecret]:
    """As they are inside the transaction: nobody can change them before it is committed."""
    for kind in ("sealed_secret", "account_secret"):
        for record in list(store.all(kind)):
            now: Any = write.get(kind, record.id)
            if isinstance(now, SealedSecret) or now.totp_secret:
                yield now


def _anew(keyring: Keyring, record: SealedSecret | AccountSecret) -> SealedSecret | AccountSecret | None:
    """The record under the current key; None where it is already."""
    if isinstance(record, SealedSecret):
        return None if keyring.is_current(record) else keyring.reseal(record)
    if keyring.is_current_text(record.totp_secret):
        return None
    return record.replace(totp_secret=keyring.reseal_text(record.totp_secret))
