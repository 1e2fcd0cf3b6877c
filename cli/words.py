"""What can be known of the words before they are parsed: the language, the form of errors, a misspelt command."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from core.errors import SettingsError, UsageError
from core.i18n import choose, tr
from core.operations import Operation
from core.settings import load

_WITH_VALUE = ("--config", "--lang", "--as")


def option(arguments: Sequence[str], name: str) -> str:
    """The value of a common option, empty where it is not given."""
    for index, word in enumerate(arguments):
        if word == name and index + 1 < len(arguments):
            return arguments[index + 1]
        if word.startswith(f"{name}="):
            return word[len(name) + 1 :]
        if word == "--":
            break
    return ""


def language(arguments: Sequence[str]) -> str:
    """Language of help and of mistakes: --lang, else the settings, else the locale."""
    wanted = option(arguments, "--lang")
    if wanted in ("zh", "en"):
        return wanted
    try:
        return choose(load(option(arguments, "--config") or None).general.language)
    except SettingsError:  # told in full by the command itself; --help must work without settings
        return choose("auto")


def wants_json(arguments: Sequence[str]) -> bool:
    return "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)


def joined(arguments: Sequence[str], known: Mapping[tuple[str, str], Operation]) -> list[str]:
    """`--sort -name` as `--sort=-name`: argparse takes a value that begins with a hyphen only so."""
    described = [argument for operation in known.values() for argument in operation.arguments if argument.name.startswith("-")]
    names = {name for argument in described for name in argument.name.split()} | {*_WITH_VALUE, "-h", "--help", "--version", "--"}
    takers = {name for argument in described if argument.type != "flag" for name in argument.name.split() if name.startswith("--")}
    found: list[str] = []
    for word in arguments:
        if found and found[-1] in takers and word.startswith("-") and word not in names and "--" not in found:
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


def command_words(arguments: Sequence[str]) -> tuple[str, ...]:
    """The first two words that are neither options nor the values of common options."""
    found: list[str] = []
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif word == "--" or len(found) == 2:
            break
        elif not word.startswith("-"):
            found.append(word)
    return tuple(found)


def check(arguments: Sequence[str], known: Mapping[tuple[str, str], Operation]) -> None:
    """Raises `UsageError` for a command that does not exist, with the one that was probably meant."""
    found = command_words(arguments)
    if not found:
        return
    tops = dict.fromkeys(noun or verb for noun, verb in known)
    if found[0] not in tops:
        raise _unknown(found[0], "", tops)
    verbs = [verb for noun, verb in known if noun == found[0]]
    if len(found) == 2 and verbs and ("", found[0]) not in known and found[1] not in verbs:
        raise _unknown(found[1], found[0], verbs)


def _unknown(word: str, noun: str, known: Iterable[str]) -> UsageError:
    prefix = f"yunwang {noun}".strip()
    near = get_close_matches(word.lower(), list(known), 1, 0.5)
    way = tr("Did you mean {command}?", command=f"{prefix} {near[0]}") if near else tr("See {command} --help.", command=prefix)
    return UsageError(tr("There is no command {command}.", command=f"{prefix} {_short(word)}"), way_out=way)


def _short(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:40]}.."
