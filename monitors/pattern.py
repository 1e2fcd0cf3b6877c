"""Regular expressions from profiles, bounded: what a device says can never make one run for long.

Python's `re` backtracks. A pattern is accepted when the number of ways it can be tried on `TEXT_LIMIT` characters is small; repeats
that are possessive (`\\d++`, Python 3.11) or anchored cost nothing, so there is always a way to write what is meant.
"""

import importlib
import re
from functools import lru_cache
from typing import Any

from core.errors import InvalidInputError

TEXT_LIMIT = 512
"""Characters of a text that are looked at; sysDescr is at most 255 (RFC 3418)."""
PATTERN_LIMIT = 256
COST_LIMIT = TEXT_LIMIT**3

_parser: Any = importlib.import_module("re._parser")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_REFUSED = {"GROUPREF": "a back reference", "GROUPREF_EXISTS": "a condition", "ASSERT": "a look-around", "ASSERT_NOT": "a look-around"}


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, checked and compiled. Raises `InvalidInputError` that says what is wrong with it."""
    if len(pattern) > PATTERN_LIMIT:
        raise InvalidInputError(f"The pattern is longer than {PATTERN_LIMIT} characters.", way_out="Match less of the text.")
    try:
        tree = _parser.parse(pattern)
        ready = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidInputError(f"This is not a regular expression: {error}.", way_out="Mend the pattern.") from None
    anchored = len(tree) > 0 and str(tree[0][0]) == "AT" and str(tree[0][1]) in ("AT_BEGINNING", "AT_BEGINNING_STRING")
    if _cost(tree, inside=False) * (1 if anchored else TEXT_LIMIT) > COST_LIMIT:
        raise InvalidInputError(
            "The pattern can take too long on some texts.",
            way_out="Use at most two unbounded repeats; make the others possessive (`\\d++`) or bounded (`{1,3}`).",
        )
    return ready


def search(pattern: str, text: str) -> re.Match[str] | None:
    """The first match in the first `TEXT_LIMIT` characters. The pattern was looked at by `compiled` when its profile was read."""
    return _ready(pattern).search(text[:TEXT_LIMIT])


@lru_cache(maxsize=4096)
def _ready(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _cost(items: Any, *, inside: bool) -> int:
    """How many ways there are to try a sequence: the product over its repeats of how far each can reach."""
    cost = 1
    for op, argument in items:
        cost *= _cost_of(str(op), argument, inside)
        if cost > COST_LIMIT:
            return cost
    return cost


def _cost_of(op: str, argument: Any, inside: bool) -> int:
    if op in _REFUSED:
        raise InvalidInputError(f"The pattern uses {_REFUSED[op]}.", way_out="Profiles take plain patterns: write it without.")
    if op in _REPEATS:
        return _cost_of_repeat(argument, inside)
    if op == "SUBPATTERN":
        return _cost(argument[3], inside=inside)
    if op == "BRANCH":
        return max(1, sum(_cost(branch, inside=inside) for branch in argument[1]))
    if op == "POSSESSIVE_REPEAT":
        return _cost(argument[2], inside=True)
    return _cost(argument, inside=inside) if op == "ATOMIC_GROUP" else 1


def _cost_of_repeat(argument: Any, inside: bool) -> int:
    low, high, body = argument
    reach = min(int(high), TEXT_LIMIT) - min(int(low), TEXT_LIMIT) + 1
    if reach > 2 and inside:
        raise InvalidInputError("The pattern repeats a repeat.", way_out="Make the inner repeat possessive (`\\d++`) or unroll it.")
    return reach * _cost(body, inside=inside or reach > 2)
