"""Approvals in a real hub: asked, decided, used in one transaction with what they allow; delegated; expired; every word in the journal."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.hub.approvals import delegating
from agents.hub.hub import Hub
from agents.hub.records import now_ms
from agents.node.records import target
from core.approval import Approval, DelegationWish, Subject, digest_of
from core.approving import Word, expire
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, SettingsError, YunwangError
from core.identity import Caller, Scope
from core.node import Manifest
from core.objects import Site
from core.paths import data_dir
from core.ports import RecordWrite

Who = Callable[..., Caller]
HOUR = 3_600_000


def subject(number: int = 1, **more: object) -> Subject:
    content = {"number": number, "password": "hunter2-secret"}
    return Subject(
        kind="change", object_id="plan", title="Describe a port", content=content, digest=digest_of("change", "plan", content),
    ).replace(**more)


def word(approval: Approval, verdict: str = "approve", text: str = "", behalf: str = "") -> Word:
    return Word(verdict=verdict, digest=approval.digest, text=text, on_behalf_of=behalf)  # type: ignore[arg-type]


def put_site(write: RecordWrite) -> None:
    write.put("change.apply", Site(id="s", name="S", level="city"))


async def apply(hub: Hub, caller: Caller, approval: Approval, digest: str = "") -> Any:
    """Carries out what was approved, in one transaction."""

    def change(write: RecordWrite) -> None:
        put_site(write)
        hub.approvals.use(write, caller, approval.id, digest or approval.digest)

    return await hub.write(caller, change)


async def test_from_asking_to_using(hub: Hub, who: Who) -> None:
    author, approver, other = who("author", "operator"), who("approver", "approver"), who("other", "operator")
    asked = await hub.approvals.ask(author, subject())
    assert (asked.state, asked.rule, asked.steps) == ("open", "change", (("approver",),))
    assert (await hub.approvals.ask(author, subject())).id == asked.id, "asked twice is asked once"
    with pytest.raises(ForbiddenError, match=asked.id):
        await hub.approvals.need("change", "plan", asked.digest)
    with pytest.raises(ConflictError):
        await apply(hub, other, asked)
    commented = await hub.approvals.decide(other, asked.id, word(asked, "comment", "Which port?"))
    assert commented.state == "open"
    approved = await hub.approvals.decide(approver, asked.id, word(asked))
    assert (approved.state, (await hub.approvals.need("change", "plan", asked.digest)).id) == ("approved", asked.id)
    with pytest.raises(ForbiddenError):
        await hub.approvals.need("change", "plan", subject(2).digest)
    with pytest.raises(ConflictError, match="Something else"):
        await apply(hub, other, asked, subject(2).digest)
    with pytest.raises(ForbiddenError, match="author"):
        await apply(hub, author, asked)
    assert hub.store.find("site", "S") is None, "what was refused left nothing behind"
    await apply(hub, other, asked)
    assert hub.store.find("site", "S") is not None
    with pytest.raises(ConflictError):
        await apply(hub, other, asked)
    rows = [row for row in hub.store.journal(0, 1000) if row.object_id == asked.id and row.kind == "approval"]
    assert [row.action for row in rows] == ["approval.ask", "approval.comment", "approval.approve", "approval.use"]
    assert [row.actor for row in rows] == ["author", "other", "approver", "other"]
    assert all(asked.digest in str(row.after) for row in rows[:3]), "each word proves what it was given to"
    assert "hunter2" not in str(rows)
    assert "hunter2" not in str(hub.store.get("approval", asked.id))


async def test_two_that_use_it_at_once_are_one(hub: Hub, who: Who) -> None:
    asked = await hub.approvals.ask(who("author", "operator"), subject())
    await hub.approvals.decide(who("approver", "approver"), asked.id, word(asked))
    people = [who(f"p{number}", "operator") for number in range(8)]
    told = await asyncio.gather(*(apply(hub, one, asked) for one in people), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in told) == 1
    assert all(isinstance(one, ConflictError) for one in told if isinstance(one, Exception))


async def test_refusals_are_journaled(hub: Hub, who: Who) -> None:
    both = who("both", "operator", "approver")
    asked = await hub.approvals.ask(both, subject())
    for person in (both, who("viewer", "viewer"), who("operator", "operator")):
        with pytest.raises(ForbiddenError):
            await hub.approvals.decide(person, asked.id, word(asked))
    refused = [row.actor for row in hub.store.journal(0, 1000) if row.action == "refused"]
    assert refused == ["both", "viewer", "operator"]


async def test_the_place_counts(hub: Hub, who: Who) -> None:
    asked = await hub.approvals.ask(who("author", "operator"), subject(site="S1", unit="U1"))
    with pytest.raises(ForbiddenError):
        await hub.approvals.decide(who("far", "approver", scope=Scope(sites=("S2",))), asked.id, word(asked))
    near = who("near", "approver", scope=Scope(sites=("S1",)))
    assert (await hub.approvals.decide(near, asked.id, word(asked))).state == "approved"
    nowhere = await hub.approvals.ask(who("author", "operator"), subject(2))
    with pytest.raises(ForbiddenError):
        await hub.approvals.decide(near, nowhere.id, word(nowhere))


async def test_a_role_that_was_narrowed_does_not_reach_by_delegation(hub: Hub, who: Who, put_accounts: Callable[..., None]) -> None:
    giver, taker = who("giver", "approver", scope=Scope(sites=("S1",))), who("taker", "operator", "approver", scope=Scope(sites=("S2",)))
    author = who("author", "operator")
    put_accounts(hub, giver, taker, author)
    wish = DelegationWish(taker="taker", role="approver", valid_to=now_ms() + HOUR, reason="holiday")
    given = await delegating.delegate(hub, giver, wish)
    here, there = [await hub.approvals.ask(author, subject(n, site=site)) for n, site in enumerate(("S1", "S3"))]
    with pytest.raises(ForbiddenError):
        await hub.approvals.decide(taker, there.id, word(there))
    done = await hub.approvals.decide(who("taker", "approver"), here.id, word(here, behalf="giver"))
    assert (done.state, done.decisions[0].name, done.decisions[0].on_behalf_of_name) == ("approved", "taker", "giver")
    await delegating.end(hub, taker, given.id)
    again = await hub.approvals.ask(author, subject(9, site="S1"))
    with pytest.raises(ForbiddenError):
        await hub.approvals.decide(who("taker", "approver"), again.id, word(again, behalf="giver"))


async def test_what_a_delegation_may_not_be(hub: Hub, who: Who, put_accounts: Callable[..., None]) -> None:
    officer, auditor, friend = who("officer", "security-officer"), who("auditor", "auditor"), who("friend", "viewer")
    approver = who("approver", "approver")
    put_accounts(hub, officer, auditor, friend, approver)
    good = DelegationWish(taker="friend", role="security-officer", valid_to=now_ms() + HOUR, reason="leave")
    bad: list[tuple[Caller, DelegationWish, type[YunwangError]]] = [
        (officer, good.replace(taker="auditor"), ConflictError),
        (officer, good.replace(taker="nobody"), NotFoundError),
        (officer, good.replace(taker="officer"), InvalidInputError),
        (officer, good.replace(role="approver"), ForbiddenError),
        (officer, good.replace(valid_to=now_ms() - 1), InvalidInputError),
        (officer, good.replace(valid_to=now_ms() + 24 * HOUR * 93), InvalidInputError),
        (officer, good.replace(valid_from=now_ms() + 2 * HOUR), InvalidInputError),
        (officer, good.replace(reason=" "), InvalidInputError),
        (friend, good, ForbiddenError),
    ]
    for person, wish, kind in bad:
        with pytest.raises(kind):
            await delegating.delegate(hub, person, wish)
    given = await delegating.delegate(hub, officer, good)
    with pytest.raises(ForbiddenError):
        await delegating.end(hub, auditor, given.id)
    assert [one.id for one in await delegating.listed(hub)] == [given.id]
    await delegating.end(hub, officer, given.id)
    with pytest.raises(ConflictError):
        await delegating.end(hub, officer, given.id)


async def test_time_ends_requests(hub: Hub, who: Who) -> None:
    asked = await hub.approvals.ask(who("author", "operator"), subject())
    with hub.store.write(who("t").actor, 1) as write:
        write.put("test", hub.store.get("approval", asked.id).replace(expires_at=now_ms() - 1))
    with pytest.raises(ConflictError, match="expired"):
        await hub.approvals.decide(who("approver", "approver"), asked.id, word(asked))
    assert await hub.approvals.expire_now() == 1
    assert (await hub.approvals.get(asked.id)).state == "expired"
    assert expire(asked, asked.expires_at).state == "expired"
    assert (await hub.approvals.ask(who("author", "operator"), subject())).id != asked.id


async def test_withdrawing(hub: Hub, who: Who) -> None:
    author = who("author", "operator")
    asked = await hub.approvals.ask(author, subject())
    with pytest.raises(ForbiddenError):
        await hub.approvals.withdraw(who("other", "operator"), asked.id, "")
    gone = await hub.approvals.withdraw(author, asked.id, "No need any more.")
    assert (gone.state, gone.decisions[-1].text) == ("withdrawn", "No need any more.")
    with pytest.raises(ConflictError):
        await hub.approvals.decide(who("approver", "approver"), asked.id, word(asked))


async def test_a_newer_content_voids_the_older_where_that_is_meant(hub: Hub, who: Who) -> None:
    author, approver = who("author", "operator"), who("approver", "approver")
    first = await hub.approvals.ask(author, subject(1))
    await hub.approvals.decide(approver, first.id, word(first))
    await hub.approvals.ask(author, subject(2, supersedes=True))
    with pytest.raises(ConflictError):
        await apply(hub, approver, first)


async def test_rules_that_cannot_be_read_approve_nothing_and_stop_nothing_else(place: Any, who: Who, tmp_path: Path) -> None:
    file = tmp_path / "approvals.yml"
    place.settings = place.settings.replace(work=place.settings.work.replace(approval_rules=str(file)))
    hub = await place.hub()
    author = who("author", "operator")
    with pytest.raises(SettingsError):
        await hub.approvals.ask(author, subject())
    file.write_text("rules:\n  - name: mine\n    steps: [officer-in-charge]\n")
    assert (await hub.approvals.ask(author, subject())).rule == "mine", "a mended file counts at once"
    file.write_text("rules:\n  - name: mine\n    steps: [boss]\n")
    with pytest.raises(InvalidInputError, match=":3:"):
        await hub.approvals.ask(author, subject(2))


async def test_what_is_asked_has_bounds(hub: Hub, who: Who) -> None:
    author = who("author", "operator")
    for bad in (subject(digest="x"), subject(title=" "), subject(content={"x": "y" * 70_000})):
        with pytest.raises(InvalidInputError):
            await hub.approvals.ask(author, bad)
    with pytest.raises(ForbiddenError):
        await hub.approvals.ask(who("viewer", "viewer"), subject())
    with pytest.raises(NotFoundError):
        await hub.approvals.get("nothing")


async def test_what_could_be_used_before_a_restore_cannot_be_used_after_it(place: Any, who: Who) -> None:
    hub = await place.hub()
    author, approver = who("author", "operator"), who("approver", "approver")
    asked, approved, rejected = [await hub.approvals.ask(author, subject(n)) for n in range(3)]
    approved = await hub.approvals.decide(approver, approved.id, word(approved))
    await hub.approvals.decide(approver, rejected.id, word(rejected, "reject", "no"))
    await place.end(hub)
    manifest = Manifest(format=1, version="1", node="n", made_at=1, revision=1, store="sqlite", schema=1, files=())
    target(place.settings).note(data_dir(place.settings), manifest)
    hub = await place.hub()
    states = {one.id: one.state for one in [await hub.approvals.get(one.id) for one in (asked, approved, rejected)]}
    assert states == {asked.id: "withdrawn", approved.id: "withdrawn", rejected.id: "rejected"}
    with pytest.raises(ConflictError):
        await apply(hub, approver, approved)
