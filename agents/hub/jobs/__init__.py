"""Work that runs by itself: schedules, the queue of jobs, windows."""

from agents.hub.jobs.kinds import Kind
from agents.hub.jobs.part import Work
from agents.hub.jobs.timewindows import TimeWindows

__all__ = ["Kind", "TimeWindows", "Work"]
