"""Makes the reference pages and the compiled catalogues.

python docs/make.py               writes commands.md, keys.md, settings.md, sheets.md
python docs/make.py translations  compiles every .po to the .mo beside it
python docs/make.py messages      prints message ids without a Chinese translation
--check                           writes nothing and fails where something is stale
"""

import argparse
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

import messages  # noqa: E402 - stands beside this file

from core import i18n  # noqa: E402
from core.operations import OPERATIONS, Argument, Operation  # noqa: E402
from core.settings import SEARCH, Settings, takes  # noqa: E402
from inventory.sheets.columns import OTHERS, SHEETS, Column, title  # noqa: E402

_MADE = "<!-- Made by docs/make.py from the code. Do not edit. -->"


def zh(text: str) -> str:
    return i18n.tr_in("zh", text)


def cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(*rows: tuple[object, ...]) -> str:
    lines = ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def commands() -> str:
    """Every command with its arguments."""
    parts = [_MADE, "# Commands 命令",
             "Every command also takes `--config FILE`, `--lang zh|en` and `--help`. 每条命令还接受 `--config`、`--lang` 和 `--help`。"]
    found = sorted((op for op in OPERATIONS if op.verb), key=lambda op: (op.noun or op.verb, op.verb))
    parts.append(table(("Command 命令", "What it does", "用途"),
                       *((f"[`{_command(op)}`](#{_anchor(op)})", op.summary, zh(op.summary)) for op in found)))
    for operation in found:
        parts += [f"## {_command(operation)}", f"{operation.summary} {zh(operation.summary)}", f"`{_usage(operation)}`"]
        if operation.arguments:
            parts.append(table(("Argument 参数", "Meaning", "含义", "Default 默认"), *(_argument_row(a) for a in operation.arguments)))
    return "\n\n".join(parts) + "\n"


def _command(operation: Operation) -> str:
    return " ".join(filter(None, ("yunwang", operation.noun, operation.verb)))


def _anchor(operation: Operation) -> str:
    return _command(operation).replace(" ", "-")


def _usage(operation: Operation) -> str:
    return " ".join([_command(operation), *(_use(argument) for argument in operation.arguments)])


def _use(argument: Argument) -> str:
    if not argument.name.startswith("-"):
        return f"[{argument.name}]" if argument.many in ("?", "*") else argument.name
    last = argument.name.split()[-1]
    return f"[{last}]" if argument.type == "flag" else f"[{last} {_value(argument)}]"


def _value(argument: Argument) -> str:
    return "|".join(argument.choices) or argument.metavar or {"int": "N", "float": "N"}.get(argument.type, "TEXT")


def _argument_row(argument: Argument) -> tuple[str, ...]:
    default = "" if argument.default in (None, "") or argument.type == "flag" else f"`{argument.default}`"
    name = ", ".join(f"`{n}`" for n in argument.name.split())
    values = f" ({', '.join(f'`{c}`' for c in argument.choices)})" if argument.choices else ""
    return name + values, argument.help, zh(argument.help), default


def keys() -> str:
    """Every key of the console."""
    parts = [_MADE, "# Keys of the console 控制台按键",
             "With a Chinese input method active letters never arrive: every operation has an F-key, a Ctrl key or a place in the palette.",
             "输入法开启时字母键收不到，因此每个操作都有功能键、Ctrl 组合键或菜单项。"]
    found = [op for op in OPERATIONS if op.keys or op.colon]
    parts.append(table(("Keys 按键", "Command mode 命令模式", "What it does", "用途", "Screen 界面"), *(_key_row(op) for op in found)))
    return "\n\n".join(parts) + "\n"


def _key_row(operation: Operation) -> tuple[str, ...]:
    return (" ".join(f"`{key}`" for key in operation.keys), " ".join(f"`:{word}`" for word in operation.colon), operation.summary,
            zh(operation.summary), operation.screen)


def settings() -> str:
    """Every setting."""
    where = ", ".join(f"`{place}`" for place in SEARCH)
    parts = [_MADE, "# Settings 设置",
             f"Read from `--config FILE`, else `YUNWANG_CONFIG`, else the first of {where}.",
             "The environment overrules: `YUNWANG_` + section + `_` + name in capitals, as `YUNWANG_POLLING_INTERVAL_S=30`.",
             f"依次读取 `--config`、环境变量 `YUNWANG_CONFIG`、{where} 中第一个存在的文件；环境变量 `YUNWANG_节名_键名`（大写）优先。"]
    for section in msgspec.structs.fields(Settings):
        text = inspect.getdoc(section.type) or ""
        parts += [f"## [{section.name}]", f"{text} {zh(text)}"]
        rows = [_setting_row(field) for field in msgspec.structs.fields(section.type)]
        parts.append(table(("Setting 设置项", "Values 取值", "Default 默认", "Meaning", "含义"), *rows))
    return "\n\n".join(parts) + "\n"


