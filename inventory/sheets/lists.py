"""Several words in one cell, separated by `;`, `；`, `、` or line breaks. A word that holds one of these stands in double quotes."""

import re
from collections.abc import Iterable

from core.i18n import tr
from core.messages import Cell, OddCell
from inventory.sheets import cells

MOST = 2000
HOW = "Several are separated by ; or 、 or line breaks."
_WORD = re.compile(r'\s*+(?:"((?:[^"]|"")*)"|((?!")[^;；、\n\r]*))\s*(?:[;；、\n\r]+|$)')
_QUOTED = re.compile(r'[;；、"\n\r]|^\s|\s$|^$')


def split(text: str) -> list[str]:
    """The words, without what stands between them; empty ones are left out."""
    found, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None or match.end() == at:  # a quotation mark without its partner, or something behind it
            raise cells.CellError(tr("A quotation mark has no partner, or something follows it; double quotation marks within a cell."))
        word = match[2].strip() if match[1] is None else match[1].replace('""', '"')
        at = match.end()
        if word:
            found.append(word)
    return found


def joined(words: Iterable[str]) -> str:
    """The inverse of `split`."""
    return "; ".join('"{}"'.format(word.replace('"', '""')) if _QUOTED.search(word) else word for word in words)


def texts(limit: int, *each: cells.Parser) -> cells.Parser:
    """Different words of at most `limit` characters, in the order in which they stand. each: what more a word must be."""
    parsers = (cells.text(limit), *each)

    def parse(cell: Cell) -> tuple[str, ...]:
        words = split(cell) if isinstance(cell, str) else [] if cells.is_empty(cell) else [_plain(cell)]
        if len(words) > MOST:
            raise cells.CellError(tr("There are {count} words in this cell; at most {limit} fit.", count=len(words), limit=MOST))
        found: dict[str, None] = {}
        for word in words:
            value: Cell = word
            for parser in parsers:
                value = str(parser(value))
            if str(value) in found:
                raise cells.CellError(tr("{value} stands here twice.", value=cells.shown(value)))
            found[str(value)] = None
        found.pop("", None)
        return tuple(found)

    return parse


def _plain(cell: Cell | OddCell) -> str:
    return cells.plain(cell)
