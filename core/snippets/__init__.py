"""What to paste into a device so that it can be monitored: SNMPv3, traps, syslog, SSH and LLDP, a text file for each platform.

A file holds what the makers' command references say, in sections `[snmp]`, `[trap]`, `[syslog]`, `[ssh]`, `[lldp]`; its first line
names the sign of a comment and the protocols of SNMPv3. Words in angle brackets are filled in, or stay for a person to fill in. Pure.
"""

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Literal, NamedTuple

from core.errors import InvalidInputError, NotFoundError
from core.i18n import mark, tr
from core.nouns import Noun
from core.platforms import BY_NAME

Part = Literal["snmp", "trap", "syslog", "ssh", "lldp"]
PARTS: tuple[Part, ...] = ("snmp", "trap", "syslog", "ssh", "lldp")
TITLES: dict[Part, str] = {
    "snmp": mark("SNMPv3, reading only"), "trap": mark("Traps"), "syslog": mark("Log lines"), "ssh": mark("SSH login"),
    "lldp": mark("Neighbours by LLDP"),
}
SECRETS = ("AUTH", "PRIV", "SSH-PASSWORD")
"""Words that stand for a secret."""
_NOTES: dict[tuple[str, Part], str] = {
    ("huawei_vrp", "snmp"): mark(
        "Releases before V200R003 take the passphrases in one line: snmp-agent usm-user v3 NAME GROUP authentication-mode sha .. "
        "privacy-mode aes128 ..",
    ),
    ("huawei_vrp", "ssh"): mark(
        "Recent releases also need `ssh server-source all-interface`, and a host key: rsa local-key-pair create. Level 1 is enough to "
        "look; level 3 reads the configuration.",
    ),
    ("h3c_comware", "ssh"): mark("Comware 5 knows `authorization-attribute level 1` and `user-interface vty 0 15` instead."),
    ("h3c_comware", "snmp"): mark("Releases that know sha256 take it in the place of sha; then use SHA256 in the credential."),
    ("ruijie_rgos", "snmp"): mark("Releases that know only `priv des56` are too old: AES is what the rules of the net ask for."),
    ("zte_zxros", "snmp"): mark("Older ZXROS asks for the view by name (`AllView`); `show snmp view` lists what is there."),
    ("cisco_nxos", "syslog"): mark("Leave `use-vrf management` out where the collector is not reached over that VRF."),
    ("hillstone_stoneos", "trap"): mark("ENGINE-ID is that of the collector: any hexadecimal number of 5 to 32 octets that both agree on."),
    ("hillstone_stoneos", "snmp"): mark(
        "SNMP is answered only on interfaces with `manage snmp`: --source names the one that the collector reaches.",
    ),
    ("linux", "snmp"): mark("Needs the package snmpd (net-snmp); the folder of createUser is /var/lib/net-snmp on Red Hat and openEuler."),
    ("linux", "lldp"): mark("Needs the package lldpd."),
    ("fortinet_fortios", "ssh"): mark("The interface must allow it: config system interface, edit NAME, append allowaccess ssh snmp ping."),
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
_INTERFACE = re.compile(r"[A-Za-z][A-Za-z0-9/._:-]{0,63}")
_WORD = re.compile(r"<[A-Z]+(?:-[A-Z]+)*>")


class Wish(Noun, frozen=True, kw_only=True):
    """What to fill in; what is empty stays a word in angle brackets."""

    collector: str = ""
    """Address that traps and log lines go to."""
    user: str = "yunwang"
    trap_port: int = 162
    syslog_port: int = 514
    source: str = ""
    """Interface that the device sends from; lines about it are left out where it is empty."""


class Snippet(Noun, frozen=True, kw_only=True):
    """Lines to paste, by part."""

    platform: str
    title: str
    comment: str
    """What begins a comment on this platform."""
    auth: str
    priv: str
    """Protocols of SNMPv3, as a credential names them."""
    lines: dict[Part, tuple[str, ...]]
    notes: dict[Part, str] = {}
    """What to know about a part, for a person."""
    missing: tuple[str, ...] = ()
    """Words in angle brackets that somebody must still replace."""


class _Template(NamedTuple):
    comment: str
    auth: str
    priv: str
    parts: Mapping[str, tuple[str, ...]]


def platforms() -> tuple[str, ...]:
    """Those that have a snippet."""
    return tuple(sorted(entry.name[:-4] for entry in resources.files("core.snippets").iterdir() if entry.name.endswith(".txt")))


def snippet(platform: str, wish: Wish, parts: tuple[Part, ...] = PARTS, secrets: Mapping[str, str] | None = None) -> Snippet:
    """The lines for one platform. secrets: by word of `SECRETS`; without them their words stay. Raises `NotFoundError` for a platform
    without a snippet, `InvalidInputError` for what does not fit into a line."""
    if platform not in platforms():
        raise NotFoundError(
            tr("There is no snippet for the platform {name}.", name=platform[:64]),
            way_out=tr("There are snippets for: {names}.", names=", ".join(platforms())),
        )
    template = _read(platform)
    values = {**_checked(wish), **(secrets or {})}
    lines = {part: tuple(_filled(template.parts[part], values)) for part in PARTS if part in parts and template.parts.get(part)}
    notes = {part: tr(_NOTES[platform, part]) for part in lines if (platform, part) in _NOTES}
    left = {word for some in lines.values() for line in some for word in _WORD.findall(line)}
    return Snippet(
        platform=platform, title=BY_NAME[platform].title, comment=template.comment, auth=template.auth, priv=template.priv,
        lines=lines, notes=notes, missing=tuple(sorted(left)),
    )


@lru_cache(maxsize=32)
def _read(platform: str) -> _Template:
    head, *rest = (resources.files("core.snippets") / f"{platform}.txt").read_text("utf-8").split("\n")
    _, comment, auth, priv = head.split(" ")
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in rest[:-1]:
        if line.startswith("[") and line.endswith("]"):
            lines = parts.setdefault(line[1:-1], [])
        else:
            lines.append(line)
    return _Template(comment, auth, priv, {name: tuple(found) for name, found in parts.items()})


def _filled(lines: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """Without lines about an interface that nobody named; what stands below such an interface goes with it."""
    out: list[str] = []
    skipping = False
    for line in lines:
        if "<SOURCE>" in line and not values["SOURCE"]:
            skipping = line.startswith("interface ")
        elif not skipping:
            out.append(_WORD.sub(lambda found: values.get(found[0][1:-1]) or found[0], line))
        elif line == "exit":
            skipping = False
    return out


def _checked(wish: Wish) -> dict[str, str]:
    if wish.collector:
        try:
            ipaddress.ip_address(wish.collector)
        except ValueError:
            raise InvalidInputError(
                tr("{value} is no address.", value=wish.collector[:64]), way_out=tr("Devices need the collector's address, not its name."),
            ) from None
    if not _NAME.fullmatch(wish.user):
        raise InvalidInputError(
            tr("{value} cannot be a user's name on a device.", value=wish.user[:64]),
            way_out=tr("Take letters, digits, - and _, at most 32 of them."),
        )
    if wish.source and not _INTERFACE.fullmatch(wish.source):
        raise InvalidInputError(tr("{value} is no name of an interface.", value=wish.source[:64]), way_out=tr("For example LoopBack0."))
    for port in (wish.trap_port, wish.syslog_port):
        if not 0 < port < 65536:
            raise InvalidInputError(tr("{value} is no port.", value=port), way_out=tr("Ports are 1 to 65535."))
    return {
        "COLLECTOR": wish.collector, "USER": wish.user, "TRAP-PORT": str(wish.trap_port), "SYSLOG-PORT": str(wish.syslog_port),
        "SOURCE": wish.source,
    }
