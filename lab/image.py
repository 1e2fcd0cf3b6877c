"""The image of a City: everything about it that stands still, in one file that both players map.

Little-endian; `HEADER`, then the sections at the offsets that it names. Text and encoded OIDs lie in the blob; a reference is offset
and length.
lab/farm/farm.c has the same structures.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lab import mib
from lab.traffic import SLOTS, Patterns

MAGIC = b"YWIMAGE1"
SECTIONS = ("devices", "ports", "entities", "neighbours", "storage", "learned", "columns", "patterns", "blob")
HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("base", "<u4"),
        ("slots", "<u4"),
        *((f"n_{name}", "<u8") for name in SECTIONS),
        *((f"at_{name}", "<u8") for name in SECTIONS),
    ]
)
REF = [("at", "<u4"), ("size", "<u4")]
DEVICE = np.dtype(
    [
        ("first_port", "<u4"),
        ("ports", "<u4"),
        ("first_entity", "<u4"),
        ("entities", "<u4"),
        ("first_neighbour", "<u4"),
        ("neighbours", "<u4"),
        ("first_storage", "<u4"),
        ("storage", "<u4"),
        ("processors", "<u4"),
        ("boards", "<u4"),
        ("features", "<u4"),
        ("services", "<u4"),
        ("management", "<u4"),
        ("capabilities", "<u4"),
        ("memory_kb", "<u4"),
        ("mac", "u1", 6),
        ("pad", "u1", 2),
        ("gateway", "<u4"),
        ("first_fdb", "<u4"),
        ("fdb", "<u4"),
        ("first_arp", "<u4"),
        ("arp", "<u4"),
        ("first_vlan", "<u4"),
        ("vlans", "<u4"),
        ("first_vrf", "<u4"),
        ("vrfs", "<u4"),
        ("first_vrf_port", "<u4"),
        ("vrf_ports", "<u4"),
        ("descr", REF),
        ("object_id", REF),
        ("contact", REF),
        ("name", REF),
        ("location", REF),
        ("cpu", REF),
    ]
)
"""boards: the first so many entities have a processor. management: place of the port that has the address. capabilities: 16 LLDP bits.
gateway: number of the device above, `NOBODY` where there is none. fdb, arp, vlans, vrfs, vrf_ports: parts of `learned`."""
PORT = np.dtype(
    [
        ("index", "<u4"),
        ("if_type", "<u2"),
        ("physical", "u1"),
        ("pad", "u1"),
        ("mtu", "<u4"),
        ("mbps", "<u4"),
        ("mac", "u1", 6),
        ("pad1", "u1", 2),
        ("descr", REF),
        ("name", REF),
        ("alias", REF),
    ]
)
ENTITY = np.dtype(
    [
        ("index", "<u4"),
        ("contained_in", "<u4"),
        ("kind", "<u4"),
        ("position", "<i4"),
        ("fru", "<u4"),
        ("pad", "<u4"),
        ("descr", REF),
        ("name", REF),
        ("hardware", REF),
        ("firmware", REF),
        ("software", REF),
        ("serial", REF),
        ("maker", REF),
        ("model", REF),
    ]
)
NEIGHBOUR = np.dtype([("port", "<u4"), ("device", "<u4"), ("far_port", "<u4"), ("mark", "<u4"), ("index", "<u4"), ("pad", "<u4")])
"""port: place in the device; far_port: place among all ports. By ascending (mark, port, index)."""
STORAGE = np.dtype(
    [("index", "<u4"), ("kind", "<u4"), ("units", "<u4"), ("size", "<u4"), ("permille", "<u4"), ("pad", "<u4"), ("descr", REF)]
)
"""kind: last number of hrStorageType; permille: how full at rest."""
LEARNED = np.dtype(
    [("port", "<u4"), ("address", "<u4"), ("mac", "u1", 6), ("vlan", "<u2"), ("name", REF), ("more", REF)]
)
"""One row of what a device has learned or was told; which fields count depends on the table. port: place in the device. By ascending
index of its table. more: route distinguisher."""
NOBODY = 0xFFFF_FFFF
COLUMN = np.dtype(
    [
        ("oid", "<u4", 16),
        ("length", "u1"),
        ("table", "u1"),
        ("value", "<u2"),
        ("needs", "<u4"),
        ("lacks", "<u4"),
        ("encoded", "u1", 31),
        ("encoded_length", "u1"),
    ]
)

Array = npt.NDArray[Any]
_DTYPES = {
    "devices": DEVICE, "ports": PORT, "entities": ENTITY, "neighbours": NEIGHBOUR, "storage": STORAGE, "learned": LEARNED,
    "columns": COLUMN,
}


class Blob:
    """Byte strings by reference, each kept once."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._known: dict[bytes, tuple[int, int]] = {}

    def add(self, text: bytes | str) -> tuple[int, int]:
        """Offset and length of the text."""
        raw = text.encode() if isinstance(text, str) else text
        ref = self._known.get(raw)
        if ref is None:
            ref = self._known[raw] = len(self.data), len(raw)
            self.data += raw
        return ref


