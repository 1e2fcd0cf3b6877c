"""An error on its way from one process to another: the same class arrives with the same sentence."""

from core import errors
from core.errors import YunwangError
from core.nouns import Noun


class Failure(Noun, frozen=True, kw_only=True):
    """A `YunwangError` as data: `{"error": ...}` of the API, the error frame of the bus, the last word of a child."""

    code: str
    message: str
    way_out: str = ""

    @classmethod
    def of(cls, error: YunwangError) -> "Failure":
        return cls(code=error.code, message=error.message, way_out=error.way_out)

    def error(self) -> YunwangError:
        """The error again, of the class that its code names; of the root where the code is not known here."""
        return BY_CODE.get(self.code, YunwangError)(self.message, way_out=self.way_out)


BY_CODE: dict[str, type[YunwangError]] = {
    c.code: c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, YunwangError)
}
