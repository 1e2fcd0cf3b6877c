"""Tables line up, whatever the script."""

from hypothesis import given
from hypothesis import strategies as st

from cli import tables
from core.width import width

CELLS = st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=6)


def test_chinese_lines_up() -> None:
    assert tables.lines(["名称", "IP"], [["莲都", "1"], ["LD-PE-01", "2"]]) == ["名称      IP", "莲都      1", "LD-PE-01  2"]


def test_the_widest_column_gives_way() -> None:
    assert tables.lines(["a", "b"], [["x" * 50, "12345678"]], room=30) == ["a" + " " * 21 + "b", "x" * 18 + "..  12345678"]


def test_pairs_line_up() -> None:
    assert tables.pairs([("名称", "莲都"), ("a", "b")]) == ["名称  莲都", "a     b"]


@given(CELLS, st.integers(30, 120))
def test_no_line_is_wider_than_the_terminal(rows: list[list[str]], room: int) -> None:
    assert all(width(line) <= room for line in tables.lines(["甲", "乙", "丙"], rows, room))


@given(CELLS)
def test_what_is_not_for_a_terminal_is_never_cut(rows: list[list[str]]) -> None:
    out = tables.lines(["a", "b", "c"], rows)
    assert len(out) == len(rows) + 1
    assert all(len(line.splitlines()) <= 1 for line in out)
