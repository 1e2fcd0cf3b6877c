"""When something of ours breaks: the details go to a file, the console starts again and says so in one sentence."""

import time
import traceback
from pathlib import Path
from typing import NamedTuple

from core.errors import YunwangError
from core.i18n import tr
from core.paths import make_private
from core.width import clean

MAX_RESTARTS = 3
KEPT = 20
LONGEST = 200_000


class Report(NamedTuple):
    """What a person is told."""

    sentence: str
    written_to: str


class TooManyAccidentsError(YunwangError, RuntimeError):
    """The console stumbled several times in a row."""


def write_report(error: BaseException, folder: Path, now_s: float) -> Report:
    """Writes the traceback without local variables (they may hold what nobody else should read); keeps the newest twenty."""
    sentence = clean(f"{type(error).__name__}: {error}", 200)
    text = "".join(traceback.format_exception(error))[-LONGEST:]
    file = folder / f"console-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now_s))}.txt"
    try:
        make_private(folder)
        file.write_text(text, "utf-8")
        file.chmod(0o600)
        for old in sorted(folder.glob("console-*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as problem:
        return Report(sentence, tr("nowhere: {reason}", reason=problem.strerror or str(problem)))
    return Report(sentence, str(file))
