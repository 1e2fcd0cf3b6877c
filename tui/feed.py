"""Keeps a window on a view up to date: follows the hub's stream and tells the screen at most twice a second."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from textual.dom import DOMNode
from textual.timer import Timer
from textual.worker import Worker

from client import Client
from core.errors import YunwangError
from core.views import ViewQuery
from tui.window import Window

PERIOD_S = 0.5


Hub = Client
"""The console knows the hub through its client alone; tests put a twin in its place."""


class Feed:
    """One subscription of one screen. `tell` gets the ids that changed, None when rows moved; `fail` what no retry mends."""

    def __init__(
        self, node: DOMNode, hub: Hub, window: Window[Any], tell: Callable[[set[str] | None], None],
        state: Callable[[bool], None], fail: Callable[[YunwangError], None],
    ) -> None:
        self.node, self.hub, self.window = node, hub, window
        self._tell, self._state, self._fail = tell, state, fail
        self._query: ViewQuery | None = None
        self._worker: Worker[None] | None = None
        self._timer: Timer | None = None
        self._pending: set[str] | None = set()
        self._told_at = 0.0

    def ask(self, query: ViewQuery) -> None:
        """Follows this query instead of the one before; the same again changes nothing."""
        if query == self._query and self._worker is not None and self._worker.is_running:
            return
        self.stop()
        self._query = query
        self._worker = self.node.run_worker(partial(self._follow, query), group=query.view, exit_on_error=True)

    def again(self) -> None:
        """Follows the same query afresh."""
        if (query := self._query) is not None:
            self.stop()
            self.ask(query)

    def stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
        if self._timer is not None:
            self._timer.stop()
        self._worker = self._timer = None
        self._pending = set()

    async def _follow(self, query: ViewQuery) -> None:
        try:
            async for delta in self.hub.subscribe(query, self._state):
                self._changed(self.window.apply(delta), at_once=delta.kind == "snapshot")
        except YunwangError as error:
            self._fail(error)

    def _changed(self, ids: set[str] | None, *, at_once: bool) -> None:
        self._pending = None if ids is None or self._pending is None else self._pending | ids
        wait = 0.0 if at_once else PERIOD_S - (time.monotonic() - self._told_at)
        if wait <= 0:
            self._flush()
        elif self._timer is None:
            self._timer = self.node.set_timer(wait, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        pending, self._pending, self._timer = self._pending, set(), None
        if pending is None or pending:
            self._told_at = time.monotonic()
            self._tell(pending)
