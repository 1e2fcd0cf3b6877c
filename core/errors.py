"""Errors with a common root.

Every error that a person may meet is a `YunwangError`: one sentence that says what is wrong, one that says the way out, and an
exit code of the command line. Subclasses inherit from the standard library's kin as well, so `except OSError` still works.
"""

from typing import ClassVar


class YunwangError(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, way_out: str = "") -> None:
        self.message = message or (self.__doc__ or "").strip().splitlines()[0]
        self.way_out = way_out
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.way_out}".strip()


class UsageError(YunwangError, ValueError):
    """The command was not understood."""

    exit_code = 2
    code = "usage"


class NoAnswerError(YunwangError, TimeoutError):
    """Nothing answered."""

    exit_code = 3
    code = "no-answer"


class SettingsError(YunwangError, ValueError):
    """The settings cannot be used."""

    exit_code = 4
    code = "settings"


class InvalidInputError(YunwangError, ValueError):
    """The input cannot be accepted."""

    exit_code = 5
    code = "invalid-input"


class NotFoundError(YunwangError, LookupError):
    """There is no such thing."""

    exit_code = 6
    code = "not-found"


class ForbiddenError(YunwangError, PermissionError):
    """This account may not do that."""

    exit_code = 7
    code = "forbidden"


class LoginNeededError(ForbiddenError):
    """Nobody is logged in."""

    exit_code = 14
    code = "login-needed"


class ConflictError(YunwangError):
    """Somebody else changed it first."""

    exit_code = 8
    code = "conflict"


class ChangedError(ConflictError):
    """It is not any more as it was when it was read."""

    exit_code = 15
    code = "changed"


class StorageError(YunwangError, OSError):
    """The store cannot be read or written."""

    exit_code = 9
    code = "storage"


class DiskFullError(StorageError):
    """The disk is full."""

    exit_code = 10
    code = "disk-full"


class SocketInUseError(YunwangError, OSError):
    """The address is in use by another program."""

    exit_code = 11
    code = "address-in-use"


class UnavailableError(YunwangError, ConnectionError):
    """The hub cannot be reached."""

    exit_code = 12
    code = "unavailable"


class BusyError(UnavailableError):
    """Too much at once."""

    exit_code = 16
    code = "busy"


class TooManyError(BusyError):
    """This caller asks for too much at once."""

    exit_code = 17
    code = "too-many"


class ProtocolError(YunwangError, ValueError):
    """The other side sent something that its protocol does not allow.

    template, values: the same sentence before they were filled in.
    """

    exit_code = 13
    code = "protocol"

    def __init__(self, message: str = "", *, way_out: str = "", **values: str) -> None:
        super().__init__(message.format(**values) if values else message, way_out=way_out)
        self.template, self.values = message or self.message, values
