"""The columns of the hub's own work: jobs, schedules, approvals, windows, the audit trail, permissions."""

import time

from core.i18n import mark, tr
from core.nouns import Noun
from core.ports import JournalRow
from core.rows import ApprovalRow, JobRow, WindowRow
from core.width import clean
from core.work import Schedule
from tui.columns import Column
from tui.tables import bar
from tui.words import NOTHING, Word, duration, moment

JOB_STATES = {
    "running": Word(">", mark("in progress"), "good"),
    "waiting": Word(".", mark("waiting"), ""),
    "done": Word("+", mark("done"), "dim"),
    "failed": Word("x", mark("failed"), "bad"),
    "cancelled": Word("-", mark("cancelled"), "dim"),
    "missed": Word("!", mark("missed"), "warn"),
}
JOB_KINDS = {
    "backup": mark("Backup"),
    "audit.verify": mark("Verify the audit trail"),
    "audit.archive": mark("Archive the audit trail"),
    "settings.export": mark("Export of the settings"),
    "inventory.sync": mark("Sync of a source"),
    "inventory.import": mark("Import of a source"),
    "inventory.crawl": mark("Crawl of the net"),
    "source.push": mark("Push to NetBox"),
}
APPROVAL_STATES = {
    "open": Word("?", mark("open"), "warn"),
    "approved": Word("+", mark("approved"), "good"),
    "used": Word("+", mark("carried out"), "dim"),
    "rejected": Word("x", mark("rejected"), "bad"),
    "withdrawn": Word("-", mark("withdrawn"), "dim"),
    "expired": Word("!", mark("expired"), "dim"),
}
APPROVAL_KINDS = {
    "grant": mark("Grant"),
    "totp-reset": mark("Reset of a second factor"),
    "secret-reset": mark("Reset of a password"),
    "hostkey": mark("Host key"),
    "change": mark("Change"),
    "waiver": mark("Waiver"),
    "report": mark("Report"),
}
RISKS = {"low": Word("-", mark("low"), "dim"), "medium": Word("~", mark("medium"), "warn"), "high": Word("!", mark("high"), "bad")}
WINDOW_KINDS = {
    "maintenance": mark("maintenance"), "freeze": mark("freeze"), "silence": mark("silence"), "protection": mark("heightened protection"),
}
PHASES = {
    "holds": Word("+", mark("in force"), "good"),
    "coming": Word(">", mark("coming"), ""),
    "past": Word("-", mark("past"), "dim"),
    "ended": Word("x", mark("ended early"), "dim"),
}
BAD_ENDINGS = ("refused", "failed", "locked")


def _words(table: dict[str, Word]) -> tuple[str, ...]:
    return tuple(word.word for word in table.values())


def state_of(table: dict[str, Word], name: str) -> Word:
    return table.get(name, Word("?", clean(name), "dim"))


def job_kind(kind: str) -> str:
    return tr(JOB_KINDS[kind]) if kind in JOB_KINDS else clean(kind)


def approval_kind(kind: str) -> str:
    return tr(APPROVAL_KINDS[kind]) if kind in APPROVAL_KINDS else clean(kind)


def progress(row: JobRow) -> str:
    """A bar with its share; a count where the whole is not known; nothing before and after."""
    if row.state != "running":
        return ""
    if row.total <= 0:
        return str(row.done) if row.done else ".."
    done = min(row.done, row.total)
    return f"{bar(done, row.total, 8)} {100 * done // row.total:>3}%"


def took(row: JobRow, now_ms: int = 0) -> str:
    """How long it ran, or has been running."""
    if not row.started_at:
        return ""
    end = row.ended_at or now_ms or int(time.time() * 1000)
    return duration(max(0, end - row.started_at) / 1000)


def when(row: JobRow) -> str:
    return moment(row.started_at or row.due_at)


def whose(row: JobRow) -> str:
    return clean(row.author) if not row.schedule else tr("schedule {name}", name=clean(row.schedule))


def job_message(row: JobRow) -> str:
    if row.cancel_wanted and row.state in ("waiting", "running"):
        return tr("is being cancelled")
    return clean(tr(row.message))


def _job(row: JobRow) -> Word:
    return state_of(JOB_STATES, row.state)


JOBS = (
    Column(mark("State"), lambda r: str(_job(r)), 9, 11, 0, "state", tone=lambda r: _job(r).tone, words=_words(JOB_STATES)),
    Column(mark("Job"), lambda r: job_kind(r.kind), 18, 26, 0, "kind"),
    Column(mark("Progress"), progress, 13, 13, 1, tone=lambda _r: "good"),
    Column(mark("Due or begun"), when, 12, 12, 1, "due_at"),
    Column(mark("Took"), took, 8, 8, 3, right=True),
    Column(mark("Asked by"), whose, 12, 24, 4, "author"),
    Column(mark("What it says"), job_message, 14, 90, 1),
)


class Plan(Noun, frozen=True, kw_only=True):
    """A schedule with the times it comes next."""

    schedule: Schedule
    next: tuple[int, ...] = ()


def on_off(row: Plan) -> Word:
    return Word("+", mark("on"), "good") if row.schedule.enabled else Word("-", mark("off"), "dim")


