"""Jobs, approvals, windows and the audit trail on the screen."""

import asyncio
import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import i18n
from core.errors import InvalidInputError
from core.identity import Identity
from core.rows import ApprovalRow, JobRow, WindowRow
from core.width import width, wrap
from tui import diff, moments
from tui.audit_filter import read_query
from tui.form import Form
from tui.pane import Pane
from tui.screens.approvals import waits_for
from tui.sorted import SortedWindow
from tui.tables_work import phase, progress

SIZES = [(80, 24), (200, 60), (60, 12)]
SCREENS = {"ctrl+k": "jobs", "ctrl+a": "approvals", "ctrl+e": "windows", "ctrl+d": "audit", "ctrl+u": "identity"}


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_fills_every_size_in_both_languages(city, busy, console, size):
    async with console(busy(city(20)), size) as c:
        for language in ("zh", "en"):
            await c.keys("f9")
            await c.type(f"lang {language}")
            await c.keys("enter")
            for key, name in SCREENS.items():
                await c.keys(key)
                await c.until(lambda name=name: name == c.app.screen.NAME and c.app.screen.rows.window.known)
                assert [width(line) for line in c.lines()] == [size[0]] * size[1], name
        i18n.use("zh")


@pytest.mark.parametrize(("key", "words"), [
    ("ctrl+k", "还没有作业"), ("ctrl+a", "没有待审批事项"), ("ctrl+e", "还没有设置过窗口"), ("ctrl+d", "还没有审计记录"),
])
async def test_where_there_is_nothing_it_says_so(city, console, key, words):
    async with console(city(5)) as c:
        await c.keys(key)
        await c.until(lambda: words in c.text())
        await c.keys("f8", "enter", "ctrl+n", "escape")


# --- jobs


async def test_the_queue_shows_progress_and_what_failed(city, busy, console):
    async with console(busy(city(5)), (200, 40)) as c:
        await c.keys("ctrl+k")
        await c.until(lambda: "执行中 1，等待 1，共 3" in c.text())
        for words in ("> 执行中", "备份", "===.....  35%", "x 失败", "磁盘已满", "计划 audit.verify"):
            assert words in c.text(), words

        def further(hub):
            hub.work.jobs = [row.replace(done=120) if row.id == "j3" else row for row in hub.work.jobs]

        await c.change(further)
        await c.until(lambda: "======== 100%" in c.text())


async def test_a_job_is_cancelled_only_after_a_question_and_one_that_failed_goes_on(city, busy, console):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+k")
        await c.until(lambda: "备份" in c.text())
        await c.keys("f8", "escape")
        assert not any(row.cancel_wanted for row in c.hub.work.jobs)
        await c.keys("f8", "enter")
        await c.until(lambda: "正在取消" in c.text())
        assert [row.id for row in c.hub.work.jobs if row.cancel_wanted] == ["j3"]
        await c.keys("down", "down", "f8")
        assert not isinstance(c.app.screen, Form), "what has ended cannot be cancelled"
        await c.keys("f7")
        assert "从中断处继续" in c.text()
        await c.keys("enter")
        await c.until(lambda: c.hub.work.asked == [("resume", "j1")])


async def test_schedules_say_when_they_come_next_and_are_turned_on_and_off(city, busy, console):
    async with console(busy(city(5)), (120, 30)) as c:
        await c.keys("ctrl+k", "right")
        await c.until(lambda: "30 2 * * *" in c.text() and "- 停用" in c.text())
        assert c.text().count("Asia/Shanghai") >= 1
        await c.keys("down", "f8", "enter")
        await c.until(lambda: "- 停用" not in c.text())
        await c.pilot.click(offset=(2, 1))
        await c.until(lambda: "[队列]" in c.text()), "a tab can be clicked"
        await c.keys("right")
        await c.keys("down")
        assert all(plan.enabled for plan in c.hub.work.plans)
        await c.keys("f7", "enter")
        await c.until(lambda: c.hub.work.asked == [("run", "backup")])
        await c.keys("left")
        await c.until(lambda: "[队列]" in c.text())


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_progress_always_fits_its_column(done, total):
    row = JobRow(id="1", kind="k", author="a", due_at=0, created_at=0, state="running", done=done, total=total)
    assert width(progress(row)) <= 13


