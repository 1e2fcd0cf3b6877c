"""The registry of operations: each can be found, run, typed and translated."""

import importlib
import inspect
from argparse import ArgumentParser

import pytest

from cli.parser import build
from core.operations import OPERATIONS, Operation, commands

BY_ID = {operation.id: operation for operation in OPERATIONS}
COMMANDS = [operation for operation in OPERATIONS if operation.verb]


@pytest.fixture(scope="module")
def parser() -> ArgumentParser:
    return build()


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(OPERATIONS)
    assert len(commands()) == len(COMMANDS)


@pytest.mark.parametrize("operation", COMMANDS, ids=lambda op: op.id)
def test_the_handler_takes_arguments_and_settings(operation: Operation) -> None:
    module, _, name = operation.handler.partition(":")
    handler = getattr(importlib.import_module(module), name)
    assert len(inspect.signature(handler).parameters) == 2


@pytest.mark.parametrize("operation", COMMANDS, ids=lambda op: op.id)
def test_the_command_can_be_typed(operation: Operation, parser: ArgumentParser) -> None:
    words = [word for word in (operation.noun, operation.verb) if word]
    needed = [argument for argument in operation.arguments if not argument.name.startswith("-") and argument.many not in ("?", "*")]
    words += [argument.choices[0] if argument.choices else "1" for argument in needed]
    assert parser.parse_args(words).operation is operation


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: op.id)
def test_the_summary_is_one_line(operation: Operation) -> None:
    assert operation.summary.strip().endswith(".")
    assert "\n" not in operation.summary


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op.action], ids=lambda op: op.id)
def test_no_operation_of_the_console_needs_letters(operation: Operation) -> None:
    """With a Chinese input method letters never arrive."""
    safe = [key for key in operation.keys if key.startswith(("f", "ctrl+")) or len(key) > 1]
    assert safe or not operation.keys


def test_no_key_and_no_word_means_two_things_on_one_screen() -> None:
    seen: dict[tuple[str, str], str] = {}
    for operation in OPERATIONS:
        for word in (*operation.keys, *(f":{word}" for word in operation.colon)):
            other = seen.setdefault((operation.screen, word), operation.id)
            assert other == operation.id, f"{word} is {other} and {operation.id}"
