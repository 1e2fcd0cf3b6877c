"""v3 authPriv over sessions to real snmpd: the engine's CPU beside that of bare gufo-snmp for the same variables."""

import asyncio
import os
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path

from _work import UPTIME
from gufo.snmp.aio import SnmpSession

from core.polling import PollPlan, PollStatus, SnmpSecret, TablePlan, Target
from core.sections import Polling
from links.snmp.engine import Engine
from links.snmp.session3 import dotted
from links.snmp.users import user_of

NAME = "secure"
_SECRET = SnmpSecret(username="bench", auth="SHA256", auth_key="authpass12345", priv="AES128", priv_key="privpass12345")
_IF, _IFX = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_COLUMNS = tuple((*_IF, c) for c in (7, 8, 10, 13, 14, 16, 19, 20)) + tuple((*_IFX, c) for c in (6, 10, 7, 11))
_PLAN = PollPlan(scalars=(UPTIME,), tables=(TablePlan(columns=_COLUMNS, indexes=((1,), (2,), (3,), (4,))),))
_PORT = 26161


def run(quick: bool) -> list[tuple[str, str]]:
    """Sweeps in turn, medians of five; sessions are set up before."""
    if shutil.which("snmpd", path="/usr/sbin:/usr/bin:/sbin") is None:
        return [("v3", "snmpd is not installed")]
    count = 50 if quick else 500
    with tempfile.TemporaryDirectory(prefix="yunwang-bench-") as folder:
        servers = [_start(Path(folder) / str(n), _address(n)) for n in range(count)]
        try:
            return _compare(count)
        finally:
            for server in servers:
                server.send_signal(signal.SIGKILL)
            for server in servers:
                server.wait()


def _compare(count: int) -> list[tuple[str, str]]:
    engine = Engine(Polling())
    targets = [Target(device_id=f"v3-{n}", address=_address(n), port=_PORT, version="3", secret=_SECRET) for n in range(count)]
    engine.assign([(target, _PLAN) for target in targets])
    for _ in range(100):
        engine.sweep()
        if (engine.readings.status != PollStatus.NO_ANSWER).all():
            break
    good = int((engine.readings.status == PollStatus.COMPLETE).sum())
    ours, bare = [], []
    loop = asyncio.new_event_loop()
    sessions = [SnmpSession(t.address, t.port, user=user_of(_SECRET), timeout=5.0) for t in targets]
    names = [dotted(oid) for oid in _PLAN.oids()]
    loop.run_until_complete(_open(sessions))
    for _ in range(5):
        before, start = engine.counters().variables, _cpu()
        engine.sweep()
        ours.append((_cpu() - start) / max(1, engine.counters().variables - before) * 1e6)
        start = _cpu()
        got = loop.run_until_complete(_ask(sessions, names))
        bare.append((_cpu() - start) / got * 1e6)
    loop.close()
    seen = engine.counters()
    engine.close()
    mine, theirs = statistics.median(ours), statistics.median(bare)
    return [
        ("v3 SHA-256/AES-128", f"{count} sessions to real snmpd, {good} of them complete, {_PLAN.size} variables each"),
        ("bare gufo-snmp get_many", f"{theirs:.3f} CPU s/M variables"),
        ("engine", f"{mine:.3f} = {mine / theirs:.2f} x bare gufo-snmp (at most 1.9)"),
        ("reports, time-outs", f"{seen.usm_reports}, {seen.timeouts}"),
    ]


async def _open(sessions: list[SnmpSession]) -> None:
    for session in sessions:
        await session.refresh()


async def _ask(sessions: list[SnmpSession], names: list[str]) -> int:
    queue, total = iter(sessions), 0

    async def worker() -> None:
        nonlocal total
        for session in queue:
            got = len(await session.get_many(names))
            total += got

    await asyncio.gather(*(worker() for _ in range(64)))
    return total


def _address(number: int) -> str:
    return f"127.77.{number // 250}.{number % 250 + 1}"


def _start(folder: Path, address: str) -> "subprocess.Popen[bytes]":
    folder.mkdir()
    (folder / "snmpd.conf").write_text(
        f"agentaddress udp:{address}:{_PORT}\ncreateUser bench SHA-256 authpass12345 AES-128 privpass12345\nrouser bench priv\n"
    )
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    environ = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(folder / "state"), "PATH": path}
    command = ["snmpd", "-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf"), "-p", str(folder / "pid")]
    return subprocess.Popen(command, env=environ)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