# --- approvals


def _row(**fields):
    defaults = {"id": "1", "kind": "grant", "title": "t", "author": "a", "author_name": "a", "created_at": 1, "expires_at": 2}
    return ApprovalRow(**(defaults | fields))


def test_what_waits_for_me_is_never_my_own_nor_what_another_role_must_say():
    me = Identity(name="me", account="me", roles=("security-officer",))
    steps = (("security-officer",), ("auditor", "operator"))
    assert waits_for(me, _row(steps=steps))
    assert not waits_for(me, _row(steps=steps, author="me"))
    assert not waits_for(me, _row(steps=steps, fulfilled=(0,)))
    assert not waits_for(me, _row(steps=steps, state="approved"))
    assert waits_for(Identity(name="o", account="o", roles=("operator",)), _row(steps=steps, fulfilled=(0,)))
    assert not waits_for(None, _row(steps=steps))


async def test_those_that_wait_for_me_come_first_with_what_will_be_done(city, busy, console):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+a")
        await c.until(lambda: "共 2 件，待我审批 1 件" in c.text())
        rows = c.app.screen.rows.window
        assert [rows.at(i).author for i in range(2)] == ["acc-li", "acc-zhang"], "the newer one is my own"
        await c.until(lambda: "account wang" in c.text())
        assert "0fff" in c.text()
        await c.keys("right")
        await c.until(lambda: "[我申请的]" in c.text() and rows.total == 1)
        await c.keys("right")
        await c.until(lambda: rows.total == 3 and "x 已驳回" in c.text())


async def test_approving_names_the_hash_and_rejecting_asks_for_the_reason(city, busy, console):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+a")
        await c.until(lambda: "共 2 件" in c.text())
        await c.keys("f7")
        assert "0fffffffffffffff.." in c.text()
        await c.type("可以")
        await c.keys("enter")
        await c.until(lambda: c.hub.approvals.all["p0"].state == "approved")
        assert c.hub.approvals.all["p0"].decisions[0].text == "可以"
        await c.until(lambda: "共 1 件" in c.text())
        await c.keys("f8", "enter")
        await c.until(lambda: "理由不能为空" in c.text())
        await c.type("不行")
        await c.keys("enter")
        await c.until(lambda: c.hub.approvals.all["p1"].state == "rejected")


async def test_a_refusal_of_the_hub_stays_beside_what_was_typed(city, busy, console):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+a")
        await c.until(lambda: "共 2 件" in c.text())
        await c.keys("ctrl+x")
        await c.type("错了")
        await c.keys("enter")
        await c.until(lambda: "Only the author may withdraw it." in c.text())
        assert "错了" in c.text()
        await c.keys("escape", "ctrl+n")
        await c.type("先看看")
        await c.keys("enter")
        await c.until(lambda: c.hub.approvals.all["p0"].decisions[-1].text == "先看看")


# --- windows


def test_the_phase_of_a_window_depends_on_the_clock_alone():
    row = WindowRow(id="1", name="n", kind="freeze", starts_at=100, ends_at=200)
    assert [phase(row, now) for now in (99, 100, 199, 200)] == ["coming", "holds", "holds", "past"]
    assert phase(row.replace(ended_early_at=150), 160) == "ended"
    assert phase(row.replace(ended_early_at=150), 149) == "holds"


