"""`yunwang alert ...` as people type it, in both languages."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.main import main
from core.alerting import AlertQuery
from core.signals import Alert

Make = Callable[..., Alert]


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Type = Callable[..., Said]


@pytest.fixture
def type_(node: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Type:
    """A command of the operator."""
    config = tmp_path / "yunwang.toml"
    general = node.settings.general
    config.write_text(f'[general]\ndata_dir = "{general.data_dir}"\nrun_dir = "{general.run_dir}"\n')
    monkeypatch.setitem(os.environ, "YUNWANG_TOKEN", node.bearers["operator"])

    def run(*words: str, lang: str = "en", name: str = "operator") -> Said:
        os.environ["YUNWANG_TOKEN"] = node.bearers[name]
        code = main([*words, "--config", str(config), "--lang", lang])
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def open_one(node: Any, alert: Make) -> Iterator[Alert]:
    """A hot processor, and what a device said that is no markup."""
    one = alert("own-rule", "core", "7", severity="critical", evidence={"value": "97\x1b[31m[bold]", "limit": "90"})
    node.say(one)
    yield one
    node.say(one.replace(cleared_at=one.raised_at + 99_000))


def test_a_list_and_one_of_it(type_: Type, open_one: Alert) -> None:
    found = type_("alert", "list", "--device", "core")
    assert found.code == 0
    assert open_one.id[-8:] in found.out
    assert "critical" in found.out
    assert "\x1b" not in found.out
    assert "[bold]" in found.out, "what a device says is shown, not obeyed"
    rows = type_("alert", "list", "--device", "core", "--json").json
    assert [row["id"] for row in rows["alerts"]] == [open_one.id]
    assert rows["complete"] is True
    shown = type_("alert", "show", open_one.id[-8:])
    assert shown.code == 0
    assert "the polling raised critical" in shown.out
    assert "\x1b" not in shown.out
    assert type_("alert", "show", open_one.id, "--json").json["alert"]["id"] == open_one.id
    assert "紧急" in type_("alert", "list", "--device", "core", lang="zh").out
    assert "经过" in type_("alert", "show", open_one.id, lang="zh").out


def test_it_is_taken_on_noted_and_given_back(type_: Type, open_one: Alert) -> None:
    assert type_("alert", "ack", open_one.id[-8:], "-m", "on my way", "--dry-run").out.strip() == "Would be taken on: 1."
    assert "operator is on it" not in type_("alert", "list", "--device", "core").out
    assert type_("alert", "ack", open_one.id[-8:], "-m", "on my way").out.strip() == "Taken on: 1."
    assert "operator is on it" in type_("alert", "list", "--device", "core").out
    assert type_("alert", "comment", open_one.id, "-m", "a fan").code == 0
    assert type_("alert", "unack", open_one.id, "--json").json["done"] == [open_one.id]
    history = [line for line in type_("alert", "show", open_one.id).out.splitlines() if " operator " in line]
    assert [line.split(" operator ")[1] for line in history] == ["taken on on my way", "noted a fan", "given back"]


def test_many_by_a_filter(type_: Type, node: Any, alert: Make) -> None:
    some = [alert("own-many", "leaf", str(number)) for number in range(3)]
    node.say(*some)
    assert type_("alert", "ack", "--rule", "own-many").code == 2, "nobody is there to say yes"
    assert type_("alert", "ack", "--rule", "own-many", "--yes").out.strip() == "Taken on: 3."
    assert type_("alert", "ack", "--rule", "own-many", "--yes").code == 6, "there is nothing left to do"
    assert type_("alert", "ack", "--rule", "own-many", some[0].id).code == 2
    assert type_("alert", "ack", "--yes").code == 5, "not everything by mistake"
    refused = type_("alert", "ack", some[0].id, name="viewer")
    assert refused.code == 7
    node.say(*(one.replace(cleared_at=one.raised_at + 1) for one in some))
    assert type_("alert", "ack", some[0].id).code == 8
    assert type_("alert", "list", "--rule", "own-many", "--cleared").out.count("over since") == 3


def test_a_root_with_all_that_follows_from_it_is_taken_on_in_one_go(type_: Type, node: Any, alert: Make, monkeypatch: Any) -> None:
    monkeypatch.setattr("cli.alert.MOST_AT_ONCE", 2)
    some = [
        alert("room-hot", name, str(number), severity="minor", ago_s=110 - number) for number in range(3) for name in ("core", "mid")
    ]
    some[0] = some[0].replace(raised_at=some[0].raised_at - 1000)
    other = alert("room-hot", "leaf")
    node.say(*some, other)

    async def together(hub: Any) -> bool:
        found = await hub.alerting.matching(AlertQuery(root=some[0].id))
        return {row.id for row in found.rows} == {one.id for one in some}

    node.until(together)
    first = type_("alert", "list", "--rule", "room-hot", "--json").json
    assert len(first["alerts"]) == 2, "the room is one root"
    root = next(row for row in first["alerts"] if row["id"] == some[0].id)
    assert (root["together"], root["place"]) == (2, "S-1")
    assert "2 together at S-1" in root["said"]["en"]
    assert type_("alert", "ack", "--root", some[0].id[-8:], "-m", "the cooling", "--yes").out.strip() == "Taken on: 6."
    assert type_("alert", "list", "--root", some[0].id, "--unacked", "--json").json["alerts"] == []
    assert type_("alert", "list", "--rule", "room-hot", "--unacked", "--json").json["total"] == 1
    node.say(*(one.replace(cleared_at=one.raised_at + 1) for one in (*some, other)))


def test_pages_hold_each_alert_once(type_: Type, node: Any, alert: Make) -> None:
    some = [alert("own-paged", "core", str(number), severity=("major", "minor")[number % 2]) for number in range(7)]
    node.say(*some)
    found, cursor = [], ""
    for _ in range(4):
        page = type_("alert", "list", "--rule", "own-paged", "--limit", "2", "--after", cursor, "--json").json
        assert page["total"] == 7
        found += [row["id"] for row in page["alerts"]]
        cursor = page["cursor"]
    assert not cursor
    assert sorted(found) == sorted(one.id for one in some)
    assert found == [row["id"] for row in type_("alert", "list", "--rule", "own-paged", "--json").json["alerts"]]
    assert "--after" in type_("alert", "list", "--rule", "own-paged", "--limit", "2").err
    assert type_("alert", "list", "--after", "nonsense").code == 5
    node.say(*(one.replace(cleared_at=one.raised_at + 1) for one in some))


def test_a_silence_and_its_end(type_: Type, node: Any, open_one: Alert) -> None:
    assert type_("alert", "silence", open_one.id, "-m", "x").code == 2
    tried = type_("alert", "silence", open_one.id, "--until", "+2h", "-m", "fans", "--dry-run")
    assert "Nothing was changed." in tried.out
    added = type_("alert", "silence", open_one.id, "--until", "+2h", "-m", "fans", "--json").json
    assert added["mutes"] == 1

    async def muted(hub: Any) -> bool:
        return bool((await hub.alerting.story(open_one.id)).alert.silenced_by)

    node.until(muted)
    assert "muted by" in type_("alert", "show", open_one.id).out
    assert type_("alert", "unsilence", open_one.id).code == 0

    async def loud(hub: Any) -> bool:
        return not await muted(hub)

    node.until(loud)
    assert type_("alert", "unsilence", open_one.id).code == 6


def test_a_close_says_why_not(type_: Type, node: Any, alert: Make) -> None:
    one = alert("device-unreachable", "core")
    node.say(one)
    said = type_("alert", "close", one.id, "-m", "noise")
    assert said.code == 8
    assert "ends by itself" in said.err
    assert "yunwang alert ack" in said.err
    node.say(one.replace(cleared_at=one.raised_at + 1))
