"""Chinese takes two cells; what comes from a device cannot do anything to a screen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.width import clean, fit, pad, right, width


@pytest.mark.parametrize(("text", "cells"), [
    ("", 0), ("abc", 3), ("莲都", 4), ("莲都PE-1", 8), ("，。", 4), ("ＡＢ", 4), ("é", 1), ("e\u0301", 1),
])
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(("text", "cells", "shown"), [
    ("莲都", 6, "莲都  "), ("莲都", 4, "莲都"), ("莲都区机房", 6, "莲都.."), ("莲都区机房", 7, "莲都.. "), ("莲都", 3, "莲 "),
    ("abcdef", 5, "abc.."),
    ("莲都", 1, " "), ("莲都", 0, ""),
])
def test_fit(text: str, cells: int, shown: str) -> None:
    assert fit(text, cells) == shown


@given(st.text(), st.integers(0, 40))
def test_fit_is_exact_for_clean_text(text: str, cells: int) -> None:
    assert width(fit(clean(text), cells)) == cells


@given(st.text(), st.integers(0, 40))
def test_padding_never_cuts(text: str, cells: int) -> None:
    text = clean(text)
    assert pad(text, cells).startswith(text)
    assert width(pad(text, cells)) == max(width(text), cells)


@given(st.text(), st.integers(0, 40))
def test_right_is_exact(text: str, cells: int) -> None:
    assert width(right(clean(text), cells)) == cells


@pytest.mark.parametrize(("hostile", "left"), [
    ("a\x1b[31mb", "a[31mb"), ("a\0b", "ab"), ("a\nb\tc\rd", "a b c d"), ("\u202eevil\u2066", "evil"), ("\ud800x", "x"),
    ("\u200bx\ufeff", "x"),
    ("\ue000x", "x"), ("\x9b31mx", "31mx"), ("e\u0301", "é"), ("[bold]x[/]", "[bold]x[/]"), ("a\u2028b\u2029c", "a b c"), ("a\x85b", "ab"),
    ("e\u200b\u0301", "é"),
])
def test_clean(hostile: str, left: str) -> None:
    assert clean(hostile) == left


@given(st.text(st.one_of(st.characters(), st.sampled_from("\u2028\u2029\x85\u202e\u0301\u200b\n"))))
def test_clean_leaves_one_harmless_line(text: str) -> None:
    out = clean(text)
    assert not {unicodedata.category(c) for c in out} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert len(out.splitlines()) <= 1
    assert clean(out) == out


def test_clean_is_bounded() -> None:
    assert len(clean("莲" * 100_000)) == 4096
    assert len(clean("x" * 100, 10)) == 10
