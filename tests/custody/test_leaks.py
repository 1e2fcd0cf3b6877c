"""One city with a secret of its own in every place that takes one: used, mistyped, exported, backed up, crashed. Then all is searched.

Searched are all files of the node (compressed ones opened), its logs, every answer of the API that is not made to show a secret once, and
what other accounts could see of its processes. In each of them: the secret as it is, in hexadecimal, in base64, as part of an address.
"""

import asyncio
import base64
import contextlib
import io
import json
import os
import secrets
import signal
import socket
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import paramiko
import pyotp
import pytest
import zstandard

from agents.supervisor import read_status
from client import Client
from core.custody import NewCredential, NewCredentialSet, TryWish
from core.errors import YunwangError
from core.identity import Founding, NewAccount, NewToken, Officer
from core.sections import Ears
from core.sections import Secrets as SecretSettings
from core.settings import Settings

DEADLINE_S = 120.0
DEVICES = (("A", "ro", "2c", 0), ("B", "v3", "3", 1), ("C", "vault", "2c", 1), ("D", "", "2c", 0))
"""Name, credential, SNMP version, which agent."""
ONCE = ("/api/v1/login", "/api/v1/setup", "/api/v1/found", "/api/v1/tokens", "/api/v1/oneself", "/api/v1/users", "/api/v1/accounts")
"""Addresses whose answers show a secret once, to whom it belongs."""


def word() -> str:
    """A secret that is nowhere else in the world; with signs that addresses and JSON write differently."""
    return f"s3c/{secrets.token_hex(8)}+ä"


def plain() -> str:
    """The same for what takes no such signs."""
    return f"s3c{secrets.token_hex(8)}"


