"""What rules watch of a device when rules or the device become others: only of one discovered whole, also where it had been nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.senses.entry import Entry
from agents.senses.roster import Roster
from core.messages import Assign, Observed
from core.objects import CredentialRef, Device
from core.polling import PollPlan, TablePlan
from core.sections import Polling
from core.signals import Alert
from monitors.discovery import Discovered
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.profiles import Catalogue
from monitors.rules.binding import NOTHING
from monitors.rules.book import Book
from monitors.rules.fleet import Fleet, Member
from monitors.rules.reading import read_rules

T0 = 1_700_000_000_000
HOT = "rules:\n  hot: {kind: threshold, metric: m, above: 90, severity: major, where: {name: 'LD-*'}}\n"
COLD = HOT.replace("hot", "cold").replace("above: 90", "below: 5")


def book(text: str) -> Book:
    return Book({rule.name: rule for rule in read_rules("own.yml", text)})


class Sweeper:
    """Keeps what it was handed over last."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def assign(self, entries: list[Entry], _open_alerts: object, _unusable: object) -> None:
        self.entries = entries

    def saw(self, *_what: object) -> None:
        return


def discovered(*, complete: bool) -> Discovered:
    """A device of one column with one row."""
    plan = PollPlan(scalars=((1, 3, 0),), tables=(TablePlan(columns=((1, 9),), indexes=((1,),), by_name=True),))
    table = TableMeaning(table="t", columns=(ColumnMeaning(name="m", metric="m"),), labels=("a",))
    return Discovered(
        observed=Observed(device_id="d", at_ms=5, interfaces=(), facts=(), links=()), profiles=(), marks=(), complete=complete,
        polled=Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,))),
    )


@pytest.fixture
def community(tmp_path: Path) -> CredentialRef:
    (tmp_path / "c").write_text("public\n")
    (tmp_path / "c").chmod(0o600)
    return CredentialRef(id="c", name="c", kind="snmp-community", locator=f"file:{tmp_path / 'c'}")


def assigned(name: str, community: CredentialRef) -> Assign:
    device = Device(id="d", name=name, address="127.0.0.1", site="s", role="access", credential="c")
    return Assign(revision=1, devices=(device,), credentials=(community,))


def made(rules: str) -> tuple[Roster, Sweeper]:
    sweeper = Sweeper()
    never: Any = None
    return Roster(Polling(), Catalogue(()), sweeper, lambda _observed: None, never, book(rules)), sweeper


def watched(sweeper: Sweeper) -> list[str]:
    (entry,) = sweeper.entries
    return [entry.checks.key(row)[0] for row in range(len(entry.checks))]


async def test_a_device_of_which_nothing_was_watched_comes_under_a_rule_with_its_new_name(community: CredentialRef) -> None:
    roster, sweeper = made(HOT)
    roster.assign(assigned("QT-1", community), {})
    entry = roster.entry_of("d")
    assert entry is not None
    roster.take(entry, discovered(complete=True))
    roster.assign(assigned("QT-1", community), {})
    assert watched(sweeper) == []
    (known,) = sweeper.entries
    assert known.checks is not NOTHING
    roster.assign(assigned("LD-1", community), {})
    assert watched(sweeper) == ["hot"]
    roster.assign(assigned("QT-2", community), {})
    assert watched(sweeper) == []
    await roster.close()


async def test_what_was_left_open_of_a_device_that_is_watched_no_longer_ends(community: CredentialRef) -> None:
    roster, sweeper = made(HOT)
    roster.assign(assigned("QT-1", community), {})
    left = {"d": [Alert(id="x", rule="hot", device_id="d", instance="a", severity="major", raised_at=T0)]}
    fleet = Fleet(["hot"])
    assert fleet.assign([Member("d", sweeper.entries[0].checks, 0)], left, T0 + 1) == (), "nothing is known of it yet"
    entry = roster.entry_of("d")
    assert entry is not None
    roster.take(entry, discovered(complete=True))
    roster.assign(assigned("QT-1", community), {})
    assert [alert.id for alert in fleet.assign([Member("d", sweeper.entries[0].checks, 0)], left, T0 + 2)] == ["x"]
    await roster.close()


@pytest.mark.parametrize("complete", [True, False])
async def test_new_rules_wait_for_what_is_not_discovered_whole(community: CredentialRef, complete: bool) -> None:
    """A part of its rows would end the alerts of those that are not found yet."""
    roster, sweeper = made(HOT)
    roster.assign(assigned("LD-1", community), {})
    entry = roster.entry_of("d")
    assert entry is not None
    roster.take(entry, discovered(complete=complete))
    roster.judge_by(book(COLD))
    async with asyncio.timeout(20):
        while not sweeper.entries or sweeper.entries[0].polled is entry.polled:  # noqa: ASYNC110 - a task of the roster's hands it over
            await asyncio.sleep(0)
    assert watched(sweeper) == (["cold"] if complete else [])
    (known,) = sweeper.entries
    assert (known.checks is NOTHING) is not complete
    assert [one.known for one in roster.watched()] == [complete], "nor ends what a longer look had raised"
    await roster.close()
