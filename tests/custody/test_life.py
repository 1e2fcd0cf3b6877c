"""Secrets over restarts, crashes, rotations and lost keys; tries that are counted over a restart; credentials that are found."""

import asyncio
import base64
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.hub.custody import rotation
from client import Client
from core.custody import NewCredential, NewCredentialSet, TryWish
from core.errors import ForbiddenError, SettingsError, StorageError
from core.identity import AccountSecret, Actor
from core.sections import Secrets
from stores.records import open_records
from stores.secrets import Keyring

DEADLINE_S = 60.0
ME = Actor(name="test")
NAMES = [f"c{number}" for number in range(5)]


async def add_some(client: Client) -> None:
    for name in NAMES:
        await client.custody.add(NewCredential(name=name, kind="snmp-community", secret=f"s3cret-{name}"))


def opened(node: Any) -> dict[str, str]:
    """What a stopped node's records hold, opened with the key as it lies there."""
    store = open_records(node.data / "records.db")
    try:
        ring = Keyring.open(node.settings, create=False)
        found = {one.name: ring.unseal(one).decode() for one in store.all("sealed_secret")}
        for one in store.all("account_secret"):
            if one.totp_secret:
                found[one.id] = ring.unseal_text(f"totp:{one.id}", one.totp_secret).decode()
        return found
    finally:
        store.close()


WANTED = {name: f"s3cret-{name}" for name in NAMES}


async def test_a_rotation_reseals_everything_and_takes_the_old_key_away(new_node: Callable[..., Any]) -> None:
    node = new_node(("hub",)).start()
    old = (node.data / "secret.key").read_text()
    async with node.client() as hub, node.client("security-officer") as officer:
        await add_some(hub)
        with pytest.raises(ForbiddenError):
            await hub.custody.rotate()
        done = await officer.custody.rotate()
        assert (done.resealed, done.unreadable, len(done.retired)) == (len(NAMES), (), 1)
        assert all(row.version == 2 and not row.problem for row in await hub.custody.credentials())
        again = await officer.custody.rotate()
        assert again.retired == (done.key,)
    node.stop()
    new = (node.data / "secret.key").read_text()
    assert new != old
    assert len([line for line in new.splitlines() if not line.startswith("#")]) == 1
    assert opened(node) == WANTED


@pytest.mark.parametrize("dies", ["after the key", "within the transaction", "after the transaction"])
async def test_a_hub_that_dies_while_it_rotates_goes_on_when_it_starts(
    new_node: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, dies: str,
) -> None:
    """The state of the files and records at each step is made here, then a real hub starts on it."""
    node = new_node(("hub",))
    node.data.mkdir(parents=True)
    ring, store = Keyring.open(node.settings), open_records(node.data / "records.db")
    with store.write(ME, 1) as write:
        for name in NAMES:
            write.put("test", ring.seal(name, f"s3cret-{name}".encode()))
        write.put("test", AccountSecret(id="a1", totp_secret=ring.seal_text("totp:a1", b"JBSWY3DP")))
    old = ring.begin_rotation() and ring.ids[1]
    if dies == "within the transaction":
        monkeypatch.setattr(rotation, "_anew", _failing_after(2))
        with pytest.raises(MemoryError):
            rotation.reseal(store, ring, ME)
        assert {one.key_id for one in store.all("sealed_secret")} == {old}
    elif dies == "after the transaction":
        rotation.reseal(store, ring, ME)
    store.close()
    assert opened(node) == {**WANTED, "a1": "JBSWY3DP"}
    node.start()
    deadline = time.monotonic() + DEADLINE_S
    while len(Keyring.open(node.settings).ids) > 1:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    node.kill()
    assert Keyring.open(node.settings).ids[0] != old
    assert opened(node) == {**WANTED, "a1": "JBSWY3DP"}


