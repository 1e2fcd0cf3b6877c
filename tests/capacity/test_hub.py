"""A running hub: figures out of its store, by role and place, at the API and at the command line."""

import csv
import io
from typing import Any

import pytest

from core.capacity import AvailabilityQuery, AvailabilityRow, CapacityQuery
from core.errors import ForbiddenError, InvalidInputError, NotFoundError
from tests.capacity.conftest import CITY, OTHER

STEP_S = 300


def top(node: Any, who: str = "viewer", **more: Any) -> Any:
    query = CapacityQuery(start_ms=node.start_ms, end_ms=node.end_ms, **more)
    return node.ask(who, lambda hub: hub.capacity.top(query))


def worked(node: Any, kind: Any, who: str = "viewer", **more: Any) -> dict[str, AvailabilityRow]:
    query = AvailabilityQuery(kind=kind, start_ms=node.start_ms, end_ms=node.end_ms, **more)
    answer = node.ask(who, lambda hub: hub.capacity.availability(query))
    assert answer.total == len(answer.rows)
    return {row.name: row for row in answer.rows}


def test_lines_are_egresses_access_points_and_links_each_once(node: Any) -> None:
    answer = top(node)
    assert (answer.total, answer.measured, answer.step_ms, answer.doubted) == (5, 3, 300_000, 1)
    rows = {row.label: row for row in answer.rows}
    line = next(row for label, row in rows.items() if label == "CE-1 - CORE-1 (LX-1)")
    assert (line.object, line.instance, line.capacity_bps) == ("CE-1", "u1", 100_000_000)
    assert line.in_p95_bps == pytest.approx(35 / 36 * 8_000_000)
    assert line.out_p95_bps == pytest.approx(35 / 36 * 4_000_000)
    assert line.billed_bps == line.in_p95_bps
    assert line.p95_percent == pytest.approx(35 / 36 * 8)
    assert line.mean_percent == pytest.approx(8 * 37 / 72)
    assert line.peak_percent == pytest.approx(8)
    assert line.completeness == 1
    assert line.growth is None
    silent = rows["CORE-1 - TOR-A"]
    assert (silent.p95_percent, silent.completeness) == (None, 0)
    assert [row.object for row in answer.rows[:3]] == ["CE-1", "CE-1", "CE-1"]


def test_a_line_that_carries_seven_times_what_was_declared_says_so(node: Any, run: Any) -> None:
    row = next(row for row in top(node).rows if row.label == "错报接入 (LX-2)")
    assert (row.doubt, row.declared_bps, row.port_bps, row.capacity_bps) == ("declared-exceeded", 1e6, 1e9, 1e9)
    assert row.p95_percent == pytest.approx(35 / 36 * 0.72)
    shown = run("capacity", "top", "--since", "3h")
    assert "! CE-1 a2: declared 1 Mbit/s, port 1 Gbit/s, carried 7 Mbit/s: declaration seems wrong" in shown.out
    assert "Of 1 lines what is declared cannot be true." in shown.err


def test_processors_and_pools(node: Any) -> None:
    answer = top(node, kind="cpu", by="utilisation", limit=1)
    assert answer.total == 4
    assert [(row.object, row.instance) for row in answer.rows] == [("CE-1", "0")]
    assert answer.rows[0].mean_percent == pytest.approx(68.5)
    pools = {row.instance: row for row in top(node, kind="pool").rows}
    assert pools["compute-1 memory"].p95_percent == pytest.approx(81.5)
    assert pools["prj-财政:vcpus"].unit == "市财政局"


