"""Credentials in a running hub: sealed, handed to senses and to nobody else, tried with care."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.places import owner
from agents.supervisor import read_status
from client import Client
from core.audit import AuditQuery
from core.custody import HostKeyWish, NewCredential, NewCredentialSet, TryWish
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.messages import Secrets, SecretsWanted
from core.nouns import new_id

DEADLINE_S = 60.0
SITES = b"name,level,county\nLD-1,county,Liandu\n"


async def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.05)


def unique(prefix: str) -> str:
    return prefix + new_id(time.time_ns() // 1_000_000)[-8:]


async def add_device(hub: Client, address: str, credential: str = "", version: str = "2c") -> str:
    await hub.import_file("sites.csv", SITES)
    name = unique("SW-")
    row = f"name,address,site,role,credential,snmp version\n{name},{address},LD-1,access,{credential},{version}\n"
    report = await hub.import_file("devices.csv", row.encode())
    assert not report.problems, report.problems
    return name


@pytest.fixture
async def community(hub: Client) -> str:
    name = unique("ro-")
    await hub.custody.add(NewCredential(name=name, kind="snmp-community", secret="s3cret-community"))
    return name


async def test_a_secret_goes_in_and_never_comes_out(hub: Client, community: str, node: Any) -> None:
    row = next(row for row in await hub.custody.credentials() if row.name == community)
    assert (row.locator, row.version, row.problem) == (f"secret:{community}", 1, "")
    again = await hub.custody.set_secret(community, "an0ther-community")
    assert again.locator == f"secret:{community}"
    row = next(row for row in await hub.custody.credentials() if row.name == community)
    assert row.version == 2
    answers = [await hub._wire.raw("GET", path) for path in (
        "/api/v1/credentials", "/api/v1/records/credential", f"/api/v1/records/credential/{community}", "/api/v1/export/credential",
    )]
    for raw in (*answers, *(file.read_bytes() for file in node.data.rglob("*") if file.is_file() and file.name != "secret.key")):
        assert b"s3cret-community" not in raw
        assert b"an0ther-community" not in raw
    with pytest.raises((InvalidInputError, NotFoundError, ForbiddenError)):
        await hub._wire.raw("GET", "/api/v1/records/sealed_secret")


async def test_what_does_not_fit_is_refused_and_not_repeated(hub: Client, community: str) -> None:
    wrong = [
        NewCredential(name="x", kind="snmp-v3", secret="longenough\nlongenough"),
        NewCredential(name="x", kind="snmp-v3", username="u", auth="SHA256", secret="sh0rt"),
        NewCredential(name="x", kind="snmp-v3", username="u", priv="AES128", secret="longenough\nlongenough"),
        NewCredential(name="x", kind="snmp-community", username="u", secret="s3cret"),
        NewCredential(name="x", kind="snmp-community", secret="one\ntwo"),
        NewCredential(name="x", kind="snmp-community", secret="s3cret", locator="env:RO"),
        NewCredential(name="x", kind="snmp-community"),
        NewCredential(name="x", kind="snmp-community", locator="s3cret-in-the-wrong-place"),
        NewCredential(name="x", kind="ssh", username="u", secret="-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret"),
        NewCredential(name="x", kind="ssh", secret="s3cret"),
        NewCredential(name="", kind="ssh", username="u", secret="s3cret"),
        NewCredential(name="a\x1b[2J", kind="ssh", username="u", secret="s3cret"),
        NewCredential(name="x", kind="telnet", secret="s3cret"),  # type: ignore[arg-type]
    ]
    for new in wrong:
        with pytest.raises(InvalidInputError) as caught:
            await hub.custody.add(new)
        assert "s3cret" not in str(caught.value)
    with pytest.raises(ConflictError, match="already"):
        await hub.custody.add(NewCredential(name=community, kind="snmp-community", secret="s3cret"))
    assert "x" not in {row.name for row in await hub.custody.credentials()}


async def test_a_credential_in_use_stays(hub: Client, community: str) -> None:
    device = await add_device(hub, "10.9.0.1", community)
    with pytest.raises(ConflictError, match="1 devices"):
        await hub.custody.remove(community)
    other = unique("ro-")
    await hub.custody.add(NewCredential(name=other, kind="snmp-community", secret="s3cret"))
    await hub.import_file("devices.csv", f"name,address,site,role,credential\n{device},10.9.0.1,LD-1,access,{other}\n".encode())
    await hub.custody.remove(community)
    with pytest.raises(NotFoundError):
        await hub.custody.set_secret(community, "s3cret")


async def test_senses_get_the_secrets_of_their_devices_and_no_others(hub: Client, community: str, senses: Any, node: Any) -> None:
    device = await add_device(hub, "10.9.0.2", community)
    spare, elsewhere = unique("spare-"), unique("env-")
    await hub.custody.add(NewCredential(name=spare, kind="snmp-community", secret="never-handed-out"))
    await hub.custody.add(NewCredential(name=elsewhere, kind="snmp-community", locator="env:YW_NOT_HERE"))
    await until(lambda: senses.assigned and any(one.name == device for one in senses.assigned[-1].devices))
    body = msgspec.msgpack.encode(SecretsWanted(names=(community, spare, elsewhere, "unknown")))
    answer = msgspec.msgpack.decode(await senses.bus.request("hub.secrets", body, DEADLINE_S), type=Secrets)
    assert answer.values == {community: "s3cret-community"}
    assert set(answer.problems) == {spare, elsewhere, "unknown"}
    assert "s3cret-community" not in repr(answer)
    async with node.client("auditor") as auditor:
        rows = [row for row in (await auditor.audit.search(AuditQuery(action="secret.read"))).items if community in str(row.after)]
    assert [(row.actor, row.after) for row in rows] == [("system:senses", {"credentials": [community]})]


async def test_a_secret_not_entered_yet_is_said_and_can_be_entered(hub: Client, senses: Any) -> None:
    name = unique("later-")
    await hub.import_file("credentials.csv", f"name,kind,locator\n{name},snmp-community,secret:{name}\n".encode())
    device = await add_device(hub, "10.9.0.3", name)
    await until(lambda: senses.assigned and any(one.name == device for one in senses.assigned[-1].devices))
    wanted = msgspec.msgpack.encode(SecretsWanted(names=(name,)))
    answer = msgspec.msgpack.decode(await senses.bus.request("hub.secrets", wanted, DEADLINE_S), type=Secrets)
    assert "yunwang credential set" in answer.problems[name]
    assert next(row for row in await hub.custody.credentials() if row.name == name).problem
    seen = len(senses.assigned)
    await hub.custody.set_secret(name, "entered")
    await until(lambda: len(senses.assigned) > seen)
    answer = msgspec.msgpack.decode(await senses.bus.request("hub.secrets", wanted, DEADLINE_S), type=Secrets)
    assert answer.values == {name: "entered"}


async def test_no_secret_is_sent_to_a_stranger(hub: Client, community: str) -> None:
    for host in ("127.0.0.1", "192.0.2.1", "attacker.example"):
        with pytest.raises(ForbiddenError, match="no secret is sent there"):
            await hub.custody.test(community, TryWish(host=host))
    other = unique("ro-")
    await hub.custody.add(NewCredential(name=other, kind="snmp-community", secret="s3cret"))
    await hub.custody.put_set(NewCredentialSet(name=unique("set-"), prefixes=("127.99.0.0/16",), credentials=(other,)))
    with pytest.raises(ForbiddenError, match="no secret is sent there"):
        await hub.custody.test(community, TryWish(host="127.99.0.1"))


async def test_only_the_offices_may(node: Any, community: str) -> None:
    async with node.client("auditor") as auditor:
        assert await auditor.custody.credentials()
        for refused in (
            auditor.custody.add(NewCredential(name="x", kind="snmp-community", secret="s3cret")),
            auditor.custody.set_secret(community, "x"),
            auditor.custody.remove(community), auditor.custody.test(community, TryWish(host="127.0.0.1")), auditor.custody.rotate(),
            auditor.custody.accept_host_key(HostKeyWish(address="127.0.0.1", fingerprint="x")),
        ):
            with pytest.raises(ForbiddenError):
                await refused


async def test_sets_are_checked(hub: Client, community: str) -> None:
    for prefixes, names in ((("10.0.0.1/8",), (community,)), (("x",), (community,)), (("10.0.0.0/8",), ("unknown",)), ((), (community,))):
        with pytest.raises((InvalidInputError, NotFoundError)):
            await hub.custody.put_set(NewCredentialSet(name="bad", prefixes=prefixes, credentials=names))
    name = unique("set-")
    first = await hub.custody.put_set(NewCredentialSet(name=name, prefixes=("10.77.0.0/16",), credentials=(community,)))
    second = await hub.custody.put_set(NewCredentialSet(name=name, prefixes=("fd00::/8",), credentials=(community,), most_failures=1))
    assert (second.id, second.prefixes, second.most_failures) == (first.id, ("fd00::/8",), 1)
    with pytest.raises(ConflictError, match="1 sets"):
        await hub.custody.remove(community)
    await hub.custody.remove_set(name)
    assert name not in {one.name for one in await hub.custody.sets()}


@pytest.mark.real
async def test_a_changed_host_key_stops_work_until_the_officer_accepts_it(hub: Client, officer: Client, sshd: Any, senses: Any) -> None:
    name = unique("ssh-")
    await hub.custody.add(NewCredential(name=name, kind="ssh", username=sshd.user, secret=sshd.user_key))
    await add_device(hub, "127.0.0.1")
    wish = TryWish(host="127.0.0.1", port=sshd.port)
    first = await hub.custody.test(name, wish)
    assert (first.answer, first.message) == ("ok", "127.0.0.1 accepts it.")
    offered = sshd.new_host_key()
    sshd.restart()
    for _ in range(2):
        assert (await hub.custody.test(name, wish)).answer == "host-key-changed"
    here = HostKeyWish(address="127.0.0.1", port=sshd.port, fingerprint=offered)
    known = next(one for one in await hub.custody.host_keys() if one.port == sshd.port)
    assert (known.state, known.fingerprint, known.offered) == ("changed", first.fingerprint, offered)
    mine = [row for row in (await hub.alerts()).rows if row.rule == "host-key-changed" and str(sshd.port) in row.instance]
    assert [(row.severity, row.evidence["offered"], row.evidence["pinned"]) for row in mine] == [("critical", offered, first.fingerprint)]
    told = len(senses.assigned)
    await hub.custody.set_secret(name, sshd.user_key)
    await until(lambda: len(senses.assigned) > told)
    assert not [alert for alert in senses.assigned[-1].open_alerts if alert.rule == "host-key-changed"]  # senses would clear it
    with pytest.raises(ForbiddenError):
        await hub.custody.accept_host_key(here)
    with pytest.raises(ConflictError, match="another key"):
        await officer.custody.accept_host_key(here.replace(fingerprint=first.fingerprint))
    accepted = await officer.custody.accept_host_key(here)
    assert (accepted.state, accepted.fingerprint) == ("pinned", offered)
    assert not [row for row in (await hub.alerts()).rows if row.rule == "host-key-changed" and str(sshd.port) in row.instance]
    assert (await hub.custody.test(name, wish)).answer == "ok"
    await officer.custody.remove_host_key(here)
    with pytest.raises(NotFoundError):
        await officer.custody.remove_host_key(here)


async def test_no_process_of_ours_leaves_a_core(node: Any) -> None:
    folder = Path(node.settings.general.run_dir)
    pids = [row.pid for row in read_status(folder)] + [owner(node.settings)]
    assert len(pids) == 3
    for pid in pids:
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()  # noqa: ASYNC240 -- of the kernel
        assert next(line.split()[4:6] for line in limits if line.startswith("Max core file size")) == ["0", "0"]
    script = "import ctypes; from agents import dumps; dumps.forbid(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "0\n"  # noqa: ASYNC221


async def test_a_login_by_ssh_is_nothing_to_poll_with(hub: Client) -> None:
    name = unique("ssh-")
    await hub.custody.add(NewCredential(name=name, kind="ssh", username="ops", secret="s3cret"))
    await hub.import_file("sites.csv", SITES)
    report = await hub.import_file("devices.csv", f"name,address,site,role,credential\nX,10.9.9.9,LD-1,access,{name}\n".encode())
    assert report.problems_total == 1
    for locator, good in ((f"secret:{name}", True), ("vault:net/x#y", True), ("vault:net/x", False), ("s3cret", False)):
        sheet = f"name,kind,locator,username\n{unique('n-')},ssh,{locator},ops\n"
        report = await hub.import_file("credentials.csv", sheet.encode(), dry_run=True)
        assert (report.problems_total == 0) is good
        assert "s3cret" not in str(report.problems)
