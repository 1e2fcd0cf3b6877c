"""Suppression by topology as the hub does it: alerts are settled among each other before they are stored, and again as time goes by."""

from agents.hub.suppress.part import Suppress

__all__ = ["Suppress"]
