"""docs/rules.md names every key, and its examples are rules."""

import re
from pathlib import Path

import pytest

from monitors.rules.book import shipped
from monitors.rules.reading import put_together, read_rules
from monitors.rules.rule import COMMON, KEYS, Override, Where

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
NAMED = {word for code in re.findall(r"`([^`\n]+)`", PAGE) for word in re.findall(r"[a-z][a-z_\-]*", code)}


@pytest.mark.parametrize("key", sorted({*COMMON, *Where.__struct_fields__, *Override.__struct_fields__}.union(*KEYS.values())
                                       - {"name", "source"}))
def test_every_key_is_documented(key: str) -> None:
    assert re.search(rf"^\| [^|]*`{key}`", PAGE, re.MULTILINE) or key in ("all", "any", "none", "sees"), key
    assert key in NAMED


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_every_kind_is_documented(kind: str) -> None:
    assert kind in NAMED


def test_every_table_row_is_a_key_or_a_kind() -> None:
    known = {*COMMON, *Where.__struct_fields__, *Override.__struct_fields__, *KEYS}.union(*KEYS.values())
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+)", PAGE, re.MULTILINE)
    assert len(rows) > 40
    assert {key for row in rows for key in re.findall(r"`([a-z_]+)`", row)} <= known


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_are_rules(text: str) -> None:
    assert put_together((tuple(shipped().rules.values()), read_rules("example.yml", text)))


def test_there_are_forty_shipped_rules_and_each_says_what_and_what_to_do() -> None:
    rules = shipped().rules.values()
    assert len(rules) >= 40
    for rule in rules:
        assert rule.kind == "poll" or (rule.says and rule.hint), rule.name
