"""Files of other systems as mappings: csv of LibreNMS and Zabbix by what their headings mean."""

import csv
import io
from typing import Any

from core.errors import InvalidInputError
from core.i18n import tr

MOST_ROWS = 200_000


def decoded(content: bytes) -> str:
    """The text of a file, UTF-8 or GB 18030."""
    if b"\0" in content:
        raise InvalidInputError(tr("The file is no text."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(tr("The file is no text."), way_out=tr("Save it as UTF-8."))


_HEADINGS = {
    "hostname": "hostname", "device": "hostname", "主机名": "hostname", "设备": "hostname", "host": "host", "sysname": "sysName",
    "name": "name", "名称": "name", "ip": "ip", "address": "ip", "ip address": "ip", "interface": "ip", "地址": "ip", "os": "os",
    "系统": "os", "serial": "serial", "序列号": "serial", "hardware": "hardware", "platform": "hardware", "型号": "hardware",
    "location": "location", "位置": "location", "type": "type", "类型": "type", "model": "model",
}
_IN_INVENTORY = {"os": "os", "serial": "serialno_a", "hardware": "hardware", "location": "location", "type": "type", "model": "model"}


def rows(text: str, kind: str) -> list[dict[str, Any]]:
    """Lines of a csv by what their headings mean; Zabbix keeps some of them one level below."""
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=text.partition("\n")[0].count))
    headings: list[str] = []
    found: list[dict[str, Any]] = []
    try:
        for line in reader:
            if not headings:
                headings = [_HEADINGS.get(cell.strip().lower(), "") for cell in line]
                continue
            row: dict[str, Any] = {name: cell for name, cell in zip(headings, line, strict=False) if name}
            if kind == "zabbix":
                row = {**row, "ip": row.get("ip", "").partition(":")[0] if row.get("ip", "").count(":") == 1 else row.get("ip", ""),
                       "host": row.get("host") or row.get("hostname", ""),
                       "inventory": {_IN_INVENTORY[name]: cell for name, cell in row.items() if name in _IN_INVENTORY}}
            found.append(row)
            if len(found) > MOST_ROWS:
                raise InvalidInputError(tr("The file has more than {limit} lines.", limit=MOST_ROWS))
    except csv.Error as error:
        raise InvalidInputError(tr("The file is no csv: {reason}", reason=error)) from None
    if not {"hostname", "host", "name", "sysName"} & set(headings):
        way_out = tr("The first line must hold headings: hostname, ip, os, ...")
        raise InvalidInputError(tr("No heading of the file names a device."), way_out=way_out)
    return found
