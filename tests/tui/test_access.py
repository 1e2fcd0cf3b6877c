"""What is offered to people whose grants reach only a part of the city."""

import pytest

from core.identity import Identity, Scope
from core.permissions import PERMISSIONS
from tui.access import why_not
from tui.operations import by_id


def person(*scopes: Scope) -> Identity:
    actions = tuple(action for action, holders in PERMISSIONS.items() if "operator" in holders)
    return Identity(name="zhao", roles=("operator",) * len(scopes), scopes=scopes, actions=actions)


@pytest.mark.parametrize("op_id", ["console.messages", "console.message-test"])
def test_what_belongs_to_no_place_is_not_offered_to_who_sees_a_part(op_id: str) -> None:
    part, whole = Scope(units=("Bureau",)), Scope()
    assert why_not(person(part), by_id(op_id)), "pressed, it would be refused"
    assert not why_not(person(whole), by_id(op_id))
    assert not why_not(person(part, whole), by_id(op_id))


@pytest.mark.parametrize("op_id", ["console.ack", "console.jobs", "console.queue", "console.check", "console.alerts"])
def test_what_has_a_place_is_offered(op_id: str) -> None:
    assert not why_not(person(Scope(sites=("S-1",))), by_id(op_id))
