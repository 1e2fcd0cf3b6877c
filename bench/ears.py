"""What ears cost: traps and syslog over real sockets, received, stored, made events; others beside them: `python bench/ears.py [--quick]`.

A sender of another process sends at a fixed rate; the receiver is a process of its own, and its processor time is what counts. Between
sender and receiver lies loopback. snmptrapd prints to a file, pysnmp calls a function that counts: neither stores anything for good.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from links import traps  # noqa: E402
from links.snmp import ber  # noqa: E402

NAME = "ears"
RATE = 20_000
SOURCES = 200
PORTS = 48
FLOOD, FLOOD_RATE, OTHERS = "127.0.3.1", 50_000, 20
COMMUNITY = b"public"


def trap(number: int, ports: int = PORTS) -> bytes:
    """linkDown as a switch sends it: six variables."""
    index = number % ports + 1
    table = (1, 3, 6, 1, 2, 1, 2, 2, 1)

    def bound(oid: tuple[int, ...], value: bytes) -> bytes:
        return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)

    body = b"".join((
        bound(traps.UPTIME, ber.integer(100_000_000 + number, 0x43)), bound(traps.TRAP_OID, ber.tlv(6, ber.oid_body((*traps.GENERIC, 3)))),
        bound((*table, 1, index), ber.integer(index)), bound((*table, 7, index), ber.integer(1)),
        bound((*table, 8, index), ber.integer(2)), bound((*table, 2, index), ber.tlv(4, b"GigabitEthernet0/0/%d" % index)),
    ))
    return ber.message(ber.V2C, COMMUNITY, ber.pdu(traps.TRAP_V2, 10_000_000 + number, 0, 0, ber.tlv(0x30, body)))


def line(number: int) -> bytes:
    """VRP and Cisco in turn."""
    stamp, port = f"2026-11-23 20:10:{number // 1000 % 60:02}", number % PORTS
    if number % 2:
        text = f"%LINK-3-UPDOWN: Interface GigabitEthernet0/{port}, changed state to down"
        return f"<190>{number}: SW{number % 100}: *Nov 23 20:10:19.123: {text}".encode()
    text = f"%%01IFNET/4/IF_STATE(l)[{number}]:Interface GigabitEthernet0/0/{port} has turned into DOWN state."
    return f"<189>{stamp} LD-ACC-{number % 100} {text}".encode()


def new_line(number: int, count: int) -> bytes:
    """The same with a time of its own, of milliseconds, and a port of its own."""
    second, ms, port = number // 1000, number % 1000, number * 7919 % count
    stamp = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
    if number % 2:
        text = f"%LINK-3-UPDOWN: Interface GigabitEthernet{port // 48}/{port % 48}, changed state to down"
        return f"<190>{number}: SW{number % 100}: *Nov 23 {stamp}.{ms:03}: {text}".encode()
    text = f"%%01IFNET/4/IF_STATE(l)[{number}]:Interface GigabitEthernet{port // 48}/0/{port % 48} has turned into DOWN state."
    return f"<189>2026-11-23 {stamp}.{ms:03} LD-ACC-{number % 100} {text}".encode()


def send(kind: str, port: int, count: int, rate: int) -> None:
    """At a fixed rate, from several addresses of loopback; in bursts of a millisecond or so, as devices do."""
    if kind == "new-trap":
        data = [trap(number, count) for number in range(count)]
    elif kind == "new-syslog":
        data = [new_line(number, count) for number in range(count)]
    else:
        data = [trap(number) if kind == "trap" else line(number) for number in range(4800)]
    senders = []
    for number in range(SOURCES):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((f"127.0.{1 + number // 250}.{1 + number % 250}", 0))
        one.connect(("127.0.0.1", port))
        senders.append(one)
    begun = time.perf_counter()
    for start in range(0, count, 50):
        for number in range(start, min(start + 50, count)):
            senders[number % SOURCES].send(data[number % len(data)])
        ahead = start / rate - (time.perf_counter() - begun)
        if ahead > 0:
            time.sleep(ahead)
    print(json.dumps({"sent_s": time.perf_counter() - begun}))


def flood(port: int, seconds: int, rate: int) -> None:
    """One source sends `rate` traps a second, no two of them alike, while OTHERS sources send ten a second together."""
    data = [trap(number, 4800) for number in range(4800)]
    senders = []
    for number in range(OTHERS + 1):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((f"127.0.3.{1 + number}", 0))
        one.connect(("127.0.0.1", port))
        senders.append(one)
    begun, sent, others = time.perf_counter(), 0, 0
    while (spent := time.perf_counter() - begun) < seconds:
        while sent < spent * rate:
            senders[0].send(data[sent % len(data)])
            sent += 1
        while others < spent * 10:
            senders[1 + others % OTHERS].send(data[others // OTHERS])
            others += 1
        time.sleep(0.0005)
    print(json.dumps({"sent_s": time.perf_counter() - begun, "flood": sent, "others": others}))


async def ours(kind: str, folder: str, count: int) -> dict[str, float]:
    """The ears as the product runs them: received, stored with fdatasync, normalised, folded."""
    from agents.ears import SWITCH_S, Ears
    from agents.ears_inbox import store_lines
    from core.sections import Ears as Wish
    from core.sections import General
    from core.settings import Settings

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    wish = Wish(syslog_port=port) if kind.endswith("syslog") else Wish(trap_port=port)
    sys.setswitchinterval(SWITCH_S)
    ears = Ears(Settings(general=General(data_dir=folder), ears=wish))
    await ears.listen()
    storing = asyncio.create_task(store_lines(ears.inbox, ears.store, ears.reading.offer))
    print(json.dumps({"port": port}), flush=True)
    while ears.inbox.received == 0:  # noqa: ASYNC110 -- nobody tells
        await asyncio.sleep(0.01)
    spent, last, since = time.process_time(), 0, time.monotonic()
    seen: list[Any] = []
    while ears.reading.events + ears.reading.unread < count and time.monotonic() - since < 30:
        await asyncio.sleep(0.2)
        seen += await asyncio.to_thread(ears.reading.take, time.time_ns() // 1_000_000)
        if ears.reading.events != last:
            last, since = ears.reading.events, time.monotonic()
    busy = time.process_time() - spent
    found = ears.counted()
    told = await asyncio.to_thread(ears.reading.take, time.time_ns() // 1_000_000 + 10**6) if kind == "flood" else []
    storing.cancel()
    await ears.deafen()
    ears.close()
    counts = {"received": found.received, "stored": found.stored, "read": found.events, "dropped": found.dropped}
    if kind == "flood":
        counts |= _by_source(Path(folder) / "logs", seen + told)
    return {"cpu": busy, **counts}


def _by_source(folder: Path, told: list[Any]) -> dict[str, int]:
    """What is kept of the others, and what the events of the flood count."""
    from core.ports import LogQuery
    from core.sections import Logs
    from stores.logs import open_logs

    store = open_logs(folder, Logs(), readonly=True)
    wish = LogQuery(start_ms=0, end_ms=2**50, limit=100_000)
    kept = sum(len(list(store.search(wish.replace(sources=(f"127.0.3.{2 + number}",))))) for number in range(OTHERS))
    newest = {event.id: event for event in told}.values()
    counted = sum(event.count for event in newest if event.source == FLOOD)
    return {"others_kept": kept, "flood_counted": counted, "others_events": sum(e.count for e in newest if e.source != FLOOD)}


async def pysnmp(count: int) -> dict[str, float]:
    """pysnmp's notification receiver with a callback that counts."""
    from pysnmp.carrier.asyncio.dgram import udp
    from pysnmp.entity import config, engine
    from pysnmp.entity.rfc3413 import ntfrcv

    seen = [0]
    snmp = engine.SnmpEngine()
    transport = udp.UdpTransport().open_server_mode(("127.0.0.1", 0))
    config.add_transport(snmp, (*udp.DOMAIN_NAME, 1), transport)
    config.add_v1_system(snmp, "area", COMMUNITY.decode())

    def note(*_: object) -> None:
        seen[0] += 1

    ntfrcv.NotificationReceiver(snmp, note)
    await asyncio.sleep(0.3)
    print(json.dumps({"port": transport.transport.get_extra_info("sockname")[1]}), flush=True)
    while not seen[0]:  # noqa: ASYNC110 -- nobody tells
        await asyncio.sleep(0.01)
    spent, last, since = time.process_time(), 0, time.monotonic()
    while seen[0] < count and time.monotonic() - since < 3:
        await asyncio.sleep(0.2)
        if seen[0] != last:
            last, since = seen[0], time.monotonic()
    return {"cpu": time.process_time() - spent, "received": seen[0]}


