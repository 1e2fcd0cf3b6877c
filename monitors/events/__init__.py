"""What devices say by themselves, made events: traps by what their MIBs define, syslog lines whatever their dialect. Pure."""

from monitors.events.folding import Folder, key_of, key_of_trap
from monitors.events.plans import NO_PLAN, Cell, Plan, plan_of
from monitors.events.senders import Senders
from monitors.events.syslog import read_line
from monitors.events.telling import definitions, of_trap, said

__all__ = [
    "NO_PLAN", "Cell", "Folder", "Plan", "Senders", "definitions", "key_of", "key_of_trap", "of_trap", "plan_of", "read_line", "said",
]
