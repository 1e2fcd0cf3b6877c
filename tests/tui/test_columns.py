"""Which columns fit."""

from hypothesis import given
from hypothesis import strategies as st

from tui.columns import GAP, Column, arrange
from tui.tables import ALERTS, BUSIEST, COUNTIES, DEVICES, FACTS, INTERFACES, LINKS, NEWEST

TABLES = (DEVICES, INTERFACES, ALERTS, NEWEST, COUNTIES, BUSIEST, FACTS, LINKS)
column = st.builds(
    lambda need, more, rank: Column("x", str, need, need + more, rank),
    st.integers(1, 30), st.integers(0, 40), st.integers(0, 6),
)


@given(st.lists(column, max_size=12), st.integers(1, 300))
def test_what_is_placed_fits_and_the_first_rank_always_stays(columns, cells):
    placed = arrange(columns, cells)
    always = [c for c in columns if c.rank == 0]
    used = sum(p.cells for p in placed) + GAP * max(0, len(placed) - 1)
    least = sum(c.need for c in always) + GAP * max(0, len(always) - 1)
    assert used <= max(cells, least)
    assert [p.column for p in placed if p.column.rank == 0] == always
    assert all(p.column.need <= p.cells <= p.column.want for p in placed)


def test_every_table_fits_eighty_cells_and_shows_everything_at_two_hundred():
    for table in TABLES:
        assert sum(p.cells + GAP for p in arrange(table, 79)) - GAP <= 79
    assert len(arrange(DEVICES, 199)) == len(DEVICES)
    assert len(arrange(INTERFACES, 199)) == len(INTERFACES)


def test_at_eighty_cells_the_device_list_keeps_what_decides():
    shown = {p.column.field for p in arrange(DEVICES, 79)}
    assert {"status", "name", "address", "in_bps", "out_bps", "alerts", "county"} <= shown


def test_a_heading_is_never_cut_even_with_its_sort_mark():
    wide = Column("A long heading", str, 4, 4, field="a")
    assert arrange([wide], 80, "-a")[0].cells == len("A long heading") + 1
