"""Completion scripts are made from the registry and work in the shells themselves."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import completion
from core.operations import OPERATIONS

PROBE = """
{script}
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); _yunwang; printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def bash(words: str) -> set[str]:
    done = subprocess.run(["bash", "-c", PROBE.format(script=completion.bash(), words=words)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(("words", "expected"), [
    ("yunwang inv", {"inventory"}),
    ("yunwang inventory ex", {"export"}),
    ("yunwang --lang zh inventory im", {"import"}),
    ("yunwang inventory list dev", {"device"}),
    ("yunwang inventory list device --so", {"--sort"}),
    ("yunwang completion z", {"zsh"}),
    ("yunwang nosuch zz", set()),
])
def test_bash_completes(words: str, expected: set[str]) -> None:
    assert bash(words) == expected


@pytest.mark.parametrize("shell", [completion.bash, completion.zsh, completion.fish])
def test_every_command_is_offered(shell: Callable[[], str]) -> None:
    script = shell()
    for operation in OPERATIONS:
        assert not operation.verb or operation.verb in script


@pytest.mark.real
def test_fish_completes(need: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "script").write_text(completion.fish())
    program = f"source {tmp_path}/script; complete -C 'yunwang inventory ex'; complete -C 'yunwang inventory list --so'"
    done = subprocess.run([need("fish"), "--no-config", "-c", program], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["export", "--sort"]
    assert done.stderr == ""


@pytest.mark.real
def test_zsh_completes(need: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "script").write_text(completion.zsh())
    program = f"""compdef() {{ : }}; _files() {{ : }}; _describe() {{ print -rl -- ${{(P)2}} }}
source {tmp_path}/script; words=(yunwang --lang en inventory list device ''); CURRENT=6; _yunwang"""
    done = subprocess.run([need("zsh"), "-f", "-c", program], capture_output=True, text=True, check=True)
    assert {"--sort", "--where", "--json", "unit"} <= set(done.stdout.split())
    assert done.stderr == ""
