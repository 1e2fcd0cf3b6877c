"""Kinds whose wires block, or load large libraries: databases, hosts by SSH, clouds, Prometheus. Each in a thread of the probes' own."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from core.i18n import tr
from core.probes import RTT, Figure, Outcome, ProbeTask
from links.probes.failing import ProbeFailure
from links.ssh import Checked, Login, Pin
from monitors.probes import cloud, host, prometheus, rows
from monitors.probes.kinds import RULES, place_of

if TYPE_CHECKING:
    from agents.senses.probing_asks import Ask, Way

T = TypeVar("T")
MOST_ANSWER = 4 * 1024 * 1024


async def _threaded(task: ProbeTask, way: "Way", work: Callable[[], T]) -> T:
    """A thread that was given up goes on until its wire ends by itself: until then the same probe gets no other one."""
    name = task.probe.name
    if name in way.busy:
        raise ProbeFailure("no-answer", tr("The run before has not ended yet."))
    way.busy.add(name)

    def run() -> T:
        try:
            return work()
        finally:
            way.busy.discard(name)

    try:
        future = way.blocking.submit(run)
    except RuntimeError:  # it is being stopped
        way.busy.discard(name)
        raise ProbeFailure("unusable") from None
    future.add_done_callback(lambda done: way.busy.discard(name) if done.cancelled() else None)
    return await asyncio.wrap_future(future)


def _login(way: "Way") -> Login:
    if way.login is None:
        raise ProbeFailure("unusable", tr("Its credential cannot be read."))
    return way.login


@contextlib.contextmanager
def _authority(task: ProbeTask) -> Iterator[str]:
    """The path of a file with the PEM text of the definition; empty: there is none."""
    text = task.probe.options.get("authority", "")
    if not text:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="yunwang-") as folder:
        path = Path(folder) / "authority.pem"
        path.write_text(text, "ascii", "replace")
        yield str(path)


async def _sql(task: ProbeTask, way: "Way") -> Outcome:
    from links.probes.sql import Access, first_row

    options, login, begun = task.probe.options, _login(way), time.perf_counter()
    with _authority(task) as authority:
        access = Access(
            task.host, task.probe.port or RULES["sql"].port, options["database"], login.username, login.secret.split("\n")[0],
            options.get("tls", "prefer"), authority,
        )
        row: Mapping[str, Any] = await first_row(access, options["statement"].rstrip().rstrip(";"), task.probe.timeout_ms / 1000)
    rtt = Figure(metric=RTT, value=(time.perf_counter() - begun) * 1000)
    if not row:
        return Outcome(answer="wrong-content", said=tr("The statement gave no row."), figures=(rtt,))
    try:
        return Outcome(answer="ok", figures=(rtt, *rows.figures(row, time.time_ns() // 1_000_000, task.about)))
    except ValueError as error:
        raise ProbeFailure("wrong-content", str(error)) from None


async def _host(task: ProbeTask, way: "Way") -> Outcome:
    from links.probes.shell import ShellFailure, printed

    login, begun = _login(way), time.perf_counter()
    if task.host_key == "changed":
        return Outcome(answer="host-key-changed")
    algorithm, _, fingerprint = task.host_key.partition(" ")
    pinned = Pin(algorithm, fingerprint) if fingerprint else None
    try:
        found = await _threaded(task, way, lambda: printed(
            task.host, task.probe.port or RULES["host"].port, login, pinned, host.COMMAND, timeout_s=task.probe.timeout_ms / 1000,
            legacy=way.legacy,
        ))
    except ShellFailure as end:
        return Outcome(answer=end.answer, said=end.said, facts=_shown(end.checked))
    said = host.sections(found.text)
    rtt = Figure(metric=RTT, value=(time.perf_counter() - begun) * 1000)
    return Outcome(answer="ok", figures=(rtt, *host.figures(said)), facts={**host.facts(said), **_shown(found.checked)})


def _shown(checked: Checked) -> dict[str, str]:
    return {"host_key": f"{checked.algorithm} {checked.fingerprint}"} if checked.fingerprint else {}


async def _openstack(task: ProbeTask, way: "Way") -> Outcome:
    """Hypervisors, machines by state and quotas; gives up between two pages once its time is over."""
    login, deadline, begun = _login(way), time.monotonic() + task.probe.timeout_ms / 1000, time.perf_counter()

    def read() -> list[Figure]:
        from links.openstack import CloudAccess, CloudReader

        options = task.probe.options
        with _authority(task) as authority:
            reader = CloudReader(CloudAccess(
                auth_url=task.host, username=login.username, project=options.get("project") or "admin",
                domain=options.get("domain") or "Default", region=options.get("region", ""), authority=authority,
                application=options.get("login") == "application-credential",
            ), login.secret)
            try:
                found: dict[str, list[dict[str, Any]]] = {}
                for kind in ("project", "host", "vm", "quota"):
                    found[kind] = []
                    for page in reader.pages(kind):
                        found[kind] += page
                        if time.monotonic() > deadline:
                            raise ProbeFailure("no-answer")
            finally:
                reader.close()
        return [*cloud.hypervisors(found["host"]), *cloud.machines(found["vm"]), *cloud.quotas(found["quota"])]

    figures = await _threaded(task, way, read)
    return Outcome(answer="ok", figures=(Figure(metric=RTT, value=(time.perf_counter() - begun) * 1000), *figures))


async def _prometheus(task: ProbeTask, way: "Way") -> Outcome:
    from agents.senses.probing_asks import authorization
    from links import bounded

    options, begun, timeout_s = task.probe.options, time.perf_counter(), task.probe.timeout_ms / 1000
    place_of(task.host)
    if way.login and bounded.travels_in_the_clear(task.host):
        raise ProbeFailure("unusable", tr("Its credential would travel where others can read it."))

    def read() -> Any:
        with _authority(task) as authority:
            site = bounded.Site(task.host, authority, timeout_s, timeout_s, MOST_ANSWER)
            headers = {"authorization": authorization(way.login)} if way.login else {}
            query = urlencode({"query": options["query"], "timeout": f"{timeout_s:.0f}s"})
            with bounded.session(site) as session:
                return bounded.get_json(session, site, f"/api/v1/query?{query}", headers=headers)

    body = await _threaded(task, way, read)
    labels = tuple(name for name in options.get("labels", "").replace(",", " ").split() if name)
    figures = prometheus.figures(body, options["metric"], labels)
    answer = "ok" if figures else "wrong-content"
    rtt = Figure(metric=RTT, value=(time.perf_counter() - begun) * 1000)
    return Outcome(answer=answer, said="" if figures else tr("The query gave no value."), figures=(rtt, *figures))  # type: ignore[arg-type]


BLOCKING: "dict[str, Ask]" = {"sql": _sql, "host": _host, "openstack": _openstack, "prometheus": _prometheus}
