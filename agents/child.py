"""One child of the supervisor: `python -m agents.child KIND FD`. What it cannot do it tells its parent in one sentence."""

import faulthandler
import gc
import importlib
import logging
import os
import sys
import traceback

from agents import dumps, logs
from agents.lifeline import Lifeline, Word
from core import i18n
from core.errors import YunwangError
from core.failure import Failure
from core.i18n import tr

MODULES = {"hub": "agents.hub.main", "senses": "agents.senses.main", "ears": "agents.ears", "workers": "agents.workers"}
"""Each has `main(settings) -> int`, which returns when SIGTERM was received."""
SILENT = frozenset({"senses"})
"""These need no word of theirs to count as started."""


log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    kind, fd = arguments
    lifeline = Lifeline(int(fd))
    lifeline.die_with_parent()
    dumps.forbid()
    orders = lifeline.orders
    i18n.use(orders.language)
    faulthandler.enable()
    logs.set_up(orders.settings, kind)
    try:
        gc.disable()  # nothing that is imported is garbage, and none of it is looked at again
        module = importlib.import_module(MODULES[kind])
        gc.freeze()
        gc.enable()
        if kind in SILENT:
            lifeline.tell(Word(ready=True))
        return int(module.main(orders.settings))
    except YunwangError as error:
        log.error("%s", error)  # noqa: TRY400 -- a sentence, not a traceback
        lifeline.tell(Word(failure=Failure.of(error)))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 -- the details go to the log, a sentence to the person
        traceback.print_exc()
        message = tr("The process {kind} failed: {error}.", kind=kind, error=type(error).__name__)
        way_out = tr("Its log tells more: {file}.", file=f"log/{kind}.log")
        lifeline.tell(Word(failure=Failure(code="error", message=message, way_out=way_out)))
        return 70


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)
