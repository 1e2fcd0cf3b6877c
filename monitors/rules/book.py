"""The rules in force: those that the product ships, and the site's own over them."""

from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import msgspec

from core.rules import RuleText
from monitors.rules.reading import put_together, read_rules
from monitors.rules.rule import Rule, RuleKind


class Book(NamedTuple):
    """All rules by name, also those that are off."""

    rules: dict[str, Rule]

    def of(self, *kinds: RuleKind) -> tuple[Rule, ...]:
        """Those of these kinds that are on; of changes those of figures."""
        return tuple(rule for rule in self.rules.values() if rule.kind in kinds and not rule.off and not rule.fact)

    def about_facts(self) -> tuple[Rule, ...]:
        """Those about what a device is, that are on."""
        return tuple(rule for rule in self.rules.values() if rule.fact and not rule.off)

    def texts(self) -> dict[str, dict[str, RuleText]]:
        """Of each rule that brings its own, by language."""
        return {
            rule.name: {
                language: RuleText(getattr(rule.says, language), getattr(rule.hint, language) if rule.hint else "")
                for language in ("zh", "en")
            }
            for rule in self.rules.values() if rule.says
        }


Files = tuple[tuple[Rule, ...], ...]
"""The site's own rules, by file."""


class Moved(NamedTuple):
    """Names of rules by what became of them from one book to the next. gone: also those that were switched off."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def moved(before: Book, after: Book) -> Moved:
    """What is judged differently: where a rule stands in its file is no difference."""
    old, new = ({rule.name: rule.replace(source="") for rule in book.rules.values() if not rule.off} for book in (before, after))
    return Moved(
        tuple(sorted(new.keys() - old.keys())), tuple(sorted(name for name in new.keys() & old.keys() if new[name] != old[name])),
        tuple(sorted(old.keys() - new.keys())),
    )


def packed(files: Files) -> bytes:
    """Rules as bytes, for a file or another process."""
    return msgspec.msgpack.encode(files)


def unpacked(body: bytes) -> Files:
    """Raises `msgspec.DecodeError` for what was not packed by `packed` of the same release."""
    return msgspec.msgpack.decode(body, type=Files)


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[tuple[Rule, ...], ...]:
    """Rules of `monitors/alarms`, by file."""
    folder = resources.files("monitors") / "alarms"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yml")), key=lambda entry: entry.name)
    return tuple(read_rules(entry.name, entry.read_text("utf-8")) for entry in files)


@lru_cache(maxsize=1)
def shipped() -> Book:
    """What the product watches from the first day."""
    return Book(put_together(shipped_rules()))


def with_own(own: tuple[tuple[Rule, ...], ...]) -> Book:
    """The shipped rules with the site's over them."""
    return Book(put_together((*shipped_rules(), *own)))
