"""What a person typed into the audit trail's filter, as a query. Pure: now is an argument."""

from core.audit import AuditQuery
from core.errors import InvalidInputError
from tui.moments import read_past

_FIELDS = {
    "actor": "actor", "who": "actor", "谁": "actor", "人员": "actor", "action": "action", "动作": "action", "操作": "action",
    "kind": "kind", "种类": "kind", "object": "object_id", "对象": "object_id", "origin": "origin", "来源": "origin", "request": "request",
    "请求": "request", "from": "start_ms", "从": "start_ms", "起": "start_ms", "to": "end_ms", "到": "end_ms", "止": "end_ms",
}
_TIMES = ("start_ms", "end_ms")


def read_query(typed: str, now_ms: int) -> AuditQuery:
    """`谁=zhang 动作=user. 从=11-20 到=2h 机房`; what is no field is a word. A time that cannot be read is left out: it is being typed."""
    words: list[str] = []
    fields: dict[str, str | int] = {}
    for word in typed.replace("＝", "=").replace("　", " ").split():
        name, sign, value = word.partition("=")
        field = _FIELDS.get(name.lower())
        if not (sign and field):
            words.append(word)
        elif field in _TIMES:
            try:
                fields[field] = read_past(value, now_ms)
            except InvalidInputError:
                continue
        elif value:
            fields[field] = value
    return AuditQuery(word=" ".join(words), **fields)  # type: ignore[arg-type]
