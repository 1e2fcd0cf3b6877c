"""The readers of all kinds of sources: a source is read to its end, page by page, into a `Telling`, or looked at."""

from collections.abc import Callable, Mapping
from typing import Any

from agents.sync_telling import Telling
from core.errors import InvalidInputError
from core.i18n import tr
from core.sources import SourceConfig, SourceGiven
from links import bounded

Reader = Callable[[SourceGiven, str, Telling], None]


def read(given: SourceGiven, authority: str, telling: Telling) -> None:
    """Everything that the source has. authority: path of a PEM file, or empty."""
    _of(READERS, given.config)(given, authority, telling)


def look(given: SourceGiven, authority: str) -> str:
    """What the source says of itself, after everything that a sync needs was tried once. Raises what is in the way."""
    bounded.reach(given.config.url)
    about: str = _of(LOOKS, given.config)(given, authority)
    return about


def _of(known: dict[str, Any], config: SourceConfig) -> Any:
    found = known.get(config.kind)
    if found is None:
        raise InvalidInputError(tr("A source of the kind {kind} is not asked again and again.", kind=config.kind))
    return found


def site_of(given: SourceGiven, authority: str) -> bounded.Site:
    return bounded.Site(given.config.url, authority)


# ---- NetBox


def _read_netbox(given: SourceGiven, authority: str, telling: Telling) -> None:
    from inventory.sources.netbox import FIELDS, KINDS, PAGES, Reading
    from inventory.sources.words import GUESSED
    from links.netbox import NetBox

    box = NetBox(site_of(given, authority), given.secret)
    reading = Reading(telling.pass_over, given.config.options)
    telling.will_tell(KINDS)
    for kind in KINDS:
        telling.speaks_of(kind, FIELDS[kind], GUESSED.get(kind, ()))
        for page, total in box.pages(PAGES[kind]):
            telling.give(kind, reading.nouns(kind, page), total)
        telling.all_of(kind)
    box.close()


def _look_at_netbox(given: SourceGiven, authority: str) -> str:
    from inventory.sources.netbox import PAGES
    from links.netbox import NetBox

    box = NetBox(site_of(given, authority), given.secret)
    version = box.version()
    for path in PAGES.values():
        next(box.pages(path, brief=1), None)
    box.close()
    return f"NetBox {version}"


# ---- LibreNMS


def _read_librenms(given: SourceGiven, authority: str, telling: Telling) -> None:
    from inventory.sources import librenms as reading
    from links.librenms import LibreNms

    source = LibreNms(site_of(given, authority), given.secret)
    tell_devices(telling, reading.FIELDS, *reading.nouns(source.devices(), given.config.options.get("site", ""), telling.pass_over))
    source.close()


def _look_at_librenms(given: SourceGiven, authority: str) -> str:
    from links.librenms import LibreNms

    source = LibreNms(site_of(given, authority), given.secret)
    about = f"LibreNMS {source.version()}"
    source.devices()
    source.close()
    return about


# ---- Zabbix


def _read_zabbix(given: SourceGiven, authority: str, telling: Telling) -> None:
    from inventory.sources import zabbix as reading
    from inventory.sources.words import GUESSED
    from links.zabbix import Zabbix

    source, options = Zabbix(site_of(given, authority), given.secret), given.config.options
    telling.will_tell(("site", "device"))
    for kind, fields in reading.FIELDS.items():
        telling.speaks_of(kind, fields, GUESSED[kind])
    known: set[str] = set()
    for page, total in source.hosts(options.get("group", "")):
        sites, devices = reading.nouns(page, options.get("site", ""), telling.pass_over)
        new = [one for one in sites if getattr(one, "name", "") not in known]
        known |= {getattr(one, "name", "") for one in new}
        telling.give("site", new)
        telling.give("device", devices, total)
    telling.all_of("device")
    source.close()


def _look_at_zabbix(given: SourceGiven, authority: str) -> str:
    from links.zabbix import Zabbix

    source = Zabbix(site_of(given, authority), given.secret)
    about = f"Zabbix {source.version()}"
    next(source.hosts(given.config.options.get("group", "")), None)
    source.close()
    return about


# ---- Oxidized


def _read_oxidized(given: SourceGiven, authority: str, telling: Telling) -> None:
    from inventory.sources import oxidized as reading
    from links.oxidized import Oxidized

    source = Oxidized(site_of(given, authority), given.username, given.secret)
    devices = reading.nouns(source.nodes(), given.config.options.get("site", ""), telling.pass_over)
    tell_devices(telling, reading.FIELDS, [], devices)
    source.close()


def _look_at_oxidized(given: SourceGiven, authority: str) -> str:
    from links.oxidized import Oxidized

    source = Oxidized(site_of(given, authority), given.username, given.secret)
    count = len(source.nodes())
    source.close()
    return tr("Oxidized with {count} nodes", count=count)


def tell_devices(telling: Telling, fields: Mapping[str, tuple[str, ...]], sites: list[Any], devices: list[Any]) -> None:
    from inventory.sources.words import GUESSED

    telling.will_tell(tuple(fields))
    for kind, names in fields.items():
        telling.speaks_of(kind, names, GUESSED[kind])
    telling.give("site", sites, len(sites))
    telling.give("device", devices, len(devices))
    telling.all_of("device")


# ---- the cloud


def _read_openstack(given: SourceGiven, authority: str, telling: Telling) -> None:
    from agents.sync_openstack import read as read_cloud

    read_cloud(given, authority, telling)


def _look_at_openstack(given: SourceGiven, authority: str) -> str:
    from agents.sync_openstack import look as look_at_cloud

    return look_at_cloud(given, authority)


READERS: dict[str, Reader] = {
    "openstack": _read_openstack, "netbox": _read_netbox, "librenms": _read_librenms, "zabbix": _read_zabbix, "oxidized": _read_oxidized,
}
LOOKS: dict[str, Callable[[SourceGiven, str], str]] = {
    "openstack": _look_at_openstack, "netbox": _look_at_netbox, "librenms": _look_at_librenms, "zabbix": _look_at_zabbix,
    "oxidized": _look_at_oxidized,
}
