"""What is sent, and how whoever sends it proves who they are."""

from typing import NamedTuple

from core.secret import Secret
from core.signals import Severity


class Letter(NamedTuple):
    """One message to one place. subject is one line; text has several."""

    id: str
    to: str
    subject: str
    text: str
    severity: Severity
    at_ms: int
    about: str = "alert"


class Login(NamedTuple):
    """username is empty for a token; secret None: nothing is needed."""

    username: str = ""
    secret: Secret | None = None

    def reveal(self) -> str:
        return self.secret.reveal() if self.secret else ""
