"""The process of the hub: broker of the bus, records, API."""

import asyncio
import logging
import signal
import time

import uvicorn

from agents import lifeline
from agents.hub.app import make_app
from agents.hub.hub import Hub
from agents.hub.listening import Server, Tls, more_files
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


async def _serve(settings: Settings) -> None:
    folder = run_dir(settings)
    more_files()
    listener = bind(folder / "hub.sock", SOCKET_MODE)
    tls = Tls(settings.api) if settings.api.listen else None
    where = records_at(settings)
    store = open_records(where, hash_name=settings.audit.hash)
    broker = Broker(folder / "bus.sock")
    await broker.start()
    bus = await SocketBus(folder / "bus.sock", "hub").start()
    await bus.wait_connected()
    hub = Hub(settings, store, where, bus)
    broker.on_subscribe = lambda subject: hub.assign_soon() if subject == "senses.assign" else None
    await hub.start()
    server = _server(hub, tls)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, _stop, server)
    loop.add_signal_handler(signal.SIGHUP, _anew, hub, tls)
    hub.spawn(_watch(hub, server, settings.general.idle_stop_s))
    if tls:
        hub.spawn(tls.watch())
    await server.serve([listener])
    await hub.close()
    await bus.close()
    await broker.close()
    (folder / "hub.sock").unlink(missing_ok=True)
    store.close()


def _server(hub: Hub, tls: Tls | None) -> Server:
    config = uvicorn.Config(
        make_app(hub), http=PeerProtocol, ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
        date_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=75, loop="asyncio",
        interface="asgi3",
    )
    return Server(config, tls, hub.streams.farewell)


def _anew(hub: Hub, tls: Tls | None) -> None:
    """Certificates and rules are read anew."""
    if tls:
        tls.reload()
    hub.spawn(hub.ruling.anew())


def _stop(server: Server) -> None:
    server.should_exit = True


async def _watch(hub: Hub, server: Server, idle_stop_s: int) -> None:
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
