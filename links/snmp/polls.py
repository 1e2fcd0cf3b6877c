"""How far each poll has come: which devices may be asked next, which have had their last answer, and how their polls ended."""

from collections import deque

import numpy as np
import numpy.typing as npt

from links.snmp.fleet import Fleet

Ints = npt.NDArray[np.int64]


class Polls:
    """Queues of device numbers of the present `fleet`: `ready` may be asked, `spent` have had the last answer of their poll."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.ready: deque[Ints] = deque()
        self.spent: list[Ints] = []

    def use(self, fleet: Fleet) -> None:
        """Another fleet; whatever was under way belongs to the old one."""
        self.fleet = fleet
        self.ready.clear()
        self.spent.clear()

    def next(self, room: int, worthwhile: int, most: int) -> Ints:
        """Devices to be asked now: at most `room` and `most`; none while fewer than `worthwhile` could be asked and more wait."""
        waiting = sum(map(len, self.ready))
        if room <= 0 or (room < worthwhile and waiting > room):
            return np.zeros(0, np.int64)
        most = min(room, most)
        devices = self.ready.popleft()
        while self.ready and len(devices) < most:
            devices = np.concatenate([devices, self.ready.popleft()])
        if len(devices) > most:
            self.ready.appendleft(devices[most:])
        return devices[:most]

    def conclude(self, devices: Ints) -> None:
        """These devices' requests are over: on to the next, or to the end of the poll."""
        fleet = self.fleet
        special = fleet.special[devices]
        if special.any():
            odd = devices[special]
            goes_on = np.array([fleet.following(number) for number in odd.tolist()], np.bool_)
            self._queue(odd[goes_on], odd[~goes_on])
            devices = devices[~special]
        more = fleet.cursor[devices] + 1 < fleet.book.stop[devices]
        fleet.cursor[devices[more]] += 1
        self._queue(devices[more], devices[~more])

    def _queue(self, going_on: Ints, at_end: Ints) -> None:
        if len(going_on):
            self.ready.append(going_on)
        if len(at_end):
            self.spent.append(at_end)

    def give_up(self, number: int, slot: int) -> None:
        """No answer after all tries. A device that answered before may only be unable to send so much at once."""
        fleet = self.fleet
        fleet.failures[number] += 1
        if fleet.answered[number] and fleet.failures[number] < 2:
            fleet.adapt.cut(number, int(fleet.book.weight[slot]) // 2)
            fleet.ask_again(number)
            self.conclude(np.array([number]))
        else:
            fleet.todo.pop(number, None)
            fleet.special[number] = True
            self.spent.append(np.array([number]))

    def close(self, now: float) -> Ints:
        """Polls whose last answer was read: finished, unless that answer showed that something is to be asked again."""
        if not self.spent:
            return np.zeros(0, np.int64)
        fleet, spent = self.fleet, np.unique(np.concatenate(self.spent))
        self.spent.clear()
        for number in spent[fleet.special[spent]].tolist():
            if fleet.following(number):
                self.ready.append(np.array([number]))
                spent = spent[spent != number]
        if len(spent):
            answered = fleet.verdict(spent)
            fleet.schedule.finished(spent, answered, now)
            fleet.stale.update(fleet.adapt.complete(spent[fleet.whole(spent)]).tolist())
        return spent
