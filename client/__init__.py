"""How to ask: the typed client of the hub's API. `async with client.connect(settings) as hub: await hub.overview()`."""

from client.api import Client, connect

__all__ = ["Client", "connect"]