def test_a_place_narrows_and_a_scope_hides(node: Any) -> None:
    assert {row.object for row in top(node, kind="cpu", site="县机房").rows} == {"CE-1"}
    assert {row.object for row in top(node, kind="cpu", unit="市大数据局").rows} == {"CORE-1", "TOR-A", "TOR-B"}
    assert {row.object for row in top(node, "there", kind="cpu").rows} == {"CE-1"}
    assert {row.instance for row in top(node, "there", kind="pool").rows} == {"prj-财政:vcpus"}
    assert {row.object for row in top(node, "there").rows} == {"CE-1"}
    assert set(worked(node, "system", "there")) == {"自测系统", "无依赖系统"}
    with pytest.raises(NotFoundError):
        worked(node, "system", "there", name="双活系统")


def test_devices_by_polls_with_maintenance_left_out(node: Any) -> None:
    rows = worked(node, "device")
    left, right, edge = rows["TOR-A"], rows["TOR-B"], rows["CE-1"]
    assert (left.up_s, left.down_s, left.planned_s, left.unknown_s) == (30 * STEP_S, 6 * STEP_S, 0, 0)
    assert left.percent == pytest.approx(100 * 30 / 36)
    assert (left.met, left.outages, left.longest_s) == (False, 1, 6 * STEP_S)
    assert (right.percent, right.planned_s, right.windows) == (100, 4 * STEP_S, ("割接",))
    assert (edge.up_s, edge.down_s, edge.unknown_s) == (30 * STEP_S, 3 * STEP_S, 3 * STEP_S)
    assert edge.completeness == pytest.approx(33 / 36)
    silent = rows["=SILENT"]
    assert (silent.percent, silent.met, silent.unknown_s, silent.basis) == (None, None, 36 * STEP_S, "")
    assert rows["CORE-1"].level == "backbone"
    assert rows["CORE-1"].met is True


