"""`client.alerting`: alerts by what they are about, the story of each, what people do about them. To follow a list: the view `alerts`."""

from urllib.parse import quote

from client.transport import Transport
from core.alerting import AlertList, AlertOrder, AlertQuery, AlertsDone, AlertSilence, AlertSilenced, AlertStory, Verb
from core.nouns import new_id

_URL = "/api/v1/alerts"
ORDER_TIMEOUT_S = 60.0


class Alerting:
    """The alerts of one hub. Ids may be whole, or the last characters that only one alert has."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def matching(self, query: AlertQuery, limit: int = 200, after: str = "") -> AlertList:
        """The most urgent first, cleared ones after open ones; `after` the cursor of the page before. `query.ids` is for orders alone."""
        params: dict[str, str | int] = {
            "text": query.text, "least": query.least, "unit": query.unit, "site": query.site, "device": query.device, "rule": query.rule,
            "root": query.root, "after": after, "being": query.being, "roots": str(query.roots).lower(),
            "unacked": str(query.unacked).lower(), "unmuted": str(query.unmuted).lower(), "since_ms": query.since_ms, "limit": limit,
        }
        return await self._wire.get(f"{_URL}/matching", AlertList, {name: value for name, value in params.items() if value != ""})

    async def story(self, alert_id: str) -> AlertStory:
        return await self._wire.get(f"{_URL}/{quote(alert_id, safe='')}", AlertStory)

    async def act(self, verb: Verb, order: AlertOrder) -> AlertsDone:
        """At most `core.alerting.MOST_AT_ONCE` at a time; `left` tells how many more there are."""
        return await self._wire.send("POST", f"{_URL}/{verb}", AlertsDone, order, key=new_id(0), timeout_s=ORDER_TIMEOUT_S)

    async def ack(self, *ids: str, reason: str = "") -> AlertsDone:
        return await self.act("ack", AlertOrder(alerts=AlertQuery(ids=ids), text=reason))

    async def unack(self, *ids: str, text: str = "") -> AlertsDone:
        return await self.act("unack", AlertOrder(alerts=AlertQuery(ids=ids), text=text))

    async def comment(self, *ids: str, text: str) -> AlertsDone:
        return await self.act("comment", AlertOrder(alerts=AlertQuery(ids=ids), text=text))

    async def close(self, *ids: str, reason: str) -> AlertsDone:
        """Only what nobody looks at any more."""
        return await self.act("close", AlertOrder(alerts=AlertQuery(ids=ids), text=reason))

    async def silence(self, wish: AlertSilence) -> AlertSilenced:
        """A window of kind silence; `client.work.end_window` ends it early."""
        return await self._wire.send("POST", f"{_URL}/silence", AlertSilenced, wish)
