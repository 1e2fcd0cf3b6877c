"""What a device says of its neighbours in routing, its VLANs, addresses, VPN instances and the members of its cluster, as nouns.

The tables name their columns as the standard does (BGP4-MIB RFC 4273, OSPF-MIB RFC 4750, Q-BRIDGE-MIB RFC 4363, IP-MIB RFC 4293),
whatever the maker calls them.
"""

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple

from core.measured import BgpPeer, Member, OspfNeighbour
from core.text import Value, number_of, text_of
from monitors.answers import Answers, TableAnswer
from monitors.plan import labels_of

_BGP = {1: "idle", 2: "connect", 3: "active", 4: "opensent", 5: "openconfirm", 6: "established"}
_OSPF = {1: "down", 2: "attempt", 3: "init", 4: "twoWay", 5: "exchangeStart", 6: "exchange", 7: "loading", 8: "full"}
_VLANS = range(1, 4095)


class Routed(NamedTuple):
    """An address of the device itself, and the ifIndex that has it. length: of its prefix; -1: it did not say."""

    address: str
    length: int
    if_index: int


def peers_of(answers: Answers) -> tuple[BgpPeer, ...]:
    """Peers of all tables that give some, each address once in a VPN instance."""
    out: dict[tuple[str, str], BgpPeer] = {}
    for table in answers.all_giving("bgp-peers"):
        names = ("bgpPeerState", "bgpPeerAdminStatus", "bgpPeerRemoteAs", "bgpPeerRemoteAddr", "vrfName")
        labels = _states(table, "bgpPeerState", _BGP)
        for index, state, admin, remote, address, vrf in zip(table.rows, *map(table.cells, names), strict=True):
            peer = _of_bytes(address) or _in_index(index)
            if peer and number_of(remote) != 0:
                instance = text_of(vrf, 255)
                out.setdefault((peer, instance), BgpPeer(
                    peer=peer, remote_as=number_of(remote) % 2**32, state=labels.get(number_of(state), ""), vrf=instance,
                    enabled=number_of(admin, 2) == 2,
                ))
    return tuple(out.values())


def ospf_of(answers: Answers) -> tuple[OspfNeighbour, ...]:
    """OSPF neighbours, each address once."""
    out: dict[str, OspfNeighbour] = {}
    for table in answers.all_giving("ospf-neighbours"):
        labels = _states(table, "ospfNbrState", _OSPF)
        for index, router, state in zip(table.rows, *map(table.cells, ("ospfNbrRtrId", "ospfNbrState")), strict=True):
            address = _octets(index[:4])
            if address:
                out.setdefault(address, OspfNeighbour(
                    address=address, router_id=_of_bytes(router), state=labels.get(number_of(state), ""),
                ))
    return tuple(out.values())


def members_of(answers: Answers) -> tuple[Member, ...]:
    """Members of a stack, of a cluster or of a pair: who leads, who stands by."""
    out: list[Member] = []
    for table in answers.all_giving("members"):
        roles, states = _states(table, "memberRole", {}), _states(table, "memberState", {})
        names = labels_of(table, answers)
        for index, role, state in zip(table.rows, *map(table.cells, ("memberRole", "memberState")), strict=True):
            out.append(Member(name=names[index], role=_meant(role, roles), state=_meant(state, states)))
    return tuple(out)


def vlans_of(answers: Answers) -> dict[int, str]:
    """Name by number: of the column `vlanId`, else of the last part of the index."""
    out: dict[int, str] = {}
    for table in answers.all_giving("vlans"):
        for index, number, name in zip(table.rows, *map(table.cells, ("vlanId", "vlanName")), strict=True):
            vlan = number_of(number, index[-1] if index else 0)
            if vlan in _VLANS:
                out.setdefault(vlan, text_of(name, 255))
    return out


def vrfs_of(answers: Answers) -> dict[str, str]:
    """Route distinguisher by name of the VPN instance."""
    out: dict[str, str] = {}
    for table in answers.all_giving("vrfs"):
        for name, rd in zip(*map(table.cells, ("vrfName", "vrfRd")), strict=True):
            if text := text_of(name, 255):
                out.setdefault(text, text_of(rd, 64))
    return out


def addresses_of(answers: Answers) -> tuple[Routed, ...]:
    """Addresses of makers' own tables: `address` or the index; `addressLength` or `addressMask`; `addressIfIndex`."""
    out: dict[str, Routed] = {}
    for table in answers.all_giving("addresses"):
        names = ("address", "addressLength", "addressMask", "addressIfIndex")
        for index, value, length, mask, if_index in zip(table.rows, *map(table.cells, names), strict=True):
            address = _of_bytes(value) or _in_index(index)
            if address:
                out.setdefault(address, Routed(address, number_of(length, _masked(mask)), number_of(if_index)))
    return tuple(out.values())


def _states(table: TableAnswer, column: str, default: dict[int, str]) -> dict[int, str]:
    """What the table's profile says that the numbers mean."""
    found = table.question.table.columns.get(column)
    return found.states if found is not None and found.states else default


def _meant(value: Value, states: dict[int, str]) -> str:
    return states.get(value, str(value)) if isinstance(value, int) else text_of(value, 64)


def _masked(mask: Value) -> int:
    bits = f"{int.from_bytes(mask, 'big'):032b}" if isinstance(mask, bytes) and len(mask) == 4 else "01"
    return bits.count("1") if "01" not in bits else -1


def _of_bytes(value: Value) -> str:
    return str(ipaddress.ip_address(value)) if isinstance(value, bytes) and len(value) in (4, 16) else ""


def _octets(part: tuple[int, ...]) -> str:
    return _of_bytes(bytes(part)) if part and max(part) < 256 else ""


def _in_index(index: tuple[int, ...]) -> str:
    """The address at the end of an index: four octets alone, or octets behind their number."""
    return next(_candidates(index), "")


def _candidates(index: tuple[int, ...]) -> Iterator[str]:
    for size in (16, 4):
        octets = index[-size:]
        counted = len(index) > size and index[-size - 1] == size
        if len(octets) == size and (counted or len(index) == size) and max(octets) < 256:
            yield str(ipaddress.ip_address(bytes(octets)))
