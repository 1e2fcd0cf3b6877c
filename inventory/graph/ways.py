"""Where an X-ray looks on from an object: down to what carries it, up to what stands on it."""

from typing import NamedTuple

from core.edges import EdgeKind


class Way(NamedTuple):
    """From objects of one kind to those of another. against: the edges are walked against their direction."""

    kind: str
    edge: EdgeKind
    far: str
    against: bool = False


DOWN: tuple[Way, ...] = (
    Way("unit", "owned-by", "system", against=True), Way("unit", "enters-at", "access_point"),
    Way("data_line", "feeds", "system"),
    Way("system", "needs", "component"), Way("system", "feeds", "data_line"),
    Way("component", "uses", "load_balancer"), Way("component", "runs-on", "vm"), Way("component", "runs-on", "device"),
    Way("tenant", "within", "project", against=True), Way("project", "within", "vm", against=True),
    Way("project", "within", "load_balancer", against=True),
    Way("load_balancer", "carried-by", "vport"), Way("load_balancer", "translates", "nat_mapping", against=True),
    Way("load_balancer", "runs-on", "vm"), Way("load_balancer", "runs-on", "vport"),
    Way("vm", "within", "vport", against=True), Way("vm", "uses", "volume"), Way("vm", "hosted-by", "host"),
    Way("vport", "within", "prefix"), Way("vport", "translates", "floating_ip", against=True),
    Way("vport", "translates", "nat_mapping", against=True), Way("vport", "plugged-into", "device"),
    Way("vpc", "within", "subnet", against=True), Way("vpc", "member-of", "router", against=True),
    Way("subnet", "within", "prefix"), Way("router", "leaves-by", "vpc"),
    Way("floating_ip", "translates", "nat_mapping", against=True),
    Way("nat_mapping", "allows", "policy_rule"), Way("nat_mapping", "carried-by", "ha_group"), Way("nat_mapping", "carried-by", "device"),
    Way("policy_rule", "leaves-by", "egress"),
    Way("egress", "carried-by", "circuit"), Way("egress", "carried-by", "device"),
    Way("host", "plugged-into", "device"), Way("host", "carried-by", "device"),
    Way("ha_group", "runs-on", "device"),
    Way("access_point", "within", "vpn_instance"), Way("access_point", "within", "prefix"),
    Way("access_point", "carried-by", "circuit"), Way("access_point", "enters-through", "device"),
    Way("ip_address", "within", "prefix"), Way("prefix", "within", "vpn_instance"), Way("vlan", "within", "vpn_instance"),
    Way("bgp_session", "carried-by", "device"), Way("cable", "carried-by", "circuit"),
)
"""In the order in which they are shown."""
UP: tuple[Way, ...] = (
    *(Way(way.far, way.edge, way.kind, against=not way.against) for way in DOWN if (way.kind, way.far) != ("vport", "device")),
    Way("site", "stands-at", "device", against=True), Way("site", "stands-at", "cloud_platform", against=True),
    Way("rack", "stands-at", "device", against=True), Way("availability_zone", "within", "host", against=True),
    Way("cloud_platform", "within", "host", against=True), Way("zone", "within", "vpn_instance", against=True),
    Way("prefix", "within", "prefix", against=True), Way("prefix", "within", "ip_address", against=True),
    Way("ip_address", "bears", "vport", against=True), Way("ip_address", "bears", "device", against=True),
    Way("ip_address", "bears", "host", against=True), Way("ip_address", "bears", "floating_ip", against=True),
    Way("system", "needs", "system", against=True), Way("system", "owned-by", "unit"), Way("team", "operated-by", "system", against=True),
    Way("access_point", "enters-at", "unit", against=True), Way("security_group", "member-of", "vport", against=True),
    Way("image", "within", "vm", against=True),
)


class Step(NamedTuple):
    """One kind of edge out of an object. wanted: kinds of far ends, with the place at which each is shown."""

    edge: EdgeKind
    against: bool
    wanted: dict[str, int]


def steps(ways: tuple[Way, ...]) -> dict[str, tuple[Step, ...]]:
    """By kind of object, so that each kind of edge is walked once."""
    out: dict[str, dict[tuple[EdgeKind, bool], dict[str, int]]] = {}
    for place, way in enumerate(ways):
        out.setdefault(way.kind, {}).setdefault((way.edge, way.against), {}).setdefault(way.far, place)
    return {kind: tuple(Step(edge, against, wanted) for (edge, against), wanted in some.items()) for kind, some in out.items()}


STEPS = {"down": steps(DOWN), "up": steps(UP)}
