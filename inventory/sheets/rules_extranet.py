"""Rules of VPN instances, circuits, access points, and of hosts."""

from collections.abc import Callable, Iterator
from typing import Any

from core.i18n import tr
from inventory.sheets.book import Book
from inventory.sheets.problems import Problems
from inventory.sheets.rules import once, report


def _distinguishers(book: Book, problems: Problems) -> None:
    def keys(get: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
        if get("rd"):
            yield (get("rd"),)

    once(book, "vpn_instance", "rd", keys, lambda entry, owner: tr(
        "The route distinguisher {rd} belongs to {owner} already.", rd=entry.get("rd"), owner=owner,
    ), problems)


def _circuits(book: Book, problems: Problems) -> None:
    for entry in book.changing("circuit"):
        if entry.get("site_a") and entry.get("site_a") == entry.get("site_b"):
            report(problems, entry, "site_b", tr("A circuit leads from one site to another, not back to itself."))


def _access_points(book: Book, problems: Problems) -> None:
    def keys(get: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
        if get("device") and get("port") and get("vlan") is not None:
            yield get("device"), get("port"), get("vlan")

    once(book, "access_point", "port", keys, lambda _entry, owner: tr(
        "Another unit enters at this port and VLAN already: {owner}.", owner=owner,
    ), problems)
    for entry in book.changing("access_point"):
        if entry.get("vlan") and entry.get("port") == "":
            report(problems, entry, "port", tr("A VLAN needs the port on which it enters."))


def _hosts(book: Book, problems: Problems) -> None:
    def keys(get: Callable[[str], Any]) -> Iterator[tuple[Any, ...]]:
        if get("device"):
            yield (get("device"),)

    once(book, "host", "device", keys, lambda entry, owner: tr(
        "The device {name} is another host already: {owner}.", name=entry.get("device"), owner=owner,
    ), problems)


RULES = (_distinguishers, _circuits, _access_points, _hosts)
