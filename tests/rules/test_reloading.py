"""Files of rules that change: read once they stand still; what is kept of them; what of the state of rules stays."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agents.hub.ruling.reloading import Reloading
from agents.rulebook import at_start, keep, read_own, rulebook
from agents.senses.judging import Judging
from core.polling import PollPlan, TablePlan
from core.sections import General
from core.sections import Rules as RulesSection
from core.settings import Settings
from core.signals import Alert
from monitors.judge import Observation
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.rules.binding import bound
from monitors.rules.book import Book, moved, packed, shipped, unpacked
from monitors.rules.fleet import Fleet, Member
from monitors.rules.lasting import Lasting
from monitors.rules.reading import read_rules
from monitors.rules.rule import Rule

T0 = 1_700_000_000_000
GOOD = "rules:\n  hot: {kind: threshold, metric: m, above: 90, severity: major}\n"
BAD = "rules:\n  hot: {kind: threshold, metric: m, abov: 90, severity: major}\n"


def rules(text: str) -> tuple[Rule, ...]:
    return read_rules("own.yml", "rules:\n" + text)


def polled(metric: str) -> Polled:
    """A device of one column with one row, beside its uptime."""
    plan = PollPlan(scalars=((1, 3, 0),), tables=(TablePlan(columns=((1, 9),), indexes=((1,),), by_name=True),))
    table = TableMeaning(table="t", columns=(ColumnMeaning(name=metric, metric=metric),), labels=("a",))
    return Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "rules").mkdir()
    return Settings(general=General(data_dir=str(tmp_path)))


def own(settings: Settings, text: str) -> Path:
    path = Path(settings.general.data_dir) / "rules" / "own.yml"
    path.write_text(text)
    return path


def test_a_mistake_leaves_in_force_what_was_kept_in_every_process_and_over_a_restart(settings: Settings) -> None:
    own(settings, GOOD)
    keep(settings, at_start(settings).files)
    own(settings, BAD)
    assert rulebook(settings).book.rules["hot"].above == 90
    found = at_start(settings)
    assert (found.book.rules["hot"].above, found.kept) == (90, True)
    assert "own.yml:2: rules.hot.abov" in found.problems[0]
    own(settings, GOOD.replace("90", "80"))
    assert rulebook(settings).book.rules["hot"].above == 90, "in force is what the hub read, not what stands there"
    assert at_start(settings).book.rules["hot"].above == 80


def test_with_nothing_kept_the_other_files_hold(settings: Settings) -> None:
    own(settings, BAD).with_name("other.yml").write_text(GOOD)
    found = at_start(settings)
    assert (found.book.rules["hot"].above, found.kept, len(found.problems)) == (90, False, 1)


def test_what_was_kept_and_is_damaged_is_no_reason_not_to_start(settings: Settings) -> None:
    own(settings, GOOD)
    keep(settings, at_start(settings).files)
    (Path(settings.general.data_dir) / "rules-in-force").write_bytes(b"\xc1damaged")
    assert rulebook(settings).book.rules["hot"].above == 90


def test_a_folder_that_is_named_and_not_there_is_a_mistake(settings: Settings, tmp_path: Path) -> None:
    found = read_own(settings.replace(rules=RulesSection(folder=str(tmp_path / "gone"))))
    assert "rules.folder" in found.problems[0]
    assert found.book == shipped()


def test_rules_go_to_another_process_and_back() -> None:
    files = (tuple(shipped().rules.values()),)
    assert unpacked(packed(files)) == files


def test_where_a_rule_stands_is_no_difference() -> None:
    before, after = rules("  a: {kind: absence, metric: m, after_s: 60, severity: info}\n"), rules(
        "\n\n  b: {kind: absence, metric: m, after_s: 60, severity: info}\n  a: {kind: absence, metric: m, after_s: 60, severity: info}\n")
    found = moved(Book({r.name: r for r in before}), Book({r.name: r for r in after}))
    assert found == (("b",), (), ())
    off = Book({r.name: r.replace(off=True) for r in before})
    assert moved(Book({r.name: r for r in before}), off) == ((), (), ("a",))


async def test_files_are_read_once_they_stand_still_and_only_once(settings: Settings) -> None:
    calls: list[Any] = []
    hub: Any = SimpleNamespace(settings=settings)

    class Counted(Reloading):
        async def reload(self, caller: Any, *, dry_run: bool = False) -> Any:
            calls.append(caller)

    one = Counted(hub, SimpleNamespace())  # type: ignore[arg-type]
    path = own(settings, GOOD)
    await one.begin()
    await one.follow()
    assert calls == []
    path.write_text(BAD + "# still being written\n")
    await one.follow()
    path.write_text(GOOD + "# ready\n")
    await one.follow()
    assert calls == [], "it changes still"
    await one.follow()
    await one.follow()
    assert calls == [None]


def test_rows_of_rules_that_stay_keep_what_is_known_and_the_others_end() -> None:
    hot = "  hot: {kind: threshold, metric: m, above: 90, severity: major}\n"
    moved_up = "  moved: {kind: change, metric: m, by: 5, severity: info}\n"
    other = "  full: {kind: threshold, metric: m, above: 95, severity: major}\n"
    before, after = rules(hot + moved_up + other), rules(moved_up + hot.replace("90", "80"))
    fleet = Fleet(rule.name for rule in before)
    fleet.assign([Member("d", bound(before, polled("m"), {}, {}), 0)], {}, T0)
    raised = fleet.look([0], np.array([0, 97], np.float32), T0 + 1)
    assert [alert.rule for alert in raised] == ["hot", "full"]
    fleet.use(rule.name for rule in after)
    ended = fleet.assign([Member("d", bound(after, polled("m"), {}, {}), 0)], {}, T0 + 2)
    assert [(alert.rule, alert.cleared_at) for alert in ended] == [("full", T0 + 2)]
    assert [alert.rule for alert in fleet.look([0], np.array([0, 85], np.float32), T0 + 3)] == ["moved"], "hot goes on: it is above 80"
    (cleared, ) = [alert for alert in fleet.look([0], np.array([0, 79], np.float32), T0 + 4) if alert.rule == "hot"]
    assert cleared.id == raised[0].id


def test_polls_and_longer_looks_end_what_their_rules_had_raised() -> None:
    gone = Rule(name="gone", kind="poll", sees="unreachable", severity="critical")
    judging = Judging({}, {"gone": gone})
    judging.keep(["d"], {}, T0)
    (raised,) = judging.saw("d", Observation("none"), T0)
    judging.use({})
    assert [(alert.id, alert.cleared_at) for alert in judging.passed(T0 + 5)] == [(raised.id, T0 + 5)]
    stays = Rule(name="stays", kind="absence", severity="minor", metric=("m",), after_s=60)
    lasting = Lasting([stays, stays.replace(name="gone")])
    lasting.take_over([Alert(id=n, rule=n, device_id="d", severity="minor", raised_at=T0) for n in ("stays", "gone")])
    assert [alert.id for alert in lasting.use([stays.replace(after_s=30)], T0 + 9)] == ["gone"]
    assert lasting.use([stays], T0 + 10) == []
