"""How fast the poller is, over the last minute."""

import time


class Pace:
    """Variables per second and share of a core over the last minute."""

    def __init__(self) -> None:
        self._marks = [(time.monotonic(), time.process_time(), 0)]

    def measure(self, variables: int) -> tuple[float, float]:
        now = (time.monotonic(), time.process_time(), variables)
        self._marks.append(now)
        while now[0] - self._marks[0][0] > 60 and len(self._marks) > 2:
            self._marks.pop(0)
        first = self._marks[0]
        span = max(now[0] - first[0], 1e-3)
        return round((variables - first[2]) / span, 1), round((now[1] - first[1]) / span, 4)
