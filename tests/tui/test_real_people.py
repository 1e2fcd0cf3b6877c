"""People at a real hub: from the trial over the first secret to an approval that another person gave."""

import contextlib
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

import pyotp
import pytest

from agents import launch
from agents.places import owner, settled
from client import connect
from core.errors import YunwangError
from core.identity import Founding, NewAccount, NewGrant, Officer
from core.sections import General
from core.settings import Settings
from tui.login import LoginForm, SecretForm, TotpForm

KEY = re.compile(r"(?:[A-Z2-7]{4} ){3}[A-Z2-7]{4}")
"""A line of four groups."""
NEW = "Lishui-2026-yun!"


@pytest.fixture(scope="module")
def empty():
    """Settings of a hub that nobody has set up yet, without devices."""
    folder = Path(tempfile.mkdtemp(prefix="yw-people-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="zh")))
    try:
        launch.start(settings, die_with_us=True)
        yield settings
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


async def _run(c, line):
    await c.keys("f9")
    await c.type(line)
    await c.keys("enter")


async def _fill(c, *texts):
    for text in texts:
        await c.type(text)
        await c.keys("enter")


async def test_in_the_trial_one_person_tries_every_office(empty, console, tmp_path):
    async with console(connect(empty), (100, 30)) as c:
        await c.until(lambda: "试用，还剩 30 天" in c.lines()[1] and "(系统管理员)" in c.lines()[0])
        await c.keys("ctrl+e")
        await c.until(lambda: "还没有设置过窗口" in c.text())
        await c.keys("f7")
        await _fill(c, "夜间割接")
        c.app.screen.query_one("#field-reason").value = "更换板卡"
        await c.keys("f8")
        await c.until(lambda: "+ 生效中" in c.text() and "夜间割接" in c.text())
        await c.keys("f8")
        await _fill(c, "提前完工")
        await c.until(lambda: "x 提前结束" in c.text())

        await c.keys("ctrl+k")
        await c.keys("right")
        await c.until(lambda: "audit-verify" in c.text())
        rows = c.app.screen.plan_rows
        await c.keys(*["down"] * next(i for i in range(rows.window.total) if rows.window.at(i).schedule.name == "backup"))
        await c.keys("f7")
        await c.keys("enter")
        await c.keys("left")
        await c.until(lambda: "+ 完成" in c.text() and "备份" in c.text())

        await c.keys("ctrl+d")
        await c.until(lambda: len(c.app._notifications) > 0)
        assert c.app.screen.NAME == "jobs", "the administrator does not read the audit trail"
        await _run(c, "as auditor")
        await c.until(lambda: "(审计管理员)" in c.lines()[0])
        await c.keys("ctrl+d")
        await c.until(lambda: "window.end" in c.text() and "window.add" in c.text())
        await c.keys("f7")
        await c.until(lambda: "审计链完整" in c.text())
        await c.keys("f6")
        await c.type("动作=window.")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.rows.window.total == 2)
        await _run(c, f"export {tmp_path}/trail.csv")
        await c.until(lambda: (tmp_path / "trail.csv").exists() and "window.end" in (tmp_path / "trail.csv").read_text())


async def test_from_the_first_secret_to_an_approval_by_another_person(empty, console):
    officers = (
        Officer(role="system-administrator", name="lin", display_name="林"), Officer(role="security-officer", name="zhao"),
        Officer(role="auditor", name="sun"),
    )
    async with connect(empty) as founder, console(connect(empty), (100, 50)) as c:
        await c.until(lambda: c.app.who.identity is not None)
        secrets = {one.name: one.secret for one in await founder.accounts.found(Founding(unit="大数据局", officers=officers))}
        c.app.action_refresh()
        await c.until(lambda: isinstance(c.app.screen, LoginForm))

        await _fill(c, "lin", "not it")
        await c.keys("f8")
        await c.until(lambda: c.app.screen.value("secret") == "" and not c.app.screen.working)
        await c.type(secrets["lin"])
        await c.keys("f8")
        await c.until(lambda: isinstance(c.app.screen, SecretForm))
        await _fill(c, secrets["lin"], NEW, NEW)
        await c.until(lambda: isinstance(c.app.screen, TotpForm) and KEY.search(c.text()))
        key = "".join(KEY.findall(c.text())).replace(" ", "")
        await c.type(pyotp.TOTP(key).now())
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "overview" and "林 (系统管理员)" in c.lines()[0])
        assert "试用" not in c.text()
        assert NEW not in c.text()

        await _ask_for_an_office(empty, c, secrets["zhao"])
        await c.keys("ctrl+a")
        await c.until(lambda: "待我审批 1 件" in c.text() and "wang" in c.text())
        await c.keys("f7")
        await c.type("已核实本人")
        await c.keys("enter")
        await c.until(lambda: "没有待审批事项" in c.text())
        await c.keys("right", "right")
        await c.until(lambda: "+ 已同意" in c.text() and "1/1" in c.text() and "已核实本人" in c.text())

        await _run(c, "logout")
        await c.until(lambda: isinstance(c.app.screen, LoginForm))


async def _ask_for_an_office(settings, c, secret):
    """The security officer wants to make wang an auditor; wang's account was made by who works at the console."""
    await c.app.hub.accounts.add(NewAccount(name="wang", display_name="王"))
    async with connect(settings) as hub:
        await hub.accounts.login("zhao", secret)
        await hub.accounts.change_secret(secret, NEW)
        enrolment = await hub.accounts.enrol()
        await hub.accounts.confirm(pyotp.TOTP(enrolment.secret).now())
        asked = await hub.accounts.grant(NewGrant(account="wang", role="auditor"))
        assert not asked.done
