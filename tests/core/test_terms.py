"""Search: what people type finds what things are called, whatever notation, script or sound."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.terms import hex_address, parse, shorter, stands_in, terms

UNIT = terms(["丽水市人力资源和社会保障局", "市人社局"])
SWITCH = terms(["LS-DC-TOR-CE6857-01", "10.64.0.75", "00:1A:2B:3C:4D:5E", "2102350DLS10H5000123", "To-核心:10GE1/0/1"])


def finds(query: str, held: frozenset[str]) -> bool:
    words = parse(query)
    return bool(words) and all(word.fits(held) for word in words)


@pytest.mark.parametrize("query", ["人社", "人社局", "社会保障", "丽水 保障", "rsj", "RSJ", "renshe", "renshej", "lss", "rlzy", "局"])
def test_a_unit_is_found_by_words_initials_and_sound(query: str) -> None:
    assert finds(query, UNIT)


@pytest.mark.parametrize("query", [
    "tor", "ce6857", "6857", "ls-dc", "lsdctor", "10.64.0.75", "10.64.0.0/16", "10.64.", "001a-2b3c-4d5e", "001a.2b3c.4d5e",
    "001A2B3C4D5E", "2102350dls10", "核心", "hx", "10ge1/0/1", "tor 核心", "核心10GE",
])
def test_a_switch_is_found_by_what_is_written_on_it(query: str) -> None:
    assert finds(query, SWITCH)


@pytest.mark.parametrize("query", ["局长", "10.65.0.0/16", "001a.2b3c.4d5f", "rsx", "社人", "", "  ", "/"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert not finds(query, UNIT | SWITCH)


chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=20)


@given(chinese, st.data())
def test_every_stretch_of_two_characters_or_more_finds(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    end = data.draw(st.integers(start + 2, len(name)))
    assert finds(name[start:end], terms([name]))


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_prefix_finds_every_address_in_it(address: ipaddress.IPv4Address, length: int) -> None:
    net = ipaddress.ip_network((address, min(length, address.max_prefixlen)), strict=False)
    assert finds(str(net), terms([str(address)]))


@given(st.ip_addresses(), st.ip_addresses())
def test_terms_of_addresses_have_their_order(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address) -> None:
    if one.version == other.version:
        assert (one < other) == (str(hex_address(str(one))) < str(hex_address(str(other))))


@given(st.text(max_size=400))
def test_any_text_is_taken(text: str) -> None:
    assert len(terms([text])) <= 400
    parse(text)


PLACES = terms(["重庆路机房", "云和县", "丽水市", "长安街行政中心", "乐清联络处"])


@pytest.mark.parametrize("query", [
    "chongqing", "zhongqing", "cqlj", "yunhe", "lishui", "ls", "changan", "xingzheng", "hangzheng", "yueqing", "leqing", "yq", "重庆",
])
def test_a_character_of_several_readings_is_found_by_each(query: str) -> None:
    assert finds(query, PLACES)


@pytest.mark.parametrize("query", [
    "10.64.0.70-10.64.0.80", "10.64.0.75-75", "10.64.0.1~200", "００１Ａ．２Ｂ３Ｃ．４Ｄ５Ｅ", "ＣＥ６８５７", "00:1a:2b", "001a.2b3c",
    "１０．６４．０．７５",
])
def test_ranges_full_width_forms_and_the_makers_part_of_a_mac(query: str) -> None:
    assert finds(query, SWITCH)


@pytest.mark.parametrize("query", ["10.64.0.76-10.64.0.80", "10.64.0.80-10.64.0.70", "00:1a:2c", "2001:db8::1-10.64.0.80"])
def test_a_range_ends_where_it_ends(query: str) -> None:
    assert not finds(query, SWITCH)


def test_an_address_of_version_6_is_found_in_any_notation_and_by_range() -> None:
    held = terms(["2001:DB8:0:0::A5/64"])
    assert all(finds(query, held) for query in ("2001:db8::a5", "2001:0db8::00a5", "2001:db8::/32", "2001:db8::a0-2001:db8::af"))
    assert not finds("2001:db8::a6", held)


def test_what_was_misspelt_by_sound_or_end_has_near_words() -> None:
    assert any(finds(near, UNIT) for near in shorter("人设局"))
    assert any(finds(near, UNIT) for near in shorter("rensheju1"))
    assert all(len(near) <= 256 for near in shorter("保障" * 10_000))


QUERIES = ["人社", "rsj", "renshe", "10.64.0.0/16", "10.64.0.70-80", "001a-2b3c-4d5e", "ce68", "6857", "核心", "hx", "zz", "1.2.3.4"]
TEXTS = ["丽水市人力资源和社会保障局", "市人社局", "LS-DC-TOR-CE6857-01", "10.64.0.75", "00:1A:2B:3C:4D:5E", "To-核心:10GE1/0/1", ""]


@given(st.sampled_from(QUERIES), st.sampled_from(TEXTS))
def test_a_text_says_by_itself_what_its_terms_say(query: str, text: str) -> None:
    held = terms([text])
    assert all(stands_in(word, text) == word.fits(held) for word in parse(query))


@pytest.mark.parametrize(("name", "queries"), [
    ("丽水市人力资源和社会保障局", ("人社", "人社局", "rsj", "renshe", "lssrsj", "人力社保")),
    ("丽水市发展和改革委员会", ("发改委", "fgw", "发改")),
    ("云和县卫生健康委员会", ("卫健委", "wjw", "云和 卫健")), ("丽水市市场监督管理局", ("市监", "市场监管局", "scjgj")),
    ("丽水市国有资产监督管理委员会", ("国资委", "gzw")), ("丽水市自然资源和规划局", ("资规局", "自规局")),
    ("青田县供销合作社", ("供销社", "gxs")),
    ("丽水市大数据发展管理局", ("大数据局", "dsjj")), ("丽水市残疾人联合会", ("残联", "canlian")),
])
def test_an_organ_is_found_by_what_people_call_it(name: str, queries: tuple[str, ...]) -> None:
    held = terms([name])
    assert [query for query in queries if not finds(query, held)] == []
