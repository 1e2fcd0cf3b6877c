"""Laws of approvals: whatever people say in whatever order, nobody approves their own, nobody counts twice, nothing is used twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.approval import Approval, ApprovalRule, Delegation, Subject, digest_of
from core.approving import (
    CLOCK_SLACK_MS,
    HOUR_MS,
    MAX_WORDS,
    Proxy,
    Voice,
    Word,
    begin,
    choose,
    expire,
    may_execute,
    proxies,
    step,
    supersede,
    use,
    withdraw,
)
from core.errors import ConflictError, ForbiddenError, InvalidInputError, YunwangError
from core.identity import Role

T = 1_800_000_000_000
ROLES: tuple[Role, ...] = ("approver", "security-officer", "officer-in-charge")
PEOPLE = ("a", "b", "c", "d", "e")
DIGEST = digest_of("change", "x", {"line": 1})


def subject(**changes: object) -> Subject:
    return Subject(kind="change", object_id="x", title="t", digest=DIGEST).replace(**changes)


def request(*steps: tuple[Role, ...], **changes: object) -> Approval:
    rule = ApprovalRule(name="r", steps=steps or (("approver",),), expires_hours=24)
    return begin("1", subject(**changes), rule, "a", "A", T)


def word(verdict: str = "approve", text: str = "", behalf: str = "") -> Word:
    return Word(verdict=verdict, digest=DIGEST, text=text or ("because" if verdict != "approve" else ""), on_behalf_of=behalf)  # type: ignore[arg-type]


def voice(account: str, *roles: Role, proxies: tuple[Proxy, ...] = ()) -> Voice:
    return Voice(account=account, name=account.upper(), roles=frozenset(roles), proxies=proxies)


roles = st.frozensets(st.sampled_from(ROLES))
proxy_list = st.lists(st.builds(
    lambda giver, held: Proxy(giver=giver, giver_name=giver.upper(), roles=held), st.sampled_from(PEOPLE), roles), max_size=2).map(tuple)
voices = st.builds(lambda account, held, given_: voice(account, *held, proxies=given_), st.sampled_from(PEOPLE), roles, proxy_list)
moves = st.lists(st.tuples(
    st.sampled_from(["approve", "approve", "approve", "reject", "comment", "withdraw", "use", "expire"]), voices,
    st.integers(-HOUR_MS, 40 * HOUR_MS)), max_size=14)
steps_of = st.lists(st.frozensets(st.sampled_from(ROLES), min_size=1).map(tuple), min_size=1, max_size=3).map(tuple)


@given(steps_of, moves, st.frozensets(st.sampled_from(PEOPLE[1:]), max_size=1))
def test_whatever_is_said_the_laws_hold(
    steps: tuple[tuple[Role, ...], ...], said: list[tuple[str, Voice, int]], concerned: frozenset[str],
) -> None:
    now_of = request(*steps, concerns=tuple(concerned))
    for what, who, at in said:
        before, now = now_of, T + at
        try:
            match what:
                case "withdraw":
                    now_of = withdraw(now_of, who, "", now)
                case "use":
                    now_of = use(now_of, DIGEST, who.account, now)
                    assert before.state == "approved"
                    assert before.created_at - CLOCK_SLACK_MS <= now < before.expires_at
                    assert who.account != "a", "the author does not carry it out"
                case "expire":
                    now_of = expire(now_of, now)
                case _:
                    now_of = step(now_of, who, word(what), now)
                    assert what == "comment" or now < before.expires_at
        except YunwangError:
            assert now_of is before
        if before.state in ("rejected", "withdrawn", "expired", "used"):
            assert now_of.state == before.state, "what has ended stays ended"
        if before.state == "open" and now_of.state == "used":
            pytest.fail("used without approval")
    given_words = [one for one in now_of.decisions if one.verdict == "approve"]
    people = [person for one in given_words for person in (one.account, one.on_behalf_of) if person]
    assert "a" not in people
    assert not concerned & set(people)
    assert len(people) == len(set(people)), "each person once, whoever they spoke for"
    assert len({one.step for one in given_words}) == len(given_words)
    assert all(one.role in now_of.steps[one.step] and one.digest == DIGEST for one in given_words)
    if now_of.state in ("approved", "used"):
        assert not now_of.open_steps
    assert all(one.account != "a" for one in now_of.decisions if one.verdict == "reject")


def test_two_people_are_needed_where_two_steps_are() -> None:
    both = request(("approver",), ("approver",))
    once = step(both, voice("b", "approver"), word(), T + 1)
    assert once.state == "open"
    with pytest.raises(ForbiddenError):
        step(once, voice("b", "approver"), word(), T + 2)
    assert step(once, voice("c", "approver"), word(), T + 2).state == "approved"


def test_the_step_that_fewest_can_take_is_taken_first() -> None:
    asked = request(("approver", "officer-in-charge"), ("approver",))
    once = step(asked, voice("b", "approver"), word(), T)
    assert step(once, voice("c", "officer-in-charge"), word(), T).state == "approved"


def test_a_word_to_another_content_is_refused() -> None:
    with pytest.raises(ConflictError, match="not the content"):
        step(request(), voice("b", "approver"), word().replace(digest="0" * 64), T)
    approved = step(request(), voice("b", "approver"), word(), T)
    with pytest.raises(ConflictError, match="Something else"):
        use(approved, digest_of("change", "x", {"line": 2}), "b", T)


def test_the_digest_is_of_the_content_whatever_its_order() -> None:
    assert digest_of("k", "o", {"a": 1, "b": [2]}) == digest_of("k", "o", {"b": [2], "a": 1})
    assert len({digest_of("k", "o", {}), digest_of("k2", "o", {}), digest_of("k", "o2", {}), digest_of("k", "o", {"a": 1})}) == 4


def test_a_rejection_needs_a_reason_and_whoever_approved_may_think_again() -> None:
    both = request(("approver",), ("security-officer",))
    with pytest.raises(InvalidInputError):
        step(both, voice("b", "approver"), Word(verdict="reject", digest=DIGEST), T)
    once = step(both, voice("b", "approver"), word(), T)
    assert step(once, voice("b", "approver"), word("reject"), T).state == "rejected"


def test_expiry_by_the_clock_argument_alone() -> None:
    asked = request()
    assert expire(asked, asked.expires_at - 1) is asked
    assert expire(asked, asked.expires_at).state == "expired"
    approved = step(asked, voice("b", "approver"), word(), T + 20 * HOUR_MS)
    assert approved.expires_at == T + 44 * HOUR_MS, "once approved it has as long again to be used"
    with pytest.raises(ConflictError, match="expired"):
        use(approved, DIGEST, "b", approved.expires_at)
    assert expire(approved, approved.expires_at).state == "expired"


def test_a_clock_that_was_set_back_makes_no_approval_last_longer() -> None:
    approved = step(request(), voice("b", "approver"), word(), T)
    with pytest.raises(ConflictError, match="clock"):
        use(approved, DIGEST, "b", T - 365 * 24 * HOUR_MS)
    assert use(approved, DIGEST, "b", T - CLOCK_SLACK_MS).state == "used"


def test_used_once() -> None:
    used = use(step(request(), voice("b", "approver"), word(), T), DIGEST, "c", T)
    assert (used.state, used.used_by) == ("used", "c")
    with pytest.raises(ConflictError):
        use(used, DIGEST, "c", T)


def test_the_author_carries_out_only_where_the_rule_says_so() -> None:
    approved = step(request(), voice("b", "approver"), word(), T)
    assert not may_execute(approved, "a")
    assert may_execute(approved.replace(author_executes=True), "a")
    with pytest.raises(ForbiddenError):
        use(approved, DIGEST, "a", T)


@given(st.integers(0, 100), st.integers(1, 100), st.integers(0, 200), roles, roles)
def test_nobody_gives_more_than_they_have_nor_outside_the_dates(
    start: int, length: int, now: int, delegated: frozenset[Role], held: frozenset[Role],
) -> None:
    given_ = [Delegation(id=role, giver="g", taker="t", role=role, valid_from=start, valid_to=start + length) for role in delegated]
    found = proxies(given_, "t", {"g": held}, now)
    expected = delegated & held if start <= now < start + length else frozenset()
    assert frozenset().union(*(one.roles for one in found)) == expected
    assert proxies(given_, "somebody else", {"g": held}, now) == ()


def test_an_author_cannot_approve_through_a_delegate() -> None:
    through = voice("b", proxies=(Proxy(giver="a", giver_name="A", roles=frozenset({"approver"})),))
    with pytest.raises(ForbiddenError):
        step(request(), through, word(), T)


def test_a_delegate_speaks_in_the_name_that_was_meant() -> None:
    given_ = (Proxy(giver="c", giver_name="C", roles=frozenset({"approver"})),)
    done = step(request(), voice("b", "approver", proxies=given_), word(behalf="C"), T)
    assert (done.decisions[0].account, done.decisions[0].on_behalf_of) == ("b", "c")
    alone = step(request(), voice("b", "approver", proxies=given_), word(), T)
    assert alone.decisions[0].on_behalf_of == ""
    with pytest.raises(ForbiddenError):
        step(request(), voice("b", "approver", proxies=given_), word(behalf="D"), T)


def test_standard_items_are_known_by_name_and_by_what_they_say() -> None:
    rule = ApprovalRule(name="r", steps=(("approver",),), standard={"describe-port": "ab" * 32})
    assert begin("1", subject(template="describe-port", template_digest="ab" * 32), rule, "a", "A", T).state == "approved"
    assert begin("1", subject(template="describe-port", template_digest="cd" * 32), rule, "a", "A", T).state == "open"
    assert begin("1", subject(template="describe-port"), rule, "a", "A", T).state == "open"


def test_the_first_rule_that_fits_decides_and_none_approves_nothing() -> None:
    rules = [
        ApprovalRule(name="standard only", kinds=("change",), standard={"t": "ab" * 32}),
        ApprovalRule(name="risky", kinds=("change",), risks=("high",), steps=(("approver",), ("officer-in-charge",))),
        ApprovalRule(name="site", kinds=("change",), sites=("S1",), steps=(("approver",),)),
        ApprovalRule(name="unit", kinds=("change",), units=("U",), levels=("3",), steps=(("approver",),)),
    ]
    assert choose(rules, subject(risk="high", site="S1")).name == "risky"
    assert choose(rules, subject(site="S1")).name == "site"
    assert choose(rules, subject(unit="U", level="3")).name == "unit"
    assert choose(rules, subject(template="t", template_digest="ab" * 32)).name == "standard only"
    with pytest.raises(InvalidInputError):
        choose(rules, subject())


def test_a_newer_request_voids_the_one_before_where_it_says_so() -> None:
    old = step(request(), voice("b", "approver"), word(), T)
    assert supersede(old, subject(digest="0" * 64), T) is old
    voided = supersede(old, subject(digest="0" * 64, supersedes=True), T)
    assert voided.state == "withdrawn"
    assert supersede(old, subject(supersedes=True), T) is old, "the same content is not another one"


def test_words_are_bounded() -> None:
    asked = request()
    with pytest.raises(InvalidInputError):
        step(asked, voice("b"), word("comment", "x" * 2001), T)
    for _ in range(MAX_WORDS):
        asked = step(asked, voice("b"), word("comment"), T)
    with pytest.raises(ConflictError):
        step(asked, voice("b"), word("comment"), T)
