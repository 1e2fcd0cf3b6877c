"""A cloud as a source: through a real hub, its workers and the lab's OpenStack API."""

from typing import Any

import pytest

from lab.cloud import REGION, Cloud
from lab.openstack import Served

SECRET = "lab-cloud-secret"
NAME = "lishui"


@pytest.fixture(scope="module")
def ready(node: Any, served: Served) -> Any:
    """The node with the cloud added."""
    node.add(name=NAME, kind="openstack", url=served.auth_url, username=served.user, secret=SECRET, options={"region": REGION})
    return node


def test_a_dry_run_counts_and_changes_nothing(ready: Any, cloud: Cloud) -> None:
    before = ready.revision()
    report = ready.sync(NAME, dry_run=True)
    assert report.dry_run
    assert report.added["vm"] == len(cloud.vms)
    assert ready.records("vm") == []
    assert ready.revision() - before < 10  # the job's own rows


def test_what_is_there_comes_in_and_a_second_time_nothing(ready: Any, cloud: Cloud) -> None:
    report = ready.sync(NAME)
    assert report.added["vm"] == len(cloud.vms)
    assert report.unplaced_total == 0, report.unplaced
    for kind, theirs in (("vm", cloud.vms), ("host", cloud.hosts), ("volume", cloud.volumes), ("project", cloud.projects)):
        assert {one["key"] for one in ready.records(kind)} == {one.key for one in theirs}
    again = ready.sync(NAME)
    assert not again.added
    assert not again.changed
    assert not again.removed
    assert again.unchanged["vm"] == len(cloud.vms)
