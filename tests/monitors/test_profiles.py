"""The format of profiles: what it takes, and how each mistake is named."""

import re

import pytest

from core.errors import InvalidInputError
from core.platforms import BY_NAME
from monitors.pattern import TEXT_LIMIT, compiled, search
from monitors.profile import oid
from monitors.profiles import read_catalogue, shipped
from monitors.reading import read_profile

GOOD = """profile: a
title: A
source: B
match:
  - {object_id: 1.3.6.1.4.1.99}
facts:
  vendor:
    - {text: V}
tables:
  t:
    columns:
      one: {oid: 1.3.6.1.4.1.99.1.1, type: text}
      two: {oid: 1.3.6.1.4.1.99.1.2, poll: gauge, valid: [0, 100]}
    label: [one]
"""

MISTAKES = [
    ("title: A\n", "titel: A\n", "p.yml:2: titel", "Did you mean title?"),
    ("source: B\n", "", "p.yml:1: the file", ""),
    ("1.3.6.1.4.1.99}", "1.3.6.x}", "p.yml:5: match.0.object_id", ""),
    ("{object_id: 1.3.6.1.4.1.99}", "{}", "p.yml:5: match.0", "object_id"),
    ("{object_id: 1.3.6.1.4.1.99}", "{descr: '(a+)+'}", "p.yml:5: match.0.descr", "possessive"),
    ("vendor:", "vendour:", "p.yml:6: facts", ""),
    ("{text: V}", "{text: V, system: sysDescr}", "p.yml:8: facts.vendor.0", ""),
    ("{text: V}", "{system: sysDescr, regex: '('}", "p.yml:8: facts.vendor.0.regex", "pattern"),
    ("{text: V}", "{text: V, by: 1.3.6.1.4.1.99.2.0}", "p.yml:8: facts.vendor.0.by", ""),
    ("type: text}", "type: texte}", "p.yml:12: tables.t.columns.one.type", ""),
    ("type: text}", "discover: false}", "p.yml:11: tables.t.columns", "discover"),
    ("poll: gauge", "poll: gauge, pol: x", "p.yml:13: tables.t.columns.two.pol", "poll"),
    ("valid: [0, 100]", "valid: [100, 0]", "p.yml:13: tables.t.columns.two.valid", ""),
    ("valid: [0, 100]", "instead_of: three", "p.yml:13: tables.t.columns.two.instead_of", ""),
    ("valid: [0, 100]", "scale_by: three", "p.yml:13: tables.t.columns.two.scale_by", ""),
    ("valid: [0, 100]", "scale: 0", "p.yml:13: tables.t.columns.two.scale", ""),
    ("label: [one]", "label: [three]", "p.yml:14: tables.t.label", ""),
    ("label: [one]", "label: [j.one]", "p.yml:14: tables.t.label", ""),
    ("title: A\n", "title: A\ntitle: B\n", "p.yml:3: title", "Keep one"),
    ("title: A\n", "title: &x A\n", "p.yml:2", "Write the value out"),
    ("title: A\n", "title: !!python/object:os.system A\n", "p.yml:2", ""),
    ("title: A\n", "title: [\n", "p.yml:", "Mend"),
    ("title: A\n", "title: 5\n", "p.yml:2: title", ""),
]


def test_a_good_profile_is_read() -> None:
    profile = read_profile("p.yml", GOOD)
    assert profile.tables["t"].columns["two"].valid == (0, 100)
    assert not profile.tables["t"].columns["two"].discovered


@pytest.mark.parametrize(("old", "new", "where", "way"), MISTAKES)
def test_each_mistake_is_named_by_file_line_and_key(old: str, new: str, where: str, way: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidInputError) as caught:
        read_profile("p.yml", GOOD.replace(old, new, 1))
    assert caught.value.message.startswith(where), caught.value.message
    assert way in caught.value.way_out


def test_alias_bombs_huge_files_and_deep_nests_are_refused() -> None:
    bomb = "a: &a [x]\n" + "\n".join(f"b{n}: &b{n} [*a, *a]" for n in range(20))
    for text in (bomb, "profile: " + "x" * 600_000, "[" * 2000, "profile: {a: " * 30, "- a\n" * 70_000, "\0", ""):
        with pytest.raises(InvalidInputError):
            read_profile("p.yml", text)


def test_profiles_with_one_name_or_a_join_into_nowhere_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="two profiles called a"):
        read_catalogue([("p.yml", GOOD), ("q.yml", GOOD)])
    joined = GOOD.replace("    label: [one]", "    joins: {j: {table: nowhere, index: [0]}}\n    label: [j.one]")
    with pytest.raises(InvalidInputError, match="nowhere"):
        read_catalogue([("p.yml", joined)])


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(.*)(.*)(.*)x", r"(?=a)b", r"(a)\1", r"((a{1,9}){1,9}){1,9}", "x" * 300, "["])
def test_patterns_that_could_run_for_long_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidInputError):
        compiled(pattern)


def test_only_the_beginning_of_a_text_is_searched() -> None:
    assert search("x", "a" * (TEXT_LIMIT - 1) + "x")
    assert not search("x", "a" * TEXT_LIMIT + "x")


def test_every_platform_has_a_profile_and_every_profile_names_a_known_platform() -> None:
    named = {rule.text or rule.format for p in shipped().profiles for rule in p.facts.get("platform", ())}
    assert named == set(BY_NAME)


def test_the_most_particular_profile_speaks_first() -> None:
    descr = "Cisco IOS Software [Fuji], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 16.9"
    found = shipped().matching(oid("1.3.6.1.4.1.9.1.1"), descr)
    assert [p.profile for p in found][:2] == ["cisco-iosxe", "cisco-ios"]
    assert all(not p.match for p in shipped().matching((), "")), "a device that says nothing gets the general profiles alone"


def test_the_example_of_the_manual_is_a_profile(request: pytest.FixtureRequest) -> None:
    manual = (request.config.rootpath / "docs" / "profiles.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(profile: .*?)```", manual, re.DOTALL)
    assert examples
    for number, text in enumerate(examples):
        read_profile(f"example {number}", text)