SCHEDULES = (
    Column(mark("State"), lambda r: str(on_off(r)), 5, 5, 0, tone=lambda r: on_off(r).tone, words=(mark("on"), mark("off"))),
    Column(mark("Name"), lambda r: clean(r.schedule.name), 16, 24, 0),
    Column(mark("Job"), lambda r: job_kind(r.schedule.kind), 16, 24, 1),
    Column(mark("Next"), lambda r: moment(r.next[0]) if r.next else NOTHING, 11, 11, 0),
    Column(mark("Cron"), lambda r: clean(r.schedule.cron), 12, 20, 2),
    Column(mark("Last due"), lambda r: moment(r.schedule.last_due), 11, 11, 2),
    Column(mark("Time zone"), lambda r: clean(r.schedule.time_zone), 14, 16, 3),
    Column(mark("Added by"), lambda r: clean(r.schedule.author), 10, 16, 4),
)


def steps_done(row: ApprovalRow) -> str:
    return f"{len(set(row.fulfilled))}/{len(row.steps)}"


def _approval(row: ApprovalRow) -> Word:
    return state_of(APPROVAL_STATES, row.state)


def _risk(row: ApprovalRow) -> Word:
    return state_of(RISKS, row.risk)


APPROVALS = (
    Column(mark("State"), lambda r: str(_approval(r)), 8, 14, 0, "state", tone=lambda r: _approval(r).tone),
    Column(mark("Risk"), lambda r: str(_risk(r)), 4, 8, 2, "risk", tone=lambda r: _risk(r).tone, words=_words(RISKS)),
    Column(mark("Kind"), lambda r: approval_kind(r.kind), 8, 20, 3, "kind"),
    Column(mark("What is asked for"), lambda r: clean(r.title), 22, 70, 0, "title"),
    Column(mark("Asked by"), lambda r: clean(r.author_name), 10, 18, 1, "author_name"),
    Column(mark("Steps"), steps_done, 5, 5, 0, right=True),
    Column(mark("Asked at"), lambda r: moment(r.created_at), 11, 11, 4, "created_at"),
    Column(mark("Until"), lambda r: moment(r.expires_at), 11, 11, 2, "expires_at"),
)


def phase(row: WindowRow, now_ms: int = 0) -> str:
    """A name of `PHASES` for this moment (now_ms 0: now)."""
    now = now_ms or int(time.time() * 1000)
    if row.ended_early_at and row.ended_early_at <= now:
        return "ended"
    return "coming" if now < row.starts_at else "holds" if now < row.ends_at else "past"


def _phase(row: WindowRow) -> Word:
    return PHASES[phase(row)]


def reach(row: WindowRow) -> str:
    """Where it holds."""
    names = (*row.devices, *row.sites, *row.units)
    return clean(tr(", ").join(names)) if names else tr("everywhere")


WINDOWS = (
    Column(mark("State"), lambda r: str(_phase(r)), 8, 14, 0, tone=lambda r: _phase(r).tone, words=_words(PHASES)),
    Column(mark("Kind"), lambda r: tr(WINDOW_KINDS.get(r.kind, r.kind)), 8, 22, 0, "kind"),
    Column(mark("Name"), lambda r: clean(r.name), 14, 30, 0, "name"),
    Column(mark("From"), lambda r: moment(r.starts_at), 11, 11, 1, "starts_at"),
    Column(mark("Until"), lambda r: moment(r.ended_early_at or r.ends_at), 11, 11, 0, "ends_at"),
    Column(mark("Where"), reach, 12, 40, 2),
    Column(mark("Reason"), lambda r: clean(r.reason), 12, 50, 3, "reason"),
    Column(mark("Added by"), lambda r: clean(r.author), 10, 16, 4, "author"),
)


def is_refusal(row: JournalRow) -> bool:
    return row.action.endswith(BAD_ENDINGS)


def object_of(row: JournalRow) -> str:
    """The name of what it is about, where it has one."""
    for side in (row.after, row.before):
        for field in ("name", "object", "title"):
            if isinstance(found := side.get(field), str) and found:
                return clean(found, 200)
    return clean(row.object_id)


def exact(ms: int, zone_s: int) -> str:
    """A moment in the hub's zone of then, to the millisecond, with the zone."""
    hours, minutes = divmod(abs(zone_s) // 60, 60)
    local = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ms / 1000 + zone_s))
    return f"{local}.{ms % 1000:03} {'-' if zone_s < 0 else '+'}{hours:02}:{minutes:02}"


AUDIT = (
    Column(mark("When"), lambda r: moment(r.at_ms), 11, 11, 0),
    Column(mark("Who"), lambda r: clean(r.actor) or NOTHING, 12, 24, 0),
    Column(mark("What"), lambda r: clean(r.action), 16, 26, 0, tone=lambda r: "bad" if is_refusal(r) else ""),
    Column(mark("Kind"), lambda r: clean(r.kind), 8, 14, 2),
    Column(mark("Object"), object_of, 16, 60, 0),
    Column(mark("From where"), lambda r: clean(r.origin), 12, 24, 1),
    Column(mark("No."), lambda r: str(r.seq), 7, 10, 3, right=True),
)
