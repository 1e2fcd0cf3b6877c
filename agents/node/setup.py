"""Setting a node up, step by step; each step looks first whether it was done, so that the whole may be repeated at any time."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from agents.node.toml import value
from agents.places import settled
from agents.units import render
from core.errors import InvalidInputError, StorageError
from core.i18n import tr
from core.identity import OFFICES, Founding, Officer
from core.nouns import Noun
from core.paths import data_dir, make_private, run_dir
from core.settings import Settings, load
from stores.files import storage_errors, sync_folder
from stores.secrets import Keyring

SERVICE = "yunwang"
SYSTEM_CONFIG, OWN_CONFIG = Path("/etc/yunwang/yunwang.toml"), Path("~/.config/yunwang/yunwang.toml")
MAX_ANSWERS = 64 * 1024


class Person(Noun, frozen=True, kw_only=True):
    """Who holds an office."""

    name: str
    display_name: str = ""
    uid: int = -1


class Answers(Noun, frozen=True, kw_only=True):
    """What setup needs to know; the TOML file of `--answers`."""

    unit: str = ""
    """Name of the unit that runs this hub; empty: the accounts are not founded now."""
    level: Literal["city", "county", "township"] = "city"
    language: Literal["auto", "zh", "en"] = "auto"
    data_dir: str = ""
    run_dir: str = ""
    officers: dict[str, Person] = {}
    """By office: `[officers.system-administrator]`, `[officers.security-officer]`, `[officers.auditor]`."""

    def founding(self) -> Founding | None:
        if not self.unit:
            return None
        missing = [role for role in OFFICES if role not in self.officers]
        if missing or len(self.officers) != len(OFFICES):
            raise InvalidInputError(
                tr("Each of the three offices needs one person."), way_out=tr("Offices: {roles}.", roles=", ".join(OFFICES)),
            )
        officers = tuple(
            Officer(role=role, name=person.name, display_name=person.display_name, uid=person.uid)
            for role in OFFICES for person in [self.officers[role]]
        )
        return Founding(unit=self.unit, level=self.level, officers=officers)


class Step(NamedTuple):
    """One thing to do. do: None when it is done already."""

    name: str
    detail: str
    do: Callable[[], object] | None = None


def read_answers(path: Path) -> Answers:
    """Raises `InvalidInputError` that names the mistake."""
    import tomllib

    try:
        with path.open("rb") as file:
            text = file.read(MAX_ANSWERS + 1)
        if len(text) > MAX_ANSWERS:
            raise InvalidInputError(tr("The file {file} is larger than {limit} KiB.", file=path, limit=MAX_ANSWERS >> 10))
        return msgspec.convert(tomllib.loads(text.decode("utf-8-sig")), Answers)
    except OSError as error:
        raise StorageError(tr("The file {file} cannot be read: {reason}.", file=path, reason=error.strerror),
                           way_out=tr("Check its name and its mode.")) from None
    except (ValueError, RecursionError) as error:  # tomllib's, msgspec's and the decoder's errors are all of them
        raise InvalidInputError(tr("The answers in {file} are not understood: {reason}", file=path, reason=str(error)[:300]),
                                way_out=tr("docs/install.md shows such a file.")) from None


def config_path(given: str, *, system: bool) -> Path:
    return Path(given).expanduser().absolute() if given else SYSTEM_CONFIG if system else OWN_CONFIG.expanduser()


def wanted(answers: Answers, settings: Settings, *, system: bool) -> Settings:
    """The settings that the node will have."""
    general = settings.general
    folders = ("/var/lib/yunwang", "/run/yunwang") if system else (str(data_dir(settings)), str(run_dir(settings)))
    general = general.replace(
        data_dir=answers.data_dir or (general.data_dir or folders[0]), run_dir=answers.run_dir or (general.run_dir or folders[1]),
        language=answers.language if answers.language != "auto" else general.language,
    )
    return settled(settings.replace(general=general))


def settings_text(settings: Settings) -> str:
    general = settings.general
    return "\n".join([
        "# Yunwang. Every setting: docs/settings.md; `yunwang settings show --all` shows what is in force.",
        "[general]", f"language = {value(general.language)}", f"data_dir = {value(general.data_dir)}",
        f"run_dir = {value(general.run_dir)}", "",
    ])


class Place(NamedTuple):
    """Where setup works."""

    config: Path
    systemd: Path | None
    """Folder that stands for /etc; None: no units."""
    system: bool
    program: Path


def steps(settings: Settings, place: Place) -> list[Step]:
    """All but the accounts, in order."""
    found = [_settings(settings, place), *_folders(settings), _key(settings)]
    if place.systemd is not None:
        found += [_unit(place.systemd / name, text) for name, text in render(settings, place.program, place.config).items()]
    if place.system:
        found.append(_service_account(place.systemd or Path("/etc")))
    return found


def _settings(settings: Settings, place: Place) -> Step:
    if place.config.exists():
        load(place.config)  # raises what is wrong with it
        return Step(tr("settings file"), tr("{path} is there and stays as it is", path=place.config))
    mode = 0o640 if place.system else 0o600
    return Step(tr("settings file"), str(place.config), lambda: write_once(place.config, settings_text(settings), mode))


def _folders(settings: Settings) -> list[Step]:
    found = []
    for name, folder in ((tr("data folder"), data_dir(settings)), (tr("folder of the sockets"), run_dir(settings))):
        if folder.is_dir():
            loose = folder.stat().st_mode & 0o007
            detail = tr("{path} is there", path=folder)
            found.append(Step(name, f"chmod o= {folder}", lambda folder=folder: folder.chmod(folder.stat().st_mode & 0o770))  # type: ignore[misc]
                         if loose else Step(name, detail))
        else:
            found.append(Step(name, str(folder), lambda folder=folder: _make(folder)))  # type: ignore[misc]
    return found


def _make(folder: Path) -> None:
    with storage_errors(folder):
        make_private(folder)


def _key(settings: Settings) -> Step:
    if settings.secrets.key and not settings.secrets.key.startswith("file:"):
        return Step(tr("key of the secrets"), tr("comes from {place}", place=settings.secrets.key))
    file = Path(settings.secrets.key.partition(":")[2]).expanduser() if settings.secrets.key else data_dir(settings) / "secret.key"
    if file.exists():
        return Step(tr("key of the secrets"), tr("{path} is there", path=file))
    return Step(tr("key of the secrets"), str(file), lambda: Keyring.open(settings))


def _unit(path: Path, text: str) -> Step:
    name = tr("unit of systemd")
    if path.is_file() and path.read_text("utf-8", "replace") == text:
        return Step(name, tr("{path} is up to date", path=path))
    return Step(name, str(path), lambda: _write_unit(path, text))


def _write_unit(path: Path, text: str) -> None:
    """What stood there before is kept beside it: changes of one's own belong into a drop-in (`systemctl edit yunwang`)."""
    with storage_errors(path):
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if path.exists():
            path.replace(path.with_name(f"{path.name}.old"))
    write_once(path, text, 0o644)


