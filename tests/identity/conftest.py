"""Real hubs with people: seeded with one person for each role, whose sessions the tests know, or empty and in trial."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple, Self

import pytest
from argon2 import PasswordHasher

from agents import launch
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from client import Client, connect
from core import i18n
from core.errors import YunwangError
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Caller, Grant, LoginAnswer, LoginRequest, Role, Scope, Session
from core.nouns import new_id
from core.objects import Device, Site, Unit
from core.permissions import ROLES
from core.sections import Accounts, General
from core.settings import Settings
from stores.records import open_records

HOUR_MS = 3_600_000
SEEDER = Actor(name="seed", origin="test")
PLACES = Scope(units=("Bureau",), sites=("QT-1",))
"""What the scoped people are good for: not for LD-1, nor for the Office."""


class Person(NamedTuple):
    """A seeded account: its session's bearer, and what it holds."""

    name: str
    id: str
    bearer: str
    role: Role | None
    scope: Scope


def _people() -> list[Person]:
    everywhere = [(role, role, EVERYWHERE) for role in ROLES]
    placed = [(f"{role}-there", role, PLACES) for role in ROLES if role not in ("system-administrator", "security-officer", "auditor")]
    second = [("security-two", "security-officer", EVERYWHERE), ("plain", None, EVERYWHERE)]
    return [Person(name, new_id(0), f"yws_test-{name}", role, scope) for name, role, scope in (*everywhere, *placed, *second)]  # type: ignore[arg-type]


class Node(NamedTuple):
    """A running hub and the people in it."""

    settings: Settings
    people: dict[str, Person]

    def client(self, name: str = "") -> Client:
        """A client of this person; of nobody without a name."""
        client = connect(self.settings)
        client.identify(self.people[name].bearer if name else "")
        return client


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., Settings]:
    def make(path: Path, **rules: object) -> Settings:
        general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
        return settled(Settings(general=general, accounts=Accounts(**rules)))

    return make


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """A hub without pollers."""
    launch.start(settings, kinds=("hub",), die_with_us=True)
    try:
        yield settings
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def seed(settings: Settings, people: list[Person]) -> None:
    """Puts people, and two places to be at, into the records before a hub starts."""
    prepare(settings)
    now = time.time_ns() // 1_000_000
    store = open_records(Path(settings.general.data_dir) / "records.db")
    with store.write(SEEDER, now) as write:
        for name, parent in (("Office", ""), ("Bureau", ""), ("Bureau/Division", "Bureau")):
            write.put("seed", Unit(id=new_id(now), name=name, level="city", parent=parent))
        for name in ("LD-1", "QT-1"):
            write.put("seed", Site(id=new_id(now), name=name, level="county"))
        for name, site, unit in (("LD-ACC", "LD-1", "Office"), ("QT-ACC", "QT-1", "Office"), ("LD-DIV", "LD-1", "Bureau/Division")):
            write.put("seed", Device(id=new_id(now), name=name, address="127.0.0.9", site=site, role="access", unit=unit, polled=False))
        for person in people:
            write.put("seed", Account(id=person.id, name=person.name, unit="Bureau", created_at=now))
            write.put("seed", AccountSecret(id=person.id, secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=person.id, secret_digest=digest(person.bearer), created_at=now, expires_at=now + 10 * HOUR_MS,
            ))
            if person.role:
                write.put("seed", Grant(id=new_id(now), account=person.id, role=person.role, scope=person.scope))
    store.close()


@pytest.fixture(scope="module")
def node(settings_of: Callable[..., Settings]) -> Iterator[Node]:
    """A hub in use: somebody in every role, some for some places only, one without a role; nobody needs a second factor."""
    people = _people()
    with folder() as path:
        settings = settings_of(path, second_factor="nobody")
        seed(settings, people)
        with running(settings):
            yield Node(settings, {person.name: person for person in people})


@pytest.fixture
def trial(settings_of: Callable[..., Settings]) -> Iterator[Settings]:
    """A hub on its first day."""
    with folder() as path, running(settings_of(path)) as settings:
        yield settings


@pytest.fixture(scope="module", autouse=True)
def _english(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """These tests read English and keep their sessions to themselves."""
    before, home = i18n.language(), os.environ.get("XDG_CONFIG_HOME")
    i18n.use("en")
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))
    yield
    i18n.use(before)
    if home is None:
        del os.environ["XDG_CONFIG_HOME"]
    else:
        os.environ["XDG_CONFIG_HOME"] = home


