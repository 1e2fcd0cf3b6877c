"""Rules that the hub judges itself, because they are about alerts of others; and rules that are tried."""

from agents.hub.ruling.part import Ruling

__all__ = ["Ruling"]
