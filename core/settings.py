"""Settings: `yunwang.toml`, overruled by `YUNWANG_SECTION_NAME` in the environment. A mistake is named by file, line and key.

Every field's description is its documentation: docs/settings.md is made from here.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from core.errors import SettingsError
from core.nouns import Noun

Port = Annotated[int, Meta(ge=0, le=65535)]


class General(Noun, frozen=True, kw_only=True):
    """Who and where."""

    language: Annotated[Literal["auto", "zh", "en"], Meta(description="Language of screens, messages and reports.")] = "auto"
    data_dir: Annotated[str, Meta(description="Folder of all stores. Empty: /var/lib/yunwang as root, else ~/.local/share/yunwang.")] = ""
    run_dir: Annotated[str, Meta(description="Folder of sockets and the lock. Empty: /run/yunwang or XDG_RUNTIME_DIR.")] = ""
    idle_stop_s: Annotated[
        int, Meta(ge=0, description="A hub that a console started stops this long after the last client, when nothing is polled. 0: never.")
    ] = 300


class Polling(Noun, frozen=True, kw_only=True):
    """SNMP polling."""

    interval_s: Annotated[int, Meta(ge=1, le=86400, description="Interval of devices that name none, seconds.")] = 60
    window: Annotated[int, Meta(ge=1, le=65536, description="Requests in flight over all devices; one device has at most one.")] = 512
    max_datagram: Annotated[int, Meta(ge=484, le=65507, description="Largest answer asked of a device at first, bytes.")] = 1400
    dead_probe_s: Annotated[int, Meta(ge=1, description="Longest pause between two probes of a device that does not answer.")] = 300
    rediscover_s: Annotated[int, Meta(ge=60, description="Longest time until a device's tables are read anew.")] = 86400
    receive_buffer: Annotated[int, Meta(ge=65536, description="Socket receive buffer, bytes; bounded by net.core.rmem_max.")] = 8388608


class Samples(Noun, frozen=True, kw_only=True):
    """The sample store and what it forgets."""

    raw_days: Annotated[int, Meta(ge=1, description="Days that raw samples are kept.")] = 7
    five_minute_days: Annotated[int, Meta(ge=1, description="Days that 5-minute roll-ups are kept.")] = 90
    hour_days: Annotated[int, Meta(ge=1, description="Days that 1-hour roll-ups are kept.")] = 1095
    disk_share: Annotated[float, Meta(gt=0, le=1, description="Share of the file system that samples may take; the oldest go first.")] = 0.5
    seal_s: Annotated[int, Meta(ge=1, description="Seconds until an open segment is sealed as Parquet.")] = 600


class Logs(Noun, frozen=True, kw_only=True):
    """The store of raw traps and syslog."""

    keep_days: Annotated[int, Meta(ge=190, description="Days that raw lines are kept; the law asks for half a year.")] = 190
    disk_share: Annotated[float, Meta(gt=0, le=1, description="Share of the file system from which on a warning is raised.")] = 0.3


class Ears(Noun, frozen=True, kw_only=True):
    """Listeners for traps and syslog. Port 0: not listening."""

    address: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    syslog_port: Annotated[Port, Meta(description="UDP port for syslog (standard: 514).")] = 0
    trap_port: Annotated[Port, Meta(description="UDP port for traps (standard: 162).")] = 0


class Settings(Noun, frozen=True, kw_only=True):
    """All settings of one node."""

    general: General = General()
    polling: Polling = Polling()
    samples: Samples = Samples()
    logs: Logs = Logs()
    ears: Ears = Ears()


SEARCH = ("yunwang.toml", "~/.config/yunwang/yunwang.toml", "/etc/yunwang/yunwang.toml")


def load(path: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from one file and the environment. path None: `YUNWANG_CONFIG`, else the first of `SEARCH` that exists."""
    env = os.environ if environ is None else environ
    chosen = path or env.get("YUNWANG_CONFIG") or next((p for p in SEARCH if Path(p).expanduser().is_file()), None)
    tree: dict[str, Any] = {}
    text, file = "", Path(chosen).expanduser() if chosen else None
    if file is not None:
        text = _read(file)
        tree = _parse(text, file)
        _check_keys(tree, text, file)
    _overrule(tree, env)
    try:
        return msgspec.convert(tree, Settings, strict=True)
    except msgspec.ValidationError as error:
        raise _located(error, text, file) from None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise SettingsError(f"There is no settings file {file}.", way_out="Name another with --config or YUNWANG_CONFIG.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise SettingsError(f"The settings file {file} cannot be read: {reason}.", way_out="Mend the file or its mode.") from None


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: this is not TOML: {error}.", way_out="Mend that line.") from None


def _check_keys(tree: dict[str, Any], text: str, file: Path) -> None:
    for section, body in tree.items():
        known = {f.name: f for f in msgspec.structs.fields(Settings)}
        if section not in known:
            raise _unknown(file, text, (section,), section, list(known))
        if not isinstance(body, dict):
            at = f"{file}:{line_of(text, (section,))}"
            raise SettingsError(f"{at}: {section} is a section.", way_out=f"Write [{section}] above its keys.")
        names = [f.name for f in msgspec.structs.fields(known[section].type)]
        for key in body:
            if key not in names:
                raise _unknown(file, text, (section, key), key, names)


def _unknown(file: Path, text: str, path: tuple[str, ...], word: str, known: list[str]) -> SettingsError:
    near = get_close_matches(word, known, 1, 0.5)
    way = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
    return SettingsError(f"{file}:{line_of(text, path)}: there is no setting {'.'.join(path)}.", way_out=way)


def _overrule(tree: dict[str, Any], env: Mapping[str, str]) -> None:
    for section in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(section.type):
            name = f"YUNWANG_{section.name}_{field.name}".upper()
            if name in env:
                tree.setdefault(section.name, {})[field.name] = _scalar(env[name], field.type, name)


def _scalar(text: str, type_: Any, name: str) -> Any:
    try:
        return msgspec.convert(text, type_, strict=False)
    except msgspec.ValidationError as error:
        problem = f"The environment variable {name} is {text!r}: {_plain(str(error))}."
        raise SettingsError(problem, way_out="Set it anew or unset it.") from None


def _plain(message: str) -> str:
    message = re.sub(r" - at `[^`]*`$", "", message)
    return message[:1].lower() + message[1:]


def _located(error: msgspec.ValidationError, text: str, file: Path | None) -> SettingsError:
    where = re.search(r"`\$\.([\w.]+)`", str(error))
    path = tuple(where[1].split(".")) if where else ()
    line = line_of(text, path)
    at = f"{file}:{line}" if file else "environment"
    return SettingsError(f"{at}: {'.'.join(path)}: {_plain(str(error))}.", way_out="docs/settings.md names what each setting takes.")


def line_of(text: str, path: tuple[str, ...]) -> int:
    """1-based line of a key of a TOML text; of its section where the key stands inline; 1 when not found."""
    section, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            section = head[1]
            if path[:1] == (section,):
                best = number
                if len(path) == 1:
                    return number
        elif (key := re.match(r"\s*([\w.-]+)\s*=", line)) and path == tuple(filter(None, f"{section}.{key[1]}".split("."))):
            return number
    return best
