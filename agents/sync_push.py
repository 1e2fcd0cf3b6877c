"""Writing to a NetBox what it lacks of our sites, devices and prefixes: a job that may be stopped and begun again anywhere."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agents.job import Run
from core.errors import InvalidInputError
from core.i18n import mark, tr
from core.network import Prefix
from core.objects import Device, Site
from core.sources import PushReport, SourceGiven, Unplaced
from inventory.sources import netbox_out as out
from inventory.sources.words import address
from links.bounded import Site as Place
from links.netbox import NetBox

SHOWN = 500
PATHS = {
    "site": "dcim/sites", "device": "dcim/devices", "prefix": "ipam/prefixes", "role": "dcim/device-roles", "platform": "dcim/platforms",
    "manufacturer": "dcim/manufacturers", "device_type": "dcim/device-types", "vrf": "ipam/vrfs", "ip": "ipam/ip-addresses",
}
PORT = "Management"
"""Name of the interface that bears the primary address of a device that we made."""
SCOPE_SINCE = (4, 2)
READING, WRITING = mark("reading what is there"), mark("writing")
Item = dict[str, Any]


def push(given: SourceGiven, authority: str, job: Run) -> PushReport:
    """The report. `arguments`: dry_run."""
    from stores.records import open_records, records_at

    store = open_records(records_at(job.settings), readonly=True)
    try:
        sites: list[Site] = list(store.all("site"))
        devices: list[Device] = list(store.all("device"))
        prefixes: list[Prefix] = list(store.all("prefix"))
    finally:
        store.close()
    box = NetBox(Place(given.config.url, authority), given.secret)
    pushing = Pushing(box, given.config.url, dry_run=bool(job.arguments.get("dry_run")))
    pushing.prepare(lambda done: job.tell(done, 0, READING))
    wishes: list[tuple[out.Wish, Any]] = [(out.site(one), one) for one in sites]
    wishes += [(out.device(one), one) for one in devices]
    wishes += [(out.prefix(one), one) for one in prefixes]
    for number, (wish, record) in enumerate(wishes):
        job.tell(number, len(wishes), WRITING)
        pushing.put(wish, record)
    box.close()
    return pushing.report()


class Pushing:
    """One push. Everything that is there is read once; what is made is remembered."""

    def __init__(self, box: NetBox, url: str, *, dry_run: bool) -> None:
        self._box, self._url, self._dry_run = box, url, dry_run
        self._found: dict[str, dict[tuple[str, ...], Item]] = {}
        self._slugs: dict[str, set[str]] = {}
        self._counts: dict[str, dict[str, int]] = {"create": {}, "update": {}, "": {}}
        self._differs: list[Unplaced] = []
        self._unplaced: list[Unplaced] = []
        self._differs_total = self._unplaced_total = 0
        self._made_up = 0
        self._scoped = True

    def report(self) -> PushReport:
        return PushReport(
            target=self._url, dry_run=self._dry_run, created=self._counts["create"], updated=self._counts["update"],
            unchanged=self._counts[""], differs=tuple(self._differs), differs_total=self._differs_total, unplaced=tuple(self._unplaced),
            unplaced_total=self._unplaced_total,
        )

    def prepare(self, tell: Callable[[int], None]) -> None:
        """Reads what is there; makes our tag and our field where they are missing."""
        version = tuple(int(part) for part in self._box.version().split(".")[:2] if part.isdigit())
        self._scoped = version >= SCOPE_SINCE
        done = 0
        for kind, path in PATHS.items():
            self._found[kind], self._slugs[kind] = {}, set()
            for page, _ in self._box.pages(path):
                done += len(page)
                tell(done)
                for item in page:
                    if isinstance(item, dict) and isinstance(item.get("id"), int):
                        self._remember(kind, item)
        if not self._dry_run:
            self._marks()

    def _marks(self) -> None:
        if next(self._box.pages("extras/tags", slug=out.TAG), None) is None:
            self._box.create("extras/tags", {"name": "Yunwang", "slug": out.TAG})
        if next(self._box.pages("extras/custom-fields", name=out.FIELD), None) is None:
            self._box.create("extras/custom-fields", {
                "name": out.FIELD, "label": "Yunwang id", "type": "text", "object_types": list(out.FIELD_TYPES), "ui_editable": "no",
            })

    def _remember(self, kind: str, item: Item) -> None:
        if isinstance(item.get("slug"), str):
            self._slugs[kind].add(item["slug"])
        known = self._found[kind]
        if carried := out.id_of(item):
            known[("id", carried)] = item
        for key in _keys(kind, item):
            known.setdefault(key, item)

    def put(self, wish: out.Wish, record: Any) -> None:
        """Makes or changes one object. What NetBox refuses is reported, and the next one follows."""
        found = self._find(wish)
        try:
            refs, strange = self._refs(wish, record, found)
            act = out.decide(wish, self._fields_of(refs), found)
            written = self._write(wish, act, found)
            self._count(act.what, wish.kind)
            self._say_differences(wish, (*strange, *act.differs))
            if wish.kind == "device" and written is not None:
                self._address(written, record)
        except InvalidInputError as error:
            self._refuse(wish, error)

    def _refs(self, wish: out.Wish, record: Any, found: Item | None) -> tuple[dict[str, int], list[str]]:
        """Numbers of what is named; and the fields in which somebody else's object names something that is not even there by our name.
        What we only guess is said of new objects alone."""
        refs: dict[str, int] = {}
        strange: list[str] = []
        for field, (kind, name) in wish.refs.items():
            if found is not None and (name == out.UNKNOWN or field == "role"):
                continue
            if found is not None and found.get(field) and not out.is_ours(found) and self._key(kind, name, record) not in self._found[kind]:
                strange.append(field)
                continue
            refs[field] = self._ref(kind, name, record)
        return refs, strange

    def _say_differences(self, wish: out.Wish, fields: Iterable[str]) -> None:
        for field in fields:
            self._differs_total += 1
            if len(self._differs) < SHOWN:
                self._differs.append(Unplaced(kind=wish.kind, name=wish.name, reason=field))

    def _find(self, wish: out.Wish) -> Item | None:
        known = self._found[wish.kind]
        return known.get(("id", wish.id)) or next((known[key] for key in wish.keys if key in known), None)

    def _fields_of(self, refs: Mapping[str, int]) -> dict[str, Any]:
        """A prefix names its site by type and number from 4.2 on."""
        fields: dict[str, Any] = {name: number for name, number in refs.items() if name != "scope"}
        if "scope" in refs:
            fields |= {"scope_type": "dcim.site", "scope_id": refs["scope"]} if self._scoped else {"site": refs["scope"]}
        return fields

    def _write(self, wish: out.Wish, act: out.Act, found: Item | None) -> Item | None:
        """The object after it; None where only counting was wanted."""
        if self._dry_run:
            if act.what == "create":
                self._made_up -= 1
                self._remember(wish.kind, {**act.values, "id": self._made_up})
            return None
        if not act.what:
            return found
        if act.what == "create":
            values = act.values
            if wish.kind == "site":
                values = {**values, "slug": out.unique_slug(wish.name, self._slugs["site"]), "status": "active"}
            made = self._box.create(PATHS[wish.kind], values)
        else:
            made = self._box.update(PATHS[wish.kind], int(found["id"]) if found else 0, act.values)
        self._remember(wish.kind, made)
        return made

    def _ref(self, kind: str, name: str, record: Any) -> int:
        """The number of what is named; made where it is missing there. Sites are written before: one that is missing was refused."""
        if not name:
            raise InvalidInputError(tr("It has no {kind}.", kind=kind))
        found = self._found[kind].get(self._key(kind, name, record))
        if found is None and kind == "site":
            raise InvalidInputError(tr("NetBox has no site {name}.", name=name))
        return int(found["id"]) if found is not None else self._make(kind, name, record)

    def _key(self, kind: str, name: str, record: Any) -> tuple[str, ...]:
        return ("name", name) if kind != "device_type" else ("model", out.vendor(record), name)

    def _make(self, kind: str, name: str, record: Any) -> int:
        values: dict[str, Any] = {"name": name[:100], "slug": out.unique_slug(name, self._slugs[kind])}
        if kind == "vrf":
            values = {"name": name[:100]}
        if kind == "device_type":
            values = {"model": name[:100], "slug": values["slug"], "manufacturer": self._ref("manufacturer", out.vendor(record), record)}
        self._count("create", kind)
        if self._dry_run:
            self._made_up -= 1
            made: Item = {**values, "id": self._made_up}
        else:
            made = self._box.create(PATHS[kind], {**values, "tags": [{"slug": out.TAG}]})
        self._remember(kind, {**made, "manufacturer": {"name": out.vendor(record)}} if kind == "device_type" else made)
        return int(made["id"])

    def _address(self, written: Item, record: Device) -> None:
        """Gives a device that carries our tag its primary address, on an interface of its own where nothing bears it yet."""
        if not record.address or out.primary(written) or not out.is_ours(written):
            return
        found = self._found["ip"].get(("address", record.address))
        if found is not None and found.get("assigned_object_id"):
            return
        port = self._port(int(written["id"]))
        bound = {"assigned_object_type": "dcim.interface", "assigned_object_id": port}
        wanted = ipaddress.ip_interface(record.address)
        if found is None:
            found = self._box.create(PATHS["ip"], {"address": str(wanted), "status": "active", **bound, "tags": [{"slug": out.TAG}]})
            self._remember("ip", found)
        else:
            self._box.update(PATHS["ip"], int(found["id"]), bound)
        self._box.update(PATHS["device"], int(written["id"]), {f"primary_ip{wanted.version}": int(found["id"])})

    def _port(self, device: int) -> int:
        for page, _ in self._box.pages("dcim/interfaces", device_id=device, name=PORT):
            for one in page:
                if isinstance(one, dict) and isinstance(one.get("id"), int) and out.device_of(one) == device and one.get("name") == PORT:
                    return int(one["id"])
        made = self._box.create("dcim/interfaces", {"device": device, "name": PORT, "type": "virtual", "tags": [{"slug": out.TAG}]})
        return int(made["id"])

    def _count(self, what: str, kind: str) -> None:
        counts = self._counts[what]
        counts[kind] = counts.get(kind, 0) + 1

    def _refuse(self, wish: out.Wish, error: InvalidInputError) -> None:
        self._unplaced_total += 1
        if len(self._unplaced) < SHOWN:
            self._unplaced.append(Unplaced(kind=wish.kind, name=wish.name, reason=error.message))


def _keys(kind: str, item: Item) -> list[tuple[str, ...]]:
    """By what an object of NetBox is found."""
    if kind == "prefix":
        vrf = item.get("vrf")
        return [("vrf", str(vrf.get("name", "")) if isinstance(vrf, dict) else "", "prefix", str(item.get("prefix", "")))]
    if kind == "ip":
        return [("address", address(item.get("address")))]
    if kind == "device_type":
        maker = item.get("manufacturer")
        return [("model", str(maker.get("name", "")) if isinstance(maker, dict) else "", str(item.get("model", "")))]
    return [("name", str(item.get("name", "")))]
