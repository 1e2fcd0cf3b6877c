"""Operations of the console alone.

With a Chinese input method a letter never arrives and `/ : ?` come as `、 ： ？`, so each operation has an F-key, a Ctrl key, or a
place in the palette, and the Chinese punctuation is bound too. An argument is what follows the word in command mode.
"""

from core.operations.noun import Argument, Operation

_DEVICE = Argument(name="NAME", help="Name or address of the device, or a part of it.")
_TEXT = Argument(name="TEXT", help="Words to look for; FIELD=VALUE narrows one field.", many="?")
_PERSONA = Argument(
    name="OFFICE", help="Office to work in; the next one where it is left out.", choices=("administrator", "security", "auditor"), many="?",
)
_FILE = Argument(name="FILE", help="File to write; a name with the time where it is left out.", many="?")
_SEARCH = Argument(name="TEXT", help="Name, address, MAC, serial number, words, pinyin or its initials.", many="?")
_KIND = Argument(name="KIND", help="Kind of object.", many="?")
_LISTS = "devices device alerts events objects"
_SUBJECTS = "devices device alerts objects object xray impact queue"
"""Screens on which an object is under the cursor."""

SCREENS: tuple[Operation, ...] = (
    Operation(id="console.overview", summary="Go to the overview of the city.", label="Overview", action="show('overview')",
              keys=("f2", "1"), colon=("overview", "总览")),
    Operation(id="console.devices", summary="Go to the list of devices.", label="Devices", action="show('devices')",
              keys=("f3", "2"), colon=("devices", "设备")),
    Operation(id="console.alerts", summary="Go to the list of alerts.", label="Alerts", action="show('alerts')",
              keys=("f4", "3"), colon=("alerts", "告警")),
    Operation(id="console.events", summary="Go to what the devices say: traps and log lines, live.", action="show('events')",
              keys=("ctrl+b", "e"), colon=("events", "事件")),
    Operation(id="console.objects", summary="Go to the inventory: the objects of every kind.", action="show('objects')",
              keys=("ctrl+o", "9"), colon=("inventory", "台账")),
    Operation(id="console.queue", summary="Go to the review queue.", action="show('queue')", needs="queue.list",
              keys=("ctrl+w", "0"), colon=("queue", "待审")),
    Operation(id="console.jobs", summary="Go to the queue of jobs and the schedules.", action="show('jobs')", needs="job.list",
              keys=("ctrl+k", "4"), colon=("jobs", "作业")),
    Operation(id="console.approvals", summary="Go to what waits for approval.", action="show('approvals')", needs="approval.list",
              keys=("ctrl+a", "5"), colon=("approvals", "审批")),
    Operation(id="console.windows", summary="Go to maintenance, freeze, silence and protection.", action="show('windows')",
              needs="window.list", keys=("ctrl+e", "6"), colon=("windows", "窗口")),
    Operation(id="console.audit", summary="Go to the audit trail.", action="show('audit')", needs="audit.search",
              keys=("ctrl+d", "7"), colon=("audit", "审计")),
    Operation(id="console.identity", summary="Go to who I am and what I may do.", action="show('identity')",
              keys=("ctrl+u", "8"), colon=("whoami", "身份")),
)
OBJECTS: tuple[Operation, ...] = (
    Operation(id="console.search", summary="Search everything: names, addresses, MACs, serial numbers, words, pinyin.", label="Search",
              action="search", arguments=(_SEARCH,), keys=("ctrl+f",), colon=("search", "搜索")),
    Operation(id="console.object", summary="Open the inventory page of what is under the cursor.", action="object",
              screen="devices device alerts queue",
              keys=("ctrl+s", "o"), colon=("object", "对象")),
    Operation(id="console.xray", summary="X-ray it: what carries it, down to the switch port.", label="X-ray", action="xray",
              screen=_SUBJECTS, keys=("ctrl+x", "x"), colon=("xray", "X光", "透视")),
    Operation(id="console.impact", summary="What fails when it is gone; or when all that is marked is gone.", label="Impact",
              action="impact", screen=_SUBJECTS, keys=("ctrl+n", "i"), colon=("impact", "影响面")),
    Operation(id="console.kind", summary="Choose the kind of object to list.", label="Type", action="kind", arguments=(_KIND,),
              screen="objects", keys=("f8",), colon=("kind", "种类")),
    Operation(id="console.live", summary="Open the live page of a device: interfaces, charts, links.", label="Live", action="live",
              screen="object", keys=("f7",), colon=("live", "实时")),
    Operation(id="console.unmark", summary="Drop all marks.", action="unmark", screen="xray", keys=("ctrl+v",),
              colon=("unmark", "清除标记")),
    Operation(id="console.fold", summary="Fold the line; again: go to the line above it.", action="fold", screen="xray", keys=("left",),
              colon=("fold", "折叠")),
    Operation(id="console.unfold", summary="Open the line that is folded.", action="unfold", screen="xray", keys=("right",),
              colon=("unfold", "展开")),
    Operation(id="console.unfold-all", summary="Open everything, or fold everything.", label="Unfold", action="unfold_all", screen="xray",
              keys=("f7",), colon=("unfold-all", "全部展开")),
    Operation(id="console.way", summary="The other way round: what stands on it, or what carries it.", label="Way", action="way",
              screen="xray", keys=("ctrl+z", "u"), colon=("way", "反向")),
    Operation(id="console.with-live", summary="Suppose it on top of what is down right now, or by itself.", label="With faults",
              action="live", screen="impact", keys=("f8",), colon=("with-faults", "叠加故障")),
    Operation(id="console.mark", summary="Mark the line for a what-if of several things, or unmark it.", label="Mark", action="mark",
              screen="xray", keys=("f8", "m"), colon=("mark", "标记")),
)
QUEUE: tuple[Operation, ...] = (
    Operation(id="console.queue-accept", summary="Accept the line under the cursor; what nobody owns gets its unit.", label="Accept",
              action="accept", screen="queue", needs="queue.accept", keys=("f7",), colon=("accept", "接受")),
    Operation(id="console.queue-reject", summary="Reject the line under the cursor: it is not asked again.", label="Reject",
              action="reject", screen="queue", needs="queue.reject", keys=("f8",), colon=("dismiss", "拒绝")),
    Operation(id="console.queue-alike", summary="Accept every open line like this one, after saying how many they are.",
              label="All alike",
              action="accept_alike", screen="queue", needs="queue.accept", keys=("ctrl+v",), colon=("accept-all", "全部接受")),
    Operation(id="console.queue-back", summary="Take a decision back: undo what was accepted, reopen what was rejected.",
              action="take_back", screen="queue", needs="queue.accept", keys=("ctrl+z",), colon=("undo", "撤销")),
)
JOBS: tuple[Operation, ...] = (
    Operation(id="console.job-again", summary="Run this job again, or this schedule now.", label="Run", action="again", screen="jobs",
              needs="job.run", keys=("f7",), colon=("run", "执行")),
    Operation(id="console.job-cancel", summary="Cancel this job; turn this schedule on or off.", label="Cancel", action="halt",
              screen="jobs", needs="job.cancel", keys=("f8",), colon=("cancel", "取消")),
)
APPROVALS: tuple[Operation, ...] = (
    Operation(id="console.approve", summary="Approve what is under the cursor.", label="Approve", action="approve", screen="approvals",
              needs="approval.decide", keys=("f7",), colon=("approve", "同意")),
    Operation(id="console.reject", summary="Reject it, with the reason.", label="Reject", action="reject", screen="approvals",
              needs="approval.decide", keys=("f8",), colon=("reject", "驳回")),
    Operation(id="console.comment", summary="Comment on it without deciding.", action="comment", screen="approvals",
              needs="approval.list", keys=("ctrl+n",), colon=("comment", "意见")),
    Operation(id="console.withdraw", summary="Withdraw what I asked for.", action="withdraw", screen="approvals",
              needs="approval.ask", keys=("ctrl+x",), colon=("withdraw", "撤回")),
)
WINDOWS: tuple[Operation, ...] = (
    Operation(id="console.window-add", summary="Add a window by a small form.", label="Add", action="add", screen="windows",
              needs="window.add", keys=("f7",), colon=("add", "新增")),
    Operation(id="console.window-end", summary="End the window under the cursor early.", label="End", action="end", screen="windows",
              needs="window.end", keys=("f8",), colon=("end", "结束")),
)
AUDIT: tuple[Operation, ...] = (
    Operation(id="console.audit-verify", summary="Verify the chain of the audit trail.", label="Verify", action="verify", screen="audit",
              needs="audit.verify", keys=("f7",), colon=("verify", "校验")),
    Operation(id="console.audit-refused", summary="Show only refusals and failures, or everything.", label="Refused", action="refused",
              screen="audit", needs="audit.search", keys=("f8",), colon=("refused", "被拒")),
    Operation(id="console.audit-people", summary="Show only what people did, or what the hub's processes did, too.", action="people",
              screen="audit", needs="audit.search", keys=("ctrl+n",), colon=("people", "人员")),
    Operation(id="console.audit-export", summary="Write what the filter shows to a file.", action="export", screen="audit",
              needs="audit.export", keys=("ctrl+x",), colon=("export", "导出"), arguments=(_FILE,)),
)
IDENTITY: tuple[Operation, ...] = (
    Operation(id="console.persona", summary="Work in another office (trial only).", action="persona", keys=("ctrl+y",),
              colon=("as", "切换"), arguments=(_PERSONA,)),
    Operation(id="console.secret", summary="Change my password.", label="Password", action="secret", screen="identity",
              keys=("f7",), colon=("passwd", "密码")),
    Operation(id="console.totp", summary="Set up the second factor.", label="Second factor", action="totp", screen="identity",
              keys=("f8",), colon=("totp", "口令器")),
    Operation(id="console.login", summary="Log in as somebody else.", action="login", colon=("login", "登录")),
    Operation(id="console.logout", summary="Log out: the session ends.", action="logout", colon=("logout", "注销")),
)
OPERATIONS: tuple[Operation, ...] = (
    Operation(id="console.help", summary="Show every key and every command.", label="Help", action="help",
              keys=("f1", "question_mark", "fullwidth_question_mark"), colon=("help", "帮助", "h")),
    *SCREENS,
    Operation(id="console.device", summary="Open one device.", action="device", arguments=(_DEVICE,), colon=("device", "打开")),
    Operation(id="console.refresh", summary="Ask the hub anew for everything on this screen.", action="refresh",
              keys=("f5", "ctrl+r"), colon=("refresh", "刷新")),
    Operation(id="console.filter", summary="Filter the list; words, and FIELD=VALUE.", label="Filter", action="filter",
              arguments=(_TEXT,), keys=("f6", "slash", "ideographic_comma", "fullwidth_solidus"), colon=("filter", "筛选")),
    Operation(id="console.sort", summary="Choose the column to sort by; the same again turns the order.", label="Sort", action="sort",
              screen=_LISTS, keys=("f7", "s"), colon=("sort", "排序")),
    Operation(id="console.turn", summary="Turn the order of the list.", label="Turn", action="turn", screen="devices", keys=("f8", "r"),
              colon=("turn", "倒序")),
    Operation(id="console.first", summary="Add devices step by step: address, credential, test, facts, inventory, first alert.",
              label="Add", action="first", screen="overview devices", needs="inventory.crawl", keys=("ctrl+v",),
              colon=("add", "添加", "first")),
    Operation(id="console.check", summary="Check whether the device has all that it needs: ICMP, SNMP, SSH, traps, log lines.",
              label="Check", action="check", screen="device", needs="credential.test", keys=("ctrl+v",), colon=("check", "检查")),
    Operation(id="console.first-next", summary="Take the next step.", label="Go on", action="next_step", screen="first",
              keys=("f7", "enter"), colon=("next", "下一步")),
    Operation(id="console.first-anew", summary="Stop what runs, or begin with another device.", label="Anew", action="anew", screen="first",
              keys=("f8",), colon=("anew", "重来")),
    Operation(id="console.all-alerts", summary="Show cleared alerts too, or only open ones.", label="All", action="all", screen="alerts",
              keys=("f8", "a"), colon=("all", "全部")),
    Operation(id="console.roots", summary="Fold what is only the consequence of another alert, or show it, too.", label="Fold",
              action="roots", screen="alerts", keys=("left",), colon=("fold-alerts", "折叠告警")),
    Operation(id="console.consequences", summary="Show the consequences of the alert under the cursor; again: everything.",
              action="consequences", screen="alerts", keys=("right",), colon=("consequences", "从属告警")),
    Operation(id="console.ack", summary="Take on the alert under the cursor, with what is being done about it; again: give it back.",
              label="Take on", action="ack", screen="alerts", needs="alert.ack", keys=("ctrl+v", "k"), colon=("ack", "确认")),
    Operation(id="console.silence", summary="Silence this rule on this device for a while.", action="silence", screen="alerts",
              needs="window.add", keys=("ctrl+z",), colon=("silence", "静默")),
    Operation(id="console.alert-note", summary="Write a comment on the alert under the cursor.", action="note", screen="alerts",
              needs="alert.comment", colon=("note", "备注")),
    Operation(id="console.severity", summary="Show everything, warnings and worse, or errors and worse.", label="Severity",
              action="severity", screen="events", keys=("f8",), colon=("severity", "级别")),
    Operation(id="console.hours", summary="Chart the last 1, 6 or 24 hours.", label="Hours", action="hours", screen="device",
              keys=("f8", "t"), colon=("hours", "时段")),
    Operation(id="console.next-tab", summary="Go to the next tab.", action="tab(1)", screen="device object impact jobs approvals queue",
              keys=("right",), colon=("next", "下一页")),
    Operation(id="console.previous-tab", summary="Go to the previous tab.",
              action="tab(-1)", screen="device object impact jobs approvals queue",
              keys=("left",), colon=("previous", "上一页")),
    *OBJECTS, *QUEUE, *JOBS, *APPROVALS, *WINDOWS, *AUDIT, *IDENTITY,
    Operation(id="console.command", summary="Type a command.", label="Command", action="command",
              keys=("f9", "colon", "fullwidth_colon"), colon=("command", "命令")),
    Operation(id="console.palette", summary="Choose from all operations.", action="palette", keys=("ctrl+p",), colon=("menu", "菜单")),
    Operation(id="console.copy", summary="Copy the selected text, or the line under the cursor.", action="copy", keys=("ctrl+c", "y"),
              colon=("copy", "复制")),
    Operation(id="console.language", summary="Switch between Chinese and English.", action="language", keys=("ctrl+l",),
              colon=("lang", "语言"), arguments=(Argument(name="LANGUAGE", help="Language.", choices=("zh", "en"), many="?"),)),
    Operation(id="console.theme", summary="Switch between dark and light.", action="theme", keys=("ctrl+t",), colon=("theme", "主题"),
              arguments=(Argument(name="THEME", help="Theme.", choices=("dark", "light"), many="?"),)),
    Operation(id="console.back", summary="Go back, or close what is open.", action="back", keys=("escape",), colon=("back", "返回")),
    Operation(id="console.quit", summary="Leave the console; the hub keeps working.", label="Quit", action="quit", keys=("f10", "ctrl+q"),
              colon=("quit", "退出", "q")),
    Operation(id="console.go", summary="Choose a screen to go to.", label="Go", action="go", keys=("f12", "ctrl+g"), colon=("go", "转到")),
)