def forms(secret: str) -> Iterator[bytes]:
    """How it may be written."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield urllib.parse.quote(secret).encode()
    yield urllib.parse.quote_plus(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    for shift in range(3):  # as a part of something longer, base64 writes it in one of three ways
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[(0, 2, 3)[shift] : len(whole) - 4]


class Search:
    """Looks for all secrets in whatever it is given."""

    def __init__(self, known: dict[str, str]) -> None:
        self._forms = [(name, form) for name, secret in known.items() for form in set(forms(secret)) if len(form) > 8]

    def __call__(self, where: str, content: bytes) -> list[str]:
        return [f"{name} in {where}" for name, form in self._forms if form in content]

    def files(self, folder: Path, leaving: tuple[str, ...] = ()) -> list[str]:
        found: list[str] = []
        for path in sorted(folder.rglob("*")):
            found += self(f"the name {path}", str(path).encode())
            if path.is_file() and not path.is_symlink() and path.name not in leaving:
                found += self(str(path), _opened(path.read_bytes()))
        return found


def _opened(content: bytes) -> bytes:
    """With what a zstd frame in it holds."""
    if not content.startswith(b"\x28\xb5\x2f\xfd"):
        return content
    with contextlib.suppress(zstandard.ZstdError):
        return content + zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content), read_across_frames=True).read(64 << 20)
    return content


@pytest.mark.parametrize("write", [
    lambda s: s.encode(), lambda s: s.encode().hex().encode(), lambda s: b"x" + base64.b64encode(b"ab" + s.encode() + b"c"),
    lambda s: urllib.parse.quote(s).encode(), lambda s: json.dumps({"a": [s]}).encode(),
    lambda s: zstandard.ZstdCompressor().compress(b"a" * 999 + s.encode()),
])
def test_the_search_finds_what_is_there(tmp_path: Path, write: Callable[[str], bytes]) -> None:
    known = {"it": word()}
    assert Search(known).files(tmp_path) == []
    (tmp_path / "log").write_bytes(write(known["it"]))
    assert Search(known).files(tmp_path)
    assert not Search({"it": word()}).files(tmp_path)


class _Passwords(paramiko.ServerInterface):
    good = ("", "")

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == self.good else paramiko.AUTH_FAILED


class City:
    """The node with its secrets, and everything that its API ever answered."""

    def __init__(self, node: Any, known: dict[str, str]) -> None:
        self.node, self.known, self.answers = node, known, [("nothing", b"")]

    def client(self, persona: str = "") -> Client:
        client: Client = self.node.client(persona)

        async def listen(answer: httpx.Response) -> None:
            if not answer.request.url.path.startswith(ONCE):
                self.answers.append((str(answer.request.url), await answer.aread() + str(answer.headers).encode()))

        client._wire._http.event_hooks = {"response": [listen]}
        return client

    async def until(self, true: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not await true():
            assert time.monotonic() < deadline, f"{what} never came true"
            await asyncio.sleep(0.1)


def _port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.real
async def test_no_secret_is_found_anywhere(
    new_node: Callable[..., Any], host: Callable[..., Any], vault: Callable[..., Any], make_snmpd: Callable[..., Any], tmp_path: Path,
    make_user_key: Callable[..., str],
) -> None:
    known = {name: plain() for name in ("community", "vault community", "auth", "priv", "vault token", "trap", "user password")}
    known |= {name: word() for name in ("ssh password", "wrong community", "wrong password", "mistyped", "in a body")}
    key = make_user_key(tmp_path / "key")
    known["private key"] = key.splitlines()[3]
    (tmp_path / "token").write_text(known["vault token"])
    (tmp_path / "token").chmod(0o600)
    keys = known["auth"], known["priv"]
    agents = [make_snmpd(known[name], "yun", keys, f"sysdescr a box with {known[name]}\n") for name in ("community", "vault community")]
    vault_url = vault({"net": {"community": known["vault community"]}}, known["vault token"])
    trap_port = _port()
    node = new_node(
        ("hub", "workers", "ears", "senses"), ears=Ears(trap_port=trap_port),
        secrets=SecretSettings(vault_url=vault_url, vault_token=f"file:{tmp_path / 'token'}", vault_mount="kv"),
    ).start()
    city = City(node, known)
    await _declare(city, [agent.port for agent in agents], key)
    await _trap(trap_port, known["trap"])
    await _use(city, host)
    await _people(city)
    await _mistakes(city)
    await _carry_out(city)
    seen = _processes(node.settings)
    await _crash(city)
    seen += _processes(node.settings)
    node.stop()

    search = Search(known)
    found = search.files(node.folder, leaving=("secret.key",))
    for where, content in (*city.answers, *seen):
        found += search(where, content)
    assert not found, "\n".join(sorted(set(found)))
    assert len(city.answers) > 20
    assert len(seen) >= 10
    assert not list(Path.cwd().glob("core*.[0-9]*"))


async def _declare(city: City, ports: list[int], key: str) -> None:
    known = city.known
    async with city.client("system-administrator") as hub:
        add = hub.custody.add
        await add(NewCredential(name="ro", kind="snmp-community", secret=known["wrong community"]))
        await hub.custody.set_secret("ro", known["community"])
        v3 = f"{known['auth']}\n{known['priv']}"
        await add(NewCredential(name="v3", kind="snmp-v3", username="yun", auth="SHA256", priv="AES128", secret=v3))
        await add(NewCredential(name="vault", kind="snmp-community", locator="vault:net#community"))
        await add(NewCredential(name="ssh", kind="ssh", username="ops", secret=known["ssh password"]))
        await add(NewCredential(name="key", kind="ssh", username="ops", secret=key))
        await hub.import_file("sites.csv", b"name,level,county\nLD-1,county,Liandu\n")
        rows = "name,address,site,role,credential,snmp version,snmp port,interval s\n" + "".join(
            f"{name},127.0.0.{number},LD-1,access,{credential},{version},{ports[which]},2\n"
            for number, (name, credential, version, which) in enumerate(DEVICES, 1)
        )
        report = await hub.import_file("devices.csv", rows.encode())
        assert not report.problems, report.problems
        await add(NewCredential(name="guess", kind="snmp-community", secret=known["wrong password"]))
        await hub.custody.put_set(NewCredentialSet(name="s", prefixes=("127.0.0.0/8",), credentials=("guess", "ro", "ssh")))

        async def all_up() -> bool:
            return all([(await hub.device(name)).row.status == "up" for name in "ABCD"])

        await city.until(all_up, "all devices are up")

        async def told() -> bool:
            return any(fact.field == "sysDescr" for fact in await hub.facts("A"))

        await city.until(told, "the description is known")
        assert next(fact.value for fact in await hub.facts("A") if fact.field == "sysDescr") == "a box with ***"


async def _trap(port: int, community: str) -> None:
    body = community.encode()
    inner = b"\x02\x01\x01\x04" + bytes([len(body)]) + body + bytes.fromhex("a7150204000000010201000201003007300506032b06010500")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"\x30" + bytes([len(inner)]) + inner, ("127.0.0.1", port))


async def _use(city: City, host: Callable[..., Any]) -> None:
    key = paramiko.RSAKey.generate(2048)
    rules = type("Rules", (_Passwords,), {"good": ("ops", city.known["ssh password"])})

    def serve(connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        transport.start_server(server=rules())

    port = host(serve).port
    async with city.client("system-administrator") as hub:
        assert (await hub.custody.test("ssh", TryWish(host="A", port=port))).answer == "ok"
        assert (await hub.custody.test("key", TryWish(host="A", port=port))).answer == "refused"
        assert (await hub.custody.test("ro", TryWish(host="A"))).about == "a box with ***"
        assert (await hub.custody.test("guess", TryWish(host="A"))).answer == "no-answer"
        assert (await hub.custody.test("vault", TryWish(host="C"))).answer == "ok"
    async with city.client("security-officer") as officer:
        assert (await officer.custody.rotate()).unreadable == ()


async def _people(city: City) -> None:
    known = city.known
    names: tuple[tuple[str, Any], ...] = (("sys", "system-administrator"), ("sec", "security-officer"), ("aud", "auditor"))
    async with city.client() as trial:
        founding = Founding(unit="Bureau", officers=tuple(Officer(role=role, name=name) for name, role in names))
        made = {one.name: one.secret for one in await trial.accounts.found(founding)}
    known |= {f"one-time secret of {name}": secret for name, secret in made.items()}
    for name in ("sys", "aud"):
        async with city.client() as person:
            answer = await person.accounts.login(name, made[name])
            known[f"session of {name}"] = answer.token
            new = f"Hunt3r-{plain()}"
            known[f"password of {name}"] = new
            await person.accounts.change_secret(made[name], new)
            with contextlib.suppress(YunwangError):
                await person.accounts.login(name, known["wrong password"])
            answer = await person.accounts.login(name, new)
            known[f"later session of {name}"] = answer.token
            enrolment = await person.accounts.enrol()
            known[f"generator of {name}"] = enrolment.secret
            await person.accounts.confirm(pyotp.TOTP(enrolment.secret).now())
            with contextlib.suppress(YunwangError):
                known[f"token of {name}"] = (await person.accounts.add_token(NewToken(name="t"))).token
            if name == "sys":
                known["one-time secret of a user"] = (await person.accounts.add(NewAccount(name="ops"))).secret
    assert sum(name.startswith("generator") for name in known) == 2


async def _mistakes(city: City) -> None:
    mistyped = city.known["mistyped"]
    in_body = json.dumps(city.known["in a body"])
    async with city.client() as hub:
        hub.identify(city.known["later session of sys"])
        for body in (
            f'{{"name": "x", "kind": {in_body}, "secret": 5}}', f'{{"name": "x", "kind": "ssh", "secret": [{in_body}]}}',
            f'{{"secret": {in_body}', f'{{"unknown": {in_body}}}', in_body,
            f'{{"name": "x", "kind": "snmp-community", "locator": {in_body}}}',
            f'{{"name": "x", "kind": "snmp-v3", "username": "u", "auth": "SHA256", "priv": "AES128", "secret": {in_body}}}',
        ):
            with pytest.raises(YunwangError):
                await hub._wire.raw("POST", "/api/v1/credentials", content=body.encode(), headers={"content-type": "application/json"})
        sheet = f"name,kind,locator\nx,snmp-community,{mistyped}\n"
        assert (await hub.import_file("credentials.csv", sheet.encode())).problems_total == 1
        raw = mistyped.encode()
        for headers in ({"authorization": b"Bearer " + raw}, {"cookie": raw}, {"x-vault-token": raw}):
            with contextlib.suppress(YunwangError):
                await hub._wire.raw("GET", "/api/v1/overview", headers=headers)  # type: ignore[arg-type]


async def _carry_out(city: City) -> None:
    """Whatever is written for somebody else."""
    async with city.client() as hub:
        hub.identify(city.known["later session of sys"])
        for path in ("/api/v1/export/all?format=json", "/api/v1/export/credential?format=csv", "/api/v1/export/all?format=xlsx",
                     "/api/v1/records/credential", "/api/v1/records/credential_set", "/api/v1/records/host_key",
                     "/api/v1/schema/openapi.json", "/api/v1/devices/A/facts", "/api/v1/devices/A/interfaces", "/metrics"):
            with contextlib.suppress(YunwangError):
                await hub._wire.raw("GET", path)
        await hub.custody.credentials()
        await hub.custody.host_keys()
        await hub.node.export()
        job = await hub.node.backup()

        async def backed_up() -> bool:
            return bool(await hub.node.backups())

        await city.until(backed_up, f"the backup {job.id} is there")
    async with city.client() as auditor:
        auditor.identify(city.known["later session of aud"])
        await auditor.audit.search()
        city.answers.append(("the exported audit trail", await auditor.audit.export()))


def _processes(settings: Settings) -> list[tuple[str, bytes]]:
    """What every process of the machine shows of its arguments, and those of the node of their environment."""
    ours = {row.pid for row in read_status(Path(settings.general.run_dir))}
    seen = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            seen.append((f"{folder}/cmdline", (folder / "cmdline").read_bytes()))
            if int(folder.name) in ours:
                seen.append((f"{folder}/environ", (folder / "environ").read_bytes()))
    return seen


async def _crash(city: City) -> None:
    """Each child dies with a traceback of all its threads in its log, and comes back."""
    folder = Path(city.node.settings.general.run_dir)
    for kind in ("senses", "hub"):
        pid = next(row.pid for row in read_status(folder) if row.kind == kind)
        os.kill(pid, signal.SIGABRT)
        log = city.node.data / "log" / f"{kind}.log"

        async def again(kind: str = kind, pid: int = pid, log: Path = log) -> bool:
            back = any(row.kind == kind and row.pid not in (0, pid) for row in read_status(folder))
            return back and b"Fatal Python error: Aborted" in await asyncio.to_thread(log.read_bytes)

        await city.until(again, f"{kind} is back")

    async def answers() -> bool:
        with contextlib.suppress(YunwangError):
            async with city.client() as hub:
                hub.identify(city.known["later session of sys"])
                return bool(await hub.custody.credentials())
        return False

    await city.until(answers, "the hub answers again")
