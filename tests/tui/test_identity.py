"""Who works at the console: login, its forms, personas, what may not be done."""

import pytest

from core.errors import LoginNeededError
from core.identity import Identity
from core.operations import OPERATIONS
from core.permissions import PERMISSIONS
from core.width import width
from tui import access, qr
from tui.login import LoginForm, SecretForm, TotpForm

OFFICES = ("system-administrator", "security-officer", "auditor")


def _identity(role="operator", **fields):
    actions = tuple(action for action, holders in PERMISSIONS.items() if role in holders)
    return Identity(name="zhang", display_name="张三", account="acc-zhang", how="session", roles=(role,), actions=actions, **fields)


def _trial(days_ms=3 * access.DAY_MS):
    import time

    return _identity("system-administrator", trial=True, trial_until=int(time.time() * 1000) + days_ms, personas=OFFICES)


async def test_nobody_logged_in_meets_the_login_and_then_the_city(city, console):
    hub = city(20)
    hub.accounts.identity = None
    async with console(hub) as c:
        await c.until(lambda: isinstance(c.app.screen, LoginForm))
        assert "登录云网" in c.text()
        await c.keys("escape")
        assert isinstance(c.app.screen, LoginForm), "there is nobody to go back as"
        await c.type("lin")
        await c.keys("enter")
        await c.type("wrong")
        await c.keys("enter", "enter")
        await c.until(lambda: "Account or password is wrong." in c.text())
        assert "wrong" not in c.text().replace("Account or password is wrong.", ""), "no password is shown"
        await c.type("right")
        await c.keys("f8")
        await c.until(lambda: getattr(c.app.screen, "NAME", "") == "overview")
        await c.until(lambda: "lin (操作员)" in c.lines()[0])


async def test_the_second_factor_is_asked_for_and_a_wrong_code_again(city, console):
    hub = city(20)
    hub.accounts.identity, hub.accounts.need_code = None, "123456"
    async with console(hub) as c:
        await c.until(lambda: isinstance(c.app.screen, LoginForm))
        await c.type("lin")
        await c.keys("enter")
        await c.type("right")
        await c.keys("f8")
        await c.until(lambda: "请输入动态口令器当前显示的口令" in c.text())
        await c.type("000000")
        await c.keys("enter")
        await c.until(lambda: "The code is wrong" in c.text())
        await c.type("123456")
        await c.keys("enter")
        await c.until(lambda: getattr(c.app.screen, "NAME", "") == "overview")


async def test_a_locked_account_is_told_so(city, console):
    hub = city(20)
    hub.accounts.identity = None
    async with console(hub) as c:
        await c.until(lambda: isinstance(c.app.screen, LoginForm))
        await c.type("locked")
        await c.keys("enter")
        await c.type("x")
        await c.keys("f8")
        await c.until(lambda: "The account is locked until 18:00." in c.text() and "officer to unlock" in c.text())


async def test_a_session_that_ends_leads_through_the_login_back_to_where_one_was(city, console):
    async with console(city(200)) as c:
        await c.until(lambda: c.app.who.identity is not None)
        await c.keys("f3")
        await c.until(lambda: "云和-汇聚" in c.text())
        c.hub.accounts.identity = None
        c.app.say(LoginNeededError("Nobody is logged in."))
        await c.until(lambda: isinstance(c.app.screen, LoginForm) and "会话已结束" in c.text())
        assert "云和-汇聚" not in c.text(), "what was on the screen is no longer shown"
        await c.type("zhang")
        await c.keys("enter")
        await c.type("right")
        await c.keys("f8")
        await c.until(lambda: getattr(c.app.screen, "NAME", "") == "devices" and "云和-汇聚" in c.text())


async def test_a_password_that_somebody_else_chose_must_be_changed_first(city, console):
    hub = city(20)
    hub.accounts.identity = _identity(must_change=True)
    async with console(hub) as c:
        await c.until(lambda: isinstance(c.app.screen, SecretForm))
        await c.keys("escape")
        assert isinstance(c.app.screen, SecretForm)
        for text in ("right", "new one", "another"):
            await c.type(text)
            await c.keys("enter")
        await c.until(lambda: "两次输入的新密码不一致" in c.text())
        await c.type("new one")
        await c.keys("f8")
        await c.until(lambda: not isinstance(c.app.screen, SecretForm))
        assert hub.accounts.secret == "new one"


async def test_the_second_factor_is_set_up_by_its_picture_or_its_key(city, console):
    hub = city(20)
    hub.accounts.identity = _identity(must_enrol=True)
    async with console(hub, (80, 24)) as c:
        await c.until(lambda: isinstance(c.app.screen, TotpForm) and "JBSW Y3DP EHPK 3PXP" in c.text())
        enrolment = await hub.accounts.enrol()
        for line in qr.lines(enrolment.uri):
            assert line.strip() in c.text(), "the whole picture fits 80x24"
        await c.type("1")
        await c.keys("enter")
        await c.until(lambda: "The code is wrong" in c.text())
        c.app.screen.clear("code")
        await c.type("123 456")
        await c.keys("enter")
        await c.until(lambda: not isinstance(c.app.screen, TotpForm))
        assert hub.accounts.identity.second_factor


def test_the_picture_says_exactly_what_the_code_says():
    import segno

    content = "otpauth://totp/Yunwang:zhang?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Yunwang"
    wanted = [[bool(m) for m in row] for row in segno.make_qr(content, error="l", boost_error=False).matrix_iter(border=qr.QUIET)]
    read = []
    for line in qr.lines(content):
        read += [[mark in "█▀" for mark in line], [mark in "█▄" for mark in line]]
    assert read[: len(wanted)] == wanted
    assert len(qr.lines(content)) <= 22


