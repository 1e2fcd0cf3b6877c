"""Accounts, roles, tokens and sessions of a hub in use: who may change what, with whom, and that it holds at once."""

import time
from typing import Any

import pytest

from core.errors import ConflictError, ForbiddenError, InvalidInputError, LoginNeededError, NotFoundError, YunwangError
from core.identity import AccountChange, NewAccount, NewGrant, NewToken, Scope
from core.views import ViewQuery


async def refused(question: Any, kind: type[YunwangError] = ForbiddenError, match: str | None = None) -> None:
    with pytest.raises(kind, match=match):
        await question


async def test_an_account_is_made_by_the_administrator_and_given_a_role_by_the_security_officer(node: Any) -> None:
    async with node.client("system-administrator") as administrator, node.client("security-officer") as security:
        made = await administrator.accounts.add(NewAccount(name="chen", display_name="陈晨", unit="Bureau"))
        assert made.secret
        await refused(administrator.accounts.grant(NewGrant(account="chen", role="viewer")))
        await refused(security.accounts.add(NewAccount(name="chen2")))
        given = await security.accounts.grant(NewGrant(account="chen", role="unit-contact"))
        assert given.done
        grant = next(one for one in await security.accounts.grants() if one.id == given.id)
        assert grant.scope.units == ("Bureau",), "a contact is one's own unit's"
        await refused(administrator.accounts.add(NewAccount(name="chen")), ConflictError)
        for wrong in ("Chen", "c", "a b", "root;", "../x", "nobody", "陈晨", "x" * 33):
            await refused(administrator.accounts.add(NewAccount(name=wrong)), InvalidInputError)
        await refused(administrator.accounts.add(NewAccount(name="wu", unit="No such unit")), NotFoundError)
        await refused(administrator.accounts.add(NewAccount(name="wu", uid=0)), InvalidInputError)
        await administrator.accounts.add(NewAccount(name="wu", uid=60001))
        await refused(administrator.accounts.add(NewAccount(name="wu2", uid=60001)), ConflictError)
        await security.accounts.revoke_grant(given.id)
        await refused(security.accounts.revoke_grant(given.id), NotFoundError)


async def test_nobody_gives_roles_to_oneself_nor_two_that_exclude_each_other(node: Any) -> None:
    async with node.client("security-officer") as security:
        await refused(security.accounts.grant(NewGrant(account="security-officer", role="viewer")), match="own account")
        await refused(security.accounts.grant(NewGrant(account="auditor", role="operator")), ConflictError, "auditor")
        await refused(security.accounts.grant(NewGrant(account="operator", role="auditor")), ConflictError)
        await refused(security.accounts.grant(NewGrant(account="viewer", role="viewer")), ConflictError, "already")
        await refused(security.accounts.grant(NewGrant(account="viewer", role="auditor", scope=Scope(sites=("LD-1",)))), InvalidInputError)
        await refused(security.accounts.grant(NewGrant(account="viewer", role="operator", scope=Scope(sites=("nowhere",)))), NotFoundError)
        await refused(security.accounts.grant(NewGrant(account="viewer", role="operator", valid_to=1)), InvalidInputError)
        now = time.time_ns() // 1_000_000
        later = NewGrant(account="plain", role="operator", valid_from=now + 10**7, valid_to=now + 2 * 10**7)
        given = await security.accounts.grant(later)
        await refused(security.accounts.grant(NewGrant(account="plain", role="auditor")), ConflictError)
        await security.accounts.revoke_grant(given.id)


async def test_an_office_needs_a_second_person(node: Any) -> None:
    async with node.client("security-two") as asking, node.client("system-administrator") as other, \
            node.client("security-officer") as third:
        new = NewGrant(account="plain", role="officer-in-charge")
        asked = await asking.accounts.grant(new)
        assert (asked.done, bool(asked.approval)) == (False, True)
        assert (await asking.accounts.grant(new)).approval == asked.approval, "asked once"
        digest = (await other.approvals.get(asked.approval)).digest
        await refused(asking.approvals.approve(asked.approval, digest), match="own")
        await refused(third.approvals.approve(asked.approval, digest), match="somebody else")
        await other.approvals.approve(asked.approval, digest)
        await refused(third.accounts.revoke_grant("nothing"), NotFoundError)
        done = await asking.accounts.grant(new)
        assert (done.done, done.approval) == (True, asked.approval)
        await asking.accounts.revoke_grant(done.id)
        assert not (await asking.accounts.grant(new)).done, "an approval is used once"


