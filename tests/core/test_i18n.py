"""Two languages, chosen by setting or locale; values are data and never templates."""

import pytest

from core import i18n


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_current", ["zh"])


@pytest.mark.parametrize(("setting", "environ", "language"), [
    ("zh", {"LANG": "en_US.UTF-8"}, "zh"), ("en", {}, "en"), ("auto", {}, "zh"), ("auto", {"LANG": "C"}, "zh"),
    ("auto", {"LANG": "en_GB.UTF-8"}, "en"), ("auto", {"LANG": "zh_CN.UTF-8"}, "zh"), ("auto", {"LANG": "en_US", "LC_ALL": "zh_CN"}, "zh"),
    ("auto", {"LANG": "zh_CN", "LC_MESSAGES": "en_US"}, "en"),
])
def test_the_language_is_chosen(setting: str, environ: dict[str, str], language: str) -> None:
    assert i18n.choose(setting, environ) == language


def test_messages_follow_the_language() -> None:
    assert i18n.tr("The disk is full.") == "磁盘已满。"
    i18n.use("en")
    assert i18n.tr("The disk is full.") == "The disk is full."
    assert i18n.tr_in("zh", "The disk is full.") == "磁盘已满。"


def test_every_catalogue_is_in_the_chain() -> None:
    assert i18n.tr_in("zh", "usage: ") == "用法："
    assert i18n.tr_in("zh", "The file is empty.") == "文件是空的。"


def test_an_unknown_message_or_language_stays_english() -> None:
    assert i18n.tr("Nobody translated this {x}.", x=1) == "Nobody translated this 1."
    assert i18n.tr_in("de", "The disk is full.") == "The disk is full."
    i18n.use("de")
    assert i18n.language() == "zh"


def test_values_are_never_templates() -> None:
    assert i18n.tr("There is no command {command}.", command="{0.__class__} %s {x}") == "没有命令 {0.__class__} %s {x}。"


def test_the_empty_message_is_empty() -> None:
    assert i18n.tr("") == ""


def test_a_message_without_values_may_hold_braces() -> None:
    assert i18n.tr("a {") == "a {"
