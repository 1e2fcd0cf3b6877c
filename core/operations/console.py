"""Operations of the console alone.

With a Chinese input method a letter never arrives and `/ : ?` come as `、 ： ？`, so each operation has an F-key, a Ctrl key, or a
place in the palette, and the Chinese punctuation is bound too. An argument is what follows the word in command mode.
"""

from core.operations.noun import Argument, Operation

_DEVICE = Argument(name="NAME", help="Name or address of the device, or a part of it.")
_TEXT = Argument(name="TEXT", help="Words to look for; FIELD=VALUE narrows one field.", many="?")

OPERATIONS: tuple[Operation, ...] = (
    Operation(id="console.help", summary="Show every key and every command.", label="Help", action="help",
              keys=("f1", "question_mark", "fullwidth_question_mark"), colon=("help", "帮助", "h")),
    Operation(id="console.overview", summary="Go to the overview of the city.", label="Overview", action="show('overview')",
              keys=("f2", "1"), colon=("overview", "总览")),
    Operation(id="console.devices", summary="Go to the list of devices.", label="Devices", action="show('devices')",
              keys=("f3", "2"), colon=("devices", "设备")),
    Operation(id="console.alerts", summary="Go to the list of alerts.", label="Alerts", action="show('alerts')",
              keys=("f4", "3"), colon=("alerts", "告警")),
    Operation(id="console.device", summary="Open one device.", action="device", arguments=(_DEVICE,), colon=("device", "打开")),
    Operation(id="console.refresh", summary="Ask the hub anew for everything on this screen.", action="refresh",
              keys=("f5", "ctrl+r"), colon=("refresh", "刷新")),
    Operation(id="console.filter", summary="Filter the list; words, and FIELD=VALUE.", label="Filter", action="filter",
              arguments=(_TEXT,), keys=("f6", "slash", "ideographic_comma", "fullwidth_solidus"), colon=("filter", "筛选")),
    Operation(id="console.sort", summary="Choose the column to sort by; the same again turns the order.", label="Sort", action="sort",
              screen="devices device alerts", keys=("f7", "s"),
              colon=("sort", "排序")),
    Operation(id="console.turn", summary="Turn the order of the list.", label="Turn", action="turn", screen="devices", keys=("f8", "r"),
              colon=("turn", "倒序")),
    Operation(id="console.all-alerts", summary="Show cleared alerts too, or only open ones.", label="All", action="all", screen="alerts",
              keys=("f8", "a"), colon=("all", "全部")),
    Operation(id="console.hours", summary="Chart the last 1, 6 or 24 hours.", label="Hours", action="hours", screen="device",
              keys=("f8", "t"), colon=("hours", "时段")),
    Operation(id="console.next-tab", summary="Go to the next tab.", action="tab(1)", screen="device", keys=("right", "ctrl+n"),
              colon=("next", "下一页")),
    Operation(id="console.previous-tab", summary="Go to the previous tab.", action="tab(-1)", screen="device", keys=("left", "ctrl+o"),
              colon=("previous", "上一页")),
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
)
