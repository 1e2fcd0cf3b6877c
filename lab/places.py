"""Where the City lies: the counties of Lishui and their townships (`catalog/places.yml`)."""

from importlib import resources
from typing import Any, NamedTuple

import yaml


class Place(NamedTuple):
    """A county or a township: its Chinese name, and the form that stands in device names."""

    name: str
    latin: str


class County(NamedTuple):
    """A county with its townships."""

    name: str
    code: str
    latin: str
    townships: tuple[Place, ...]


def catalog(name: str) -> Any:
    """One file of the lab's catalog."""
    return yaml.safe_load((resources.files("lab") / "catalog" / f"{name}.yml").read_text("utf-8"))


def pairs(text: str) -> list[tuple[str, str]]:
    """`name code name code ...` by twos."""
    words = text.split()
    return list(zip(words[::2], words[1::2], strict=True))


_CATALOG = catalog("places")
CITY = Place(*_CATALOG["city"].split())
COUNTIES: tuple[County, ...] = tuple(
    County(c["name"], c["code"], c["latin"], tuple(Place(*pair) for pair in pairs(c["townships"]))) for c in _CATALOG["counties"]
)