def _service_account(etc: Path) -> Step:
    try:
        pwd.getpwnam(SERVICE)
    except KeyError:
        return Step(tr("account of the service"), SERVICE, lambda: _make_account(etc / "sysusers.d" / "yunwang.conf"))
    return Step(tr("account of the service"), tr("{name} is there", name=SERVICE))


def _make_account(file: Path) -> None:
    program = shutil.which("systemd-sysusers")
    by_hand = ["useradd", "--system", "--home-dir", "/var/lib/yunwang", "--shell", "/usr/sbin/nologin", SERVICE]
    command = [program, str(file)] if program and file.exists() else by_hand
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _no_account(command, type(error).__name__) from None
    if done.returncode:
        raise _no_account(command, done.stderr.strip()[:300])


def _no_account(command: list[str], reason: str) -> StorageError:
    return StorageError(tr("The account of the service could not be made: {reason}", reason=reason), way_out=" ".join(command))


def write_once(path: Path, text: str, mode: int) -> None:
    """A new file, durable; what is there already is never overwritten."""
    with storage_errors(path):
        path.parent.mkdir(mode=0o750 if mode & 0o040 else 0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            os.fchmod(fd, mode)
            file.write(text)
            file.flush()
            os.fsync(fd)
        sync_folder(path.parent)


def hand_over(settings: Settings, config: Path) -> None:
    """Gives the data to the account of the service: setup worked as root."""
    account = pwd.getpwnam(SERVICE)
    for folder in (data_dir(settings), run_dir(settings)):
        for path, folders, names in os.walk(folder):
            for name in (".", *folders, *names):
                os.chown(Path(path) / name, account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.chown(config.parent, 0, account.pw_gid)
    os.chown(config, 0, account.pw_gid)


def founded(settings: Settings) -> bool:
    """Whether there are accounts already, without a hub."""
    from stores.records import open_records, records_at

    where = records_at(settings)
    if "://" not in where and not Path(where).exists():
        return False
    store: Any = open_records(where, readonly=True)
    try:
        return next(iter(store.all("account")), None) is not None
    finally:
        store.close()
