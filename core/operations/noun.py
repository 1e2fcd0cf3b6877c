"""Every operation of the product, declared once. The command line, the palette, key bindings, help and docs/commands.md come from here.

A command is `yunwang NOUN VERB`, with few top-level verbs (`noun` empty). Handlers are named, not imported, so that the command line
starts fast: `module:function` takes the parsed arguments (`argparse.Namespace`) and the settings, and returns an exit code.
"""

from typing import Any, Literal

from core.nouns import Noun


class Argument(Noun, frozen=True, kw_only=True):
    """One argument of a command."""

    name: str
    """`FILE` is positional (`args.file`), `--dry-run` an option (`args.dry_run`), `-o --output` one with a short form."""
    help: str
    """Message id."""
    type: Literal["text", "int", "float", "flag"] = "text"
    default: Any = None
    choices: tuple[str, ...] = ()
    many: Literal["", "?", "*", "+"] = ""
    """How often a positional stands; an option with `*` may be repeated and gives a list or None."""
    metavar: str = ""


class Operation(Noun, frozen=True, kw_only=True):
    """One thing that a person can do."""

    id: str
    """`inventory.import`; also the action that `authorize` is asked about."""
    summary: str
    """Message id: one line, an imperative."""
    noun: str = ""
    verb: str = ""
    """Empty: not a command, only in the console."""
    arguments: tuple[Argument, ...] = ()
    handler: str = ""
    """`cli.inventory:import_`"""
    keys: tuple[str, ...] = ()
    """Textual key names; with a Chinese input method letters never arrive, so one of them is an F-key or has ctrl."""
    action: str = ""
    """Textual action of the console; empty: not in the console."""
    colon: tuple[str, ...] = ()
    """Words of the console's command mode."""
    screen: str = ""
    """Only on this screen, or on these, separated by spaces; empty: everywhere."""
    label: str = ""
    """Message id: one word for the console's footer; empty: not in the footer."""
    needs: str = ""
    """Action of `core.permissions` without which the console says who may instead of doing it; empty: whoever may look."""


JSON = Argument(name="--json", help="Print JSON for machines.", type="flag")
