"""The sheets of the cloud: platforms, and what people say of tenants, projects and hosts that their platform told of."""

from inventory.sheets import cells, netcells
from inventory.sheets.column import NAME, Column, SheetKind, name, refers
from inventory.sheets.words import PLATFORM_KINDS

_KEY = Column("key", "标识", "key", NAME, note="The platform's own id; may be left empty where only one bears the name.")


def _known(zh: str) -> Column:
    return Column("name", zh, "name", NAME, note="As the platform tells it; to rename it, rename it there.")


PLATFORMS: tuple[SheetKind, ...] = (
    SheetKind("cloud_platform", "云平台", "cloud platforms", (
        name("云平台名称"),
        Column("kind", "类型", "kind", cells.choice(PLATFORM_KINDS), words=PLATFORM_KINDS),
        refers("site", "站点", "site", "site"),
        Column("endpoint", "接口地址", "endpoint", netcells.endpoint, note="Of Keystone, such as https://cloud.example:5000/v3."),
    )),
)
TOLD: tuple[SheetKind, ...] = (
    SheetKind("tenant", "租户", "tenants", (
        _KEY, _known("租户名称"),
        refers("unit", "所属单位", "unit", "unit", note="The unit that it was given to."),
    )),
    SheetKind("project", "项目", "projects", (
        _KEY, _known("项目名称"),
        refers("unit", "所属单位", "unit", "unit", note="The unit that it was given to."),
        refers("system", "业务系统", "system", "system", note="The system that runs in it."),
    )),
    SheetKind("host", "宿主机", "hosts", (
        _KEY, _known("宿主机名称"),
        refers("device", "对应设备", "device", "device", note="The device of the inventory that it is."),
    )),
)
