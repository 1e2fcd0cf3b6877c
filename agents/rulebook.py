"""The rules in force on this machine: the shipped ones, and the site's own folder over them."""

import logging
from pathlib import Path
from typing import NamedTuple

from core.errors import InvalidInputError
from core.paths import data_dir
from core.settings import Settings
from monitors.rules.book import Book, shipped, with_own
from monitors.rules.reading import read_rules
from monitors.rules.rule import Rule
from monitors.yamlfile import SIZE_LIMIT

MOST_FILES = 100
log = logging.getLogger(__name__)


class Found(NamedTuple):
    """problems: what could not be read, by file, line and key; its file is left out."""

    book: Book
    problems: tuple[str, ...] = ()


def folder_of(settings: Settings) -> Path:
    """Where the site's own rules are."""
    return Path(settings.rules.folder) if settings.rules.folder else data_dir(settings) / "rules"


def rulebook(settings: Settings) -> Found:
    """A file with a mistake is left out as a whole, and named; the others hold."""
    files: list[tuple[Rule, ...]] = []
    problems: list[str] = []
    folder = folder_of(settings)
    paths = sorted(folder.glob("*.yml"))[:MOST_FILES] if folder.is_dir() else []
    for path in paths:
        try:
            files.append(read_file(path))
        except InvalidInputError as error:
            problems.append(str(error))
    try:
        book = with_own(tuple(files))
    except InvalidInputError as error:
        problems.append(str(error))
        book = shipped()
    for problem in problems:
        log.warning("%s", problem)
    return Found(book, tuple(problems))


def read_file(path: Path) -> tuple[Rule, ...]:
    """The rules of one file. Raises `InvalidInputError`."""
    try:
        with path.open("rb") as file:
            return read_rules(path.name, file.read(SIZE_LIMIT + 1).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path.name}: {error}", way_out="Make it a readable UTF-8 file.") from None
