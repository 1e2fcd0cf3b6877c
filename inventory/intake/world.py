"""What is known before, what shall be known after, and the difference of the two as a plan of writes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from core.model import DECLARED, KEYED, MODEL, RECONCILED
from core.objects import CredentialRef
from core.review import DECLARATION, SHIPPED, AcceptRule, Difference, Statement
from inventory.intake.saying import implied

PLAIN: dict[str, type[Any]] = {"credential": CredentialRef, "reservation": DECLARED["reservation"]}
"""Kinds that are kept as they are told: by name, by nobody else."""
WRITTEN_FIRST = (
    "credential", "unit", "team", "system", "site", "rack", "zone", "circuit", "vpn_instance", "vlan", "prefix", "device", "cloud_platform",
)
PARENTS = ("cloud_platform", "tenant", "project", "vpc", "host")
"""Keyed kinds and platforms by which an object of a cloud is known to be of that cloud."""
NAMES_OF = {**MODEL, **PLAIN}
Records = dict[str, dict[str, Any]]


class World(NamedTuple):
    """What is known. records: by kind and id, all of each kind that is in it; statements and queue by id."""

    records: Records
    statements: dict[str, Statement]
    queue: dict[str, Difference]
    rules: tuple[AcceptRule, ...] = SHIPPED
    facts: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    """Signs of devices that no statement holds: by id, `chassis` and `engine` as they were seen."""


class Plan(NamedTuple):
    """What is to be written, in this order: what goes, what is put, notes for the journal."""

    deletes: tuple[tuple[str, str], ...]
    """Kind and id."""
    puts: tuple[Any, ...]
    notes: tuple[tuple[str, dict[str, Any]], ...]
    report: Any = None

    @property
    def empty(self) -> bool:
        return not (self.deletes or self.puts)

    def records(self) -> int:
        """How many records are written or removed, lines and statements aside."""
        return sum(not isinstance(noun, Statement | Difference) for noun in self.puts) + sum(
            kind not in ("statement", "difference") for kind, _ in self.deletes
        )


def needs(kinds: Iterable[str]) -> tuple[str, ...]:
    """Kinds of records that a world must hold so that these can be told."""
    wanted = set(kinds)
    found = set(RECONCILED) | (wanted & NAMES_OF.keys()) | {"tenant", "project"}
    if wanted & KEYED.keys():
        found |= set(PARENTS)
    return tuple(kind for kind in NAMES_OF if kind in found)


class Draft:
    """A world that is being changed. Ids of new objects come from `new_id`; times are milliseconds."""

    def __init__(self, world: World, now_ms: int, new_id: Callable[[], str]) -> None:
        self.world, self.now_ms, self.new_id = world, now_ms, new_id
        self.records: Records = {kind: dict(found) for kind, found in world.records.items()}
        self.statements, self.queue = dict(world.statements), dict(world.queue)
        self.touched: set[str] = set()
        """Ids of objects of which a declaration changed."""
        self.renamed: dict[str, dict[str, str]] = {}
        """By kind, old names of records and their new ones, whose users do not know it yet."""
        self.accepted: dict[str, dict[str, int]] = {}
        """By the name of a rule, how many it accepted of each kind."""
        self.by_name: dict[str, dict[str, str]] = {}
        self._declared: dict[str, str] = {}
        self._others: dict[str, list[str]] = {}
        for kind in self.records:
            self._index(kind)
        self.regroup()

    def _index(self, kind: str) -> None:
        self.by_name[kind] = {name_of(noun): noun.id for noun in self.records[kind].values()}

    def regroup(self) -> None:
        """Statements by object, after their objects changed."""
        self._declared, self._others = {}, {}
        for one in self.statements.values():
            if one.origin == DECLARATION:
                self._declared[one.object_id] = one.id
            elif one.object_id:
                self._others.setdefault(one.object_id, []).append(one.id)

    def put(self, kind: str, noun: Any) -> None:
        """A record as it is to be."""
        old = self.records[kind].get(noun.id)
        if old is not None and name_of(old) != name_of(noun) and self.by_name[kind].get(name_of(old)) == noun.id:
            del self.by_name[kind][name_of(old)]
        self.records[kind][noun.id] = noun
        self.by_name[kind][name_of(noun)] = noun.id

    def remove(self, kind: str, object_id: str) -> None:
        """A record and all that is said of it."""
        old = self.records[kind].pop(object_id)
        if self.by_name[kind].get(name_of(old)) == object_id:
            del self.by_name[kind][name_of(old)]
        for one in [one for one in self.statements.values() if one.object_id == object_id]:
            del self.statements[one.id]
        self.regroup()

    def take_out(self, kind: str, object_id: str) -> None:
        """A record and its declaration; what others say of it is said of nobody."""
        for one in self.others(object_id):
            self.statements[one.id] = one.replace(object_id="", same_as="")
        self.regroup()
        self.remove(kind, object_id)

    def named(self, kind: str, name: str) -> Any:
        """The record of this name, or key; None: there is none."""
        found = self.by_name.get(kind, {}).get(name)
        return self.records[kind][found] if found is not None else None

    def others(self, object_id: str) -> list[Statement]:
        """What the sources say of it, the declaration aside."""
        return [self.statements[one] for one in self._others.get(object_id, ())]

    def spoken_of(self) -> Iterable[str]:
        """Ids of objects of which a source says something."""
        return self._others.keys()

    def declaration(self, kind: str, object_id: str) -> dict[str, str]:
        """What is declared of it: without a statement, all that the record says."""
        found = self._declared.get(object_id)
        if found is not None:
            return self.statements[found].fields
        record = self.records[kind].get(object_id)
        return implied(kind, record) if record is not None else {}

    def former_serials(self, object_id: str) -> tuple[str, ...]:
        """Of the boxes that stood in a device's place before."""
        found = self._declared.get(object_id)
        return self.statements[found].former.get("serial", ()) if found is not None else ()

    def has_declaration(self, object_id: str) -> bool:
        return object_id in self._declared

    def declare(self, kind: str, object_id: str, name: str, fields: Mapping[str, str]) -> None:
        """From now on this is declared, and nothing else."""
        self.touched.add(object_id)
        known = self._declared.get(object_id)
        old = self.statements[known] if known else None
        if old is not None and old.fields == fields:
            return
        if old is not None:
            self.statements[old.id] = old.replace(fields=dict(fields), since=self.now_ms, seen_at=self.now_ms)
            return
        new = Statement(
            id=statement_id(kind, DECLARATION, object_id), object_kind=kind, object_id=object_id, name=name, source="declared",
            origin=DECLARATION, fields=dict(fields), since=self.now_ms, seen_at=self.now_ms,
        )
        self.statements[new.id] = new
        self._declared[object_id] = new.id

    def undeclare(self, object_id: str) -> None:
        """The declaration is what the record says: no statement is needed for that."""
        found = self._declared.pop(object_id, None)
        if found is not None:
            del self.statements[found]

    def rule_for(self, kind: str, what: Any, field: str, origin: str, *, empty: bool = False) -> str:
        """Name of the first rule that accepts it; empty: none does."""
        return next((rule.name for rule in self.world.rules if rule.fits(kind, what, field, origin, empty=empty)), "")

    def accept(self, rule: str, kind: str) -> None:
        counts = self.accepted.setdefault(rule, {})
        counts[kind] = counts.get(kind, 0) + 1

    def changes(self) -> tuple[tuple[tuple[str, str], ...], tuple[Any, ...]]:
        """What must be removed and what must be put, so that the world becomes this."""
        deletes: list[tuple[str, str]] = []
        puts: list[Any] = []
        for kind in sorted(self.records, key=_order):
            went, came = _between(self.world.records.get(kind, {}), self.records[kind])
            deletes += ((kind, one) for one in went)
            puts += _free_names_first(came, self.world.records.get(kind, {}))
        for kind, before, after in (
            ("statement", self.world.statements, self.statements), ("difference", self.world.queue, self.queue),
        ):
            went, came = _between(before, after)
            deletes += ((kind, one) for one in went)
            puts += (noun for noun in came if not _came_back(before.get(noun.id), noun))
        return tuple(deletes), tuple(puts)


