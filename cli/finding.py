"""Rows of the hub's record views, and the one that a person means by the short id that a list showed."""

from typing import TypeVar

import msgspec

import client
from core.errors import ConflictError, NotFoundError
from core.i18n import tr
from core.nouns import Noun
from core.views import View, ViewQuery

R = TypeVar("R", bound=Noun)
SHORT = 8
WHOLE = 32
MOST = 5000


def short(object_id: str) -> str:
    """The end of an id: the part that is random."""
    return object_id[-SHORT:]


async def rows(hub: client.Client, view: View, type_: type[R], where: dict[str, str], sort: str, limit: int) -> tuple[list[R], int]:
    """The first rows of a view, and how many there are."""
    page = await hub.view(ViewQuery(view=view, where={k: v for k, v in where.items() if v}, sort=sort, limit=limit or MOST))
    return [msgspec.convert(row, type_) for row in page.rows], page.total


async def found(hub: client.Client, view: View, name: str) -> str:
    """The id that is meant. Raises `NotFoundError`, `ConflictError` when several end so."""
    if len(name) == WHOLE:
        return name
    page = await hub.view(ViewQuery(view=view, sort="-created_at", limit=MOST))
    ids = [str(row["id"]) for row in page.rows if str(row["id"]).endswith(name.lower())] if name else []
    if not ids:
        raise NotFoundError(tr("There is no {name} among the newest.", name=name[:64]), way_out=tr("Name the whole id."))
    if len(ids) > 1:
        raise ConflictError(tr("Several end in {name}.", name=name[:64]), way_out=tr("Name more of the id."))
    return ids[0]
