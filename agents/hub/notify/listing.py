"""The list of messages in the records: what is read at the start, and what is too old for it."""

from typing import TYPE_CHECKING

import msgspec

from agents.hub.notify.delivery import NOTIFIER
from agents.hub.records import in_thread
from core.notices import Message
from core.ports import ListQuery, RecordStore, RecordWrite

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_RECENT, MOST_FORGOTTEN = 5000, 1000


def recent(store: RecordStore, since: int) -> list[Message]:
    """Those since then, and those that still wait; oldest first."""
    page = store.page("notice", ListQuery(sort="-created_at", limit=MOST_RECENT))
    found = [msgspec.convert(item, Message) for item in page.items]
    return [one for one in reversed(found) if one.created_at > since or one.state == "waiting"]


async def forget(hub: "Hub", before: int) -> int:
    """Takes old messages from the list; the audit trail keeps them. How many."""
    page = await in_thread(hub.store.page, "notice", ListQuery(sort="created_at", limit=MOST_FORGOTTEN))
    old = [item["id"] for item in page.items if item["created_at"] < before and item.get("state", "waiting") != "waiting"]

    def change(write: RecordWrite) -> None:
        for one in old:
            write.delete("notify.forget", "notice", one)

    if old:
        await hub.commits.write(NOTIFIER, change)
    return len(old)
