"""Whatever stands in the cells: records, or problems that say where; never an exception, never a half import."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.messages import Cell, OddCell, Sheet, SheetRow, import_result
from inventory.sheets.cells import CellError
from inventory.sheets.columns import SHEETS, Column
from inventory.sheets.importing import Existing, check

WORDS = sorted({word for sheet in SHEETS for column in sheet.columns for pair in column.words.items() for word in pair})
CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.sampled_from(WORDS),
    st.sampled_from(["甲", "乙", "丙", "10.0.0.1", "::1", "env:X", "是", "161", "３", "10.0.0.1/8", "fe80::1%1"]),
    st.sampled_from(["10.1.0.0/16", "65000:1", "100M", "1.5G", "2026-12-31",
                     "tcp/443", "甲;乙", '"甲;乙"', "a、b", "https://x:5000/v3", "a@b.cn"]),
    st.sampled_from(["٣", "²", "Ⅲ", "1e3", "-0", "0x1", "1_0", "+5", "5.", ".5", "5.00"]),
    st.builds(OddCell, kind=st.sampled_from(["formula", "error", "date", "merged", "other"]), text=st.text(max_size=5)))
HEADINGS = {sheet.kind: [column.zh for column in sheet.columns] for sheet in SHEETS}


@st.composite
def books(draw: st.DrawFn) -> list[Sheet]:
    found = []
    for sheet in draw(st.lists(st.sampled_from(SHEETS), max_size=5)):
        heads = draw(st.one_of(st.permutations(HEADINGS[sheet.kind]), st.just(HEADINGS[sheet.kind]), st.lists(CELLS, max_size=5)))
        rows = [heads, *draw(st.lists(st.lists(CELLS, max_size=len(heads) + 1), max_size=4))]
        name = draw(st.one_of(st.just(sheet.zh), st.just(sheet.en), st.text(max_size=5)))
        found.append(Sheet(name=name, rows=tuple(SheetRow(number=n, cells=tuple(row)) for n, row in enumerate(rows, 1))))
    return found


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books())
def test_any_cells(book: list[Sheet]) -> None:
    result = check(book, Existing.of({}))
    if result.problems_total:
        assert result.records == {}
        assert all(problem.message.strip() for problem in result.problems)
        assert {problem.sheet for problem in result.problems} <= {"", *(sheet.name for sheet in book)}
    else:
        assert any(result.records.values())
    assert import_result(msgspec.msgpack.encode(result)) == result


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([column for sheet in SHEETS for column in sheet.columns]), CELLS)
def test_what_a_column_accepts_it_understands_again(column: Column, cell: Cell) -> None:
    """parse(shown(parse(cell))) is parse(cell), in both languages."""
    try:
        value = column.parse(cell)
    except CellError:
        return
    if value != "":
        assert column.parse(column.shown(value, "zh")) == column.parse(column.shown(value, "en")) == value
