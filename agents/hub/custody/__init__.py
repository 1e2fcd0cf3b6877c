"""Secrets, credentials, what is tried on devices, and host keys: `hub.custody`."""

from agents.hub.custody.part import Custody

__all__ = ["Custody"]