def name_of(noun: Any) -> str:
    """What it is known by: its key where it has one."""
    found: str = getattr(noun, "key", "") or noun.name
    return found


def statement_id(kind: str, origin: str, name: str) -> str:
    from hashlib import blake2b

    return blake2b(f"{kind}\x1f{origin}\x1f{name}".encode(), digest_size=16).hexdigest()


def _order(kind: str) -> tuple[int, str]:
    return (WRITTEN_FIRST.index(kind) if kind in WRITTEN_FIRST else len(WRITTEN_FIRST)), kind


def _between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    went = [one for one in before if one not in after]
    came = [noun for one, noun in after.items() if (old := before.get(one)) is not noun and old != noun]
    return went, came


def _came_back(before: Any, after: Any) -> bool:
    """What went another way on the way and ended as it was: only the times tell."""
    if isinstance(before, Statement) and before.origin == DECLARATION:
        return bool(after.replace(since=before.since, seen_at=before.seen_at) == before)
    if isinstance(before, Difference) and before.state == "accepted":
        return bool(after.replace(at_ms=before.at_ms, first_seen=before.first_seen, last_seen=before.last_seen) == before)
    return False


def _free_names_first(came: list[Any], before: Mapping[str, Any]) -> Iterator[Any]:
    """Whoever gives a name up is written before whoever takes it."""
    renamed = {old.name: noun for noun in came if (old := before.get(noun.id)) is not None and old.name != noun.name}
    if not renamed:
        yield from came
        return
    done: set[str] = set()

    def written(noun: Any, road: tuple[str, ...] = ()) -> Iterator[Any]:
        if noun.id in done or noun.id in road:
            return
        holder = renamed.get(noun.name)
        if holder is not None and holder.id != noun.id:
            yield from written(holder, (*road, noun.id))
        if noun.id not in done:
            done.add(noun.id)
            yield noun

    for one in came:
        yield from written(one)
