"""What a password must be: pure rules on text. Nothing here hashes, stores or logs it.

Lengths count characters of the NFC form (RFC 8265, OpaqueString). Guessable parts (the account's name, common words, runs on the
keyboard, years, repetitions) are taken away first; what is left must be worth guessing.
"""

import re
import unicodedata
from functools import cache

from core.i18n import tr
from core.sections import Accounts

LONGEST = 128
"""Characters: enough for any sentence, and a bound for the hash."""
LEAST_REST = 5
"""Characters that must be left when everything guessable is taken away."""
LEAST_KINDS = 5
"""Different characters."""
RUN = 3
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()", "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
_WORDS = (
    "administrator", "password", "passwd", "passw", "welcome", "letmein", "iloveyou", "woaini", "monkey", "dragon", "secret", "changeme",
    "default", "system", "admin", "root", "user", "test", "guest", "master", "login", "hello", "huawei", "cisco", "h3c", "ruijie", "zte",
    "sangfor", "inspur", "openstack", "yunwang", "zhengwu", "mima", "guanli", "lishui", "zhejiang", "china", "beijing", "spring", "summer",
    "autumn", "winter", "nihao", "wodemima",
)
_LOOKALIKE = str.maketrans("@$!01357+", "asioiestt")


def prepared(secret: str) -> str:
    """The form that is hashed."""
    return unicodedata.normalize("NFC", secret)


def problems(secret: str, name: str, rules: Accounts) -> tuple[str, ...]:
    """What is wrong with a new password of account `name`, a sentence each; empty: nothing."""
    found = []
    if len(secret) < rules.least_length:
        found.append(tr("It needs at least {least} characters.", least=rules.least_length))
    if len(secret) > LONGEST:
        found.append(tr("It may have at most {most} characters.", most=LONGEST))
        return tuple(found)
    if any(unicodedata.category(character).startswith("C") for character in secret):
        found.append(tr("It holds a character that cannot be typed."))
    if classes(secret) < rules.least_classes:
        found.append(tr("It needs {least} of: small letters, capital letters, digits, others.", least=rules.least_classes))
    if len(name) >= RUN and (name.casefold() in secret.casefold() or name[::-1].casefold() in secret.casefold()):
        found.append(tr("It must not contain the account's name."))
    if not found and (len(rest(secret, name)) < LEAST_REST or len(set(secret.casefold())) < LEAST_KINDS):
        found.append(tr("It is easy to guess: words, runs on the keyboard, years and repetitions do not count."))
    return tuple(found)


def classes(secret: str) -> int:
    """How many kinds of characters are in it: small letters, capitals, digits, others (Chinese characters too)."""
    tests = (str.islower, str.isupper, str.isdigit)
    kinds = {next((number for number, test in enumerate(tests) if test(character)), len(tests)) for character in secret}
    return len(kinds)


def rest(secret: str, name: str) -> str:
    """What is left when the name, common words, runs, years and repetitions are taken away."""
    text = secret.casefold()
    for word in (*_parts(name), *_WORDS):
        text = _without(text, word)
    text = re.sub(r"(19|20)\d\d", "", text)
    text = re.sub(r"(.)\1{2,}", "", text)
    for run in _runs():
        text = text.replace(run, "")
    return text


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[._-]", name.casefold()) if len(part) >= RUN]


def _without(text: str, word: str) -> str:
    """The text without a word, also where digits and signs stand for letters (`p@ssw0rd`)."""
    plain = text.translate(_LOOKALIKE)
    while (at := plain.find(word)) >= 0:
        text, plain = text[:at] + text[at + len(word) :], plain[:at] + plain[at + len(word) :]
    return text


@cache
def _runs() -> list[str]:
    """Pieces of the rows, forwards and backwards, the longest first."""
    pieces = {row[at : at + size] for row in _ROWS for size in range(RUN, len(row) + 1) for at in range(len(row) - size + 1)}
    return sorted(pieces | {piece[::-1] for piece in pieces}, key=lambda piece: (-len(piece), piece))
