"""Every operation can be reached, with any input method, and is explained."""

import inspect

import pytest

from core.operations import OPERATIONS
from tui.console import STANDING, YunwangApp
from tui.operations import begun_by, by_word, describe, key_name, on_screen, sure_key
from tui.screens.alert import AlertScreen
from tui.screens.availability import AvailabilityScreen, DowntimeScreen
from tui.screens.capacity import CapacityScreen
from tui.screens.check import CheckScreen
from tui.screens.device import DeviceScreen
from tui.screens.first import FirstScreen
from tui.screens.impact import ImpactScreen
from tui.screens.object import ObjectScreen
from tui.screens.xray import XrayScreen

MORE = (
    DeviceScreen, ObjectScreen, XrayScreen, ImpactScreen, FirstScreen, CheckScreen, CapacityScreen, AlertScreen, AvailabilityScreen,
    DowntimeScreen,
)
SCREENS = {screen.NAME: screen for screen in (*STANDING, *MORE)}
CONSOLE = [op for op in OPERATIONS if op.action]


@pytest.mark.parametrize("op", CONSOLE, ids=lambda op: op.id)
def test_an_operation_has_its_action_and_a_command_word(op):
    name = op.action.partition("(")[0]
    homes = [SCREENS[screen] for screen in op.screen.split()] or [YunwangApp]
    for home in homes:
        method = getattr(home, f"action_{name}")
        if op.arguments:
            assert len(inspect.signature(method).parameters) == 2
    assert op.colon
    assert all(len(part) > 0 for part in describe(op)[1:])


@pytest.mark.parametrize("op", [op for op in CONSOLE if op.keys], ids=lambda op: op.id)
def test_a_key_arrives_with_a_chinese_input_method(op):
    assert sure_key(op)


@pytest.mark.parametrize("screen", [*SCREENS])
def test_no_key_and_no_word_means_two_things_on_one_screen(screen):
    keys = [key for op in on_screen(screen) for key in op.keys]
    words = [word for op in on_screen(screen) for word in op.colon]
    assert len(keys) == len(set(keys))
    assert len(words) == len(set(words))


def test_chinese_words():
    assert by_word("设备", "overview").id == "console.devices"
    assert by_word("DEVICES", "overview").id == "console.devices"
    assert by_word("hours", "overview") is None


def test_the_beginning_of_a_word_is_enough_where_it_means_one_thing():
    assert by_word("cap", "overview").id == by_word("capacity", "overview").id
    assert by_word("avail", "messages").id == "console.availability"
    assert by_word("c", "overview") is None
    assert by_word("nothing", "overview") is None
    several = begun_by("de", "overview")
    assert len(set(several.values())) > 1
    assert by_word("de", "overview") is None


def test_names_of_keys():
    assert [key_name(k) for k in ("f1", "ctrl+l", "slash", "fullwidth_colon", "s")] == ["F1", "Ctrl+L", "/", "：", "s"]
