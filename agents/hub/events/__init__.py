"""What devices say, as the hub knows it: the newest in memory for every console, all of it in the logs."""

from agents.hub.events.part import Events

__all__ = ["Events"]
