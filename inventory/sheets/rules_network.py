"""Rules of credentials, devices, links and addressing."""

from collections.abc import Callable, Iterator
from typing import Any

from core.credentials import mismatch, problems_of
from core.i18n import tr
from inventory.sheets.book import Book
from inventory.sheets.cells import shown
from inventory.sheets.problems import Problems
from inventory.sheets.rules import once, report


def _addresses(book: Book, problems: Problems) -> None:
    def keys(get: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
        if get("address") is not None and get("snmp_port") is not None:
            yield get("address"), get("snmp_port")

    once(book, "device", "address", keys, lambda entry, owner: tr(
        "{address} port {port} belongs to {owner} already.", address=entry.get("address"), port=entry.get("snmp_port"), owner=owner,
    ), problems)


def _credentials(book: Book, problems: Problems) -> None:
    for entry in book.changing("credential"):
        for field, message in problems_of(*(entry.get(name) for name in ("kind", "username", "auth", "priv"))):
            report(problems, entry, field, message)


def _versions(book: Book, problems: Problems) -> None:
    if not book.entries.keys() & {"device", "credential"}:
        return
    kinds = {credential.name: credential.kind for credential in book.others("credential")}
    kinds.update({entry.name: entry.get("kind") for entry in book.changing("credential")})
    for entry in book.changing("device"):
        if mismatch(entry.get("snmp_version"), kinds.get(entry.get("credential") or "")):
            message = tr("SNMP version {version} does not go with the credential {name}, which is of another kind.",
                         version=entry.get("snmp_version"), name=shown(entry.get("credential")))
            report(problems, entry, "snmp_version" if "snmp_version" in entry.layout.at else "credential", message)
    changed = {entry.name: entry for entry in book.changing("credential")}
    for device in book.others("device") if changed else ():
        if (owner := changed.get(device.credential)) and mismatch(device.snmp_version, owner.get("kind")):
            report(problems, owner, "kind", tr("The device {name} uses this credential with SNMP version {version}.",
                                               name=shown(device.name), version=device.snmp_version))


def _ha_groups(book: Book, problems: Problems) -> None:
    for entry in book.changing("ha_group"):
        members, needed = entry.get("members"), entry.get("needed")
        if members and needed and needed > len(members):
            report(problems, entry, "needed", tr("{needed} members must live, but the group has {count} only.",
                                                 needed=needed, count=len(members)))


def _cables(book: Book, problems: Problems) -> None:
    for entry in book.changing("cable"):
        if entry.get("device_a") and entry.get("device_a") == entry.get("device_b"):
            report(problems, entry, "device_b", tr("A link leads from one device to another, not back to itself."))

    def keys(get: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
        for end in ("a", "b"):
            if get(f"device_{end}") and get(f"port_{end}"):
                yield get(f"device_{end}"), get(f"port_{end}")

    once(book, "cable", "port_a", keys, lambda _entry, owner: tr(
        "One of these ports bears another link already: {owner}.", owner=owner,
    ), problems)


def _nat(book: Book, problems: Problems) -> None:
    for entry in book.changing("nat_mapping"):
        kind, inside = entry.get("kind"), entry.get("inside")
        if kind in ("destination", "static") and inside == "":
            report(problems, entry, "inside", tr("A mapping of this kind needs the address inside."))
        if (entry.get("outside_port") or entry.get("inside_port")) and entry.get("protocol") in ("", "icmp", "any"):
            report(problems, entry, "protocol", tr("Ports need a protocol that has them: tcp or udp."))

    def keys(get: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
        if get("kind") in ("destination", "static") and get("device") and get("outside"):
            yield get("device"), get("outside"), get("outside_port"), get("protocol")

    once(book, "nat_mapping", "outside", keys, lambda entry, owner: tr(
        "{address} leads elsewhere on this device already: {owner}.", address=entry.get("outside"), owner=owner,
    ), problems)


RULES = (_addresses, _credentials, _versions, _ha_groups, _cables, _nat)
