"""`yunwang poll HOST`: the first step with one's own device."""

import getpass
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

import msgspec

from core.errors import NotFoundError, UnavailableError, UsageError
from core.i18n import tr
from core.settings import Settings
from core.width import clean, fit, right

if TYPE_CHECKING:
    from agents.local import Polled
    from core.measured import PollCost
    from core.polling import SnmpSecret

_OPER = {1: "up", 2: "down", 3: "testing", 5: "dormant", 6: "not present", 7: "down"}


def poll(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `polling.poll`."""
    from agents import local

    if args.explain and not (args.community or args.v3_user) and (cost := _cost_of_polled(settings, args.host)) is not None:
        return _explain(cost, as_json=args.json)
    address = local.address_of(args.host)
    target = local.target_of(address, args.port, args.version, secret_of(args), args.timeout)
    if args.explain:
        wanted = target.replace(interval_s=float(max(args.interval, 0) or settings.polling.interval_s))
        return _explain(local.explain(settings, wanted), as_json=args.json)
    found = local.poll(settings, target, 0.0 if args.once else max(args.wait, 0.1))
    if args.json:
        print(msgspec.json.encode(found).decode())
    else:
        _show(found)
    return 0


def _cost_of_polled(settings: Settings, name: str) -> "PollCost | None":
    """Of a device that a hub here polls; None: there is no hub, or it knows no such device."""
    from cli.asking import ask

    try:
        return ask(settings, lambda hub: hub.cost(name))
    except (UnavailableError, NotFoundError):
        return None


def _explain(found: "PollCost", *, as_json: bool) -> int:
    if as_json:
        print(msgspec.json.encode(found).decode())
        return 0
    print(f"{fit(tr('Profiles'), 14)} {', '.join(found.profiles)}\n")
    heads = f"{right(tr('Rows'), 6)} {right(tr('Variables'), 10)}"
    print(f"{fit(tr('Profile'), 24)} {fit(tr('Table'), 24)} {heads}  {tr('Stored as')}")
    for one in found.tables:
        figures = f"{right(str(one.rows), 6)} {right(str(one.variables), 10)}"
        print(f"{fit(one.profile, 24)} {fit(one.table, 24)} {figures}  {clean(' '.join(one.metrics), 80)}")
    print()
    print(tr(
        "One poll asks {variables} variables in {requests} requests: {out} octets out, about {back} octets back.",
        variables=found.variables, requests=found.requests, out=found.octets_out, back=found.octets_in,
    ))
    print(tr("Its budget is {most} variables.", most=found.most_variables))
    if found.poll_s:
        longer, seconds = f"{found.interval_s:g}", f"{found.poll_s:.2f}" if found.poll_s < 10 else f"{found.poll_s:,.0f}"
        print(tr("It is polled every {longer} s, which keeps it busy for {seconds} s.", longer=longer, seconds=seconds))
    for mark in found.marks:
        print(f"{fit(tr('Mark'), 14)} {clean(mark, 300)}")
    return 0


def secret_of(args: Namespace) -> "SnmpSecret":
    from agents.senses.secrets import resolve
    from core.locators import is_locator
    from core.objects import CredentialRef
    from core.polling import SnmpSecret

    if args.v3_user:
        if not args.v3_secret:
            return SnmpSecret(
                username=args.v3_user,
                auth=args.v3_auth,
                auth_key=asked(tr("Authentication passphrase: ")),
                priv=args.v3_priv,
                priv_key=asked(tr("Privacy passphrase: ")),
            )
        return resolve(
            CredentialRef(
                id="", name="", kind="snmp-v3", locator=args.v3_secret, username=args.v3_user, auth=args.v3_auth, priv=args.v3_priv
            )
        )
    if not args.community:
        return SnmpSecret(community=asked(tr("Community: ")))
    if not is_locator(args.community):
        return SnmpSecret(community=args.community)
    return resolve(CredentialRef(id="", name="", kind="snmp-community", locator=args.community))


def asked(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(tr("There is no terminal to ask for the secret."), way_out=tr("Name its place: env:NAME or file:PATH."))
    return getpass.getpass(prompt)


def _show(found: "Polled") -> None:
    for fact in found.facts:
        print(f"{fit(tr(fact.field), 14)} {clean(fact.value, 200)}")
    minutes, seconds = divmod(max(found.uptime_s, 0), 60)
    uptime = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    summary = tr("{variables} variables, {rtt} ms, up for {uptime}", variables=found.variables, rtt=found.rtt_ms, uptime=uptime)
    status = tr("all answered") if found.status == "complete" else tr("partial")
    print(f"{fit(status, 14)} {summary}\n")
    heads = [right(tr("Speed"), 8), right(tr("In bit/s"), 12), right(tr("Out bit/s"), 12)]
    print(f"{fit(tr('Interface'), 26)} {fit(tr('State'), 12)} {' '.join(heads)}  {tr('Alias')}")
    for row in found.interfaces:
        state = tr("shut") if row.admin_status == 2 else tr(_OPER.get(row.oper_status, "unknown"))
        figures = [right("-" if v < 0 else f"{v:,.0f}", 12) for v in (row.in_bps, row.out_bps)]
        speed = f"{row.speed_bps // 1_000_000}M" if row.speed_bps else "-"
        print(f"{fit(clean(row.name, 80), 26)} {fit(state, 12)} {right(speed, 8)} {' '.join(figures)}  {clean(row.alias, 60)}")
    for link in found.links:
        print(f"{tr('Link')}: {clean(link.port_a)} - {clean(link.device_b)} {clean(link.port_b)}")
