"""One run of one probe: the wire of its kind, and what its answer means. Lives in the loop of the probes, never in that of the polling."""

import asyncio
import contextlib
import ipaddress
import os
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import NamedTuple
from urllib.parse import urljoin

from core.errors import ForbiddenError, InvalidInputError, NoAnswerError, UnavailableError, YunwangError
from core.i18n import tr
from core.probes import (
    CERTIFICATE,
    DNS_ANSWERS,
    HTTP_BYTES,
    HTTP_STATUS,
    NTP_DELAY,
    NTP_OFFSET,
    NTP_STRATUM,
    OURS,
    RTT,
    UP,
    Answer,
    Figure,
    Outcome,
    ProbeTask,
)
from core.width import clean
from links.probes import certificates, datagram, http, streams
from links.probes.failing import MOST_SAID, ProbeFailure
from links.ssh import Login
from monitors.probes import dns, ntp, pages
from monitors.probes.kinds import RULES, Place, place_of

DAY_MS = 86_400_000
MOST_BANNER, MOST_LINES = 1024, 30
AGENT = "yunwang-probe"


class Way(NamedTuple):
    """What a run may use. login: user (empty for a token) and secret. blocking: threads for wires that block."""

    blocking: Executor
    busy: set[str]
    """Names of probes whose threads have not ended, shared by all runs."""
    login: Login | None = None
    legacy: bool = False
    """Also the broken algorithms of SSH."""


Ask = Callable[[ProbeTask, Way], Awaitable[Outcome]]


async def ask(task: ProbeTask, way: Way) -> Outcome:
    """What came of it; never raises but for being cancelled, and takes no longer than the probe's timeout."""
    from agents.senses.probing_blocking import BLOCKING

    begun, at_ms = time.monotonic(), time.time_ns() // 1_000_000
    asks: dict[str, Ask] = {"icmp": _icmp, "tcp": _tcp, "http": _http, "dns": _dns, "ntp": _ntp, "ssh": _ssh, **BLOCKING}
    try:
        async with asyncio.timeout(task.probe.timeout_ms / 1000):
            found = await asks[task.probe.kind](task, way)
    except ProbeFailure as end:
        found = Outcome(answer=end.answer, said=end.said)
    except TimeoutError as error:
        found = Outcome(answer="no-answer", said=error.message if isinstance(error, YunwangError) else "")
    except YunwangError as error:
        found = Outcome(answer=_answer(error), said=clean(str(error), MOST_SAID))
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        found = Outcome(answer="nonsense", said=clean(str(error), MOST_SAID))
    return finished(found, at_ms, int((time.monotonic() - begun) * 1000))


def finished(found: Outcome, at_ms: int, took_ms: int) -> Outcome:
    """With the figure that every answer of a target has: whether it is up."""
    up = () if found.answer in OURS or found.figure(UP) is not None else (Figure(metric=UP, value=float(found.answer == "ok")),)
    return found.replace(figures=(*up, *found.figures), at_ms=at_ms, took_ms=took_ms)


def _answer(error: YunwangError) -> Answer:
    if isinstance(error, InvalidInputError):
        return "unusable"
    if isinstance(error, ForbiddenError):
        return "refused"
    if isinstance(error, NoAnswerError):
        return "no-answer"
    return "bad-certificate" if isinstance(error, UnavailableError) else "nonsense"


def port_of(task: ProbeTask) -> int:
    return task.probe.port or RULES[task.probe.kind].port


async def _icmp(task: ProbeTask, way: Way) -> Outcome:
    from links.probes.icmp import ping

    options, loop = task.probe.options, asyncio.get_running_loop()
    count, spacing_s = int(options.get("count", "3")), int(options.get("spacing_ms", "200")) / 1000
    wait_s = max(0.05, task.probe.timeout_ms / 1000 - count * spacing_s - 0.2)
    address = await _address(task.host)
    try:
        (echoes,) = await loop.run_in_executor(way.blocking, lambda: ping(
            [address], count=count, spacing_s=spacing_s, timeout_s=wait_s, size=int(options.get("size", "56")),
        ))
    except ForbiddenError as error:  # our own system, not the target
        return Outcome(answer="unusable", said=str(error))
    return echoed(echoes.rtt_ms, echoes.unreachable)


