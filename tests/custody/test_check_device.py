"""The hub tries a device against a real OpenSSH server on another port than 22: accepted, refused, less than needed, another key."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from client import Client
from core.custody import NewCredential, NewCredentialSet
from core.node import Check
from core.nouns import new_id

pytestmark = pytest.mark.real
ADDRESS = "127.0.0.1"
REFUSES = "echo \"Error: Unrecognized command found at '^' position.\""


@pytest.fixture
async def device(hub: Client) -> str:
    await hub.import_file("sites.csv", b"name,level,county\nLD-1,county,Liandu\n")
    row = f"name,address,site,role,platform\nSSH-1,{ADDRESS},LD-1,server,linux\n"
    report = await hub.import_file("devices.csv", row.encode())
    assert not report.problems, report.problems
    return "SSH-1"


async def use(hub: Client, user: str, key: str) -> str:
    """A credential that the hub uses for this device from now on."""
    name = f"ssh-{new_id(1)[-8:]}"
    await hub.custody.add(NewCredential(name=name, kind="ssh", username=user, secret=key))
    await hub.custody.put_set(NewCredentialSet(name="check", prefixes=(f"{ADDRESS}/32",), credentials=(name,), most_failures=5))
    return name


async def checked(hub: Client, device: str, port: int) -> dict[str, Check]:
    return {one.name: one for one in await hub.check(device, ssh_port=port)}


@pytest.fixture
def stranger(tmp_path: Path) -> str:
    """A key that nobody lets in."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "stranger")], check=True)
    return (tmp_path / "stranger").read_text()


async def test_login_and_privilege_by_a_real_server(hub: Client, device: str, sshd: Any, stranger: str) -> None:
    await use(hub, sshd.user, sshd.user_key)
    found = await checked(hub, device, sshd.port)
    assert {found[name].status for name in ("SSH", "Login", "Privilege")} == {"ok"}, found
    assert found["Host key"].status == "warn", "it is seen for the first time"
    assert (await checked(hub, device, sshd.port))["Host key"].status == "ok", "and pinned for this port"
    sshd.lines = (f"ForceCommand {REFUSES}",)
    sshd.restart()
    less = await checked(hub, device, sshd.port)
    assert (less["Login"].status, less["Privilege"].status) == ("ok", "warn")
    assert "read the configuration" in less["Privilege"].found
    assert "yunwang device snippet" in less["Privilege"].fix
    await use(hub, sshd.user, stranger)
    wrong = await checked(hub, device, sshd.port)
    assert wrong["Login"].status == "fail"
    assert wrong["Login"].fix
    assert "Privilege" not in wrong
    await use(hub, sshd.user, sshd.user_key)
    sshd.lines = ()
    sshd.new_host_key()
    sshd.restart()
    other = await checked(hub, device, sshd.port)
    assert other["Host key"].status == "fail"
    assert "yunwang hostkey" in other["Host key"].fix
    assert "Login" not in other, "nothing secret goes to a host with another key"
    assert (await checked(hub, device, sshd.port))["Host key"].status == "fail", "it stays so until a person has accepted it"
    shut = await checked(hub, device, 1)
    assert shut["SSH"].status == "fail"
