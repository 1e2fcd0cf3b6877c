"""What a person typed into the filter of the objects. Pure."""

from collections.abc import Iterator, Mapping

from core.i18n import LANGUAGES, tr_in
from core.model import TITLES
from tui.fields import FIELDS, PROTECTION, VALUES
from tui.filters import Filter
from tui.words import LEVELS, ROLES

_TRUE = {"yes": "true", "no": "false", "是": "true", "否": "false", "true": "true", "false": "false"}
_FLAGS = frozenset({"cii", "internet_facing", "polled", "enabled", "external"})


def read_objects(typed: str, fields: frozenset[str]) -> Filter:
    """`莲都 单位=大数据局 等保=三级`: fields of this kind by their own name or as the screen calls them, in either language."""
    return read_fields(typed, {field: FIELDS.get(field, field) for field in fields}, VALUES)


def read_fields(typed: str, fields: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> Filter:
    """The same for any fields with their titles, and values with their words (message ids)."""
    words, where = [], {}
    known = {name: field for field, title in fields.items() for name in _names(field, title)}
    for word in typed.replace("＝", "=").replace("\u3000", " ").split():
        name, sign, value = word.partition("=")
        field = known.get(name.casefold())
        if sign and field and value:
            where[field] = _value(field, value, values)
        elif not (sign and field):
            words.append(word)
    return Filter(" ".join(words), where)


def _names(field: str, title: str) -> Iterator[str]:
    yield field
    for language in LANGUAGES:
        yield tr_in(language, title).casefold().replace(" ", "")


def _value(field: str, typed: str, values: Mapping[str, Mapping[str, str]]) -> str:
    if field in _FLAGS:
        return _TRUE.get(typed.casefold(), typed)
    if field == "protection_level":
        return next((str(n) for n, word in enumerate(PROTECTION) if n and typed in _words(word)), typed)
    if field == "object_kind":
        return next((kind for kind, titles in TITLES.items() if typed.casefold() in (kind, *map(str.casefold, titles))), typed)
    table: Mapping[str, str] = {"level": LEVELS, "role": ROLES}.get(field, values.get(field, {}))
    return next((value for value, word in table.items() if typed.casefold() in _words(word)), typed)


def _words(message: str) -> set[str]:
    return {tr_in(language, message).casefold() for language in LANGUAGES}
