"""The console's side of the registry: bindings, command words and the lines of help, all made from `core.operations`."""

from textual.binding import Binding, BindingType

from core.i18n import mark, tr
from core.operations import OPERATIONS, Operation

_NAMES = {
    "question_mark": "?", "fullwidth_question_mark": "？", "slash": "/", "ideographic_comma": "、", "fullwidth_solidus": "／",
    "colon": ":", "fullwidth_colon": "：", "escape": "Esc",
}
SHORTEST_WORD = 2
"""Letters that a word's beginning has at least."""
_ARROWS = {"enter": mark("Enter"), "right": mark("Right arrow"), "left": mark("Left arrow")}


def on_screen(screen: str) -> list[Operation]:
    """What can be done on a screen, in the order of the registry."""
    return [op for op in OPERATIONS if op.action and (not op.screen or screen in op.screen.split())]


def bindings(screen: str) -> list[BindingType]:
    """Bindings of the operations that belong to a screen alone; of the whole application for an empty name."""
    own = [op for op in OPERATIONS if op.action and (screen in op.screen.split() if screen else not op.screen)]
    return [Binding(",".join(op.keys), f"app.operate('{op.id}')", show=False) for op in own if op.keys]


def by_id(op_id: str) -> Operation:
    """Raises `KeyError` for an operation that the console does not have."""
    return _BY_ID[op_id]


def key_name(key: str) -> str:
    """A Textual key as people write it: `F3`, `Ctrl+L`, `/`."""
    if key in _NAMES:
        return _NAMES[key]
    if key in _ARROWS:
        return tr(_ARROWS[key])
    if key.startswith("ctrl+"):
        return "Ctrl+" + key[5:].upper()
    return key.upper() if key[:1] == "f" and key[1:].isdigit() else key


def sure_key(op: Operation) -> str:
    """The key that arrives with any input method; empty when the operation is only in the palette and in command mode."""
    return next((k for k in op.keys if k.startswith("ctrl+") or (k[0] == "f" and k[1:].isdigit()) or k in ("escape", "left", "right")), "")


def by_word(word: str, screen: str) -> Operation | None:
    """The operation of a command word on a screen, or of a word's beginning that no other has."""
    exact = next((op for op in on_screen(screen) if word.lower() in op.colon), None)
    begun = begun_by(word, screen)
    return exact or (by_word(next(iter(begun)), screen) if len(set(begun.values())) == 1 else None)


def begun_by(word: str, screen: str) -> dict[str, str]:
    """Command words that begin so, with the ids of their operations."""
    if len(word) < SHORTEST_WORD:
        return {}
    return {one: op.id for op in on_screen(screen) for one in op.colon if one.startswith(word.lower())}


def describe(op: Operation) -> tuple[str, str, str]:
    """A line of help: keys, command, summary."""
    argument = " " + op.arguments[0].name if op.arguments else ""
    words = " ".join(":" + word for word in op.colon[:2])
    return " ".join(key_name(k) for k in op.keys), words + argument, tr(op.summary)


_BY_ID = {op.id: op for op in OPERATIONS if op.action}
