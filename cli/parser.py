"""The parser of the command line, built from the registry of operations; argparse speaks the chosen language."""

import argparse
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

import core
from core.errors import UsageError
from core.i18n import tr
from core.operations import Argument, Operation, commands
from core.permissions import ROLES

_TYPES = {"text": str, "int": int, "float": float}


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse would leave the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:] + ("" if message.endswith((".", "。")) else tr(".")),
                         way_out=tr("See {command} --help.", command=self.prog))


def speak() -> None:
    """Makes argparse ask our catalogues: it binds gettext's process-wide functions, which know only the locale's language."""
    setattr(argparse, "_", tr)  # noqa: B010
    setattr(argparse, "ngettext", lambda one, many, count: tr(one if count == 1 else many))  # noqa: B010


def build(registry: Mapping[tuple[str, str], Operation] | None = None, words: Collection[str] | None = None) -> Parser:
    """The parser. The chosen operation stands in `args.operation`, the parser whose help fits in `args.parser`.

    words: those that it will be given; what none of them names is not worked out, which takes most of the time. None: all is.
    """
    speak()
    known = commands() if registry is None else registry
    common = _common()
    root = Parser(prog="yunwang", description=tr("Yunwang: one console for a city's government cloud and e-government extranet."),
                  parents=[common], allow_abbrev=False)
    root.add_argument("--version", action="version", version=f"yunwang {core.__version__}", help=tr("Show the version and exit."))
    root.set_defaults(operation=None, parser=root)
    top = root.add_subparsers(title=tr("commands"), metavar=tr("COMMAND"), parser_class=Parser)
    for noun in dict.fromkeys(noun or verb for noun, verb in known):
        _add_noun(top, noun, known, common, filled=words is None or noun in words)
    return root


def _common() -> argparse.ArgumentParser:
    common = Parser(add_help=False, allow_abbrev=False)
    common.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS,
                        help=tr("Read the settings from this file instead of the usual places."))
    common.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help=tr("Language of this command."))
    common.add_argument("--as", dest="persona", metavar="ROLE", choices=ROLES, default=argparse.SUPPRESS,
                        help=tr("Ask in this role of yours alone; in trial mode as this persona."))
    return common


def _add_noun(
    top: Any, noun: str, known: Mapping[tuple[str, str], Operation], common: argparse.ArgumentParser, *, filled: bool,
) -> None:
    """filled: with what stands below it, and not only its line in the help of all."""
    verbs = {verb: op for (owner, verb), op in known.items() if owner == noun and owner}
    own = known.get(("", noun))
    summary = tr(own.summary) if own else ", ".join(verbs)
    parser = top.add_parser(noun, help=_plain(summary), description=_plain(summary) if own else None, parents=[common], allow_abbrev=False)
    parser.set_defaults(operation=own, parser=parser)
    if not filled:
        return
    if own:
        _add_arguments(parser, own)
    if verbs:
        below = parser.add_subparsers(title=tr("commands"), metavar=tr("COMMAND"), parser_class=Parser)
        for verb, operation in verbs.items():
            text = _plain(tr(operation.summary))
            leaf = below.add_parser(verb, help=text, description=text, parents=[common], allow_abbrev=False)
            leaf.set_defaults(operation=operation, parser=leaf)
            _add_arguments(leaf, operation)


def _add_arguments(parser: argparse.ArgumentParser, operation: Operation) -> None:
    for argument in operation.arguments:
        names = argument.name.split()
        parser.add_argument(*names if names[0].startswith("-") else [argument.name.lower().replace("-", "_")], **_options(argument))


def _options(argument: Argument) -> dict[str, Any]:
    options: dict[str, Any] = {"help": _plain(_help(argument)), "default": argument.default}
    if argument.type == "flag":
        return {**options, "action": "store_true", "default": bool(argument.default)}
    options["type"] = _TYPES[argument.type]
    if argument.choices:
        options["choices"] = argument.choices
    is_option = argument.name.startswith("-")
    if not is_option or argument.metavar:
        options["metavar"] = argument.metavar or argument.name
    if argument.many and is_option:
        options["action"] = "append"
    elif argument.many:
        options["nargs"] = argument.many
    return options


def _help(argument: Argument) -> str:
    """With what can be chosen, where the usage line does not say it."""
    words = tr(argument.help)
    return f"{words} {{{','.join(argument.choices)}}}" if argument.choices else words


def _plain(text: str) -> str:
    """argparse fills `%` templates; our sentences are not templates."""
    return text.replace("%", "%%")
