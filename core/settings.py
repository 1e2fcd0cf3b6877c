"""Settings: `yunwang.toml`, overruled by `YUNWANG_SECTION_NAME` in the environment. A mistake is named by file, line and key."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from core.errors import SettingsError
from core.i18n import tr
from core.nouns import Noun
from core.sections import (
    Accounts,
    Api,
    Audit,
    Availability,
    Ears,
    Export,
    General,
    Logs,
    Polling,
    Probes,
    Records,
    Rules,
    Samples,
    Secrets,
    Service,
    Work,
)


class Settings(Noun, frozen=True, kw_only=True):
    """All settings of one node."""

    general: General = General()
    polling: Polling = Polling()
    probes: Probes = Probes()
    samples: Samples = Samples()
    rules: Rules = Rules()
    export: Export = Export()
    availability: Availability = Availability()
    logs: Logs = Logs()
    ears: Ears = Ears()
    records: Records = Records()
    api: Api = Api()
    accounts: Accounts = Accounts()
    audit: Audit = Audit()
    secrets: Secrets = Secrets()
    service: Service = Service()
    work: Work = Work()


_LARGEST = 64 << 10
SEARCH = ("yunwang.toml", "~/.config/yunwang/yunwang.toml", "/etc/yunwang/yunwang.toml")


def load(path: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from one file and the environment. path None: `YUNWANG_CONFIG`, else the first of `SEARCH` that exists."""
    env = os.environ if environ is None else environ
    chosen = path or env.get("YUNWANG_CONFIG") or next((p for p in SEARCH if _is_there(_expanded(p))), None)
    tree: dict[str, Any] = {}
    if chosen:
        file = _expanded(chosen)
        text = _read(file)
        tree = _parse(text, file)
        _check_file(tree, text, file)
    _overrule(tree, env)
    return msgspec.convert(tree, Settings, strict=True)


def takes(type_: Any) -> str:
    """What a setting of this type may be, for a person: `a whole number, ≥ 1, ≤ 86400`."""
    schema = msgspec.json.schema(type_)
    if "enum" in schema:
        return tr("one of {choices}", choices=", ".join(schema["enum"]))
    names = {"integer": tr("a whole number"), "number": tr("a number"), "string": tr("text"), "boolean": tr("true or false")}
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {schema[key]:.15g}" for key, sign in signs.items() if key in schema]
    return ", ".join([names.get(schema.get("type", ""), tr("another type")), *bounds])


def _expanded(path: str | Path) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no such user, or no home: then there is no such file either
        return Path(path)


def _is_there(file: Path) -> bool:
    """Not there either when it lies where this account may not look."""
    try:
        return file.is_file()
    except OSError:
        return False


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise SettingsError(tr("The settings file {file} is larger than {limit} KiB.", file=file, limit=_LARGEST >> 10),
                                way_out=tr("Name another with --config or YUNWANG_CONFIG."))
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(tr("There is no settings file {file}.", file=file),
                            way_out=tr("Name another with --config or YUNWANG_CONFIG.")) from None
    except UnicodeDecodeError:
        raise SettingsError(tr("The settings file {file} is not UTF-8.", file=file), way_out=tr("Save it as UTF-8.")) from None
    except SettingsError:
        raise
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SettingsError(tr("The settings file {file} cannot be read: {reason}.", file=file, reason=reason),
                            way_out=tr("Check its name and its mode.")) from None


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"^(.*) \(at line (\d+)", str(error), re.DOTALL)
        line, reason = (where[2], where[1]) if where else (text.count("\n") + 1, str(error).partition(" (")[0])
        raise _not_toml(f"{file}:{line}", reason) from None
    except (RecursionError, ValueError) as error:
        reason = tr("too deeply nested") if isinstance(error, RecursionError) else str(error)
        raise _not_toml(str(file), reason) from None


def _not_toml(at: str, reason: str) -> SettingsError:
    return SettingsError(tr("{at}: this is not TOML: {reason}.", at=at, reason=reason), way_out=tr("Mend that line."))


def _check_file(tree: dict[str, Any], text: str, file: Path) -> None:
    sections = {section.name: section for section in msgspec.structs.fields(Settings)}
    for name, body in tree.items():
        at = f"{file}:{line_of(text, (name,))}"
        if name not in sections:
            raise _unknown(at, name, name, sections)
        if not isinstance(body, dict):
            raise SettingsError(tr("{at}: {name} is a section.", at=at, name=name), way_out=tr("Write [{name}] above its keys.", name=name))
        fields = {field.name: field for field in msgspec.structs.fields(sections[name].type)}
        for key, value in body.items():
            at = f"{file}:{line_of(text, (name, key))}"
            if key not in fields:
                raise _unknown(at, f"{name}.{key}", key, fields)
            _check_value(value, fields[key].type, f"{at}: {name}.{key}", strict=True)


def _check_value(value: Any, type_: Any, name: str, *, strict: bool) -> Any:
    try:
        return msgspec.convert(value, type_, strict=strict)
    except msgspec.ValidationError:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:60]}.."
        raise SettingsError(tr("{name} is {value}; it takes {what}.", name=name, value=shown, what=takes(type_)),
                            way_out=tr("docs/settings.md explains every setting.")) from None


def _unknown(at: str, name: str, word: str, known: Iterable[str]) -> SettingsError:
    near = get_close_matches(word, known := list(known), 1, 0.5)
    way = tr("Did you mean {word}?", word=near[0]) if near else tr("Known here: {names}.", names=", ".join(known))
    return SettingsError(tr("{at}: there is no setting {name}.", at=at, name=name), way_out=way)


def _overrule(tree: dict[str, Any], env: Mapping[str, str]) -> None:
    for section in msgspec.structs.fields(Settings):
        prefix = f"YUNWANG_{section.name}_".upper()
        fields = {f"{prefix}{field.name}".upper(): field for field in msgspec.structs.fields(section.type)}
        for name in sorted(name for name in env if name.startswith(prefix)):
            if name not in fields:
                raise _unknown(tr("environment"), name, name, fields)
            value = _check_value(env[name], fields[name].type, f"{tr('environment')}: {name}", strict=False)
            tree.setdefault(section.name, {})[fields[name].name] = value


def line_of(text: str, path: tuple[str, ...]) -> int:
    """1-based line of a key of a TOML text; of its section where the key stands inline; 1 when not found."""
    section, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        head, bracket, _ = line.strip().partition("]")
        if bracket and head.startswith("["):
            section = _bare(head.lstrip("["))
            if path[:1] == (section,) or ".".join(path) == section:
                best = number
                if len(path) == 1 or ".".join(path) == section:
                    return number
        elif "=" in line:
            key = _bare(line.partition("=")[0])
            here = f"{section}.{key}" if section else key
            if here == ".".join(path):
                return number
            if here == path[0]:
                best = number
    return best


def _bare(key: str) -> str:
    return re.sub(r"""["'\s]""", "", key)
