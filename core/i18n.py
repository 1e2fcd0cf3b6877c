"""Translations: English is the message id, Chinese comes from gettext catalogues, one for each room that speaks.

`tr("No such device: {name}", name=x)`: only the template is translated; values are filled in afterwards, as data.
"""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import resources

LANGUAGES = ("zh", "en")
_LOCALES = {"zh": "zh_CN"}
_current = ["zh"]
_speaking: ContextVar[str] = ContextVar("speaking", default="")


def choose(setting: str, environ: dict[str, str] | None = None) -> str:
    """`zh` or `en` for a setting of `auto`, `zh` or `en`. auto: English where the locale says so, else Chinese."""
    if setting in LANGUAGES:
        return setting
    env = os.environ if environ is None else environ
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "en" if locale.lower().startswith("en") else "zh"


def use(language: str) -> None:
    """Sets the language of this process."""
    _current[0] = language if language in LANGUAGES else "zh"


def language() -> str:
    return _speaking.get() or _current[0]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Another language for this task or thread alone: one request of many."""
    token = _speaking.set(language if language in LANGUAGES else "")
    try:
        yield
    finally:
        _speaking.reset(token)


@lru_cache(maxsize=8)
def catalogue(language: str) -> gettext.NullTranslations:
    """All catalogues of a language as one chain."""
    chain = gettext.NullTranslations()
    if language not in _LOCALES:
        return chain
    folder = resources.files("core") / "locale" / _LOCALES[language] / "LC_MESSAGES"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".mo"):
            with entry.open("rb") as file:
                chain.add_fallback(gettext.GNUTranslations(file))
    return chain


def mark(message: str) -> str:
    """Names a message id in data, where `tr` is called later with a variable: the scan for missing translations finds it here."""
    return message


_REASONS = (
    mark("No such file or directory"), mark("Is a directory"), mark("Not a directory"), mark("Permission denied"),
    mark("Operation not permitted"), mark("No space left on device"), mark("Read-only file system"), mark("File name too long"),
    mark("Input/output error"), mark("Too many open files"), mark("File exists"), mark("Disk quota exceeded"),
)
"""What the system says most often, so that it can be said in Chinese."""


def reason(error: OSError) -> str:
    """Why the system refused, in the current language where it is a common reason."""
    return tr(error.strerror) if error.strerror else type(error).__name__


def tr(message: str, /, **values: object) -> str:
    """The message in the current language, with its values filled in."""
    return tr_in(language(), message, **values)


@lru_cache(maxsize=8192)
def _translated(language: str, message: str) -> str:
    """Kept, because a chain asks one catalogue after the other: a storm of alerts spent three quarters of its time there."""
    return catalogue(language).gettext(message)


def tr_in(language: str, message: str, /, **values: object) -> str:
    text = _translated(language, message) if message else ""
    return text.format(**values) if values else text
