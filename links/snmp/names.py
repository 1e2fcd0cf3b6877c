"""The names that are expected in answers, once for each plan: thousands of devices of one kind share theirs."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from core.polling import PollPlan
from links.snmp.requests import MOST_VARIABLES, encoded_names

WORDS = 3
"""64-bit words of a head: names of up to twenty bytes. Longer ones are rare and left to the plain decoder."""
LONGEST = 8 * WORDS - 4
MOST = MOST_VARIABLES + 1
"""No request asks for more variables."""


def _masks() -> npt.NDArray[np.uint64]:
    masks = np.zeros((256, 8 * WORDS), np.uint8)
    for size in range(256):
        masks[size, : 4 + size] = 0xFF
    masks[:, 1] = 0
    return masks.view(np.uint64)


MASKS = _masks()
"""By size of a name: which bytes of a head count; the binding's own length is checked elsewhere."""


class Names:
    """`heads` uint64[n, WORDS] (the first bytes of a variable binding: 30 00 06 length name) and `size` uint8[n], with `MOST` spare ones
    behind. Plans are told apart by identity: whoever assigns equal ones saves memory by assigning the same one."""

    def __init__(self, plans: Iterable[PollPlan], old: "Names | None" = None) -> None:
        """old: names that are already encoded."""
        self._plans = {id(plan): plan for plan in plans}
        self._at: dict[int, int] = {}
        before = {} if old is None else old._at  # noqa: SLF001 - the same class
        total = sum(plan.size for plan in self._plans.values())
        self.heads: npt.NDArray[np.uint64] = np.zeros((total + MOST, WORDS), np.uint64)
        self.size: npt.NDArray[np.uint8] = np.zeros(total + MOST, np.uint8)
        at = 0
        for key, plan in self._plans.items():
            self._at[key] = at
            part = slice(at, at + plan.size)
            if old is not None and key in before:
                was = before[key]
                self.heads[part], self.size[part] = old.heads[was : was + plan.size], old.size[was : was + plan.size]
            else:
                self._encode(part, encoded_names(plan))
            at += plan.size

    def _encode(self, part: slice, bodies: list[bytes]) -> None:
        """Names too long for a head are cut: `size` tells, and the plain decoder reads them."""
        wide = 8 * WORDS
        flat = b"".join([b"\x30\x00\x06" + bytes((min(len(b), 255),)) + b[: wide - 4].ljust(wide - 4, b"\0") for b in bodies])
        self.heads[part] = np.frombuffer(flat, np.uint64).reshape(-1, WORDS)
        self.size[part] = np.fromiter((min(len(b), 255) for b in bodies), np.uint8, len(bodies))

    def of(self, plan: PollPlan) -> int:
        """Where the names of this plan begin."""
        return self._at[id(plan)]
