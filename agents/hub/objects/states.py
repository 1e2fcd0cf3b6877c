"""What a line about an object says besides its name: its state, what tells it from others, how it is protected."""

from collections.abc import Callable
from typing import Any

from agents.hub.table import LiveTable
from core.questions import RayRow

_ABOUT = (
    "mac", "addresses", "address", "port", "vlan", "vpn", "prefix", "rd", "outside", "inside", "bandwidth_bps", "services", "action",
)
MOST = 200


def described(row: RayRow, noun: Any) -> RayRow:
    """The line with what the record says."""
    alike = getattr(noun, "runs_on", ()) or getattr(noun, "members", ())
    many = len(alike) + len(getattr(noun, "devices", ()) or ())
    return row.replace(
        state=str(getattr(noun, "state", "")), about=about(noun), protection_level=getattr(noun, "protection_level", 0),
        cii=getattr(noun, "cii", False), needed=max(1, getattr(noun, "needed", 1)) if many > 1 else 0, of=many if many > 1 else 0,
    )


def called(noun: Any) -> str:
    """Its name; of what has none (a port of the cloud) what tells it from others."""
    return str(noun.name or getattr(noun, "mac", "") or getattr(noun, "address", "") or getattr(noun, "key", ""))


def about(noun: Any) -> str:
    """Addresses, MAC, VLAN and the like, as far as they are not its name."""
    name, found = getattr(noun, "name", ""), []
    for field in _ABOUT:
        value = getattr(noun, field, "")
        text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")
        if text and text not in name:
            found.append(f"VLAN {text}" if field == "vlan" and text.isdigit() else text)
    return "  ".join(found)[:MOST]


def alive(table: LiveTable) -> Callable[[RayRow], RayRow]:
    """The line of a device with what polling sees. On the hub's own thread."""

    def with_status(row: RayRow) -> RayRow:
        if row.thing.kind != "device":
            return row
        found = table.row(row.thing.id)
        return row.replace(state=found.status if found is not None else "unknown")

    return with_status
