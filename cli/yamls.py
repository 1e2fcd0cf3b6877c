"""A record as YAML in the person's editor."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from cli.fields import fields
from core.errors import UsageError
from core.i18n import language, tr
from core.model import KEYED
from inventory.sheets.columns import BY_KIND, Column, title

LONGEST = 1 << 20
EDITORS = ("VISUAL", "EDITOR")


class _Plain(yaml.SafeLoader):
    """Without anchors: a small text that stands for a huge one is no record."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("alias")
        return super().compose_node(parent, index)


def written(kind: str, record: Any) -> str:
    """What the editor shows: the fields that people may change, each with its heading and what may stand there."""
    name = getattr(record, "key", record.name) if kind in KEYED else record.name
    lines = [f"# {title(kind, language())} {name}".replace("\n", " ")]
    settable = BY_KIND[kind].settable - {"name"}
    for field in fields(kind):
        if field.name not in settable or field.column is None:
            continue
        lines.append(f"# {_hint(field.column)}")
        value = getattr(record, field.name)
        shown = list(value) if field.column.many else field.column.show(value) if field.column.show else value
        lines.append(yaml.safe_dump({field.name: shown}, allow_unicode=True, width=1000).rstrip("\n"))
    return "\n".join(lines) + "\n"


def _hint(column: Column) -> str:
    words = ", ".join(value if value == zh else f"{value} ({zh})" for value, zh in column.words.items())
    return "; ".join(filter(None, (column.heading(language()), words, tr(column.note) if column.note else "")))


def read(text: str) -> dict[str, Any]:
    """Values by field. Raises `UsageError`."""
    if len(text) > LONGEST:
        raise UsageError(tr("The text is longer than {limit} characters.", limit=LONGEST))
    try:
        found = yaml.load(text, Loader=_Plain)  # noqa: S506 -- a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError):
        raise UsageError(tr("This is not YAML of the form `field: value`.")) from None
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise UsageError(tr("This is not YAML of the form `field: value`."))
    for name, value in found.items():
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, list | dict) for one in value)):
            raise UsageError(tr("{name} holds more than one value.", name=name[:64]))
    return {name: _cell(value) for name, value in found.items()}


def _cell(value: Any) -> Any:
    """YAML knows dates; a sheet's cell would have them as text."""
    return value if value is None or isinstance(value, str | bool | int | float | list) else str(value)


def in_editor(text: str) -> str:
    """What the person left of it. Raises `UsageError` where there is no editor, or it failed."""
    command = next((os.environ[name] for name in EDITORS if os.environ.get(name)), "vi")
    with tempfile.TemporaryDirectory(prefix="yunwang-edit-") as folder:
        file = Path(folder) / "record.yaml"
        file.write_text(text, "utf-8")
        try:
            code = subprocess.run([*shlex.split(command), str(file)], check=False).returncode
        except (OSError, ValueError):
            raise UsageError(
                tr("The editor {command} cannot be started.", command=command[:64]), way_out=tr("Set EDITOR, or give FIELD=VALUE words."),
            ) from None
        if code:
            raise UsageError(tr("The editor ended with an error: nothing was changed."))
        try:
            with file.open(encoding="utf-8") as edited:
                return edited.read(LONGEST + 1)
        except (OSError, UnicodeDecodeError):
            raise UsageError(tr("What the editor left cannot be read: nothing was changed.")) from None
