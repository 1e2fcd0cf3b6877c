"""Probes from a YAML file: a list under `probes`, each with the fields of `core.probes.NewProbe`; `object: KIND:NAME` as in commands."""

from typing import Any

import msgspec

from core.errors import InvalidInputError
from core.probes import NewProbe
from monitors.probes.kinds import check
from monitors.yamlfile import Document, Path

MOST = 2000
_WAY_OUT = "docs/probes.md shows what each kind takes."


def read(name: str, text: str) -> tuple[NewProbe, ...]:
    """Raises `InvalidInputError` with file, line and key of the first mistake."""
    document = Document(name, text)
    tree = document.tree
    found = tree.get("probes") if isinstance(tree, dict) else None
    if not isinstance(found, list) or not found or len(found) > MOST or set(tree) != {"probes"}:
        raise document.wrong((), f"it is not a list of at most {MOST} under the key probes.", _WAY_OUT)
    out = [_probe(document, ("probes", number), item) for number, item in enumerate(found)]
    seen: set[str] = set()
    for number, probe in enumerate(out):
        if probe.name in seen:
            raise document.wrong(("probes", number, "name"), f"{probe.name} stands here twice.", "Give each its own name.")
        seen.add(probe.name)
    return tuple(out)


def _probe(document: Document, path: Path, item: Any) -> NewProbe:
    if not isinstance(item, dict):
        raise document.wrong(path, "this is no probe.", _WAY_OUT)
    fields = dict(item)
    if isinstance(about := fields.get("object"), str) and "object_kind" not in fields:
        kind, _, fields["object"] = about.rpartition(":")
        fields["object_kind"] = kind or "device"
    if isinstance(options := fields.get("options"), dict):
        fields["options"] = {str(key): _text(value) for key, value in options.items()}
    try:
        probe = msgspec.convert(fields, NewProbe)
        check(probe)
    except msgspec.ValidationError as error:
        raise document.wrong(path, str(error)[:200], _WAY_OUT) from None
    except InvalidInputError as error:
        raise document.wrong(path, error.message, error.way_out or _WAY_OUT) from None
    return probe


def _text(value: Any) -> Any:
    """Numbers and yes/no as people write them there."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else value
