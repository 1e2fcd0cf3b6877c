"""Rules over a while, in a thread of their own: every few minutes all series that they are about are read as roll-ups and judged.

Nothing of it is kept but in the alerts themselves: after a crash the next round finds the same, and takes over what was left open.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from agents.senses.probing import Probing
from agents.senses.roster import Roster
from agents.senses.steady import Trouble
from core.errors import YunwangError
from core.ports import SampleStore
from core.probes import METRICS
from core.signals import Alert
from monitors.rules.applying import Subject
from monitors.rules.book import Book
from monitors.rules.lasting import LONG_MS, Lasting, Watched, aims, step_ms
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.windowed import span_ms

ROUND_S = 240.0
LONG_ROUND_S = 3600.0
FIRST_S = 60.0
BREATH_S = 0.002
BREATH_SERIES = 200
log = logging.getLogger(__name__)


def watched(roster: Roster, probing: Probing, store: SampleStore) -> list[Watched]:
    """All that is polled and probed now, with the series of its probes."""
    found = {one.id: one for one in roster.watched()}
    for object_id, (name, probes) in probing.watched().items():
        keys = store.series_of(object_id)
        series = [key for key in keys if key.metric in METRICS and key.instance.partition(":")[0] in probes]
        found[object_id] = found.get(object_id, Watched(object_id, Subject(name=name)))._replace(series=series)
    return list(found.values())


class Slow:
    """`watch`, `take_over` and `stop` may be called from any thread; `report` is called in this one."""

    def __init__(
        self, rules: Sequence[Rule], store: SampleStore, watched: Callable[[], Sequence[Watched]],
        report: Callable[[Sequence[Alert]], None], round_s: float = ROUND_S,
    ) -> None:
        """watched: what there is to be judged now."""
        self._lasting, self._store, self._watched, self._report = Lasting(rules), store, watched, report
        self._round_s, self._lock = round_s, threading.Lock()
        self._left: list[Alert] = []
        self._next: tuple[Rule, ...] | None = None
        self._due: dict[str, float] = {}
        self._trouble = Trouble()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="windows", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def judge_by(self, book: Book) -> None:
        """These rules from the next round on."""
        with self._lock:
            self._next = book.of(*WINDOWED)

    def stop(self) -> None:
        """Ends within the series that is read."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def take_over(self, open_alerts: Sequence[Alert]) -> None:
        """Alerts that were left open before this process."""
        with self._lock:
            self._left += open_alerts

    def _run(self) -> None:
        pause = min(FIRST_S, self._round_s)
        while not self._stopping.wait(pause):
            began = time.monotonic()
            with self._lock:
                (left, self._left), (rules, self._next) = (self._left, []), (self._next, None)
            if rules is not None:
                self._use(rules)
            self._lasting.take_over(left)
            due = [rule for rule in self._lasting.rules if time.monotonic() >= self._due.get(rule.name, 0.0)]
            watched = self._watched() if due else ()
            for rule in due:
                self._safely(rule, watched)
            pause = max(self._round_s - (time.monotonic() - began), self._round_s / 10)

    def _use(self, rules: Sequence[Rule]) -> None:
        for rule in set(self._lasting.rules) ^ set(rules):
            self._due.pop(rule.name, None)
        if ended := self._lasting.use(rules, time.time_ns() // 1_000_000):
            self._report(ended)

    def _safely(self, rule: Rule, watched: Sequence[Watched]) -> None:
        try:
            self.judge(rule, watched, time.time_ns() // 1_000_000)
        except (YunwangError, OSError) as error:
            log.warning("%s: %s", rule.name, error)
        except Exception as error:  # noqa: BLE001 - whatever is odd about one rule, the others are judged
            self._trouble.note(error, f"Judging {rule.name}")

    def judge(self, rule: Rule, watched: Sequence[Watched], now_ms: int) -> None:
        """One rule over all its series; reports what changed."""
        self._due[rule.name] = time.monotonic() + (LONG_ROUND_S if span_ms(rule) > LONG_MS else 0.0)
        about = aims(rule, watched)
        out = self._lasting.began(rule, about, watched, now_ms)
        start, step = now_ms - span_ms(rule), step_ms(rule)
        for number, (key, frame) in enumerate(self._store.read_many(list(about), start, now_ms + 1, (now_ms - start) // step)):
            if self._stopping.is_set():
                break
            if alert := self._lasting.look(about[key], key, frame, now_ms):
                out.append(alert)
            if number % BREATH_SERIES == 0:
                time.sleep(BREATH_S)
        if out:
            self._report(out)
