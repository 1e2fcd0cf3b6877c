"""Laws of jobs: what has ended stays ended, an attempt is begun once, nobody waits for ever because another asks for much."""

from hypothesis import given
from hypothesis import strategies as st

from core import jobs
from core.errors import ConflictError
from core.work import Job

T = 1_800_000_000_000


def job(number: int = 1, **changes: object) -> Job:
    return Job(id=f"{number:03}", kind="k", author="a", due_at=T, created_at=T).replace(**changes)


MOVES = ("begin", "done", "fail", "interrupt", "interrupt-resumable", "release", "cancel", "resume", "miss")


def moved(before: Job, move: str, attempt: int) -> Job:
    match move:
        case "begin":
            return jobs.begin(before, T)
        case "done":
            return jobs.end(before, attempt, T, result={"rows": 1})
        case "fail":
            return jobs.end(before, attempt, T, problem="no")
        case "interrupt" | "interrupt-resumable":
            return jobs.interrupt(before, attempt, T, resumable=move != "interrupt")
        case "release":
            return jobs.release(before, attempt)
        case "cancel":
            return jobs.cancel(before, T)
        case "resume":
            return jobs.resume(before, T)
    return jobs.miss(before, T) if before.state == "waiting" else before


@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(-1, 1)), max_size=20))
def test_whatever_happens_an_attempt_is_begun_once_and_ends_once(moves: list[tuple[str, int]]) -> None:
    now, begun, ended = job(), [], []
    for move, off in moves:
        before, attempt = now, now.attempt + off
        try:
            now = moved(before, move, attempt)
        except ConflictError:
            assert now == before
        if move == "begin" and now != before:
            begun.append(now.attempt)
        if before.state == "running" and now.state == "waiting" and move == "release":
            begun.remove(before.attempt)
        if before.state == "running" and now.state in jobs.ENDED:
            ended.append(before.attempt)
        if before.state in jobs.ENDED and move != "resume":
            assert now == before
        if off and move in ("done", "fail", "interrupt", "interrupt-resumable", "release"):
            assert now == before, "another attempt's word does not count"
    assert len(begun) == len(set(begun))
    assert len(ended) == len(set(ended))
    assert set(ended) <= set(begun)


def test_a_resumable_job_goes_on_but_not_for_ever() -> None:
    now = job()
    for attempt in range(1, jobs.MOST_ATTEMPTS + 1):
        now = jobs.begin(now, T)
        assert now.attempt == attempt
        now = jobs.interrupt(now, attempt, T, resumable=True)
    assert (now.state, now.message) == ("failed", jobs.TOO_OFTEN)


def test_an_interrupted_job_that_is_not_resumable_has_failed_and_says_why() -> None:
    now = jobs.interrupt(jobs.begin(job(), T), 1, T, resumable=False)
    assert (now.state, now.message) == ("failed", jobs.INTERRUPTED)
    assert jobs.resume(now, T).state == "waiting"


def test_an_interrupted_job_that_was_to_be_cancelled_is_cancelled() -> None:
    wanted = jobs.cancel(jobs.begin(job(), T), T)
    assert wanted.cancel_wanted
    assert jobs.interrupt(wanted, 1, T, resumable=True).state == "cancelled"
    assert jobs.end(wanted, 1, T, result={"x": 1}).state == "done", "it was done before it heard of it"


def test_a_late_job_does_not_begin() -> None:
    assert not jobs.is_late(job(deadline_at=T), T)
    assert jobs.is_late(job(deadline_at=T), T + 1)
    assert not jobs.is_late(job(), 2 * T)
    assert not jobs.is_late(job(deadline_at=T, state="running"), T + 1)


def test_who_has_least_running_is_first() -> None:
    many = [job(number, author="a") for number in range(1, 9)]
    late = job(9, author="b", due_at=T + 5)
    assert [one.author for one in jobs.pick([*many, late], [], {"k": 9}, 2, T + 9, {})] == ["a", "b"]
    assert jobs.pick([*many, late], [job(20, author="a", state="running")], {"k": 9}, 1, T + 9, {}) == [late]


def test_who_was_served_longest_ago_is_next_where_one_runs_at_a_time() -> None:
    many = [job(number, author="a") for number in range(1, 9)]
    late = job(9, author="b", due_at=T + 5)
    assert jobs.pick([*many, late], [], {"k": 1}, 2, T + 9, {"a": 7}) == [late]
    assert jobs.pick([*many, late], [], {"k": 1}, 2, T + 9, {"a": 7, "b": 8}) == [many[0]]


ASKED = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["k", "l", "unknown"]), st.integers(0, 9)), max_size=20)


@given(ASKED, st.integers(0, 5))
def test_bounds_of_the_queue(asked: list[tuple[str, str, int]], free: int) -> None:
    waiting = [job(number, author=author, kind=kind, due_at=T + due) for number, (author, kind, due) in enumerate(asked)]
    chosen = jobs.pick(waiting, [], {"k": 1, "l": 2}, free, T + 5, {})
    assert len(chosen) <= free
    assert sum(one.kind == "k" for one in chosen) <= 1
    assert sum(one.kind == "l" for one in chosen) <= 2
    assert all(one.kind != "unknown" and one.due_at <= T + 5 for one in chosen)
    assert len({one.id for one in chosen}) == len(chosen)
