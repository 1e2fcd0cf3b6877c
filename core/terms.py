"""Search: from what objects are called to terms in one plain index, and from what people type to ranges of terms.

No full-text tokeniser of SQLite finds a Chinese word of two characters, and PostgreSQL's differ from it; so the terms are ours and both
stores hold them in a table with an ordinary index. A term begins with a letter that says what it is:

    c  one or two Chinese characters          人, 人社
    w  a word of letters and digits, from each of its parts on      s5735, vlan100
    i  initials in pinyin, from each character on                   rsj of 人社局
    p  full pinyin, from each character on                          renshej(u)
       (all four also of the short form of an organ's name: 人社局 of 人力资源和社会保障局)
    a  an address as 32 hexadecimal digits; IPv4 mapped (RFC 4291, 2.5.5.2)
    m  a MAC address as 12 hexadecimal digits
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from core.abbreviations import shortened

LONGEST_TEXT, LONGEST_TERM, MOST_TERMS, MOST_WORDS = 256, 32, 400, 8
_WORD = re.compile(r"[a-z0-9]+")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿]+")
_MAC_START = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){2,4}|[0-9a-f]{4}\.[0-9a-f]{4}")
"""The maker's part of a MAC address, or a little more."""
_RANGE = re.compile(r"([0-9a-f:.]+)[-~–]([0-9a-f:.]+)")
_END = chr(0x10FFFF)


class Word(NamedTuple):
    """One word of a query: an object fits when one of its terms lies in one of the ranges [low, high). all_of: each must be met."""

    text: str
    any_of: tuple[tuple[str, str], ...] = ()
    all_of: tuple[str, ...] = ()

    def fits(self, terms: Iterable[str]) -> bool:
        held = set(terms)
        if self.all_of:
            return held.issuperset(self.all_of)
        return any(low <= term < high for term in held for low, high in self.any_of)


def stands_in(word: Word, text: str) -> bool:
    """Whether a word fits what one text gives; without making all of its terms where the text says so itself."""
    plain = _plain(text)
    if word.text in plain:
        return True
    if word.any_of and all(low[:1] in "am" for low, _ in word.any_of):
        return word.fits(_special(plain))
    return word.fits(_held(text[:LONGEST_TEXT]))


@lru_cache(maxsize=4096)
def _held(text: str) -> frozenset[str]:
    return terms((text,))


def terms(texts: Iterable[str]) -> frozenset[str]:
    """The terms of an object, from its names, addresses and descriptions."""
    out: dict[str, None] = {}
    for text in texts:
        out.update(dict.fromkeys(_of_text(text[:LONGEST_TEXT])))
        if len(out) >= MOST_TERMS:
            break
    return frozenset(islice(out, MOST_TERMS))


@lru_cache(maxsize=16_384)
def _of_text(text: str) -> tuple[str, ...]:
    """Remembered: the same units, sites and purposes stand in thousands of records."""
    plain = _plain(text)
    return tuple(dict.fromkeys(islice((term for said in (plain, *shortened(plain)) for term in _terms(said)), 2 * MOST_TERMS)))


def _plain(text: str) -> str:
    """Bounded, in lower case, full-width letters and digits as ordinary ones (NFKC of Unicode Standard Annex 15)."""
    text = text[:LONGEST_TEXT]
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text)[:LONGEST_TEXT].lower()


def _terms(text: str) -> Iterator[str]:
    yield from _special(text)
    for run in _CHINESE.findall(text):
        yield from ("c" + run[n : n + size] for n in range(len(run)) for size in (1, 2) if n + size <= len(run))
    yield from _sounds(text)
    for word in _WORD.findall(text):
        for part in _parts(word):
            yield "w" + part[:LONGEST_TERM]
    joined = "".join(_WORD.findall(text))
    if joined:
        yield "w" + joined[:LONGEST_TERM]


