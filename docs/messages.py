"""Message ids and their translations: what is said anywhere in the product, and what the catalogues know of it."""

import argparse
import ast
import inspect
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "core" / "locale" / "zh_CN" / "LC_MESSAGES"
ROOMS = ("core", "stores", "links", "monitors", "inventory", "agents", "client", "lab", "tui", "cli")
_CALLS = {"tr": 0, "mark": 0, "tr_in": 1}


def catalogues() -> dict[Path, Catalog]:
    """Every .po file, parsed."""
    found = {}
    for path in sorted(LOCALES.glob("*.po")):
        with path.open("rb") as file:
            found[path] = read_po(file, locale="zh_CN", abort_invalid=True)
    return found


def compiled(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def entries(catalogue: Catalog) -> dict[str, str]:
    """Translations by id, as far as they are final."""
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}


def is_current(source: Catalog, target: Path) -> bool:
    """Whether a .mo says what its .po says; headers hold dates and do not count."""
    if not target.exists():
        return False
    with target.open("rb") as file:
        return entries(read_mo(file)) == entries(source)


def used() -> dict[str, str]:
    """Where each message id stands first (`room/file.py:12`), by id."""
    places: dict[str, str] = {}
    for message, place in (*_in_code(), *_in_operations(), *_in_settings(), *_in_errors(), *_in_sheets(), *_in_argparse()):
        places.setdefault(message, place)
    return places


def _in_code() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and (message := _literal(node)):
                    yield message, f"{path.relative_to(ROOT)}:{node.lineno}"


def _literal(call: ast.Call) -> str:
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    position = _CALLS.get(name)
    if position is None or len(call.args) <= position:
        return ""
    value = call.args[position]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _in_operations() -> Iterator[tuple[str, str]]:
    from core.operations import OPERATIONS

    for operation in OPERATIONS:
        place = f"core/operations: {operation.id}"
        yield from ((text, place) for text in (operation.summary, operation.label) if text)
        yield from ((argument.help, place) for argument in operation.arguments if argument.help)


def _in_settings() -> Iterator[tuple[str, str]]:
    import msgspec

    from core.settings import Settings

    for section in msgspec.structs.fields(Settings):
        yield (inspect.getdoc(section.type) or ""), "core/settings.py"
        for field in msgspec.structs.fields(section.type):
            yield description(field.type), f"core/settings.py: {section.name}.{field.name}"


def description(annotated: object) -> str:
    """The description of a setting's field; of the outermost `Meta` that has one."""
    found = [meta.description for meta in getattr(annotated, "__metadata__", ()) if getattr(meta, "description", None)]
    return found[-1] if found else ""


def _in_errors() -> Iterator[tuple[str, str]]:
    from core import errors

    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.YunwangError) and kind is not errors.YunwangError:
            yield (inspect.getdoc(kind) or "").splitlines()[0], "core/errors.py"


def _in_sheets() -> Iterator[tuple[str, str]]:
    from core.model import LISTED
    from inventory.sheets.cells import ODD
    from inventory.sheets.columns import SHEETS
    from inventory.sheets.words import LEVELS

    yield from ((text, "inventory/sheets/cells.py") for text in ODD.values())
    yield from ((word, "core/model.py") for word in (*LEVELS, *LISTED))
    yield from ((column.note, "inventory/sheets") for sheet in SHEETS for column in sheet.columns if column.note)


def _in_argparse() -> Iterator[tuple[str, str]]:
    """What argparse says to people; what it says to programmers has no translation."""
    wanted = ("usage: ", "argument %(", "positional", "options", "show this", "unrecognized", "ambiguous", "invalid choice", "expected ",
              "invalid %(type)s value", "the following arguments", "one of the arguments", "not allowed with", "ignored explicit")
    for node in ast.walk(ast.parse(inspect.getsource(argparse))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            yield from ((text, "argparse") for text in texts if text.startswith(wanted))


def faults() -> list[str]:
    """Missing translations as lines to paste into a catalogue, and translations whose {fields} differ."""
    known: dict[str, str] = {}
    found = []
    for path, catalogue in catalogues().items():
        for message, translation in entries(catalogue).items():
            known.setdefault(message, translation)
            if _fields(message) != _fields(translation):
                found.append(f"{path.name}: the fields in braces differ: {message}")
    for message, place in used().items():
        if message and message not in known:
            found.append(f'#: {place}\nmsgid "{_escaped(message)}"\nmsgstr ""\n')
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {"a brace without its partner"}
