"""When something of ours breaks, the console goes on."""

import stat
from pathlib import Path

import pytest

from core.sections import General
from core.settings import Settings
from tui import app as starting
from tui.accident import KEPT, Report, TooManyAccidentsError, write_report
from tui.console import YunwangApp
from tui.dialog import Accident


def _broken() -> ValueError:
    secret = "hunter2"
    try:
        raise ValueError(f"bad \x1b[31mthing of length {len(secret)}")
    except ValueError as error:
        return error


def test_a_report_has_the_traceback_but_no_local_values_and_only_the_owner_reads_it(tmp_path):
    report = write_report(_broken(), tmp_path / "reports", 0.0)
    text = Path(report.written_to).read_text()
    assert "_broken" in text
    assert "hunter2" not in text.replace('secret = "hunter2"', "")
    assert stat.S_IMODE(Path(report.written_to).stat().st_mode) == 0o600
    assert report.sentence == "ValueError: bad [31mthing of length 7"


def test_old_reports_go_and_a_folder_that_cannot_be_written_is_no_second_accident(tmp_path):
    for second in range(KEPT + 5):
        write_report(_broken(), tmp_path, float(second))
    assert len(list(tmp_path.glob("console-*.txt"))) == KEPT
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "未能写入" in write_report(_broken(), blocked / "sub", 0.0).written_to


async def test_the_next_console_tells_what_happened(city, console):
    async with console(city(5), accident=Report("ValueError: x [red]y", "/somewhere/console-1.txt")) as c:
        assert isinstance(c.app.screen, Accident)
        for words in ("控制台出错，已重新启动", "ValueError: x [red]y", "/somewhere/console-1.txt"):
            assert words in c.text()
        await c.keys("escape")
        assert c.app.screen.NAME == "overview"


async def test_an_error_anywhere_ends_this_run_with_a_report(city, tmp_path):
    app = YunwangApp(city(5), tmp_path)

    def explode() -> None:
        raise RuntimeError("a widget broke")

    async def walk() -> None:
        async with app.run_test() as pilot:
            app.screen.call_later(explode)
            await pilot.pause()

    with pytest.raises(RuntimeError):
        await walk()
    assert app.stumbled is not None
    assert "a widget broke" in app.stumbled.sentence
    assert len(list(tmp_path.iterdir())) == 1
    assert app._exit_renderables == []


def test_the_console_starts_again_and_gives_up_only_after_several_times(monkeypatch, tmp_path):
    settings = Settings(general=General(data_dir=str(tmp_path), run_dir=str(tmp_path), language="zh"))
    given = []

    def stumble(app: YunwangApp, *_args, **_fields) -> None:
        given.append(app.accident)
        app.stumbled = Report(f"number {len(given)}", "f")

    monkeypatch.setattr(YunwangApp, "run", stumble)
    with pytest.raises(TooManyAccidentsError) as caught:
        starting.run(settings)
    assert [g.sentence if g else None for g in given] == [None, "number 1", "number 2", "number 3"]
    assert "number 4" in str(caught.value)

    def leave(app: YunwangApp, *_args, **_fields) -> None:
        given.append(app.accident)

    monkeypatch.setattr(YunwangApp, "run", leave)
    assert starting.run(settings) == 0
