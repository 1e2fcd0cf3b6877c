"""What one cell says: each parser takes a cell and returns a value, or raises `CellError` with one sentence for a person.

Numbers, addresses and words of a list are compared in NFKC, so that full-width digits and letters typed with a Chinese input method
count; free text is kept in NFC, as it was written.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

from core.i18n import language, tr
from core.locators import is_locator
from core.messages import Cell, OddCell
from core.platforms import PLATFORMS
from core.width import clean

Value = str | int | bool | tuple[str, ...]
Parser = Callable[[Cell], Value]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
HELD = 32_000
"""Characters in one cell of a file that we write; spreadsheet programs have 32,767."""
LOST = "\ufffd"
"""Stands in a file for a character that it cannot hold. No cell may bring it back."""
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
ODD = {
    "formula": "This is a formula; paste its value instead.",
    "error": "The spreadsheet itself shows an error here: {text}.",
    "date": "This is a date; text or a number is expected. Format the cell as text.",
    "merged": "This cell is merged with others; split the cells and fill in each.",
    "other": "This cell holds something that is neither text nor a number.",
}
YES = ("是", "yes", "true", "1", "y", "√", "on")
NO = ("否", "no", "false", "0", "n", "×", "off")


class CellError(ValueError):
    """The cell cannot be accepted; the text is one sentence for a person."""


def held(text: str) -> str:
    """The text as every file can hold it: at most `HELD` characters, without what XML cannot say."""
    if text.isascii() and text.isprintable():
        return text[:HELD]
    return _UNSPEAKABLE.sub(LOST, text[:HELD].replace("\r\n", "\n").replace("\r", "\n"))


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not _trim(cell))


def shown(value: object) -> str:
    """A value from outside as it may stand in a message: one line, at most 40 characters."""
    text = clean(str(value), 200)
    return text if len(text) <= 40 else f"{text[:40]}.."


def near(word: str, known: Iterable[str]) -> str:
    """`Did you mean x?` for the nearest known word, or nothing."""
    found = get_close_matches(word, list(known), 1, 0.5)
    return tr("Did you mean {word}?", word=shown(found[0])) if found else ""


def sentences(*parts: str) -> str:
    return " ".join(filter(None, parts))


def plain(cell: Cell) -> str:
    """The cell as free text: NFC, trimmed, without invisible characters. Whole numbers lose the `.0` that spreadsheets give them."""
    if isinstance(cell, OddCell):
        raise CellError(tr(ODD[cell.kind], text=shown(cell.text)))
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = _trim("" if cell is None else str(cell))
    if text.isascii() and text.isprintable():
        return text
    for char in text:
        if char == LOST or unicodedata.category(char) in _UNWANTED:
            raise CellError(tr("There is a line break or an invisible character (U+{code}) in the text.", code=f"{ord(char):04X}"))
    return text


def code(cell: Cell) -> str:
    """The cell as a word to compare: NFKC."""
    return unicodedata.normalize("NFKC", plain(cell)).strip()


def _trim(text: str) -> str:
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()


def text(limit: int) -> Parser:
    """Free text of at most `limit` characters."""

    def parse(cell: Cell) -> str:
        value = plain(cell)
        if len(value) > limit:
            raise CellError(tr("The text is {length} characters long; at most {limit} fit.", length=len(value), limit=limit))
        return value

    return parse


def integer(low: int, high: int) -> Parser:
    """A whole number in [low, high]."""

    def parse(cell: Cell) -> int:
        if isinstance(cell, bool):
            raise CellError(tr("A whole number is expected, not yes or no."))
        word = code(cell)
        if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.0+)?", word):
            raise CellError(tr("{value} is not a whole number.", value=shown(word)))
        value = int(word.partition(".")[0])
        if not low <= value <= high:
            raise CellError(tr("{value} is out of range: {low} to {high}.", value=value, low=low, high=high))
        return value

    return parse


def flag(cell: Cell) -> bool:
    """是/否, yes/no, true/false, 1/0."""
    word = code(cell).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellError(tr("{value} is neither yes nor no; write 是 or 否, yes or no.", value=shown(word)))


def choice(words: Mapping[str, str], more: Mapping[str, str] | None = None) -> Parser:
    """One of the values of a list, whatever the case.

    words: values and their Chinese words; both are understood, and messages list those of the language. more: what else people write.
    """
    known = {**{zh: value for value, zh in words.items()}, **{value: value for value in words}, **(more or {})}
    folded = {unicodedata.normalize("NFKC", word).casefold(): value for word, value in known.items()}

    def parse(cell: Cell) -> str:
        word = code(cell)
        if (value := folded.get(word.casefold())) is not None:
            return value
        listed = ", ".join(dict.fromkeys(words.values() if language() == "zh" else words))
        raise CellError(sentences(tr("{value} is not one of: {choices}.", value=shown(word), choices=listed), near(word, known)))

    return parse


def protection_level(cell: Cell) -> int:
    """三级, 第三级, 等保三级, 3级 or 3."""
    word = code(cell)
    found = re.fullmatch(r"(?:等保)?第?([1-5一二三四五])级?", word)
    if not found:
        raise CellError(tr("{value} is not a protection level; write 一级 to 五级, or 1 to 5.", value=shown(word)))
    return "一二三四五".find(found[1]) + 1 or int(found[1])


def platform(cell: Cell) -> str:
    """A name of `core.platforms`, or the title a person knows."""
    words = {name.casefold(): p.name for p in PLATFORMS for name in (p.name, p.title)}
    word = code(cell)
    if value := words.get(word.casefold()):
        return value
    problem = tr("There is no platform {value}.", value=shown(word))
    hint = near(word.casefold(), words) or tr("Known: {names}.", names=", ".join(p.name for p in PLATFORMS))
    raise CellError(sentences(problem, hint))


def address(cell: Cell) -> str:
    """An IPv4 or IPv6 address of one host, in its shortest form."""
    if isinstance(cell, float) and not cell.is_integer():
        raise CellError(tr("{value} is a number, not an address; format the cell as text.", value=cell))
    word = code(cell).replace("。", ".")
    if "/" in word:
        raise CellError(tr("{value} has a mask; write the address alone.", value=shown(word)))
    if "%" in word:
        raise CellError(tr("{value} has a zone; write an address that is reached from everywhere.", value=shown(word)))
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", word) and re.search(r"(^|\.)0[0-9]", word):
        raise CellError(tr("{value} has leading zeros, which some programs read as octal; write it without them.", value=shown(word)))
    try:
        value = ipaddress.ip_address(word)
    except ValueError:
        raise CellError(tr("{value} is not an IPv4 or IPv6 address.", value=shown(word))) from None
    if value.version == 6 and value.ipv4_mapped:
        value = value.ipv4_mapped
    if value.is_unspecified or value.is_multicast or str(value) == "255.255.255.255":
        raise CellError(tr("{value} is not the address of one device.", value=shown(word)))
    if value.is_link_local:
        raise CellError(tr("{value} is a link-local address, which cannot be managed from afar.", value=shown(word)))
    return str(value)


def locator(cell: Cell) -> str:
    """A locator of `core.locators`. What is anything else may be the secret itself, so it is never repeated."""
    word = plain(cell)
    if not is_locator(word):
        raise CellError(tr("This must say where the secret is kept, secret:NAME, vault:PATH#FIELD, env:NAME or file:/PATH, "
                           "and never the secret itself. "
                           "If a secret stood here, remove it from the file and change it."))
    return word