class Image(NamedTuple):
    """The sections of an image."""

    base: int
    """The address before that of device 0, as a number."""
    devices: Array
    ports: Array
    entities: Array
    neighbours: Array
    storage: Array
    learned: Array
    columns: Array
    patterns: Patterns
    blob: bytes


def encode_subs(subs: tuple[int, ...]) -> bytes:
    """Sub-identifiers in base 128 (X.690 8.19.2)."""
    out = bytearray()
    for sub in subs:
        part = [sub & 0x7F]
        while sub := sub >> 7:
            part.append(0x80 | sub & 0x7F)
        out += bytes(reversed(part))
    return bytes(out)


def encode_oid(oid: tuple[int, ...]) -> bytes:
    """An OID's content octets (X.690 8.19)."""
    return encode_subs((oid[0] * 40 + oid[1], *oid[2:]))


def columns() -> Array:
    """`lab.mib.COLUMNS` as a section."""
    out = np.zeros(len(mib.COLUMNS), COLUMN)
    for row, column in zip(out, mib.COLUMNS, strict=True):
        encoded = encode_oid(column.oid)
        row["oid"][: len(column.oid)], row["length"] = column.oid, len(column.oid)
        row["table"], row["value"], row["needs"], row["lacks"] = column.table, column.value, column.needs, column.lacks
        row["encoded"][: len(encoded)], row["encoded_length"] = list(encoded), len(encoded)
    return out


def write(path: Path, image: Image) -> None:
    """The image into a file."""
    head = np.zeros(1, HEADER)
    head["magic"], head["base"], head["slots"] = MAGIC, image.base, SLOTS
    at, parts = HEADER.itemsize, []
    for name in SECTIONS:
        section = getattr(image, name)
        raw = section if isinstance(section, bytes) else section.tobytes()
        head[f"n_{name}"], head[f"at_{name}"] = len(section), at
        parts += [raw, b"\0" * (-len(raw) % 64)]
        at += len(raw) + -len(raw) % 64
    with path.open("wb") as file:
        file.write(head.tobytes())
        file.writelines(parts)


def read(path: Path) -> Image:
    """The image in a file, mapped."""
    data = np.memmap(path, np.uint8, "r")
    head = data[: HEADER.itemsize].view(HEADER)[0]

    def section(name: str) -> Array:
        start, count, dtype = int(head[f"at_{name}"]), int(head[f"n_{name}"]), _DTYPES[name]
        return data[start : start + count * dtype.itemsize].view(dtype)

    start, count = int(head["at_patterns"]), int(head["n_patterns"])
    curves = data[start : start + count * (SLOTS + 1) * 8].view("<u8").reshape(count, SLOTS + 1)
    start, count = int(head["at_blob"]), int(head["n_blob"])
    parts = [section(name) for name in SECTIONS[:7]]
    blob = data[start : start + count].tobytes()
    return Image(
        int(head["base"]), parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], curves, blob,
    )
