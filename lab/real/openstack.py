"""A small real OpenStack out of Debian's packages: Keystone, Placement, Glance, Neutron and Nova (with Nova's fake driver) on loopback.

It needs the packages of `PROGRAMS`, root, and an empty PostgreSQL server reached over a Unix socket. About a minute to start, 1.5 GB.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from lab.real import openstack_configs as configs

PROGRAMS = (
    "keystone-manage", "glance-api", "placement-manage", "neutron-server", "neutron-linuxbridge-agent", "nova-api", "nova-conductor",
    "nova-scheduler", "nova-compute", "rabbitmq-server", "uwsgi",
)
DATABASES = ("keystone", "glance", "placement", "neutron", "nova", "nova_api", "nova_cell0")
START_S = 240
REGION, ADMIN = "RegionOne", "admin"


class Entry(NamedTuple):
    """Where the cloud is entered."""

    auth_url: str
    user: str
    secret: str
    region: str


class NotStartedError(Exception):
    """One of the servers did not come up; says which, with the end of its log."""


@contextlib.contextmanager
def running(folder: Path, postgres_socket: str) -> Iterator[Entry]:
    """A cloud that lives until left. folder: new and empty. postgres_socket: folder of the server's socket; user postgres."""
    cloud = _Cloud(folder, configs.Places(folder, postgres_socket, _ports(), secrets.token_hex(12)))
    try:
        cloud.start()
        yield Entry(cloud.places.keystone, ADMIN, cloud.places.secret, REGION)
    finally:
        cloud.stop()


def _ports() -> dict[str, int]:
    """Free ports, one for each server; held open together so that no two are the same."""
    names = ("keystone", "glance", "placement", "neutron", "nova", "rabbit", "rabbit_dist", "epmd")
    with contextlib.ExitStack() as stack:
        held = {name: stack.enter_context(socket.socket()) for name in names}
        for one in held.values():
            one.bind(("127.0.0.1", 0))
        return {name: int(one.getsockname()[1]) for name, one in held.items()}


class _Cloud:
    """The servers of one cloud."""

    def __init__(self, folder: Path, places: configs.Places) -> None:
        self.folder, self.places = folder, places
        self._running: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = {}
        self._deadline = time.monotonic() + START_S

    def start(self) -> None:
        configs.write(self.places)
        self._rabbit()
        self._databases()
        self._keystone()
        syncs = [self._begin(f"sync-{number}", command) for number, command in enumerate(configs.syncs(self.places))]
        configs.register(self.places)
        for number, sync in enumerate(syncs):
            self._wait_for_end(f"sync-{number}", sync)
        self._services()

    def _databases(self) -> None:
        import psycopg

        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.places.postgres}", autocommit=True) as session:
            for name in DATABASES:
                session.execute(f'CREATE DATABASE "{name}"')

    def _keystone(self) -> None:
        configs.make_keys(self.places)
        self._wait_for_end("keystone-setup", self._begin("keystone-setup", configs.forks(*configs.keystone_setup(self.places))))
        self._uwsgi("keystone", "/usr/bin/keystone-wsgi-public", {"OS_KEYSTONE_CONFIG_FILES": str(self.folder / "keystone.conf")})
        self._answers("keystone")

    def _services(self) -> None:
        conf = self.folder
        self._uwsgi("placement", "/usr/bin/placement-api", {"OS_PLACEMENT_CONFIG_DIR": str(conf)})
        self._begin("glance", ["glance-api", "--config-file", str(conf / "glance.conf")])
        both = ["--config-file", str(conf / "neutron.conf"), "--config-file"]
        self._begin("neutron", ["neutron-server", *both, str(conf / "ml2.ini")])
        self._begin("bridge", ["neutron-linuxbridge-agent", *both, str(conf / "bridge.ini")])
        nova = [[f"nova-{name}", "--config-file", str(conf / "nova.conf")] for name in ("api", "conductor", "scheduler", "compute")]
        self._begin("nova", configs.forks(*nova, together=True))
        for name in ("placement", "glance", "neutron", "nova"):
            self._answers(name)
        self._hosts()

    def _hosts(self) -> None:
        """The compute node reports itself some seconds after it began; then the scheduler puts it into the cell."""
        with configs.entered(self.places) as cloud:
            while time.monotonic() < self._deadline:
                if list(cloud.compute.hypervisors()):
                    return
                time.sleep(0.3)
        raise NotStartedError(self._tail("nova"))

    def _rabbit(self) -> None:
        base, ports = self.folder / "rabbit", self.places.ports
        (base / "log").mkdir(parents=True)
        subprocess.run(["chown", "-R", "rabbitmq", base], check=True)
        self.folder.chmod(0o755)  # the broker runs as another user
        self._begin("rabbit", ["rabbitmq-server"], {
            "RABBITMQ_NODENAME": f"lab{ports['rabbit']}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(ports["rabbit"]), "RABBITMQ_DIST_PORT": str(ports["rabbit_dist"]), "RABBITMQ_MNESIA_BASE": str(base),
            "RABBITMQ_LOG_BASE": str(base / "log"), "RABBITMQ_PID_FILE": str(base / "pid"), "RABBITMQ_ENABLED_PLUGINS_FILE": "/dev/null",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(ports["epmd"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
        })

    def _uwsgi(self, name: str, program: str, more: dict[str, str]) -> None:
        options = (
            f"--plugins python3 --http-socket 127.0.0.1:{self.places.ports[name]} --wsgi-file {program} --master --processes 1 --threads 4"
            " --enable-threads --lazy-apps --buffer-size 65535 --die-on-term --need-app"
        )
        self._begin(name, ["uwsgi", *options.split(), "--add-header", "Connection: close"], more)

    def _begin(self, name: str, command: list[str], more: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
        log = (self.folder / "log" / f"{name}.out").open("ab")
        env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", **(more or {})}
        for name_ in ("PYTHONPATH", "VIRTUAL_ENV"):
            env.pop(name_, None)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True)
        self._running[name] = process, log
        return process

    def _wait_for_end(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        try:
            code = process.wait(max(1.0, self._deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            raise NotStartedError(self._tail(name))

    def _answers(self, name: str) -> None:
        """Waits until the port is open."""
        while time.monotonic() < self._deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.places.ports[name]), timeout=1):
                return
            time.sleep(0.2)
        raise NotStartedError(self._tail(name))

    def _tail(self, name: str) -> str:
        found = sorted((self.folder / "log").glob(f"{name}*"))
        return f"{name}: " + "\n".join(path.read_text(errors="replace")[-1500:] for path in found)

    def stop(self) -> None:
        for process, _ in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # nothing of it is kept
        for process, log in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            log.close()
        self._stop_rabbit()

    def _stop_rabbit(self) -> None:
        """The broker and its port mapper leave the session they were begun in: they are known by this cloud's own words."""
        marks = (str(self.folder).encode(), f"ERL_EPMD_PORT={self.places.ports['epmd']}".encode())
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                name, environ = (entry / "comm").read_text().strip(), (entry / "environ").read_bytes()
                if name.startswith(("beam", "epmd", "erl_")) and any(mark in environ for mark in marks):
                    os.kill(int(entry.name), signal.SIGKILL)
