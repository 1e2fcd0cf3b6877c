"""Declared, observed and configured, side by side and field by field; what differs goes to a queue and is accepted by a person or a rule.

Pure: the same claims always give the same differences, in whatever order the sources spoke.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from core.nouns import Noun
from core.objects import Source

Class = Literal["field", "new", "missing", "replaced", "in-doubt", "unowned"]
"""field: one field differs. new: a source knows an object that is not declared. missing: an object that no source has seen any more.
replaced: another box at the same place. in-doubt: one of several. unowned: nobody owns it 无主资产."""
ORDER: tuple[Source, ...] = ("declared", "configured", "observed")


class Claim(Noun, frozen=True, kw_only=True):
    """What one source says of one field of one object, and since when."""

    object_id: str
    field: str
    value: str
    source: Source
    origin: str
    """`sheet:FILE`, `openstack:CLOUD`, `device:NAME`."""
    confidence: float = 1.0
    valid_from: int
    valid_to: int = 0


class Difference(Noun, frozen=True, kw_only=True):
    """One line of the review queue."""

    id: str
    kind: str
    """Of the object."""
    object_id: str
    name: str
    what: Class
    field: str = ""
    declared: str = ""
    configured: str = ""
    observed: str = ""
    origin: str = ""
    """Of the newest claim that differs."""
    first_seen: int
    last_seen: int
    state: Literal["open", "accepted", "rejected", "gone"] = "open"
    by: str = ""
    """Who accepted or rejected it: an account, or `rule:NAME`."""
    at_ms: int = 0


class Rule(Noun, frozen=True, kw_only=True):
    """Accepts a class of differences by itself; empty fields fit all. Every acceptance is audited under the rule's name."""

    name: str
    kinds: tuple[str, ...] = ()
    what: tuple[Class, ...] = ()
    fields: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    """Beginnings: `openstack:` fits every cloud."""

    def fits(self, difference: Difference) -> bool:
        return (
            (not self.kinds or difference.kind in self.kinds) and (not self.what or difference.what in self.what)
            and (not self.fields or difference.field in self.fields)
            and (not self.origins or difference.origin.startswith(self.origins))
        )


class Side(NamedTuple):
    """What one kind of source says of a field: the best of its claims."""

    value: str
    origin: str
    since: int


def sides(claims: Iterable[Claim]) -> dict[str, dict[Source, Side]]:
    """By field, what each kind of source says now. Of several claims of one kind the surest decides, then the newest."""
    best: dict[tuple[str, Source], Claim] = {}
    for claim in claims:
        if claim.valid_to:
            continue
        key = (claim.field, claim.source)
        if key not in best or _rank(claim) > _rank(best[key]):
            best[key] = claim
    out: dict[str, dict[Source, Side]] = {}
    for (field, source), claim in best.items():
        out.setdefault(field, {})[source] = Side(claim.value, claim.origin, claim.valid_from)
    return out


def _rank(claim: Claim) -> tuple[float, int, str, str]:
    return claim.confidence, claim.valid_from, claim.origin, claim.value


def effective(found: Mapping[Source, Side]) -> str:
    """The value that holds: what is declared, else configured, else observed. An empty declaration leaves it to the others."""
    return next((found[source].value for source in ORDER if source in found and found[source].value), "")


def differing(claims: Iterable[Claim]) -> dict[str, dict[Source, Side]]:
    """Fields in which two kinds of source that say something say different things."""
    said = {field: {source: side for source, side in found.items() if side.value} for field, found in sides(claims).items()}
    return {field: found for field, found in said.items() if len({_folded(side.value) for side in found.values()}) > 1}


def _folded(value: str) -> str:
    return value.strip().casefold()


def merged(old: Mapping[str, Difference], new: Iterable[Difference], now_ms: int) -> dict[str, Difference]:
    """The queue after a look: what is still there keeps its first sight and its verdict unless it says something else now; what is no
    longer there is `gone`."""
    out: dict[str, Difference] = {}
    for found in new:
        before = old.get(found.id)
        if before is None or _said(before) != _said(found) or before.state == "gone":
            out[found.id] = found.replace(first_seen=before.first_seen if before else found.first_seen, last_seen=now_ms)
        else:
            out[found.id] = before.replace(last_seen=now_ms)
    for key, before in old.items():
        if key not in out:
            out[key] = before if before.state in ("gone", "accepted") else before.replace(state="gone", at_ms=now_ms)
    return out


def _said(difference: Difference) -> tuple[Any, ...]:
    return difference.what, difference.field, difference.declared, difference.configured, difference.observed


def by_rules(queue: Iterable[Difference], rules: Iterable[Rule], now_ms: int) -> list[Difference]:
    """Those of the open differences that a rule accepts, as accepted."""
    known = list(rules)
    out = []
    for one in queue:
        rule = next((rule for rule in known if one.state == "open" and rule.fits(one)), None)
        if rule is not None:
            out.append(one.replace(state="accepted", by=f"rule:{rule.name}", at_ms=now_ms))
    return out
