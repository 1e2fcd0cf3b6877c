"""The City's own workbooks: everything that its people declare, and what they add when the cloud was read."""

from core.model import DECLARED, PEOPLES
from inventory.sheets import exporting
from inventory.sheets.importing import Existing, check
from lab.city import City
from lab.declared import Declared
from lab.workbook import placements, workbook
from links.sheets import read_book, write_xlsx


def test_first_what_is_declared_then_what_the_cloud_must_tell_first() -> None:
    city = City(2, 200)
    declared = check(read_book("city.xlsx", workbook(city)), Existing.of({}))
    assert declared.problems == ()
    assert set(declared.records) == {*DECLARED, "credential"} - {"reservation", "bgp_session"}
    known = {kind: [one.replace(id=f"{kind}{number}") for number, one in enumerate(found)] for kind, found in declared.records.items()}
    cloud = Declared(city).cloud
    assert check(read_book("placed.xlsx", placements(city)), Existing.of(known)).problems_total > 0, "nobody told of these yet"
    told = {
        "tenant": [one.replace(unit="") for one in cloud.tenants], "project": [one.replace(unit="", system="") for one in cloud.projects],
        "host": [one.replace(device="") for one in cloud.hosts], "vm": cloud.vms, "vport": cloud.ports,
    }
    placed = check(read_book("placed.xlsx", placements(city)), Existing.of({**known, **told}))
    assert placed.problems == ()
    for kind, expected in (("tenant", cloud.tenants), ("project", cloud.projects), ("host", cloud.hosts)):
        assert list(placed.records[kind]) == list(expected)
        assert set(placed.fields[kind]) == set(PEOPLES[kind])
    assert {one.name: one.runs_on for one in placed.records["component"]} == {one.name: one.runs_on for one in cloud.components}


def test_imported_twice_it_is_imported_once_and_exported_it_says_the_same() -> None:
    sheets = read_book("city.xlsx", workbook(City(3, 60)))
    first = check(sheets, Existing.of({}))
    held = {kind: tuple(one.replace(id=f"{kind}{n}") for n, one in enumerate(found)) for kind, found in first.records.items()}
    assert check(sheets, Existing.of(held)).records == held
    assert check(read_book("again.xlsx", write_xlsx(exporting.book(held, "zh"))), Existing.of(held)).records == held
