"""What is typed into the filter."""

from hypothesis import given
from hypothesis import strategies as st

from tui.filters import read


def test_words_fields_and_their_chinese_names():
    assert read("机房 县区=莲都 状态＝离线　role=PE") == ("机房", {"county": "莲都", "status": "down", "role": "PE"})
    assert read("status=down 角色=核心").where == {"status": "down", "role": "core"}


def test_an_unknown_field_is_a_word_and_a_field_without_value_waits():
    assert read("a=b status=") == ("a=b", {})


@given(st.text())
def test_nothing_typed_breaks_it(typed):
    found = read(typed)
    assert all(found.where.values())


def test_alerts_are_narrowed_by_severity_rule_and_device():
    assert read("级别=紧急 规则=interface-down 设备=莲都-核心-1").where == {
        "severity": "critical", "rule": "interface-down", "device": "莲都-核心-1",
    }
