"""The boxes of the City: models as data (`catalog/models.yml`), with texts in their vendors' manner."""

from typing import Literal

import msgspec

from core.nouns import Noun
from core.objects import Role
from lab.places import catalog

Scheme = Literal[
    "huawei",
    "huawei-router",
    "comware7",
    "comware5",
    "ruijie",
    "zte",
    "cisco-switch",
    "nexus",
    "ios-router",
    "fortinet",
    "hillstone",
    "linux",
]
"""How a vendor numbers and names its interfaces; see `lab.layouts`."""


class Ports(Noun, frozen=True, kw_only=True):
    """A run of alike physical ports."""

    prefix: str
    """`GigabitEthernet0/0/`; `{m}` stands for the stack member."""
    number: int
    mbps: int
    first: int = 1
    short: str = ""
    """Prefix of ifName where it differs from ifDescr."""


class Model(Noun, frozen=True, kw_only=True):
    """One model: what it says about itself and what it has."""

    name: str
    platform: str
    maker: str
    scheme: Scheme
    roles: tuple[Role, ...]
    weight: int
    object_id: str
    """sysObjectID below 1.3.6.1.4.1."""
    text: str
    """Name of its sysDescr in `TEXTS`; `{model}`, `{host}` and `{version}` are filled in."""
    versions: tuple[str, ...]
    ports: tuple[Ports, ...]
    stack: int = 1
    """Largest number of members."""
    virtual: int = 4
    """Usual number of VLAN interfaces and trunks."""
    processors: int = 1
    short: str = ""
    """Form in device names; the model's name where empty."""
    old: bool = False
    """Has no ifXTable."""

    @property
    def stem(self) -> str:
        """Its form in device names."""
        return self.short or self.name

    @property
    def port_count(self) -> int:
        """Physical ports of one member."""
        return sum(ports.number for ports in self.ports)


class _Catalog(Noun, frozen=True, kw_only=True):
    texts: dict[str, str]
    models: tuple[Model, ...]


_CATALOG = msgspec.convert(catalog("models"), _Catalog)
TEXTS = _CATALOG.texts
MODELS = _CATALOG.models
