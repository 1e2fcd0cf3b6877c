"""What is known of the words before they are parsed."""

import pytest

from cli import words
from core.operations import commands


@pytest.mark.parametrize(("arguments", "found"), [
    ([], ()), (["--lang", "zh", "inventory", "list", "device"], ("inventory", "list")), (["--config=x", "inventory"], ("inventory",)),
    (["inventory", "--config", "list", "show"], ("inventory", "show")), (["--", "inventory"], ()), (["--json"], ()),
])
def test_command_words(arguments: list[str], found: tuple[str, ...]) -> None:
    assert words.command_words(arguments) == found


@pytest.mark.parametrize(("arguments", "json"), [(["--json"], True), (["a", "--", "--json"], False), ([], False)])
def test_wants_json(arguments: list[str], json: bool) -> None:
    assert words.wants_json(arguments) is json


@pytest.mark.parametrize(("arguments", "joined"), [
    (["--sort", "-name"], ["--sort=-name"]), (["--sort", "name"], ["--sort", "name"]), (["--sort", "--json"], ["--sort", "--json"]),
    (["--filter", "-x", "--sort", "-y"], ["--filter=-x", "--sort=-y"]), (["--", "--sort", "-name"], ["--", "--sort", "-name"]),
    (["--json", "-x"], ["--json", "-x"]), (["--limit", "-1"], ["--limit=-1"]),
])
def test_values_that_begin_with_a_hyphen(arguments: list[str], joined: list[str]) -> None:
    assert words.joined(arguments, commands()) == joined