def _setting_row(field: msgspec.structs.FieldInfo) -> tuple[str, ...]:
    text = messages.description(field.type)
    default = field.default_factory() if field.default is msgspec.NODEFAULT and callable(field.default_factory) else field.default
    return f"`{field.name}`", _values(field.type), f"`{msgspec.json.encode(default).decode()}`", text, zh(text)


def _values(type_: Any) -> str:
    return f"{in_language('en', takes, type_)} {in_language('zh', takes, type_)}"


def in_language(language: str, make: Callable[[Any], str], value: Any) -> str:
    i18n.use(language)
    return make(value)


_SHEETS_INTRO = """
`yunwang inventory template -o city.xlsx` writes an empty workbook with these sheets, their headings and lists to choose from. A csv file
holds one sheet and is named after it. Headings may be Chinese or English; columns may stand in any order; those that are not required may
be missing. csv may be UTF-8 or GB18030, with comma, semicolon or tab.

The name is the identity: a row with a known name changes that record, a new name adds one; import removes nothing. The names of VLANs,
prefixes and addresses follow from their columns. Tenants, projects and hosts must have been told by their cloud; sheets fill in what people
know of them. An empty cell means the default; a column that the sheet lacks leaves the field as it is; a cell that says what an export
would write changes nothing. With one mistake in the file nothing is imported, and every mistake is named by sheet, row and column.

Several names in one cell are separated by `;`, `；`, `、` or line breaks; a name that holds one of these stands in double quotes.

`yunwang inventory template -o city.xlsx` 生成空白工作簿，含下列工作表、表头和下拉选项；csv 文件只含一张表，以表名命名。
表头中英文皆可，列的次序不限。

名称就是身份：同名行是修改，新名称是新增，导入从不删除。VLAN、网段、IP 地址的名称由各列得出；租户、项目、宿主机须先由云平台上报，
表格只补充归属。空单元格表示默认值；缺少的列不改动该字段。只要有一处错误，整个文件都不导入，并逐条指出工作表、行、列。

一格多名用 `;`、`；`、`、` 或换行分隔；名称本身含这些符号时加英文双引号。
""".strip()

_OTHERS_INTRO = """
Clouds and devices tell of these; reservations are made one by one. A sheet of one of them is refused as a whole; a workbook of all kinds
(`yunwang inventory export -o city.xlsx`) leaves them out, so that it can be changed and imported again.

以下各类由云平台或设备上报，预留逐条登记；含有这些表的文件整体拒绝。导出全部类别的 xlsx 不含它们，可直接修改后再导入。
""".strip()


def sheets() -> str:
    """The spreadsheets that people fill in."""
    parts = [_MADE, "# Spreadsheets 表格", _SHEETS_INTRO]
    for sheet in SHEETS:
        parts.append(f"## {sheet.zh} {sheet.en}")
        rows = [(c.zh, f"`{c.en}`", "yes 是" if c.required else "", _words(c), c.note, zh(c.note)) for c in sheet.columns]
        parts.append(table(("表头", "Heading", "Required 必填", "Values 取值", "Note", "说明"), *rows))
    parts += ["## Exported, never imported 只导出，不导入", _OTHERS_INTRO]
    parts.append(", ".join(f"{title(kind, 'zh')} (`{kind}`)" for kind in OTHERS))
    return "\n\n".join(parts) + "\n"


def _words(column: Column) -> str:
    if column.reference:
        names = f"names of {title(column.reference, 'en')}s" if column.many else f"name of a {title(column.reference, 'en')}"
        return f"{names} {title(column.reference, 'zh')}名称" + (" (`;` `、`)" if column.many else "")
    return ", ".join(value if value == word else f"{word} (`{value}`)" for value, word in column.words.items())


PAGES: dict[str, Callable[[], str]] = {"commands.md": commands, "keys.md": keys, "settings.md": settings, "sheets.md": sheets}


def stale_pages() -> Iterator[tuple[Path, bytes]]:
    for name, make in PAGES.items():
        content = make().encode()
        if not (DOCS / name).exists() or (DOCS / name).read_bytes() != content:
            yield DOCS / name, content


def stale_catalogues() -> Iterator[tuple[Path, bytes]]:
    for path, catalogue in messages.catalogues().items():
        target = path.with_suffix(".mo")
        if not messages.is_current(catalogue, target):
            yield target, messages.compiled(catalogue)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("pages", "translations", "messages"), default="pages")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.what == "messages":
        found = messages.faults()
        sys.stdout.write("\n".join(found) + "\n" if found else "")
        return 1 if found else 0
    stale = list(stale_pages() if args.what == "pages" else stale_catalogues())
    for path, content in stale:
        sys.stdout.write(f"{'stale' if args.check else 'made'}: {path.relative_to(DOCS.parent)}\n")
        if not args.check:
            path.write_bytes(content)
    return 1 if stale and args.check else 0


if __name__ == "__main__":
    sys.exit(main())
