"""`client.rules`: what becomes an alert. Trying a rule is a job (`core.rulebook.TEST_JOB`)."""

from client.transport import Transport
from core.rulebook import RuleBook


class Rules:
    """The rules of one hub."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def all(self) -> RuleBook:
        """Those in force, with the alerts of each that one sees."""
        return await self._wire.get("/api/v1/rules", RuleBook)
