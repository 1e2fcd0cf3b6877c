"""What can happen in the City: the only place that changes its state. What is done to one end of a wire shows at the other."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from lab.city import City
from lab.state import DOWN, UP, State
from lab.traffic import fullest

BOOT_S = 20.0
"""How long a device is silent when it boots."""


class Happening(NamedTuple):
    """One thing that happened, for further projections (traps, log lines) and for tests."""

    at_us: int
    what: str
    device: str
    interface: str = ""


class Events:
    """Changes the state of a City. Every method happens at once, at the City's time."""

    def __init__(self, city: City, state: State) -> None:
        self.city, self.state = city, state
        self.log: deque[Happening] = deque(maxlen=10_000)
        self.listeners: list[Callable[[Happening], None]] = []
        wired = {end for wire in city.wires for end in (wire.port_a, wire.port_b)}
        self._plugged = wired | {int(port) for port in (state.ports["oper"] == UP).nonzero()[0]}
        self._cut: set[int] = set()
        self._dark: set[int] = {int(d) for d in (state.devices["alive"] == 0).nonzero()[0]}

    def _tell(self, what: str, device: int, port: int = -1) -> None:
        box = self.city.boxes[device]
        happening = Happening(self.state.now_us(), what, box.name, self.city.row(port, box).name if port >= 0 else "")
        self.log.append(happening)
        for listener in self.listeners:
            listener(happening)

    # ---- interfaces

    def shutdown(self, device: str, interface: str) -> None:
        """`shutdown` typed on the interface."""
        self._administer(device, interface, DOWN)

    def no_shutdown(self, device: str, interface: str) -> None:
        """`undo shutdown`."""
        self._administer(device, interface, UP)

    def _administer(self, device: str, interface: str, admin: int) -> None:
        port = self.city.port(device, interface)
        self.state.set_port(port, self.state.now_us(), admin=admin)
        self._tell("shutdown" if admin == DOWN else "no shutdown", self.city.number_of[device], port)
        self._settle([port])

    def cut(self, device: str, interface: str) -> None:
        """The cable is pulled; without a wire, whatever was plugged in."""
        port = self.city.port(device, interface)
        self._cut.add(port)
        self._settle([port])

    def mend(self, device: str, interface: str) -> None:
        """The cable is put in; where nothing was plugged in before, something is."""
        port = self.city.port(device, interface)
        self._cut.discard(port)
        self._plugged.add(port)
        self._settle([port])

    def load(self, device: str, interface: str, bps: int) -> None:
        """Both directions carry this much from now on, on average."""
        port = self.city.port(device, interface)
        for end in (port, *self.city.far_ends(port)):
            self.state.set_port(end, self.state.now_us(), rate_bps=bps)

    def fill(self, device: str, interface: str, share: float, seconds: float) -> None:
        """From now on for so long the line carries at most this share of what its slower end can, and in its fullest moment just that."""
        port, now = self.city.port(device, interface), self.state.now_us()
        ends = (port, *self.city.far_ends(port))
        speed = min(self.city.row(end, self.city.boxes[int(self.city.owner[end])]).mbps for end in ends) * 1e6
        row = self.state.ports[port]
        self.load(device, interface, round(
            share * speed / fullest(self.state.patterns, int(row["pattern"]), int(row["phase"]), now, seconds),
        ))

    def _settle(self, ports: list[int]) -> None:
        """Sets these ports and their far ends to the operational status that follows from all the rest."""
        now = self.state.now_us()
        for port in dict.fromkeys(end for one in ports for end in (one, *self.city.far_ends(one))):
            ends = (port, *self.city.far_ends(port))
            lit = port in self._plugged and all(self._ready(end) for end in ends)
            oper = UP if lit else DOWN
            if self.state.ports[port]["oper"] != oper:
                self.state.set_port(port, now, oper=oper)
                self._tell("linkUp" if lit else "linkDown", int(self.city.owner[port]), port)

    def _ready(self, port: int) -> bool:
        return port not in self._cut and int(self.city.owner[port]) not in self._dark and self.state.ports[port]["admin"] == UP

    # ---- devices

    def kill(self, *devices: str) -> None:
        """Power is gone: silence, and the far ends of all its wires go down."""
        numbers = [self.city.box(name).number for name in devices]
        self._dark.update(numbers)
        for number in numbers:
            self.state.set_device(number, alive=0)
            self._tell("dead", number)
        self._settle(self._wired_ports(numbers))

    def revive(self, *devices: str) -> None:
        """Power is back: the devices boot."""
        numbers = [self.city.box(name).number for name in devices if self.city.box(name).number in self._dark]
        self._dark.difference_update(numbers)
        for number in numbers:
            self.state.reboot(number, self.city.boxes[number].span, self.state.now_us(), round(BOOT_S * 1e6))
            self.state.set_device(number, alive=1)
            self._tell("revived", number)
        self._settle(self._wired_ports(numbers))

    def silence(self, device: str, silent: bool = True) -> None:
        """The agent hangs; the device goes on forwarding."""
        number = self.city.box(device).number
        self.state.set_device(number, alive=0 if silent else 1)
        self._tell("silent" if silent else "answering", number)

    def reboot(self, device: str, silent_s: float = BOOT_S, renumber: bool = False) -> None:
        """The device restarts. renumber: ifIndex of the second half of its interfaces moves up, as after a card was put in."""
        box = self.city.box(device)
        shift = (len(box.layout.rows) // 2, int(self.state.devices[box.number]["shift"]) + 7) if renumber else None
        self.state.reboot(box.number, box.span, self.state.now_us(), round(silent_s * 1e6), shift)
        self._tell("reboot", box.number)

    def slow(self, device: str, latency_ms: float) -> None:
        """Every answer takes this long."""
        self._device(device, "slow", latency_us=_within(latency_ms * 1000, 60_000_000))

    def lossy(self, device: str, share: float) -> None:
        """This share of requests, 0 to 1, is lost."""
        self._device(device, "lossy", loss_ppm=_within(share * 1e6, 1_000_000))

    def small(self, device: str, octets: int) -> None:
        """The device's answers are at most so long, 484 (RFC 3417) to 65507; 0: as long as the player's."""
        self._device(device, "small", max_size=_within(octets, 65_507, 484) if octets else 0)

    def _device(self, device: str, what: str, **fields: int) -> None:
        number = self.city.box(device).number
        self.state.set_device(number, **fields)
        self._tell(what, number)

    # ---- sites

    def darken(self, site: str) -> None:
        """A whole site loses power."""
        self.kill(*self._standing_in(site))

    def relight(self, site: str) -> None:
        """Power returns to a site."""
        self.revive(*self._standing_in(site))

    def _standing_in(self, site: str) -> list[str]:
        names = [box.name for box in self.city.boxes if self.city.places[box.slot.site].name == site]
        if not names:
            raise NotFoundError(tr("The City has no site {name}.", name=site), way_out=tr("`python -m lab list` names them all."))
        return names

    def _wired_ports(self, devices: list[int]) -> list[int]:
        spans = [self.city.boxes[number].span for number in devices]
        return [port for span in spans for port in range(span.start, span.stop) if self.city.far_ends(port)]


def _within(value: float, most: int, least: int = 0) -> int:
    if not least <= value <= most:
        raise InvalidInputError(
            tr("{value} is not between {least} and {most}.", value=value, least=least, most=most), way_out=tr("Choose a value within.")
        )
    return round(value)
