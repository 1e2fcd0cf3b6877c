"""Silences out of alerts: a window about exactly what an alert is about, or about what is named; its end is always set."""

from typing import TYPE_CHECKING

from agents.hub.alerting.choosing import one
from core import windows
from core.alerting import AlertSilence, AlertSilenced
from core.errors import InvalidInputError
from core.i18n import tr
from core.identity import Caller, Scope
from core.views import AlertRow
from core.work import Window

if TYPE_CHECKING:
    from agents.hub.hub import Hub

LONGEST_NAME = 100


async def silence(hub: "Hub", caller: Caller, wish: AlertSilence) -> AlertSilenced:
    """The window that is added; with `dry_run` the one that would be. Raises as `hub.windows.add` does."""
    named = bool(wish.units or wish.sites or wish.devices)
    if bool(wish.alert) == (named or bool(wish.rules or wish.instances)):
        raise InvalidInputError(
            tr("It is not said what is to be silenced."), way_out=tr("Name one alert, or devices, units, sites, rules."),
        )
    if not (wish.alert or named or wish.everywhere):
        raise InvalidInputError(
            tr("This would silence the rule everywhere."), way_out=tr("Name a device, unit or site, or say that everywhere is meant."),
        )
    window = await _about(hub, caller, wish) if wish.alert else _over(wish)
    added = await (hub.windows.planned if wish.dry_run else hub.windows.add)(caller, window)
    mutes = sum(windows.covers(added.window, hub.windows.place_of(row)) for row in hub.table.open_alerts())
    return AlertSilenced(window=added.window, mutes=mutes, conflicts=added.conflicts, dry_run=wish.dry_run)


async def _about(hub: "Hub", caller: Caller, wish: AlertSilence) -> Window:
    """One rule about one part of one object. An object that is no device is covered where it belongs."""
    row, places = await one(hub, wish.alert, hub.sight(caller))
    place = places.of(row)
    devices = (row.device,) if hub.table.devices_by_id([row.device_id]) else ()
    if wish.whole and not devices:
        raise InvalidInputError(
            tr("This alert is about no device: all of it cannot be named."), way_out=tr("Silence this rule and part alone."),
        )
    scope = Scope() if devices else Scope(units=(place.unit,)) if place.unit else Scope(sites=(place.site,)) if place.site else Scope()
    return Window(
        id="", name=_name(row, whole=wish.whole), kind="silence", starts_at=0, ends_at=wish.ends_at, scope=scope, devices=devices,
        rules=() if wish.whole else (row.rule,), instances=(row.instance,) if row.instance and not wish.whole else (),
        reason=wish.reason, author="",
    )


def _name(row: AlertRow, *, whole: bool) -> str:
    parts = (row.device,) if whole else (row.device, row.instance, row.rule)
    return " ".join(filter(None, parts))[:LONGEST_NAME]


def _over(wish: AlertSilence) -> Window:
    named = (*wish.devices, *wish.units, *wish.sites, *wish.rules, *wish.instances)
    return Window(
        id="", name=", ".join(named)[:LONGEST_NAME], kind="silence", starts_at=0, ends_at=wish.ends_at,
        scope=Scope(units=wish.units, sites=wish.sites), devices=wish.devices, rules=wish.rules, instances=wish.instances,
        reason=wish.reason, author="",
    )
