"""The table and its decisions: every action, every role, in and out of the scope; laws that hold for any scopes and grants."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity import OFFICES, Account, Actor, Caller, Grant, Role, Scope
from core.kinds import HIDDEN, KEPT
from core.operations import OPERATIONS
from core.permissions import (
    AFTER_TRIAL,
    BEFORE_ALL,
    EVERYWHERE_ONLY,
    EXCLUSIVE,
    FILTERED,
    NEVER_BY_TOKEN,
    NEVER_IN_TRIAL,
    OWN,
    PERMISSIONS,
    READ_ACTION,
    ROLES,
    conflict,
)
from core.scopes import actions, clashing, may_push, may_see, refusal, visible, widened

ACTOR = Actor(name="somebody")
THERE = Scope(units=("Bureau",), sites=("QT-1",))
roles = st.sampled_from(ROLES)
places = st.lists(st.sampled_from(("A", "B", "C", "D")), max_size=3).map(tuple)
scopes = st.builds(Scope, units=places, sites=places)
held = st.lists(st.tuples(roles, scopes), max_size=4)
times = st.integers(0, 40)


def caller(*grants: tuple[Role, Scope], how: str = "session", **more: object) -> Caller:
    given_ = tuple(Grant(id=str(n), account="a", role=role, scope=scope) for n, (role, scope) in enumerate(grants))
    return Caller(actor=ACTOR, account="a", grants=given_, how=how, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", PERMISSIONS)
def test_the_whole_table(action: str) -> None:
    for role in ROLES:
        may = role in PERMISSIONS[action] or action in OWN
        everywhere, there = caller((role, Scope())), caller((role, THERE))
        assert (refusal(everywhere, action) == "") is may
        assert (refusal(everywhere, action, "Office", "LD-1") == "") is may
        assert (refusal(there, action, "Bureau") == "") is may
        assert (refusal(there, action, "Office", "QT-1") == "") is may
        assert refusal(there, action, "Office", "LD-1") == ("" if action in OWN else "place" if may else "role")
        assert (refusal(there, action) == "") is (may and (action in FILTERED or action in OWN))


@pytest.mark.parametrize("action", PERMISSIONS)
def test_nobody_a_stranger_and_one_without_a_role_may_nothing(action: str) -> None:
    assert refusal(Caller(actor=ACTOR), action) == "nobody"
    assert refusal(caller(), action) == ("" if action in OWN else "role")
    assert refusal(caller(("system-administrator", Scope())), f"{action}x") == "role"


def test_no_action_writes_the_audit_and_every_list_of_actions_is_known() -> None:
    assert {action for action in PERMISSIONS if action.startswith("audit.")} == {
        "audit.search", "audit.verify", "audit.export", "audit.archive",
    }
    assert PERMISSIONS.keys() >= (FILTERED | NEVER_IN_TRIAL | AFTER_TRIAL | NEVER_BY_TOKEN | OWN)
    assert set(READ_ACTION.values()) <= PERMISSIONS.keys()
    assert all(holders <= set(ROLES) and holders for holders in PERMISSIONS.values())


def test_every_kind_is_read_by_an_action_or_hidden() -> None:
    assert set(READ_ACTION) - {"journal"} | HIDDEN >= KEPT.keys()
    assert not set(READ_ACTION) & HIDDEN


def test_what_an_operation_needs_is_an_action() -> None:
    assert {operation.needs for operation in OPERATIONS if operation.needs} <= PERMISSIONS.keys()


def test_the_offices_are_three_persons() -> None:
    assert all(conflict(frozenset(pair)) for pair in itertools.combinations(OFFICES, 2))
    assert frozenset(OFFICES) <= EVERYWHERE_ONLY
    for one, other in EXCLUSIVE:
        both = caller((one, Scope()), (other, Scope(sites=("QT-1",))))
        assert {refusal(both, action) for action in PERMISSIONS if action not in OWN} == {"conflict"}


def test_who_grants_does_not_act_and_who_reviews_does_neither() -> None:
    assert PERMISSIONS["grant.add"] == {"security-officer"}
    assert not PERMISSIONS["user.add"] & PERMISSIONS["grant.add"]
    assert PERMISSIONS["audit.search"] == PERMISSIONS["audit.export"] == {"auditor"}
    changing = [action for action in PERMISSIONS if action.rpartition(".")[2] in ("add", "remove", "import", "rotate", "accept", "disable")]
    assert all("auditor" not in PERMISSIONS[action] for action in changing)


@pytest.mark.parametrize("action", PERMISSIONS)
def test_a_restricted_person_does_one_thing_first(action: str) -> None:
    for reason in ("change", "enrol"):
        found = refusal(caller(("system-administrator", Scope()), restricted=reason), action)
        assert found == ("" if action in BEFORE_ALL else reason)


def test_a_token_never_gives_a_persons_word() -> None:
    for role in ROLES:
        token = caller((role, Scope()), how="token")
        assert all(refusal(token, action) == "token" for action in NEVER_BY_TOKEN)
        limited = caller((role, Scope()), how="token", actions=("job.list",))
        assert {action for action in PERMISSIONS if not refusal(limited, action)} <= {"job.list", "whoami"}


def test_the_trial_reads_and_never_pushes_or_signs() -> None:
    for role in ROLES:
        persona = caller((role, Scope()), how="trial", trial=True)
        assert {refusal(persona, action) for action in NEVER_IN_TRIAL} == {"trial"}
        over = caller((role, Scope()), how="trial", trial=True, trial_over=True)
        left = {action for action in PERMISSIONS if not refusal(over, action)}
        assert left <= AFTER_TRIAL | OWN
    assert "read" not in AFTER_TRIAL


def test_nothing_is_pushed_before_the_three_offices_exist() -> None:
    operator = caller(("operator", Scope()))
    assert may_push(True, operator)
    assert not may_push(False, operator)
    assert not may_push(True, operator.replace(trial=True))
    assert not may_push(True, caller(("viewer", Scope())))
    assert not may_push(True, caller(("operator", THERE)), "Office", "LD-1")


@given(held, st.sampled_from(sorted(FILTERED)), st.sampled_from("ABCD"), st.sampled_from("ABCD"))
def test_what_is_listed_is_what_may_be_opened(grants: list[tuple[Role, Scope]], action: str, unit: str, site: str) -> None:
    somebody = caller(*grants)
    assert may_see(somebody, unit, site, action) == (refusal(somebody, action, unit, site) == "")
    units, sites = visible(somebody, action)
    assert may_see(somebody, unit, site, action) == (units is None or unit in units or site in (sites or ()))


@given(held, roles, scopes, st.sampled_from(sorted(PERMISSIONS)), st.sampled_from("ABCD"))
def test_another_role_only_adds_unless_it_excludes(
    grants: list[tuple[Role, Scope]], role: Role, scope: Scope, action: str, unit: str,
) -> None:
    before, after = caller(*grants), caller(*grants, (role, scope))
    if refusal(before, action, unit) == "" and refusal(after, action, unit) != "":
        assert conflict(frozenset(grant.role for grant in after.grants))


@given(held)
def test_what_is_told_to_be_possible_is_possible_somewhere(grants: list[tuple[Role, Scope]]) -> None:
    somebody = caller(*grants)
    told = set(actions(somebody))
    for action in PERMISSIONS:
        somewhere = any(not refusal(somebody, action, unit, site) for unit in ("", *"ABCD") for site in ("", *"ABCD"))
        assert not somewhere or action in told
        assert action not in told or action in OWN or any(role in PERMISSIONS[action] for role, _ in grants)


@given(scopes, st.dictionaries(st.sampled_from("ABCD"), st.lists(st.sampled_from("ABCD"), max_size=4)))
def test_widening_ends_and_keeps_what_was_there(scope: Scope, children: dict[str, list[str]]) -> None:
    wide = widened(scope, children)
    assert set(scope.units) <= set(wide.units)
    assert wide.sites == scope.sites
    assert all(set(children.get(unit, ())) <= set(wide.units) for unit in wide.units)
    assert widened(wide, children) == wide.replace(units=widened(wide, children).units)
    assert bool(wide.units) == bool(scope.units), "a narrow scope must never become everywhere"


@given(roles, times, times, st.lists(st.tuples(roles, times, times), max_size=4), st.integers(0, 60))
def test_two_roles_that_exclude_each_other_never_hold_at_one_time(
    role: Role, start: int, end: int, held: list[tuple[Role, int, int]], now: int,
) -> None:
    grants = [Grant(id=str(n), account="a", role=r, valid_from=s, valid_to=e) for n, (r, s, e) in enumerate(held)]
    if clashing(role, start, end, grants) is None:
        new = Grant(id="new", account="a", role=role, valid_from=start, valid_to=end)
        holding = [g for g in (*grants, new) if g.valid_from <= now and (not g.valid_to or now < g.valid_to)]
        if new in holding:
            assert not any(conflict(frozenset({role, g.role})) for g in holding)


def test_an_account_says_nothing_secret() -> None:
    assert not {name for name in Account.__struct_fields__ if "secret" in name or "totp" in name}
