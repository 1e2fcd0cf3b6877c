"""Rows of IF-MIB (RFC 2863) as interfaces, whatever the device puts into them."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from core.objects import Interface
from core.polling import Oid
from core.text import Value, mac_of, number_of, text_of, unique
from monitors.answers import TableAnswer

_IF_TABLE = "interfaces"
_LARGEST_INDEX = 2**31 - 1
_SPEED_SATURATED = 2**32 - 1
_FASTEST_MBIT = 10_000_000
_MEMBERS = 10_000_000
"""Ports of a virtual chassis are numbered from here, a thousand for each member."""
_MOST_MEMBERS = 1000
_LONGEST = 32
_PORT = re.compile(r"\d{1,3}$")
_ETHERNET = 6
_PHYSICAL = frozenset((6, 7, 18, 22, 26, 30, 37, 39, 56, 62, 69, 71, 94, 95, 96, 97, 117, 169, 171, 184, 230, 250))
"""IANAifType of things with a plug or an antenna."""
_AGGREGATE = frozenset((54, 161))
_VIRTUAL = re.compile(
    r"(?i)^(vlan|bvi|irb|lo\d|loop|null|inloop|tun|tap|veth|docker|virbr|br-|br\d|bond|team|dummy|ifb|cali|flannel|cni|vxlan|nve|mgmt-?vlan"
    r"|eth-?trunk|bridge-aggregation|route-aggregation|port-?channel|aggregateport|agg?\d|ae\d|smartgroup|meth-trunk|virtual|nat|ima)"
    r"|\.\d+$|:\d+\.\d+$"
)


def is_physical(interface: Interface) -> bool:
    """A port with a plug. Some systems call VLANs, bridges and trunks Ethernet: their names tell."""
    return interface.if_type in _PHYSICAL and not _named_as_virtual(interface.name)


@lru_cache(maxsize=8192)
def _named_as_virtual(name: str) -> bool:
    return _VIRTUAL.search(name) is not None


def is_aggregate(interface: Interface) -> bool:
    return interface.if_type in _AGGREGATE


def interfaces_in(device_id: str, tables: Iterable[TableAnswer]) -> tuple[dict[Oid, Interface], str]:
    """Interfaces of all tables that give some, by index: IF-MIB's, and what a maker's table adds to them (ports that hold a virtual chassis
    together, interfaces of virtual routers). What was odd about them in one sentence, or nothing."""
    out: dict[Oid, Interface] = {}
    odd: list[str] = []
    for answer in sorted(tables, key=lambda one: one.question.name != _IF_TABLE):
        known, names = {one.if_index for one in out.values()}, {one.name for one in out.values()}
        some, told = interfaces_of(device_id, answer)
        out |= {index: _named_apart(one, names) for index, one in some.items() if one.if_index not in known}
        odd += [told] if told else []
    return out, " ".join(odd)


def _named_apart(interface: Interface, names: set[str]) -> Interface:
    taken = interface.name in names
    return interface.replace(name=f"{interface.name}#{interface.if_index}") if taken else interface


def interfaces_of(device_id: str, answer: TableAnswer) -> tuple[dict[Oid, Interface], str]:
    """Interfaces by index in order of the table, and what was odd about them in one sentence (or nothing)."""
    columns = {name: answer.cells(name) for name in _WANTED}
    own = answer.question.name == _IF_TABLE
    numbered = [(position, index, *_numbered(index, own)) for position, index in enumerate(answer.rows)]
    times = Counter(number for _, _, number, _ in numbered)
    usable = [one for one in numbered if 1 <= one[2] <= _LARGEST_INDEX and times[one[2]] == 1]
    descrs = [text_of(columns["ifDescr"][p], 255) or name for p, _, _, name in usable]
    wished = [text_of(columns["ifName"][p], 255) or descrs[n] for n, (p, *_) in enumerate(usable)]
    names = unique(wished, [str(number) for _, _, number, _ in usable])
    out: dict[Oid, Interface] = {}
    for n, (position, index, number, called) in enumerate(usable):
        descr = names[n] if descrs[n] == names[n] else descrs[n]
        one = _interface(device_id, number, names[n], descr, [columns[c][position] for c in _WANTED])
        out[index] = one.replace(if_type=_ETHERNET) if called else one
    return out, _oddities(answer, names, wished, len(usable))


def _numbered(index: Oid, own: bool) -> tuple[int, str]:
    """ifIndex of a row, and its name where the index itself tells it: a member and the name of its port (JUNIPER-VIRTUALCHASSIS-MIB).
    Such ports have no ifIndex; they get numbers above those of the device's own. A virtual router and an ifIndex (TIMETRA-VRTR-MIB) are the
    ifIndex, which names nothing where several routers use it. 0: neither."""
    if len(index) == 1 or (len(index) == 2 and not own):
        return index[-1], ""
    member, letters = index[0] if index else 0, index[2:]
    if not 0 <= member < _MOST_MEMBERS or not 0 < len(letters) == index[1] <= _LONGEST or not all(32 < code < 127 for code in letters):
        return 0, ""
    name = "".join(map(chr, letters))
    port = _PORT.search(name)
    return (_MEMBERS + _MOST_MEMBERS * member + int(port[0]), f"fpc{member}.{name}") if port else (0, "")


_ZEROS = bytes(6)
_WANTED = ("ifDescr", "ifName", "ifAlias", "ifType", "ifSpeed", "ifHighSpeed", "ifPhysAddress", "ifAdminStatus", "ifOperStatus")


def _interface(device_id: str, if_index: int, name: str, descr: str, cells: list[Value]) -> Interface:
    _, _, alias, if_type, speed, high_speed, address, admin, oper = cells
    return Interface(
        device_id=device_id,
        if_index=if_index,
        name=name,
        descr=descr,
        alias=text_of(alias, 255),
        if_type=_type(number_of(if_type, 1)),
        speed_bps=speed_of(number_of(speed), number_of(high_speed)),
        phys_address=mac_of(address),
        admin_status=_within(number_of(admin), 3),
        oper_status=_within(number_of(oper), 7),
    )


def zeroed(answer: TableAnswer) -> frozenset[int]:
    """ifIndex of those that answer with an address of zeros: they have none, and say so."""
    cells = zip(answer.rows, answer.cells("ifPhysAddress"), strict=True)
    return frozenset(index[0] for index, cell in cells if index and cell == _ZEROS)


def _type(number: int) -> int:
    """IANAifType; 1 (other) for what cannot be one."""
    return number if 1 <= number <= _LARGEST_INDEX else 1


def _within(status: int, most: int) -> int:
    return status if 0 <= status <= most else 0


def speed_of(speed: int, high_speed: int) -> int:
    """Bits per second from ifSpeed and ifHighSpeed (Mbit/s): the latter where the former cannot hold it or is missing."""
    if 20 <= high_speed <= _FASTEST_MBIT or (high_speed > 0 and speed == 0):
        return min(high_speed, _FASTEST_MBIT) * 1_000_000
    return speed if 0 < speed < _SPEED_SATURATED else 0


def _oddities(answer: TableAnswer, names: list[str], wished: list[str], usable: int) -> str:
    out = [answer.problem] if answer.problem else []
    if skipped := len(answer.rows) - usable:
        out.append(f"{skipped} rows have an index that is no ifIndex.")
    if renamed := sum(a != b for a, b in zip(names, wished, strict=True)):
        out.append(f"{renamed} interfaces have no name or the name of another.")
    return " ".join(out)