def _failing_after(count: int) -> Callable[..., Any]:
    real, left = rotation._anew, [count]

    def anew(*args: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise MemoryError
        return real(*args)

    return anew


async def test_secrets_survive_kill_and_a_lost_key_is_said(new_node: Callable[..., Any]) -> None:
    node = new_node(("hub",)).start()
    async with node.client() as hub:
        await add_some(hub)
    node.kill()
    assert opened(node) == WANTED
    kept = (node.data / "secret.key").rename(node.folder / "kept")
    with pytest.raises(SettingsError, match="is missing"):
        node.start()
    (node.data / "secret.key").write_text(base64.b64encode(os.urandom(32)).decode())
    (node.data / "secret.key").chmod(0o600)
    with pytest.raises(StorageError, match="which is not here"):
        opened(node)
    node.start()
    async with node.client() as hub:
        assert all("which is not here" in row.problem for row in await hub.custody.credentials())
        await hub.custody.set_secret("c0", "entered anew")
        assert [row.name for row in await hub.custody.credentials() if not row.problem] == ["c0"]
    node.stop()
    with (node.data / "secret.key").open("a") as file:
        file.write("\n" + kept.read_text())
    assert opened(node) == {**WANTED, "c0": "entered anew"}
    node.start()  # seals with the first key what the other one sealed, and takes that away
    node.kill()
    assert len(Keyring.open(node.settings).ids) == 1
    assert opened(node) == {**WANTED, "c0": "entered anew"}


async def test_tries_are_counted_over_a_restart(new_node: Callable[..., Any]) -> None:
    node = new_node(("hub", "workers")).start()
    async with node.client() as hub:
        await add_some(hub)
        await hub.custody.put_set(NewCredentialSet(name="s", prefixes=("127.0.0.0/8",), credentials=("c0", "c1"), most_failures=1))
        silent = TryWish(host="127.77.0.1", port=9)
        assert (await hub.custody.test("c0", silent)).answer == "no-answer"
    node.kill()
    node.start()
    async with node.client() as hub:
        paused = await hub.custody.test("c1", silent)
        assert (paused.answer, paused.again_at > time.time() * 1000) == ("paused", True)
        assert [one.answer for one in await hub.custody.test_set(silent)] == ["paused"]
        rows = {row.name: row for row in await hub.custody.credentials()}
        assert (rows["c0"].tested, rows["c0"].tested_on, rows["c1"].tested) == ("no-answer", "127.77.0.1", "pending")


async def test_vault_is_asked_and_its_absence_is_said(new_node: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hvs.t0ken")
    (tmp_path / "token").chmod(0o600)
    secrets = Secrets(vault_url="http://127.0.0.1:9", vault_token=f"file:{tmp_path / 'token'}")
    node = new_node(("hub",), secrets=secrets).start()
    async with node.client() as hub:
        await hub.custody.add(NewCredential(name="v", kind="snmp-community", locator="vault:net/core#community"))
        await hub.custody.put_set(NewCredentialSet(name="s", prefixes=("127.0.0.0/8",), credentials=("v",)))
        found = await hub.custody.test("v", TryWish(host="127.0.0.1"))
        assert (found.answer, "does not answer" in found.message) == ("unusable", True)
        assert "hvs.t0ken" not in found.message + found.way_out


@pytest.mark.real
async def test_the_credential_of_a_device_is_found(new_node: Callable[..., Any], snmpd: Any) -> None:
    """A real agent that knows one community and one v3 user; senses poll it with what the set finds."""
    node = new_node(("hub", "workers", "senses")).start()
    async with node.client() as hub:
        await hub.custody.add(NewCredential(name="wrong", kind="snmp-community", secret="not-this-one"))
        await hub.custody.add(NewCredential(
            name="right", kind="snmp-v3", username="yun", auth="SHA256", priv="AES128", secret="authpass12345\nprivpass12345",
        ))
        assert not (await hub.import_file("sites.csv", b"name,level,county\nLD-1,county,Liandu\n")).problems
        device = f"name,address,site,role,snmp port,interval s\nSW1,127.0.0.1,LD-1,access,{snmpd.port},2\n".encode()
        report = await hub.import_file("devices.csv", device)
        assert not report.problems, report.problems
        await hub.custody.put_set(NewCredentialSet(name="s", prefixes=("127.0.0.0/8",), credentials=("wrong", "right")))
        deadline = time.monotonic() + 2 * DEADLINE_S
        while (await hub.device("SW1")).row.status != "up":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        rows = {row.name: row for row in await hub.custody.credentials()}
        assert (rows["right"].devices, rows["right"].tested, rows["wrong"].tested) == (1, "ok", "no-answer")
        wish = TryWish(host="SW1")
        await hub.custody.add(NewCredential(
            name="user", kind="snmp-v3", username="nobody", auth="SHA256", priv="AES128", secret="authpass12345\nprivpass12345",
        ))
        await hub.custody.put_set(NewCredentialSet(name="s", prefixes=("127.0.0.0/8",), credentials=("wrong", "right"), most_failures=10))
        assert (await hub.custody.test("user", wish)).answer == "unknown-user"
        await hub.custody.set_secret("user", "authpass12345\nwrongwrong")
        assert (await hub.custody.test("right", wish)).about
        await hub.custody.set_secret("right", "authpass12345\nwrongwrong")
        assert (await hub.custody.test("right", wish)).message.endswith("but not the privacy.")
        await hub.custody.set_secret("right", "wrongwrong\nprivpass12345")
        assert (await hub.custody.test("right", wish)).message.endswith("but not this authentication.")
