"""Search, who uses what, what is free and kept for whom, and the forms that other programs read."""

from agents.hub.finding.part import Finding

__all__ = ["Finding"]
