"""The commands of sources as a person types them, against a hub with workers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from core.objects import Device
from lab import netbox, peers
from lab.openstack import Served

TOKEN = "a-token-of-the-lab"
SECRET = "lab-cloud-secret"
Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(node: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """`typed("source", "list")`: exit code, output, errors."""
    config = tmp_path / "config.toml"
    general = node.settings.general
    config.write_text(f'[general]\ndata_dir = "{general.data_dir}"\nrun_dir = "{general.run_dir}"\nlanguage = "en"\n')

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        import io
        import sys

        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        code = main(["--config", str(config), *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="module")
def box() -> Iterator[netbox.Served]:
    store = netbox.Store()
    site = store.add("Site", name="莲都机房", slug="ld")
    maker = store.add("Manufacturer", name="Huawei", slug="huawei")
    model = store.add("DeviceType", manufacturer=maker, model="NE40E", slug="ne40e")
    role = store.add("DeviceRole", name="PE", slug="pe")
    device = store.add("Device", name="LD-PE-01", device_type=model, role=role, site=site, serial="S1")
    port = store.add("Interface", device=device, name="GE0/0/0", type="other")
    address = store.add("IPAddress", address="10.1.0.1/24", assigned_object_type="dcim.interface", assigned_object_id=port)
    store.update("Device", device, {"primary_ip4": address})
    with netbox.serve(store, TOKEN) as found:
        yield found


def test_a_cloud_is_taken_over_from_clouds_yaml(typed: Typed, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clouds.yaml").write_text(
        f"clouds:\n  ours:\n    region_name: lishui\n    auth:\n      auth_url: {served.auth_url}\n      username: {served.user}\n"
        f"      password: {SECRET}\n      project_name: admin\n      user_domain_name: Default\n      project_domain_name: Default\n"
    )
    monkeypatch.chdir(tmp_path)
    assert typed("source", "add", "openstack", "other", "--from-cloud", "nowhere")[0] == 6
    code, out, err = typed("source", "add", "openstack", "ours", "--from-cloud", "ours")
    assert code == 0, err
    assert "ours: openstack" in out
    code, out, err = typed("source", "test", "ours", "--json")
    assert code == 0, err
    assert json.loads(out)["ok"]
    code, out, err = typed("inventory", "import", "openstack:ours", "--dry-run", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["dry_run"]
    assert report["added"]["vm"] == 200
    assert report["unplaced_total"] == 0
    typed("source", "remove", "ours")


def test_a_netbox_is_added_tried_read_switched_off_and_removed(typed: Typed, box: netbox.Served) -> None:
    assert typed("source", "add", "netbox", "box", "--url", "http://192.0.2.1", "--stdin", stdin=TOKEN)[0] == 5
    code, _, err = typed("source", "add", "netbox", "box", "--url", box.url, "--option", "nonsense=1", "--stdin", stdin=TOKEN)
    assert (code, "knows no option nonsense" in err) == (5, True)
    assert typed("source", "add", "netbox", "box", "--url", box.url, "--stdin", stdin=TOKEN)[0] == 0
    assert typed("source", "add", "netbox", "box", "--url", box.url, "--stdin", stdin=TOKEN)[0] == 8
    code, out, _ = typed("source", "test", "box")
    assert (code, "NetBox 4.3.2" in out) == (0, True)
    code, out, err = typed("source", "sync", "box", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert not report["added"]
    assert report["queued"] == {"site": 1, "device": 1, "ip_address": 1}  # nobody declared them, and nobody said that they may come in
    assert typed("source", "set", "box", "--off")[0] == 0
    code, _, err = typed("source", "sync", "box")
    assert (code, "switched off" in err) == (8, True)
    assert typed("source", "set", "box", "--on")[0] == 0
    code, out, err = typed("inventory", "import", f"netbox:{box.url}", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["added"] == {"site": 1, "device": 1, "ip_address": 1}, report
    code, out, _ = typed("source", "list")
    assert (code, "box" in out, TOKEN in out) == (0, True, False)
    code, out, err = typed("source", "push", "box", "--dry-run", "--json")
    assert code == 0, err
    assert json.loads(out)["created"] == {}
    assert typed("credential", "remove", "source-box")[0] == 8
    assert typed("source", "remove", "box")[0] == 0
    assert typed("source", "test", "box")[0] == 6


def test_the_exit_code_of_a_test_tells_what_is_wrong(typed: Typed, box: netbox.Served) -> None:
    typed("source", "add", "netbox", "bad", "--url", box.url, "--stdin", stdin="wrong")
    code, out, err = typed("source", "test", "bad")
    assert (code, "does not let this token" in out, "Check the token" in err) == (7, True, True)
    typed("source", "remove", "bad")


def test_a_router_db_comes_in(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "router.db").write_text("QT-CE-07:10.7.0.1:vrp:CE\nnobody::vrp:CE\n")
    code, out, err = typed("inventory", "import", f"oxidized:{tmp_path}/router.db", "--dry-run", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["unplaced_total"] >= 1
    code, out, err = typed("inventory", "import", f"oxidized:{tmp_path}/nothing-there")
    assert (code, "cannot be read" in err) == (5, True)


def test_a_source_can_be_asked_by_a_schedule(typed: Typed, node: Any, box: netbox.Served) -> None:
    typed("source", "add", "netbox", "nightly", "--url", box.url, "--stdin", stdin=TOKEN)
    words = ("schedule", "add", "nightly-netbox", "--kind", "inventory.sync", "--cron", "15 1 * * *")
    assert typed(*words)[0] == 5
    assert typed(*words, "--argument", "source=nightly")[0] == 0
    code, out, err = typed("job", "run", "inventory.sync", "--argument", "source=nightly", "--follow", "--json")
    assert code == 0, err
    assert json.loads(out)["state"] == "done"
    typed("source", "remove", "nightly")


def test_librenms_is_asked_by_its_name(typed: Typed) -> None:
    devices = [Device(id="", name="LN-1", address="10.8.0.1", site="莲都机房", role="access", platform="huawei_vrp", serial="L1")]
    with peers.serve(peers.librenms(devices, TOKEN)) as served:
        assert typed("source", "add", "librenms", "lnms", "--url", served.url, "--stdin", stdin=TOKEN)[0] == 0
        code, out, err = typed("inventory", "import", "librenms:lnms", "--json")
        assert code == 0, err
        assert json.loads(out)["added"]["device"] == 1, out
        typed("source", "remove", "lnms")