async def test_a_role_that_is_taken_away_or_given_holds_at_once(node: Any) -> None:
    async with node.client("plain") as plain, node.client("security-officer") as security:
        await refused(plain.overview())
        given = await security.accounts.grant(NewGrant(account="plain", role="viewer", scope=Scope(units=("Bureau",))))
        rows = (await plain.devices(ViewQuery(view="devices"))).rows
        assert [row.name for row in rows] == ["LD-DIV"], "the unit stands for all units below it"
        with pytest.raises((ForbiddenError, NotFoundError)):
            await plain.device("LD-ACC")
        assert (await plain.accounts.whoami()).roles == ("viewer",)
        await security.accounts.revoke_grant(given.id)
        await refused(plain.overview())


async def test_scopes_are_seen_through_the_api(node: Any) -> None:
    seen = {}
    for name in ("viewer", "viewer-there", "unit-contact", "unit-contact-there"):
        async with node.client(name) as hub:
            seen[name] = {row.name for row in (await hub.devices(ViewQuery(view="devices"))).rows}
            assert {item["name"] for item in (await hub.page("device")).items} == seen[name]
            assert (await hub.overview()).devices == len(seen[name])
    assert seen["viewer"] == {"LD-ACC", "QT-ACC", "LD-DIV"}
    assert seen["viewer-there"] == seen["unit-contact-there"] == {"QT-ACC", "LD-DIV"}


async def test_who_is_disabled_is_out_at_once(node: Any) -> None:
    async with node.client("system-administrator") as administrator, node.client("operator-there") as operator:
        token = await operator.accounts.add_token(NewToken(name="robot", days=1))
        assert (await operator.accounts.whoami()).name == "operator-there"
        await administrator.accounts.disable("operator-there")
        await refused(operator.overview(), LoginNeededError)
        operator.identify(token.token)
        await refused(operator.overview(), LoginNeededError)
        await administrator.accounts.enable("operator-there")
        await refused(operator.overview(), LoginNeededError)
        await refused(administrator.accounts.disable("system-administrator"), match="own account")
        await refused(administrator.accounts.disable("auditor"), ConflictError, "only")
        async with node.client("security-officer") as security:
            grant = next(one for one in await security.accounts.grants() if one.role == "auditor")
            await refused(security.accounts.revoke_grant(grant.id), ConflictError, "only")
            await refused(security.accounts.enable("auditor"))


async def test_tokens_are_shown_once_narrow_and_mortal(node: Any) -> None:
    async with node.client("operator") as operator, node.client("security-officer") as security, node.client("viewer") as viewer:
        made = await operator.accounts.add_token(NewToken(name="exporter", actions=("inventory.export", "inventory.export"), days=1))
        assert made.token.startswith("ywt_")
        listed = (await operator.accounts.tokens())[0]
        assert (listed.name, listed.actions, listed.account) == ("exporter", ("inventory.export",), "operator")
        assert made.token not in str(await security.accounts.tokens(everybody=True))
        await refused(viewer.accounts.tokens(everybody=True))
        for wrong in (NewToken(name=""), NewToken(name="y", days=400), NewToken(name="y", actions=("nothing",)),
                      NewToken(name="y", actions=("approval.decide",))):
            await refused(operator.accounts.add_token(wrong), InvalidInputError)
        await refused(operator.accounts.add_token(NewToken(name="exporter")), ConflictError)
        await refused(viewer.accounts.revoke_token(made.id), NotFoundError)
        robot = node.client("operator")
        robot.identify(made.token)
        async with robot:
            assert await robot.export("site")
            assert (await robot.accounts.whoami()).how == "token"
            await refused(robot.overview(), match="token")
            await refused(robot.accounts.add_token(NewToken(name="child")), match="token")
            await refused(robot.accounts.logout())
            await security.accounts.revoke_token(made.id)
            await refused(robot.export("site"), LoginNeededError)


async def test_sessions_are_ones_own_or_the_security_officers(node: Any) -> None:
    async with node.client("approver") as approver, node.client("security-officer") as security, node.client("auditor") as auditor:
        own = await approver.accounts.sessions()
        assert [(one.account, one.own) for one in own] == [("approver", True)]
        assert len(await auditor.accounts.sessions()) > 5
        await refused(auditor.accounts.end_session(own[0].id), NotFoundError)
        await security.accounts.end_session(own[0].id)
        await refused(approver.overview(), LoginNeededError)


