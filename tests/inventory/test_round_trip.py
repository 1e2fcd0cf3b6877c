"""What is exported and imported again is the same: every kind, both languages and formats, whatever stands in it; nothing is a formula."""

import csv
import io
import os
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Any, get_args

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core import cloud, extranet, network, organisation
from core.edges import REFERENCES
from core.kinds import KEPT
from core.messages import Sheet, import_result
from core.model import DECLARED, MODEL, PEOPLES
from core.objects import BusinessSystem, CredentialRef, Device, Level, Role, Site, Unit
from core.platforms import PLATFORMS
from inventory.sheets import exporting
from inventory.sheets.columns import BY_KIND, OTHERS, SHEETS
from inventory.sheets.importing import Existing, check
from inventory.sheets.words import AUTH, PRIV
from links import sheets

City = dict[str, tuple[Any, ...]]
LEVELS: list[Level] = list(get_args(Level))
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\ufffd"), min_size=1, max_size=12)
DANGEROUS = st.builds("{}{}".format, st.sampled_from(
    ["=", "+", "-", "@", "'=", "''+", "'", "＝", "001", "1e5", "TRUE", "_x0041_", "[red]", "{{x}}", "a;b", "甲、乙", '"', "$(x)", "<b>",
     "|"],
), PLAIN)
NAME = st.one_of(PLAIN, DANGEROUS).map(lambda text: unicodedata.normalize("NFC", text)).filter(lambda text: text == text.strip() != "")
TEXT = st.one_of(st.just(""), NAME)
HOSTILE = st.one_of(
    TEXT, st.text(max_size=8),
    st.sampled_from(["\x00\x07", "line\nline", "\r\n\t=1+1", "  spaces  ", "\ufeff", "\u202e", "=1+1\x0b", "\ufffd"]),
    st.sampled_from(["长" * 40_000, "=" * 33_000, "'" * 32_767, "x" * 32_768, "\r" * 40_000]),
)
QUICK = settings(
    max_examples=40 if os.environ.get("YUNWANG_SOAK") == "1" else 5, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # a whole city is not shrunk in any time that a person waits
)


