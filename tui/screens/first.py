"""The first ten minutes 最初十分钟: a device of one's own, from its address to its first alert, step by step."""

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from textual.binding import BindingType

from core.crawl import KIND, CrawlReport
from core.custody import NewCredential, TryWish
from core.errors import NotFoundError, YunwangError
from core.i18n import mark, tr
from core.jobs import ENDED
from core.objects import Site
from core.ports import ListQuery
from core.review import DecisionOnLines, DifferenceDetail, Selection
from core.views import AlertRow, ViewQuery
from core.work import Job
from tui.dialog import Choice, Chooser
from tui.first import First, lines, openers, port_of, prefix_of, set_needed, step
from tui.form import Field, Form, Values
from tui.operations import bindings
from tui.pane import Pane
from tui.screens.question import Question
from tui.words import ROLES

LOOK_S = 2.0
FOLLOW_S = 0.5
MOST_LINES = 200
NEW = "\0new"
KINDS = ("snmp-v3", "snmp-community")
AUTHS = ("SHA256", "SHA512", "SHA1", "MD5", "")
PRIVS = ("AES128", "AES256", "DES", "")


class FirstScreen(Question):
    """One device, or a net; every step that went well leads on to the next."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("first")
    NAME = "first"
    TITLE_ID = mark("Add devices")
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.now = First()
        self._begun = False

    def compose_body(self) -> Iterable[Any]:
        yield Pane()

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self._look_if_seen)
        self._became(self.now)

    def start(self) -> None:
        if not self._begun:
            self._begun = True
            self._ask_where()

    def retranslate(self) -> None:
        super().retranslate()
        self._became(self.now)

    def refresh_data(self) -> None:
        self.aside("look", self._look)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.now.device
        return ("device", row.id, row.name) if row is not None else None

    def _became(self, now: First) -> None:
        self.now = now
        self.query_one(Pane).show(lines(now))

    # --- keys

    def action_next_step(self) -> None:
        match step(self.now):
            case "where":
                self._ask_where()
            case "read":
                self.aside("steps", self._read)
            case "accept":
                self._ask_accept()
            case "queue":
                self.console_app.show_queue()
            case "watch" if self.now.device is not None:
                self.console_app.open_device(self.now.device.id)

    def action_anew(self) -> None:
        """Stops what runs; else begins with another device."""
        if step(self.now) == "wait" and self.now.job is not None:
            job = self.now.job
            self.aside("cancel", lambda: self._cancel(job))
            return
        self._became(First(port=self.now.port))
        self._ask_where()

    # --- where, and with what

    def _ask_where(self) -> None:
        fields = [
            Field(name="where", label=tr("Address or prefix"), value=self.now.address or self.now.prefix,
                  note=tr("10.1.8.1 adds one device, 10.1.8.0/24 looks for all of a net.")),
            Field(name="port", label=tr("SNMP port"), value=str(self.now.port)),
        ]

        async def act(values: Values) -> str:
            self._became(First(prefix=prefix_of(values["where"]), port=port_of(values["port"])))
            return ""

        self.app.push_screen(Form(tr("Add devices"), fields, act), lambda done: self.aside("credentials", self._choose) if done else None)

    async def _choose(self) -> None:
        """The only credential is taken without a question when it was chosen before; else one is chosen or made."""
        try:
            known = openers(await self.hub.custody.credentials())
        except YunwangError as error:
            self.failed(error)
            return
        if not known:
            self._ask_credential()
            return
        choices = [Choice(value=row.name, text=row.name, hint=row.kind) for row in known]
        choices.append(Choice(value=NEW, text=tr("A new credential .."), hint=tr("new")))
        self.app.push_screen(Chooser(tr("Which credential opens it?"), choices), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name == NEW:
            self._ask_credential()
        elif name:
            self._with_credential(name)

    def _ask_credential(self) -> None:
        fields = [
            Field(name="name", label=tr("Name")),
            Field(name="kind", label=tr("Kind"), choices=tuple(Choice(value=one, text=one) for one in KINDS)),
            Field(name="user", label=tr("User (v3)"), optional=True),
            Field(name="auth", label=tr("Authentication"), choices=tuple(Choice(value=one, text=one or tr("none")) for one in AUTHS)),
            Field(name="priv", label=tr("Privacy"), choices=tuple(Choice(value=one, text=one or tr("none")) for one in PRIVS)),
            Field(name="secret", label=tr("Community, or authentication password"), secret=True),
            Field(name="second", label=tr("Privacy password (v3)"), secret=True, optional=True,
                  note=tr("Secrets go to the hub, which seals them; nothing shows them again.")),
        ]
        made: list[str] = []

        async def act(values: Values) -> str:
            row = await self.hub.custody.add(new_credential(values))
            made.append(row.name)
            return ""

        self.app.push_screen(
            Form(tr("A new credential"), fields, act), lambda done: self._with_credential(made[0]) if done and made else None,
        )

    def _with_credential(self, name: str) -> None:
        self._became(self.now.replace(credential=name, tried=None, job=None, report=None, found=None, device=None))
        self.aside("steps", self._try)

    # --- test, facts

    async def _try(self) -> None:
        """The credential on the one device, then what the device is; a net is asked at once."""
        now = self.now
        try:
            if (needed := set_needed(now.prefix, now.credential, await self.hub.custody.sets())) is not None:
                await self.hub.custody.put_set(needed)
            if now.address:
                wish = TryWish(host=now.address, port=now.port)
                self._became(now.replace(tried=await self.hub.custody.test(now.credential, wish)))
        except YunwangError as error:
            self.failed(error)
            self._became(now.replace(credential=""))
            return
        if self.now.tried is None or self.now.tried.answer == "ok":
            await self._read()

    async def _read(self) -> None:
        """A crawl that stays within what was named."""
        arguments: dict[str, Any] = {"prefixes": [self.now.prefix], "port": self.now.port}
        if self.now.address:
            arguments |= {"seeds": [self.now.address], "hops": 0}
        try:
            job = await self.hub.work.run(KIND, arguments)
            self._became(self.now.replace(job=job, report=None, found=None))
            while job.state not in ENDED:
                await asyncio.sleep(FOLLOW_S)
                job = await self.hub.work.job(job.id)
                self._became(self.now.replace(job=job))
            report = msgspec.convert(job.result, CrawlReport) if job.state == "done" else None
            found = await self._line() if report is not None and report.read and self.now.address else None
            self._became(self.now.replace(report=report, found=found))
            await self._look()
        except YunwangError as error:
            self.failed(error)

    async def _cancel(self, job: Job) -> None:
        try:
            await self.hub.work.cancel(job.id)
        except YunwangError as error:
            self.failed(error)

    async def _line(self) -> DifferenceDetail | None:
        """Where the one device waits: the newest line about a device of this address."""
        where = {"state": "open", "object_kind": "device", "what": "new"}
        page = await self.hub.view(ViewQuery(view="queue", where=where, sort="-last_seen", limit=MOST_LINES))
        for row in page.rows:
            detail = await self.hub.queue.show(row["id"])
            if any(side.field == "address" and self.now.address in (side.proposed, side.observed) for side in detail.sides):
                return detail
        return None

    # --- into the inventory, and on

    def _ask_accept(self) -> None:
        if (found := self.now.found) is None:
            return
        own = {side.field: side.proposed for side in found.sides}
        fields = [
            Field(name="site", label=tr("Site"), value=own.get("site", ""), note=tr("One that nobody declared yet is added.")),
            Field(name="role", label=tr("Role"), value=own.get("role", "other"),
                  choices=tuple(Choice(value=name, text=tr(word)) for name, word in ROLES.items())),
            Field(name="unit", label=tr("Unit"), value=own.get("unit", ""), optional=True, note=tr("Who owns it; may be said later.")),
        ]

        async def act(values: Values) -> str:
            await self._site_there(values["site"])
            said = {name: value for name, value in values.items() if value}
            chosen = Selection(ids=(found.difference.id,))
            done = await self.hub.queue.decide(DecisionOnLines(verdict="accept", lines=chosen, set=said))
            return "" if done.done or not done.refused else next(iter(done.refused.values()))

        self.app.push_screen(Form(tr("Accept"), fields, act), lambda done: self.aside("look", self._look) if done else None)

    async def _site_there(self, name: str) -> None:
        if not (await self.hub.page("site", ListQuery(where={"name": name}, limit=1))).items:
            await self.hub.put_record("site", Site(id="", name=name, level="city"), new=True)

    def _look_if_seen(self) -> None:
        if self.is_seen and self.now.address and self.now.report is not None:
            self.aside("look", self._look)

    async def _look(self) -> None:
        """Whether it is in the inventory, and how it is."""
        now = self.now
        if not now.address or now.report is None:
            return
        try:
            page = await self.hub.devices(ViewQuery(view="devices", where={"address": now.address}, limit=1))
            if not page.rows:
                return
            row = page.rows[0]
            facts = await self.hub.facts(row.id)
            alerting = ViewQuery(view="alerts", where={"device_id": row.id, "cleared_at": "0"}, sort="-raised_at", limit=20)
            alerts = await self.hub.view(alerting)
        except NotFoundError:
            return
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        self._became(self.now.replace(
            device=row, facts=tuple(facts), alerts=tuple(msgspec.convert(one, AlertRow, strict=False) for one in alerts.rows),
        ))


def new_credential(values: Values) -> NewCredential:
    """As the form was filled in."""
    if values["kind"] == "snmp-community":
        return NewCredential(name=values["name"], kind="snmp-community", secret=values["secret"])
    auth, priv = values["auth"], values["priv"] if values["auth"] else ""
    secret = "\n".join((values["secret"], values["second"] or values["secret"])) if priv else values["secret"]
    return NewCredential(name=values["name"], kind="snmp-v3", username=values["user"], auth=auth, priv=priv, secret=secret)  # type: ignore[arg-type]
