"""The last way back in: on the machine, with the hub stopped, and never in silence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.hub.identity.rescue import rescue
from client import connect
from core.errors import ConflictError, LoginNeededError, NotFoundError
from core.settings import Settings
from stores.records import open_records


async def test_who_cannot_be_helped_otherwise_is_let_in_again(
    settings_of: Callable[..., Settings], tmp_path: Path, hub_of: Callable[..., Any], seeded: Callable[..., Any],
) -> None:
    settings = settings_of(tmp_path)
    people = seeded(settings)
    with pytest.raises(NotFoundError):
        rescue(settings, "nobody-such")
    secret = rescue(settings, "security-officer")
    store = open_records(Path(settings.general.data_dir) / "records.db", readonly=True)
    rows = [row for row in store.journal(limit=1000) if row.action == "user.rescue"]
    assert {(row.actor.endswith("(rescue)"), row.origin.startswith("machine:")) for row in rows} == {(True, True)}
    assert rows[0].after == {"account": "security-officer"}
    assert secret not in str(rows)
    store.close()
    with hub_of(settings):
        with pytest.raises(ConflictError):
            rescue(settings, "security-officer")
        async with connect(settings) as hub:
            hub.identify(people["security-officer"].bearer)
            with pytest.raises(LoginNeededError):
                await hub.accounts.whoami()
            answer = await hub.accounts.login("security-officer", secret)
            assert answer.identity
            assert answer.identity.must_change
