"""Logging in, at times that the test says: failures, locks, codes, sessions; on the real part, hashes and all."""

import asyncio
import contextlib
from typing import Any

import pyotp
import pytest

from agents.hub.identity import totp
from core.errors import ConflictError, ForbiddenError, InvalidInputError, LoginNeededError
from core.identity import Actor, Grant, NewGrant, NewToken
from core.kinds import KEPT

GOOD = "Kx7#mPq2vL"
WRONG = "not this one"
BETTER = "Correct-Horse-9"
PEER = Actor(name="nobody", uid=-1, origin="tcp:192.0.2.7")


def away(number: int) -> Actor:
    """Somebody at another address."""
    return Actor(name="nobody", uid=-1, origin=f"tcp:198.51.100.{number}")


async def failing(inside: Any, name: str, secret: str = WRONG, code: str = "", peer: Actor | None = None) -> ForbiddenError:
    """What a login is refused with."""
    with pytest.raises(ForbiddenError) as found:
        await inside.login(name, secret, code, peer)
    return found.value


async def said(inside: Any, *args: Any, **more: Any) -> str:
    return (await failing(inside, *args, **more)).message


async def test_a_login_opens_a_session_and_is_written_down(inside: Any) -> None:
    account = await inside.add("wang", GOOD, "operator")
    answer = await inside.login("wang", GOOD)
    assert answer.identity.roles == ("operator",)
    caller = inside.who(answer.token)
    assert (caller.account, caller.how, caller.restricted, caller.actor.origin) == (account.id, "session", "", "tcp:192.0.2.7")
    assert inside.store.get("account", account.id).last_login == inside.now
    row = next(row for row in inside.store.journal() if row.action == "login" and row.kind == "account")
    assert (row.actor, row.origin) == ("wang", "tcp:192.0.2.7")
    everything = str([inside.store.journal(limit=1000), *(list(inside.store.all(kind)) for kind in KEPT)])
    assert answer.token not in everything
    assert GOOD not in everything


async def test_unknown_disabled_and_wrong_are_one_answer(inside: Any) -> None:
    await inside.add("wang", GOOD)
    await inside.add("gone", GOOD, disabled=True)
    tries = (("wang", "wrong"), ("gone", GOOD), ("nobody-such", "wrong"), ("", ""), ("x" * 5000, "y" * 5000))
    found = [await failing(inside, name, secret, peer=away(number)) for number, (name, secret) in enumerate(tries)]
    assert len({(type(error), str(error)) for error in found}) == 1


async def test_the_fifth_failure_locks_with_or_without_an_account(inside: Any) -> None:
    await inside.add("wang", GOOD)
    told = {}
    for name in ("wang", "stranger"):
        told[name] = [(await failing(inside, name, peer=away(number))).message for number in range(6)]
        assert "wrong" in told[name][4]
        assert "locked" in told[name][5]
    assert told["wang"] == told["stranger"]
    assert "locked" in await said(inside, "wang", GOOD, peer=away(50)), "not even the right one"
    assert inside.actions().count("user.lock") == 1
    await inside.begin()
    assert "locked" in await said(inside, "wang", GOOD, peer=away(50)), "a restart does not unlock"
    inside.later(minutes=31)
    assert (await inside.login("wang", GOOD)).token


async def test_failures_fade_and_a_success_forgets_them(inside: Any) -> None:
    await inside.add("wang", GOOD)
    for _ in range(2):
        for number in range(4):
            await failing(inside, "wang", peer=away(number))
        assert (await inside.login("wang", GOOD)).token
        for number in range(4):
            await failing(inside, "wang", peer=away(10 + number))
        inside.later(minutes=31)


