"""The intake, through which everything enters the inventory, and the review queue, in which waits what a person must decide."""

from agents.hub.queue.intake import Intake
from agents.hub.queue.part import Queue

__all__ = ["Intake", "Queue"]
