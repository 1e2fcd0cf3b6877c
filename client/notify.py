"""`client.notify`: who is told of what, by which way. Secrets go to the hub and never come back."""

from urllib.parse import quote

from client.transport import Transport
from core.notices import (
    Channel,
    ChannelChange,
    ChannelRow,
    Contact,
    Message,
    NewChannel,
    NewContact,
    NewRoute,
    Route,
    Tested,
    TestWish,
    WhoAnswer,
    WhoWish,
)

TEST_TIMEOUT_S = 240.0


class Notify:
    """Channels, contacts, routes and messages."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def channels(self) -> list[ChannelRow]:
        return await self._wire.get("/api/v1/notify/channels", list[ChannelRow])

    async def add_channel(self, new: NewChannel) -> Channel:
        return await self._wire.send("POST", "/api/v1/notify/channels", Channel, new)

    async def change_channel(self, name: str, change: ChannelChange) -> Channel:
        return await self._wire.send("PATCH", f"/api/v1/notify/channels/{_segment(name)}", Channel, change)

    async def remove_channel(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/notify/channels/{_segment(name)}")

    async def contacts(self) -> list[Contact]:
        return await self._wire.get("/api/v1/notify/contacts", list[Contact])

    async def put_contact(self, new: NewContact) -> Contact:
        """Declares a contact, or replaces the one of this name."""
        return await self._wire.send("PUT", "/api/v1/notify/contacts", Contact, new)

    async def remove_contact(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/notify/contacts/{_segment(name)}")

    async def routes(self) -> list[Route]:
        return await self._wire.get("/api/v1/notify/routes", list[Route])

    async def put_route(self, new: NewRoute) -> Route:
        """Declares a route, or replaces the one of this name."""
        return await self._wire.send("PUT", "/api/v1/notify/routes", Route, new)

    async def remove_route(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/notify/routes/{_segment(name)}")

    async def messages(self, *, contact: str = "", state: str = "", limit: int = 100) -> list[Message]:
        """Who was told of what, newest first."""
        query = f"contact={quote(contact, safe='')}&being={quote(state, safe='')}&limit={limit}"
        return await self._wire.get(f"/api/v1/notify/messages?{query}", list[Message])

    async def resend(self, message_id: str) -> Message:
        """Sends it once more: what is sent now, a new message where the other one was over."""
        return await self._wire.send("POST", f"/api/v1/notify/messages/{_segment(message_id)}/resend", Message)

    async def test(self, wish: TestWish) -> list[Tested]:
        """Sends a message now; one answer for each way."""
        return await self._wire.send("POST", "/api/v1/notify/test", list[Tested], wish, timeout_s=TEST_TIMEOUT_S)

    async def who(self, wish: WhoWish) -> WhoAnswer:
        """Who would be told of an alert."""
        return await self._wire.send("POST", "/api/v1/notify/who", WhoAnswer, wish)


def _segment(text: str) -> str:
    return quote(text, safe="")
