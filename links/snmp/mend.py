"""Answers that are not as planned, one at a time: what they are good for, and how their device is to be asked from now on."""

from core.polling import Kind, VarBind
from core.text import MILLIONTHS, millionths
from links.snmp import plain
from links.snmp.fleet import Fleet

_WORD = (1 << 64) - 1
_MOST = 1 << 40
_NUMBERS = (Kind.INTEGER, Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS, Kind.COUNTER64)
_REFUSALS = (plain.NO_ACCESS, plain.AUTHORIZATION_ERROR)


def take(fleet: Fleet, slot: int, response: plain.Response) -> int:
    """Stores what the answer to `slot` holds and notes what is to be asked again; returns the variables read."""
    number, first, count = (int(a[slot]) for a in (fleet.book.device, fleet.book.start, fleet.book.count))
    first -= fleet.base(number)
    if response.error_status:
        if response.error_status in _REFUSALS:
            fleet.refused[number] = True
        elif not fleet.outdated(slot):
            _error(fleet, slot, response, list(range(first, first + count)))
        return 0
    wanted = {oid: first + n for n, oid in enumerate(fleet.oids(number)[first : first + count])}
    read, strangers = _store(fleet, number, wanted, response.bindings)
    if fleet.outdated(slot):
        return read
    if strangers:
        _moved(fleet, number)
    elif read < count:
        _short(fleet, slot, read)
    return read


def of_text(value: object, kind: int) -> tuple[int | None, int]:
    """A value that was planned to be a text, as (millionths, kind). One that is no number stays of its kind; a number is taken as one."""
    found = millionths(value) if isinstance(value, bytes) else None
    if isinstance(value, int) and abs(value) < _MOST:
        found = value * MILLIONTHS
    return (None, kind if kind not in _NUMBERS else Kind.NONE) if found is None else (found, Kind.INTEGER)


def _store(fleet: Fleet, number: int, wanted: dict[tuple[int, ...], int], bindings: list[VarBind]) -> tuple[int, int]:
    """(bindings that were asked for, bindings that were not). Values that are no numbers leave their kind and the number 0."""
    base, readings = fleet.base(number), fleet.readings
    read = 0
    for binding in bindings:
        variable = wanted.pop(binding.oid, None)
        if variable is None:
            continue
        read += 1
        value, kind = binding.value, binding.kind
        if variable >= fleet.texts[number]:
            value, kind = of_text(value, kind)
        is_number = kind in _NUMBERS and isinstance(value, int)
        readings.raw[base + variable] = int(value) & _WORD if is_number else 0  # type: ignore[arg-type]
        readings.kind[base + variable] = kind
        fleet.got[number] += is_number
    return read, len(bindings) - read


def _moved(fleet: Fleet, number: int) -> None:
    """The device has other rows than planned, or a column with holes: ask it by name, and say so once."""
    if not fleet.by_name[number]:
        fleet.by_name[number] = True
        fleet.moved[number] = True
        fleet.ask_again(number)


def _short(fleet: Fleet, slot: int, read: int) -> None:
    """The answer held only the first variables: the device sends smaller answers than asked for."""
    number, count, weight = int(fleet.book.device[slot]), int(fleet.book.count[slot]), int(fleet.book.weight[slot])
    if count > 1:
        fleet.adapt.cut(number, weight * max(read, 1) // count)
        fleet.ask_again(number)


def _error(fleet: Fleet, slot: int, response: plain.Response, variables: list[int]) -> None:
    number, status, index = int(fleet.book.device[slot]), response.error_status, response.error_index
    if status == plain.TOO_BIG and len(variables) > 1:
        fleet.adapt.cut(number, int(fleet.book.weight[slot]) // 2)
        fleet.ask_again(number)
    elif not fleet.by_name[number] and fleet.targets[number].version != "1":
        _moved(fleet, number)
    elif status == plain.NO_SUCH_NAME and 1 <= index <= len(variables):
        _absent(fleet, number, variables, index - 1)
    elif len(variables) > 1:
        fleet.ask_rest(number, variables, halves=True)


def _absent(fleet: Fleet, number: int, variables: list[int], index: int) -> None:
    """v1 refuses a whole request for one variable that it does not have."""
    missing = variables[index]
    fleet.readings.kind[fleet.base(number) + missing] = Kind.NO_SUCH_INSTANCE
    fleet.absent.setdefault(number, set()).add(missing)
    fleet.stale.add(number)
    fleet.ask_rest(number, variables[:index] + variables[index + 1 :], halves=False)
