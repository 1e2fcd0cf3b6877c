"""X-ray X光: what carries it, from a unit down to the switch port behind its machine, and back to the unit's own port on the net?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Label

from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.questions import Thing, XRay
from core.width import clean
from tui.fields import kind_title
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import Question
from tui.tables_objects import XRAY
from tui.tree import XLine, first_folds, lines, seen
from tui.window import Window

PERIOD_S = 3.0
MOST_MARKED = 100


class Tree(Rows):
    """Lines of a tree: the space bar marks one instead of turning the page."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "app.operate('console.mark')", show=False)]


class XrayScreen(Question):
    """A tree that folds; each line with its state as it is now."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("xray")
    NAME = "xray"
    TITLE_ID = mark("X-ray")
    CSS_PATH = "xray.tcss"

    def __init__(self, thing: Thing) -> None:
        super().__init__()
        self.thing = thing
        self.found: XRay | None = None
        self.problem = ""
        self.way = "down"
        """`up`: what stands on it instead of what carries it."""
        self.all_lines: list[XLine] = []
        self.folded: set[str] = set()
        self.window: Window[XLine] = Window(XLine, lambda line: line.key)
        self.rows = Tree(XRAY, self.window, id="xray")

    def compose_body(self) -> Iterable[Any]:
        yield Label(id="state", classes="title -quiet", markup=False)
        yield self.rows

    def on_mount(self) -> None:
        self.set_interval(PERIOD_S, lambda: self._ask() if self.is_seen else None)
        self.rows.focus()
        self.describe()

    def start(self) -> None:
        self._show()
        self._ask()

    def refresh_data(self) -> None:
        self._ask()

    def retranslate(self) -> None:
        super().retranslate()
        self.describe()

    def subject(self) -> tuple[str, str, str]:
        line = self.rows.row
        thing = line.row.thing if isinstance(line, XLine) else self.thing
        return thing.kind, thing.id, thing.name

    # --- reading

    def _ask(self) -> None:
        self.aside("xray", self._read)

    async def _read(self) -> None:
        try:
            found = await self.hub.graph.xray(self.thing.id, way=self.way)
        except YunwangError as error:
            self.problem = clean(f"{error.message} {error.way_out}")
            self.describe()
            return
        self.problem = ""
        if self.found is None or found.rows != self.found.rows:
            first, self.found = self.found is None, found
            self.all_lines = lines(found.rows)
            if first:
                self.folded = first_folds(self.all_lines, max(12, self.size.height - 6))
            self._show()
        self.describe()

    def _show(self) -> None:
        if self.found is None or not self.is_attached:
            return
        before, order, known = dict(self.window.rows), list(self.window.order), self.window.known
        self.window.fill(seen(self.all_lines, self.folded, set(self.console_app.marked)))
        same = known and order == self.window.order
        self.rows.changed({key for key, line in self.window.rows.items() if before.get(key) != line} if same else None)
        self.describe()

    def describe(self) -> None:
        if not self.is_attached:  # closed while the hub was thinking
            return
        stands = tr("what stands on it") if self.way == "up" else tr("what carries it")
        words = [f"{kind_title(self.thing.kind)} {clean(self.thing.name)}: {stands}"]
        if self.found is None:
            words.append(self.problem or tr("Asking .."))
        else:
            words.append(tr("{n} lines", n=len(self.all_lines)) + (f" {tr('(there is more)')}" if self.found.cut_off else ""))
            if self.problem:
                words.append(self.problem)
        if marked := len(self.console_app.marked):
            words.append(tr("{n} marked for a what-if", n=marked))
        words.append(tr("Left folds, Right opens"))
        self.query_one("#state", Label).update(" " + " | ".join(words))

    # --- what can be done

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.row, XLine) and message.row.row.thing.id:
            thing = message.row.row.thing
            self.console_app.open_object(thing.kind, thing.id, thing.name)

    def action_fold(self) -> None:
        """Folds the line; one that is folded or has nothing below goes to the line above it."""
        line = self.rows.row
        if not isinstance(line, XLine):
            return
        if line.opens and not line.folded:
            self.folded.add(line.key)
            self._show()
        elif line.parent:
            self.rows.go(self.window.index_of(line.parent))

    def action_unfold(self) -> None:
        line = self.rows.row
        if not isinstance(line, XLine):
            return
        if line.folded:
            self.folded.discard(line.key)
            self._show()
        elif line.opens:
            self.rows.action_move(1)

    def action_unfold_all(self) -> None:
        """Everything open; when it is, everything folded but the first level."""
        self.folded = set() if self.folded else {line.key for line in self.all_lines if line.opens and line.row.depth}
        self._show()

    def action_way(self) -> None:
        """The other way round: what stands on it, or what carries it."""
        self.way = "down" if self.way == "up" else "up"
        self.found = None
        self.rows.select_first()
        self.describe()
        self._ask()

    def action_mark(self) -> None:
        line = self.rows.row
        if not isinstance(line, XLine) or not line.row.thing.id:
            return
        marked, thing = self.console_app.marked, line.row.thing
        if thing.id in marked:
            del marked[thing.id]
        elif len(marked) >= MOST_MARKED:
            self.failed(InvalidInputError(tr("At most {n} objects can be marked.", n=MOST_MARKED)))
        else:
            marked[thing.id] = thing
        self._show()
        self.rows.action_move(1)

    def action_impact(self) -> None:
        """Of all that is marked, here or in another X-ray; where nothing is, of the line under the cursor."""
        if marked := list(self.console_app.marked.values()):
            self.console_app.open_impact(marked)
        else:
            super().action_impact()

    def action_unmark(self) -> None:
        self.console_app.marked.clear()
        self._show()