def _parts(word: str) -> Iterator[str]:
    """The word, and what is left of it from each change between letters and digits on: `s5735` is found by 5735 too."""
    yield word
    for change in re.finditer(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", word):
        yield word[change.start() :]


def _special(text: str) -> Iterator[str]:
    for piece in text.split():
        bare = piece.strip(",;()[]")
        if (address := hex_address(bare.partition("/")[0])) is not None:
            yield "a" + address
        elif mac := hex_mac(bare):
            yield "m" + mac


def _sounds(text: str) -> Iterator[str]:
    for run in _CHINESE.findall(text):
        yield from _sounds_of(run)


@lru_cache(maxsize=4096)
def _sounds_of(run: str) -> tuple[str, ...]:
    """Pinyin of a run, from each of its characters on; where a character has several readings, the two first of them."""
    found: list[str] = []
    readings = [_readings(character) for character in run]
    for start in range(len(readings)):
        rest = readings[start : start + 16]
        ways = [rest, *([*rest[:place], one[1:], *rest[place + 1 :]] for place, one in enumerate(rest[:8]) if len(one) > 1)]
        for way in ways:
            found += ("i" + "".join(one[0][:1] for one in way), "p" + "".join(one[0] for one in way)[:LONGEST_TERM])
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=30_000)
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(found[0]))[:2] if found else ("",)


def hex_address(text: str) -> str | None:
    """32 hexadecimal digits of an IPv4 or IPv6 address, in the order of the addresses."""
    if "." not in text and ":" not in text:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    number = int(address) | (0xFFFF << 32 if address.version == 4 else 0)
    return f"{number:032x}"


def hex_mac(text: str) -> str:
    """12 hexadecimal digits of a MAC address in any notation: 00:1a:2b.., 001a-2b3c-4d5e, 001a.2b3c.4d5e, 001A2B3C4D5E; else empty."""
    digits = re.sub(r"[:.\-]", "", text.lower())
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) and (len(text) > 12 or not digits.isdigit()) else ""


def shorter(query: str) -> Iterator[str]:
    """What else might have been meant where nothing was found: the Chinese words by their sound, then the text without its end. Nothing
    is near an address."""
    plain = _plain(query).strip()[:LONGEST_TERM]
    if _address_range(plain) is not None or hex_mac(plain):
        return
    sound = "".join(one if not _CHINESE.fullmatch(one) else _readings(one)[0] for one in plain)
    if sound != plain:
        yield sound
    for text in dict.fromkeys((sound, plain)):
        yield from (text[:end].rstrip() for end in range(len(text) - 1, max(2, len(text) // 2), -1))


def parse(query: str) -> tuple[Word, ...]:
    """The words of a query; empty where there is nothing to look for."""
    return tuple(word for text in _plain(query).split() for word in _words(text))[:MOST_WORDS]


def _words(text: str) -> list[Word]:
    if (found := _address_range(text)) is not None:
        return [Word(text, any_of=(found,))]
    if mac := hex_mac(text):
        return [Word(text, any_of=(("m" + mac, "m" + mac + "\x00"),))]
    if _MAC_START.fullmatch(text):
        start = "m" + re.sub(r"[:.]", "", text)
        return [Word(text, any_of=((start, start + _END),))]
    out = []
    for run in _CHINESE.findall(text):
        pairs = [run[n : n + 2] for n in range(max(1, len(run) - 1))]
        out.append(Word(run, all_of=tuple(dict.fromkeys("c" + pair for pair in pairs))))
    for letters in _WORD.findall(text):
        short = letters[:LONGEST_TERM]
        out.append(Word(short, any_of=tuple((kind + short, kind + short + _END) for kind in "wip")))
    return out


def addresses(text: str) -> tuple[str, str] | None:
    """First and last address of a range: `10.1.2.3-10.1.2.9`, `10.1.2.3-9`, `2001:db8::1-2001:db8::ff`. None where it is none."""
    found = _RANGE.fullmatch(text.lower())
    if found is None:
        return None
    first, last = found[1], found[2]
    if last.isdigit() and "." in first:
        last = f"{first.rpartition('.')[0]}.{last}"
    low, high = hex_address(first), hex_address(last)
    return (first, last) if low and high and low <= high and (":" in first) == (":" in last) else None


def _address_range(text: str) -> tuple[str, str] | None:
    """Of an address, a prefix in CIDR, a range, or the beginning of an IPv4 address that ends with a dot (`10.1.`)."""
    if between := addresses(text):
        return f"a{hex_address(between[0])}", f"a{hex_address(between[1])}\x00"
    if re.fullmatch(r"(\d{1,3}\.){1,3}", text):
        octets = text.rstrip(".").split(".")
        text = ".".join([*octets, *["0"] * (4 - len(octets))]) + f"/{8 * len(octets)}"
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    low, high = hex_address(str(net[0])), hex_address(str(net[-1]))
    return f"a{low}", f"a{high}\x00"
