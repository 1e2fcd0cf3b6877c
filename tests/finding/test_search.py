"""Search through a running hub: everything by whatever of it somebody remembers, and only what the caller may see."""

import contextlib
from typing import Any

import pytest

from core.errors import InvalidInputError
from core.finding import SearchAnswer

SOCIAL, SWITCH = "丽水市人力资源和社会保障局", "LS-DC-TOR-CE6857-01"


def search(node: Any, text: str, who: str = "viewer", **more: Any) -> SearchAnswer:
    answer: SearchAnswer = node.ask(who, lambda hub: hub.finding.search(text, **more))
    return answer


@pytest.mark.parametrize(("text", "kind", "name"), [
    ("rsj", "unit", SOCIAL), ("人社", "unit", SOCIAL), ("renshe", "unit", SOCIAL), ("市人社局", "unit", SOCIAL),
    ("丽水 保障", "unit", SOCIAL), ("0578-2091234", "unit", SOCIAL), ("caizheng", "unit", "丽水市财政局"),
    ("CE6857", "device", SWITCH), ("10.64.0.75", "device", SWITCH), ("10.64.0.70-80", "device", SWITCH),
    ("10.64.0.64/27", "device", SWITCH),
    ("2102350dls10h5000123", "device", SWITCH), ("汇聚到省", "device", "LS-DC-P-NE40-01"), ("001a-2b3c-4d5e", "host", "compute-001"),
    ("001A2B3C4D5E", "host", "compute-001"), ("社保 web", "vm", "vm-社保-web-00"), ("198.18.0.10", "floating_ip", "198.18.0.10"),
    ("65000:100", "vpn_instance", "人社专网"), ("2001:db8:1::/64", "prefix", "人社专网|2001:db8:1::/64"),
    ("ＣＥ６８５７", "device", SWITCH),
])
def test_things_are_found_by_what_is_known_of_them(node: Any, text: str, kind: str, name: str) -> None:
    assert (kind, name) in {(one.kind, one.name) for one in search(node, text).found}


def test_exact_names_come_first_and_kinds_can_be_chosen(node: Any) -> None:
    answer = search(node, "10.64.0.75")
    assert (answer.found[0].kind, answer.found[0].exact) == ("device", True)
    assert {one.kind for one in search(node, "社保", kinds=("vm", "project")).found} == {"vm", "project"}
    cut = search(node, "社保", limit=1)
    assert (len(cut.found), cut.more) == (1, True)


def test_a_hit_says_what_and_where_it_is_and_why_it_was_found(node: Any) -> None:
    (one,) = search(node, "2102350dls10h5000123").found
    assert (one.unit, one.site, one.address) == (SOCIAL, "政务云机房", "10.64.0.75")
    assert "CE6857" in one.note
    assert one.why == {"serial": "2102350DLS10H5000123"}
    machine = next(hit for hit in search(node, "社保").found if hit.kind == "vm")
    assert (machine.unit, machine.state) == (SOCIAL, "ACTIVE")
    assert "prj-社保" in machine.note


def test_everybody_finds_what_they_may_see(node: Any) -> None:
    mine = {(one.kind, one.name) for one in search(node, "社保", "contact").found}
    assert ("vm", "vm-社保-web-00") in mine
    assert ("project", "prj-社保") in mine
    assert search(node, "财政", "contact").found == ()
    assert search(node, "财政", "contact").near == ()
    assert not search(node, "YH-XZ-ACC-01", "contact").found
    assert search(node, "财政").found


def test_where_nothing_is_found_there_is_a_way_on(node: Any) -> None:
    answer = search(node, "人设局")
    assert answer.found == ()
    assert SOCIAL in answer.near
    mixed = search(node, "社保 zzqx")
    assert (mixed.found, mixed.unknown) == ((), ("zzqx",))


@pytest.mark.parametrize("text", ["", "   ", "!!", "/", "--"])
def test_a_text_without_words_is_refused(node: Any, text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        search(node, text)
    assert caught.value.way_out


def test_hostile_texts_are_only_texts(node: Any) -> None:
    for text in ("' OR 1=1 --", "%_", "<script>", "\x00\x1b[31m", "人" * 256, "10.0.0.0/0", "a" * 256):
        with contextlib.suppress(InvalidInputError):
            assert len(search(node, text).found) <= 50


def test_an_unknown_kind_is_refused(node: Any) -> None:
    with pytest.raises(InvalidInputError):
        search(node, "社保", kinds=("password",))
    with pytest.raises(InvalidInputError):
        search(node, "社保", kinds=("credential",))


def test_the_command_tells_by_its_exit_code(node: Any, run: Any) -> None:
    done = run("search", "rsj")
    assert done.code == 0
    assert SOCIAL in done.out
    assert "phone: 0578-2091234" in run("search", "0578-2091234").out
    none = run("search", "人设局")
    assert (none.code, none.out) == (1, "")
    assert SOCIAL in none.err
    parsed = run("search", "社保", "web", "--kind", "vm", "--json").json()
    assert [one["name"] for one in parsed["found"]] == ["vm-社保-web-00"]
