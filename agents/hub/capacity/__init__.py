"""Capacity and health: how full lines and pools are, how long things worked."""

from agents.hub.capacity.part import Capacity

__all__ = ["Capacity"]
