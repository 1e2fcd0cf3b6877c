"""What the engine counts, while it counts."""

from collections import Counter

from core.polling import EngineCounters


class Tally:
    """Plain numbers; one thread adds to each."""

    def __init__(self) -> None:
        self.requests = self.answers = self.variables = self.resent = self.timeouts = 0
        self.late = self.duplicate = self.spoofed = self.foreign = self.malformed = self.too_big = self.slow_path = self.unread = 0
        self.secure_requests = self.secure_answers = self.secure_variables = self.secure_timeouts = self.secure_resent = 0
        self.reports: Counter[str] = Counter()

    def stray(self, what: str) -> None:
        """One answer that nothing asked for: `late`, `duplicate` or `foreign`."""
        setattr(self, what, getattr(self, what) + 1)

    def noun(self) -> EngineCounters:
        return EngineCounters(
            requests=self.requests + self.secure_requests, answers=self.answers + self.secure_answers,
            variables=self.variables + self.secure_variables, resent=self.resent + self.secure_resent,
            timeouts=self.timeouts + self.secure_timeouts, late=self.late, duplicate=self.duplicate, spoofed=self.spoofed,
            foreign=self.foreign, malformed=self.malformed, too_big=self.too_big, slow_path=self.slow_path,
            unread=self.unread, usm_reports=dict(self.reports),
        )
