"""Sources of the inventory that are asked again and again: `hub.sources`."""

from agents.hub.sources.part import Sources

__all__ = ["Sources"]
