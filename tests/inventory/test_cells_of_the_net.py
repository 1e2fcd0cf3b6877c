"""Prefixes, route distinguishers, bandwidths, moments, services and lists: what is meant, and what is a mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages import OddCell
from inventory.sheets import lists, netcells
from inventory.sheets.cells import CellError


@pytest.mark.parametrize(("written", "meant"), [
    ("10.1.0.0/16", "10.1.0.0/16"), ("１０.１.０.０/16", "10.1.0.0/16"), ("10。1。0。0/16", "10.1.0.0/16"),
    ("2001:DB8:0::/48", "2001:db8::/48"),
    ("0.0.0.0/0", "0.0.0.0/0"), ("10.1.0.0/255.255.0.0", "10.1.0.0/16"), ("10.1.0.1/32", "10.1.0.1/32"),
])
def test_prefixes(written: str, meant: str) -> None:
    assert netcells.prefix(written) == meant


@pytest.mark.parametrize(("written", "said"), [
    ("10.1.0.1/16", "10.1.0.0/16"), ("10.1.0.0", "10.1.0.0/32"), ("10.1.0.0/33", "not a prefix"), ("2001:db8::1/48", "2001:db8::/48"),
    ("224.0.0.0/4", "multicast"), ("vlan 5", "not a prefix"), ("10.1/16", "not a prefix"), ("10.1.0.0/16/16", "not a prefix"),
])
def test_what_is_no_prefix_says_which_is_meant(written: str, said: str) -> None:
    with pytest.raises(CellError, match=said):
        netcells.prefix(written)


@pytest.mark.parametrize(("written", "meant"), [
    ("65000:101", "65000:101"), ("065000:0101", "65000:101"), ("4200000000:7", "4200000000:7"), ("10.0.0.1:65535", "10.0.0.1:65535"),
    ("65535:4294967295", "65535:4294967295"), ("６５０００：101", "65000:101"),
])
def test_route_distinguishers(written: str, meant: str) -> None:
    assert netcells.rd(written) == meant


@pytest.mark.parametrize("written", [
    "65000", "65000:", ":1", "70000:65536", "65000:4294967296", "4294967296:1", "10.0.0.256:1", "a:1", "1:1:1",
])
def test_what_is_no_route_distinguisher(written: str) -> None:
    """RFC 4364, 4.2: two octets of a number go with four, four with two."""
    with pytest.raises(CellError):
        netcells.rd(written)


@pytest.mark.parametrize(("written", "meant"), [
    ("100M", 10**8), ("1.5G", 1_500_000_000), ("100 Mbps", 10**8), ("10兆", 10**7), ("64k", 64_000), (2048, 2048), ("1T", 10**12), ("0", 0),
])
def test_bandwidths(written: object, meant: int) -> None:
    assert netcells.bandwidth(written) == meant  # type: ignore[arg-type]


@given(st.integers(0, 10**14))
def test_a_bandwidth_is_read_as_it_is_shown(value: int) -> None:
    assert netcells.bandwidth(netcells.bandwidth_shown(value)) == value


@given(st.integers(631_152_000_000, 7_258_118_400_000))
def test_a_moment_is_read_as_it_is_shown(value: int) -> None:
    assert netcells.moment(netcells.moment_shown(value)) == value


def test_a_day_holds_to_its_end_in_china() -> None:
    end = 1_798_732_800_000  # 2027-01-01 00:00 +08:00
    for written in ("2026-12-31", "2026/12/31", "2026年12月31日", "2026.12.31", OddCell(kind="date", text="2026-12-31 00:00:00")):
        assert netcells.moment(written) == end
    assert netcells.moment("2026-12-31 08:30") == end - (15 * 60 + 30) * 60_000
    assert netcells.moment("2026-1-5") == netcells.moment("2026-01-05")
    for wrong in ("2026-13-01", "soon", "1-1-1", "9999-12-31", OddCell(kind="formula")):
        with pytest.raises(CellError):
            netcells.moment(wrong)


@pytest.mark.parametrize(("written", "meant"), [
    ("TCP/443", "tcp/443"), ("udp/5000-5010", "udp/5000-5010"), ("any", "any"), ("财务系统", "财务系统"),
])
def test_services(written: str, meant: str) -> None:
    assert netcells.service(written) == meant


@pytest.mark.parametrize("written", ["tcp/70000", "udp/9-5", "tcp/", "tcp/http"])
def test_what_is_no_service(written: str) -> None:
    with pytest.raises(CellError):
        netcells.service(written)


@pytest.mark.parametrize("written", ["ftp://x", "https://user:secret@host/", "host:5000", "https://", "https://host/?a=b"])
def test_what_is_no_endpoint(written: str) -> None:
    with pytest.raises(CellError):
        netcells.endpoint(written)


@pytest.mark.parametrize(("written", "words"), [
    ("甲;乙；丙、丁\n戊", ("甲", "乙", "丙", "丁", "戊")), (" 甲 ;; 乙; ", ("甲", "乙")), ('"教育、体育局"; 乙', ("教育、体育局", "乙")),
    ('"say ""a"""', ('say "a"',)), ("", ()), (" ; ", ()), (5, ("5",)), (None, ()), ("甲,乙", ("甲,乙",)),
])
def test_lists(written: object, words: tuple[str, ...]) -> None:
    assert lists.texts(20)(written) == words  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["甲;甲", '"甲', '"甲"乙', "长" * 21, ";".join(map(str, range(3000)))])
def test_what_is_no_list(written: str) -> None:
    with pytest.raises(CellError):
        lists.texts(20)(written)


@given(st.lists(st.text(min_size=1, max_size=12)))
def test_a_list_is_split_as_it_was_joined(words: list[str]) -> None:
    assert lists.split(lists.joined(words)) == words
