"""First messages 通知: by which channels whom is told of what. Times are milliseconds since 1970, UTC."""

from typing import Annotated, Literal

from msgspec import Meta

from core.nouns import Noun
from core.signals import Severity
from core.sources import Name, Note, Options, Url

ChannelKind = Literal["mail", "webhook", "robot", "sms", "apprise"]
About = Literal["alert", "recovery", "approval", "test"]
MessageState = Literal["waiting", "sent", "failed"]
Text = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=255)], ...], Meta(max_length=500)]


class Channel(Noun, frozen=True, kw_only=True):
    """A way 通道 to reach people: a mail server, a robot of a chat group, a webhook, an SMS gateway 短信网关."""

    id: str
    name: str
    kind: ChannelKind
    url: str
    """`smtps://HOST:465`, `smtp://HOST:587` (STARTTLS), `https://...`; never with a secret in it."""
    credential: str = ""
    """Name of the credential: login of the mail server, key of a signature, access token of a robot."""
    options: dict[str, str] = {}
    """What only this kind knows; see docs/notifications.md."""
    per_minute: int = 20
    """Messages that it takes; what is more waits and is told together."""
    enabled: bool = True
    note: str = ""


class Way(Noun, frozen=True, kw_only=True):
    """Where a contact is reached by one channel."""

    channel: Annotated[str, Meta(min_length=1, max_length=64)]
    to: Text = ""
    """Mail address, telephone number; of a robot whom to call by name (@); of a webhook nothing."""


Ways = Annotated[tuple[Way, ...], Meta(min_length=1, max_length=8)]


class Contact(Noun, frozen=True, kw_only=True):
    """Who is told 通知对象: a person, a duty telephone, a group."""

    id: str
    name: str
    ways: tuple[Way, ...]
    """Tried in this order, each after the one before has failed."""
    language: Literal["zh", "en"] = "zh"
    account: str = ""
    """Name of the account, where it is a person of Yunwang: approvals that this person may give are told."""
    enabled: bool = True
    note: str = ""


class Route(Noun, frozen=True, kw_only=True):
    """Which alerts go to whom 通知规则. Empty fields fit all; of each list one must fit."""

    id: str
    name: str
    contacts: tuple[str, ...]
    least: Severity = "major"
    """This severe or more, after redundancy was taken into account (`core.signals.urgency`)."""
    units: tuple[str, ...] = ()
    """Of the device, or any above it."""
    sites: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Names of rules; `*` stands for any characters."""
    hours: str = ""
    """`08:00-20:00`; across midnight too. Outside, what still holds waits for the beginning."""
    days: str = ""
    """`1-5`, `6,7`: Monday is 1."""
    time_zone: str = "Asia/Shanghai"
    recovered: bool = True
    """Whether it is told that it is over."""
    enabled: bool = True
    note: str = ""


class Message(Noun, frozen=True, kw_only=True):
    """One message to one contact, and what became of it 通知记录. Written before it is sent: a crash loses none."""

    id: str
    contact: str
    about: About
    language: str = "zh"
    severity: Severity = "info"
    subject: str
    text: str
    alerts: tuple[str, ...] = ()
    """Ids of the roots that it tells of."""
    object_id: str = ""
    """Of the approval."""
    way: int = 0
    """Number of the way that is tried next, or by which it went."""
    channel: str = ""
    """Only by this channel, as a test; empty: by the contact's ways."""
    to: str = ""
    state: MessageState = "waiting"
    created_at: int
    due_at: int = 0
    attempts: int = 0
    sent_at: int = 0
    problem: str = ""
    """Why the last try failed, in one sentence."""


class NewChannel(Noun, frozen=True, kw_only=True):
    """A channel as a person adds it: with a credential that is there, or a secret that the hub seals."""

    name: Name
    kind: ChannelKind
    url: Url
    credential: Annotated[str, Meta(max_length=64)] = ""
    username: Annotated[str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    secret: Annotated[str, Meta(max_length=16_384)] = ""
    options: Options = {}
    per_minute: Annotated[int, Meta(ge=1, le=600)] = 20
    note: Note = ""

    def __repr__(self) -> str:
        return f"NewChannel({self.name!r}, {self.kind})"


class ChannelChange(Noun, frozen=True, kw_only=True):
    """Other values; what is None stays, an option with an empty value goes. Another host gets no secret given for the one before."""

    url: Url | None = None
    options: Options | None = None
    per_minute: Annotated[int, Meta(ge=1, le=600)] | None = None
    enabled: bool | None = None
    note: Note | None = None


class NewContact(Noun, frozen=True, kw_only=True):
    """A contact; one of this name is replaced."""

    name: Name
    ways: Ways
    language: Literal["zh", "en"] = "zh"
    account: Annotated[str, Meta(max_length=64)] = ""
    enabled: bool = True
    note: Note = ""


class NewRoute(Noun, frozen=True, kw_only=True):
    """A route; one of this name is replaced. Fields as in `Route`."""

    name: Name
    contacts: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]
    least: Severity = "major"
    units: Names = ()
    sites: Names = ()
    roles: Names = ()
    rules: Names = ()
    hours: Annotated[str, Meta(max_length=11)] = ""
    days: Annotated[str, Meta(max_length=20)] = ""
    time_zone: Annotated[str, Meta(max_length=64)] = "Asia/Shanghai"
    recovered: bool = True
    enabled: bool = True
    note: Note = ""


class TestWish(Noun, frozen=True, kw_only=True):
    """A message to try a channel or a contact with: one of the two."""

    channel: Annotated[str, Meta(max_length=64)] = ""
    contact: Annotated[str, Meta(max_length=64)] = ""
    to: Text = ""
    """Of a channel: where to."""


class Tested(Noun, frozen=True, kw_only=True):
    """What came of a test, one for each way."""

    channel: str
    to: str = ""
    ok: bool
    message: str
    way_out: str = ""
    took_ms: int = 0
    code: str = ""
    """Code of the error, see `core.failure`."""


class WhoWish(Noun, frozen=True, kw_only=True):
    """Of an alert that might be: who would be told."""

    device: Text
    rule: Text = "device-unreachable"
    severity: Severity = "critical"
    at_ms: int = 0
    """0: now."""


class WhoAnswer(Noun, frozen=True, kw_only=True):
    """Contacts by the routes that name them; `waits` until their hours begin."""

    contacts: dict[str, tuple[str, ...]]
    waits: dict[str, int] = {}


class ChannelRow(Noun, frozen=True, kw_only=True):
    """A channel with what became of its messages since yesterday."""

    channel: Channel
    waiting: int = 0
    sent: int = 0
    problem: str = ""
    """Of the newest message, where it could not be sent."""
    problem_at: int = 0