async def test_a_role_of_ones_own_can_be_chosen_and_no_other(node: Any) -> None:
    async with node.client("operator") as operator:
        operator.accounts.use_persona("operator")
        assert (await operator.accounts.whoami()).roles == ("operator",)
        operator.accounts.use_persona("system-administrator")
        await refused(operator.overview())
        operator.accounts.use_persona("emperor")
        await refused(operator.overview(), InvalidInputError)


async def test_a_lost_second_factor_and_password_take_two_people(node: Any) -> None:
    import pyotp

    async with node.client("officer-in-charge") as loser, node.client("security-officer") as security, node.client("auditor") as auditor, \
            node.client("system-administrator") as administrator, node.client("operator") as operator:
        await refused(security.accounts.reset_totp("officer-in-charge"), ConflictError)
        made = await loser.accounts.enrol()
        await loser.accounts.confirm(pyotp.TOTP(made.secret).now())
        await refused(loser.accounts.enrol(), ConflictError)
        await refused(operator.accounts.reset_totp("officer-in-charge"))
        await refused(security.accounts.reset_totp("security-officer"), match="own account")
        asked = await security.accounts.reset_totp("officer-in-charge")
        assert not asked.done
        digest = (await auditor.approvals.get(asked.approval)).digest
        await refused(loser.approvals.approve(asked.approval, digest), match="own account")
        await refused(security.approvals.approve(asked.approval, digest))
        await auditor.approvals.approve(asked.approval, digest)
        await refused(administrator.approvals.approve(asked.approval, digest), ConflictError)
        assert (await security.accounts.reset_totp("officer-in-charge")).done
        await refused(loser.overview(), LoginNeededError)

        asked = await administrator.accounts.reset_secret("officer-in-charge")
        assert (asked.done, asked.secret) == (False, "")
        await security.approvals.approve(asked.approval, (await security.approvals.get(asked.approval)).digest)
        done = await administrator.accounts.reset_secret("officer-in-charge")
        answer = await loser.accounts.login("officer-in-charge", done.secret)
        assert answer.identity
        assert answer.identity.must_change
        alone = await administrator.accounts.reset_secret("plain")
        assert alone.done, "who holds no role can be helped by one"


async def test_another_way_in_for_who_holds_a_role_needs_a_second_person(node: Any) -> None:
    async with node.client("system-administrator") as administrator, node.client("security-officer") as security:
        assert (await administrator.accounts.set("viewer", AccountChange(display_name="李娜", unit="Office"))).done
        account = next(one for one in await administrator.accounts.list() if one.name == "viewer")
        assert (account.display_name, account.unit, account.uid) == ("李娜", "Office", -1)
        await refused(administrator.accounts.set("viewer", AccountChange(unit="Nowhere")), NotFoundError)
        await refused(administrator.accounts.set("viewer", AccountChange(uid=0)), InvalidInputError)
        await refused(security.accounts.set("viewer", AccountChange(unit="Office")))
        mine = AccountChange(uid=60111)
        asked = await administrator.accounts.set("viewer", mine)
        assert not asked.done
        await security.approvals.approve(asked.approval, (await security.approvals.get(asked.approval)).digest)
        assert not (await administrator.accounts.set("viewer", AccountChange(uid=60112))).done, "another uid is another approval"
        await administrator.accounts.set("plain", AccountChange(uid=60113))
        await refused(administrator.accounts.set("viewer", AccountChange(uid=60113)), ConflictError)


async def test_a_repetition_never_tells_a_secret_again(node: Any) -> None:
    async with node.client("system-administrator") as administrator:
        wire, new = administrator.accounts._wire, NewAccount(name="repeated")
        first = await wire.tell("POST", "/api/v1/accounts", new, key="same-key")
        second = await wire.tell("POST", "/api/v1/accounts", new, key="same-key")
        assert b"secret" in first
        assert b"secret" not in second
        await refused(wire.tell("POST", "/api/v1/accounts", NewAccount(name="other"), key="same-key"), ConflictError)


async def test_what_was_changed_is_written_with_who_and_nothing_secret(node: Any) -> None:
    async with node.client("system-administrator") as administrator, node.client("auditor") as auditor:
        made = await administrator.accounts.add(NewAccount(name="traced", unit="Bureau"))
        token = await administrator.accounts.add_token(NewToken(name="trace", days=1))
        body = (await administrator.accounts._wire.raw("GET", "/api/v1/whoami")).decode()
        audit = await auditor.accounts._wire.raw("GET", "/api/v1/audit", params={"limit": 500})
    text = audit.decode()
    assert '"user.add"' in text
    assert '"token.add"' in text
    for secret in (made.secret, token.token, node.people["auditor"].bearer):
        assert secret not in text + body
