"""Recognising devices, and setting what is declared beside what is seen."""

from hypothesis import given
from hypothesis import strategies as st

from inventory.recognise import Book, Signs
from inventory.reconcile import Claim, Difference, Rule, by_rules, differing, effective, merged, sides

ONE = Signs(device_id="1", serials=("A100",), chassis="00:01:02:03:04:05", name="sw1", address="192.0.2.1")
TWO = Signs(device_id="2", serials=("B200",), name="sw2", address="192.0.2.2")
BOOK = Book([ONE, TWO])


def test_a_device_that_moved_is_itself() -> None:
    seen = BOOK.recognise(Signs(serials=("a100",), name="sw1-new", address="192.0.2.9"))
    assert (seen.device_id, seen.by, seen.changed) == ("1", ("serial",), ("address", "name"))


def test_name_and_address_are_enough_where_no_serial_is_known() -> None:
    assert BOOK.recognise(Signs(name="SW2", address="192.0.2.2")).device_id == "2"


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


def claim(field: str, value: str, source: str, at: int = 1, origin: str = "o") -> Claim:
    return Claim(object_id="1", field=field, value=value, source=source, origin=origin, valid_from=at)  # type: ignore[arg-type]


def test_what_is_declared_holds_and_what_differs_is_told() -> None:
    claims = [claim("model", "S5735", "declared"), claim("model", "S5736", "observed"), claim("serial", "", "declared"),
              claim("serial", "A1", "observed"), claim("name", "SW1", "declared"), claim("name", "sw1", "observed")]
    assert effective(sides(claims)["model"]) == "S5735"
    assert effective(sides(claims)["serial"]) == "A1"
    assert set(differing(claims)) == {"model"}


values = st.sampled_from(["", "a", "b"])
claims = st.lists(st.builds(
    claim, st.sampled_from(["model", "serial"]), values, st.sampled_from(["declared", "observed", "configured"]), st.integers(1, 5),
    st.sampled_from(["x", "y"]),
), max_size=8)


@given(claims, st.randoms(use_true_random=False))
def test_the_order_of_the_sources_does_not_matter(given_claims: list[Claim], random: object) -> None:
    shuffled = list(given_claims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sides(given_claims) == sides(shuffled)
    assert differing(given_claims) == differing(shuffled)


def difference(observed: str = "b", state: str = "open") -> Difference:
    return Difference(id="d", kind="device", object_id="1", name="sw1", what="field", field="model", declared="a", observed=observed,
                      origin="device:sw1", first_seen=10, last_seen=10, state=state)  # type: ignore[arg-type]


def test_a_verdict_holds_until_something_else_is_said() -> None:
    old = {"d": difference(state="rejected")}
    assert merged(old, [difference()], 20)["d"].state == "rejected"
    assert merged(old, [difference("c")], 20)["d"].state == "open"
    assert merged(old, [], 20)["d"].state == "gone"
    assert merged({"d": difference(state="gone")}, [difference()], 30)["d"].state == "open"


def test_rules_accept_classes_and_leave_their_name() -> None:
    rule = Rule(name="models", kinds=("device",), fields=("model",), origins=("device:",))
    assert [one.by for one in by_rules([difference()], [rule], 5)] == ["rule:models"]
    assert by_rules([difference(state="rejected")], [rule], 5) == []
    assert by_rules([difference()], [rule.replace(fields=("serial",))], 5) == []
