"""Who said that its power goes: last gasp and the like, in the words of makers and standards (`dyingGasp` of EFM OAM, IEEE 802.3 57.4.3;
`upsTrapOnBattery` of UPS-MIB, RFC 1628)."""

import re
from collections.abc import Iterable

from core.events import Event

GASPS = re.compile(
    r"dying[ _-]?gasp|last[ _-]?gasp|upsTrapOnBattery|on ?battery|mains[ _-]?(fail|lost|off)|power[ _-]?(off|down|fail|lost|loss)"
    r"|utility ?(fail|lost)|掉电|断电|停电|电池供电",
    re.IGNORECASE,
)
MOST_TEXT = 500


def powerless(events: Iterable[Event]) -> dict[str, int]:
    """By device, when it told so last."""
    return {one.device_id: max(one.at_ms, one.last_ms) for one in events if one.device_id and gasps(one)}


def gasps(event: Event) -> bool:
    return bool(GASPS.search(event.mnemonic) or GASPS.search(event.text[:MOST_TEXT]))