def echoed(rtt_ms: tuple[float, ...], unreachable: str) -> Outcome:
    """What echoes to one target came to."""
    from monitors.probes.echoes import figures

    found = figures(rtt_ms)
    came = bool(found[0].value)
    answer: Answer = "ok" if came else "unreachable" if unreachable else "no-answer"
    return Outcome(answer=answer, said="" if came else unreachable, figures=found)


async def _address(host: str) -> str:
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host))
    from links.probes.failing import explained

    with explained():
        return str((await asyncio.get_running_loop().getaddrinfo(host, 0))[0][4][0])


async def _tcp(task: ProbeTask, _way: Way) -> Outcome:
    options = task.probe.options
    name = options.get("host") or task.host
    tls = streams.Tls(name, options.get("verify") != "no", options.get("authority", "")) if options.get("tls") == "yes" else None
    try:
        return await _said(task, tls)
    except ProbeFailure as end:
        if end.answer != "bad-certificate":
            raise
        facts, figures = _certificate(await streams.certificate_of(task.host, port_of(task), name))
        return Outcome(answer="bad-certificate", said=end.said, facts=facts, figures=figures)


async def _said(task: ProbeTask, tls: streams.Tls | None) -> Outcome:
    """Whether it accepts, and says what it should without being asked."""
    wanted, heard = task.probe.options.get("contains", ""), bytearray()
    async with streams.opened(task.host, port_of(task), tls) as stream:
        while wanted and not pages.holds(bytes(heard), wanted) and len(heard) < MOST_BANNER:
            with contextlib.suppress(OSError):
                if piece := await stream.reader.read(MOST_BANNER - len(heard)):
                    heard += piece
                    continue
            break
    facts, figures = _certificate(stream.certificate)
    said = clean(heard.decode("utf-8", "replace"), MOST_SAID).strip()
    right = pages.holds(bytes(heard), wanted)
    return Outcome(
        answer="ok" if right else "wrong-content", said=said, figures=(Figure(metric=RTT, value=stream.rtt_ms), *figures), facts=facts,
    )


async def _http(task: ProbeTask, way: Way) -> Outcome:
    """Follows redirects only on the same host, and only as often as the definition says."""
    options = task.probe.options
    host = f"[{task.host}]" if ":" in task.host and "://" not in task.host else task.host
    url = task.host if "://" in task.host else f"http://{host}{f':{task.probe.port}' if task.probe.port else ''}/"
    place, left = place_of(url), int(options.get("follow", "0"))
    while True:
        try:
            page = await http.fetch(_wanted(place, task, way))
        except ProbeFailure as end:
            if end.answer != "bad-certificate":
                raise
            der = await streams.certificate_of(place.host, place.port, options.get("host") or place.host)
            facts, figures = _certificate(der)
            return Outcome(answer="bad-certificate", said=end.said, facts=facts, figures=figures)
        to = page.headers.get("location", "")
        if page.status not in (301, 302, 303, 307, 308) or not to or not left:
            break
        following = place_of(urljoin(url, to[:2000]))
        if following.host != place.host or (place.scheme == "https" and following.scheme == "http"):
            return Outcome(answer="wrong-status", said=clean(f"{page.status} -> {to}", MOST_SAID))
        place, url, left = following, urljoin(url, to[:2000]), left - 1
    verdict = pages.judged(page.status, page.body, page.whole, options)
    facts, figures = _certificate(page.certificate)
    if server := page.headers.get("server"):
        facts["server"] = clean(server, 100)
    figures = (
        Figure(metric=RTT, value=page.total_ms), Figure(metric=HTTP_STATUS, value=float(page.status)),
        Figure(metric=HTTP_BYTES, value=float(len(page.body))), *figures,
    )
    return Outcome(answer=verdict.answer, said=clean(verdict.said, MOST_SAID), facts=facts, figures=figures)


