"""Reading a LibreNMS by its API, version 0 (docs.librenms.org/API): the token in `X-Auth-Token`, one answer with all devices."""

from typing import Any

from core.errors import ProtocolError
from core.i18n import tr
from core.width import clean
from links import bounded

DEVICES, SYSTEM = "/api/v0/devices", "/api/v0/system"


class LibreNms:
    """One LibreNMS with one token."""

    def __init__(self, site: bounded.Site, token: str) -> None:
        self._site = site
        self._session = bounded.session(site)
        self._session.headers["X-Auth-Token"] = token

    def version(self) -> str:
        """Of LibreNMS; empty where it does not say."""
        found = bounded.get_json(self._session, self._site, SYSTEM)
        rows = found.get("system") if isinstance(found, dict) else None
        return clean(str(rows[0].get("local_ver", "")), 64) if isinstance(rows, list) and rows and isinstance(rows[0], dict) else ""

    def devices(self) -> list[Any]:
        """All devices."""
        found = bounded.get_json(self._session, self._site, DEVICES)
        rows = found.get("devices") if isinstance(found, dict) and found.get("status") == "ok" else None
        if not isinstance(rows, list):
            raise ProtocolError(tr("{cloud} answered {path} with something else than a list.", cloud=self._site.url, path=DEVICES))
        return rows

    def close(self) -> None:
        self._session.close()
