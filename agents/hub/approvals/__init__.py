"""Approvals: asked for by a trade of the hub, decided by people, used up by what they allow."""

from agents.hub.approvals.part import Approvals

__all__ = ["Approvals"]