class Draw:
    """Draws the records of a small city whose kinds refer to each other as they should."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.found = draw, dict[str, tuple[Any, ...]]()

    def names(self, most: int = 3) -> list[str]:
        return self.draw(st.lists(NAME, min_size=1, max_size=most, unique=True))

    def of(self, kind: str) -> str:
        return str(self.draw(st.sampled_from(self.found[kind])).name)

    def maybe(self, kind: str) -> str:
        return self.draw(st.sampled_from(["", *(one.name for one in self.found[kind])]))

    def some(self, kind: str) -> tuple[str, ...]:
        known = [getattr(one, "key", one.name) for one in self.found[kind]]
        return tuple(self.draw(st.lists(st.sampled_from(known), unique=True, max_size=3)))

    def text(self) -> str:
        return self.draw(TEXT)

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def flag(self) -> bool:
        return self.draw(st.booleans())

    def one(self, noun: type[Any], field: str) -> Any:
        types = {f.name: f.type for f in msgspec.structs.fields(noun)}
        return self.draw(st.sampled_from(get_args(types[field])))

    def put(self, kind: str, *records: Any) -> None:
        self.found[kind] = records


@st.composite
def cities(draw: st.DrawFn) -> City:
    """Every kind that has a sheet, with ids, each field filled."""
    d = Draw(draw)
    _people(d)
    _places(d)
    _net(d)
    _addressing(d)
    _cloud(d)
    return d.found


def _people(d: Draw) -> None:
    units = [Unit(id=f"u{i}", name=name, level="county", short_name=d.text(), contact=d.text(), phone=d.text(), chief_data_officer=d.text(),
                  data_steward=d.text()) for i, name in enumerate(d.names(4))]
    d.put("unit", *(u.replace(parent=units[0].name) if i else u for i, u in enumerate(units)))
    d.put("team", *(organisation.Team(id=f"t{i}", name=n, unit=d.maybe("unit"), company=d.text(), phone=d.text())
                    for i, n in enumerate(d.names())))
    d.put("person", *(organisation.Person(id=f"p{i}", name=n, unit=d.maybe("unit"), team=d.maybe("team"), phone=d.text(),
                                          mail=d.draw(st.sampled_from(["", "a@b.cn"])), duty=d.text()) for i, n in enumerate(d.names())))
    systems: list[Any] = []
    for i, name in enumerate(d.names()):
        needs = tuple(d.draw(st.lists(st.sampled_from([s.name for s in systems]), unique=True))) if systems else ()
        systems.append(BusinessSystem(
            id=f"b{i}", name=name, unit=d.of("unit"), protection_level=d.draw(st.sampled_from([3, 4, 5])), cii=d.flag(),
            internet_facing=d.flag(), rto_minutes=d.number(0, 525_600), rpo_minutes=d.number(0, 525_600), note=d.text(), depends_on=needs,
            team=d.maybe("team")))
    d.put("system", *systems)
    lines = [(a.name, b.name) for a in systems for b in systems if a is not b]
    d.put("data_line", *(organisation.DataLine(
        id="l1", name=d.draw(NAME), source_system=a, target_system=b, unit=d.maybe("unit"), fresh_minutes=d.number(1, 5_256_000),
        rows_per_day=d.number(0, 10**11), note=d.text()) for a, b in lines[:1]))


def _places(d: Draw) -> None:
    d.put("site", *(Site(id=f"s{i}", name=n, level=d.draw(st.sampled_from(LEVELS)), county=d.draw(NAME), address=d.text())
                    for i, n in enumerate(d.names())))
    d.put("rack", *(network.Rack(id=f"r{i}", name=n, site=d.of("site"), units_high=d.number(1, 100)) for i, n in enumerate(d.names())))
    d.put("credential",
          CredentialRef(id="c0", name="ro", kind="snmp-community", locator="env:RO"),
          CredentialRef(id="c1", name="v3", kind="snmp-v3", locator="file:/a b/=c", username=d.draw(NAME),
                        auth=d.draw(st.sampled_from(sorted(AUTH))), priv=d.draw(st.sampled_from(["", *PRIV]))),  # type: ignore[arg-type]
          CredentialRef(id="c2", name="nb", kind="token", locator="secret:x"))
    devices = []
    for i, name in enumerate(d.names(4)):
        version = d.draw(st.sampled_from(["1", "2c", "3"]))
        devices.append(Device(
            id=f"d{i}", name=name, address=str(d.draw(st.ip_addresses(network=f"10.{i}.0.0/16"))), site=d.of("site"),
            role=d.draw(st.sampled_from(list(get_args(Role)))), platform=d.draw(st.sampled_from(["", *(p.name for p in PLATFORMS)])),
            unit=d.maybe("unit"), credential=d.draw(st.sampled_from(["", "v3" if version == "3" else "ro"])), snmp_version=version,
            snmp_port=d.number(1, 65_535), interval_s=d.number(1, 86_400), timeout_ms=d.number(100, 60_000), retries=d.number(0, 10),
            polled=d.flag(), serial=d.text(), model=d.text(), note=d.text()))
    d.put("device", *devices)
    members = d.some("device")
    d.put("ha_group", network.HAGroup(id="h1", name=d.draw(NAME), kind=d.one(network.HAGroup, "kind"), members=members,
                                      needed=d.number(1, max(1, len(members)))))


def _net(d: Draw) -> None:
    d.put("zone", *(extranet.Zone(id=f"z{i}", name=n, kind=d.one(extranet.Zone, "kind"), note=d.text()) for i, n in enumerate(d.names())))
    rds = ["", "65000:101", "4200000000:65535", "10.0.0.1:7"]
    d.put("vpn_instance", *(extranet.VpnInstance(
        id=f"v{i}", name=n, rd=rds[i], route_targets=tuple(d.draw(st.lists(st.sampled_from(rds[1:]), unique=True))), zone=d.maybe("zone"),
        unit=d.maybe("unit")) for i, n in enumerate(d.names(4))))
    d.put("circuit", *(extranet.Circuit(id=f"k{i}", name=n, carrier=d.text(), number=d.text(), bandwidth_bps=d.number(0, 10**13),
                                        sla=d.text(), site_a=d.maybe("site")) for i, n in enumerate(d.names())))
    ends = [(a.name, b.name) for a in d.found["device"] for b in d.found["device"] if a is not b][:1]
    d.put("cable", *(network.Cable(id="w", name=d.draw(NAME), device_a=a, port_a=d.text(), device_b=b, port_b=d.text(),
                                   circuit=d.maybe("circuit")) for a, b in ends))
    d.put("access_point", *(extranet.AccessPoint(
        id=f"a{i}", name=n, unit=d.of("unit"), device=d.of("device"), port=f"GE0/0/{i}", vpn=d.maybe("vpn_instance"),
        vlan=d.number(0, 4094), circuit=d.maybe("circuit"),
        prefix=d.draw(st.sampled_from(["", "10.9.0.0/16", "2001:db8::/32"]))) for i, n in enumerate(d.names())))
    d.put("egress", *(extranet.Egress(id=f"e{i}", name=n, kind=d.one(extranet.Egress, "kind"), device=d.maybe("device"), port=d.text(),
                                      circuit=d.maybe("circuit"), bandwidth_bps=d.number(0, 10**14)) for i, n in enumerate(d.names())))


def _addressing(d: Draw) -> None:
    vids = d.draw(st.lists(st.integers(1, 4094), unique=True, min_size=1, max_size=3))
    d.put("vlan", *(network.Vlan(id=f"n{i}", name=f"{domain}/{vid}", vid=vid, domain=domain, purpose=d.text(), vpn=d.maybe("vpn_instance"))
                    for i, vid in enumerate(vids) for domain in [d.draw(NAME)]))
    nets = [str(IPv4Network((d.number(0, 2**16 - 1) << 8 | 0x0A000000, 24))), str(IPv6Network((0x20010DB8 << 96, 48)))]
    d.put("prefix", *(network.Prefix(
        id=f"x{i}", name=f"{vpn}|{net}", prefix=net, vpn=vpn, site=d.maybe("site"), unit=d.maybe("unit"), vlan=d.maybe("vlan"),
        purpose=d.text()) for i, net in enumerate(nets) for vpn in [d.maybe("vpn_instance")]))
    vpn, address = d.maybe("vpn_instance"), str(IPv4Address(d.number(0x0A000000, 0x0AFFFFFF)))
    d.put("ip_address", network.IPAddress(
        id="i1", name=f"{vpn}|{address}", address=address, vpn=vpn, unit=d.maybe("unit"), purpose=d.text()))
    d.put("nat_mapping", *(network.NATMapping(
        id=f"m{i}", name=n, device=d.of("device"), kind=d.one(network.NATMapping, "kind"), outside=f"203.0.113.{i}",
        outside_port=d.number(0, 65_535), inside=d.draw(st.sampled_from(["10.0.0.9", "10.0.0.0/24"])), inside_port=d.number(0, 65_535),
        protocol=d.draw(st.sampled_from(["tcp", "udp"]))) for i, n in enumerate(d.names())))
    d.put("policy_rule", *(network.PolicyRule(
        id=f"y{i}", name=f"{device}/{n}", device=device, sources=tuple(d.draw(st.lists(NAME, unique=True, max_size=3))),
        destinations=tuple(d.draw(st.lists(NAME, unique=True, max_size=3))), services=("tcp/443", "udp/53-60", "any"),
        owner=d.maybe("unit"), action=d.one(network.PolicyRule, "action"),
        expires_at=d.draw(st.one_of(st.just(0), st.integers(10**12, 4 * 10**12))),
        hits=d.number(-1, 100), enabled=d.flag()) for i, n in enumerate(d.names()) for device in [d.of("device")]))


def _cloud(d: Draw) -> None:
    d.put("cloud_platform", *(cloud.CloudPlatform(id=f"f{i}", name=n, site=d.maybe("site"),
                                                  endpoint=d.draw(st.sampled_from(["", "https://cloud.example:5000/v3"])))
                              for i, n in enumerate(d.names())))
    platform = d.of("cloud_platform")
    d.put("tenant", *(cloud.Tenant(id=f"q{i}", key=f"k{i}", name=n, platform=platform, unit=d.maybe("unit"))
                      for i, n in enumerate(d.names())))
    d.put("project", *(cloud.Project(id=f"g{i}", key=f"k{i}", name=n, platform=platform, unit=d.maybe("unit"), system=d.maybe("system"),
                                     enabled=d.flag()) for i, n in enumerate(d.names())))
    d.put("host", cloud.Host(
        id="o1", key="h1", name=d.draw(NAME), platform=platform, device=d.maybe("device"), macs=("02:00:00:00:00:01",)))
    d.put("vm", *(cloud.VM(id=f"vm{i}", key=f"key{i}", name=n, project="k0") for i, n in enumerate(d.names())))
    vms, devices = d.some("vm"), d.some("device")
    d.put("component", organisation.Component(
        id="co", name=d.draw(NAME), system=d.of("system"), tier=d.one(organisation.Component, "tier"), runs_on=vms, devices=devices,
        needed=d.number(1, max(1, len(vms) + len(devices))), note=d.text()))


def with_sheets(city: City) -> City:
    return {sheet.kind: city[sheet.kind] for sheet in SHEETS if city[sheet.kind]}


def before(city: City) -> Existing:
    """What the cloud told, and no word of people."""
    told = {kind: city[kind] for kind in (*PEOPLES, "vm")}
    return Existing.of({kind: [one.replace(**dict.fromkeys(PEOPLES.get(kind, ()), "")) for one in found] for kind, found in told.items()})


def fresh(kind: str, records: Sequence[Any]) -> tuple[Any, ...]:
    """As people declare them: without id, and without what no column holds."""
    if kind in PEOPLES:
        return tuple(records)
    return tuple(one.replace(id="", **({"hits": -1} if kind == "policy_rule" else {})) for one in records)


def plain(records: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    return {kind: list(found) for kind, found in records.items()}


@QUICK
@given(cities(), st.sampled_from(["zh", "en"]))
def test_a_workbook_says_everything(city: City, language: str) -> None:
    """Into an inventory that knows only what the cloud told."""
    content = sheets.write_xlsx(exporting.book(with_sheets(city), language))
    result = check(sheets.read_book("city.xlsx", content), before(city))
    assert result.problems == ()
    assert plain(result.records) == plain({kind: fresh(kind, found) for kind, found in with_sheets(city).items()})


@QUICK
@given(cities(), st.sampled_from(["zh", "en"]))
def test_a_workbook_changes_nothing(city: City, language: str) -> None:
    content = sheets.write_xlsx(exporting.book(with_sheets(city), language))
    result = check(sheets.read_book("city.xlsx", content), Existing.of(city))
    assert result.problems == ()
    assert plain(result.records) == plain(with_sheets(city))
    assert import_result(msgspec.msgpack.encode(result)) == result


@QUICK
@given(cities(), st.sampled_from(["zh", "en"]))
def test_each_kind_as_csv(city: City, language: str) -> None:
    for kind, held in with_sheets(city).items():
        content = sheets.write_csv(exporting.sheet(kind, held, language))
        new = Existing.of({**city, kind: before(city).named(kind).values()})
        for existing, expected in ((Existing.of(city), held), (new, fresh(kind, held))):
            result = check(sheets.read_book(f"{kind}.csv", content), existing)
            assert result.problems == ()
            assert list(result.records[kind]) == list(expected)


def spoilt(draw: st.DrawFn, kind: str, record: Any) -> Any:
    """The record as another source might have left it: hostile text in every field that is free text, and in the name."""
    references = {reference.field for reference in REFERENCES.get(kind, ())} | {"credential"}
    types = {field.name: field.type for field in msgspec.structs.fields(type(record))}
    columns = {column.field: column for column in BY_KIND[kind].columns}
    texts = {name: draw(HOSTILE) for name, type_ in types.items()
             if type_ is str and name in columns and name not in {*references, "name", "key", "address", "domain", "prefix"}
             and not columns[name].words}
    return record.replace(**texts)


@QUICK
@given(cities(), st.sampled_from([sheet.kind for sheet in SHEETS]), st.sampled_from(["zh", "en"]), st.booleans(), st.data())
def test_whatever_stands_in_the_inventory_comes_back(city: City, kind: str, language: str, as_csv: bool, data: st.DataObject) -> None:
    held = tuple(data.draw(st.composite(spoilt)(kind, one)) for one in city[kind])
    if not held:
        return
    sheet = exporting.sheet(kind, held, language)
    content = sheets.write_csv(sheet) if as_csv else sheets.write_xlsx((sheet,))
    result = check(sheets.read_book(f"{kind}.csv" if as_csv else "one.xlsx", content), Existing.of({**city, kind: held}))
    assert result.problems == ()
    assert list(result.records[kind]) == list(held)


@pytest.mark.parametrize("name", ["line\nline", " x ", "\x00nul", "a\u202eb", "长" * 40_000, "=1+1\x07", "\ufffd"])
@pytest.mark.parametrize("as_csv", [False, True])
def test_a_name_that_no_cell_may_say_still_finds_its_record(name: str, as_csv: bool) -> None:
    held = (Site(id="1", name=name, level="city"), Site(id="2", name="plain", level="city"))
    sheet = exporting.sheet("site", held)
    content = sheets.write_csv(sheet) if as_csv else sheets.write_xlsx((sheet,))
    assert check(sheets.read_book("site.csv" if as_csv else "one.xlsx", content), Existing.of({"site": held})).records == {"site": held}


def test_a_cut_value_is_not_changed_by_its_rest() -> None:
    held = (Site(id="1", name="甲", level="city", address="长" * 40_000),)
    rows = exporting.sheet("site", held).rows
    cells = list(rows[1].cells)
    cells[3] = str(cells[3])[:-1]
    result = check([Sheet(name="站点", rows=(rows[0], rows[1].replace(cells=tuple(cells))))], Existing.of({"site": held}))
    assert [(p.row, p.column) for p in result.problems] == [(2, "D 地址")]


@pytest.mark.parametrize("text", ["=1+1", "+86-578", "-1", "@SUM(A1)", "'=1", "＝1"])
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    content = sheets.write_csv(exporting.sheet("site", [Site(id="", name=text, level="city")]))
    cell = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1][0]
    assert cell == f"'{text}"


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    content = sheets.write_xlsx((exporting.sheet("site", [Site(id="", name="=1+1", level="city")]),))
    assert openpyxl.load_workbook(io.BytesIO(content))["站点"]["A2"].data_type == "s"
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_helps(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.write_xlsx(exporting.template(language))))
    assert book.sheetnames == [sheet.title(language) for sheet in SHEETS]
    for sheet in SHEETS:
        page: Any = book[sheet.title(language)]
        assert [cell.value for cell in page[1]] == [column.heading(language) for column in sheet.columns]
        assert page.freeze_panes == "A2"
    device = book[BY_KIND["device"].title(language)]
    lists = {str(v.sqref).partition("2:")[0]: v.formula1 for v in device.data_validations.dataValidation}
    assert ("核心" if language == "zh" else "core") in lists["D"]
    assert lists["C"] == f"'{BY_KIND['site'].title(language)}'!$A$2:$A$100000", "sites are chosen from their own sheet"
    assert device["B1"].comment is not None


def test_a_filled_template_is_accepted() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.write_xlsx(exporting.template("zh"))))
    book["站点"].append(["莲都机房", "县级", "莲都"])
    book["设备"].append(["SW-1", "10.0.0.1", "莲都机房", "接入"])
    out = io.BytesIO()
    book.save(out)
    result = check(sheets.read_book("t.xlsx", out.getvalue()), Existing.of({}))
    assert result.problems == ()
    assert result.records["device"] == (Device(id="", name="SW-1", address="10.0.0.1", site="莲都机房", role="access"),)


UNSAID = {("policy_rule", "hits"), ("vlan", "name"), ("prefix", "name"), ("ip_address", "name")}
"""What a device counts, and names that follow from other fields."""


def test_every_kind_that_people_declare_has_a_sheet_and_every_field_a_column() -> None:
    assert set(BY_KIND) == {*DECLARED, "credential", *PEOPLES} - {"reservation", "bgp_session"}
    assert set(OTHERS) == set(MODEL) - set(BY_KIND)
    for sheet in SHEETS:
        columns = {column.field for column in sheet.columns}
        if sheet.kind in PEOPLES:
            assert columns == {"key", "name", *PEOPLES[sheet.kind]}
        else:
            fields = {field.name for field in msgspec.structs.fields(KEPT[sheet.kind])} - {"id"}
            assert columns == {field for field in fields if (sheet.kind, field) not in UNSAID}


def test_every_reference_of_the_model_is_one_of_the_sheets() -> None:
    for sheet in SHEETS:
        columns = {column.field: column for column in sheet.columns}
        for reference in REFERENCES.get(sheet.kind, ()):
            if reference.field in columns:
                assert columns[reference.field].reference == reference.target, (sheet.kind, reference.field)


@pytest.mark.parametrize("kind", OTHERS)
def test_what_sources_tell_is_exported_and_refused(kind: str) -> None:
    noun = MODEL[kind]
    known = {"vid": 1, "what": "address", "remote_as": 1, "id": "x"}
    record = msgspec.convert({field.name: known.get(field.name, "x") for field in msgspec.structs.fields(noun) if field.required}, noun)
    for language in ("zh", "en"):
        sheet = exporting.sheet(kind, [record], language)
        result = check(sheets.read_book("t.xlsx", sheets.write_xlsx((sheet,))), Existing.of({}))
        assert [(p.sheet, p.row) for p in result.problems] == [(sheet.name, 0)]
        assert result.records == {}
