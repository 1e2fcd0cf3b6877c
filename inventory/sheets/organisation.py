"""The sheets of who there is: units, systems, components, teams, people, data lines."""

from inventory.sheets import cells, netcells
from inventory.sheets.column import LEVEL, TEXT, Column, SheetKind, name, note, refer, refers
from inventory.sheets.words import FLAGS, LEVELS, PROTECTION, TIERS

SHEETS: tuple[SheetKind, ...] = (
    SheetKind("unit", "单位", "units", (
        name("单位名称"),
        Column("level", "级别", "level", LEVEL, required=True, words=LEVELS),
        refers("parent", "上级单位", "parent", "unit", note="Name of the unit above; empty at the top."),
        Column("short_name", "简称", "short name", TEXT),
        Column("contact", "联系人", "contact", TEXT),
        Column("phone", "联系电话", "phone", TEXT),
        Column("chief_data_officer", "首席数据官", "chief data officer", TEXT),
        Column("data_steward", "数据专员", "data steward", TEXT),
    )),
    SheetKind("team", "运维单位", "teams", (
        name("运维单位名称"),
        refers("unit", "服务单位", "unit", "unit", note="The unit that it works for."),
        Column("company", "公司", "company", TEXT),
        Column("phone", "联系电话", "phone", TEXT),
    )),
    SheetKind("person", "人员", "persons", (
        name("姓名", "Unique; where two bear one name, add what tells them apart."),
        refers("unit", "所属单位", "unit", "unit"),
        refers("team", "运维单位", "team", "team"),
        Column("phone", "联系电话", "phone", TEXT),
        Column("mail", "邮箱", "mail", netcells.mail),
        Column("duty", "职责", "duty", TEXT),
    )),
    SheetKind("system", "业务系统", "systems", (
        name("系统名称"),
        refers("unit", "责任单位", "unit", "unit", required=True, note="Name of the unit that owns the system."),
        Column("protection_level", "等保级别", "protection level", cells.protection_level, required=True, words=PROTECTION),
        Column("cii", "关基", "cii", cells.flag, words=FLAGS, note="Critical information infrastructure; level 3 or above."),
        Column("internet_facing", "面向互联网", "internet facing", cells.flag, words=FLAGS),
        Column("rto_minutes", "RTO(分钟)", "rto minutes", cells.integer(0, 525_600)),
        Column("rpo_minutes", "RPO(分钟)", "rpo minutes", cells.integer(0, 525_600)),
        refer("depends_on", "依赖系统", "depends on", "system",
              note="Systems without which it does not work; several are separated by ; or 、 or line breaks."),
        refers("team", "运维单位", "team", "team", note="The team that operates it."),
        note(),
    )),
    SheetKind("component", "组件", "components", (
        name("组件名称", "Unique; by habit SYSTEM/TIER."),
        refers("system", "业务系统", "system", "system", required=True),
        Column("tier", "层级", "tier", cells.choice(TIERS), words=TIERS),
        Column("needed", "最少存活数", "needed", cells.integer(1, 10_000),
               note="How many of its machines must live for it to work; fewer: it is down."),
        refer("runs_on", "云主机", "runs on", "vm",
              note="Keys, addresses, or names that only one VM bears; several are separated by ; or 、."),
        refer("devices", "物理设备", "devices", "device", note="Servers of its own; several are separated by ; or 、 or line breaks."),
        note(),
    )),
    SheetKind("data_line", "数据线路", "data lines", (
        name("线路名称"),
        refers("source_system", "来源系统", "source system", "system", required=True),
        refers("target_system", "目标系统", "target system", "system", required=True),
        refers("unit", "责任单位", "unit", "unit"),
        Column("fresh_minutes", "新鲜度(分钟)", "fresh minutes", cells.integer(1, 5_256_000), note="Older data than this is stale."),
        Column("rows_per_day", "日均行数", "rows per day", cells.integer(0, 10**11)),
        note(),
    )),
)
