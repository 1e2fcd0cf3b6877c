"""What one cell says of the network: prefixes, route distinguishers, bandwidths, services, moments."""

import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone

from core.i18n import tr
from core.messages import Cell, OddCell
from inventory.sheets.cells import CellError, address, code, plain, shown

CHINA = timezone(timedelta(hours=8))
_DAY_MS = 86_400_000
_RATES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_RATE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([kmgt]?)(?:bps|bit/s|b/s|b|兆)?", re.IGNORECASE)
_MOST_RATE = 10**14
_SERVICE = re.compile(r"(tcp|udp|sctp)/([0-9]{1,5})(?:-([0-9]{1,5}))?", re.IGNORECASE)


def prefix(cell: Cell) -> str:
    """A prefix of IPv4 or IPv6 in its canonical form; with bits behind its length it is a mistake that says which prefix is meant."""
    word = code(cell).replace("。", ".")
    try:
        found = ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise CellError(tr("{value} is not a prefix such as 10.1.0.0/16 or 2001:db8::/48.", value=shown(word))) from None
    if "/" not in word:
        raise CellError(tr("{value} has no length; write it as {meant}.", value=shown(word), meant=found))
    if ipaddress.ip_address(word.partition("/")[0]) != found.network_address:
        raise CellError(tr("{value} has bits behind its length; the prefix is {meant}.", value=shown(word), meant=found))
    if found.is_multicast:
        raise CellError(tr("{value} is a multicast prefix, in which nothing stands.", value=shown(word)))
    return str(found)


def address_or_prefix(cell: Cell) -> str:
    return prefix(cell) if "/" in plain(cell) else address(cell)


def rd(cell: Cell) -> str:
    """A route distinguisher or target (RFC 4364, 4.2): ASN:NUMBER or ADDRESS:NUMBER."""
    word = code(cell)
    left, _, right = word.rpartition(":")
    if not re.fullmatch(r"[0-9]{1,10}", right) or not re.fullmatch(r"[0-9]{1,10}|[0-9]{1,3}(\.[0-9]{1,3}){3}", left):
        raise CellError(tr("{value} is not of the form ASN:NUMBER or ADDRESS:NUMBER, such as 65000:101.", value=shown(word)))
    if "." in left:
        try:
            ipaddress.IPv4Address(left)
        except ValueError:
            raise CellError(tr("{value} is not an IPv4 or IPv6 address.", value=shown(left))) from None
    short = "." not in left and int(left) < 1 << 16
    if "." not in left and int(left) >= 1 << 32:
        raise CellError(tr("{value} is out of range: {low} to {high}.", value=left, low=0, high=(1 << 32) - 1))
    high = (1 << 32) - 1 if short else (1 << 16) - 1
    if int(right) > high:
        raise CellError(tr("{value} is out of range: {low} to {high}.", value=right, low=0, high=high))
    return f"{left if '.' in left else int(left)}:{int(right)}"


def bandwidth(cell: Cell) -> int:
    """Bit/s: 100M, 1.5G, 100兆, or a plain number of bit/s."""
    if isinstance(cell, bool):
        raise CellError(tr("A whole number is expected, not yes or no."))
    word = code(cell)
    found = _RATE.fullmatch(word)
    if found is None:
        raise CellError(tr("{value} is not a bandwidth; write for example 100M or 1G.", value=shown(word)))
    whole, _, fraction = found[1].partition(".")
    factor = _RATES["m" if "兆" in word else found[2].lower()]
    value = int(whole) * factor + (int(fraction) * factor // 10 ** len(fraction) if fraction else 0)
    if value > _MOST_RATE:
        raise CellError(tr("{value} is more than any line carries.", value=shown(word)))
    return value


def bandwidth_shown(value: int) -> str:
    """`bandwidth` understands it again."""
    for sign in ("T", "G", "M", "k"):
        factor = _RATES[sign.lower()]
        if value and value % factor == 0:
            return f"{value // factor}{sign}"
    return str(value)


def moment(cell: Cell) -> int:
    """Milliseconds: a date means the end of that day in China, a date with a time that moment."""
    text = cell.text if isinstance(cell, OddCell) and cell.kind == "date" else code(cell)
    day, _, hour = text.strip().replace("T", " ").partition(" ")
    day = re.sub(r"-(?=[0-9](-|$))", "-0", re.sub(r"[年月/.](?=[0-9])", "-", day).replace("日", ""))
    word = day if hour in ("", "00:00:00") else f"{day} {hour}"
    try:
        at = datetime.fromisoformat(word)
        at = at if at.tzinfo else at.replace(tzinfo=CHINA)
        value = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise CellError(tr("{value} is not a date such as 2026-12-31.", value=shown(text))) from None
    if not 1990 <= at.year <= 2200:
        raise CellError(tr("{value} is a date of another century.", value=shown(text)))
    return value + _DAY_MS if len(word) == 10 else value


def moment_shown(value: int) -> str:
    """`moment` understands it again; 0: never, an empty cell."""
    if not value:
        return ""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    local = at.astimezone(CHINA)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d}"
    return local.replace(tzinfo=None).isoformat(" ", "seconds" if not local.microsecond else "milliseconds")


def service(cell: Cell) -> str:
    """A service of a rule: `tcp/443`, `udp/5000-5010`, `icmp`, `any`, or the name of a service object."""
    word = code(cell)
    found = _SERVICE.fullmatch(word)
    if found is None:
        if re.match(r"(tcp|udp|sctp)/", word, re.IGNORECASE):
            raise CellError(tr("{value} is not a service such as tcp/443 or udp/5000-5010.", value=shown(word)))
        return word
    low, high = int(found[2]), int(found[3] or found[2])
    if not (low <= high and high <= 65_535):
        raise CellError(tr("{value} is not a service such as tcp/443 or udp/5000-5010.", value=shown(word)))
    return f"{found[1].lower()}/{low}" + (f"-{high}" if found[3] else "")


def endpoint(cell: Cell) -> str:
    """An address of http or https without a user."""
    word = code(cell)
    if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", word) or len(word) > 256:
        raise CellError(tr("{value} is not an address such as https://cloud.example:5000/v3.", value=shown(word)))
    return word


def mail(cell: Cell) -> str:
    word = code(cell)
    if not re.fullmatch(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,190}", word):
        raise CellError(tr("{value} is not a mail address.", value=shown(word)))
    return word
