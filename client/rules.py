"""`client.rules`: what becomes an alert. Trying a rule is a job (`core.rulebook.TEST_JOB`)."""

from client.transport import Transport
from core.rulebook import Reloaded, RuleBook

RELOAD_TIMEOUT_S = 60.0


class Rules:
    """The rules of one hub."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def all(self) -> RuleBook:
        """Those in force, with the alerts of each that one sees."""
        return await self._wire.get("/api/v1/rules", RuleBook)

    async def reload(self, *, dry_run: bool = False) -> Reloaded:
        """Reads the site's own rules anew; dry_run: tells what would become of it."""
        return await self._wire.send(
            "POST", "/api/v1/rules/reload", Reloaded, params={"dry_run": int(dry_run)}, timeout_s=RELOAD_TIMEOUT_S,
        )
