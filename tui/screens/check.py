"""Check 检查: does a device have everything that it needs to be monitored, and what is the fix where not?"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType

from core.errors import YunwangError
from core.i18n import mark, tr
from core.node import Check
from core.width import clean
from tui.operations import bindings
from tui.pane import Line, Pane
from tui.screens.question import Question

SIGNS = {"ok": ("+", "good"), "warn": ("!", "warn"), "fail": ("x", "bad")}


class CheckScreen(Question):
    """The hub tries one device; F5 again."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("check")
    NAME = "check"
    TITLE_ID = mark("Check")
    AUTO_FOCUS = ""

    def __init__(self, device_id: str, name: str) -> None:
        super().__init__()
        self.device_id, self.device_name = device_id, name
        self.checks: tuple[Check, ...] = ()

    def compose_body(self) -> Iterable[Any]:
        yield Pane()

    def start(self) -> None:
        if not self.checks:
            self.refresh_data()

    def subject(self) -> tuple[str, str, str] | None:
        return "device", self.device_id, self.device_name

    def refresh_data(self) -> None:
        self._show(tr("It is being tried; that may take half a minute."))
        self.aside("check", self._try)

    def retranslate(self) -> None:
        super().retranslate()
        self.refresh_data()

    async def _try(self) -> None:
        try:
            self.checks = await self.hub.check(self.device_id)
        except YunwangError as error:
            self.failed(error)
            self._show(clean(f"{error.message} {error.way_out}"))
            return
        self._show("")

    def _show(self, words: str) -> None:
        if words:
            self.checks = ()
        self.query_one(Pane).show([Line(clean(self.device_name), ""), *([Line("", words)] if words else said(self.checks))])


def said(checks: Sequence[Check]) -> list[Line]:
    """Each check, its fix below it; then the verdict."""
    lines = []
    for one in checks:
        sign, tone = SIGNS[one.status]
        lines.append(Line(clean(one.name), f"{sign} {clean(one.found)}", tone))
        if one.fix:
            lines.append(Line(" ", f"{tr('fix:')} {clean(one.fix)}"))
    if all(one.status == "ok" for one in checks):
        lines.append(Line("", tr("Everything is there."), "good"))
    return lines
