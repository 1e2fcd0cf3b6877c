"""snmp_exporter's CPU for the same variables, read from /proc; scraped by sixteen threads."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from _work import COLUMNS, UPTIME

_THREADS = 16
_LINE = re.compile(rb"^(?:m\d|up)", re.MULTILINE)


def measure(addresses: list[str], port: int) -> float | None:
    """CPU seconds per million variables; None where it is not installed."""
    program = shutil.which("prometheus-snmp-exporter") or shutil.which("snmp_exporter")
    if program is None:
        return None
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        listen = probe.getsockname()[1]
        probe.close()
        config = Path(folder) / "snmp.yml"
        config.write_text(_module())
        server = subprocess.Popen(
            [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{listen}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(1.0)
            before = _cpu(server.pid)
            got = _scrape(addresses, port, listen)
            return (_cpu(server.pid) - before) / got * 1e6 if got else None
        finally:
            server.terminate()
            server.wait()


def _scrape(addresses: list[str], port: int, listen: int) -> int:
    queue, total, lock = iter(addresses), [0], threading.Lock()

    def worker() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", listen, timeout=60)
        while True:
            with lock:
                address = next(queue, None)
            if address is None:
                return
            connection.request("GET", f"/snmp?target={address}:{port}&module=bench")
            body = connection.getresponse().read()
            with lock:
                total[0] += len(_LINE.findall(body))

    threads = [threading.Thread(target=worker) for _ in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total[0]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _module() -> str:
    """An snmp.yml of the same columns, as version 0.21 reads it."""
    names = [".".join(map(str, column)) for column in COLUMNS]
    lines = ["bench:", "  walk:", *[f"  - {name}" for name in names], "  get:", f"  - {'.'.join(map(str, UPTIME))}"]
    lines += ["  max_repetitions: 48", "  retries: 1", "  timeout: 2s", "  auth:", "    community: public", "  version: 2", "  metrics:"]
    lines += [f"  - {{name: up, oid: {'.'.join(map(str, UPTIME[:-1]))}, type: gauge, help: up}}"]
    for number, name in enumerate(names):
        lines += [f"  - name: m{number}", f"    oid: {name}", "    type: counter", "    help: h", "    indexes:"]
        lines += ["    - labelname: ifIndex", "      type: gauge"]
    return "\n".join(lines) + "\n"
