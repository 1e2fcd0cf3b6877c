"""The graph in the forms of other programs, judged by these programs where they are installed."""

import json
import subprocess
from collections.abc import Callable

import pytest

from core.edges import Edge
from core.graph import GraphView
from core.objects import Device, Site
from inventory.graph import build_view
from inventory.publish.ansible import group_name, inventory
from inventory.publish.dot import LAYERS, dot
from inventory.publish.prometheus import targets

EVIL = 'x"];\n node [shape="<b>'


def view() -> GraphView:
    devices = [
        Device(id="1", name="sw1", address="192.0.2.1", site="机房", role="core", platform="huawei_vrp"),
        Device(id="2", name=EVIL, address="2001:db8::2", site="hall", role="access", polled=False),
    ]
    sites = [Site(id="s1", name="机房", level="city"), Site(id="s2", name="hall", level="city")]
    edges = [
        Edge(id="e", kind="linked", a="1", b="2", a_port="GE1", source="lldp", valid_from=0),
        Edge(id="p1", kind="stands-at", a="1", b="s1", source="declared", valid_from=0),
        Edge(id="p2", kind="stands-at", a="2", b="s2", source="declared", valid_from=0),
    ]
    return build_view(1, 1, {"device": devices, "site": sites}, edges)


def test_ansible_gets_hosts_with_their_variables_and_groups_with_safe_names() -> None:
    found = inventory(view())
    assert found["_meta"]["hostvars"]["sw1"]["netmiko_device_type"] == "huawei"
    assert found[group_name("site", "机房")] == {"hosts": ["sw1"], "vars": {"yunwang_site": "机房"}}
    assert group_name("site", "机房") != group_name("site", "机方")
    assert all(name.isidentifier() for name in found["all"]["children"])
    json.dumps(found)


def test_prometheus_gets_what_is_polled() -> None:
    assert targets(view()) == [{"targets": ["192.0.2.1"], "labels": {
        "__meta_yunwang_name": "sw1", "__meta_yunwang_site": "机房", "__meta_yunwang_role": "core", "__meta_yunwang_platform": "huawei_vrp",
    }}]


def test_what_people_typed_stays_text() -> None:
    text = dot(view(), "l2")
    assert '\\"];' in text
    assert text.count("\n") == len(text.splitlines())
    assert "GE1" in text


def test_places_are_joined_by_how_many_links() -> None:
    assert '"s1" -- "s2" [label="1"];' in dot(view(), "geographic")


@pytest.mark.real
@pytest.mark.parametrize("layer", LAYERS)
def test_graphviz_draws_every_layer(layer: str, need: Callable[[str], str]) -> None:
    done = subprocess.run([need("dot"), "-Tsvg"], input=dot(view(), layer).encode(), capture_output=True, check=False)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr
    assert b"<svg" in done.stdout
