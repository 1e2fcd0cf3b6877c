"""What is exported and imported again is the same, in both languages and both formats; and nothing becomes a formula."""

import csv
import io
import unicodedata
import zipfile
from typing import Any, get_args

import msgspec
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.messages import Sheet
from core.objects import BusinessSystem, CredentialRef, Device, Level, Record, Role, Site, Unit
from core.platforms import PLATFORMS
from inventory.sheets import exporting
from inventory.sheets.columns import AUTH, PRIV, SHEETS
from inventory.sheets.importing import Existing, check
from links import sheets

LEVELS: list[Level] = list(get_args(Level))
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
DANGEROUS = st.builds("{}{}".format, st.sampled_from(["=", "+", "-", "@", "'=", "''+", "'", "＝", "001", "1e5", "TRUE", "_x0041_"]), PLAIN)
NAME = st.one_of(PLAIN, DANGEROUS).map(lambda text: unicodedata.normalize("NFC", text)).filter(lambda text: text == text.strip() != "")
TEXT = st.one_of(st.just(""), NAME)


@st.composite
def city(draw: st.DrawFn) -> Existing:
    """A small consistent city with whatever names."""
    def names(most: int) -> list[str]:
        return draw(st.lists(NAME, min_size=1, max_size=most, unique=True))

    units = [Unit(id=f"u{i}", name=name, level="county", parent="", short_name=draw(TEXT), contact=draw(TEXT), phone=draw(TEXT))
             for i, name in enumerate(names(4))]
    units = [u.replace(parent=units[0].name) if i else u for i, u in enumerate(units)]
    sites = [Site(id=f"s{i}", name=name, level=draw(st.sampled_from(LEVELS)), county=draw(NAME), address=draw(TEXT))
             for i, name in enumerate(names(3))]
    credentials = [
        CredentialRef(id="c0", name="ro", kind="snmp-community", locator="env:RO"),
        CredentialRef(id="c1", name="v3", kind="snmp-v3", locator="file:/a b/=c", username=draw(NAME),
                      auth=draw(st.sampled_from(sorted(AUTH))), priv=draw(st.sampled_from(["", *PRIV]))),  # type: ignore[arg-type]
    ]
    systems = [BusinessSystem(id=f"b{i}", name=name, unit=draw(st.sampled_from(units)).name,
                              protection_level=draw(st.sampled_from([3, 4, 5])),
                              cii=draw(st.booleans()), internet_facing=draw(st.booleans()), rto_minutes=draw(st.integers(0, 525_600)),
                              note=draw(TEXT)) for i, name in enumerate(names(3))]
    devices = []
    for i, name in enumerate(names(5)):
        version = draw(st.sampled_from(["1", "2c", "3"]))
        devices.append(Device(
            id=f"d{i}", name=name, address=str(draw(st.ip_addresses(network=f"10.{i}.0.0/16"))), site=draw(st.sampled_from(sites)).name,
            role=draw(st.sampled_from(list(get_args(Role)))), platform=draw(st.sampled_from(["", *(p.name for p in PLATFORMS)])),
            unit=draw(st.sampled_from(["", *(u.name for u in units)])),
            credential=draw(st.sampled_from(["", "v3" if version == "3" else "ro"])),
            snmp_version=version, snmp_port=draw(st.integers(1, 65_535)), interval_s=draw(st.integers(1, 86_400)),
            timeout_ms=draw(st.integers(100, 60_000)), retries=draw(st.integers(0, 10)), polled=draw(st.booleans()), serial=draw(TEXT),
            model=draw(TEXT), note=draw(TEXT)))
    return Existing.of({"unit": tuple(units), "system": tuple(systems), "site": tuple(sites), "device": tuple(devices), "credential": tuple(credentials)})


def records(of: Existing) -> dict[str, tuple[Record, ...]]:
    return {sheet.kind: getattr(of, f"{sheet.kind}s") for sheet in SHEETS}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(city(), st.sampled_from(["zh", "en"]))
def test_a_workbook(of: Existing, language: str) -> None:
    result = check(sheets.read_book("city.xlsx", sheets.write_xlsx(exporting.book(records(of), language))), of)
    assert result.problems == ()
    assert {sheet.kind: getattr(result, f"{sheet.kind}s") for sheet in SHEETS} == records(of)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(city(), st.sampled_from(["zh", "en"]))
def test_csv(of: Existing, language: str) -> None:
    for kind, held in records(of).items():
        result = check(sheets.read_book(f"{kind}.csv", sheets.write_csv(exporting.sheet(kind, held, language))), of)
        assert result.problems == ()
        assert getattr(result, f"{kind}s") == held


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
    device = book[SHEETS[-1].title(language)]
    lists = {str(v.sqref).partition("2:")[0]: v.formula1 for v in device.data_validations.dataValidation}
    assert ("核心" if language == "zh" else "core") in lists["D"]
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


def test_every_field_of_a_record_has_a_column() -> None:
    for sheet in SHEETS:
        assert {column.field for column in sheet.columns} == {f.name for f in msgspec.structs.fields(sheet.noun)} - {"id"}
    assert isinstance(exporting.template()[0], Sheet)
