"""Suppression by topology 按拓扑抑制: which of the open alerts is the root, which follow from it, and what is behind it. Pure.

    around = Surroundings(view, roots)                  once for each graph
    found = verdicts(open_alerts, around, seen)         for all that is open, together

What comes out depends on what is open and on the graph alone, never on the order in which it came: it can be asked again at any time, and
after a crash it says the same. No alert is dropped: each is a root, or it names the root that is open.
"""

from monitors.suppress.flapping import History, flapping, recent, remembered
from monitors.suppress.gasping import Word, powerless
from monitors.suppress.meaning import Meaning, meaning_of, meanings
from monitors.suppress.seen import NOTHING_SEEN, Noticed, Seen
from monitors.suppress.settling import Verdict, verdicts
from monitors.suppress.surroundings import Surroundings
from monitors.suppress.waiting import GRACE_MS, speaks_at

__all__ = [
    "GRACE_MS", "NOTHING_SEEN", "History", "Meaning", "Noticed", "Seen", "Surroundings", "Verdict", "Word", "flapping", "meaning_of",
    "meanings", "powerless", "recent", "remembered", "speaks_at", "verdicts",
]
