"""Windows on views."""

from hypothesis import given
from hypothesis import strategies as st

from core.views import InterfaceRow, ViewDelta
from tui.window import Window


def _window():
    return Window(InterfaceRow, lambda row: str(row.if_index))


def _row(number, name="x", **fields):
    return {"if_index": number, "name": name, **fields}


def _delta(kind, rows, order=None, total=0, offset=0):
    return ViewDelta(id=1, kind=kind, rows=tuple(rows), order=order, total=total, offset=offset)


def test_a_snapshot_replaces_and_a_delta_names_what_changed():
    window = _window()
    assert window.apply(_delta("snapshot", [_row(1), _row(2)], ("1", "2"), total=500, offset=100)) is None
    assert (len(window), window.id_at(101), window.id_at(99), window.at(300)) == (500, "2", "", None)
    assert window.apply(_delta("delta", [_row(2, in_bps=5.0), _row(1)], total=500, offset=100)) == {"2"}
    assert window.at(101).in_bps == 5.0


def test_rows_that_left_the_window_are_forgotten():
    window = _window()
    window.apply(_delta("snapshot", [_row(1), _row(2)], ("1", "2"), total=2))
    assert window.apply(_delta("delta", [_row(3)], ("2", "3"), total=2)) is None
    assert set(window.rows) == {"2", "3"}
    assert window.index_of("1") == -1
    assert window.index_of("3") == 1


def test_a_resync_keeps_the_old_rows_until_the_snapshot_comes():
    window = _window()
    window.apply(_delta("snapshot", [_row(1)], ("1",), total=1))
    assert window.apply(_delta("resync", [])) == set()
    assert window.at(0) is not None


def test_it_knows_whether_a_stretch_is_here():
    window = _window()
    assert not window.covers(0, 10)
    window.apply(_delta("snapshot", [_row(i) for i in range(100, 300)], total=1000, offset=100))
    assert window.covers(100, 200)
    assert not window.covers(90, 20)
    assert not window.covers(290, 20)


@given(st.lists(st.lists(st.integers(0, 20), unique=True), min_size=1, max_size=8))
def test_after_any_sequence_the_rows_are_those_of_the_order(orders):
    window = _window()
    window.apply(_delta("snapshot", [_row(i) for i in orders[0]], total=len(orders[0])))
    for order in orders[1:]:
        window.apply(_delta("delta", [_row(i) for i in order], tuple(map(str, order)), total=len(order)))
    assert window.order == [str(i) for i in orders[-1]]
    assert all(window.at(i).if_index == number for i, number in enumerate(orders[-1]))
