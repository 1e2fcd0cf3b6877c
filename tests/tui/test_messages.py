"""The screen of messages sent: what became of each, sent once more, a contact tried, the alert behind it."""

from core import notices
from core.notices import Contact, Message, Way

SENT = Message(
    id="1" * 32, contact="值班[red]", subject="[紧急] 莲都-核心-0001 无应答", text="第一行\n第二行\x1b[31m", alerts=("a" * 32,),
    about="alert", severity="critical", channel="短信", to="13900000000", state="sent", created_at=1_790_000_000_000,
    sent_at=1_790_000_002_000,
)
FAILED = Message(
    id="2" * 32, contact="网络组", subject="恢复", text="x", about="recovery", state="failed", attempts=9, created_at=1_789_000_000_000,
    problem="The mail server refused the login.",
)


class Twin:
    """Two contacts; keeps what was sent."""

    def __init__(self):
        self.again, self.tried = [], []

    async def resend(self, message_id):
        self.again.append(message_id)
        return SENT

    async def contacts(self):
        return [Contact(id="c", name="网络组", ways=(Way(channel="邮件", to="net@city.example"),))]

    async def test(self, wish):
        self.tried.append(wish.contact)
        return [notices.Tested(channel="邮件", to="net@city.example", ok=False, message="拒绝登录", way_out="检查口令")]


def with_messages(hub, rows=(SENT, FAILED)):
    def view(query):
        found = [row for row in rows if query.where.get("state", row.state) == row.state]
        return found, len(found)

    hub.more_views["messages"] = view
    hub.notify = Twin()
    return hub


def toasts(c):
    return " ".join(one.message for one in c.app._notifications)


async def _open(c):
    await c.keys("f11")
    await c.until(lambda: c.app.screen.NAME == "messages" and c.app.screen.rows.window.known)


async def test_who_was_told_of_what_and_what_became_of_it(city, console):
    async with console(with_messages(city(5)), (160, 40)) as c:
        await _open(c)
        await c.until(lambda: "第二行" in c.text())
        for words in ("2 条通知", "值班[red]", "短信", "13900000000", "+ 已发送", "x 失败", "网络组", "恢复"):
            assert words in c.text(), words
        await c.keys("down")
        await c.until(lambda: "The mail server refused" in c.text() and "尝试次数" in c.text())
        await c.keys("ctrl+v")
        await c.until(lambda: "0 条通知" in c.text())
        await c.keys("ctrl+v")
        await c.until(lambda: "1 条通知 | 失败" in c.text())


async def test_one_is_sent_once_more_and_a_contact_is_tried(city, console):
    hub = with_messages(city(5))
    async with console(hub, (80, 24)) as c:
        await _open(c)
        await c.keys("f7")
        await c.until(lambda: "再发一次" in c.text())
        await c.keys("enter")
        await c.until(lambda: hub.notify.again == [SENT.id])
        await c.keys("f8")
        await c.until(lambda: "net@city.example" in c.text())
        await c.keys("enter")
        await c.until(lambda: hub.notify.tried == ["网络组"] and "检查口令" in toasts(c))


async def test_its_alert_is_one_key_away(city, console):
    hub = with_messages(city(5))
    async with console(hub, (160, 40)) as c:
        await _open(c)
        await c.keys("down", "ctrl+x")
        await c.until(lambda: "不涉及告警" in toasts(c))
        opened = []
        c.app.open_alert = lambda alert_id, row=None: opened.append(alert_id)
        await c.keys("up", "ctrl+x")
        await c.until(lambda: opened == [SENT.alerts[0]])


async def test_nobody_was_told_yet_and_how_that_changes(city, console):
    async with console(with_messages(city(5), ())) as c:
        await _open(c)
        await c.until(lambda: "yunwang notify channel-add" in c.text())
