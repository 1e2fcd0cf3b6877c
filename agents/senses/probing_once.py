"""One probe run for somebody at a terminal, without a hub and without a store."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from agents.senses.probing_asks import Way, ask
from agents.senses.secrets import read_locator
from core.probes import NewProbe, Outcome, Probe, ProbeTask
from links.ssh import Login
from monitors.probes.kinds import RULES, check


def once(wanted: NewProbe, user: str, locator: str, host_key: str) -> Outcome:
    """locator: env:NAME or file:PATH of the secret; empty: none. Raises `InvalidInputError` for what cannot be asked."""
    rule = RULES[wanted.kind]
    of_host = wanted.kind == "host"
    check(wanted.replace(
        credential="here" if locator else "", target="" if of_host else wanted.target, object=wanted.target if of_host else "",
        interval_s=max(rule.least_s, wanted.timeout_ms // 1000 + 1),
    ))
    login = Login(user, read_locator(locator).rstrip("\n")) if locator else None
    probe = Probe(
        id="", name=wanted.name, kind=wanted.kind, target=wanted.target, port=wanted.port, timeout_ms=wanted.timeout_ms,
        options=wanted.options,
    )
    threads = ThreadPoolExecutor(1, "probe")
    try:
        return asyncio.run(ask(ProbeTask(probe=probe, object_id="", host=wanted.target, host_key=host_key), Way(threads, set(), login)))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
