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


def parse(params: Mapping[str, str], type_: type[T], **fixed: Any) -> T:
    """A query noun out of parameters: `where.FIELD=value` filters, the rest are its fields. Unknown ones are refused."""
    fields: dict[str, Any] = {"where": {}}
    for name, value in params.items():
        if len(value) > MAX_TEXT:
            raise InvalidInputError(tr("The parameter {name} is too long.", name=name[:64]))
        if name.startswith(WHERE):
            fields["where"][name.removeprefix(WHERE)] = value
        elif name != "lang":
            fields[name] = value
    try:
        return msgspec.convert(fields | fixed, type_, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("The parameters were not understood: {reason}.", reason=str(error))) from None


def language(accept: str, lang: str = "") -> str:
    """`zh` or `en` by the parameter or the header `Accept-Language`; empty: the hub's own."""
    for wish in (lang, *accept.split(",")):
        short = wish.strip()[:2].lower()
        if short in LANGUAGES:
            return short
    return ""