def test_one_object_tells_all_of_its_downtime_planned_or_not(node: Any) -> None:
    for name in ("TOR-B", node.ids["TOR-B"]):
        row = worked(node, "device", name=name)["TOR-B"]
        assert [(one.planned, one.because, (one.end_ms - one.start_ms) // 1000) for one in row.last] == [(True, "割接", 2 * STEP_S)]
        assert row.last[0].start_ms == node.start_ms + 20 * STEP_S * 1000
        assert (row.outages, row.down_s) == (0, 0)
    assert worked(node, "device")["TOR-B"].last == (), "a list tells only of what nobody planned"
    with pytest.raises(NotFoundError):
        worked(node, "system", name=node.ids["TOR-B"])


def test_systems_follow_what_they_depend_on_and_redundancy_counts(node: Any) -> None:
    rows = worked(node, "system")
    both, single = rows["双活系统"], rows["单点系统"]
    assert (both.percent, both.degraded_s, both.basis, both.met) == (100, 6 * STEP_S, "graph", True)
    assert (single.up_s, single.down_s, single.degraded_s) == (30 * STEP_S, 6 * STEP_S, 0)
    assert (single.level, single.target_percent, single.met) == ("level-2-cii", 99.95, False)
    assert [(one.because, one.end_ms - one.start_ms) for one in single.last] == [("TOR-A", 6 * STEP_S * 1000)]
    probed = rows["自测系统"]
    assert (probed.up_s, probed.down_s, probed.unknown_s, probed.basis) == (24 * STEP_S, 2 * STEP_S, 10 * STEP_S, "probes")
    nothing = rows["无依赖系统"]
    assert (nothing.percent, nothing.unknown_s, nothing.basis) == (None, 36 * STEP_S, "")


def test_units_by_their_access_and_hosts_by_their_cloud(node: Any) -> None:
    rows = worked(node, "unit")
    assert (rows["市财政局"].up_s, rows["市财政局"].down_s, rows["市财政局"].unknown_s) == (30 * STEP_S, 3 * STEP_S, 3 * STEP_S)
    assert [one.because for one in rows["市财政局"].last] == ["CE-1"]
    assert rows["市大数据局"].basis == ""
    host = worked(node, "host")["compute-1"]
    assert (host.up_s, host.down_s, host.basis) == (35 * STEP_S, STEP_S, "probes")


def test_impossible_periods_are_refused(node: Any) -> None:
    for start, end in ((node.end_ms, node.start_ms), (1, 0), (node.end_ms + 10**10, 0)):
        with pytest.raises(InvalidInputError):
            node.ask("viewer", lambda hub, s=start, e=end: hub.capacity.top(CapacityQuery(start_ms=s, end_ms=e)))


def test_the_command_line_shows_tables_and_sheets(node: Any, run: Any) -> None:
    shown = run("capacity", "top", "--since", "3h", "--kind", "cpu")
    assert shown.code == 0
    assert "CE-1" in shown.out
    assert "4 of 4 were measured" in shown.err
    sheet = run("availability", "device", "--since", "3h", "--csv")
    rows = list(csv.reader(io.StringIO(sheet.out)))
    assert rows[0][0] == "name"
    assert "'=SILENT" in {row[0] for row in rows}
    found = run("availability", "system", "单点系统", "--since", "3h", "--json").json()
    assert found["rows"][0]["last"][0]["because"] == "TOR-A"
    told = run("availability", "system", "单点系统", "--since", "3h")
    assert "TOR-A" in told.out
    assert run("capacity", "top", "--limit", "0").code == 2
    assert run("availability", "device", "nobody").code == 6


def test_a_report_is_a_job_that_only_those_for_everything_read(node: Any, run: Any) -> None:
    made = run("capacity", "report", "--since", "3h", "--json")
    assert made.code == 0, made.err
    report = made.json()
    groups = {(one["what"], one["name"], one["kind"]): one for one in report["groups"]}
    ours = groups["unit", "市财政局", "line"]
    assert (ours["count"], ours["measured"], ours["hot"]) == (3, 3, 0)
    assert groups["site", "县机房", "line"]["measured"] == 3
    assert [one["instance"] for one in report["doubted"]] == ["a2"]
    job = run("job", "show", report["id"], "--json").json()
    assert (job["state"], job["done"]) == ("done", job["total"])
    assert groups["site", "县机房", "cpu"]["p95_percent"] > 80
    assert groups["site", "县机房", "cpu"]["hot"] == 1
    again = run("capacity", "report", "--job", report["id"])
    assert "县机房" in again.out
    worked = {one["kind"]: one for one in report["available"]}
    assert (worked["system"]["count"], worked["system"]["missed"], worked["device"]["measured"]) == (4, 2, 4)
    assert "4 of 5 measured, " in again.out
    assert "3 of 4 measured, 2 below target; together " in again.out
    assert [one["name"] for one in report["availability"] if one["kind"] == "system"][:2] == ["单点系统", "自测系统"]
    assert run("capacity", "report", "--job", "../records").code == 6
    with pytest.raises(ForbiddenError):
        node.ask("there", lambda hub: hub.capacity.report(report["id"]))
    with pytest.raises(ForbiddenError):
        node.ask("viewer", lambda hub: hub.capacity.report(report["id"]))


def test_places_and_months_that_are_not_there_are_said_to_be_so(node: Any, run: Any) -> None:
    for words in (("capacity", "top"), ("availability", "device")):
        for flag in ("--unit", "--site"):
            found = run(*words, flag, "没有这个", "--since", "3h")
            assert (found.code, found.out) == (6, "")
            assert "没有这个" in found.err
            assert "yunwang search" in found.err
    assert run("capacity", "top", "--kind", "cpu", "--unit", CITY, "--since", "3h", who="there").code == 6, "nor what is not seen"
    assert run("capacity", "top", "--kind", "cpu", "--unit", OTHER, "--since", "3h", who="there").code == 0
    early = run("capacity", "report", "--month", "2999-01")
    assert early.code == 2
    assert "2999-01 has not begun. --month 20" in early.err
    silent = run("availability", "device", "=SILENT", "--since", "3h")
    assert "There are no samples of this time. A step counts when its 5 minutes are over." in silent.err
