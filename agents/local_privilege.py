"""Whether a login may read what Yunwang reads: one harmless command, by platform."""

import re
from typing import Literal, NamedTuple

from core.snippets import platforms

May = Literal["reads", "refused", "unclear"]


class _Question(NamedTuple):
    command: str
    good: str
    """What a line of the answer looks like where the configuration may be read."""
    shell: bool = True


_SYSNAME = _Question("display current-configuration | include sysname", r"^\s*sysname \S")
_HOSTNAME = _Question("show running-config | include hostname", r"^\s*(?:hostname|switchname) \S")
_QUESTIONS: dict[str, _Question] = {
    "huawei_vrp": _SYSNAME, "h3c_comware": _SYSNAME, "ruijie_rgos": _HOSTNAME, "zte_zxros": _HOSTNAME, "cisco_ios": _HOSTNAME,
    "cisco_nxos": _HOSTNAME, "hillstone_stoneos": _Question("show configuration | include hostname", r"^\s*hostname \S"),
    "juniper_junos": _Question("show configuration system host-name", r"^\s*host-name \S"),
    "fortinet_fortios": _Question("show system global", r"^\s*set hostname \S"),
    "linux": _Question("id -u && cat /proc/loadavg", r"^\s*\d+\.\d+ \d+\.\d+", shell=False),
}
_REFUSED = re.compile(
    r"unrecognized command|invalid input|unknown command|permission denied|insufficient|not (?:authori[sz]ed|permitted|allowed)"
    r"|no permission|access denied|privilege",
    re.IGNORECASE,
)


def question(platform: str) -> tuple[str, bool]:
    """The command, and whether it is typed into a shell; an empty one where nothing is known of the platform."""
    found = _QUESTIONS.get(platform)
    return (found.command, found.shell) if found else ("", False)


def judge(platform: str, printed: str) -> May:
    """What the answer to `question` says."""
    found = _QUESTIONS[platform]
    if re.search(found.good, printed, re.MULTILINE):
        return "reads"
    return "refused" if _REFUSED.search(printed) else "unclear"


def is_known(platform: str) -> bool:
    return platform in platforms() and platform in _QUESTIONS