def run_child(what: str, kind: str, count: int, rate: int) -> dict[str, float]:
    """One receiver and one sender, each in a process of its own."""
    folder = tempfile.mkdtemp(prefix="yunwang-bench-")
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    receiver = subprocess.Popen(
        [sys.executable, str(HERE / "ears.py"), f"--{what}", kind, folder, str(count)], stdout=subprocess.PIPE, text=True, env=environ,
    )
    try:
        assert receiver.stdout is not None
        port = json.loads(receiver.stdout.readline())["port"]
        sent = _send(kind, port, count, rate, environ)
        return {**json.loads(receiver.communicate(timeout=180)[0].strip().splitlines()[-1]), **sent}
    finally:
        if receiver.poll() is None:
            receiver.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _send(kind: str, port: int, count: int, rate: int, environ: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, str(HERE / "ears.py"), "--send", kind, str(port), str(count), str(rate)], capture_output=True, text=True,
        env=environ, check=True, timeout=300,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def snmptrapd(count: int, rate: int) -> dict[str, float] | None:
    """net-snmp's, printing one line a trap to a file; None where it is not installed."""
    program = shutil.which("snmptrapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="yunwang-bench-"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "snmptrapd.conf"
    config.write_text(f"authCommunity log {COMMUNITY.decode()}\n")
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent), "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    out = folder / "out"
    receiver = subprocess.Popen(
        [program, "-f", "-n", "-C", "-c", str(config), "-Lf", str(out), "-F", "TRAP %b %v\\n", f"udp:127.0.0.1:{port}"], env=environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(1.0)
        before = _cpu(receiver.pid)
        sent = _send("trap", port, count, rate, environ)
        last, since = -1, time.monotonic()
        while time.monotonic() - since < 2:
            time.sleep(0.2)
            size = out.stat().st_size if out.exists() else 0
            if size != last:
                last, since = size, time.monotonic()
        got = out.read_bytes().count(b"TRAP ") if out.exists() else 0
        return {"cpu": _cpu(receiver.pid) - before, "received": got, **sent}
    finally:
        receiver.kill()
        receiver.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _shown(found: dict[str, float], count: int) -> str:
    seconds = count / RATE
    lost = count - found["received"]
    share = found["cpu"] / seconds
    return f"{share:.2f} cores at {RATE:,}/s, {found['cpu'] / max(found['received'], 1) * 1e6:.1f} us each, {lost:,.0f} of {count:,} lost"


def flooded(seconds: int) -> str:
    """One source that floods, beside others."""
    found = run_child("ours", "flood", 2**40, seconds)
    sent = found["flood"] + found["others"]
    return (
        f"{found['flood'] / found['sent_s']:,.0f}/s for {found['sent_s']:.0f} s: {found['cpu'] / found['sent_s']:.2f} cores, "
        f"{sent - found['stored']:,.0f} of {sent:,.0f} lost, {found['flood_counted']:,.0f} of {found['flood']:,.0f} in its events; "
        f"of the others {found['others_kept']:,.0f} of {found['others']:,.0f} kept, {found['others_events']:,.0f} in events"
    )


def run(quick: bool) -> Iterator[tuple[str, str]]:
    """All parts, one after the other."""
    count = RATE * (2 if quick else 10)
    kinds = (("trap", "trap"), ("new-trap", "trap, no two alike"), ("syslog", "syslog"), ("new-syslog", "syslog, no two alike"))
    for kind, label in kinds:
        found = run_child("ours", kind, count, RATE)
        extra = f", {found['stored']:,.0f} stored, {found['read']:,.0f} made events"
        yield f"ears: {label}", _shown(found, count) + extra
    yield "ears: one source floods, others say ten a second", flooded(5 if quick else 60)
    beside = snmptrapd(count, RATE)
    yield "snmptrapd: trap, printed to a file", _shown(beside, count) if beside else "not installed"
    try:
        yield "pysnmp: trap, a callback that counts", _shown(run_child("pysnmp", "trap", count, RATE), count)
    except Exception as error:  # noqa: BLE001 -- the others' figures stand without it
        yield "pysnmp: trap, a callback that counts", f"could not be run: {error}"


def main(words: list[str]) -> int:
    if words[:2] == ["--send", "flood"]:
        flood(int(words[2]), int(words[4]), FLOOD_RATE)
    elif words[:1] == ["--send"]:
        send(words[1], int(words[2]), int(words[3]), int(words[4]))
    elif words[:1] == ["--ours"]:
        print(json.dumps(asyncio.run(ours(words[1], words[2], int(words[3])))))
    elif words[:1] == ["--pysnmp"]:
        print(json.dumps(asyncio.run(pysnmp(int(words[3])))))
    else:
        for label, figure in run("--quick" in words):
            print(f"  {label.ljust(46)}  {figure}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
