"""Numbers, times and states in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import i18n
from core.views import AlertRow
from core.width import width
from tui.words import bits, count, duration, hint, moment, percent, rate, sentence, sparkline


@pytest.mark.parametrize(
    ("bps", "text"),
    [(-1, "-"), (float("nan"), "-"), (0, "0"), (999, "999"), (999.6, "1.0k"), (1_200_000_000, "1.2G"), (99_950_000, "100M"),
     (123_456_789, "123M"), (4e11, "400G"), (999_600_000, "1.0G")],
)
def test_rates_in_bits(bps, text):
    assert bits(bps) == text


@given(st.floats(0, 1e17))
def test_a_rate_never_takes_more_than_five_cells(bps):
    assert len(bits(bps)) <= 5


def test_durations_take_two_units_in_the_language_of_the_screen():
    assert [duration(s) for s in (5, 65, 3600, 3600 * 4 + 86400 * 3, 86400 * 400, -1)] == ["5秒", "1分5秒", "1时", "3天4时", "400天", "-"]
    i18n.use("en")
    assert duration(3600 * 4 + 86400 * 3) == "3d4h"


def test_moments_carry_the_date_when_it_is_another_day():
    now = 1_764_000_000_000
    assert moment(0) == "-"
    assert len(moment(now - 1000, now)) == 8
    assert len(moment(now - 3 * 86_400_000, now)) == 11


def test_shares_and_small_rates():
    assert [percent(1, 3), percent(1, 200), percent(0, 0), percent(-1, 5)] == ["33%", "0.5%", "-", "-"]
    assert [percent(426, 428), percent(2999, 3000), percent(3000, 3000)] == ["99.5%", "99.9%", "100%"], "one that is missing is seen"
    assert [rate(0), rate(0.02), rate(35), rate(1200), rate(-1)] == ["0", "0.02", "35.0", "1.2k", "-"]
    assert count(1234567) == "1,234,567"


def test_sparklines_have_one_mark_for_each_value_and_leave_gaps_blank():
    assert sparkline([0, 5, 10, -1], 10) == "▁▅█ "
    assert len(sparkline(list(range(100)), 7)) == 7
    assert sparkline([], 5) == ""


def test_an_alert_is_a_sentence_and_what_the_rule_saw_is_data():
    i18n.use("en")
    alert = AlertRow(id="1", rule="interface-down", severity="major", device_id="d", device="甲", instance="GE\x1b[31m1{x}", raised_at=1,
                     evidence={"oper": "down", "message": "[red]\n"})
    assert sentence(alert) == "Interface GE[31m1{x}: link down."
    other = AlertRow(id="2", rule="own\nrule", severity="info", device_id="d", device="d", raised_at=1, evidence={"a": "\x1b[2J"})
    assert sentence(other) == "own rule a=[2J"
    assert hint(other) == ""


def test_no_symbol_of_a_state_is_wide():
    from tui.words import OPERATIONAL, SEVERITY, STATUS

    for word in (*STATUS.values(), *SEVERITY.values(), *OPERATIONAL.values()):
        assert word.symbol.isascii()
        assert width(str(word)) <= 14


def test_ports_are_shortened_as_their_makers_do():
    from tui.words import brief

    names = ("GigabitEthernet1/0/1", "XGigabitEthernet0/0/1", "Ten-GigabitEthernet1/0/49", "ens1f0", "10GE1/0/8", "\x1bGigabitEthernet1")
    assert [brief(name) for name in names] == ["GE1/0/1", "XGE0/0/1", "XGE1/0/49", "ens1f0", "10GE1/0/8", "GE1"]
