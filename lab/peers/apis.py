"""The three APIs over devices of a city, as their documents describe them (docs.librenms.org/API, www.zabbix.com/documentation,
github.com/ytti/oxidized)."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.objects import Device
from lab.peers.server import App

_LIBRENMS_OS = {"huawei_vrp": "vrp", "h3c_comware": "comware", "cisco_ios": "ios", "ruijie_rgos": "ruijie", "linux": "linux"}
_OXIDIZED = {"huawei_vrp": "vrp", "h3c_comware": "comware", "cisco_ios": "ios", "ruijie_rgos": "rgos", "linux": "linuxgeneric"}
_TYPES = {"firewall": "firewall", "load-balancer": "loadbalancer", "server": "server"}


def librenms(devices: Sequence[Device], token: str) -> App:
    """`/api/v0/system` and `/api/v0/devices`; 401 to who shows another token."""

    def answer(_method: str, path: str, headers: Mapping[str, str], _body: Any) -> tuple[int, Any]:
        if headers.get("x-auth-token") != token:
            return 401, {"status": "error", "message": "Unauthenticated."}
        if path == "/api/v0/system":
            return 200, {"status": "ok", "system": [{"local_ver": "25.4.0", "local_branch": "master"}], "count": 1}
        if path == "/api/v0/devices":
            found = [_in_librenms(number, one) for number, one in enumerate(devices, 1)]
            return 200, {"status": "ok", "devices": found, "count": len(found)}
        return 404, {"status": "error", "message": "Not found"}

    return answer


def _in_librenms(number: int, one: Device) -> dict[str, Any]:
    return {
        "device_id": number, "hostname": one.address, "sysName": one.name, "ip": one.address,
        "os": _LIBRENMS_OS.get(one.platform, "generic"), "hardware": one.model, "serial": one.serial or None, "location": one.site,
        "type": _TYPES.get(one.role, "network"),
        "version": "", "features": None, "status": True, "disabled": 0, "uptime": 1000,
    }


def zabbix(devices: Sequence[Device], token: str, version: str = "7.0.4") -> App:
    """`/api_jsonrpc.php`: apiinfo.version, hostgroup.get, host.get. Before 6.4 the token is a field of the body."""
    bearer = tuple(map(int, version.split(".")[:2])) >= (6, 4)

    def answer(_method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        if path != "/api_jsonrpc.php":
            return 404, {}
        said = {"jsonrpc": "2.0", "id": body["id"]}
        if body["method"] == "apiinfo.version":
            return 200, {**said, "result": version}
        shown = headers.get("authorization", "").removeprefix("Bearer ") if bearer else body.get("auth", "")
        if shown != token:
            return 200, {**said, "error": {"code": -32602, "message": "Invalid params.", "data": "Session terminated, re-login, please."}}
        if body["method"] == "hostgroup.get":
            names = body["params"]["filter"]["name"]
            return 200, {**said, "result": [{"groupid": "2"}] if "Network" in names else []}
        return 200, {**said, "result": _hosts(devices, body["params"])}

    return answer


def _hosts(devices: Sequence[Device], params: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted = set(params.get("hostids") or map(str, range(1, len(devices) + 1)))
    found = [(str(number), one) for number, one in enumerate(devices, 1) if str(number) in wanted]
    if params["output"] == ["hostid"]:
        return [{"hostid": number} for number, _ in found]
    return [
        {"hostid": number, "host": one.name, "name": one.name, "status": "0",
         "interfaces": [{"type": "1", "main": "1", "ip": "127.0.0.1", "dns": "", "useip": "1"},
                        {"type": "2", "main": "1", "ip": one.address, "dns": "", "useip": "1"}],
         "inventory": {"type": one.role, "os": one.platform, "serialno_a": one.serial, "model": one.model, "location": one.site}}
        for number, one in found
    ]


def oxidized(devices: Sequence[Device]) -> App:
    """`/nodes.json`."""

    def answer(_method: str, path: str, _headers: Mapping[str, str], _body: Any) -> tuple[int, Any]:
        if path != "/nodes.json":
            return 404, {}
        return 200, [
            {"name": one.name, "full_name": f"{one.role}/{one.name}", "ip": one.address, "group": one.role,
             "model": _OXIDIZED.get(one.platform, "ios"), "status": "success", "vars": None, "mtime": "unknown"}
            for one in devices
        ]

    return answer
