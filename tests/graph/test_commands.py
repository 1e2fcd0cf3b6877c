"""The commands as people type them, in English and in Chinese, against a running hub."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from cli.main import main
from core import i18n

Use = Callable[..., tuple[int, str, str]]


@pytest.fixture
def use(node: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Use:
    """`use("graph", "xray", "X")`: exit code, standard output, standard error."""
    general = node.settings.general
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", general.run_dir)

    def run(*words: str, lang: str = "en", who: str = "administrator") -> tuple[int, str, str]:
        monkeypatch.setenv("YUNWANG_TOKEN", node.bearers[who])
        before = i18n.language()
        code = main(["--lang", lang, *words])
        i18n.use(before)
        found = capsys.readouterr()
        return code, found.out, found.err

    return run


def test_an_x_ray_in_chinese_and_as_json(use: Use, node: Any) -> None:
    point = node.records["access_point"][0]
    code, out, _ = use("graph", "xray", f"unit:{point.unit}", lang="zh")
    assert code == 0
    assert re.search(rf"^单位  {re.escape(point.unit)}$", out, re.MULTILINE)
    assert f"接入点  {point.name}" in out
    assert f"[{point.port}]" in out
    code, out, _ = use("graph", "xray", f"unit:{point.unit}", "--json")
    assert json.loads(out)["rows"][0]["thing"]["name"] == point.unit
    code, out, _ = use("graph", "xray", f"device:{point.device}", "--up")
    assert f"unit  {point.unit}" in out


def test_an_impact_names_levels_units_and_whom_to_call(use: Use, node: Any) -> None:
    platform = node.records["cloud_platform"][0].name
    code, out, _ = use("graph", "impact", f"cloud_platform:{platform}", lang="zh")
    assert code == 0
    system = next(one for one in node.records["system"] if one.name in out)
    unit = next(one for one in node.records["unit"] if one.name == system.unit)
    assert unit.phone in out
    assert re.search(r"^业务系统 +\d+ +\d+$", out, re.MULTILINE)


def test_what_if_tells_what_is_down_already(use: Use, node: Any) -> None:
    stopped = [vm for vm in node.records["vm"] if vm.state != "ACTIVE"]
    code, out, _ = use("graph", "whatif", f"host:{node.records['host'][0].key}", "--with-live")
    assert code == 0
    assert ("Down already:" in out) is bool(stopped)
    assert "What is planned adds" in out or not stopped


def test_dependence_as_a_tree_and_as_a_list(use: Use, node: Any) -> None:
    point = node.records["access_point"][0]
    code, out, _ = use("graph", "depends", f"access_point:{point.name}")
    assert code == 0
    assert re.search(rf"^  device  {re.escape(point.device)}  \[{re.escape(point.port)}\]$", out, re.MULTILINE)
    _, listed, _ = use("graph", "depends", f"access_point:{point.name}", "--list")
    assert re.search(rf"^1 +device +{re.escape(point.device)} ", listed, re.MULTILINE)
    _, up, _ = use("graph", "depends", f"device:{point.device}", "--dependents")
    assert f"access point  {point.name}" in up


def test_a_path_that_is_not_there_has_an_exit_code(use: Use, node: Any) -> None:
    first, last = (node.records["access_point"][place].unit for place in (0, -1))
    code, out, _ = use("graph", "path", f"unit:{first}", f"unit:{last}", "--layer", "l2")
    assert code == 0
    assert "linked" in out
    team = node.records["zone"][-1].name
    code, out, _ = use("graph", "path", f"unit:{first}", f"zone:{team}", "--layer", "l2")
    assert (code, "Nothing leads" in out) == (1, True)


def test_around_an_object_and_what_changed(use: Use, node: Any) -> None:
    point = node.records["access_point"][0]
    code, out, _ = use("graph", "around", f"access_point:{point.name}")
    assert code == 0
    assert re.search(rf"->.*enters-through.*{re.escape(point.device)}", out)
    code, out, _ = use("graph", "changes", "--since", "1d", "--kind", "zone")
    assert code == 0
    assert f"+ zone  {node.records['zone'][0].name}" in out
    assert "seed" in out
    _, out, _ = use("graph", "changes", "--since", "1d", "--unit", point.unit, "--json")
    assert {row["unit"] for row in json.loads(out)["objects"]} == {point.unit}


def test_mistakes_have_a_way_out(use: Use, node: Any) -> None:
    code, _, err = use("graph", "xray", "nothing such")
    assert (code, "yunwang search" in err) == (6, True)
    code, _, err = use("graph", "xray", "x", "--at", "the day before")
    assert (code, "no moment" in err) == (2, True)
    code, _, err = use("graph", "xray", f"device:{node.records['device'][0].name}", who="contact")
    assert code == 6
