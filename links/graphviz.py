"""Graphviz' `dot`: DOT text to a picture, in a process of its own with bounded time, memory and output."""

import shutil
import subprocess
import tempfile

from core.errors import InvalidInputError, NoAnswerError, NotFoundError
from core.i18n import tr

SECONDS = 30
MOST_BYTES = 64 * 1024 * 1024
BOUNDED = f'ulimit -v 2097152 && ulimit -t {SECONDS} && ulimit -f {MOST_BYTES // 512 + 1} && exec "$0" -Tsvg'
"""2 GiB of memory (KiB), seconds of the processor, blocks of 512 bytes."""


def svg(text: str) -> bytes:
    """The picture as SVG. Raises `NotFoundError` where Graphviz is not installed, `NoAnswerError` where it takes too long."""
    program = shutil.which("dot")
    if program is None:
        raise NotFoundError(
            tr("Graphviz is not installed on the hub's machine."),
            way_out=tr("Install the package graphviz there, or take the description with `dot` and draw it elsewhere."),
        )
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as source:
        source.write(text.encode())
        source.seek(0)
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", BOUNDED, program], stdin=source, stdout=out, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
                cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
            )
        except subprocess.TimeoutExpired:
            raise NoAnswerError(tr("The picture took too long."), way_out=tr("Name a smaller part: a unit, a site, a county.")) from None
        size = out.seek(0, 2)
        out.seek(0)
        if done.returncode or size > MOST_BYTES:
            raise InvalidInputError(tr("Graphviz could not draw it."), way_out=tr("Name a smaller part: a unit, a site, a county."))
        return out.read()

