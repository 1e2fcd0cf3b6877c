"""What exists in the forms of other programs, judged by these programs where they are installed."""

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.edges import Edge
from core.errors import ForbiddenError, NotFoundError
from core.graph import GraphView
from core.identity import NewToken
from core.objects import Device, Site, Unit
from inventory.graph import build_view, derive
from inventory.publish.ansible import group_name, inventory
from inventory.publish.dot import dot
from inventory.publish.drawing import LAYERS, MOST
from inventory.publish.layers import draw
from inventory.publish.prometheus import targets
from inventory.publish.scope import EVERYTHING, Scope, units_below

SOCIAL, FINANCE = "丽水市人力资源和社会保障局", "丽水市财政局"
SWITCH, CORE = "LS-DC-TOR-CE6857-01", "LS-DC-P-NE40-01"
EVIL = 'x"];\n node [shape="<b>\\'
TEMPLATE = "{{ lookup('pipe', 'id') }}{% raw %}{{{"


def small() -> GraphView:
    devices = [
        Device(id="1", name="sw1", address="192.0.2.1", site="机房", role="core", platform="huawei_vrp"),
        Device(id="2", name=EVIL, address="2001:db8::2", site="hall", role="access", polled=False, model=TEMPLATE),
    ]
    sites = [Site(id="s1", name="机房", level="city"), Site(id="s2", name="hall", level="county", county="莲都区")]
    edges = [
        Edge(id="e", kind="linked", a="2", b="1", b_port="GE1", a_port="GE2", source="lldp", valid_from=0),
        Edge(id="p1", kind="stands-at", a="1", b="s1", source="declared", valid_from=0),
        Edge(id="p2", kind="stands-at", a="2", b="s2", source="declared", valid_from=0),
    ]
    return build_view(1, 1, {"device": devices, "site": sites}, edges)


@pytest.fixture(scope="module")
def town(records: dict[str, list[Any]]) -> GraphView:
    return build_view(1, 1, records, derive(records))


# ---- Ansible

def test_ansible_gets_hosts_with_their_variables_and_groups_with_safe_names(town: GraphView) -> None:
    found = inventory(town)
    variables = found["_meta"]["hostvars"][SWITCH]
    assert (variables["netmiko_device_type"], variables["ansible_host"], variables["vpns"]) == ("huawei", "10.64.0.75", ["人社专网"])
    for kind, value in (("site", "政务云机房"), ("role", "ToR"), ("platform", "huawei_vrp"), ("unit", SOCIAL), ("vpn", "人社专网")):
        group = found[group_name(kind, value)]
        assert SWITCH in group["hosts"]
        assert group["vars"] == {f"yunwang_{kind}": value}
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in found["all"]["children"])
    json.dumps(found)


def test_names_of_groups_never_meet() -> None:
    values = ["机房", "机方", "a-b", "a_b", "a_2db", "a2db", "_673a", "__"]
    assert len({group_name("site", value) for value in values}) == len(values)


def test_a_device_runs_what_its_machines_are_protected_as(records: dict[str, list[Any]]) -> None:
    hosts = [records["host"][0].replace(device=SWITCH)]
    view = build_view(1, 1, {**records, "host": hosts}, [])
    assert inventory(view)["_meta"]["hostvars"][SWITCH]["protection_level"] == 3
    assert inventory(view)[group_name("protection_level", "3")]["hosts"] == [SWITCH]


def test_what_devices_say_is_no_template() -> None:
    text = json.dumps(inventory(small()), ensure_ascii=False)
    assert not re.search(r"\{[{%#]", text.replace('": {"', "")), "Ansible would run it"
    assert "lookup" in text


