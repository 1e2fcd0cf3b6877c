"""The lab's cloud against the unmodified SDK and command, and back: what is read of it is what it is."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ForbiddenError, NoAnswerError
from inventory.sources.openstack import Reading
from lab.city import City
from lab.cloud import REGION, Cloud
from lab.openstack import Served, serve
from links.openstack import LISTINGS, CloudAccess, CloudReader

SECRET = "lab-cloud-secret"


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    return Cloud(City(3, 400), vms=20_000)


@pytest.fixture(scope="module")
def served(cloud: Cloud) -> Iterator[Served]:
    with serve(cloud, SECRET) as found:
        yield found


def access(served: Served) -> CloudAccess:
    return CloudAccess(auth_url=served.auth_url, username=served.user, region=REGION)


@pytest.fixture(scope="module")
def read(cloud: Cloud, served: Served) -> dict[str, list[object]]:
    reader, reading = CloudReader(access(served), SECRET), Reading(cloud.platform.name, REGION)
    found = {kind: [noun for page in reader.pages(kind) for noun in reading.nouns(kind, page)] for kind in LISTINGS }
    assert reading.refused == {}
    reader.close()
    return found


@pytest.mark.parametrize(("kind", "ours"), [
    ("zone", "zones"), ("vm", "vms"), ("vpc", "networks"), ("subnet", "subnets"), ("router", "routers"), ("floating_ip", "floating"),
    ("volume", "volumes"), ("snapshot", "snapshots"), ("image", "images"), ("load_balancer", "balancers"), ("quota", "quotas"),
])
def test_what_is_read_is_what_is_there(cloud: Cloud, read: dict[str, list[object]], kind: str, ours: str) -> None:
    assert read[kind] == getattr(cloud, ours)


def test_ports_are_those_of_machines_and_of_routers(cloud: Cloud, read: dict[str, list[object]]) -> None:
    assert read["vport"] == [*cloud.ports, *cloud.router_ports.values()]


def test_machines_come_in_pages(cloud: Cloud, read: dict[str, list[object]]) -> None:
    assert len(cloud.vms) > 2000
    assert len(read["vm"]) == len(cloud.vms)


def test_what_the_cloud_does_not_know_stays_empty(cloud: Cloud, read: dict[str, list[object]]) -> None:
    assert read["host"] == [host.replace(zone="", macs=(), device="") for host in cloud.hosts]
    assert read["project"] == [project.replace(unit="", system="") for project in cloud.projects]
    assert [one.rules for one in read["security_group"]] == [tuple(sorted(one.rules)) for one in cloud.groups]  # type: ignore[attr-defined]


def test_a_wrong_password_and_a_dead_address_are_told_apart(served: Served) -> None:
    with pytest.raises(ForbiddenError, match="refuses the user"):
        CloudReader(access(served), "wrong")
    with pytest.raises(NoAnswerError, match="No Keystone answers"):
        CloudReader(access(served).replace(auth_url="http://127.0.0.1:9/identity/v3"), SECRET)


def test_items_of_another_shape_are_counted_and_passed_over() -> None:
    reading = Reading("cloud", REGION)
    good = {"id": "1", "name": "a", "tenant_id": "p", "created": "2026-01-01T00:00:00Z"}
    bad = [{}, {"id": []}, {"id": "2", "name": {"x": 1}, "tenant_id": "p"}, {**good, "flavor": "large"}]
    assert [vm.name for vm in reading.nouns("vm", [good, *bad])] == ["a"]  # type: ignore[attr-defined]
    assert reading.refused == {"vm": 4}


def test_the_openstack_command_works(served: Served, cloud: Cloud) -> None:
    env = {**os.environ, "OS_AUTH_URL": served.auth_url, "OS_USERNAME": served.user, "OS_PASSWORD": SECRET, "OS_PROJECT_NAME": "admin",
           "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default", "OS_IDENTITY_API_VERSION": "3"}
    command = [str(Path(sys.executable).with_name("openstack")), "server", "show", cloud.vms[0].key, "-f", "value", "-c", "name"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, cloud.vms[0].name), done.stderr
