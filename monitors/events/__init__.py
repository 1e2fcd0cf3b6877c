"""What devices say by themselves, made events: traps by what their MIBs define, syslog lines whatever their dialect. Pure."""

from monitors.events.folding import Folder
from monitors.events.syslog import read_line
from monitors.events.telling import definitions, of_trap, said

__all__ = ["Folder", "definitions", "of_trap", "read_line", "said"]
