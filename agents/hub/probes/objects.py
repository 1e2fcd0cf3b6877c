"""What a probe is about: the object by its name or key, its address, and what it promises."""

from typing import Any, NamedTuple

from core.custody import HostKey, id_of
from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.model import DECLARED, KEYED
from core.ports import ListQuery, RecordStore
from core.probes import NewProbe, Probe, ProbeTask
from monitors.probes.kinds import RULES

_ADDRESSES = ("address", "url", "endpoint", "auth_url")
_PROMISES = ("fresh_minutes", "rows_per_day")
_DEVICES = frozenset({"device"})


class About(NamedTuple):
    """object_id: under which series are stored; the probe's own where there is no such object (any more)."""

    object_id: str
    host: str
    unit: str = ""
    site: str = ""
    promises: dict[str, str] = {}
    known: bool = True


def found(store: RecordStore, kind: str, name: str) -> Any:
    """The object; None where there is none."""
    if kind in DECLARED:
        return store.find(kind, name)
    if kind in KEYED:
        page = store.page(kind, ListQuery(where={"key": name}, sort="key", limit=1))
        return store.get(kind, page.items[0]["id"]) if page.items else None
    return None


def about(store: RecordStore, probe: Probe | NewProbe) -> About:
    """An object that is gone is no reason to fail: the probe says so."""
    own = getattr(probe, "id", "")
    record = found(store, probe.object_kind, probe.object) if probe.object else None
    if record is None:
        return About(own, probe.target, known=not probe.object)
    address = next((value for name in _ADDRESSES if (value := getattr(record, name, ""))), "")
    system = getattr(record, "target_system", "")
    unit = getattr(record, "unit", "") or (getattr(store.find("system", system), "unit", "") if system else "")
    promises = {name: str(value) for name in _PROMISES if (value := getattr(record, name, 0))}
    return About(record.id, probe.target or str(address), unit, getattr(record, "site", ""), promises)


def must_be_there(store: RecordStore, probe: NewProbe | Probe) -> None:
    """Raises `InvalidInputError` for an object that is not in the inventory, or has no address where one is needed."""
    if not probe.object:
        return
    if probe.object_kind not in DECLARED and probe.object_kind not in KEYED:
        raise InvalidInputError(
            tr("There is no kind of object called {kind}.", kind=probe.object_kind), way_out=", ".join(sorted({*DECLARED, *KEYED})),
        )
    where = about(store, probe)
    if not where.known:
        raise InvalidInputError(
            tr("The inventory has no {kind} called {name}.", kind=probe.object_kind, name=probe.object[:64]),
            way_out=tr("Import it first, or name one that is there."),
        )
    if not where.host:
        raise InvalidInputError(tr("{name} has no address of its own; name the target.", name=probe.object[:64]), way_out="--target HOST")
    if probe.kind == "host" and probe.object_kind not in _DEVICES:
        raise InvalidInputError(tr("A host is probed as a device of the inventory."), way_out="--object NAME")


def task_of(store: RecordStore, probe: Probe) -> ProbeTask:
    """As senses need it."""
    where = about(store, probe)
    host = where.host if where.known else ""
    pinned = _pinned(store, host, probe.port or RULES["host"].port) if probe.kind == "host" and host else ""
    return ProbeTask(probe=probe, object_id=where.object_id, host=host, about=where.promises, host_key=pinned)


def _pinned(store: RecordStore, address: str, port: int) -> str:
    try:
        known = store.get("host_key", id_of("host_key", address, port))
    except NotFoundError:
        return ""
    if not isinstance(known, HostKey):
        return ""
    return "changed" if known.state == "changed" else f"{known.algorithm} {known.fingerprint}"
