"""No core dump of a process that holds secrets: neither by its own crash nor through a debugger of another account."""

import ctypes
import resource

_PR_SET_DUMPABLE = 4


def forbid() -> None:
    """From now on the kernel writes no core of this process (prctl(2), core(5)), and /proc/PID/mem and environ are root's."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