def test_ansible_itself_reads_it(node: Any, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("ansible-inventory")
    script = tmp_path / "yunwang-inventory"
    script.write_text(f'#!/bin/sh\nexec {Path(sys.executable).with_name("yunwang")} inventory publish ansible "$@"\n', "utf-8")
    script.chmod(0o755)
    general = node.settings.general
    env = {
        **os.environ, "YUNWANG_GENERAL_DATA_DIR": general.data_dir, "YUNWANG_GENERAL_RUN_DIR": general.run_dir,
        "YUNWANG_TOKEN": "yws_test-viewer", "ANSIBLE_LOCAL_TEMP": str(tmp_path), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run([program, "-i", script, "--list"], env=env, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["_meta"]["hostvars"][SWITCH]["ansible_host"] == "10.64.0.75"
    assert found[group_name("unit", SOCIAL)]["hosts"] == [SWITCH]
    one = subprocess.run([program, "-i", script, "--host", SWITCH], env=env, capture_output=True, check=False, timeout=120)
    assert json.loads(one.stdout)["unit"] == SOCIAL


# ---- Prometheus

def test_prometheus_gets_what_is_polled() -> None:
    assert targets(small()) == [{"targets": ["192.0.2.1"], "labels": {
        "__meta_yunwang_name": "sw1", "__meta_yunwang_site": "机房", "__meta_yunwang_role": "core", "__meta_yunwang_platform": "huawei_vrp",
    }}]


def test_the_answer_is_what_http_sd_asks_for(node: Any) -> None:
    """Prometheus' documentation: status 200, JSON in UTF-8, a list of objects with `targets` and `labels`, texts alone; [] for none."""
    transport = httpx.HTTPTransport(uds=str(Path(node.settings.general.run_dir) / "hub.sock"), verify=False)
    with httpx.Client(transport=transport, base_url="http://hub", headers={"authorization": "Bearer yws_test-viewer"}) as http:
        answer = http.get("/api/v1/publish/prometheus", params={"port": 9116})
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == "application/json"
        groups = answer.json()
        assert groups
        for group in groups:
            assert set(group) == {"targets", "labels"}
            assert all(isinstance(target, str) and target.endswith(":9116") for target in group["targets"])
            assert all(re.fullmatch(r"__meta_[a-z_]+", name) and isinstance(value, str) for name, value in group["labels"].items())
        assert http.get("/api/v1/publish/prometheus", headers={"authorization": "Bearer none"}).status_code == 401


def test_what_is_published_is_what_the_caller_sees(node: Any) -> None:
    mine = json.loads(node.ask("operator-there", lambda hub: hub.finding.ansible()))
    assert list(mine["_meta"]["hostvars"]) == [SWITCH]
    groups = json.loads(node.ask("operator-there", lambda hub: hub.finding.prometheus()))
    assert [one["labels"]["__meta_yunwang_name"] for one in groups] == [SWITCH]
    with pytest.raises(ForbiddenError):
        node.ask("contact", lambda hub: hub.finding.ansible())
    drawn = node.ask("operator-there", lambda hub: hub.finding.topology("business", "dot")).decode()
    assert SOCIAL in drawn
    assert FINANCE not in drawn


# ---- pictures

def test_what_people_typed_stays_text() -> None:
    text = dot(draw(small(), "l2"))
    assert '\\"];' in text
    assert len(text.splitlines()) == text.count("\n")
    assert "GE1 - GE2" in text
    assert "\\\\" in text


def test_places_are_joined_by_how_many_links() -> None:
    text = dot(draw(small(), "geographic"))
    assert '"s1" -- "s2"' in text
    assert "pos=" in text


def test_a_picture_is_always_the_same(town: GraphView, records: dict[str, list[Any]]) -> None:
    turned = build_view(2, 2, {kind: list(reversed(nouns)) for kind, nouns in reversed(records.items())}, reversed(derive(records)))
    for layer in LAYERS:
        assert dot(draw(town, layer)) == dot(draw(turned, layer))


def test_each_layer_shows_its_own(town: GraphView) -> None:
    shown = {layer: dot(draw(town, layer)) for layer in LAYERS}
    assert "云和县机房" in shown["geographic"]
    assert all(text in shown["l2"] for text in (SWITCH, CORE, "10GE1/0/1"))
    assert all(text in shown["l3"] for text in (SOCIAL, "人社专网", "VLAN 100", "LX-00001"))
    assert all(text in shown["business"] for text in ("社保经办", "L3 CII", "vm-社保-web-00", "compute-001"))


def test_a_part_can_be_drawn(town: GraphView) -> None:
    assert "云和县机房" not in dot(draw(town, "geographic", EVERYTHING._replace(county="莲都区")))
    site = dot(draw(town, "l2", EVERYTHING._replace(site="云和县机房")))
    assert "YH-XZ-ACC-01" in site
    assert SWITCH not in site
    assert FINANCE not in dot(draw(town, "business", Scope(units=units_below(town, SOCIAL))))


def test_above_a_limit_devices_are_drawn_by_site() -> None:
    sites = [Site(id=f"s{n}", name=f"机房{n}", level="city") for n in range(3)]
    devices = [Device(id=str(n), name=f"sw{n:04}", address="192.0.2.1", site=f"机房{n % 3}", role="access") for n in range(600)]
    edges = [Edge(id=f"e{n}", kind="linked", a=str(n), b=str(n + 1), source="lldp", valid_from=0) for n in range(599)]
    view = build_view(1, 1, {"site": sites, "device": devices}, edges)
    picture = draw(view, "l2")
    assert {box.id for box in picture.boxes} == {"s0", "s1", "s2"}
    assert sum(line.links for line in picture.lines) == 599
    units = [Unit(id=f"u{n}", name=f"单位{n}", level="city") for n in range(900)]
    assert len(draw(build_view(1, 1, {"unit": units}, []), "business").boxes) <= MOST


@pytest.mark.real
@pytest.mark.parametrize("layer", LAYERS)
def test_graphviz_draws_every_layer(layer: Any, town: GraphView, need: Callable[[str], str]) -> None:
    for view in (small(), town):
        done = subprocess.run([need("dot"), "-Tsvg"], input=dot(draw(view, layer)).encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert b"<svg" in done.stdout
        assert b"<b>" not in done.stdout


@pytest.mark.real
def test_the_hub_draws(node: Any, need: Callable[[str], str]) -> None:
    need("dot")
    picture = node.ask("viewer", lambda hub: hub.finding.topology("l2", "svg", site="政务云机房")).decode()
    assert SWITCH in html.unescape(picture)
    assert "<script" not in picture
    for part in ({"unit": "no such"}, {"site": "no such"}, {"county": "no such"}, {"vpn": "no such"}):
        with pytest.raises(NotFoundError) as caught:
            node.ask("viewer", lambda hub, part=part: hub.finding.topology("l2", **part))
        assert caught.value.way_out


def test_the_command_writes_what_is_asked_for(node: Any, run: Any, tmp_path: Path) -> None:
    listed = run("inventory", "publish", "ansible", "--list").json()
    assert SWITCH in listed["all"]["hosts"]
    assert run("inventory", "publish", "ansible", "--host", SWITCH).json()["site"] == "政务云机房"
    assert run("inventory", "publish", "ansible", "--host", "nobody").json() == {}
    assert [one["targets"] for one in run("inventory", "publish", "prometheus", "--port", "9116").json()] == [
        ["10.64.0.1:9116"], ["10.64.0.75:9116"],
    ]
    file = tmp_path / "town.dot"
    done = run("inventory", "publish", "dot", "--layer", "business", "-o", str(file))
    assert (done.code, done.out) == (0, "")
    assert "社保经办" in file.read_text("utf-8")
    assert run("inventory", "publish", "prometheus", "--host", "x").code == 2
    assert run("inventory", "publish", "ansible", who="contact").code == 7


def test_a_program_reads_with_a_token_that_can_do_nothing_else(node: Any) -> None:
    async def made(hub: Any) -> str:
        return str((await hub.accounts.add_token(NewToken(name="prometheus", actions=("inventory.export",), days=1))).token)

    bearer = node.ask("viewer", made)
    transport = httpx.HTTPTransport(uds=str(Path(node.settings.general.run_dir) / "hub.sock"), verify=False)
    with httpx.Client(transport=transport, base_url="http://hub", headers={"authorization": f"Bearer {bearer}"}) as http:
        forms = ("prometheus", "ansible", "topology?format=dot")
        assert {http.get(f"/api/v1/publish/{form}").status_code for form in forms} == {200}
        assert http.get("/api/v1/search", params={"text": "社保"}).status_code == 403
        assert http.post("/api/v1/reservations", json={"what": "port", "within": SWITCH}).status_code == 403
