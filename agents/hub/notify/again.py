"""A message sent once more: one that still waits is tried at once; one that is over is written anew, so that the list stays true."""

from typing import TYPE_CHECKING

from agents.hub.records import in_thread, now_ms
from core.errors import NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.notices import Message
from core.nouns import new_id
from core.ports import RecordWrite

if TYPE_CHECKING:
    from agents.hub.hub import Hub

NOTICE = "notice"


async def resend(hub: "Hub", caller: Caller, message_id: str) -> Message:
    """What is sent now. Raises `NotFoundError`."""
    now = now_ms()
    fresh = new_id(now)

    def change(write: RecordWrite) -> Message:
        try:
            before: Message = write.get(NOTICE, message_id)
        except NotFoundError:
            raise NotFoundError(
                tr("There is no message {id}.", id=message_id[:64]), way_out=tr("They are listed by `yunwang notify list`."),
            ) from None
        made = tried_again(before, fresh, now)
        write.put("notify.resend", made)
        return made

    made = await hub.write(caller, change)
    written: Message = await in_thread(hub.store.get, NOTICE, made.id)
    if written.state == "waiting":
        hub.notify.remember([written])
        hub.notify.delivery.put([written])
    return written


def tried_again(message: Message, new_id_: str, now: int) -> Message:
    """Only a test goes by the same channel: everything else tries the contact's ways from the first one on."""
    if message.state == "waiting":
        return message.replace(due_at=now)
    by = (message.channel, message.to) if message.about == "test" else ("", "")
    return message.replace(
        id=new_id_, way=0, channel=by[0], to=by[1], state="waiting", created_at=now, due_at=0, attempts=0, sent_at=0, problem="",
    )
