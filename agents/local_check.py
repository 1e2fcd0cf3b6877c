"""`yunwang device check`: everything that a device needs in order to be monitored, tried one after the other, each fault with its fix."""

import asyncio
import math
import time
from collections.abc import AsyncIterator

from agents.hub.custody.wire import Tried, asked, said
from agents.local_arrivals import Arrivals, Kind
from agents.local_privilege import judge, question
from core.errors import ForbiddenError, InvalidInputError, YunwangError
from core.i18n import tr
from core.node import Check, CheckStatus
from core.nouns import Noun
from core.platforms import PLATFORMS
from core.polling import Oid, Target
from core.snippets import Part, platforms
from core.width import clean
from links import ssh
from links.probes.icmp import COUNT, Echoes, ping
from links.ssh_asking import ask

SYS_OBJECT_ID: Oid = (1, 3, 6, 1, 2, 1, 1, 2, 0)
ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)
SSH_S = 15.0
NAMES: dict[Kind, str] = {"trap": "Traps", "syslog": "Log lines"}


class Wish(Noun, frozen=True, kw_only=True):
    """What is to be tried."""

    target: Target
    ssh_port: int = 22
    login: ssh.Login | None = None
    """Who logs in; None: nobody, only the host key is looked at."""
    host_key: str = ""
    """Fingerprint that the host must show; empty: it is not known."""
    platform: str = ""
    """Empty: what SNMP says."""
    listen_s: float = 0.0
    """How long traps and log lines are waited for; 0: not at all."""
    trap_port: int = 162
    syslog_port: int = 514
    legacy: bool = False


class Checking:
    """One device. Nothing is changed on it, and no secret is sent to a host with another key than the expected one.

    Who knows the device better than a command line does (the hub) takes the place of the methods that try, and of what is told of arrivals.
    """

    def __init__(self, wish: Wish) -> None:
        self._wish, self._target = wish, wish.target
        self.platform = wish.platform

    async def run(self) -> AsyncIterator[Check]:
        """The checks as they are done."""
        wish = self._wish
        arrivals = Arrivals(self._target.address, {"trap": wish.trap_port, "syslog": wish.syslog_port})
        began = time.monotonic()
        if wish.listen_s > 0:
            await arrivals.start()
        try:
            yield await _icmp(self._target.address)
            async for check in self._snmp():
                yield check
            async for check in self._ssh():
                yield check
            if wish.listen_s > 0:
                await arrivals.wait(max(0.0, wish.listen_s - (time.monotonic() - began)))
            for kind in NAMES:
                yield await self.arrived(kind, arrivals)
        finally:
            arrivals.close()

    async def try_snmp(self) -> Tried:
        """What comes of asking it by SNMP."""
        return await asked(self._target)

    async def what_platform(self) -> str:
        """Empty where that is not clear."""
        return await _platform(self._target)

    async def seen(self, shown: ssh.Checked) -> None:
        """Its host key was shown."""

    async def try_login(self, login: ssh.Login, pinned: ssh.Pin, command: str, shell: bool) -> tuple[Tried, str]:
        """What comes of a login, and what the command printed. Raises `InvalidInputError`."""
        wish, address = self._wish, self._target.address
        shown, printed = await asyncio.to_thread(
            ask, address, wish.ssh_port, login, pinned, command, shell=shell, timeout_s=SSH_S, legacy=wish.legacy,
        )
        message, way_out = said(shown, login.username, address, wish.ssh_port)
        return Tried(shown.answer, message, way_out), printed

    def no_login(self) -> Check:
        return line(tr("Login"), "warn", tr("No login was given."), tr("Give --ssh-user and --ssh-secret."))

    async def _snmp(self) -> AsyncIterator[Check]:
        target = self._target
        began = time.monotonic()
        tried = await self.try_snmp()
        if tried.answer != "ok":
            way = " ".join((tried.way_out, self.paste("snmp")))
            yield line("SNMP", "fail", tried.message, way)
            return
        took = round((time.monotonic() - began) * 1000)
        yield line("SNMP", "ok", f"{tried.about or tr('it answers')} ({took} ms)")
        if target.version != "3":
            yield line(
                tr("SNMP version"), "warn", tr("Version {version} sends the community in the clear.", version=target.version),
                self.paste("snmp"),
            )
        elif not target.secret.priv:
            yield line(tr("SNMP version"), "warn", tr("Version 3 without encryption."), self.paste("snmp"))
        else:
            yield line(tr("SNMP version"), "ok", f"v3 {target.secret.auth} {target.secret.priv}")
        self.platform = self.platform or await self.what_platform()

    async def _ssh(self) -> AsyncIterator[Check]:
        wish, address = self._wish, self._target.address
        shown = await asyncio.to_thread(ssh.check, address, wish.ssh_port, None, None, timeout_s=SSH_S, legacy=wish.legacy)
        if shown.answer != "ok":
            message, way_out = said(shown, "", address, wish.ssh_port)
            yield line("SSH", "fail", message, f"{way_out} {self.paste('ssh')}".strip())
            return
        yield line("SSH", "ok", clean(shown.version, 100))
        pinned = ssh.Pin(shown.algorithm, wish.host_key) if wish.host_key else None
        key = _host_key(shown, wish.host_key)
        await self.seen(shown)
        yield key
        if wish.login is None:
            yield self.no_login()
        if key.status == "fail" or wish.login is None:
            return
        async for check in self._login(wish.login, pinned or ssh.Pin(shown.algorithm, shown.fingerprint)):
            yield check

    async def _login(self, login: ssh.Login, pinned: ssh.Pin) -> AsyncIterator[Check]:
        """Login and privilege. The key that was just seen is the one that may get the secret."""
        command, shell = question(self.platform)
        try:
            tried, printed = await self.try_login(login, pinned, command or "exit", shell or not command)
        except InvalidInputError as error:
            yield line(tr("Login"), "fail", error.message, error.way_out)
            return
        yield line(tr("Login"), "ok" if tried.answer == "ok" else "fail", tried.message, tried.way_out)
        if tried.answer == "ok":
            yield self._privilege(command, printed)

    def _privilege(self, command: str, printed: str) -> Check:
        name = tr("Privilege")
        if not command:
            return line(name, "warn", tr("The platform is not known, so nothing was tried."), tr("Name it with --platform."))
        match judge(self.platform, printed):
            case "reads":
                return line(name, "ok", tr("It may read the configuration."))
            case "refused":
                return line(
                    name, "warn", tr("It may log in, but not read the configuration: {command}", command=command), self.paste("ssh"),
                )
            case _:
                said_last = clean(printed.strip().splitlines()[-1], 80) if printed.strip() else tr("nothing")
                return line(
                    name, "warn", tr("The answer to {command} was not understood: {said}", command=command, said=said_last),
                    tr("Try the command by hand with this login."),
                )

    async def arrived(self, kind: Kind, arrivals: Arrivals) -> Check:
        """Whether its traps or log lines came."""
        name = tr(NAMES[kind])
        if self._wish.listen_s <= 0:
            return line(
                name, "warn", tr("They were not waited for."),
                tr("--listen 60 waits for them; the hub shows those that it hears: yunwang event list --device {host}",
                   host=self._target.address),
            )
        if kind in arrivals.trouble:
            return _trouble(name, arrivals.trouble[kind], self._wish.trap_port if kind == "trap" else self._wish.syslog_port)
        port = arrivals.ports[kind]
        if port.came.is_set():
            return line(name, "ok", tr("They arrive on port {port}.", port=arrivals.numbers[kind]))
        found = tr("None came within {seconds} s on port {port}.", seconds=f"{self._wish.listen_s:g}", port=arrivals.numbers[kind])
        if port.others:
            found += " " + tr("{count} came from other addresses: does it send from another of its own?", count=port.others)
        return line(name, "fail", found, self.paste("trap" if kind == "trap" else "syslog"))

    def paste(self, part: Part) -> str:
        """Where the lines are that this part needs."""
        platform = self.platform if self.platform in platforms() else "PLATFORM"
        return tr("What to paste: {command}", command=f"yunwang device snippet --platform {platform} --part {part}")


