"""Jobs 作业: what runs by itself, and when does it run next?"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import ContentSwitcher

from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.rows import JobRow
from core.views import ViewQuery
from core.width import clean
from core.work import Schedule
from tui.diff import flat
from tui.form import confirm
from tui.operations import bindings
from tui.pane import Line, Pane
from tui.rows import Rows
from tui.screens.question import WINDOW
from tui.screens.review import Review, now_ms
from tui.tables_work import JOB_STATES, JOBS, SCHEDULES, Plan, job_kind, job_message, on_off, progress, state_of, took, whose
from tui.tabs import Tabs
from tui.window import Window
from tui.words import duration, moment

TABS = {"queue": mark("Queue"), "schedules": mark("Schedules")}
SCHEDULES_PERIOD_S = 10.0
NEXT = 5
RESUMABLE = ("failed", "cancelled", "missed")


class JobsScreen(Review):
    """The queue, newest first, live; beside it the schedules that fill it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("jobs")
    NAME = "jobs"
    TITLE_ID = mark("Jobs")

    def __init__(self) -> None:
        window: Window[JobRow] = Window(JobRow, lambda row: row.id)
        nothing = mark("No job was ever asked for.\nSchedules ask for them by themselves.")
        super().__init__(Rows(JOBS, window, id="jobs", empty=nothing))
        self.tabs = Tabs(TABS, self.says)
        self.plans: Window[Plan] = Window(Plan, lambda row: row.schedule.id)
        self.plan_rows = Rows(SCHEDULES, self.plans, id="schedules", empty=mark("There is no schedule."))

    def compose_head(self) -> Iterable[Any]:
        yield self.tabs

    def compose_body(self) -> Iterable[Any]:
        yield from self.compose_head()
        with Container(id="review"):
            with ContentSwitcher(initial="jobs"):
                yield self.rows
                yield self.plan_rows
            yield Pane()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(SCHEDULES_PERIOD_S, self._read_schedules_if_seen)

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="jobs", sort="-created_at", limit=WINDOW)

    def says(self) -> str:
        window = self.rows.window
        states = [row.state for row in window.rows.values()]
        text = tr("{running} running, {waiting} waiting, {n} in all", running=states.count("running"), waiting=states.count("waiting"),
                  n=window.total if window.known else "..")
        return f"{text} | {self.filter_words()}" if self.listing is not None and self.listing.typed else text

    def show_head(self) -> None:
        self.tabs.refresh()

    def current_rows(self) -> Rows:
        return self.rows if self.tabs.tab == "queue" else self.plan_rows

    def describe(self) -> None:
        if self.listing is None:
            return
        self.show_head()
        row = self.current_rows().row
        self.query_one(Pane).show(self.about(row) if row is not None else ())

    def time_passed(self) -> None:
        """How long a running job has been running changes by itself."""
        running = {row.id for row in self.rows.window.rows.values() if row.state == "running"}
        if running:
            self.rows.changed(running)
            if isinstance(self.rows.row, JobRow) and self.rows.row.id in running:
                self.describe()

    def about(self, row: Any) -> Sequence[Line]:
        return about_schedule(row, now_ms()) if isinstance(row, Plan) else about_job(row)

    # --- tabs

    def action_tab(self, by: int) -> None:
        self.action_show_tab(self.tabs.step(by))

    def action_show_tab(self, name: str) -> None:
        self.tabs.tab = name
        self.query_one(ContentSwitcher).current = "jobs" if name == "queue" else "schedules"
        self.current_rows().focus()
        self._read_schedules_if_seen()
        self.describe()

    def refresh_data(self) -> None:
        super().refresh_data()
        self._read_schedules_if_seen()

    def _read_schedules_if_seen(self) -> None:
        if self.tabs.tab == "schedules" and self.is_seen:
            self.run_worker(self._read_schedules(), group="schedules", exclusive=True)

    async def _read_schedules(self) -> None:
        try:
            found = await self.hub.work.schedules()
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        if not self.plans.known or tuple(plan.schedule for plan in self.plans.rows.values()) != found or self._is_over():
            self.plans.fill([Plan(schedule=one, next=await self._next(one)) for one in found])
            self.plan_rows.changed(None)
            self.describe()

    def _is_over(self) -> bool:
        """Whether a time that is shown as the next has passed."""
        return any(plan.next and plan.next[0] <= now_ms() for plan in self.plans.rows.values())

    async def _next(self, schedule: Schedule) -> tuple[int, ...]:
        try:
            return await self.hub.work.next_times(schedule.name, NEXT) if schedule.enabled else ()
        except YunwangError:
            return ()

    # --- what can be done

    def action_again(self) -> None:
        row = self.current_rows().row
        if row is None:
            self.failed(InvalidInputError(tr("Nothing is under the cursor.")))
            return
        name = row.schedule.name if isinstance(row, Plan) else job_kind(row.kind)
        goes_on = isinstance(row, JobRow) and row.state in RESUMABLE

        async def act() -> str:
            if isinstance(row, Plan):
                await self.hub.work.run(row.schedule.kind, row.schedule.arguments)
            elif goes_on:
                await self.hub.work.resume(row.id)
            else:
                await self.hub.work.run(row.kind, (await self.hub.work.job(row.id)).arguments)
            return ""

        says = tr("This job goes on where it was.") if goes_on else tr("A new job of this kind is put into the queue.")
        self._ask(confirm(tr("Run now"), act, says=[clean(name), says]))

    def action_halt(self) -> None:
        row = self.current_rows().row
        match row:
            case JobRow(state="waiting" | "running", id=job_id):
                async def cancel() -> str:
                    await self.hub.work.cancel(job_id)
                    return ""

                self._ask(confirm(tr("Cancel this job?"), cancel, says=[job_kind(row.kind), tr("What it has done so far stays done.")]))
            case JobRow():
                self.failed(InvalidInputError(tr("This job has ended; F7 runs it again.")))
            case Plan(schedule=Schedule(name=name, enabled=enabled)):
                async def switch() -> str:
                    await self.hub.work.enable_schedule(name, not enabled)
                    return ""

                self._ask(confirm(tr("Turn this schedule off?") if enabled else tr("Turn this schedule on?"), switch, says=[clean(name)]))
            case _:
                self.failed(InvalidInputError(tr("Nothing is under the cursor.")))

    def _ask(self, form: Any) -> None:
        self.app.push_screen(form, lambda done: self.refresh_data() if done else None)


