"""The graph of what exists, built from the records, and the questions asked of it."""

from agents.hub.graph.part import Graphs

__all__ = ["Graphs"]