async def test_the_trial_is_said_on_every_screen_and_its_persona_changes_by_a_key(city, console):
    hub = city(20)
    hub.accounts.identity = _trial()
    async with console(hub) as c:
        await c.until(lambda: "试用，还剩 3 天" in c.lines()[1])
        bar = c.app.screen.query_one("Bar")
        assert bar.has_class("-system-administrator")
        before = bar.styles.background
        for key in ("f3", "f4", "ctrl+k", "ctrl+a", "ctrl+e", "ctrl+d", "ctrl+u", "f2"):
            await c.keys(key)
            assert "试用，还剩 3 天" in c.lines()[1], key
        await c.keys("ctrl+y")
        await c.until(lambda: "(安全管理员)" in c.lines()[0])
        assert bar.has_class("-security-officer")
        assert bar.styles.background != before, "each office has its colour"
        await c.keys("f9")
        await c.type("as auditor")
        await c.keys("enter")
        await c.until(lambda: "(审计管理员)" in c.lines()[0])


async def test_a_demo_city_and_a_trial_are_both_said(city, console):
    hub = city(20)
    hub.accounts.identity, hub.banner = _trial(0), "A demo city."
    async with console(hub) as c:
        await c.until(lambda: "试用已到期" in c.lines()[1] and "A demo city." in c.lines()[1])


async def test_personas_are_of_the_trial_alone(city, console):
    async with console(city(20)) as c:
        await c.until(lambda: c.app.who.identity is not None)
        await c.keys("ctrl+y")
        await c.until(lambda: len(c.app._notifications) == 1)
        assert "(操作员)" in c.lines()[0]


async def test_what_one_may_not_is_shown_with_who_may_and_does_nothing(city, console):
    hub = city(20)
    hub.accounts.identity = _identity("viewer")
    async with console(hub) as c:
        await c.until(lambda: c.app.who.identity is not None)
        await c.keys("ctrl+d")
        await c.until(lambda: len(c.app._notifications) == 1)
        assert c.app.screen.NAME == "overview"
        assert "需要：审计管理员" in next(iter(c.app._notifications)).message
        await c.keys("f12")
        assert "到审计记录" in c.text()
        assert "需要：审计管理员" in c.text()
        await c.keys("escape", "ctrl+e")
        await c.until(lambda: c.app.screen.NAME == "windows")
        struck = [s for s in c.app.screen.query_one("Keys").paint(200).spans if getattr(s.style, "strike", False)]
        assert len(struck) == 2, "F7 and F8 are there, struck through"
        await c.keys("f7")
        await c.until(lambda: len(c.app._notifications) == 2)
        assert c.app.screen.NAME == "windows"


async def test_every_permission_is_listed_and_mine_come_first(city, console):
    hub = city(20)
    hub.accounts.identity = _identity("auditor")
    async with console(hub, (200, 60)) as c:
        await c.until(lambda: c.app.who.identity is not None)
        await c.keys("ctrl+u")
        rows = c.app.screen.rows.window
        assert {rows.at(i).action for i in range(rows.total)} == set(PERMISSIONS)
        assert rows.at(0).may
        assert not rows.at(rows.total - 1).may
        assert "张三" in c.text()
        assert all(width(line) == 200 for line in c.lines())


@pytest.mark.parametrize("op", [op for op in OPERATIONS if op.needs], ids=lambda op: op.id)
def test_what_an_operation_needs_is_in_the_table_and_named(op):
    assert op.needs in PERMISSIONS
    nobody = Identity(name="x")
    assert access.why_not(nobody, op).startswith("需要：")
    assert access.why_not(Identity(name="x", actions=(op.needs,)), op) == ""
    assert access.why_not(None, op) == "", "until the hub has said who this is, the hub decides"


def test_days_of_the_trial_count_begun_ones():
    identity = Identity(name="x", trial=True, trial_until=10 * access.DAY_MS)
    assert [access.trial_days(identity, int(day * access.DAY_MS)) for day in (0, 0.5, 9.9, 10, 12)] == [10, 10, 1, 0, 0]
    assert access.trial_days(Identity(name="x"), 0) == -1


async def test_no_key_leads_past_the_login(city, console):
    hub = city(20)
    hub.accounts.identity = None
    async with console(hub) as c:
        await c.until(lambda: isinstance(c.app.screen, LoginForm))
        for key in ("f2", "f3", "ctrl+k", "f1", "f12", "ctrl+p", "f9", "f5", "escape", "ctrl+y", "ctrl+c"):
            await c.keys(key)
            assert isinstance(c.app.screen, LoginForm), key
            assert "莲都" not in c.text()


async def test_a_console_that_nobody_touches_does_not_keep_its_session_alive(city, busy, console, monkeypatch):
    hub = busy(city(20))
    async with console(hub) as c:
        await c.until(lambda: c.app.who.identity is not None)
        await c.keys("ctrl+d")
        await c.until(lambda: "3 条记录" in c.text())
        asked = []
        monkeypatch.setattr(hub.audit, "search", asked.append)
        c.app.touched_at -= 3600
        assert not c.app.is_attended
        await c.change(lambda hub: hub.audit.journal.append(hub.audit.journal[0].replace(seq=4)))
        await c.settle()
        assert asked == []
        monkeypatch.undo()
        await c.keys("f5")
        assert c.app.is_attended
        await c.until(lambda: "4 条记录" in c.text())