def about_job(row: JobRow) -> Sequence[Line]:
    """A job in words."""
    state = state_of(JOB_STATES, row.state)
    return [
        Line(job_kind(row.kind), ""),
        Line(tr("State"), f"{state}   {progress(row)}", state.tone),
        *([Line(tr("Says"), job_message(row), "bad" if row.state == "failed" else "")] if job_message(row) else []),
        Line(tr("Asked by"), f"{whose(row)}   {moment(row.created_at)}"),
        Line(tr("Due"), moment(row.due_at)),
        *([Line(tr("Begun"), f"{moment(row.started_at)}   {tr('try {n}', n=row.attempt)}")] if row.started_at else []),
        *([Line(tr("Ended"), f"{moment(row.ended_at)}   {tr('took {span}', span=took(row))}")] if row.ended_at else []),
        *([Line(tr("Must begin by"), moment(row.deadline_at))] if row.deadline_at and row.state == "waiting" else []),
        Line(tr("Number"), row.id, "dim"),
    ]


def about_schedule(plan: Plan, now_ms_: int) -> Sequence[Line]:
    """A schedule in words."""
    row = plan.schedule
    return [
        Line(clean(row.name), ""),
        Line(tr("State"), str(on_off(plan)), on_off(plan).tone),
        *([Line(tr("Next"), "   ".join(moment(at, now_ms_) for at in plan.next))] if plan.next else []),
        Line(tr("Job"), job_kind(row.kind)),
        *(Line("  " + clean(name), value) for name, value in flat(row.arguments)),
        Line(tr("Cron"), f"{clean(row.cron)}   {clean(row.time_zone)}"),
        Line(tr("Last due"), moment(row.last_due, now_ms_)),
        *([Line(tr("Spread"), tr("up to {span} later", span=duration(row.jitter_s)))] if row.jitter_s else []),
        Line(tr("When the last one still runs"), tr("left out") if row.overlap == "skip" else tr("waits in the queue")),
        Line(tr("After a downtime"), tr("run once what was due") if row.catch_up else tr("nothing is made up for")),
        Line(tr("Must begin within"), duration(row.deadline_s)),
        *([Line(tr("May run for"), duration(row.limit_s))] if row.limit_s else []),
    ]