async def _platform(target: Target) -> str:
    """Ours for its sysObjectID; empty where that is not clear."""
    from links.snmp.session import open_session

    session = open_session(target)
    try:
        value = (await session.get([SYS_OBJECT_ID]))[0].value
    except (YunwangError, IndexError):
        return ""
    finally:
        await session.close()
    if not isinstance(value, tuple) or value[: len(ENTERPRISES)] != ENTERPRISES or len(value) <= len(ENTERPRISES):
        return ""
    found = [one.name for one in PLATFORMS if value[len(ENTERPRISES)] in one.enterprises]
    return found[0] if len(found) == 1 else ""


def line(name: str, status: CheckStatus, found: str, fix: str = "") -> Check:
    return Check(area=tr("Device"), name=name, status=status, found=found, fix=fix if status != "ok" else "")


async def _icmp(address: str) -> Check:
    try:
        echoes = (await asyncio.to_thread(ping, [address]))[0]
    except ForbiddenError as error:
        return line("ICMP", "warn", error.message, error.way_out)
    return _echoed(address, echoes)


def _echoed(address: str, echoes: Echoes) -> Check:
    times = [one for one in echoes.rtt_ms if not math.isnan(one)]
    if echoes.unreachable:
        return line("ICMP", "fail", tr("There is no way to {address}: {reason}", address=address, reason=echoes.unreachable),
                      tr("Check the route and the firewall in between."))
    if not times:
        return line("ICMP", "fail", tr("{address} does not answer.", address=address),
                      tr("Check the address, the way there, and whether ICMP is let through; SNMP may work all the same."))
    found = tr("{answered} of {asked} echoes, {rtt} ms", answered=len(times), asked=COUNT, rtt=f"{min(times):.1f}")
    return line("ICMP", "ok" if len(times) == COUNT else "warn", found, tr("Echoes are lost: look at the line and at both its ends."))


def _host_key(shown: ssh.Checked, expected: str) -> Check:
    name, seen = tr("Host key"), f"{shown.algorithm} {shown.fingerprint}"
    if expected and expected != shown.fingerprint:
        return line(
            name, "fail", tr("It shows {seen}, not {expected}; nothing was sent.", seen=seen, expected=expected),
            tr("Compare it on the device's own console; if it was replaced, the security officer accepts it: yunwang hostkey accept"),
        )
    if expected:
        return line(name, "ok", seen)
    return line(name, "warn", tr("{seen}, seen for the first time.", seen=seen),
                  tr("Compare it on the device's own console and give it with --host-key."))


def _trouble(name: str, why: str, port: int) -> Check:
    if why == "in-use":
        return line(
            name, "warn", tr("Port {port} is in use: somebody listens already, perhaps our own ears.", port=port),
            tr("Ask the hub what it hears: yunwang event list"),
        )
    if why == "forbidden":
        return line(name, "warn", tr("This account may not listen on port {port}.", port=port),
                      tr("Name the ports that the device sends to: --trap-port, --syslog-port."))
    return line(name, "warn", tr("Port {port} cannot be listened on.", port=port), tr("Name another with --trap-port or --syslog-port."))
