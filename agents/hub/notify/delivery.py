"""Messages on their way: each is written before it is sent, tried by one way after the other, slower and slower, and survives a crash.

A message may arrive twice when the hub dies between the sending and the writing down; it then has the same id. It is never lost.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from agents.hub.notify import wording
from agents.hub.records import now_ms
from core.errors import NotFoundError, SettingsError, YunwangError
from core.i18n import tr
from core.identity import Actor
from core.notices import Channel, Contact, Message
from core.ports import RecordWrite
from links.notify import Letter, Login, send

if TYPE_CHECKING:
    from agents.hub.hub import Hub

NOTIFIER = Actor(name="system:notify", origin="process")
LOOK_S = 0.5
LAST_S = 5.0
"""So long a hub that is stopped waits for messages that are just being sent."""
FIRST_MS, LONGEST_MS = 2_000, 600_000
"""Pauses between tries: doubled each time."""
OLDEST_MS, LEAST_TRIES = 24 * 3_600_000, 20
"""A message that could not be sent for so long, so often, has failed: a clock that jumps ahead makes none fail."""
TOGETHER = 3
"""When more than so many wait for one contact on one channel, they become one."""
THREADS = 8
NOTE_S = 3600.0
"""That the secret of a channel is read is written down so often."""

log = logging.getLogger(__name__)


class Target(NamedTuple):
    """Where a message goes next."""

    channel: Channel
    to: str


class Delivery:
    """channels, contacts: by name, as they are now; whoever declares them puts them here."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.channels: Mapping[str, Channel] = {}
        self.contacts: Mapping[str, Contact] = {}
        self.waiting: dict[str, Message] = {}
        self.news = asyncio.Event()
        self._pool = ThreadPoolExecutor(THREADS, "notify")
        self._busy: set[str] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        self._sent: dict[str, deque[float]] = {}
        self._noted: dict[str, float] = {}

    async def close(self) -> None:
        """No more is sent. What is on its way may arrive first: otherwise it would be sent again after the next start."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_S):
                await self._idle.wait()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def put(self, messages: Iterable[Message]) -> None:
        """Messages that are written, some by a clock that was ahead of this one."""
        latest = now_ms() + LONGEST_MS
        self.waiting |= {one.id: one.replace(due_at=min(one.due_at, latest)) for one in messages if one.state == "waiting"}
        self.news.set()

    def stepped(self, step_ms: int) -> None:
        """The wall clock did: no next try moves."""
        self.waiting = {name: one.replace(due_at=max(0, one.due_at + step_ms)) for name, one in self.waiting.items()}

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self.news.wait()
            except TimeoutError:
                pass
            self.news.clear()
            try:
                await self._start_due(now_ms())
            except Exception:
                log.exception("Messages could not be sent.")

    async def _start_due(self, now: int) -> None:
        groups: dict[tuple[str, str, str], list[Message]] = {}
        lost = []
        for one in self.waiting.values():
            if one.due_at <= now:
                target = self._target(one)
                if target is None:
                    lost.append(one)
                elif target.channel.name not in self._busy:
                    groups.setdefault((target.channel.name, target.to, one.contact), []).append(one)
        if lost:
            await self._failed(lost, NotFoundError(tr("No channel is there for this contact.")), now)
        for (name, to, _), messages in groups.items():
            if not self._closing and name not in self._busy and self._may_send(name):
                self._busy.add(name)
                self._idle.clear()
                together = messages if len(messages) > TOGETHER else messages[:1]
                self._hub.spawn(self._deliver(Target(self.channels[name], to), together))

    def _target(self, message: Message) -> Target | None:
        if message.channel:
            channel = self.channels.get(message.channel)
            return Target(channel, message.to) if channel is not None else None
        contact = self.contacts.get(message.contact)
        ways = contact.ways if contact is not None else ()
        for number in range(len(ways)):
            way = ways[(message.way + number) % len(ways)]
            channel = self.channels.get(way.channel)
            if channel is not None and channel.enabled:
                return Target(channel, way.to)
        return None

    def _may_send(self, name: str) -> bool:
        sent = self._sent.setdefault(name, deque())
        while sent and sent[0] < time.monotonic() - 60:
            sent.popleft()
        if len(sent) >= self.channels[name].per_minute:
            return False
        sent.append(time.monotonic())
        return True

    async def _deliver(self, target: Target, messages: Sequence[Message]) -> None:
        try:
            await self.send(target, letter_of(messages, target.to))
        except YunwangError as error:
            await self._failed(messages, error, now_ms())
        else:
            now = now_ms()
            await self._write([one.replace(
                state="sent", sent_at=now, attempts=one.attempts + 1, channel=target.channel.name, to=target.to, problem="",
            ) for one in messages])
        finally:
            self._busy.discard(target.channel.name)
            if not self._busy:
                self._idle.set()
            self.news.set()

    async def send(self, target: Target, letter: Letter) -> None:
        """Sends one letter now. Raises why it did not arrive."""
        login = await self._login(target.channel)
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, send, target.channel, login, letter)
        except YunwangError:
            raise
        except Exception as error:
            log.exception("The channel %s failed.", target.channel.name)
            raise SettingsError(tr("The channel {name} could not be used ({kind}).", name=target.channel.name, kind=type(error).__name__)
                                ) from None

    async def _login(self, channel: Channel) -> Login:
        if not channel.credential:
            return Login()
        custody = self._hub.custody
        credential = await custody.trying.credential(channel.credential)
        secret = await custody.secrets.apart(custody.secrets.read, credential)
        if time.monotonic() - self._noted.get(channel.name, -NOTE_S) >= NOTE_S:
            self._noted[channel.name] = time.monotonic()
            await self._hub.note(NOTIFIER, "secret.read", {"credentials": [credential.name], "for_channel": channel.name})
        return Login(credential.username, secret)

    async def _failed(self, messages: Sequence[Message], error: YunwangError, now: int) -> None:
        log.warning("A message could not be sent: %s", error)
        await self._write([_tried(one, str(error), now) for one in messages])

    async def _write(self, messages: Sequence[Message]) -> None:
        """What became of them. Where it cannot be written they stay as they were, and are tried again."""
        def put(write: RecordWrite) -> None:
            for one in messages:
                write.put(f"notify.{one.state}", one)

        try:
            await self._hub.commits.write(NOTIFIER, put)
        except YunwangError as failure:
            log.warning("What became of a message could not be written: %s", failure)
        for one in messages:
            if one.state == "waiting":
                self.waiting[one.id] = one
            else:
                self.waiting.pop(one.id, None)
        self._hub.notify.remember(messages)


def _tried(message: Message, problem: str, now: int) -> Message:
    pause = min(FIRST_MS << min(message.attempts, 12), LONGEST_MS)
    over = now - message.created_at > OLDEST_MS and message.attempts >= LEAST_TRIES
    return message.replace(
        attempts=message.attempts + 1, way=message.way + 1, due_at=now + pause, problem=problem[:500],
        state="failed" if over else "waiting",
    )


def letter_of(messages: Sequence[Message], to: str) -> Letter:
    """One message as it is, or several as one."""
    first = messages[0]
    words = wording.Words(first.subject, first.text)
    if len(messages) > 1:
        words = wording.of_backlog([one.subject for one in messages], first.language)
    order = ("critical", "major", "minor", "warning", "info")
    worst = min((one.severity for one in messages), key=order.index)
    return Letter(first.id, to, words.subject, words.text, worst, now_ms(), first.about)
