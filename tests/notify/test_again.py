"""A message sent once more: by the hub, over a real mail socket."""

from typing import Any

import pytest

from agents.hub.notify import again, keeping
from agents.hub.notify.again import tried_again
from core.errors import NotFoundError
from core.notices import Message, NewChannel, NewContact, Way
from core.ports import ListQuery

OVER = Message(
    id="a" * 32, contact="duty", subject="s", text="t", alerts=("x",), about="alert", way=2, channel="gone", to="old@city.example",
    state="failed", attempts=9, created_at=1, problem="The mail server refused the login.",
)


def test_what_is_over_is_written_anew_and_begins_with_the_first_way() -> None:
    made = tried_again(OVER, "b" * 32, 50)
    assert (made.id, made.state, made.created_at, made.attempts, made.way, made.problem) == ("b" * 32, "waiting", 50, 0, 0, "")
    assert (made.channel, made.to, made.alerts) == ("", "", ("x",))
    test = tried_again(OVER.replace(about="test"), "b" * 32, 50)
    assert (test.channel, test.to) == ("gone", "old@city.example"), "a test tries the channel that it was about"
    waiting = tried_again(OVER.replace(state="waiting", due_at=900), "b" * 32, 50)
    assert (waiting.id, waiting.due_at, waiting.attempts) == (OVER.id, 50, 9), "one that waits is only hurried"


async def test_it_arrives_and_the_one_before_stays_in_the_list(city: Any, mail: Any, until: Any) -> None:
    admin = city.caller("admin", "system-administrator")
    await keeping.add_channel(city.hub, admin, NewChannel(
        name="post", kind="mail", url=f"smtp://127.0.0.1:{mail.port}", username="duty", secret="S3cret-of-mail",
        options={"sender": "yunwang@city.example"},
    ))
    await keeping.put_contact(city.hub, admin, NewContact(name="duty", ways=(Way(channel="post", to="duty@city.example"),)))
    await city.hub.commits.write(admin.actor, lambda write: write.put("notify.failed", OVER))
    made = await again.resend(city.hub, admin, OVER.id)
    await until(lambda: bool(mail.mails))
    await until(lambda: city.hub.store.get("notice", made.id).state == "sent")
    assert city.hub.store.get("notice", OVER.id) == OVER
    assert len(city.hub.store.page("notice", ListQuery(limit=10)).items) == 2
    with pytest.raises(NotFoundError):
        await again.resend(city.hub, admin, "f" * 32)
