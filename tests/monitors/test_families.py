"""One line of a file of families is a profile; a probe tells boxes apart whose agents call themselves alike."""

import pytest

from core.errors import InvalidInputError
from monitors.families import rule
from monitors.pattern import search
from monitors.profiles import read_catalogue

PLAIN = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
SERIAL = (1, 3, 6, 1, 4, 1, 99999, 2, 3, 0)
TEXT = """
families: example
source: made up
lines:
  - {os: box, vendor: Example, at: ['99999.1', '99999.2'], model: ['99999.2.1.0', 'Model (\\S++)', '=Box'], rank: 3}
  - {os: nas, at: ['8072.3.2.10'], probe: ['99999.2.3.0']}
  - {os: nas, descr: ['(?i)nas']}
"""


def test_a_line_is_a_profile() -> None:
    box = read_catalogue([("x.yml", TEXT)]).matching((1, 3, 6, 1, 4, 1, 99999, 2, 7), "")
    assert [p.profile for p in box] == ["example-box"]
    assert [(r.scalar, r.system, r.text) for r in box[0].facts["model"]] == [
        ("1.3.6.1.4.1.99999.2.1.0", None, ""), ("", "sysDescr", ""), ("", None, "Box"),
    ]  # fmt: skip
    assert box[0].rank == 3
    assert [p.profile for p in read_catalogue([("x.yml", TEXT)]).matching((), "a NAS")] == ["example-nas-2"]


def test_what_a_device_says_at_first_is_enough_whatever_its_number() -> None:
    said = read_catalogue([("x.yml", "families: f\nsource: s\nlines:\n  - {os: box, at: ['99999.1'], said: ['^Box ']}\n")])
    for number in ((), PLAIN, (1, 3, 6, 1, 4, 1, 77777, 1)):
        assert [p.profile for p in said.matching(number, "Box 3 v1")] == ["f-box"]
        assert said.matching(number, "Linux Box 3") == ()
    assert [p.profile for p in said.matching((1, 3, 6, 1, 4, 1, 99999, 1), "")] == ["f-box"]


@pytest.mark.parametrize(("pattern", "descr", "found"), [
    ("^(\\S++)", "Box-3 v1", "Box-3"),
    ("^(\\S++)", "Linux box 5.10.0 armv7l", None),
    ("(?i)^([^,;]{3,40})", "FreeBSD box 13.2-RELEASE amd64", None),
    ("(?i)^([^,;]{3,40})", "Linux, Box 3", "Linux"),
    ("^Linux (\\S++)", "Linux box 5.10.0 armv7l", "box"),
    ("Box (\\S++)", "Linux box 5.10.0 Box 3", "3"),
])  # fmt: skip
def test_what_a_kernel_says_is_no_model_unless_a_pattern_names_the_kernel(pattern: str, descr: str, found: str | None) -> None:
    made = search(rule(pattern).regex, descr)
    assert (made and made[1]) == found


def test_of_a_column_the_first_row_that_has_text_speaks() -> None:
    line = "{os: box, at: ['99999.1'], model: ['99999.5.1.3.*'], serial: ['99999.5.1.4.*']}"
    (box,) = read_catalogue([("x.yml", f"families: f\nsource: s\nlines:\n  - {line}\n")]).matching((1, 3, 6, 1, 4, 1, 99999, 1), "")
    (name, table), = box.tables.items()
    assert {column.oid for column in table.columns.values()} == {"1.3.6.1.4.1.99999.5.1.3", "1.3.6.1.4.1.99999.5.1.4"}
    assert box.facts["serial"][0].column == f"{name}.c4"


def test_a_probe_is_asked_only_where_the_rest_holds_and_must_be_answered() -> None:
    catalogue = read_catalogue([("x.yml", TEXT)])
    assert catalogue.probes((1, 3, 6, 1, 4, 1, 9, 1), "IOS") == ()
    assert catalogue.probes(PLAIN, "Linux") == (SERIAL,)
    assert catalogue.matching(PLAIN, "Linux") == ()
    assert catalogue.matching(PLAIN, "Linux", {SERIAL: None}) == ()
    assert [p.profile for p in catalogue.matching(PLAIN, "Linux", {SERIAL: b"1"})] == ["example-nas"]


@pytest.mark.parametrize(("line", "told"), [
    ("{os: box}", "nothing to match by"),
    ("{os: box, at: ['1.x']}", "lines.0"),
    ("{os: box, descr: ['(a+)+']}", "repeats a repeat"),
    ("{os: box, ad: ['1.1']}", "there is no such key"),
    ("{os: box, said: ['Box']}", "lines.0.said"),
])  # fmt: skip
def test_mistakes_are_named(line: str, told: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_catalogue([("x.yml", f"families: f\nsource: s\nlines:\n  - {line}\n")])
    assert told in error.value.message
    assert "x.yml:4" in error.value.message


ROOTS = """
profile: box
title: Box
source: made up
roots: ['99999.1.7', '99999.1.8']
match: [{object_id: ROOT}]
facts: {serial: [{scalar: ROOT.3.1.0}]}
scalars: {load: {oid: ROOT.4.0}}
processors: [{usage: load}]
"""


def test_a_mib_that_is_repeated_for_each_model_is_written_once() -> None:
    seven, eight = read_catalogue([("x.yml", ROOTS)]).profiles
    assert (seven.profile, eight.profile) == ("box-99999-1-7", "box-99999-1-8")
    assert (eight.match[0].object_id, eight.scalars["load"].oid) == ("1.3.6.1.4.1.99999.1.8", "1.3.6.1.4.1.99999.1.8.4.0")
    assert seven.facts["serial"][0].scalar == "1.3.6.1.4.1.99999.1.7.3.1.0"
    with pytest.raises(InvalidInputError, match=r"x\.yml:5: roots"):
        read_catalogue([("x.yml", ROOTS.replace("'99999.1.7'", "99999.1.x"))])
