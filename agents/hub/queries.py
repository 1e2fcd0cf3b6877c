"""Query parameters to nouns, and the answer's language."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import Parameter

from core.errors import InvalidInputError
from core.i18n import LANGUAGES, tr
from core.ports import ListQuery
from core.views import ViewQuery

T = TypeVar("T", ViewQuery, ListQuery)
Number = Annotated[int, Parameter(ge=-(2**62), le=2**62)]
"""What fits a store's integers."""
WHERE = "where."
MAX_TEXT = 4096
MAX_OFFSET = 2**31
MAX_WINDOW, MAX_PAGE = 50_000, 10_000


def parse(params: Mapping[str, str], type_: type[T], **fixed: Any) -> T:
    """A query noun out of parameters: `where.FIELD=value` filters, the rest are its fields. Unknown ones are refused."""
    fields: dict[str, Any] = {"where": {}}
    for name, value in params.items():
        if len(value) > MAX_TEXT:
            raise InvalidInputError(tr("The parameter {name} is too long.", name=name[:64]))
        if name.startswith(WHERE):
            fields["where"][name.removeprefix(WHERE)] = value
        elif name in fixed:
            raise InvalidInputError(tr("There is no parameter {name} here.", name=name))
        elif name != "lang":
            fields[name] = value
    try:
        query = msgspec.convert(fields | fixed, type_, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("The parameters were not understood: {reason}.", reason=str(error))) from None
    _check_bounds(query)
    return query


def _check_bounds(query: ViewQuery | ListQuery) -> None:
    most = MAX_WINDOW if isinstance(query, ViewQuery) else MAX_PAGE
    if not 1 <= query.limit <= most:
        raise InvalidInputError(tr("A page has 1 to {limit} rows.", limit=most))
    if not 0 <= query.offset <= MAX_OFFSET:
        raise InvalidInputError(tr("An offset is a number from 0 to {most}.", most=MAX_OFFSET))


def truth(text: str) -> bool:
    """Of a parameter that is true or false."""
    words = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in words:
        raise InvalidInputError(tr("This is true or false, not {value!r}.", value=text[:32]))
    return words[text.lower()]


def language(accept: str, lang: str = "") -> str:
    """`zh` or `en` by the parameter or the header `Accept-Language`; empty: the hub's own."""
    for wish in (lang, *accept.split(",")):
        short = wish.strip()[:2].lower()
        if short in LANGUAGES:
            return short
    return ""
