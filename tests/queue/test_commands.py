"""The queue over the API and from the command line, of a hub in a process of its own."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from core.errors import ForbiddenError, InvalidInputError
from core.review import DecisionOnLines, RuleWish, Selection
from core.views import ViewQuery

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(node: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """One command as this person: exit code, output, errors."""
    config = tmp_path / "yunwang.toml"
    general = node.settings.general
    config.write_text(f'[general]\ndata_dir = "{general.data_dir}"\nrun_dir = "{general.run_dir}"\n')

    def command(*words: str, name: str = "administrator") -> tuple[int, str, str]:
        os.environ["YUNWANG_TOKEN"] = node.bearers[name]
        code = main([*words, "--config", str(config), "--lang", "en"])
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


def _lines(run: Run, *more: str) -> list[dict[str, Any]]:
    code, out, err = run("queue", "list", "--json", *more)
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)["lines"]
    return found


def test_the_list_shows_what_waits(run: Run) -> None:
    code, out, _ = run("queue", "list")
    assert code == 0
    assert "SW9" in out
    assert "netbox:nb" in out
    assert "S6730" in out
    assert {row["what"] for row in _lines(run)} == {"field", "new", "unowned"}
    assert [row["field"] for row in _lines(run, "--class", "field")] == ["model"]


def test_one_line_with_all_sides(run: Run) -> None:
    line, = _lines(run, "--class", "field")
    code, out, _ = run("queue", "show", line["id"][-8:])
    assert code == 0
    assert "S5735" in out
    assert "S6730" in out
    assert "It would be declared: model = S6730." in out
    code, out, _ = run("queue", "show", line["id"], "--json")
    shown = json.loads(out)
    model = next(side for side in shown["sides"] if side["field"] == "model")
    assert (model["declared"], model["observed"], model["proposed"]) == ("S5735", "S6730", "S6730")
    assert model["voices"][0]["origin"] == "netbox:nb"


def test_accept_undo_reject_reopen(run: Run) -> None:
    line, = _lines(run, "--class", "field")
    code, out, _ = run("queue", "accept", line["id"], "--dry-run")
    assert code == 0
    assert "Would be done: 1 of 1" in out
    assert _lines(run, "--class", "field")
    assert run("queue", "accept", line["id"], "-m", "seen on site")[0] == 0
    assert not _lines(run, "--class", "field")
    kept, = _lines(run, "--state", "accepted")
    assert kept["by"] == "administrator"
    assert run("queue", "undo", line["id"])[0] == 0
    assert run("queue", "reject", line["id"])[0] == 0
    assert [row["id"] for row in _lines(run, "--state", "rejected")] == [line["id"]]
    assert run("queue", "reopen", line["id"])[0] == 0
    assert _lines(run, "--class", "field")


def test_many_at_once_by_filter(run: Run) -> None:
    code, _, err = run("queue", "accept", "--class", "new", "--filter", "192.0.2.10")
    assert code == 2, "nobody is there to ask"
    assert "--yes" in err
    code, out, _ = run("queue", "accept", "--class", "new", "--filter", "192.0.2.10", "--yes", "--json")
    assert code == 0
    assert json.loads(out)["done"] == 4
    code, out, err = run("queue", "accept", "--class", "unowned", "--filter", "N", "--yes")
    assert code == 8
    assert "--set unit=NAME" in err
    code, out, _ = run("queue", "accept", "--class", "unowned", "--filter", "192.0.2.10", "--set", "unit=Bureau", "--yes")
    assert code == 0
    assert "Done: 4 of 4" in out
    code, _, err = run("queue", "accept", "--class", "unowned", "--set", "unit=Nowhere", "--yes")
    assert code == 8
    assert "There is no unit Nowhere in the inventory." in err


def test_without_lines_or_filter_nothing_is_meant(run: Run) -> None:
    assert run("queue", "accept")[0] == 2
    assert run("queue", "show", "nothing-such")[0] == 6


def test_rules_from_the_command_line(run: Run) -> None:
    code, out, _ = run("queue", "rule-list")
    assert code == 0
    assert "cloud" in out
    assert "fill-empty" in out
    code, out, _ = run("queue", "rule-add", "netbox-new", "--class", "new", "--origin", "netbox:", "--dry-run")
    assert code == 0
    assert "netbox-new would accept 1 of" in out
    assert run("queue", "rule-add", "netbox-new", "--class", "new", "--origin", "netbox:")[0] == 0
    assert not _lines(run, "--class", "new")
    code, out, _ = run("queue", "rule-test", "netbox-new", "--json")
    assert code == 0
    assert json.loads(out)["fits"] == 0
    assert run("queue", "rule-disable", "netbox-new")[0] == 0
    code, out, _ = run("queue", "rule-list", "--json")
    assert {rule["name"]: rule["enabled"] for rule in json.loads(out)["rules"]} == {"cloud": True, "fill-empty": True, "netbox-new": False}
    assert run("queue", "rule-remove", "netbox-new")[0] == 0
    assert run("queue", "rule-remove", "cloud")[0] == 8
    assert run("queue", "rule-add", "all")[0] == 5


def test_the_box_of_a_device(run: Run) -> None:
    code, out, _ = run("device", "replace", "SW1", "--serial", "C3", "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["changed"] == {"serial": ["A1", "C3"]}
    code, out, _ = run("device", "replace", "SW1", "--serial", "C3")
    assert code == 0
    assert "serial: A1 → C3" in out
    assert run("device", "replace", "SW1")[0] == 2
    assert run("device", "replace", "SW7", "--serial", "X")[0] == 6


async def test_who_may_not_decide_is_refused_and_sees_only_their_own(node: Any) -> None:
    async with node.client("there") as hub:
        page = await hub.view(ViewQuery(view="queue"))
        assert page.rows
        assert {row["unit"] for row in page.rows} == {"Bureau"}
        with pytest.raises(ForbiddenError):
            await hub.queue.decide(DecisionOnLines(verdict="accept", lines=Selection(ids=(page.rows[0]["id"],))))
        with pytest.raises(ForbiddenError):
            await hub.queue.add_rule(RuleWish(name="mine", what=("new",)))
    async with node.client("administrator") as hub:
        foreign = next(row for row in (await hub.view(ViewQuery(view="queue"))).rows if row["unit"] != "Bureau")
        with pytest.raises(InvalidInputError):
            await hub.queue.add_rule(RuleWish(name="owner", what=("unowned",)))
    async with node.client("there") as hub:
        with pytest.raises(ForbiddenError):
            await hub.queue.show(foreign["id"])
