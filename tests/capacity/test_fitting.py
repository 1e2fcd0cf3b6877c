"""Wide tables on narrow terminals: no line is wider than the terminal, numbers are whole, and whose row it is stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import tables
from cli.fitting import NAME, fitting, shortened
from core.width import width

HEADINGS = ["device", "port", "in bit/s", "p95", "unit", "site"]
ROW = ["LS-DC-SRV-R5300-G5-04", "GigabitEthernet1/0/1", "2.75G", "54.8 %", "丽水市大数据发展管理局", "丽水市政务云数据中心"]
SPARE = ["site", "unit", "in bit/s"]


@pytest.mark.parametrize(("room", "shown"), [
    (0, HEADINGS), (200, HEADINGS), (81, HEADINGS), (80, HEADINGS[:5]), (53, ["device", "port", "in bit/s", "p95"]),
    (44, ["device", "port", "p95"]), (30, ["device", "port", "p95"]),
])
def test_columns_that_are_missed_least_go_first(room: int, shown: list[str]) -> None:
    headings, rows = fitting(HEADINGS, [ROW], SPARE, room)
    assert len(headings) == len(shown)
    assert rows[0][0] == ROW[0]
    assert "54.8 %"[: 6 if room != 30 else 1] in " ".join(rows[0])
    if room > 30:
        assert headings == shown
        assert all(width(line) <= (room or 999) for line in tables.lines(headings, rows))


def test_the_number_of_a_port_outlives_its_letters() -> None:
    assert shortened("GigabitEthernet1/0/1", 12) == "Gigab..1/0/1"
    assert shortened("GE1/0/1", 12) == "GE1/0/1"
    assert shortened("1/2/3/4/5/6/7/8", 8) == "1/2/3/.."
    assert shortened("丽水市大数据发展管理局", 12) == "丽水市大数.."


@given(
    st.lists(st.lists(st.text(max_size=30), min_size=6, max_size=6), max_size=4), st.integers(60, 250),
)
def test_nothing_that_a_device_says_makes_a_line_wrap(rows: list[list[str]], room: int) -> None:
    headings, cells = fitting(HEADINGS, rows, SPARE, room)
    assert all(width(line) <= room for line in tables.lines(headings, cells, room))
    assert all(width(row[0]) <= NAME for row in cells)
