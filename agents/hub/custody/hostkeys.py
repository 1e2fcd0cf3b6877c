"""Host keys: pinned at first sight, and an alert when another one is shown. No work goes on with that host until it is accepted."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agents.hub.records import in_thread, now_ms
from core.custody import HostKey, HostKeyWish, id_of
from core.errors import ConflictError, ForbiddenError, NotFoundError
from core.i18n import tr
from core.identity import Actor, Caller
from core.nouns import new_id
from core.ports import RecordStore, RecordWrite
from core.signals import Alert
from links.ssh import Checked, Pin

if TYPE_CHECKING:
    from agents.hub.hub import Hub

RULE = "host-key-changed"


class HostKeys:
    """The host keys of one hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def pin(self, address: str, port: int) -> Pin | None:
        """What the host must show; None at first sight. Raises `ForbiddenError` while a changed key waits for a person."""
        known = await in_thread(_known, self._hub.store, address, port)
        if known is None:
            return None
        if known.state == "changed":
            raise ForbiddenError(
                tr("The SSH host key of {host} has changed; nothing logs in there.", host=place(address, port)),
                way_out=tr("The security officer compares it on the device's console: yunwang hostkey list"),
            )
        return Pin(known.algorithm, known.fingerprint)

    async def saw(self, actor: Actor, address: str, port: int, shown: Checked, device_id: str = "") -> None:
        """Remembers what a host showed: pins it at first sight, raises the alert where it is another one."""
        if not shown.fingerprint:
            return
        now = now_ms()
        alert = Alert(
            id=new_id(now), rule=RULE, device_id=device_id, instance=place(address, port), severity="critical", raised_at=now,
            evidence={"offered": shown.fingerprint, "address": address},
        )
        raised = await self._hub.commits.write(actor, lambda write: _remember(write, address, port, shown, alert))
        if raised is not None:
            await self._hub.alerting.show([raised])

    async def accept(self, caller: Caller, wish: HostKeyWish) -> HostKey:
        """The offered key becomes the pinned one, if it is the one that the officer names."""
        opened = await in_thread(_open_alerts, self._hub.store, place(wish.address, wish.port))
        now = now_ms()
        cleared: list[Alert] = []

        def change(write: RecordWrite) -> HostKey:
            known = _within(write, wish)
            if known.state != "changed":
                raise ConflictError(tr("The host key of {host} has not changed.", host=place(wish.address, wish.port)))
            if wish.fingerprint != known.offered:
                raise ConflictError(
                    tr("{host} offers another key than the one you name.", host=place(wish.address, wish.port)),
                    way_out=tr("Do not accept it unless the device's own console shows {offered}.", offered=known.offered),
                )
            accepted = known.replace(
                fingerprint=known.offered, algorithm=known.offered_algorithm, state="pinned", offered="", offered_algorithm="",
                offered_at=0, first_seen=now,
            )
            write.put("hostkey.accept", accepted)
            cleared[:] = _cleared(write, opened, now)
            return accepted

        accepted = await self._hub.write(caller, change)
        await self._hub.alerting.show(cleared)
        return accepted

    async def remove(self, caller: Caller, wish: HostKeyWish) -> None:
        """Forgets the host: what it shows next is pinned at first sight."""
        opened = await in_thread(_open_alerts, self._hub.store, place(wish.address, wish.port))
        cleared: list[Alert] = []

        def change(write: RecordWrite) -> None:
            write.delete("hostkey.remove", "host_key", _within(write, wish).id)
            cleared[:] = _cleared(write, opened, now_ms())

        await self._hub.write(caller, change)
        await self._hub.alerting.show(cleared)


def place(address: str, port: int) -> str:
    """`10.0.0.1`, `10.0.0.1:2222`, `[fd00::1]:2222`: as people and commands name the host."""
    host = f"[{address}]" if ":" in address and port != 22 else address
    return host if port == 22 else f"{host}:{port}"


def _known(store: RecordStore, address: str, port: int) -> HostKey | None:
    try:
        found = store.get("host_key", id_of("host_key", address, port))
    except NotFoundError:
        return None
    return found if isinstance(found, HostKey) else None


def _within(write: RecordWrite, wish: HostKeyWish) -> HostKey:
    try:
        found: HostKey = write.get("host_key", id_of("host_key", wish.address, wish.port))
    except NotFoundError:
        raise NotFoundError(
            tr("No host key of {host} is known.", host=place(wish.address, wish.port)), way_out=tr("See `yunwang hostkey list`."),
        ) from None
    return found


def _open_alerts(store: RecordStore, instance: str) -> list[Alert]:
    return [alert for alert in store.open_alerts() if alert.rule == RULE and alert.instance == instance]


def _cleared(write: RecordWrite, opened: Iterable[Alert], now: int) -> list[Alert]:
    """As they are by now, with what people did about them."""
    after: list[Alert] = [write.get("alert", alert.id).replace(cleared_at=now) for alert in opened]
    for alert in after:
        write.put("alert.clear", alert)
    return after


def _remember(write: RecordWrite, address: str, port: int, shown: Checked, alert: Alert) -> Alert | None:
    """The alert, where one is to be raised."""
    identity = id_of("host_key", address, port)
    try:
        known: HostKey = write.get("host_key", identity)
    except NotFoundError:
        new = HostKey(
            id=identity, address=address, port=port, algorithm=shown.algorithm, fingerprint=shown.fingerprint, first_seen=alert.raised_at,
        )
        write.put("hostkey.pin", new)
        return None
    if known.fingerprint == shown.fingerprint or known.offered == shown.fingerprint:
        return None
    write.put("hostkey.changed", known.replace(
        state="changed", offered=shown.fingerprint, offered_algorithm=shown.algorithm, offered_at=alert.raised_at,
    ))
    if known.state == "changed":  # one alert for each host that waits
        return None
    raised = alert.replace(evidence={**alert.evidence, "pinned": known.fingerprint})
    write.put("alert.raise", raised)
    return raised
