"""Why the certificate of another side was refused, in one sentence with a way out (X509_V_ERR_* of OpenSSL, `openssl verify`)."""

import ssl
from collections.abc import Iterator

from core.errors import UnavailableError
from core.i18n import tr

NOT_YET, EXPIRED, OTHER_NAME, OTHER_ADDRESS = 9, 10, 62, 64
DEEPEST = 10


def refused(error: BaseException, where: str) -> UnavailableError:
    """where: address as a person knows it. What the certificate itself says is not repeated."""
    why, way_out = {
        EXPIRED: (tr("it has expired"), tr("Have it renewed by whoever runs that server.")),
        NOT_YET: (tr("it is not valid yet"), tr("Check the clocks of both machines.")),
        OTHER_NAME: (tr("it is for another name"), tr("Name the server as its certificate does.")),
        OTHER_ADDRESS: (tr("it is for another name"), tr("Name the server as its certificate does.")),
    }.get(_code(error), (tr("nobody we trust has signed it"), tr("Name its authority's PEM file: --authority FILE")))
    return UnavailableError(tr("The certificate of {address} was refused: {why}.", address=where, why=why), way_out=way_out)


def is_refusal(error: BaseException) -> bool:
    """Whether it was the certificate, and not the way in which TLS was spoken."""
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(error))


def _code(error: BaseException) -> int:
    return next((one.verify_code for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), 0)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Libraries hide it in reasons, arguments and contexts."""
    front: list[object] = [error]
    for _ in range(DEEPEST):
        if not front:
            return
        one = front.pop(0)
        if isinstance(one, BaseException):
            yield one
            front += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
            front = [other for other in front if isinstance(other, BaseException)]
