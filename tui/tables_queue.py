"""The columns and words of the review queue 待审队列."""

from core.i18n import mark, tr
from core.rows import QueueRow
from core.width import clean
from tui.columns import Column
from tui.fields import field_title, kind_title
from tui.words import Word, moment

CLASSES = {
    "field": Word("~", mark("field differs"), "warn"),
    "new": Word("+", mark("new object"), "good"),
    "missing": Word("x", mark("not seen any more"), "bad"),
    "replaced": Word("!", mark("replaced box"), "bad"),
    "in-doubt": Word("?", mark("in doubt"), "warn"),
    "unowned": Word("o", mark("unowned"), "warn"),
}
STATES = {
    "open": Word("?", mark("open"), "warn"),
    "accepted": Word("+", mark("taken over"), "good"),
    "rejected": Word("x", mark("turned down"), "bad"),
    "gone": Word("-", mark("settled by itself"), "dim"),
}


def what(row: QueueRow) -> Word:
    return CLASSES.get(row.what, Word("?", clean(row.what), "dim"))


def state(row: QueueRow) -> Word:
    return STATES.get(row.state, Word("?", clean(row.state), "dim"))


def told_now(row: QueueRow) -> str:
    """What the sources say: what devices and platforms were seen to be, else what configurations hold."""
    return clean(row.observed or row.configured)


def alike(row: QueueRow) -> dict[str, str]:
    """The filter that fits the open lines of the same class, kind of object, field and source."""
    found = {"state": "open", "what": row.what, "object_kind": row.object_kind, "field": row.field, "origin": row.origin}
    return {field: value for field, value in found.items() if value or field == "field"}


def alike_words(row: QueueRow) -> str:
    """The same for people."""
    parts = [tr(CLASSES[row.what].word), kind_title(row.object_kind), field_title(row.field) if row.field else "", clean(row.origin)]
    return " | ".join(part for part in parts if part)


QUEUE = (
    Column(mark("State"), lambda r: str(state(r)), 8, 12, 6, "state", tone=lambda r: state(r).tone),
    Column(mark("Class"), lambda r: str(what(r)), 12, 18, 0, "what", tone=lambda r: what(r).tone,
           words=tuple(word.word for word in CLASSES.values())),
    Column(mark("Type"), lambda r: kind_title(r.object_kind), 8, 12, 3, "object_kind"),
    Column(mark("Object"), lambda r: clean(r.name), 18, 36, 0, "name"),
    Column(mark("Field"), lambda r: field_title(r.field) if r.field else "", 8, 14, 1, "field"),
    Column(mark("Declared"), lambda r: clean(r.declared), 12, 30, 1),
    Column(mark("Seen"), told_now, 12, 30, 1, tone=lambda _r: "warn"),
    Column(mark("Told by"), lambda r: clean(r.origin), 12, 26, 4, "origin"),
    Column(mark("Unit"), lambda r: clean(r.unit), 12, 26, 6, "unit"),
    Column(mark("Since"), lambda r: moment(r.first_seen), 11, 11, 3, "first_seen"),
    Column(mark("Decided by"), lambda r: clean(r.by), 10, 20, 7, "by"),
)
