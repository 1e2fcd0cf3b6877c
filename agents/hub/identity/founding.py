"""The first accounts: the unit that runs the hub, and one person for each of the three offices. It happens once, and ends the trial."""

from typing import TYPE_CHECKING

from agents.hub.identity.accounts import check_name
from agents.hub.identity.hashing import one_time_secret
from agents.hub.identity.writing import Writing
from core.errors import ConflictError, InvalidInputError
from core.i18n import tr
from core.identity import OFFICES, Account, AccountSecret, Caller, Founding, Grant, Officer, OneTimeSecret
from core.nouns import new_id
from core.objects import Unit

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities


def check(founding: Founding) -> None:
    """Raises `InvalidInputError` for what cannot be founded: setup may ask before a hub runs."""
    if not founding.unit.strip() or len(founding.unit) > 128:
        raise InvalidInputError(tr("The unit that runs this hub needs a name."))
    if sorted(officer.role for officer in founding.officers) != sorted(OFFICES):
        raise InvalidInputError(
            tr("Each of the three offices needs one person."), way_out=tr("Offices: {roles}.", roles=", ".join(OFFICES)),
        )
    for officer in founding.officers:
        check_name(officer.name)
        if officer.uid == 0:
            raise InvalidInputError(tr("The system's root is no person."), way_out=tr("Name the uid of a person's own system account."))
    uids = [officer.uid for officer in founding.officers if officer.uid >= 0]
    if len({officer.name for officer in founding.officers}) < len(OFFICES) or len(set(uids)) < len(uids):
        raise InvalidInputError(tr("The three offices are three persons."), way_out=tr("Give each its own name and uid."))


async def found(part: "Identities", caller: Caller, founding: Founding, now_ms: int) -> tuple[OneTimeSecret, ...]:
    """Makes them in one transaction. Each secret is shown once, opens its account for seven days, and must be changed at first."""
    check(founding)
    secrets = {officer.name: one_time_secret() for officer in founding.officers}
    hashes = {name: await part.hashing.make(secret) for name, secret in secrets.items()}

    def change(write: Writing) -> None:
        if part.people.accounts:
            raise ConflictError(
                tr("There are accounts already."), way_out=tr("Log in with `yunwang login`; `yunwang user add` makes more."),
            )
        unit = founding.unit.strip()
        if write.find("unit", unit) is None:
            write.put_unit("setup.found", Unit(id=new_id(now_ms), name=unit, level=founding.level))
        for officer in founding.officers:
            _put(write, officer, unit, hashes[officer.name], now_ms)

    async with part.turn:
        await part.commit(caller.actor, change)
        part.trial.end(now_ms)
    return tuple(OneTimeSecret(name=name, secret=secret) for name, secret in secrets.items())


def _put(write: Writing, officer: Officer, unit: str, hashed: str, now_ms: int) -> None:
    account = Account(
        id=new_id(now_ms), name=officer.name, display_name=officer.display_name[:64], unit=unit, uid=officer.uid, must_change=True,
        created_at=now_ms,
    )
    write.put("setup.found", account)
    write.put("setup.found", AccountSecret(id=account.id, secret_hash=hashed, secret_at=now_ms))
    write.put("setup.found", Grant(id=new_id(now_ms), account=account.id, role=officer.role))
