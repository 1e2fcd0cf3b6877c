"""What answers mean, as pure functions: written examples, and whatever else may come."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measured import MEMORY, PROCESSOR, STORAGE
from core.probes import (
    HYPERVISOR_DISK,
    HYPERVISOR_UP,
    HYPERVISOR_VCPUS,
    IN_BPS,
    INODES,
    LOAD,
    OUT_BPS,
    QUOTA,
    ROWS,
    ROWS_AGE,
    ROWS_AGE_RATIO,
    SWAP,
    UNITS_FAILED,
    UPTIME,
    VMS,
    Figure,
)
from links.probes import certificates, http
from links.probes.failing import ProbeFailure, explained
from monitors.probes import cloud, host, ntp, prometheus, rows

SAID = """==before
cpu  100 0 100 700 100 0 0 0 0 0
86399.55 300000.00
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0
  eth0: 1000 10 0 0 0 0 0 0 5000 50 0 0 0 0 0 0
==after
cpu  130 0 120 740 110 0 0 0 0 0
86401.55 300000.00
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0
  eth0: 3000 10 0 0 0 0 0 0 6000 50 0 0 0 0 0 0
==cpus
4
==meminfo
MemTotal:        8000000 kB
MemFree:          100000 kB
MemAvailable:    2000000 kB
SwapTotal:       1000000 kB
SwapFree:         750000 kB
==loadavg
2.00 1.00 0.50 1/200 4242
==uptime
86400.55 300000.00
==df
Filesystem     Type     1024-blocks    Used Available Capacity Mounted on
/dev/vda1      ext4        10000000 6000000   3000000      67% /
tmpfs          tmpfs        1000000  900000    100000      90% /run
/dev/vdb1      xfs         90000000 9000000  81000000      10% /data 数据
==inodes
Filesystem     Type     Inodes  IUsed  IFree IUse% Mounted on
/dev/vda1      ext4       1000    250    750   25% /
==units
nginx.service loaded failed failed A high performance web server
* backup.service loaded failed failed Backup
==os
NAME="openEuler"
PRETTY_NAME="openEuler 22.03 (LTS-SP3)"
==kernel
Linux 5.10.0-182.0.0.95.oe2203sp3.x86_64
==end
"""


def test_a_host() -> None:
    said = host.sections(SAID)
    found = {(one.metric, one.part): one.value for one in host.figures(said)}
    assert found[PROCESSOR, ""] == 50.0
    assert found[MEMORY, ""] == 75.0
    assert (found[IN_BPS, "eth0"], found[OUT_BPS, "eth0"]) == (8000.0, 4000.0)
    assert (IN_BPS, "lo") not in found
    assert found[SWAP, ""] == 25.0
    assert found[LOAD, ""] == 0.25
    assert found[UPTIME, ""] == 86400.55
    assert round(found[STORAGE, "/"], 3) == 66.667
    assert found[STORAGE, "/data 数据"] == 10.0
    assert (STORAGE, "/run") not in found
    assert found[INODES, "/"] == 25.0
    assert found[UNITS_FAILED, ""] == 2.0
    assert host.facts(said) == {
        "os": "openEuler 22.03 (LTS-SP3)", "kernel": "Linux 5.10.0-182.0.0.95.oe2203sp3.x86_64", "failed": "nginx.service backup.service",
    }


def test_an_answer_that_was_cut_off_is_none() -> None:
    with pytest.raises(ValueError, match="no end"):
        host.sections(SAID.removesuffix("==end\n"))


@given(st.lists(st.sampled_from([*SAID.splitlines(), "cpu ", "MemTotal: -1 kB", "==df", "9" * 400, "\0", "/ x 1 2 3 4 5"])))
def test_whatever_a_host_says(lines: list[str]) -> None:
    try:
        found = host.figures(host.sections("\n".join([*lines, "==end"])))
    except (ValueError, ArithmeticError):
        return
    assert all(one.value == one.value for one in found)


NOW_MS = 1_700_000_000_000


@pytest.mark.parametrize(("row", "age_s"), [
    ({"latest": datetime.fromtimestamp(NOW_MS / 1000 - 90, UTC)}, 90.0),
    ({"LATEST": datetime.fromtimestamp(NOW_MS / 1000 - 90, timezone(timedelta(hours=8)))}, 90.0),
    ({"latest": datetime.fromtimestamp(NOW_MS / 1000 + 500, UTC)}, 0.0),
    ({"age_s": Decimal("12.5"), "latest": "ignored"}, 12.5),
    ({"age_s": "7"}, 7.0),
])
def test_the_age_of_rows(row: dict[str, Any], age_s: float) -> None:
    found = {one.metric: one.value for one in rows.figures(row, NOW_MS, {"fresh_minutes": "1"})}
    assert found == {ROWS_AGE: age_s, ROWS_AGE_RATIO: age_s / 60}


def test_a_line_without_rows_has_no_age() -> None:
    assert rows.figures({"rows": 0, "latest": None}, NOW_MS, {"fresh_minutes": "5"}) == (Figure(metric=ROWS, value=0.0),)


@pytest.mark.parametrize("row", [
    {}, {"x": 1}, {"rows": b"1"}, {"rows": float("nan")}, {"rows": "many"}, {"latest": "yesterday"}, {"latest": datetime(2024, 1, 1)},  # noqa: DTZ001
    {"age_s": object()},
])
def test_rows_that_make_no_sense(row: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- each has its own words
        rows.figures(row, NOW_MS, {})


PROJECT = {
    "name": "社保局", "compute": {"cores": {"limit": 100, "in_use": 60, "reserved": 5}, "ram": {"limit": -1, "in_use": 9}},
    "storage": {"gigabytes": {"limit": 1000, "in_use": 990}},
}


def test_a_cloud() -> None:
    found = {(one.metric, one.part): one.value for one in (
        *cloud.hypervisors([
            {"hypervisor_hostname": "compute-1", "state": "up", "vcpus": 64, "vcpus_used": 32, "local_gb": 0, "local_gb_used": 0},
            {"hypervisor_hostname": "compute-2", "state": "down", "vcpus": None}, {"state": "up"},
        ]),
        *cloud.quotas([PROJECT, {"name": "", "compute": 7}]),
        *cloud.machines([{"status": "ACTIVE"}, {"status": "ACTIVE"}, {"status": "ODD"}, {}]),
    )}
    assert found[HYPERVISOR_UP, "compute-1"] == 1.0
    assert found[HYPERVISOR_UP, "compute-2"] == 0.0
    assert found[HYPERVISOR_VCPUS, "compute-1"] == 50.0
    assert (HYPERVISOR_DISK, "compute-1") not in found
    assert found[QUOTA, "社保局:cores"] == 65.0
    assert found[QUOTA, "社保局:gigabytes"] == 99.0
    assert (QUOTA, "社保局:ram") not in found
    assert (found[VMS, "ACTIVE"], found[VMS, "ERROR"], found[VMS, "UNKNOWN"]) == (2.0, 0.0, 2.0)


KEYS = st.sampled_from(["status", "data", "result", "resultType", "metric", "value", "a"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12,
)
FIELDS = st.sampled_from(["hypervisor_hostname", "state", "vcpus", "vcpus_used", "name", "compute", "status"])


@given(JSON, JSON)
def test_whatever_prometheus_says(body: Any, result: Any) -> None:
    for one in (body, {"status": "success", "data": {"resultType": "vector", "result": result}}):
        try:
            found = prometheus.figures(one, "m", ())
        except ValueError:
            continue
        assert all(abs(figure.value) < float("inf") for figure in found)


@given(st.lists(st.dictionaries(FIELDS, JSON)))
def test_whatever_a_cloud_says(items: list[dict[str, Any]]) -> None:
    for figures in (cloud.hypervisors(items), cloud.quotas(items), cloud.machines(items)):
        assert all(one.value == one.value for one in figures)


@given(st.binary(max_size=100))
def test_whatever_a_clock_says(data: bytes) -> None:
    nonce = b"12345678"
    assert not ntp.fits(nonce, data) or len(data) >= 48
    try:
        ntp.read(data.ljust(48, b"\1"), 10**18, 10**18 + 5)
    except ValueError:
        return


@given(st.binary(max_size=200))
def test_whatever_a_certificate_is(data: bytes) -> None:
    assert certificates.shown(data) is None


@given(st.lists(st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"\r\n", b"5\r\nhello\r\n", b"ffffffff\r\n", b"0\r\n\r\n", b"zz\r\n", b"\n", b"x" * 70_000, b":",
    b"Content-Length: 99999999999999999999\r\n",
]), max_size=8))
def test_whatever_a_web_server_sends(pieces: list[bytes]) -> None:
    """It ends, as a page or as a failure, and holds no more than was allowed."""

    async def read() -> int:
        reader = asyncio.StreamReader(limit=65536)
        reader.feed_data(b"".join(pieces))
        reader.feed_eof()
        with explained():
            _, headers = await http._head(reader)
            body, _ = await http._body(http.Stream(reader, None, 0.0), headers, 1000)  # type: ignore[arg-type]
            return len(body)

    try:
        size, answer = asyncio.run(read()), ""
    except ProbeFailure as failure:
        size, answer = 0, failure.answer
    assert size <= 1000
    assert answer in ("", "nonsense", "too-much")
