"""The City's cloud as a process of its own, so that nobody waits for it: `begin` starts it, the end of the `with` block ends it.

`python -m lab.openstack.process DEVICES SEED BASE` reads the password from its standard input, prints where it answers, and serves
until that input ends: it dies with whoever started it.
"""

import contextlib
import json
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence

from core.errors import NoAnswerError
from core.i18n import tr
from lab.city import City
from lab.cloud import Cloud
from lab.openstack.server import USER, serve

READY_S = 60.0


class Running:
    """A cloud that is starting; `url` waits until it answers."""

    user = USER

    def __init__(self, process: "subprocess.Popen[str]", password: str) -> None:
        self._process, self.password = process, password

    def url(self) -> str:
        """Keystone's address. Raises `NoAnswerError`."""
        out = self._process.stdout
        if out is None or not select.select([out], [], [], READY_S)[0] or not (line := out.readline()):
            raise NoAnswerError(tr("The lab's cloud did not start."), way_out=tr("Try again with fewer devices."))
        return str(json.loads(line)["auth_url"])


@contextlib.contextmanager
def begin(city: City, password: str, base: str) -> Iterator[Running]:
    """The cloud of a city. base: as in the city's own options."""
    command = [sys.executable, "-m", "lab.openstack.process", str(len(city.boxes)), str(city.seed), base]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None:
            raise NoAnswerError(tr("The lab's cloud did not start."))
        process.stdin.write(password + "\n")
        process.stdin.flush()
        try:
            yield Running(process, password)
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()


def main(words: Sequence[str]) -> int:
    devices, seed, base = words
    password = sys.stdin.readline().strip()
    with serve(Cloud(City(int(seed), int(devices), base=base)), password) as served:
        sys.stdout.write(json.dumps({"auth_url": served.auth_url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