class Inside:
    """The hub's identity without its processes: the real part on records in memory, at a time that the test says."""

    def __init__(self, settings: Settings) -> None:
        from agents.hub.hub import Hub
        from stores.memory_records import MemoryRecords
        from stores.secrets import Keyring

        self.store = MemoryRecords()
        self.hub = Hub(settings, self.store, Path(settings.general.data_dir) / "none.db", None)  # type: ignore[arg-type]
        self.hub.custody.keyring = Keyring.open(settings)
        self.part = self.hub.identity
        self.part.hashing._made = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # the real cost is paid in test_flows
        self.now = 1_800_000_000_000

    async def __aenter__(self) -> Self:
        self.hub.spawn(self.hub.commits.run())
        await self.begin()
        return self

    async def begin(self) -> None:
        """What the start of a hub does, at this test's time."""
        self.part.people.load(self.store, self.now)
        self.part.who.seen.clear()
        self.part.who.start(self.now)

    async def __aexit__(self, *_: object) -> None:
        await self.part.close()
        for task in list(self.hub._tasks):
            task.cancel()
        self.hub.commits.close()

    async def add(self, name: str, secret: str = "", *roles: Role, **more: object) -> Account:
        """An account whose secret is its own choice."""
        account = Account(id=new_id(self.now), name=name, created_at=self.now, **more)  # type: ignore[arg-type]
        hashed = await self.part.hashing.make(secret) if secret else ""
        with self.store.write(SEEDER, self.now) as write:
            write.put("seed", account)
            write.put("seed", AccountSecret(id=account.id, secret_hash=hashed, secret_at=self.now))
            for role in roles:
                write.put("seed", Grant(id=new_id(self.now), account=account.id, role=role))
        await self.begin()
        return account

    async def login(self, name: str, secret: str, code: str = "", peer: Actor | None = None) -> LoginAnswer:
        return await self.part.login.login(peer or PEER, LoginRequest(name=name, secret=secret, code=code), self.now)

    def who(self, bearer: str = "", persona: str = "", peer: Actor | None = None, certificate: str = "") -> Caller:
        return self.part.who.resolve(peer or PEER, f"Bearer {bearer}" if bearer else "", persona, certificate, self.now)

    def later(self, **more: float) -> None:
        self.now += round(timedelta(**more).total_seconds() * 1000)

    def actions(self) -> list[str]:
        return [row.action for row in self.store.journal(limit=10_000)]


PEER = Actor(name="nobody", uid=-1, origin="tcp:192.0.2.7")


@pytest.fixture
def inside_with(settings_of: Callable[..., Settings], tmp_path: Path) -> Callable[..., Inside]:
    """`async with inside_with(age_days=0) as inside:` with these rules."""

    def make(**rules: object) -> Inside:
        settings = settings_of(tmp_path, **rules)
        prepare(settings)
        return Inside(settings)

    return make


@pytest.fixture
async def inside(inside_with: Callable[..., Inside]) -> AsyncIterator[Inside]:
    async with inside_with() as found:
        yield found


@pytest.fixture(scope="session")
def hub_of() -> Callable[..., object]:
    """`with hub_of(settings):` a hub runs."""
    return running


@pytest.fixture(scope="session")
def seeded() -> Callable[[Settings], dict[str, Person]]:
    """`seeded(settings)`: people in the records of a hub that has not started yet."""

    def make(settings: Settings) -> dict[str, Person]:
        people = _people()
        seed(settings, people)
        return {person.name: person for person in people}

    return make


class Issued(NamedTuple):
    """An authority of a test's own, and one certificate by it, for 127.0.0.1 or for a person."""

    authority: bytes
    certificate: bytes
    key: bytes

    def put(self, folder: Path) -> None:
        """`authority.pem`, `server.pem` and `server.key`."""
        (folder / "authority.pem").write_bytes(self.authority)
        (folder / "server.pem").write_bytes(self.certificate)
        (folder / "server.key").touch(mode=0o600)
        (folder / "server.key").write_bytes(self.key)


@pytest.fixture(scope="session")
def authority() -> Callable[..., Issued]:
    """`authority("server")`: a new authority with a certificate of this name; `by` another one that was issued with its `signer`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    signer = {}

    def certificate(name: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey) -> bytes:
        now = datetime.now(UTC)
        subject, issued = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, issuer))
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issued).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        builder = builder.not_valid_after(now + timedelta(days=2))
        builder = builder.add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        address = x509.IPAddress(ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        return builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def make(name: str, by: str = "") -> Issued:
        issuer = by or f"Authority of {name}"
        ours = signer.setdefault(issuer, ec.generate_private_key(ec.SECP256R1()))
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return Issued(certificate(issuer, ours, issuer, ours), certificate(name, key, issuer, ours), pem)

    return make
