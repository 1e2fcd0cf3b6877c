"""Files of Oxidized, LibreNMS and Zabbix, read into a `Telling`."""

from typing import Any

from agents.sync_reading import tell_devices
from agents.sync_telling import Telling
from core.errors import InvalidInputError
from core.i18n import tr
from core.sources import SourceGiven


def read_file(given: SourceGiven, telling: Telling) -> None:
    """What a file says. Raises `InvalidInputError` for what is none."""
    from inventory.sources import files, librenms, oxidized, zabbix

    kind, options = given.config.kind, given.config.options
    text, site = files.decoded(given.content), options.get("site", "")
    if kind == "oxidized":
        tell_devices(telling, oxidized.FIELDS, [], oxidized.nouns(oxidized.rows(text, options.get("map", "")), site, telling.pass_over))
    elif kind in ("librenms", "zabbix"):
        module: Any = librenms if kind == "librenms" else zabbix
        tell_devices(telling, module.FIELDS, *module.nouns(files.rows(text, kind), site, telling.pass_over))
    else:
        way_out = "oxidized:FILE librenms:FILE zabbix:FILE"
        raise InvalidInputError(tr("There is no file of the kind {kind}.", kind=kind), way_out=way_out)
    if not telling.done:
        way_out = tr("Is it a file of {kind}?", kind=kind)
        raise InvalidInputError(tr("The file {name} names no device.", name=given.filename), way_out=way_out)
