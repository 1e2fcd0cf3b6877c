"""Probes as people declare them, handed to senses with what the inventory knows of their objects; and what they found last."""

from agents.hub.probes.part import Probing

__all__ = ["Probing"]
