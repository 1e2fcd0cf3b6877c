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
    ("yunwang --lang inventory im", {"import"}),
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
@pytest.mark.parametrize(("shell", "script"), [("zsh", completion.zsh), ("fish", completion.fish)])
def test_other_shells_understand(shell: str, script: Callable[[], str], need: Callable[[str], str], tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text(script())
    done = subprocess.run([need(shell), "-n", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
