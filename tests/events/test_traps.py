"""Traps: both decoders say the same, what is decoded means what its MIB says, and no octets do any harm."""

import json
import os
import random
import re
import tarfile
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.hearing import REASONS, Hearing
from core import i18n
from core.errors import InvalidInputError, ProtocolError
from core.events import Event, why_odd
from core.polling import Oid
from core.signals import RawLine
from links import traps, traps3
from links.snmp import ber
from links.trapforms import Reader
from monitors.events import Folder, definitions, of_trap, said
from monitors.events.telling import read_definitions

SOAK = os.environ.get("YUNWANG_SOAK") == "1"
LINK_DOWN: Oid = (*traps.GENERIC, 3)
IF_INDEX: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
Variable = tuple[Oid, bytes]


def number(value: int, tag: int = 2) -> bytes:
    return ber.tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=value < 0))


def bound(oid: Oid, value: bytes) -> bytes:
    return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)


def v2(oid: Oid, variables: list[Variable], kind: int = traps.TRAP_V2, uptime: int = 4242, request_id: int = 77) -> bytes:
    body = [bound(traps.UPTIME, number(uptime, 0x43)), bound(traps.TRAP_OID, ber.tlv(6, ber.oid_body(oid)))]
    body += [bound(*one) for one in variables]
    return ber.message(ber.V2C, b"public", ber.pdu(kind, request_id, 0, 0, ber.tlv(0x30, b"".join(body))))


def v1(oid: Oid, variables: list[Variable]) -> bytes:
    generic = oid[-1] - 1 if oid[:-1] == traps.GENERIC else 6
    enterprise = (1, 3, 6, 1, 4, 1, 9) if generic < 6 else oid[:-2] if oid[-2] == 0 else oid[:-1]
    inside = (
        ber.tlv(6, ber.oid_body(enterprise)) + ber.tlv(0x40, bytes((10, 1, 2, 3))) + number(generic) + number(0 if generic < 6 else oid[-1])
        + number(4242, 0x43) + ber.tlv(0x30, b"".join(bound(*one) for one in variables))
    )
    return ber.message(ber.V1, b"public", ber.tlv(traps.TRAP_V1, inside))


def v3(oid: Oid, variables: list[Variable]) -> bytes:
    """As it is kept: no privacy, nobody's signature."""
    pdu = v2(oid, variables)
    start, end = traps._whole_community(pdu) or (0, 0)
    scoped = ber.tlv(0x30, ber.tlv(4, b"\x80\0\0\0\5sender") + ber.tlv(4, b"") + pdu[end:])
    assert start
    usm = ber.tlv(0x30, ber.tlv(4, b"\x80\0\0\0\5sender") + number(1) + number(1) + ber.tlv(4, b"user") + ber.tlv(4, b"") + ber.tlv(4, b""))
    head = ber.tlv(0x30, number(5) + number(65507) + ber.tlv(4, b"\0") + number(3))
    return ber.tlv(0x30, number(3) + head + ber.tlv(4, usm) + scoped)


def event(raw: bytes) -> Event:
    return Hearing().event(RawLine(at_ms=1, source="10.0.0.1", kind="trap", raw=raw))


oids = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12).map(lambda tail: (1, 3, 6, 1, 4, 1, *tail))
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(number), st.integers(0, 2**32 - 1).map(lambda n: number(n, 0x42)),
    st.integers(0, 2**64 - 1).map(lambda n: number(n, 0x46)), st.binary(max_size=200).map(lambda b: ber.tlv(4, b)),
    st.binary(min_size=4, max_size=4).map(lambda b: ber.tlv(0x40, b)), oids.map(lambda o: ber.tlv(6, ber.oid_body(o))),
    st.just(b"\x05\x00"),
)
messages = st.tuples(oids, st.lists(st.tuples(oids, values), max_size=8), st.sampled_from([traps.TRAP_V2, traps.INFORM]))


