"""The rules in force as the hub needs them: their texts, those about events, compositions, and the job that tries rules.

Everything else is judged in senses. Nothing is kept but in the alerts: what is open is taken over at the start.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread, now_ms
from agents.hub.ruling.reloading import RULES, Reloading
from agents.hub.ruling.weighing import Weighing
from agents.hub.sight import Sight
from core import rules as texts
from core.errors import YunwangError
from core.events import Event
from core.i18n import mark, tr_in
from core.nouns import new_id
from core.objects import Device, Fact
from core.rulebook import TEST_JOB, RuleBook, RuleRow
from core.signals import Alert
from core.views import AlertRow
from core.width import clean

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.rulebook import Found
    from monitors.rules.applying import Subject
    from monitors.rules.composing import Composing
    from monitors.rules.events import State
    from monitors.rules.rule import Rule

LOOK_S = 5.0
GATHER_S = 0.5
"""Alerts that come together are looked at together."""
BANNER = mark("The site's own rules have a mistake; what held before it holds: yunwang rule list")
LIMIT_S = 4 * 3600
log = logging.getLogger(__name__)


class Ruling:
    """A part of the hub. Belongs to the event loop."""

    def __init__(self, hub: "Hub", look_s: float = LOOK_S) -> None:
        self._hub, self._look_s = hub, look_s
        self.found: Found
        """The rules in force. Not there before `ready`."""
        self.ready = asyncio.Event()
        self._packed = b""
        self._about_events: tuple[Rule, ...] = ()
        self._about_facts: tuple[Rule, ...] = ()
        self._state: State | None = None
        self._composing: Composing | None = None
        self._weighing = Weighing(hub, {})
        self._soon = asyncio.Event()
        self.reloading = Reloading(hub, self)

    async def start(self) -> None:
        from agents.rulebook import at_start, keep
        from monitors.rules.composing import Composing
        from monitors.rules.events import State

        found = await in_thread(at_start, self._hub.settings)
        if not found.problems:
            try:
                await in_thread(keep, self._hub.settings, found.files)
            except YunwangError as error:
                log.warning("%s", error)
        left = [alert_of(row) for row in self._hub.table.open_alerts()]
        names = {rule.name for rule in (*found.book.of("event"), *found.book.about_facts())}
        self._state = State.of(alert for alert in left if alert.rule in names)
        self._composing = Composing(found.book.of("composed"), left)
        self.use(found)
        await self.reloading.begin()
        self._hub.table.put_alerts([*map(alert_of, self._hub.table.cleared_alerts()), *left])
        self._hub.events.listeners.append(self.heard)
        self._hub.alerting.closed.append(self._closed)
        self._hub.work.register(Kind(
            name=TEST_JOB, entry="agents.rule_test:run", action=TEST_JOB, at_once=1, limit_s=LIMIT_S, check=_checked, within=_within,
            summary=mark("Try rules over stored samples; nothing is changed."),
        ))
        self._hub.spawn(self._go_on())
        if self._hub.settings.rules.follow:
            self._hub.spawn(self._follow())

    def use(self, found: "Found") -> None:
        """These rules from now on: what of their state still means the same stays."""
        from monitors.rules.book import packed
        from monitors.suppress import meanings

        self.found, book = found, found.book
        self._packed = packed(found.files)
        texts.learn(book.texts())
        self._hub.suppress.known = meanings(book.rules.values())
        self._weighing = Weighing(self._hub, {rule.name: rule.raise_at_level for rule in book.rules.values() if rule.raise_at_level})
        self._about_events, self._about_facts = book.of("event"), book.about_facts()
        if self._composing is not None:
            self._composing.use(book.of("composed"))
        self._hub.table.put_alerts([alert_of(row) for row in self._hub.table.open_alerts()])  # they may be told in other words now
        self.ready.set()
        self._hub.table.touch()

    @property
    def banner(self) -> str:
        """Message id of what every screen says meanwhile; empty: nothing."""
        return BANNER if self.error else ""

    @property
    def error(self) -> str:
        """What a person must know of the files of rules; empty: nothing. Each is told in full by `yunwang rule list`."""
        if not self.ready.is_set() or not self.found.problems:
            return ""
        first, more = clean(self.found.problems[0], 200), len(self.found.problems) - 1
        return f"{first} (+{more})" if more else first

    async def anew(self) -> None:
        """As `yunwang rule reload`, on behalf of a signal."""
        try:
            await self.ready.wait()
            await self.reloading.reload(None)
        except YunwangError as error:
            log.warning("The rules could not be read anew: %s", error)

    async def packed(self) -> bytes:
        """The site's own rules in force, for senses."""
        await self.ready.wait()
        return self._packed

    async def close(self) -> None:
        """Its task ends with the hub; what was not told is found again."""

    async def weighed(self, alerts: Sequence[Alert]) -> list[Alert]:
        """With the severity that follows from what depends on their devices. They are about to be stored."""
        if self._composing is not None and self._composing.is_about(alerts):
            self._soon.set()
        return await self._weighing.weighed(alerts)

    async def heard(self, events: Sequence[Event]) -> None:
        """Events, matched to their devices."""
        from monitors.rules.events import conditions

        if self._state is not None and self._about_events:
            now = now_ms()
            found = (conditions(event, self._about_events, self._state, now, self._subject) for event in events)
            await self._tell([alert for some in found for alert in some])

    async def discovered(self, device_id: str, before: Sequence[Fact], after: Sequence[Fact]) -> None:
        """What a device was found to be, and to have been."""
        from monitors.rules.standing import changed

        if self._state is not None and self._about_facts:
            alerts = changed(device_id, before, after, self._about_facts, self._state, now_ms(), self._subject)
            try:
                await self._tell(alerts)
            except YunwangError as error:
                log.warning("Alerts of rules could not be told: %s", error)

    async def _go_on(self) -> None:
        """Compositions at once, as soon as what they are made of has come; and all as time goes by."""
        from monitors.rules.events import passed

        while self._state is not None and self._composing is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), self._look_s)
                await asyncio.sleep(GATHER_S)
            self._soon.clear()
            try:
                await self._tell(passed((*self._about_events, *self._about_facts), self._state, now_ms()))
                await self._tell(self._composing.look(self._hub.table.open_alerts(), self._subject, now_ms()))
            except YunwangError as error:
                log.warning("Alerts of rules could not be told: %s", error)
            except Exception:
                log.exception("Rules could not be judged.")

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await self.reloading.follow()
            except YunwangError as error:
                log.warning("The rules could not be read anew: %s", error)
            except Exception:
                log.exception("The rules could not be read anew.")

    async def _tell(self, alerts: Sequence[Alert]) -> None:
        if alerts:
            await self._hub.alerting.receive(alerts, RULES, f"alerts:{new_id(now_ms())}")

    def _closed(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            if self._state is not None:
                self._state.open.pop((alert.device_id, alert.rule, alert.instance), None)
            if self._composing is not None:
                self._composing.forget(alert)

    def _subject(self, device_id: str) -> "Subject | None":
        from monitors.rules.applying import Subject, subject_of

        row = self._hub.table.row(device_id)
        if row is None:
            return None
        if self._hub.settings.records.url:  # a network is in between: tags are left out
            return Subject(row.name, row.role, row.platform, row.site, row.unit)
        device = self._hub.store.get("device", device_id)
        return subject_of(device, row.platform) if isinstance(device, Device) else None

    def book(self, sight: Sight) -> RuleBook:
        """All rules in force, and how many alerts each has open, as far as one sees."""
        from agents.rulebook import folder_of
        from monitors.rules.book import shipped

        if not self.ready.is_set():
            return RuleBook()
        counts: dict[str, int] = {}
        for row in self._hub.table.open_alerts(sight):
            counts[row.rule] = counts.get(row.rule, 0) + 1
        ours = shipped().rules
        rows = [_row(rule, counts.get(name, 0), own=ours.get(name) != rule) for name, rule in self.found.book.rules.items()]
        folder = str(folder_of(self._hub.settings)) if sight.everything else ""
        return RuleBook(
            folder=folder, rules=tuple(rows), problems=self.found.problems if sight.everything else (), kept=self.found.kept,
        )


def alert_of(row: AlertRow) -> Alert:
    """The alert of a line."""
    return Alert(**{field: getattr(row, field) for field in Alert.__struct_fields__})


def _row(rule: "Rule", count: int, *, own: bool) -> RuleRow:
    usual = {"name", "kind", "severity", "says", "hint", "off", "source"}
    plain = msgspec.to_builtins(rule)
    body = {key: value for key, value in plain.items() if key not in usual and value != _USUAL.get(key, ...) and value not in ((), [], {})}
    known = texts.TEXTS.get(rule.name)
    said = msgspec.to_builtins(rule.says) if rule.says else _translated(known.sentence) if known else {}
    hint = msgspec.to_builtins(rule.hint) if rule.hint else _translated(known.hint) if known else {}
    return RuleRow(
        name=rule.name, kind=rule.kind, severity=rule.severity, off=rule.off, source=rule.source, own=own, says=said, hint=hint, body=body,
        open=count,
    )


def _translated(text: str) -> dict[str, str]:
    return {lang: tr_in(lang, text) for lang in ("zh", "en")}


_USUAL: dict[str, Any] = {
    "raise_polls": 0, "for_s": 0.0, "clear_s": 0.0, "raise_at_level": 0, "sees": None, "above": None, "below": None, "clear": None,
    "share_of": "", "only_after_good": False, "by": 0.0, "direction": "any", "window_s": 0.0, "after_s": 0.0, "least": 0.0,
    "within_days": 0.0, "zone": "+08:00",
}


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """In its own module, which loads much."""
    from agents.rule_test import checked

    return checked(arguments)


def _within(arguments: dict[str, Any], sight: Sight) -> dict[str, Any]:
    units, sites = sight.key()
    return {**arguments, "units": units, "sites": sites}
