"""The API in a thread of its own, on a port of loopback."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import uvicorn

from core.errors import NoAnswerError
from core.i18n import tr
from lab.cloud import Cloud
from lab.openstack.compute import Compute
from lab.openstack.identity import Identity
from lab.openstack.others import Others
from lab.openstack.web import Answer, Ask, Web

USER = "lab-reader"
START_S = 30.0


class Served(NamedTuple):
    """Where it answers: `auth_url` for a client, with this user and password."""

    auth_url: str
    user: str
    password: str
    web: Web


def make(cloud: Cloud, password: str, user: str = USER) -> Web:
    """The application of one cloud."""
    identity = Identity(cloud, user, password)
    web = Web(identity.check)
    identity.routes(web)
    Compute(cloud, lambda: time.time_ns() // 1_000_000).routes(web)
    Others(cloud).routes(web)
    web.add("GET", "", lambda _: Answer(200, {}), free=True)
    return web


@contextmanager
def serve(cloud: Cloud, password: str, address: str = "127.0.0.1", port: int = 0) -> Iterator[Served]:
    """Serves until left. port 0: one that is free."""
    web = make(cloud, password)
    listener = socket.create_server((address, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio leaves it out, and each answer waits 40 ms for an ACK
    server = uvicorn.Server(uvicorn.Config(web, log_level="error", lifespan="off", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise NoAnswerError(tr("The lab's cloud did not start."), way_out=tr("Is the port free?"))
        time.sleep(0.01)
    try:
        yield Served(f"http://{address}:{listener.getsockname()[1]}/identity/v3", USER, password, web)
    finally:
        server.should_exit = True
        thread.join(10)


__all__ = ["Ask", "Served", "make", "serve"]