def _wanted(place: Place, task: ProbeTask, way: Way) -> http.Wanted:
    options = task.probe.options
    name = options.get("host") or place.host
    usual = place.port == (443 if place.scheme == "https" else 80)
    shown = f"[{name}]" if ":" in name else name
    headers = {
        "Host": shown if usual else f"{shown}:{place.port}", "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity",
        "Connection": "close", **({"Authorization": authorization(way.login)} if way.login else {}),
    }
    verify = options.get("verify") != "no"
    if way.login and (place.scheme != "https" or not verify) and not _is_here(place.host):
        raise ProbeFailure("unusable", tr("Its credential would travel where others can read it."))
    tls = streams.Tls(name, verify, options.get("authority", "")) if place.scheme == "https" else None
    return http.Wanted(place.host, place.port, place.path, tls, options.get("method", "GET"), headers)


def authorization(login: Login) -> str:
    """Basic with a user, else a bearer's token (RFC 7617, 6750)."""
    if not login.username:
        return f"Bearer {login.secret.strip()}"
    return "Basic " + b64encode(f"{login.username}:{login.secret}".encode()).decode()


def _is_here(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _certificate(der: bytes) -> tuple[dict[str, str], tuple[Figure, ...]]:
    found = certificates.shown(der) if der else None
    if found is None:
        return {}, ()
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(found.until_ms / 1000))
    facts = {"expires": expires, "subject": found.subject, "issuer": found.issuer, "names": " ".join(found.names)[:400]}
    return facts, (Figure(metric=CERTIFICATE, value=(found.until_ms - time.time_ns() // 1_000_000) / DAY_MS),)


async def _dns(task: ProbeTask, _way: Way) -> Outcome:
    options = task.probe.options
    asked = dns.question(options["name"], options.get("type", "A"), int.from_bytes(os.urandom(2), "big"))
    answer = await datagram.asked(task.host, port_of(task), asked, lambda data: dns.fits(asked, data))
    said = dns.read(asked, answer.data)
    if said.truncated:
        said = dns.read(asked, await datagram.asked_by_stream(task.host, port_of(task), asked))
    figures = (Figure(metric=RTT, value=answer.rtt_ms), Figure(metric=DNS_ANSWERS, value=float(len(said.records))))
    facts = {"answers": " ".join(said.records)[:400], **({"ttl": str(said.ttl_s)} if said.ttl_s >= 0 else {})}
    wanted = set(options.get("expect", "").replace(",", " ").lower().split())
    if said.code != "NOERROR" or not said.records:
        return Outcome(answer="wrong-content", said=said.code, figures=figures)
    if not wanted <= {record.lower() for record in said.records}:
        return Outcome(answer="wrong-content", said=facts["answers"][:MOST_SAID], figures=figures, facts=facts)
    return Outcome(answer="ok", figures=figures, facts=facts)


async def _ntp(task: ProbeTask, _way: Way) -> Outcome:
    nonce = os.urandom(8)
    answer = await datagram.asked(task.host, port_of(task), ntp.question(nonce), lambda data: ntp.fits(nonce, data))
    found = ntp.read(answer.data, answer.sent_ns, answer.came_ns)
    figures = (Figure(metric=RTT, value=answer.rtt_ms), Figure(metric=NTP_STRATUM, value=float(found.stratum)))
    facts = {"reference": found.reference, "stratum": str(found.stratum)}
    if found.leap == ntp.UNSYNCHRONISED or found.stratum > 15:
        return Outcome(answer="wrong-content", said=tr("Its clock is not synchronised."), figures=figures, facts=facts)
    more = (Figure(metric=NTP_OFFSET, value=found.offset_ms), Figure(metric=NTP_DELAY, value=found.delay_ms))
    return Outcome(answer="ok", figures=(*figures, *more), facts=facts)


async def _ssh(task: ProbeTask, _way: Way) -> Outcome:
    """The identification string (RFC 4253, 4.2), before which a server may send other lines."""
    begun, wanted = time.perf_counter(), task.probe.options.get("contains", "")
    async with streams.opened(task.host, port_of(task)) as stream:
        for _ in range(MOST_LINES):
            said = await streams.line(stream.reader, MOST_BANNER)
            if said.startswith(b"SSH-"):
                break
        else:
            raise ProbeFailure("nonsense", "no identification string")
    figures = (Figure(metric=RTT, value=(time.perf_counter() - begun) * 1000),)
    banner = clean(said.decode("utf-8", "replace"), MOST_SAID)
    right = pages.holds(said, wanted)
    return Outcome(answer="ok" if right else "wrong-content", said="" if right else banner, figures=figures, facts={"server": banner})