async def test_windows_are_added_by_a_form_and_ended_early(city, console):
    async with console(city(5), (100, 30)) as c:
        await c.keys("ctrl+e")
        await c.until(lambda: "还没有设置过窗口" in c.text())
        await c.keys("f7")
        await c.keys("up", "right")
        assert "(封网)" in c.text()
        await c.keys("down")
        await c.type("国庆封网")
        await c.keys("f8")
        await c.until(lambda: "理由不能为空" in c.text())
        await c.type("节日保障")
        screen = c.app.screen
        screen.query_one("#field-end").value = "昨天"
        await c.keys("f8")
        await c.until(lambda: "无法识别的时间：昨天" in c.text())
        screen.query_one("#field-end").value = "+3d"
        screen.query_one("#field-sites").value = "甲机房，乙机房"
        await c.keys("f8")
        await c.until(lambda: "+ 生效中" in c.text() and "国庆封网" in c.text())
        kind, fields = c.hub.work.asked[0]
        assert (kind, fields["kind"], fields["sites"]) == ("window", "freeze", ("甲机房", "乙机房"))
        assert abs(fields["ends_at"] - fields["starts_at"] - 3 * 86_400_000) < 86_400_000
        await c.keys("f8")
        await c.type("提前完工")
        await c.keys("enter")
        await c.until(lambda: "x 提前结束" in c.text())
        await c.keys("f8")
        assert not isinstance(c.app.screen, Form)


NOW = int(time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))) * 1000


@pytest.mark.parametrize(("typed", "hours"), [
    ("+2h", 2), ("30分钟", 0.5), ("1d", 24), ("18:00", 6), ("11:00", 23), ("11-24 12:00", 24), ("2026-11-23 13:30", 1.5), ("now", 0),
    ("2026/11/23 18：00", 6), ("1 周", 168),
])
def test_times_as_people_type_them(typed, hours):
    assert moments.read_moment(typed, NOW) - NOW == hours * 3_600_000


@pytest.mark.parametrize(("typed", "hours"), [("2h", -2), ("18:00", -18), ("11:00", -1), ("11-23", -12)])
def test_times_that_have_been(typed, hours):
    assert moments.read_past(typed, NOW) - NOW == hours * 3_600_000


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_time_or_a_sentence(typed):
    for read in (moments.read_moment, moments.read_past):
        with contextlib.suppress(InvalidInputError):
            assert isinstance(read(typed, NOW), int)


# --- the audit trail


async def test_the_trail_is_searched_and_shows_before_and_after(city, busy, console):
    async with console(busy(city(5)), (80, 40)) as c:
        await c.keys("ctrl+d")
        await c.until(lambda: "3 条记录，最新在前" in c.text())
        for words in ("- site", "甲[red]", "+ site", "2025-11-25 00:00:02.000 +08:00", "2025-11-24 16:00:02.000 +00:00"):
            assert words in c.text(), words
        assert "- name" not in c.text(), "what stayed is left out"
        await c.keys("f8")
        await c.until(lambda: "仅看被拒和失败" in c.text() and "device.update" not in c.text())
        await c.keys("f8", "f6")
        assert not c.app.screen.wanted_rows().refused
        await c.type("动作=user. wang")
        await c.keys("enter")
        await c.until(lambda: "user.add" in c.text() and "device.update" not in c.text())
        await c.keys("escape")
        await c.until(lambda: "device.update" in c.text())


async def test_a_new_entry_appears_by_itself_and_a_long_trail_is_read_on(city, busy, console):
    hub = busy(city(5))
    first = hub.audit.journal[0]
    hub.audit.journal += [first.replace(seq=number, action="many.times") for number in range(4, 500)]
    async with console(hub) as c:
        await c.keys("ctrl+d")
        await c.until(lambda: "200+ 条记录" in c.text())
        await c.keys("end")
        await c.until(lambda: "400+ 条记录" in c.text())
        await c.keys("end")
        await c.until(lambda: "499 条记录" in c.text())
        await c.keys("end")
        await c.until(lambda: c.app.screen.rows.row.seq == 1)
        await c.keys("home")
        await c.change(lambda hub: hub.audit.journal.append(first.replace(seq=500, action="brand.new")))
        await c.until(lambda: "brand.new" in c.text())


async def test_the_chain_is_verified_and_a_broken_one_names_its_first_entry(city, busy, console):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+d", "f7")
        await c.until(lambda: "+ 审计链完整：3 条，链尾 abababababab" in c.text())
        c.hub.audit.verdict = c.hub.audit.verdict.replace(bad_seq=2, reason="edited")
        await c.keys("f7")
        await c.until(lambda: "x 第 2 条不符：edited" in c.text())


