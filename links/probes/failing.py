"""Why there is no answer, in one word of `core.probes.Answer` and a few of the system."""

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Iterator

from core.errors import YunwangError
from core.probes import Answer
from core.width import clean

MOST_SAID = 200
_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM, errno.EAFNOSUPPORT})


class ProbeFailure(Exception):  # noqa: N818 - it is an answer, told to whoever asked, and never reaches a person as an error
    """Ends a run with an answer."""

    def __init__(self, answer: Answer, said: str = "") -> None:
        super().__init__(answer)
        self.answer: Answer = answer
        self.said = clean(said, MOST_SAID)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What sockets, TLS and streams raise inside becomes a `ProbeFailure`."""
    try:
        yield
    except (ProbeFailure, YunwangError):
        raise
    except (socket.gaierror, UnicodeError):
        raise ProbeFailure("unknown-name") from None
    except ConnectionRefusedError:
        raise ProbeFailure("closed") from None
    except ssl.SSLCertVerificationError as error:
        raise ProbeFailure("bad-certificate", error.verify_message) from None
    except ssl.SSLError as error:
        raise ProbeFailure("nonsense", error.reason or "TLS") from None
    except TimeoutError:
        raise ProbeFailure("no-answer") from None
    except (asyncio.LimitOverrunError, ValueError):
        raise ProbeFailure("too-much") from None
    except (asyncio.IncompleteReadError, ConnectionError, EOFError) as error:
        raise ProbeFailure("nonsense", getattr(error, "strerror", "") or "it closed the connection") from None
    except OSError as error:
        raise ProbeFailure("unreachable" if error.errno in _NO_WAY else "no-answer", error.strerror or "") from None
