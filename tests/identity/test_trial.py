"""The trial: thirty days from the first start, three personas, and the end of it."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.hub.identity.trial import BANNER, DAY_MS, FILE, Remembered, Trial
from agents.places import prepare
from client import connect
from core.errors import ConflictError, ForbiddenError, InvalidInputError, LoginNeededError
from core.identity import Actor, Founding, NewAccount, NewGrant, NewToken, Officer
from core.settings import Settings

NOW = 1_800_000_000_000
ROOT = Actor(name="root", uid=os.geteuid(), origin="unix:1")
OFFICERS = (
    Officer(role="system-administrator", name="wang", display_name="王伟"), Officer(role="security-officer", name="li"),
    Officer(role="auditor", name="zhao"),
)
CITY = Founding(unit="City data bureau", officers=OFFICERS)


@pytest.fixture(scope="module")
def trial(settings_of: Callable[..., Settings], hub_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A hub on its first day, for both tests: the second one ends its trial."""
    settings = settings_of(tmp_path_factory.mktemp("trial"))
    with hub_of(settings):
        yield settings


def over(trial: Trial, now: int) -> bool:
    caller = trial.caller(ROOT, "auditor", now)
    assert caller is not None
    return caller.trial_over


def test_it_lasts_thirty_days_whatever_the_clock_says_later(tmp_path: Path) -> None:
    trial = Trial(tmp_path, NOW)
    assert not over(trial, NOW + 30 * DAY_MS - 1)
    assert over(trial, NOW + 30 * DAY_MS)
    trial.look(NOW + 29 * DAY_MS)
    back = Trial(tmp_path, NOW - 300 * DAY_MS)
    assert back.until == NOW + 30 * DAY_MS
    assert not over(back, NOW - 300 * DAY_MS)
    back.look(NOW + 31 * DAY_MS)
    assert over(Trial(tmp_path, NOW), NOW), "a clock that is set back does not prolong it"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"begun_at": "x"}', b"\xff" * 100])
def test_a_damaged_memory_of_it_is_no_new_beginning(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert over(Trial(tmp_path, NOW), NOW)


def test_it_is_for_who_runs_the_hub_and_ends_for_good(tmp_path: Path) -> None:
    trial = Trial(tmp_path, NOW)
    assert trial.caller(ROOT.replace(uid=54321), "auditor", NOW) is None
    assert trial.caller(ROOT.replace(uid=-1), "auditor", NOW) is None
    with pytest.raises(ForbiddenError):
        trial.caller(ROOT, "operator", NOW)
    trial.end(NOW)
    assert trial.caller(ROOT, "auditor", NOW) is None
    assert Trial(tmp_path, NOW).caller(ROOT, "auditor", NOW) is None
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


async def test_the_first_hour(trial: Settings) -> None:
    async with connect(trial) as hub:
        who = await hub.accounts.whoami()
        assert (who.trial, who.roles, len(who.personas)) == (True, ("system-administrator",), 3)
        assert who.trial_until > time.time() * 1000
        assert (await hub.overview()).banner == BANNER
        assert await hub.export("site")
        for name, change in (
            ("account", hub.accounts.add(NewAccount(name="somebody"))), ("token", hub.accounts.add_token(NewToken(name="x"))),
            ("secret", hub.accounts.change_secret("", "Kx7#mPq2vL")), ("factor", hub.accounts.enrol()),
        ):
            with pytest.raises(ForbiddenError, match="trial"):
                await change
            assert name
        hub.accounts.use_persona("security-officer")
        with pytest.raises(ForbiddenError, match=r"inventory\.import"):
            await hub.import_file("sites.csv", b"name,level,county\nJY-2,county,Jinyun\n")
        with pytest.raises((ForbiddenError, ConflictError, LookupError)):
            await hub.accounts.grant(NewGrant(account="x", role="viewer"))
        hub.accounts.use_persona("viewer")
        with pytest.raises(ForbiddenError, match="persona"):
            await hub.accounts.whoami()
        hub.accounts.use_persona("nonsense")
        with pytest.raises(InvalidInputError):
            await hub.accounts.whoami()
    rows = await _audit(trial)
    assert {row["actor"] for row in rows if row["action"] in ("inventory.export", "refused")} == {f"{_me()} (trial)"}


async def _audit(settings: Settings) -> list[dict[str, Any]]:
    """What the records' journal says, read from the file itself."""
    from stores.records import open_records

    store = open_records(Path(settings.general.data_dir) / "records.db", readonly=True)
    rows = [msgspec.to_builtins(row) for row in store.journal(limit=10_000)]
    store.close()
    return rows


def _me() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


async def test_founding_ends_it(trial: Settings) -> None:
    async with connect(trial) as hub:
        for wrong in (
            CITY.replace(unit=" "), CITY.replace(officers=OFFICERS[:2]), CITY.replace(officers=(*OFFICERS, OFFICERS[0])),
            CITY.replace(officers=(OFFICERS[0], OFFICERS[1], OFFICERS[2].replace(name="wang"))),
            CITY.replace(officers=(OFFICERS[0], OFFICERS[1], OFFICERS[2].replace(name="Zhao Wu"))),
            CITY.replace(officers=(OFFICERS[0].replace(uid=0), *OFFICERS[1:])),
        ):
            with pytest.raises(InvalidInputError):
                await hub.accounts.found(wrong)
        made = await hub.accounts.found(CITY)
        assert [one.name for one in made] == ["wang", "li", "zhao"]
        assert len({one.secret for one in made}) == 3
        assert (await _error(hub.accounts.whoami())) is LoginNeededError
        assert (await _error(hub.accounts.found(CITY))) is LoginNeededError
        secrets = {one.name: one.secret for one in made}
        answer = await hub.accounts.login("wang", secrets["wang"])
        assert answer.identity
        assert (answer.identity.must_change, answer.identity.trial) == (True, False)
        with pytest.raises(ForbiddenError, match="password must be changed"):
            await hub.overview()
        await hub.accounts.change_secret(secrets["wang"], "Kx7#mPq2vL")
        with pytest.raises(ForbiddenError, match="second factor"):
            await hub.overview()
    rows = str(await _audit(trial))
    assert not any(secret in rows for secret in secrets.values())
    assert "argon2" not in rows


async def _error(question: Any) -> type[BaseException]:
    with pytest.raises(ForbiddenError) as found:
        await question
    return type(found.value)


async def test_when_its_days_are_over(settings_of: Callable[..., Settings], tmp_path: Path, hub_of: Callable[..., Any]) -> None:
    settings = settings_of(tmp_path)
    prepare(settings)
    begun = time.time_ns() // 1_000_000 - 31 * DAY_MS
    (Path(settings.general.data_dir) / FILE).write_bytes(msgspec.json.encode(Remembered(begun_at=begun, seen_at=begun)))
    with hub_of(settings):
        async with connect(settings) as hub:
            assert (await hub.accounts.whoami()).trial
            with pytest.raises(ForbiddenError, match="30 days are over") as found:
                await hub.overview()
            assert "yunwang setup" in found.value.way_out
            assert await hub.export("site")
            assert len(await hub.accounts.found(CITY)) == 3
