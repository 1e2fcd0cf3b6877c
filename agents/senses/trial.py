"""When not all devices can be polled together: which of them cannot, so that the others are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agents.senses.entry import ALIVE, Entry
from agents.senses.ports import NO_PORTS
from core.errors import YunwangError
from core.i18n import tr
from core.polling import Readings
from links.snmp.engine import Engine
from links.snmp.secure import most_peers
from monitors.samples import NOT_STORED, Ledger, keys_of


class Separated(NamedTuple):
    """entries: what can be polled. unusable: why the others cannot, by device, in one sentence. odd: devices of which only sysUpTime is
    polled, because what discovery made of them cannot be."""

    entries: list[Entry]
    unusable: dict[str, str]
    odd: set[str]


def separated(engine: Engine, entries: Sequence[Entry]) -> Separated:
    """Tries each device alone. Takes a millisecond a device, and is needed only after a failure."""
    out = Separated([], {}, set())
    left = most_peers()
    for entry in entries:
        device_id = entry.target.device_id
        secure = entry.target.version == "3"
        if secure and left <= 0:
            out.unusable[device_id] = tr("This process may not open more files, and each SNMP v3 device needs one.")
        elif not _problem(engine, entry):
            out.entries.append(entry)
            left -= secure
        elif problem := _problem(engine, entry._replace(polled=ALIVE)):
            out.unusable[device_id] = problem
        else:
            out.entries.append(entry._replace(polled=ALIVE, ports=NO_PORTS))
            out.odd.add(device_id)
            left -= secure
    return out


def _problem(engine: Engine, entry: Entry) -> str:
    """Why this device cannot be polled; empty: it can."""
    try:
        engine.trial(entry.target, entry.polled.plan)
        unstored = np.full(len(keys_of(entry.device.id, entry.polled)), NOT_STORED, np.uint32)
        Ledger(Readings([entry.polled.plan.size]), [entry.polled], [unstored])
    except YunwangError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever is odd about one device, the others are polled
        return f"{type(error).__name__}: {error}"
    return ""