async def test_what_the_filter_shows_is_written_to_a_new_private_file(city, busy, console, tmp_path):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+d")
        await c.until(lambda: "3 条记录" in c.text())
        target = tmp_path / "a.jsonl"
        for _ in range(2):
            await c.keys("f9")
            await c.type(f"export {target}")
            await c.keys("enter")
            await c.until(lambda: target.exists() and len(c.app._notifications) >= 1)
        await c.until(lambda: any("无法写入" in n.message for n in c.app._notifications)), "never over another file"
        assert target.read_text().splitlines()[0] == "jsonl device.update"
        assert target.stat().st_mode & 0o777 == 0o600


def test_filters_of_the_trail():
    query = read_query("谁=zhang 动作＝user. 从=2h 机房 到=", NOW)
    assert (query.actor, query.action, query.word, query.start_ms, query.end_ms) == ("zhang", "user.", "机房", NOW - 7_200_000, 0)


@given(st.text(max_size=80))
def test_nothing_typed_breaks_the_filter_of_the_trail(typed):
    read_query(typed, NOW)


# --- what all share


_leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
_values = st.recursive(_leaves, lambda v: st.dictionaries(st.text(max_size=3), v, max_size=3))


@given(st.dictionaries(st.text(max_size=4), _values, max_size=5), st.dictionaries(st.text(max_size=4), _values, max_size=5))
def test_a_difference_names_nothing_that_stayed_and_everything_that_did_not(before, after):
    assert diff.changes(before, before) == []
    lines = diff.changes(before, after)
    assert bool(lines) == (diff.flat(before) != diff.flat(after) and dict(diff.flat(before)) != dict(diff.flat(after)))


@given(st.text(max_size=200), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_character_but_spaces(text, cells):
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.lists(st.integers(0, 9), unique=True, min_size=1))
def test_a_sorted_window_keeps_its_own_order_whatever_the_hub_sends(numbers):
    window = SortedWindow(JobRow, lambda row: row.id, lambda row: -row.due_at)
    window.fill([JobRow(id=str(n), kind="k", author="a", due_at=n, created_at=0) for n in numbers])
    window.resort()
    assert [int(row_id) for row_id in window.order] == sorted(numbers, reverse=True)


async def test_long_words_are_scrolled_after_enter_and_esc_leads_back(city, busy, console):
    async with console(busy(city(5))) as c:
        await c.keys("ctrl+d")
        await c.until(lambda: "3 条记录" in c.text())
        await c.keys("enter")
        await c.keys("pagedown")
        pane = c.app.screen.query_one(Pane)
        await c.until(lambda: pane.scroll_offset.y > 0)
        await c.keys("escape")
        assert c.app.screen.focused is c.app.screen.rows
        assert c.app.screen.NAME == "audit"


async def test_at_first_the_trail_shows_people_and_on_request_the_processes_too(city, busy, console):
    hub = busy(city(5))
    hub.audit.journal.append(hub.audit.journal[0].replace(seq=4, actor="system:senses", action="device.observe"))
    async with console(hub) as c:
        await c.keys("ctrl+d")
        await c.until(lambda: "3 条记录" in c.text() and "system:senses" not in c.text())
        await c.keys("ctrl+n")
        await c.until(lambda: "4 条记录" in c.text() and "system:senses" in c.text())
        await c.keys("f6")
        await c.type("谁=system:senses")
        await c.keys("enter")
        await c.until(lambda: "1 条记录" in c.text()), "who is named is found whatever they are"


async def test_a_trail_that_grows_all_the_time_is_still_read(city, busy, console, monkeypatch):
    hub = busy(city(5))
    search, slow = hub.audit.search, asyncio.Event()

    async def slowly(query):
        await slow.wait()
        return await search(query)

    monkeypatch.setattr(hub.audit, "search", slowly)
    async with console(hub) as c:
        await c.keys("ctrl+d")
        for seq in range(4, 8):
            await c.change(lambda hub, seq=seq: hub.audit.journal.append(hub.audit.journal[0].replace(seq=seq)))
            await asyncio.sleep(0.3)
        slow.set()
        await c.until(lambda: "7 条记录" in c.text())
