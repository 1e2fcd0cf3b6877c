"""Recognising devices by their signs."""

from inventory.recognise import Book, Signs

ONE = Signs(device_id="1", serials=("A100",), chassis="00:01:02:03:04:05", name="sw1", address="192.0.2.1")
TWO = Signs(device_id="2", serials=("B200",), name="sw2", address="192.0.2.2")
BOOK = Book([ONE, TWO])


def test_a_device_that_moved_is_itself() -> None:
    seen = BOOK.recognise(Signs(serials=("a100",), name="sw1-new", address="192.0.2.9"))
    assert (seen.device_id, seen.by, seen.changed) == ("1", ("serial",), ("address", "name"))


def test_name_and_address_are_enough_where_no_serial_is_known() -> None:
    assert BOOK.recognise(Signs(name="SW2", address="192.0.2.2")).device_id == "2"


def test_a_name_with_its_domain_is_the_same_name() -> None:
    assert BOOK.recognise(Signs(name="sw2.city.example", address="192.0.2.2")).device_id == "2"


def test_a_name_is_enough_where_nothing_speaks_against_it() -> None:
    assert BOOK.recognise(Signs(name="SW2")).device_id == "2"
    assert BOOK.recognise(Signs(name="SW2", address="192.0.2.7")).device_id == ""


def test_an_address_alone_is_not() -> None:
    found = BOOK.recognise(Signs(address="192.0.2.2", name="other"))
    assert (found.device_id, found.rivals) == ("", ("2",))


def test_another_box_at_the_same_place_was_replaced() -> None:
    found = BOOK.recognise(Signs(serials=("C300",), name="sw2", address="192.0.2.2"))
    assert (found.device_id, found.replaced) == ("2", True)


def test_two_that_weigh_the_same_leave_it_in_doubt() -> None:
    found = Book([ONE, ONE.replace(device_id="3")]).recognise(Signs(serials=("A100",)))
    assert (found.device_id, set(found.rivals)) == ("", {"1", "3"})


def test_nothing_known_is_nobody() -> None:
    assert BOOK.recognise(Signs(name="new", address="192.0.2.77")).device_id == ""


def test_signs_of_several_sources_count_together() -> None:
    book = Book([ONE, Signs(device_id="1", engine="8000")])
    assert book.recognise(Signs(engine="8000", address="192.0.2.1")).device_id == "1"


def test_an_address_behind_which_very_many_answer_tells_nobody() -> None:
    book = Book(Signs(device_id=str(n), name=f"d{n}", address="127.0.0.1") for n in range(100))
    assert book.recognise(Signs(address="127.0.0.1", name="x")).rivals == ()
    assert book.recognise(Signs(address="127.0.0.1", name="d7")).device_id == "7"
