"""One alert with all about it, in the console: from the list, acted upon, and on to what it is about."""

from core.alerting import AlertsDone, AlertStep, AlertStory, AlertTold, Said
from core.questions import Harmed, ImpactReport, Thing
from core.views import AlertRow
from core.width import width
from tui.alert_story import paragraphs

ROOT = AlertRow(
    id="a" * 32, rule="device-unreachable", severity="critical", device_id="d00000", device="莲都-核心-0001", raised_at=1_790_000_000_000,
    evidence={"misses": "3", "address": "10.0.0.1"}, suppressed=2, acked_at=5, acked_by="zhang", ack_reason="已派人",
)
CHILD = ROOT.replace(id="b" * 32, device="莲都-接入-[red]0002")
STORY = AlertStory(
    alert=ROOT, unit="大数据局", site="市政务中心机房", children=(CHILD,), children_total=14,
    history=(
        AlertStep(at_ms=1_790_000_000_000, who="system:senses", what="raised", text="critical"),
        AlertStep(at_ms=1_790_000_100_000, who="zhang", what="acked", text="已派人"),
    ),
    told=(AlertTold(at_ms=0, contact="值班电话", about="alert", state="waiting"),),
    said=(Said(at_ms=1_790_000_000_000, mnemonic="IFNET/4/LINK", text="\x1b[31mport down"),),
    impact=ImpactReport(
        revision=1, failed=(), counts={"system": (1, 2)}, total=3,
        worst=(Harmed(thing=Thing(id="s", kind="system", name="一网通办"), harm="down"),),
    ),
)


class Twin:
    """Answers with one story; keeps what was asked."""

    def __init__(self, story=STORY):
        self.story_, self.acked, self.asked = story, [], 0

    async def story(self, alert_id):
        assert alert_id == self.story_.alert.id
        self.asked += 1
        return self.story_

    async def unack(self, alert_id, text=""):
        self.acked.append((alert_id, text))
        return AlertsDone(done=(alert_id,))


def test_each_part_of_the_story_is_told_and_nothing_is_markup_or_control():
    lines = paragraphs(STORY)
    text = "\n".join(f"{line.label} {line.words}" for line in lines)
    for words in ("莲都-核心-0001", "大数据局", "zhang: 已派人", "莲都-接入-[red]0002", "值班电话", "port down", "一网通办", "系统"):
        assert words in text, words
    assert "\x1b" not in text
    assert any("13" in line.words for line in lines), "one child is shown, thirteen more are said to be there"


async def test_from_the_list_to_the_story_to_the_device(city, console):
    hub = city(300)
    hub.alert_rows[0] = hub.alert_rows[0].replace(id=ROOT.id)
    hub.alerting = Twin()
    async with console(hub, (80, 24)) as c:
        c.app.open_alert(ROOT.id, ROOT)
        await c.until(lambda: c.app.screen.NAME == "alert" and "一网通办" in str(c.app.screen.story))
        await c.until(lambda: "大数据局" in c.text())
        assert all(width(line) == 80 for line in c.lines())
        await c.keys("ctrl+v")
        await c.until(lambda: "撤回" in c.text())
        asked = hub.alerting.asked
        await c.keys("enter")
        await c.until(lambda: hub.alerting.acked == [(ROOT.id, "")])
        await c.until(lambda: hub.alerting.asked > asked)
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "device")
        await c.keys("escape")
        await c.until(lambda: c.app.screen.NAME == "alert")
        await c.keys("escape")
        await c.until(lambda: c.app.screen.NAME == "overview")


async def test_what_is_no_device_opens_its_own_page(city, console):
    hub = city(300)
    row = ROOT.replace(object_kind="system", device_id="sys-1", device="一网通办")
    hub.alerting = Twin(STORY.replace(alert=row))
    async with console(hub, (160, 40)) as c:
        c.app.open_alert(row.id, row)
        await c.until(lambda: "大数据局" in c.text())
        opened = []
        c.app.open_object = lambda kind, object_id, name="": opened.append((kind, object_id, name))
        await c.keys("f7")
        await c.until(lambda: opened == [("system", "sys-1", "一网通办")])


async def test_what_is_nothing_in_the_inventory_names_its_probe(city, console):
    hub = city(300)
    row = ROOT.replace(object_kind="", device_id="x", device="", evidence={"probe": "门户"})
    hub.alerting = Twin(STORY.replace(alert=row))
    async with console(hub, (160, 40)) as c:
        c.app.open_alert(row.id, row)
        await c.until(lambda: "大数据局" in c.text())
        await c.keys("f7")
        await c.until(lambda: any("yunwang probe show 门户" in one.message for one in c.app._notifications))
        assert c.app.screen.NAME == "alert"
