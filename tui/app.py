"""Starts the console; and starts it again when something of ours broke."""

import time

from client.api import connect
from core import i18n
from core.errors import NoAnswerError
from core.i18n import tr
from core.paths import data_dir
from core.settings import Settings
from core.views import Overview
from tui.accident import MAX_RESTARTS, Report, TooManyAccidentsError
from tui.console import YunwangApp

IN_A_ROW_S = 60.0


def run(settings: Settings) -> int:
    """The console until a person leaves it. Returns its exit code."""
    i18n.use(i18n.choose(settings.general.language))
    accident: Report | None = None
    recent: list[float] = []
    while True:
        app = _app(settings, accident)
        app.run()
        accident = app.stumbled
        if accident is None:
            return app.return_code or 0
        now = time.monotonic()
        recent = [at for at in recent if now - at < IN_A_ROW_S] + [now]
        if len(recent) > MAX_RESTARTS:
            raise TooManyAccidentsError(
                tr("The console stumbled {n} times in a row: {what}", n=len(recent), what=accident.sentence),
                way_out=tr("Details were written to {file}. The hub keeps working.", file=accident.written_to),
            )


def first_screen(settings: Settings, timeout_s: float = 60.0) -> float:
    """Seconds until an overview with living data has been drawn by a console without a terminal."""
    begun = time.monotonic()
    i18n.use(i18n.choose(settings.general.language))
    app = _app(settings, None)
    drawn: list[float] = []

    def seen(overview: Overview) -> None:
        if overview.devices and overview.up and overview.polling.polls and not drawn:
            app.call_after_refresh(finish)

    def finish() -> None:
        drawn.append(time.monotonic() - begun)
        app.exit()

    app.on_overview = seen
    app.deadline_s = timeout_s
    app.run(headless=True, size=(80, 24), mouse=False)
    if app.stumbled is not None:
        raise TooManyAccidentsError(app.stumbled.sentence, way_out=tr("Details were written to {file}.", file=app.stumbled.written_to))
    if not drawn:
        raise NoAnswerError(tr("No living overview within {n} s.", n=round(timeout_s)), way_out=tr("`yunwang hub status` tells more."))
    return drawn[0]


def _app(settings: Settings, accident: Report | None) -> YunwangApp:
    return YunwangApp(connect(settings), data_dir(settings) / "reports", accident)
