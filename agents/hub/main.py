"""The process of the hub: broker of the bus, records, API on the Unix socket."""

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Iterator

import uvicorn

from agents import lifeline
from agents.hub.app import make_app
from agents.hub.hub import Hub
from agents.hub.peer import PeerProtocol
from core.paths import run_dir
from core.settings import Settings
from links.broker import Broker
from links.bus import SocketBus
from links.unixsocket import bind
from stores.records import open_records, records_at

SOCKET_MODE = 0o660
GRACE_S = 3

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, and with a word when it listens."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        lifeline.ready()


async def _serve(settings: Settings) -> None:
    folder = run_dir(settings)
    listener = bind(folder / "hub.sock", SOCKET_MODE)
    where = records_at(settings)
    store = open_records(where, hash_name=settings.audit.hash)
    broker = Broker(folder / "bus.sock")
    await broker.start()
    bus = await SocketBus(folder / "bus.sock", "hub").start()
    await bus.wait_connected()
    hub = Hub(settings, store, where, bus)
    broker.on_subscribe = lambda subject: hub.assign_soon() if subject == "senses.assign" else None
    await hub.start()
    server = _server(hub)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _stop, server)
    watch = asyncio.create_task(_watch(hub, server, settings.general.idle_stop_s))
    await server.serve([listener])
    watch.cancel()
    await hub.close()
    await bus.close()
    await broker.close()
    (folder / "hub.sock").unlink(missing_ok=True)
    store.close()


def _server(hub: Hub) -> _Server:
    return _Server(uvicorn.Config(
        make_app(hub), http=PeerProtocol, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
        date_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=75, loop="asyncio",
        interface="asgi3",
    ))


def _stop(server: _Server) -> None:
    server.should_exit = True


async def _watch(hub: Hub, server: _Server, idle_stop_s: int) -> None:
    """Counts clients, and asks for the end when nobody needs this hub any more."""
    orders = lifeline.orders()
    last_used = time.monotonic()
    while True:
        hub.connections = len(server.server_state.connections)
        if hub.connections or hub.polled:
            last_used = time.monotonic()
        if orders and orders.idle_stop and idle_stop_s and time.monotonic() - last_used > idle_stop_s:
            lifeline.ask_stop("nobody needs the hub any more")
            last_used = time.monotonic()
        await asyncio.sleep(0.5)


def main(settings: Settings) -> int:
    asyncio.run(_serve(settings))
    return 0
