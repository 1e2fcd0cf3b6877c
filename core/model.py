"""All kinds of objects of the inventory: what they are called, in which noun they are kept, by what they are known."""

from typing import Any

from core import cloud, extranet, network, organisation
from core.objects import KINDS as FIRST

DECLARED: dict[str, type[Any]] = {
    **{kind: noun for kind, noun in FIRST.items() if kind != "credential"},
    "component": organisation.Component, "person": organisation.Person, "team": organisation.Team, "data_line": organisation.DataLine,
    "rack": network.Rack, "ha_group": network.HAGroup, "cable": network.Cable,
    "reservation": network.Reservation, "zone": extranet.Zone, "vpn_instance": extranet.VpnInstance,
    "circuit": extranet.Circuit, "access_point": extranet.AccessPoint, "egress": extranet.Egress, "vlan": network.Vlan,
    "prefix": network.Prefix, "ip_address": network.IPAddress, "nat_mapping": network.NATMapping, "policy_rule": network.PolicyRule,
    "bgp_session": network.BGPSession, "cloud_platform": cloud.CloudPlatform,
}
"""Known by their name, which is unique among the kind."""
KEYED: dict[str, type[Any]] = {
    "tenant": cloud.Tenant, "project": cloud.Project, "availability_zone": cloud.AvailabilityZone, "host": cloud.Host, "vm": cloud.VM,
    "volume": cloud.Volume, "snapshot": cloud.Snapshot, "image": cloud.Image, "vpc": cloud.VPC, "subnet": cloud.Subnet,
    "router": cloud.Router, "vport": cloud.VPort, "floating_ip": cloud.FloatingIP, "security_group": cloud.SecurityGroup,
    "load_balancer": cloud.LoadBalancer, "quota": cloud.Quota,
}
"""Known by the key that their platform gave them."""
MODEL: dict[str, type[Any]] = {**DECLARED, **KEYED}
LISTED: dict[str, type[Any]] = {**MODEL, "credential": FIRST["credential"]}
"""What lists, files and the command line know: the model, and credentials by reference."""
TITLES: dict[str, tuple[str, str]] = {
    "unit": ("单位", "unit"), "system": ("业务系统", "business system"), "site": ("站点", "site"), "device": ("设备", "device"),
    "component": ("组件", "component"), "person": ("人员", "person"), "team": ("运维单位", "team"), "data_line": ("数据线路", "data line"),
    "rack": ("机柜", "rack"), "ha_group": ("高可用组", "HA group"), "cable": ("链路", "link"), "reservation": ("预留", "reservation"),
    "zone": ("网络区", "zone"), "vpn_instance": ("VPN实例", "VPN instance"),
    "circuit": ("线路", "circuit"), "access_point": ("接入点", "access point"), "egress": ("出口", "egress"), "vlan": ("VLAN", "VLAN"),
    "prefix": ("网段", "prefix"), "ip_address": ("IP地址", "IP address"), "nat_mapping": ("地址转换", "NAT mapping"),
    "policy_rule": ("安全策略", "policy rule"), "bgp_session": ("BGP会话", "BGP session"), "cloud_platform": ("云平台", "cloud platform"),
    "tenant": ("租户", "tenant"), "project": ("项目", "project"), "availability_zone": ("可用区", "availability zone"),
    "host": ("宿主机", "host"), "vm": ("云主机", "VM"), "volume": ("云硬盘", "volume"), "snapshot": ("快照", "snapshot"),
    "image": ("镜像", "image"), "vpc": ("虚拟网络", "network"), "subnet": ("子网", "subnet"), "router": ("虚拟路由器", "router"),
    "vport": ("虚拟端口", "port"), "floating_ip": ("弹性IP", "floating IP"), "security_group": ("安全组", "security group"),
    "load_balancer": ("负载均衡", "load balancer"), "quota": ("配额", "quota"),
}
"""In Chinese and English."""
RECONCILED = frozenset(DECLARED) - {"reservation"}
"""Kinds of which several sources may speak: what each says is kept as a `core.review.Statement`. Of the keyed ones only their platform
speaks, except for the fields of `PEOPLES`; of a reservation only whoever made it."""
PEOPLES: dict[str, tuple[str, ...]] = {"tenant": ("unit",), "project": ("unit", "system"), "host": ("device",)}
"""Fields of keyed kinds that people fill in; a cloud leaves them as they are."""
