"""Nova 2.1 with microversions up to 2.96, as far as an inventory reads it; machines can be stopped and started."""

import time
from typing import Any

from core.cloud import VM
from lab.cloud import Cloud
from lab.openstack.web import Answer, Ask, Json, Web, WebError, page

LOWEST, HIGHEST = (2, 1), (2, 96)
_POWER = {"ACTIVE": 1, "SHUTOFF": 4, "ERROR": 0}


def stamp(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))


def microversion(ask: Ask) -> tuple[int, int]:
    """What the client asks for (the API Working Group's header, or Nova's own). Raises 406."""
    text = next((v.split()[-1] for k in ("openstack-api-version", "x-openstack-nova-api-version") if (v := ask.headers.get(k))), "2.1")
    if text == "latest":
        return HIGHEST
    try:
        major, minor = map(int, text.split("."))
    except ValueError:
        raise WebError(400, f"API version {text!r} is of invalid format.") from None
    if not LOWEST <= (major, minor) <= HIGHEST:
        raise WebError(406, f"Version {text} is not supported by the API. Minimum is 2.1 and maximum is 2.96.")
    return major, minor


class Compute:
    """Serves the machines and hosts of one cloud; holds what was changed since."""

    def __init__(self, cloud: Cloud, now_ms: Any) -> None:
        self._cloud, self._now = cloud, now_ms
        self._states: dict[str, tuple[str, int]] = {}
        self._deleted: set[str] = set()
        self._vms = {vm.key: vm for vm in cloud.vms}
        self._hosts = {host.key: host for host in cloud.hosts}
        self._addresses = {port.vm: port for port in cloud.ports}
        self._floating = {one.port: one.name for one in cloud.floating}
        self._networks = {one.key: one.name for one in cloud.networks}

    def routes(self, web: Web) -> None:
        root = "/compute/v2.1"
        web.add("GET", "/compute", self._versions, free=True)
        web.add("GET", root, lambda ask: Answer(200, {"version": self._described(ask)}), free=True)
        web.add("GET", root + "/servers/detail", self._servers)
        web.add("GET", root + "/servers", self._servers)
        web.add("GET", root + "/servers/{id}", lambda ask: self._said(ask, {"server": self._server(self._known(ask), ask)}))
        web.add("POST", root + "/servers/{id}/action", self._act)
        web.add("DELETE", root + "/servers/{id}", self._delete)
        web.add("GET", root + "/os-hypervisors/detail", self._hypervisors)
        web.add("GET", root + "/os-hypervisors", self._hypervisors)
        web.add("GET", root + "/os-availability-zone/detail", self._zones)
        web.add("GET", root + "/os-availability-zone", self._zones)
        web.add("GET", root + "/os-quota-sets/{id}/detail", self._quota)
        web.add("GET", root + "/os-quota-sets/{id}", self._quota)
        web.add("GET", root + "/flavors/detail", self._flavors)
        web.add("GET", root + "/flavors", self._flavors)
        web.add("GET", root + "/flavors/{id}", self._flavor)

    def _described(self, ask: Ask) -> Json:
        return {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1", "updated": "2013-07-23T11:33:21Z",
                "links": [{"rel": "self", "href": f"{ask.base}/compute/v2.1/"}], "media-types": []}

    def _versions(self, ask: Ask) -> Answer:
        return Answer(200, {"versions": [self._described(ask)]})

    @staticmethod
    def _said(ask: Ask, content: Json) -> Answer:
        major, minor = microversion(ask)
        said = f"{major}.{minor}"
        return Answer(200, content, {"openstack-api-version": f"compute {said}", "x-openstack-nova-api-version": said})

    def _known(self, ask: Ask) -> VM:
        vm = self._vms.get(ask.args["id"])
        if vm is None or vm.key in self._deleted:
            raise WebError(404, f"Instance {ask.args['id']} could not be found.")
        return vm

    def _servers(self, ask: Ask) -> Answer:
        version = microversion(ask)
        chosen = [vm for vm in self._vms.values() if vm.key not in self._deleted]
        for field, name in (("project_id", "project"), ("host", "host"), ("name", "name")):
            if wish := ask.query.get(field):
                chosen = [vm for vm in chosen if getattr(vm, name) == wish]
        if since := ask.query.get("changes-since"):
            chosen = [vm for vm in chosen if stamp(self._changed(vm)) >= since]
        shown = page(ask, [{"id": vm.key, "vm": vm} for vm in chosen], "servers", "servers_links")
        shown["servers"] = [self._server(one["vm"], ask, version) for one in shown["servers"]]
        return self._said(ask, shown)

    def _state(self, vm: VM) -> str:
        return self._states.get(vm.key, (vm.state, 0))[0]

    def _changed(self, vm: VM) -> int:
        return self._states.get(vm.key, ("", vm.created_at))[1]

    def _server(self, vm: VM, ask: Ask, version: tuple[int, int] | None = None) -> Json:
        wanted, state, host = version or microversion(ask), self._state(vm), self._hosts[vm.host]
        flavor: Json = {"id": f"{vm.vcpus}-{vm.memory_mb}", "links": []}
        if wanted >= (2, 47):
            flavor = {"vcpus": vm.vcpus, "ram": vm.memory_mb, "disk": 0, "ephemeral": 0, "swap": 0, "extra_specs": {},
                      "original_name": f"{vm.vcpus}-{vm.memory_mb}"}
        return {
            "id": vm.key, "name": vm.name, "status": state, "tenant_id": vm.project, "user_id": "admin", "flavor": flavor,
            "image": {"id": vm.image, "links": []}, "created": stamp(vm.created_at), "updated": stamp(self._changed(vm)),
            "addresses": self._addresses_of(vm), "metadata": {}, "hostId": host.key, "links": [], "security_groups": [],
            "OS-EXT-AZ:availability_zone": vm.zone.rpartition("/")[2], "OS-EXT-SRV-ATTR:host": host.name,
            "OS-EXT-SRV-ATTR:hypervisor_hostname": host.name, "OS-EXT-SRV-ATTR:instance_name": vm.name,
            "OS-EXT-STS:power_state": _POWER[state], "OS-EXT-STS:vm_state": state.lower(), "OS-EXT-STS:task_state": None,
            "OS-DCF:diskConfig": "MANUAL", "config_drive": "",
            "os-extended-volumes:volumes_attached": [], "key_name": None, "progress": 0, "accessIPv4": "", "accessIPv6": "",
        }

    def _addresses_of(self, vm: VM) -> Json:
        port = self._addresses.get(vm.key)
        if port is None:
            return {}
        fixed = [{"addr": a, "version": 4, "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": port.mac} for a in port.addresses]
        if outside := self._floating.get(port.key):
            fixed.append({"addr": outside, "version": 4, "OS-EXT-IPS:type": "floating", "OS-EXT-IPS-MAC:mac_addr": port.mac})
        return {self._networks[port.network]: fixed}

    def _act(self, ask: Ask) -> Answer:
        vm = self._known(ask)
        wish = {"os-stop": "SHUTOFF", "os-start": "ACTIVE"}.get(next(iter(ask.body), ""))
        if wish is None:
            raise WebError(400, "There is no such action.")
        self._states[vm.key] = (wish, self._now())
        return Answer(202)

    def _delete(self, ask: Ask) -> Answer:
        self._deleted.add(self._known(ask).key)
        return Answer(204)

    def _hypervisors(self, ask: Ask) -> Answer:
        items = [
            {"id": host.key, "hypervisor_hostname": host.name, "state": host.state, "status": "enabled", "host_ip": host.address,
             "hypervisor_type": "QEMU", "hypervisor_version": 4002000, "vcpus": host.vcpus, "memory_mb": host.memory_mb,
             "service": {"id": host.key, "host": host.name, "disabled_reason": None}, "servers": []}
            for host in self._cloud.hosts
        ]
        return self._said(ask, page(ask, items, "hypervisors", "hypervisors_links"))

    def _zones(self, ask: Ask) -> Answer:
        return self._said(ask, {"availabilityZoneInfo": [
            {"zoneName": zone.name, "zoneState": {"available": True}, "hosts": None} for zone in self._cloud.zones
        ]})

    def _quota(self, ask: Ask) -> Answer:
        found = next((q for q in self._cloud.quotas if q.key == ask.args["id"]), None)
        if found is None:
            raise WebError(404, "Project not found.")
        plain: Json = {"id": found.key, "cores": found.vcpus, "ram": found.memory_mb, "instances": 1000}
        if ask.path.rstrip("/").endswith("/detail"):
            used = {"cores": found.vcpus_used, "ram": found.memory_mb_used, "instances": 0}
            plain = {k: v if k == "id" else {"limit": v, "in_use": used[k], "reserved": 0} for k, v in plain.items()}
        return self._said(ask, {"quota_set": plain})

    def _all_flavors(self) -> list[Json]:
        sizes = sorted({(vm.vcpus, vm.memory_mb) for vm in self._vms.values()})
        return [
            {"id": f"{v}-{m}", "name": f"{v}-{m}", "vcpus": v, "ram": m, "disk": 0, "swap": "", "rxtx_factor": 1.0, "links": [],
             "os-flavor-access:is_public": True, "OS-FLV-EXT-DATA:ephemeral": 0, "OS-FLV-DISABLED:disabled": False}
            for v, m in sizes
        ]

    def _flavors(self, ask: Ask) -> Answer:
        return self._said(ask, page(ask, self._all_flavors(), "flavors", "flavors_links"))

    def _flavor(self, ask: Ask) -> Answer:
        found = next((f for f in self._all_flavors() if f["id"] == ask.args["id"]), None)
        if found is None:
            raise WebError(404, "Flavor could not be found.")
        return self._said(ask, {"flavor": found})
