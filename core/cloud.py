"""What exists: the government cloud, in the terms of OpenStack's APIs with our names beside them.

`key` is the platform's own id and unique among a kind; `name` is what people see and may occur twice. References hold keys.
"""

from core.nouns import Noun


class CloudPlatform(Noun, frozen=True, kw_only=True):
    """Cloud platform 云平台: one control plane."""

    id: str
    name: str
    kind: str = "openstack"
    site: str = ""
    endpoint: str = ""


class Tenant(Noun, frozen=True, kw_only=True):
    """Tenant or VDC 租户: what a unit was given. In OpenStack a domain."""

    id: str
    key: str
    name: str
    platform: str
    unit: str = ""


class Project(Noun, frozen=True, kw_only=True):
    """Project 项目."""

    id: str
    key: str
    name: str
    platform: str
    tenant: str = ""
    unit: str = ""
    system: str = ""
    enabled: bool = True


class AvailabilityZone(Noun, frozen=True, kw_only=True):
    """Availability zone 可用区 of a region."""

    id: str
    key: str
    """REGION/ZONE."""
    name: str
    platform: str
    region: str = ""


class Host(Noun, frozen=True, kw_only=True):
    """Host 宿主机: a hypervisor. Its network cards are edges `plugged-into` to interfaces."""

    id: str
    key: str
    name: str
    platform: str
    zone: str = ""
    address: str = ""
    macs: tuple[str, ...] = ()
    vcpus: int = 0
    memory_mb: int = 0
    state: str = ""
    device: str = ""
    """Name of the device of the inventory that it is, where it is polled."""


class VM(Noun, frozen=True, kw_only=True):
    """VM 云主机: a server of Nova."""

    id: str
    key: str
    name: str
    project: str
    host: str = ""
    zone: str = ""
    state: str = ""
    """ACTIVE, SHUTOFF, ... as Nova says."""
    vcpus: int = 0
    memory_mb: int = 0
    image: str = ""
    created_at: int = 0


class Volume(Noun, frozen=True, kw_only=True):
    """Volume 云硬盘."""

    id: str
    key: str
    name: str
    project: str
    size_gb: int = 0
    state: str = ""
    vm: str = ""


class Snapshot(Noun, frozen=True, kw_only=True):
    """Snapshot 快照 of a volume."""

    id: str
    key: str
    name: str
    project: str
    volume: str = ""
    created_at: int = 0
    state: str = ""


class Image(Noun, frozen=True, kw_only=True):
    """Image 镜像."""

    id: str
    key: str
    name: str
    platform: str
    os: str = ""
    state: str = ""


class VPC(Noun, frozen=True, kw_only=True):
    """Network of a project 虚拟网络: VPC of a router and its networks, or one network of Neutron."""

    id: str
    key: str
    name: str
    project: str
    vlan: int = 0
    """provider:segmentation_id where the network is a VLAN."""
    physical: str = ""
    """provider:physical_network."""
    external: bool = False


class Subnet(Noun, frozen=True, kw_only=True):
    """Subnet 子网."""

    id: str
    key: str
    name: str
    network: str
    prefix: str
    gateway: str = ""


class Router(Noun, frozen=True, kw_only=True):
    """Virtual router 虚拟路由器."""

    id: str
    key: str
    name: str
    project: str
    external_network: str = ""
    networks: tuple[str, ...] = ()


class VPort(Noun, frozen=True, kw_only=True):
    """Port of Neutron 虚拟端口."""

    id: str
    key: str
    name: str
    network: str
    mac: str
    addresses: tuple[str, ...] = ()
    vm: str = ""
    host: str = ""
    security_groups: tuple[str, ...] = ()


class FloatingIP(Noun, frozen=True, kw_only=True):
    """Floating address 弹性IP."""

    id: str
    key: str
    name: str
    """The address."""
    project: str
    port: str = ""


class SecurityGroup(Noun, frozen=True, kw_only=True):
    """Security group 安全组; its rules as texts `ingress tcp 443 0.0.0.0/0`."""

    id: str
    key: str
    name: str
    project: str
    rules: tuple[str, ...] = ()


class LoadBalancer(Noun, frozen=True, kw_only=True):
    """Load balancer 负载均衡."""

    id: str
    key: str
    name: str
    project: str
    address: str = ""
    members: tuple[str, ...] = ()
    """Addresses behind it."""
    state: str = ""


class Quota(Noun, frozen=True, kw_only=True):
    """Quota 配额 of a project."""

    id: str
    key: str
    """The project's key."""
    name: str
    vcpus: int = -1
    memory_mb: int = -1
    volumes_gb: int = -1
    vcpus_used: int = 0
    memory_mb_used: int = 0
    volumes_gb_used: int = 0
