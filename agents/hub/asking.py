"""The request that is being answered, for whoever writes on its behalf: its id and its idempotency key."""

from contextvars import ContextVar

from agents.hub.commits import Key


class Asked:
    """One request. Its key belongs to the first write that it makes: a request that writes does so in one transaction."""

    __slots__ = ("key", "request", "taken")

    def __init__(self, request: str) -> None:
        self.request = request
        self.key: Key | None = None
        self.taken = False

    def take_key(self) -> Key | None:
        if self.key is None or self.taken:
            return None
        self.taken = True
        return self.key


asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def key_of_request() -> Key | None:
    """The idempotency key of the request that is being answered, once."""
    current = asked.get()
    return current.take_key() if current else None


def request_id() -> str:
    current = asked.get()
    return current.request if current else ""


def forget_key() -> None:
    """For a request that changes nothing (a dry run), and for one whose body holds a password: not even a digest of it is kept."""
    if current := asked.get():
        current.key = None
