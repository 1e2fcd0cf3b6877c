"""The keys of a node. The first seals; all of them open, so that a rotation may stop anywhere and be resumed."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from core.custody import SealedSecret
from core.errors import SettingsError, StorageError
from core.i18n import tr
from core.nouns import new_id
from core.paths import data_dir
from core.settings import Settings
from stores.secrets.places import create_private, handed_over, private_text, replace_private
from stores.secrets.sealing import Cipher, Key, Label, seal, unseal

KEY_FILE = "secret.key"
MOST_KEYS = 16


class Keyring:
    """Safe to use from many threads. `file`: where it is written when it is rotated; None: somebody else's to write."""

    def __init__(self, keys: tuple[Key, ...], cipher: Cipher, file: Path | None = None, clock: Callable[[], int] | None = None) -> None:
        self._keys, self._cipher, self.file = keys, cipher, file
        self._known = {key.id: key for key in keys}
        self._clock = clock or (lambda: time.time_ns() // 1_000_000)
        self._lock = threading.Lock()

    @classmethod
    def open(cls, settings: Settings, *, create: bool = True) -> "Keyring":
        """The keys that `secrets.key` names. A missing file is created where `create` allows it; raises `SettingsError`."""
        kind, _, name = settings.secrets.key.partition(":")
        cipher = settings.secrets.cipher
        if kind == "env" and name:
            return cls(_parsed(os.environ.get(name, ""), f"env:{name}"), cipher)
        if kind == "credential" and name:
            return cls(_parsed(handed_over(name), f"credential:{name}"), cipher)
        if kind not in ("", "file") or (kind and not name):
            raise SettingsError(
                tr("secrets.key must be file:PATH, credential:NAME or env:NAME."), way_out=tr("Name the place, never the key itself."),
            )
        file = Path(name).expanduser() if name else data_dir(settings) / KEY_FILE
        return cls(_from_file(file, create=create), cipher, file)

    @property
    def current(self) -> str:
        """Id of the key that seals."""
        return self._keys[0].id

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(key.id for key in self._keys)

    def seal(self, name: str, secret: bytes, *, id: str = "", version: int = 1) -> SealedSecret:  # noqa: A002 -- the noun's field
        """The secret as it may be stored. id empty: a new one."""
        now = self._clock()
        return seal(self._keys[0], self._cipher, Label(id or new_id(now), name, version), secret, now)

    def unseal(self, sealed: SealedSecret) -> bytes:
        """The secret. Raises `StorageError`: its key is not here, or the record was changed."""
        key = self._known.get(sealed.key_id)
        if key is None:
            raise StorageError(
                tr("The secret {name} was sealed with the key {key}, which is not here.", name=sealed.name, key=sealed.key_id[:16]),
                way_out=tr("Put that key back as another line of the key file, or enter the secret anew."),
            )
        return unseal(key, sealed)

    def seal_text(self, name: str, secret: bytes) -> str:
        """A sealed secret as one line of text, for a field of another record; `name` is checked when it is opened."""
        return msgspec.json.encode(self.seal(name, secret)).decode()

    def unseal_text(self, name: str, text: str) -> bytes:
        sealed = _read_text(text)
        if sealed.name != name:
            raise StorageError(tr("A sealed secret belongs to something else."), way_out=tr("Ask who changed the records."))
        return self.unseal(sealed)

    def is_current(self, sealed: SealedSecret) -> bool:
        """Under the key and the cipher that are used now."""
        return sealed.key_id == self.current and sealed.cipher == self._cipher

    def is_current_text(self, text: str) -> bool:
        return self.is_current(_read_text(text))

    def reseal(self, sealed: SealedSecret) -> SealedSecret:
        """The same secret under the current key, one version later."""
        return self.seal(sealed.name, self.unseal(sealed), id=sealed.id, version=sealed.version + 1)

    def reseal_text(self, text: str) -> str:
        return msgspec.json.encode(self.reseal(_read_text(text))).decode()

    def begin_rotation(self) -> str:
        """Makes a new key current, durably, with the old ones kept behind it; returns its id. One that was begun before is gone on with."""
        with self._lock:
            if len(self._keys) == 1:
                self._use((Key.new(), *self._keys))
            return self.current

    def end_rotation(self) -> tuple[str, ...]:
        """Takes the old keys out of the file: only to be called when nothing is sealed with them. Returns their ids.

        What this process has in memory can still open them, until it ends.
        """
        with self._lock:
            retired = self._keys[1:]
            if retired and self.file is not None:
                replace_private(self.file, _text(self._keys[:1]))
                self._keys = self._keys[:1]
            return tuple(key.id for key in retired)

    def _use(self, keys: tuple[Key, ...]) -> None:
        if self.file is None:
            raise SettingsError(
                tr("The key is not kept in a file of ours, so we cannot make a new one."),
                way_out=tr("Put a new key before the old one where secrets.key points, start the hub again, and repeat this."),
            )
        replace_private(self.file, _text(keys))
        self._keys = keys
        self._known |= {key.id: key for key in keys}

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self.ids)})"


def _from_file(file: Path, *, create: bool) -> tuple[Key, ...]:
    if not os.path.lexists(file):
        if not create:
            raise SettingsError(
                tr("The key file {path} is missing, but there are secrets that it sealed.", path=file),
                way_out=tr("Put it back. If it is lost for good: (umask 077; openssl rand -base64 32 > {path}), then enter them anew.",
                           path=file),
            )
        create_private(file, _text((Key.new(),)))
    return _parsed(private_text(file), str(file))


def _text(keys: tuple[Key, ...]) -> str:
    return "# The key of sealed secrets; the first line seals. Keep a copy apart from the backups.\n" + "".join(
        f"{key.text()}\n" for key in keys
    )


def _parsed(text: str, place: str) -> tuple[Key, ...]:
    """Keys in base64, separated by white space; lines that begin with # are left out."""
    words = " ".join(line for line in text.splitlines() if not line.lstrip().startswith("#")).split()
    keys = [Key.parse(word) for word in words[: MOST_KEYS + 1]]
    if not keys or len(keys) > MOST_KEYS or None in keys:
        raise SettingsError(
            tr("There is no key at {place}: it must be 32 bytes in base64.", place=place), way_out=tr("Make one: openssl rand -base64 32"),
        )
    return tuple({key.id: key for key in keys if key is not None}.values())


def _read_text(text: str) -> SealedSecret:
    try:
        return msgspec.json.decode(text, type=SealedSecret)
    except msgspec.DecodeError:
        raise StorageError(
            tr("A sealed secret was changed in the store and is not used."), way_out=tr("Ask who changed the records."),
        ) from None
