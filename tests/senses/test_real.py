"""Discovery of a real net-snmp agent says what its own tools print."""

from typing import Any

import pytest

from agents.local import poll
from agents.senses.discovery import discover
from core.measured import MEMORY, STORAGE
from core.settings import Settings
from links.snmp.session import open_session
from monitors.profiles import shipped

pytestmark = pytest.mark.real
IF = "1.3.6.1.2.1.2.2.1"


@pytest.mark.parametrize("version", ["2c", "3"])
async def test_facts_and_interfaces_are_what_net_snmp_prints(snmpd: Any, version: str) -> None:
    found = await discover(open_session(snmpd.target(version)), shipped(), "real", lambda: 1000)
    assert found.fact("sysDescr") == " ".join(snmpd.print_of("snmpget", "1.3.6.1.2.1.1.1.0"))
    assert (found.fact("sysName"), found.fact("location"), found.fact("contact")) == ("yun-real", "莲都机房", "duty")
    assert (found.fact("os"), found.fact("platform")) == ("linux", "linux")
    assert found.fact("version") == found.fact("sysDescr").split()[2]
    interfaces = found.observed.interfaces
    assert [str(i.if_index) for i in interfaces] == snmpd.print_of("snmpwalk", f"{IF}.1")
    assert [i.descr for i in interfaces] == snmpd.print_of("snmpwalk", f"{IF}.2")
    assert [str(i.if_type) for i in interfaces] == snmpd.print_of("snmpwalk", f"{IF}.3")
    assert [str(i.admin_status) for i in interfaces] == snmpd.print_of("snmpwalk", f"{IF}.7")
    assert [str(i.oper_status) for i in interfaces] == snmpd.print_of("snmpwalk", f"{IF}.8")
    printed = set(snmpd.print_of("snmpwalk", "1.3.6.1.2.1.25.2.3.1.3"))
    names = [one.name for one in (*found.measured.memory, *found.measured.storage)]
    assert "Physical memory" in names
    assert set(names) <= printed
    polled = [label for t in found.polled.meaning.tables if t.columns[0].metric in (MEMORY, STORAGE) for label in t.labels]
    assert sorted(polled) == sorted(names)


@pytest.mark.parametrize("version", ["2c", "3"])
def test_a_poll_without_a_hub_gives_rates_of_every_interface(snmpd: Any, version: str) -> None:
    found = poll(Settings(), snmpd.target(version), 0.3)
    assert found.status in ("complete", "partial")
    assert found.interfaces
    assert all(row.in_bps >= 0 and row.oper_status for row in found.interfaces)
    assert found.rtt_ms > 0
