"""Recordings of real devices: the neighbours that they tell must be found. The figure is printed."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from agents.senses.discovery import discover
from core.objects import Link
from core.polling import Session
from monitors.profiles import shipped

LEAST = 0.9


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def found_of(truth: list[dict[str, Any]], links: list[Link]) -> int:
    """How many of the expected links are there: each of ours is one of them at most. By far host and port, else by own port and host."""
    left, missing = list(links), []
    for one in truth:
        known = {one["remote_port"], one["remote_port"].partition(" (")[0]}
        wanted = plain(one["remote_host"]), {plain(text) for text in known}
        hit = next((li for li in left if plain(li.device_b) == wanted[0] and plain(li.port_b) in wanted[1]), None)
        if hit is not None:
            left.remove(hit)
        else:
            missing.append(one)
    for one in list(missing):
        wanted_local = plain(one["local"]), plain(one["remote_host"])
        hit = next((li for li in left if (plain(li.port_a), plain(li.device_b)) == wanted_local), None)
        if hit is not None:
            left.remove(hit)
            missing.remove(one)
    return len(truth) - len(missing)


async def test_links_of_real_devices_are_found(
    truths: list[dict[str, Any]], recorded_device: Callable[[str], Session], capsys: pytest.CaptureFixture[str],
) -> None:
    right = wanted = 0
    worst = []
    for truth in truths:
        if not truth.get("links"):
            continue
        found = await discover(recorded_device(truth["file"]), shipped(), "d", lambda: 1)
        got = found_of(truth["links"], list(found.observed.links))
        right, wanted = right + got, wanted + len(truth["links"])
        if got < len(truth["links"]):
            worst.append(f"{truth['file']} {got}/{len(truth['links'])}")
    with capsys.disabled():
        print(f"\nrecordings: links {right}/{wanted} {', '.join(worst)}")  # noqa: T201
    assert wanted > 50
    assert right / wanted >= LEAST
