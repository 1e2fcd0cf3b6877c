"""Reading an Oxidized by its web (`GET /nodes.json`, github.com/ytti/oxidized). It knows no login of its own: a proxy before it may."""

from typing import Any

from core.errors import ProtocolError
from core.i18n import tr
from links import bounded

NODES = "/nodes.json"


class Oxidized:
    """One Oxidized; username and secret for the proxy before it, where there is one."""

    def __init__(self, site: bounded.Site, username: str = "", secret: str = "") -> None:
        self._site = site
        self._session = bounded.session(site)
        if username:
            self._session.auth = (username, secret)
        elif secret:
            self._session.headers["Authorization"] = f"Bearer {secret}"

    def nodes(self) -> list[Any]:
        """All nodes."""
        found = bounded.get_json(self._session, self._site, NODES)
        if not isinstance(found, list):
            raise ProtocolError(tr("{cloud} answered {path} with something else than a list.", cloud=self._site.url, path=NODES))
        return found

    def close(self) -> None:
        self._session.close()
