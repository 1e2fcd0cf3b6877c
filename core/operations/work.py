"""Operations on jobs, schedules and windows."""

from typing import get_args

from core.operations.noun import JSON, Argument, Operation
from core.work import JobState, WindowKind

_JOB = Argument(name="ID", help="The job, as `job list` shows it.")
_SCHEDULE = Argument(name="NAME", help="Name of the schedule.")
_ARGUMENT = Argument(name="--argument", help="An argument of the job; may be repeated.", many="*", metavar="NAME=VALUE")

JOBS: tuple[Operation, ...] = (
    Operation(
        id="job.list", summary="List the queue of jobs, newest first.", noun="job", verb="list",
        arguments=(
            Argument(name="--state", help="In this state.", choices=get_args(JobState), default=""),
            Argument(name="--kind", help="Of this kind.", default="", metavar="KIND"),
            Argument(name="--limit", help="At most so many.", type="int", default=30, metavar="N"),
            JSON,
        ),
        handler="cli.work:list_jobs",
    ),
    Operation(id="job.kinds", summary="List the kinds of jobs.", noun="job", verb="kinds", arguments=(JSON,), handler="cli.work:kinds"),
    Operation(
        id="job.show", summary="Show one job.", noun="job", verb="show", arguments=(_JOB, JSON), handler="cli.work:show_job",
    ),
    Operation(
        id="job.run", summary="Put a job into the queue now.", noun="job", verb="run",
        arguments=(
            Argument(name="KIND", help="Kind of the job, as `job kinds` shows it."), _ARGUMENT,
            Argument(name="--follow", help="Stay until it has ended.", type="flag"), JSON,
        ),
        handler="cli.work:run",
    ),
    Operation(
        id="job.follow", summary="Follow a job until it has ended; Ctrl+C leaves it running.", noun="job", verb="follow",
        arguments=(_JOB, JSON), handler="cli.work:follow",
    ),
    Operation(
        id="job.cancel", summary="End a job that waits, ask one that runs to end.", noun="job", verb="cancel", arguments=(_JOB, JSON),
        handler="cli.work:cancel",
    ),
    Operation(
        id="job.resume", summary="Put a job that did not end well into the queue again, from where it was.", noun="job", verb="resume",
        arguments=(_JOB, JSON), handler="cli.work:resume",
    ),
)
SCHEDULES: tuple[Operation, ...] = (
    Operation(
        id="schedule.list", summary="List the schedules with their next time.", noun="schedule", verb="list", arguments=(JSON,),
        handler="cli.schedules:list_",
    ),
    Operation(
        id="schedule.add", summary="Add a schedule.", noun="schedule", verb="add",
        arguments=(
            _SCHEDULE,
            Argument(name="--kind", help="Kind of the job, as `job kinds` shows it.", default="", metavar="KIND"),
            Argument(name="--cron", help="Five fields: minute hour day month weekday.", default="", metavar="CRON"),
            Argument(name="--time-zone", help="IANA time zone.", default="Asia/Shanghai", metavar="ZONE"),
            Argument(name="--jitter", help="Run up to this many seconds later, the same every time.", type="int", default=0, metavar="S"),
            Argument(name="--overlap", help="What happens while the one before still runs.", choices=("skip", "queue"), default="skip"),
            Argument(name="--deadline", help="Seconds in which a job must begin.", type="int", default=3600, metavar="S"),
            Argument(name="--time-limit", help="Seconds that a job may run; 0: any time.", type="int", default=14400, metavar="S"),
            Argument(name="--no-catch-up", help="Do not run after a downtime what was due in it.", type="flag"),
            _ARGUMENT, JSON,
        ),
        handler="cli.schedules:add",
    ),
    Operation(
        id="schedule.remove", summary="Remove a schedule; its jobs stay in the list.", noun="schedule", verb="remove",
        arguments=(_SCHEDULE,), handler="cli.schedules:remove",
    ),
    Operation(
        id="schedule.enable", summary="Turn a schedule on: due from now on.", noun="schedule", verb="enable", arguments=(_SCHEDULE, JSON),
        handler="cli.schedules:enable",
    ),
    Operation(
        id="schedule.disable", summary="Turn a schedule off.", noun="schedule", verb="disable", arguments=(_SCHEDULE, JSON),
        handler="cli.schedules:disable",
    ),
    Operation(
        id="schedule.next", summary="Show the next times of a schedule in local time.", noun="schedule", verb="next",
        arguments=(_SCHEDULE, Argument(name="--count", help="How many.", type="int", default=5, metavar="N"), JSON),
        handler="cli.schedules:next_times",
    ),
)
WINDOWS: tuple[Operation, ...] = (
    Operation(
        id="window.list", summary="List maintenance, freeze, silence and heightened protection.", noun="window", verb="list",
        arguments=(
            Argument(name="--all", help="Those that have ended, too.", type="flag"),
            Argument(name="--kind", help="Of this kind.", choices=get_args(WindowKind), default=""), JSON,
        ),
        handler="cli.windows:list_",
    ),
    Operation(
        id="window.add", summary="Add a window.", noun="window", verb="add",
        arguments=(
            Argument(name="KIND", help="What it is.", choices=get_args(WindowKind)),
            Argument(name="NAME", help="What people will call it."),
            Argument(name="--from", help="When it begins: now, +2h, 18:00, 2026-11-23 18:00.", default="now", metavar="TIME"),
            Argument(name="--until", help="When it ends; a + counts from its beginning.", default="", metavar="TIME"),
            Argument(name="--unit", help="Only what belongs to this unit or a unit below; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--site", help="Only what stands at this site; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--device", help="Only this device; may be repeated.", many="*", metavar="NAME"),
            Argument(name="-m --message", help="The reason.", default="", metavar="TEXT"),
            JSON,
        ),
        handler="cli.windows:add",
    ),
    Operation(
        id="window.end", summary="End a window now.", noun="window", verb="end",
        arguments=(Argument(name="NAME", help="Its name or id."), JSON), handler="cli.windows:end",
    ),
)
OPERATIONS: tuple[Operation, ...] = (*JOBS, *SCHEDULES, *WINDOWS)
