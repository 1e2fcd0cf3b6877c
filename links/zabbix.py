"""Reading a Zabbix by JSON-RPC 2.0 (www.zabbix.com/documentation, API): an API token, hosts by pages of their ids.

From 6.4 on the token is a Bearer header; before, a field of the body.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import ForbiddenError, InvalidInputError, ProtocolError
from core.i18n import tr
from core.width import clean
from links import bounded

PATH = "/api_jsonrpc.php"
PAGE = 500
BEARER_SINCE = (6, 4)
NOT_AUTHORISED = -32602
"""What the API answers to a wrong token, as to other parameters that it does not take."""


class Zabbix:
    """One Zabbix with one token."""

    def __init__(self, site: bounded.Site, token: str) -> None:
        self._site, self._token = site, token
        self._session = bounded.session(site)
        self._numbers = itertools.count(1)
        self._version: tuple[int, ...] | None = None

    def version(self) -> str:
        """`7.0.4`. It is told to whoever asks, so no token is sent."""
        found = self._call("apiinfo.version", [], open_to_all=True)
        parts = clean(str(found), 32).split(".") if isinstance(found, str) else []
        self._version = tuple(int(part) for part in parts if part.isdigit())
        if not self._version:
            raise ProtocolError(tr("{url} does not answer like Zabbix.", url=self._site.url))
        return ".".join(parts)

    def hosts(self, group: str = "") -> Iterator[tuple[list[Any], int]]:
        """Pages of hosts with interfaces and inventory, each with how many there are. group: only of this host group."""
        query: dict[str, Any] = {"output": ["hostid"], "sortfield": "hostid"}
        if group:
            found = self._rows("hostgroup.get", {"output": ["groupid"], "filter": {"name": [group]}})
            if not found:
                raise InvalidInputError(tr("{url} has no host group {group}.", url=self._site.url, group=group))
            query["groupids"] = [str(one.get("groupid")) for one in found if isinstance(one, dict)]
        ids = [str(one["hostid"]) for one in self._rows("host.get", query) if isinstance(one, dict) and "hostid" in one]
        for start in range(0, len(ids), PAGE):
            yield self._rows("host.get", {
                "output": ["hostid", "host", "name", "status"], "hostids": ids[start : start + PAGE],
                "selectInterfaces": ["type", "main", "ip", "dns", "useip"], "selectInventory": "extend",
            }), len(ids)

    def _rows(self, method: str, params: Mapping[str, Any]) -> list[Any]:
        if self._version is None:
            self.version()
        found = self._call(method, params)
        if not isinstance(found, list):
            raise ProtocolError(tr("{cloud} answered {path} with something else than a list.", cloud=self._site.url, path=method))
        return found

    def _call(self, method: str, params: Any, *, open_to_all: bool = False) -> Any:
        body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params, "id": next(self._numbers)}
        headers = {"content-type": "application/json-rpc"}
        if not open_to_all and (self._version or ()) >= BEARER_SINCE:
            headers["authorization"] = f"Bearer {self._token}"
        elif not open_to_all:
            body["auth"] = self._token
        found = bounded.ask_json(self._session, self._site, "POST", PATH, json=body, headers=headers)
        if not isinstance(found, dict):
            raise ProtocolError(tr("{url} does not answer like Zabbix.", url=self._site.url))
        if isinstance(error := found.get("error"), dict):
            raise self._refused(error, method)
        return found.get("result")

    def _refused(self, error: Mapping[str, Any], method: str) -> Exception:
        said = clean(f"{error.get('message', '')} {error.get('data', '')}", 200).replace(self._token, "***")
        if error.get("code") == NOT_AUTHORISED and any(word in said.lower() for word in ("auth", "session", "token", "permission")):
            return ForbiddenError(
                tr("{url} does not let this token use {path}.", url=self._site.url, path=method),
                way_out=tr("Check the token, and that its user's role allows the API and its groups may read the hosts."),
            )
        return ProtocolError(tr("{url} refuses {method}: {reason}", url=self._site.url, method=method, reason=said))

    def close(self) -> None:
        self._session.close()
