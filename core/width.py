"""Text width in terminal cells. The only place that measures text for a column: Chinese takes two cells a character."""

import unicodedata

from rich.cells import cell_len, set_cell_size

_SPACES = "\t\r\n\u2028\u2029"
_UNWANTED = ("Cc", "Cf", "Cs", "Co")


def clean(text: str, limit: int = 4096) -> str:
    """Text from outside made fit for a screen: NFC, one line, no control or format characters, at most `limit` characters of it."""
    text = text[:limit]
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if char in _SPACES else char for char in text if char in _SPACES or unicodedata.category(char) not in _UNWANTED)
    return unicodedata.normalize("NFC", "".join(kept))


def width(text: str) -> int:
    """Cells that the text takes."""
    return cell_len(text)


def fit(text: str, cells: int) -> str:
    """The text padded or cut to exactly `cells`; a cut text ends in `..` where there is room for it."""
    if cell_len(text) <= cells:
        return text + " " * (cells - cell_len(text))
    if cells <= 4:
        return set_cell_size(text, cells)
    return pad(set_cell_size(text, cells - 2).rstrip() + "..", cells)


def pad(text: str, cells: int) -> str:
    """The text with spaces behind it up to `cells`; never cut."""
    return text + " " * max(0, cells - cell_len(text))


def right(text: str, cells: int) -> str:
    """The text with spaces before it: for numbers."""
    return " " * max(0, cells - cell_len(text)) + (text if cell_len(text) <= cells else fit(text, cells))


def wrap(text: str, cells: int) -> list[str]:
    """The text in lines of at most `cells`: broken at spaces, and inside a word (or between Chinese characters) where it is wider."""
    lines, line = [], ""
    for char in text:
        if cell_len(line + char) > max(2, cells):
            head, space, tail = line.rpartition(" ")
            keep = bool(space) and head.strip() != "" and char != " " and line[-1:].isascii() and char.isascii()
            lines.append(head if keep else line.rstrip())
            line = tail if keep else ""
        if line or char != " ":
            line += char
    return [*lines, line] if line or not lines else lines
