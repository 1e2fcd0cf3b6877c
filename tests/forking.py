"""`yunwang` as a process of its own, without importing it anew each time: this program has imported it, and forks for each command.

`python -P tests/forking.py FD` hears at the Unix socket FD: one JSON line {words, env, cwd} with standard input, output and error as file
descriptors beside it; it answers with the exit code. What a command sees is what it sees when a shell starts it: arguments, environment,
folder and standard streams of its own.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback

LONGEST = 1 << 20


def serve(channel: socket.socket) -> None:
    """Until the other side is gone."""
    while True:
        line, files, _, _ = socket.recv_fds(channel, LONGEST, 3)
        if not line:
            return
        asked = json.loads(line)
        child = os.fork()
        if not child:
            channel.close()
            run(asked, files)
        for file in files:
            os.close(file)
        channel.sendall(b"%d\n" % child)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        channel.sendall(b"%d\n" % code)


def run(asked: dict[str, object], files: list[int]) -> None:
    """The command, in the child; never returns."""
    code = 70
    try:
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.closerange(3, max(files) + 1)
        os.environ.clear()
        os.environ.update(asked["env"])  # type: ignore[call-overload]
        os.chdir(str(asked["cwd"]))
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115 -- as the interpreter opens them
            for number, mode, errors in ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
        )
        sys.argv = ["yunwang", *asked["words"]]  # type: ignore[misc]
        from cli.main import main

        code = main()
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 1
    except BaseException:  # noqa: BLE001 -- as the interpreter would
        traceback.print_exc()
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def know_everything() -> None:
    """Imports what commands import; nothing is run."""
    from core import i18n
    from core.operations import commands

    modules = {operation.handler.partition(":")[0] for operation in commands().values()}
    for name in sorted({"agents.launch", "cli.main", "cli.parser", "cli.failure", "client.api", *modules}):
        importlib.import_module(name)
    i18n.catalogue("zh")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    know_everything()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
