"""Work that runs by itself: schedules, the queue of jobs, windows."""

from agents.hub.work.kinds import Kind
from agents.hub.work.part import Work
from agents.hub.work.timewindows import TimeWindows

__all__ = ["Kind", "TimeWindows", "Work"]
