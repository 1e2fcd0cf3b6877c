"""Completion scripts for bash, zsh and fish, made from the registry: static text that asks nobody at run time."""

from argparse import Namespace

from core.i18n import tr
from core.operations import Operation, commands
from core.settings import Settings

_COMMON = ("--config", "--lang", "--as", "--help")


def completion(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - every handler has this signature
    """Prints the script of one shell."""
    print({"bash": bash, "zsh": zsh, "fish": fish}[args.shell]())
    return 0


def tree() -> dict[str, dict[str, Operation]]:
    """Verbs by noun; a top-level command stands under its own name with an empty verb."""
    found: dict[str, dict[str, Operation]] = {}
    for (noun, verb), operation in commands().items():
        found.setdefault(noun or verb, {})[verb if noun else ""] = operation
    return found


def words_of(operation: Operation) -> list[str]:
    """Options and fixed values that may follow a command."""
    options = [name for argument in operation.arguments for name in argument.name.split() if name.startswith("-")]
    values = [choice for argument in operation.arguments if not argument.name.startswith("-") for choice in argument.choices]
    return [*values, *options, *_COMMON]


def bash() -> str:
    cases = "\n".join(f'      "{key}") words="{" ".join(found)}" ;;' for key, found in _table().items())
    return f"""# yunwang completion for bash: source <(yunwang completion bash)
_yunwang() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" key="" words="" before="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$before:$word" in --config:*|--lang:*|--as:*|*:-*) ;; *) key="${{key:+$key }}$word" ;; esac
    before="$word"
  done
  while :; do
    case "$key" in
{cases}
    esac
    [[ -n "$words" || -z "$key" ]] && break
    [[ "$key" == *" "* ]] && key="${{key% *}}" || key=""
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _yunwang yunwang"""


def _table() -> dict[str, list[str]]:
    known = tree()
    table = {"": [*known, *_COMMON, "--version"]}
    for noun, verbs in known.items():
        own = words_of(verbs[""]) if "" in verbs else [*_COMMON]
        table[noun] = [*(verb for verb in verbs if verb), *own]
        table.update({f"{noun} {verb}": words_of(operation) for verb, operation in verbs.items() if verb})
    return table


def zsh() -> str:
    described = {key: " ".join(_zsh_word(key, word) for word in words) for key, words in _table().items()}
    cases = "\n".join(f"      {_quote(key)}) found=({words}) ;;" for key, words in described.items())
    return f"""#compdef yunwang
# yunwang completion for zsh: source <(yunwang completion zsh)
_yunwang() {{
  local -a found
  local key="" before="" word
  for word in "${{words[@]:1:$((CURRENT-2))}}"; do
    case "$before:$word" in --config:*|--lang:*|--as:*|*:-*) ;; *) key="${{key:+$key }}$word" ;; esac
    before="$word"
  done
  while :; do
    case "$key" in
{cases}
    esac
    [[ -n "$found" || -z "$key" ]] && break
    [[ "$key" == *" "* ]] && key="${{key% *}}" || key=""
  done
  _describe yunwang found
  _files
}}
compdef _yunwang yunwang"""


def _zsh_word(key: str, word: str) -> str:
    summary = _summary(key, word).replace(":", "\\:")
    return _quote(f"{word}:{summary}" if summary else word)


def _summary(key: str, word: str) -> str:
    operation = commands().get((key, word))
    return tr(operation.summary) if operation else ""


def fish() -> str:
    lines = ["# yunwang completion for fish: yunwang completion fish | source"]
    known = tree()
    for noun, verbs in known.items():
        summary = tr(verbs[""].summary) if "" in verbs else ", ".join(verbs)
        lines.append(f"complete -c yunwang -n __fish_use_subcommand -a {_quote(noun)} -d {_quote(summary)}")
        for verb, operation in verbs.items():
            seen = f"__fish_seen_subcommand_from {noun}"
            if verb:
                first = f"{seen}; and not __fish_seen_subcommand_from {' '.join(filter(None, verbs))}"
                lines.append(f"complete -c yunwang -n {_quote(first)} -a {_quote(verb)} -d {_quote(tr(operation.summary))}")
                seen = f"{seen}; and __fish_seen_subcommand_from {verb}"
            lines.extend(_fish_arguments(operation, seen))
    return "\n".join(lines)


def _fish_arguments(operation: Operation, seen: str) -> list[str]:
    lines = []
    for argument in operation.arguments:
        head = f"complete -c yunwang -n {_quote(seen)}"
        names = [name for name in argument.name.split() if name.startswith("-")]
        if names:
            flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names)
            lines.append(f"{head} {flags} -d {_quote(tr(argument.help))}{'' if argument.type == 'flag' else ' -r'}")
        elif argument.choices:
            lines.append(f"{head} -a {_quote(' '.join(argument.choices))}")
    return lines


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
