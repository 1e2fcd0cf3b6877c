"""NetBox both ways: what is read and written fits its schema; read, written, read again it is the same; nothing is ever deleted there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import sync_push, sync_reading
from agents.sync_telling import Telling
from core.errors import ForbiddenError, NoAnswerError, NotFoundError, ProtocolError
from core.identity import Actor
from core.network import Prefix
from core.objects import Device, Site
from core.sections import General
from core.settings import Settings
from core.sources import PushReport, SourceConfig, SourceGiven
from inventory.sources.netbox import FIELDS, KINDS, PAGES, Reading
from lab.netbox import Served, Store, serve
from lab.netbox.store import schema
from stores.records import open_records

TOKEN, READER = "a-token-of-the-lab", "a-reader-of-the-lab"
COMPONENTS = {"site": "Site", "rack": "Rack", "device": "Device", "vpn_instance": "VRF", "vlan": "VLAN", "prefix": "Prefix",
              "ip_address": "IPAddress", "circuit": "Circuit", "cable": "Cable"}


def furnished() -> Store:
    """A NetBox with one of everything, as people keep them."""
    store = Store()
    store.add("Tag", name="old", slug="old")
    region, tenant = store.add("Region", name="莲都区", slug="liandu"), store.add("Tenant", name="市人社局", slug="rsj")
    site = store.add("Site", name="莲都机房", slug="ld", region=region, tenant=tenant, physical_address="解放街1号")
    store.add("Rack", name="A01", site=site, u_height=47)
    maker = store.add("Manufacturer", name="Huawei", slug="huawei")
    model = store.add("DeviceType", manufacturer=maker, model="NE40E-X8", slug="ne40e")
    roles = [store.add("DeviceRole", name=name, slug=slug) for name, slug in (("Provider edge", "pe"), ("打印机", "printer"))]
    platform = store.add("Platform", name="Huawei VRP", slug="vrp")
    vrf = store.add("VRF", name="gov-vpn", rd="65000:1", import_targets=[store.add("RouteTarget", name="65000:1")])
    ports = []
    for number, (name, role) in enumerate((("LD-PE-01", roles[0]), ("LD-PRN", roles[1]))):
        device = store.add(
            "Device", name=name, device_type=model, role=role, platform=platform, site=site, serial=f"SN{number}", tenant=tenant,
        )
        ports.append(store.add("Interface", device=device, name="GE0/0/0", type="1000base-t"))
        address = store.add("IPAddress", address=f"10.1.0.{number + 1}/24", vrf=vrf, description="loopback",
                            assigned_object_type="dcim.interface", assigned_object_id=ports[-1])
        store.update("Device", device, {"primary_ip4": address})
    store.add("Device", name="LD-PDU", device_type=model, role=roles[1], site=site)
    group = store.add("VLANGroup", name="LD", slug="ld")
    vlan = store.add("VLAN", vid=100, name="oa", group=group)
    store.add("Prefix", prefix="10.1.0.0/24", vrf=vrf, vlan=vlan, tenant=tenant, scope_type="dcim.site", scope_id=site)
    provider = store.add("Provider", name="电信", slug="ct")
    store.add("Circuit", cid="DX-001", provider=provider, commit_rate=100_000)
    store.add("Cable", a_terminations=[{"object_type": "dcim.interface", "object_id": ports[0]}],
              b_terminations=[{"object_type": "dcim.interface", "object_id": ports[1]}])
    return store


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(furnished(), TOKEN, READER) as found:
        yield found


def given(url: str, token: str = TOKEN, **options: str) -> SourceGiven:
    return SourceGiven(config=SourceConfig(id="", name="box", kind="netbox", url=url, options=options), secret=token)


def read(url: str, **options: str) -> tuple[dict[str, list[Any]], Any]:
    """Records by kind, and what was told beside them."""
    found: dict[str, list[Any]] = {}
    telling = Telling(lambda *_: None, lambda kind, records: found.setdefault(kind, []).extend(records), {})
    sync_reading.read(given(url, **options), "", telling)
    return found, telling.told()


def test_what_people_keep_there_is_read(served: Served) -> None:
    found, told = read(served.url)
    assert {kind: len(records) for kind, records in found.items()} == {
        "site": 1, "rack": 1, "device": 2, "vpn_instance": 1, "vlan": 1, "prefix": 1, "ip_address": 2, "circuit": 1, "cable": 1,
    }
    site, device = found["site"][0], found["device"][0]
    assert (site.name, site.level, site.county, site.address) == ("莲都机房", "county", "莲都区", "解放街1号")
    assert (device.name, device.address, device.site, device.role, device.platform, device.serial, device.model, device.unit) == (
        "LD-PE-01", "10.1.0.1", "莲都机房", "PE", "huawei_vrp", "SN0", "NE40E-X8", "市人社局",
    )
    assert (found["prefix"][0].name, found["prefix"][0].site) == ("gov-vpn|10.1.0.0/24", "莲都机房")
    assert found["circuit"][0].bandwidth_bps == 100_000_000
    cable = found["cable"][0]
    assert (cable.device_a, cable.port_a, cable.device_b) == ("LD-PE-01", "GE0/0/0", "LD-PRN")
    assert set(told.whole) == set(KINDS)
    assert {(one.kind, one.name) for one in told.unplaced} == {("device", "LD-PDU"), ("role", "printer")}


def test_a_role_is_what_people_say_it_is(served: Served) -> None:
    found, told = read(served.url, **{"role.printer": "server"})
    assert [one.role for one in found["device"]] == ["PE", "server"]
    assert [one.kind for one in told.unplaced] == ["device"]


class Watched(dict[str, Any]):
    """A mapping that notes which fields were looked at."""

    def __init__(self, item: dict[str, Any], at: str, seen: set[str]) -> None:
        super().__init__(item)
        self._at, self._seen = at, seen

    def get(self, name: str, default: Any = None) -> Any:
        path = f"{self._at}.{name}"
        self._seen.add(path)
        return _watched(super().get(name, default), path, self._seen)


def _watched(value: Any, path: str, seen: set[str]) -> Any:
    if isinstance(value, dict):
        return Watched(value, path, seen)
    return [_watched(one, path, seen) for one in value] if isinstance(value, list) else value


def test_every_field_that_is_read_is_in_the_schema(served: Served) -> None:
    """Each path is followed through the schema: a field of that kind, or one of the brief form of what is nested."""
    seen: set[str] = set()
    reading = Reading(lambda *_: None)
    for kind, path in PAGES.items():
        for number in served.store.objects[served.store.by_path[path]]:
            reading.nouns(kind, [Watched(served.store.shown(served.store.by_path[path], number), COMPONENTS[kind], seen)])
    assert reading.refused == {"device": 1}
    assert len(seen) > 50
    older = {"Prefix.site"}  # before 4.2
    assert not [path for path in seen - older if not in_schema(path.split("."))]


def in_schema(path: list[str]) -> bool:
    kinds = schema()["kinds"]
    component, names, nested = kinds[path[0]], path[1:], False
    while names:
        name, *names = names
        if name in ("id", "url", "display") and not names:
            return True
        field = component["fields"].get(name)
        if field is None or (nested and name not in component["brief"]):
            return False
        if not names:
            return True
        if field.get("ref") == "generic":
            if names[0] in ("object_type", "object_id"):
                return len(names) == 1
            component, names = kinds["Interface"], names[1:]
        elif name == "scope":
            component = kinds["Site"]
        elif "ref" in field:
            component = kinds[field["ref"]]
        else:
            return False
        nested = True
    return True


def test_every_field_that_is_told_is_one_of_ours() -> None:
    from inventory.intake.saying import by_name

    for kind, fields in FIELDS.items():
        assert set(fields) <= set(by_name(kind))


@pytest.mark.parametrize(("token", "error"), [("wrong", ForbiddenError), ("", ForbiddenError)])
def test_a_wrong_token_is_said(served: Served, token: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="does not let this token"):
        sync_reading.look(given(served.url, token), "")


def test_what_is_no_netbox_is_said(served: Served) -> None:
    assert sync_reading.look(given(served.url), "") == "NetBox 4.3.2"
    with pytest.raises(NotFoundError, match="without /api"):
        sync_reading.look(given(f"{served.url}/elsewhere"), "")
    with pytest.raises(NoAnswerError, match="Nothing listens"):
        sync_reading.look(given("http://127.0.0.1:9"), "")


def test_a_next_page_on_another_host_is_not_followed(double: Any, answering: Any) -> None:
    """The token goes nowhere else."""
    elsewhere = double(lambda handler, _: answering(handler, 200, {"count": 0, "next": None, "results": []}))
    page = {"count": 2, "next": f"{elsewhere.url}/api/dcim/sites/?offset=1", "results": [{"id": 1, "name": "x"}]}
    server = double(lambda handler, _: answering(handler, 200, page))
    with pytest.raises(ProtocolError, match="another host"):
        read(server.url)
    assert elsewhere.heard == []
    assert server.heard[0].headers["authorization"] == f"Token {TOKEN}"


# ---- writing


class Job:
    """What a push sees of its job."""

    def __init__(self, settings: Settings, *, dry_run: bool = False) -> None:
        self.id, self.settings, self.author = "job", settings, "me"
        self.arguments: dict[str, Any] = {"dry_run": dry_run}
        self.checkpoint: dict[str, Any] = {}
        self.told: list[tuple[int, int, str]] = []

    def tell(self, done: int, total: int = 0, message: str = "") -> None:
        self.told.append((done, total, message))

    def keep(self, checkpoint: dict[str, Any]) -> None:
        """Nothing to keep."""


@pytest.fixture
def city(tmp_path: Path) -> Settings:
    """Records with a site that NetBox has, one that it lacks, devices and prefixes."""
    (tmp_path / "data").mkdir()
    store = open_records(tmp_path / "data" / "records.db")
    with store.write(Actor(name="test"), 1) as write:
        write.put("add", Site(id="s1", name="莲都机房", level="county", address="解放街1号"))
        write.put("add", Site(id="s2", name="青田机房", level="county", address="鹤城街2号"))
        write.put("add", Site(id="s3", name="清田机房", level="county"))
        write.put("add", Device(
            id="d1", name="LD-PE-01", address="10.1.0.1", site="莲都机房", role="PE", platform="huawei_vrp", serial="OTHER",
        ))
        write.put("add", Device(
            id="d2", name="QT-CE-01", address="10.2.0.1", site="青田机房", role="CE", platform="h3c_comware", serial="S2", model="S6850",
        ))
        write.put("add", Device(id="d3", name="QT-CE-02", address="fd00::2", site="青田机房", role="CE"))
        write.put("add", Prefix(id="p1", name="gov-vpn|10.1.0.0/24", prefix="10.1.0.0/24", vpn="gov-vpn"))
        write.put("add", Prefix(id="p2", name="med|10.2.0.0/24", prefix="10.2.0.0/24", vpn="med", site="青田机房", purpose="医保"))
    store.close()
    return Settings(general=General(data_dir=str(tmp_path / "data"), run_dir=str(tmp_path / "run"), language="en"))


def pushed(served: Served, city: Settings, *, dry_run: bool = False) -> PushReport:
    return sync_push.push(given(served.url), "", Job(city, dry_run=dry_run))  # type: ignore[arg-type]


def test_what_is_missing_there_is_made_and_the_second_time_nothing(served: Served, city: Settings) -> None:
    before = {kind: set(objects) for kind, objects in served.store.objects.items()}
    tried = pushed(served, city, dry_run=True)
    assert {kind: set(objects) for kind, objects in served.store.objects.items()} == before
    done = pushed(served, city)
    assert (done.created, done.updated) == (tried.created, tried.updated)
    assert {kind: done.created[kind] for kind in ("site", "device", "prefix", "vrf")} == {"site": 2, "device": 2, "prefix": 1, "vrf": 1}
    assert served.store.unknown == set()
    assert done.unplaced_total == 0, done.unplaced
    assert all(set(objects) >= before[kind] for kind, objects in served.store.objects.items())
    again = pushed(served, city)
    assert (again.created, again.updated) == ({}, {})
    assert again.unchanged == {"site": 3, "device": 3, "prefix": 2}


def test_what_others_made_there_keeps_its_values(served: Served, city: Settings) -> None:
    done = pushed(served, city)
    assert ("LD-PE-01", "serial") in {(one.name, one.reason) for one in done.differs}
    theirs = next(one for one in served.store.objects["Device"].values() if one["name"] == "LD-PE-01")
    assert theirs["serial"] == "SN0"
    assert theirs["custom_fields"] == {"yunwang_id": "d1"}


def test_what_was_pushed_is_read_as_it_was(served: Served, city: Settings) -> None:
    pushed(served, city)
    found, _ = read(served.url)
    devices = {one.name: one for one in found["device"]}
    assert (devices["QT-CE-01"].address, devices["QT-CE-01"].model, devices["QT-CE-01"].platform) == ("10.2.0.1", "S6850", "h3c_comware")
    assert devices["QT-CE-02"].address == "fd00::2"
    assert {one.name for one in found["site"]} == {"莲都机房", "青田机房", "清田机房"}
    assert ("med|10.2.0.0/24", "青田机房", "医保") in {(one.name, one.site, one.purpose) for one in found["prefix"]}


def test_ours_is_followed_when_it_changes(served: Served, city: Settings) -> None:
    pushed(served, city)
    store = open_records(Path(city.general.data_dir) / "records.db")
    with store.write(Actor(name="test"), 2) as write:
        write.put("set", write.get("device", "d2").replace(serial="S2-NEW", name="QT-CE-09"))
    store.close()
    assert pushed(served, city).updated == {"device": 1}
    assert {one["serial"] for one in served.store.objects["Device"].values() if one["name"] == "QT-CE-09"} == {"S2-NEW"}


def test_a_token_that_may_not_write_changes_nothing(served: Served, city: Settings) -> None:
    before = {kind: dict(objects) for kind, objects in served.store.objects.items()}
    with pytest.raises(ForbiddenError, match="does not let this token"):
        sync_push.push(given(served.url, READER), "", Job(city))  # type: ignore[arg-type]
    assert served.store.objects == before


def test_what_it_refuses_is_reported_and_the_rest_written(served: Served, city: Settings) -> None:
    store = open_records(Path(city.general.data_dir) / "records.db")
    with store.write(Actor(name="test"), 2) as write:
        write.put("add", Device(id="d9", name="NOWHERE", address="10.9.0.1", site="nowhere", role="CE"))
    store.close()
    done = pushed(served, city)
    assert [(one.name, "nowhere" in one.reason) for one in done.unplaced] == [("NOWHERE", True)]
    assert done.created["device"] == 2
