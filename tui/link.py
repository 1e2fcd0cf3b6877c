"""The state of the connection to the hub."""

import time
from typing import Literal

State = Literal["connecting", "live", "lost"]


class Link:
    """connecting until the hub answers first; then live or lost. `problem` is the last error with its way out."""

    def __init__(self) -> None:
        self.state: State = "connecting"
        self.problem = ""
        self._since = time.monotonic()

    def move(self, state: State, problem: str = "") -> bool:
        """True when the state changed."""
        changed = state != self.state or problem != self.problem
        if state != self.state:
            self._since = time.monotonic()
        self.state, self.problem = state, problem
        return changed

    def age_s(self) -> float:
        return time.monotonic() - self._since
