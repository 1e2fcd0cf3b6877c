"""First messages 通知: who is told of what, by which way, and what became of it."""

from agents.hub.notify.part import Notify

__all__ = ["Notify"]