@given(st.lists(messages, min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_both_decoders_say_the_same(told: list[Any], uptime: int) -> None:
    reader = Reader()
    for oid, variables, kind in [*told, *told]:
        raw = v2(oid, variables, kind, uptime)
        assert reader.decode(raw) == traps.decode(raw)


@settings(max_examples=25)
@given(st.lists(messages, min_size=1, max_size=6), st.lists(st.integers(0, 2**31), min_size=2, max_size=4))
def test_what_says_the_same_again_is_the_same_event(told: list[Any], uptimes: list[int]) -> None:
    known = Hearing()
    for number_, uptime in enumerate(uptimes):
        for oid, variables, kind in told:
            raw = v2(oid, variables, kind, uptime, request_id=number_ + 1)
            line = RawLine(at_ms=number_, source=f"10.0.0.{number_}", kind="trap", raw=raw)
            assert known.event(line) == Hearing().event(line)


def test_a_plan_says_what_reading_step_by_step_says() -> None:
    """Every trap that is defined, with every kind of value and index, some of them damaged, in the same forms again and again."""
    rng = random.Random(int.from_bytes(os.urandom(4), "big"))
    objects, defined, hearing = list(definitions().variables), list(definitions().traps), Hearing()
    ports: list[Oid] = [(*IF_INDEX[:-1], column) for column in (1, 2, 7, 8)]
    texts = [b"GE0/0/1", b"a\0b\r\n", "端口".encode("gb18030"), b" x ", bytes(6), b"", b"=cmd|' /C'!A0", b"[red]x[/]", b"\x80" * 40]

    def value() -> bytes:
        return rng.choice([
            lambda: number(rng.randrange(-3, 200)), lambda: ber.tlv(2, rng.randbytes(rng.randrange(1, 9))),
            lambda: ber.tlv(rng.choice((0x41, 0x42, 0x43, 0x46)), rng.randbytes(rng.choice((1, 4, 5, 9)))),
            lambda: ber.tlv(4, rng.choice(texts)), lambda: ber.tlv(0x40, rng.randbytes(4)), lambda: b"\x05\x00",
            lambda: ber.tlv(6, ber.oid_body(rng.choice(defined))), lambda: ber.tlv(4, rng.randbytes(rng.randrange(1, 20))),
        ])()

    def index() -> Oid:
        return tuple(rng.choice((0, 1, 7, 127, 128, 20_000, 2**21, 2**32 - 1)) for _ in range(rng.choice((0, 1, 1, 1, 2, 4, 5))))

    planned = compared = 0
    for _ in range(10_000 if SOAK else 800):
        shape = [rng.choice(rng.choice((objects, ports))) for _ in range(rng.randrange(5))]
        sender = ber.tlv(6, ber.oid_body((1, 3, 6, 1, 4, 1, rng.randrange(99))))
        name, ends = rng.choice(defined), rng.choice(([], [(traps.ENTERPRISE, sender)]))
        variables = [((*oid, *index()), value()) for oid in shape]
        for _ in range(3):
            raw = bytearray(v2(name, [*variables, *ends]))
            if rng.random() < 0.3:
                raw[rng.randrange(60, len(raw))] = rng.randrange(256)
            variables = [(oid if rng.random() < 0.5 else (*oid[:-1], oid[-1] ^ 1), old) for oid, old in variables]
            variables = [(oid, old[:2] + rng.randbytes(len(old) - 2) if rng.random() < 0.5 else old) for oid, old in variables]
            line = RawLine(at_ms=1, source="10.0.0.1", kind="trap", raw=bytes(raw))
            cut = hearing._reader.cut(line.raw)
            planned += cut is not None and any(plan.read(cut.cells) is not None for plan in cut.form.notes.get(cut.oid, ()))
            compared += 1
            assert hearing.event(line) == event(line.raw), line.raw.hex()
    assert planned > compared // 50


def test_counting_without_making_events_counts_the_same() -> None:
    """`fold` makes an event only of what is new: ids, counts and texts are those of reading each and counting then."""
    rng = random.Random(8)
    shapes = [(rng.choice(list(definitions().traps)), rng.sample(list(definitions().variables), 3)) for _ in range(40)]
    lines = []
    for number_ in range(2000):
        name, objects = rng.choice(shapes)
        variables = [((*oid, rng.randrange(1, 4)), number(rng.randrange(3)) if n else ber.tlv(4, b"GE%d" % rng.randrange(9))) for n, oid
                     in enumerate(objects)]
        raw = v2(name, variables) if number_ % 50 else rng.randbytes(40)
        lines.append(RawLine(at_ms=number_ * 20, source=f"10.0.0.{rng.randrange(3)}", kind="trap", raw=raw))
    one, other, hearing = Folder("x", per_source=90), Folder("x", per_source=90), Hearing()
    for start in range(0, len(lines), 500):
        hearing.fold(lines[start : start + 500], one)
        other.put(hearing.event(line) for line in lines[start : start + 500])
        now_ms = lines[start].at_ms + 10_000
        assert one.take(now_ms) == other.take(now_ms)


def test_damaged_ones_are_read_alike_by_both_and_never_raise_anything_else() -> None:
    """A quarter of a minute of CPU in soak, a second otherwise."""
    rng, reader, hearing = random.Random(int.from_bytes(os.urandom(4), "big")), Reader(), Hearing()
    variables = [((*IF_INDEX, 7), number(7)), ((1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 7), ber.tlv(4, "端口".encode("gb18030")))]
    good = [v2(LINK_DOWN, variables), v1(LINK_DOWN, variables), v3(LINK_DOWN, variables)]
    reader.decode(good[0])
    tried, until = 0, time.process_time() + (15 if SOAK else 1)
    while tried < 300 or time.process_time() < until:
        bad = bytearray(good[tried % 3])
        for _ in range(rng.randrange(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        raw = bytes(bad[: rng.randrange(1, len(bad) + 1)]) if rng.random() < 0.2 else bytes(bad)
        assert alike(reader, raw)
        assert len(hearing.event(RawLine(at_ms=1, source="s", kind="trap", raw=raw)).text) <= 4096
        assert len(traps.without_community(raw)) == len(raw)
        tried += 1


def alike(reader: Reader, raw: bytes) -> bool:
    found = []
    for decode in (traps.decode, reader.decode):
        try:
            found.append(decode(raw))
        except ProtocolError:
            found.append(None)  # type: ignore[arg-type]
    return found[0] == found[1]


@given(st.binary(max_size=300))
def test_garbage_is_an_event_that_says_so_in_either_language(raw: bytes) -> None:
    told = event(raw)
    assert told.odd in REASONS
    with i18n.speaking("en"):
        english = why_odd(told)
    with i18n.speaking("zh"):
        assert why_odd(told) != english
    assert "{" not in english


def test_what_stands_before_the_damage_is_told() -> None:
    raw = v2(LINK_DOWN, [((*IF_INDEX, 7), number(7)), ((1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 7), ber.tlv(4, b"GE0/0/7"))])
    told = event(raw[:-3])
    assert told.odd or told.mnemonic == ""
    whole = v2(LINK_DOWN, [((*IF_INDEX, 7), number(7)), ((*IF_INDEX, 8), b"\x99\x01\x00")])
    assert (event(whole).mnemonic, event(whole).fields["ifIndex"]) == ("linkDown", "7")
    assert event(whole).odd in REASONS


def test_thousands_of_variables_are_bounded() -> None:
    raw = v2(LINK_DOWN, [((1, 3, 6, 1, 4, 1, 9, n), number(n)) for n in range(5000)])
    told = event(raw)
    assert len(told.fields) <= 64
    assert told.odd == "It has more variables than are read."


@pytest.mark.parametrize("encode", [v1, v2, v3])
def test_link_down_in_every_version(encode: Any) -> None:
    told = event(encode(LINK_DOWN, [
        ((*IF_INDEX, 7), number(7)), ((1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 7), number(1)),
        ((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7), ber.tlv(4, b"GE0/0/7")),
    ]))
    assert (told.mnemonic, told.priority, told.odd) == ("linkDown", 3, "")
    assert told.fields == {"ifIndex": "7", "ifAdminStatus": "up", "ifName": "GE0/0/7"}
    assert said(told) == {"zh": "端口 GE0/0/7 断开（管理状态 up）。", "en": "Port GE0/0/7 is down (configured up)."}


def test_ports_are_named_where_only_a_number_is_told() -> None:
    trap = traps.decode(v2(LINK_DOWN, [((*IF_INDEX, 7), number(7))]))
    assert of_trap(trap, 1, "s", {"7": "GE0/0/7"}).fields["ifName"] == "GE0/0/7"


def test_peers_are_named_by_the_index_alone() -> None:
    told = event(v2((1, 3, 6, 1, 2, 1, 15, 0, 2), [((1, 3, 6, 1, 2, 1, 15, 3, 1, 2, 10, 9, 8, 7), number(1))]))
    assert (told.mnemonic, told.fields["peer"]) == ("bgpBackwardTransNotification", "10.9.8.7")
    assert told.text == "BGP with 10.9.8.7 fell back to idle."


def test_a_proxy_tells_where_it_came_from_and_no_community() -> None:
    raw = v2(LINK_DOWN, [
        ((*IF_INDEX, 7), number(7)), (traps.ADDRESS, ber.tlv(0x40, bytes((10, 7, 7, 7)))), (traps.COMMUNITY, ber.tlv(4, b"innermost")),
    ])
    kept = traps.without_community(raw)
    assert b"innermost" not in kept
    assert b"public" not in kept
    told = event(kept)
    assert (told.host, list(told.fields)) == ("10.7.7.7", ["ifIndex"])


def test_every_definition_can_be_said() -> None:
    known = definitions()
    assert len(known.traps) >= 100
    for definition in known.traps.values():
        assert set(definition.said) == {"zh", "en"}, definition.name
        places = {place for text in definition.said.values() for place in re.findall(r"\{(\w+)\}", text)}
        names = {variable.name for variable in known.variables.values()} | {"port", "peer", "entity"}
        assert places <= names, definition.name
        assert re.search(r"[\u4e00-\u9fff]", definition.said["zh"])


@pytest.mark.parametrize(("text", "where"), [
    ("traps: {x: {oid: 1.3.6}}\nmore: 1", "m.yml:2"), ("traps:\n  x: {priority: 3}", "m.yml:2"), ("traps:\n  x: {oid: 1.3.a}", "m.yml:2"),
    ("traps:\n  x: {oid: 1.3.6.1.2.1, priority: 9}", "m.yml:2"), ("traps:\n  x: {oid: 1.3.6.1}\n  y: {oid: 1.3.6.1}", "m.yml:3"),
])
def test_mistakes_of_a_catalogue_are_named(text: str, where: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(where)):
        read_definitions([("m.yml", text)])


# the corpus: traps as snmptrapd prints them, and syslog lines of real devices


@pytest.fixture(scope="module")
def corpus(pytestconfig: pytest.Config) -> dict[str, list[dict[str, Any]]]:
    archive = Path(os.environ.get("YUNWANG_CORPUS", "") or Path(pytestconfig.rootpath).parent / "shared" / "corpus") / "work-dev.tar.xz"
    if not archive.exists():
        pytest.skip("the corpus is not beside this checkout")
    with tarfile.open(archive) as tar:
        found = {m.name: file.read() for m in tar if m.name.startswith("events/") and (file := tar.extractfile(m))}
    return {Path(name).stem: [json.loads(line) for line in raw.decode().splitlines()] for name, raw in found.items()}


def oid_of(name: str) -> Oid:
    """A name as snmptrapd prints it: ours where we define it, else one below a number that nobody has."""
    word, _, index = name.partition("::")[2].partition(".")
    tail = tuple(int(part) for part in index.split(".") if part.isdigit())
    known = definitions()
    aliases = {"sysUpTimeInstance": traps.UPTIME, "sysUpTime": traps.UPTIME[:-1], "snmpTrapEnterprise": traps.ENTERPRISE[:-1]}
    for oid, variable in known.variables.items():
        aliases.setdefault(variable.name, oid)
    for oid, definition in known.traps.items():
        aliases.setdefault(definition.name, oid)
        aliases.setdefault(definition.name.removeprefix("apc")[:1].lower() + definition.name.removeprefix("apc")[1:], oid)
    base = aliases.get(word) or (1, 3, 6, 1, 4, 1, 4294967295, 0, zlib.crc32(word.encode()))
    return base + (tail or (() if word in aliases and base in known.traps else (0,)) if base != traps.UPTIME else ())


def printed(raw: str) -> tuple[Oid, list[tuple[Oid, bytes, str]]]:
    """(the trap, its variables with what each says)."""
    trap: Oid = ()
    variables = []
    for line in raw.splitlines()[2:]:
        name, _, value = line.partition(" ")
        if "snmpTrapOID" in name:
            trap = oid_of(value)
        elif "::" in name and "sysUpTime" not in name and "snmpTrap" not in name:
            text = value.strip().strip('"').strip()
            encoded = number(int(text)) if re.fullmatch(r"-?\d{1,9}", text) else ber.tlv(4, text.encode())
            variables.append((oid_of(name), encoded, text))
    return trap, variables


@pytest.mark.parametrize("encode", [v1, v2, v3])
def test_the_traps_of_the_corpus(corpus: dict[str, list[dict[str, Any]]], encode: Any) -> None:
    count = 0
    for one in corpus["traps"]:
        oid, variables = printed(one["raw"])
        told = event(encode(oid, [(name, value) for name, value, _ in variables]))
        assert not told.odd, one["name"]
        heard = list(told.fields.values())
        for _, _, text in variables:
            assert any(text[:200].split() == value[:200].split() or value.startswith(text[:40]) for value in heard), (one["name"], text)
        if one["name"].startswith(("ApcLowBattery", "ApcPowerRestored", "ApcCommunicationEstablished")):
            assert told.mnemonic.startswith("apc")
            assert one["expected"]["message"] in told.text
        count += 1
    assert count >= 50


def test_the_lines_of_the_corpus(corpus: dict[str, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]) -> None:
    """Every line is read, or listed with the reason; what the corpus says of severity, facility and host is found."""
    odd, hosts, right = [], 0, 0
    for one in corpus["syslog"]:
        raw = one["raw"].encode()
        told = Hearing().event(RawLine(at_ms=1_795_400_000_000, source="10.0.0.1", kind="syslog", raw=raw))
        assert told.text
        if told.odd:
            odd.append((one["raw"][:60], told.odd))
        details = one["expected"].get("message_details", {})
        if details.get("host"):
            hosts += 1
            right += told.host == details["host"]
        if "facility" in details and isinstance(details["facility"], int):
            from monitors.events.syslog import FACILITIES

            assert told.facility == FACILITIES[details["facility"]]
    with capsys.disabled():
        print(f"\n{len(corpus['syslog'])} lines, {len(odd)} of them odd: {odd}; hosts {right} of {hosts}")  # noqa: T201 - so that it is seen
    assert len(odd) <= 8
    assert right >= 0.95 * hosts


def test_a_kept_trap_of_v3_is_read_without_keys() -> None:
    raw = v3(LINK_DOWN, [((*IF_INDEX, 3), number(3))])
    assert traps3.decode(raw).oid == LINK_DOWN
    sealed = raw.replace(ber.tlv(4, b"\0") + number(3), ber.tlv(4, b"\3") + number(3), 1)
    assert "keys" in event(sealed).odd
