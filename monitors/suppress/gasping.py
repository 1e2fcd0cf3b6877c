"""Who said that its power goes: last gasp and the like, in the words of makers and standards (`dyingGasp` of EFM OAM, IEEE 802.3 57.4.3;
`upsTrapOnBattery` of UPS-MIB, RFC 1628)."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from core.events import Event

GASPS = re.compile(
    r"dying[ _-]?gasp|last[ _-]?gasp|upsTrapOnBattery|on ?battery|mains[ _-]?(fail|lost|off)|power[ _-]?(off|down|fail|lost|loss)"
    r"|utility ?(fail|lost)|掉电|断电|停电|电池供电",
    re.IGNORECASE,
)
BATTERY = re.compile(r"upsTrapOnBattery|on ?battery|mains|utility|市电|电池供电", re.IGNORECASE)
"""What a UPS says of the room; a last gasp is one device's own."""
OVER = re.compile(r"恢复|recover|restor|clear|resum", re.IGNORECASE)
BACK = re.compile(
    r"upsTrapOnLine|on ?line ?power|(mains|utility|power|input) ?(is |was )?(back|restored?|return\w*|recover\w*|normal|ok)\b"
    r"|市电恢复|来电|恢复供电|供电恢复",
    re.IGNORECASE,
)
MOST_TEXT = 500


class Word(NamedTuple):
    """What a device told of its power. at_ms: 0: it is back. room: it speaks for the room, as a UPS does."""

    at_ms: int
    room: bool


def powerless(events: Iterable[Event]) -> dict[str, Word]:
    """By device, what it told last."""
    found = {}
    for one in events:
        text = f"{one.mnemonic}\n{one.text[:MOST_TEXT]}"
        lost = bool(GASPS.search(text))
        back = bool(BACK.search(text)) or (lost and bool(OVER.search(text)))
        if one.device_id and (lost or back):
            found[one.device_id] = Word(0 if back else max(one.at_ms, one.last_ms), bool(BATTERY.search(text)))
    return found
