"""The time by which old lines are forgotten: the wall clock, unless it jumped ahead. What was forgotten by a wrong clock is gone for good.

A clock that is set to 2036 makes every line older than half a year. So retention trusts the wall clock only as far as the steady clock
has come since the start (and a day more, for corrections), and at the start only as far as a month after the newest line that is kept.
Where it is wrong to doubt, lines are kept longer than they must be, until the next start.
"""

DAY_MS = 86_400_000
AHEAD_MS = DAY_MS
AWAY_MS = 30 * DAY_MS


class RetentionClock:
    """wall_ms: now; steady_ms: of a clock that nobody sets; newest_ms: of the lines that are kept, 0 for none."""

    def __init__(self, wall_ms: int, steady_ms: int, newest_ms: int) -> None:
        believed = min(wall_ms, newest_ms + AWAY_MS) if newest_ms else wall_ms
        self._ahead_ms = believed - steady_ms

    def now_ms(self, wall_ms: int, steady_ms: int) -> int:
        return min(wall_ms, steady_ms + self._ahead_ms + AHEAD_MS)

    def doubts(self, wall_ms: int, steady_ms: int) -> bool:
        """Whether the wall clock is not believed."""
        return self.now_ms(wall_ms, steady_ms) < wall_ms