async def test_a_hundred_guesses_at_once_are_five(inside: Any) -> None:
    await inside.add("wang", GOOD)
    tries = [inside.login("wang", f"wrong{n}", peer=away(n)) for n in range(20)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum("is locked" in result.message for result in results) == 15
    assert sum(row.action == "login.failed" and not row.kind for row in inside.store.journal()) == 5


async def test_one_address_cannot_lock_everybody(inside: Any) -> None:
    for number in range(6):
        await inside.add(f"user{number}", "")
    found = [await failing(inside, f"user{number % 6}") for number in range(12)]
    assert "from here" in str(found[-1])
    assert not any(account.locked_until for account in inside.store.all("account"))
    await inside.add("wang", GOOD)
    assert "from here" in await said(inside, "wang", GOOD)
    assert (await inside.login("wang", GOOD, peer=away(1))).token
    inside.later(minutes=11)
    assert (await inside.login("wang", GOOD)).token


async def test_what_was_typed_into_the_wrong_field_is_not_kept(inside: Any) -> None:
    await failing(inside, "My-Secret.Passw0rd", "x")
    assert "My-Secret" not in str(inside.store.journal())
    assert any(row.action == "login.failed" and row.after["known"] is False for row in inside.store.journal())


async def test_the_second_factor(inside: Any) -> None:
    account = await inside.add("li", GOOD, "security-officer")
    first = await inside.login("li", GOOD)
    caller = inside.who(first.token)
    assert caller.restricted == "enrol"
    made = await inside.part.oneself.enrol(caller)
    generator = pyotp.TOTP(made.secret)

    def code(back: int = 0) -> str:
        return generator.at(inside.now // 1000 - 30 * back)

    with pytest.raises(InvalidInputError):
        await inside.part.oneself.confirm(caller, "000000" if code() != "000000" else "111111", inside.now)
    await inside.part.oneself.confirm(caller, code(1), inside.now)
    assert inside.who(first.token).restricted == ""

    assert (await inside.login("li", GOOD)).need == "code"
    assert "wrong" in await said(inside, "li", GOOD, code(1)), "a code is accepted once"
    assert (await inside.login("li", GOOD, code())).token
    assert "wrong" in await said(inside, "li", GOOD, code())
    assert "wrong" in await said(inside, "li", GOOD, code(5))
    for junk in ("", "12345", "1234567", "abcdef", "٠١٢٣٤٥"):
        assert not totp.accepted(made.secret, junk, inside.now, 0)
    sealed = inside.store.get("account_secret", account.id).totp_secret
    assert made.secret not in sealed
    assert made.secret not in str(inside.store.journal(limit=10_000))


async def test_the_socket_alone_is_not_enough_where_a_second_factor_is_due(inside: Any) -> None:
    await inside.add("li", GOOD, "security-officer", uid=4242)
    await inside.add("wang", GOOD, "operator", uid=4243, certificate="CN=wang,O=city")
    peer = Actor(name="x", uid=4242, origin="unix:1")
    with pytest.raises(LoginNeededError, match="second factor"):
        inside.who(peer=peer)
    assert inside.who(peer=peer.replace(uid=4243)).actor.name == "wang"
    assert inside.who(peer=peer.replace(uid=4244)).account == ""
    assert inside.who(certificate="CN=wang,O=city").how == "certificate"
    assert inside.who(certificate="CN=wang").account == ""


async def test_sessions_end_by_idleness_age_and_a_clock_set_back(inside: Any) -> None:
    await inside.add("wang", GOOD, "operator")
    for steps, lasts in (((29,) * 20, True), ((31,), False), ((29,) * 25, False)):
        bearer = (await inside.login("wang", GOOD)).token
        results = []
        for minutes in steps:
            inside.later(minutes=minutes)
            try:
                results.append(bool(inside.who(bearer).account))
            except LoginNeededError:
                results.append(False)
        assert results[-1] is lasts, (steps, results)
    bearer = (await inside.login("wang", GOOD)).token
    for _ in range(2):
        inside.later(minutes=20)
        with contextlib.suppress(LoginNeededError):
            inside.part.who.resolve(PEER, f"Bearer {bearer}", "", "", inside.now, alive=False)
    with pytest.raises(LoginNeededError):
        inside.who(bearer)  # what a console asks by itself has kept nothing alive
    bearer = (await inside.login("wang", GOOD)).token
    inside.later(hours=-1)
    with pytest.raises(LoginNeededError):
        inside.who(bearer)


async def test_a_password_grows_old_and_does_not_come_back(inside: Any) -> None:
    await inside.add("wang", GOOD, "operator")
    inside.later(days=91)
    bearer = (await inside.login("wang", GOOD)).token
    caller = inside.who(bearer)
    assert caller.restricted == "change"
    change = inside.part.oneself.change_secret
    with pytest.raises(InvalidInputError, match="before"):
        await change(caller, GOOD, GOOD, inside.now)
    with pytest.raises(InvalidInputError, match="guess"):
        await change(caller, GOOD, "Password123!", inside.now)
    with pytest.raises(LoginNeededError):
        await change(caller, "not it", BETTER, inside.now)
    other = (await inside.login("wang", GOOD)).token
    await change(caller, GOOD, BETTER, inside.now)
    assert inside.who(bearer).restricted == ""
    with pytest.raises(LoginNeededError):
        inside.who(other)
    with pytest.raises(InvalidInputError, match="before"):
        await change(inside.who(bearer), BETTER, GOOD, inside.now)
    assert (await inside.login("wang", BETTER)).token


async def test_a_one_time_password_opens_for_seven_days(inside: Any) -> None:
    account = await inside.add("wang", GOOD, must_change=True)
    assert inside.who((await inside.login("wang", GOOD)).token).restricted == "change"
    inside.later(days=8)
    assert "expired" in await said(inside, "wang", GOOD)
    assert account.must_change


async def test_a_token_is_no_way_round_the_second_factor(inside: Any) -> None:
    await inside.add("li", GOOD)
    bearer = (await inside.login("li", GOOD)).token
    token = (await inside.part.bearers.add(inside.who(bearer), NewToken(name="early"), inside.now)).token
    assert inside.who(token).account
    account = inside.part.people.named("li")
    with inside.store.write(PEER, inside.now) as write:
        write.put("seed", Grant(id="g", account=account.id, role="auditor"))
    await inside.begin()
    with pytest.raises(LoginNeededError, match="second factor"):
        inside.who(token)
    caller = inside.who((await inside.login("li", GOOD)).token)
    assert caller.restricted == "enrol"
    with pytest.raises(ForbiddenError, match="second factor"):
        await inside.hub.allow(caller, "token.own")


async def test_two_grants_at_once_do_not_get_past_each_other(inside_with: Any) -> None:
    async with inside_with(second_factor="nobody") as inside:
        for name in ("chen", "sun"):
            await inside.add(name, GOOD)
        await inside.add("li", GOOD, "security-officer")
        caller = inside.who((await inside.login("li", GOOD)).token)
        wishes = [NewGrant(account="chen", role=role) for role in ("operator", "viewer", "operator", "approver", "viewer")]
        results = await asyncio.gather(*(inside.part.granting.add(caller, wish, inside.now) for wish in wishes), return_exceptions=True)
        assert [isinstance(result, ConflictError) for result in results] == [False, False, True, False, True]
        other = await inside.add("wang", GOOD, "system-administrator")
        await inside.add("wu", GOOD, "system-administrator")
        administrator = inside.who((await inside.login("li", GOOD)).token)
        ends = await asyncio.gather(
            *(inside.part.accounts.disable(administrator, name, inside.now) for name in ("wang", "wu")), return_exceptions=True,
        )
        assert sorted(type(end).__name__ for end in ends) == ["ConflictError", "NoneType"], "one administrator is left"
        assert other.id


async def test_roles_that_exclude_each_other_count_for_nothing_however_they_came_there(inside_with: Any) -> None:
    async with inside_with(second_factor="nobody") as inside:
        await inside.add("wang", GOOD, "auditor", "operator")
        bearer = (await inside.login("wang", GOOD)).token
        with pytest.raises(ForbiddenError, match="exclude"):
            await inside.hub.allow(inside.who(bearer), "audit.search")
        assert inside.part.who.identity(inside.who(bearer)).actions == ("whoami", "oneself", "token.own")
        await inside.part._report_conflicts(inside.now)
        row = next(row for row in inside.store.journal() if row.action == "identity.conflict")
        assert row.after == {"account": "wang", "roles": ["auditor", "operator"]}


async def test_what_is_refused_at_the_door_is_written_down_once_a_minute(inside: Any) -> None:
    await inside.add("wang", GOOD)
    for number in range(5):
        await failing(inside, "wang", peer=away(number))
    for _ in range(5):
        await failing(inside, "wang", GOOD, peer=away(99))
    rows = [row for row in inside.store.journal() if row.action == "login.refused"]
    assert [(row.after, row.origin) for row in rows] == [({"reason": "locked", "account": "wang"}, "tcp:198.51.100.99")]


async def test_grants_begin_and_end_by_their_dates(inside: Any) -> None:
    account = await inside.add("wang", GOOD)
    bearer = (await inside.login("wang", GOOD)).token
    with inside.store.write(away(1), inside.now) as write:
        write.put("seed", Grant(id="g", account=account.id, role="viewer", valid_from=inside.now + 60_000, valid_to=inside.now + 120_000))
    inside.part.people.put(inside.store.get("role_grant", "g"))
    held = []
    for _ in range(4):
        held.append(len(inside.who(bearer).grants))
        inside.later(seconds=50)
    assert held == [0, 0, 1, 0]


async def test_more_sessions_than_ten_end_the_oldest(inside: Any) -> None:
    await inside.add("wang", "", "viewer", source="local")
    account = inside.part.people.named("wang")
    bearers = []
    for _ in range(12):
        bearers.append((await inside.part.login._open(PEER, account, "", 0, inside.now)).token)
        inside.later(seconds=1)
    lasting = []
    for bearer in bearers:
        try:
            lasting.append(bool(inside.who(bearer).account))
        except LoginNeededError:
            lasting.append(False)
    assert lasting == [False] * 2 + [True] * 10


async def test_a_wrong_bearer_is_one_sentence(inside: Any) -> None:
    for bearer in ("yws_x", "ywt_x", "x" * 10_000, "ä ö", "\udcff"):
        with pytest.raises(LoginNeededError):
            inside.who(bearer)
    with pytest.raises(LoginNeededError):
        inside.part.who.resolve(PEER, "Basic d2FuZzp4", "", "", inside.now)
