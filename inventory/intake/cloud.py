"""What a cloud says of its own: only it speaks, so nothing is kept of it but the records. What people fill in stays as it is."""

from collections.abc import Callable, Mapping
from typing import Any

from core.i18n import mark, tr
from core.model import KEYED, PEOPLES
from core.review import DECLARATION, Difference
from core.sources import Told
from inventory.intake.differing import DAY_MS, line_id, placed
from inventory.intake.saying import fields_of, said, shown, text_of
from inventory.intake.world import Draft, name_of

OWNERS = ("project", "network", "volume", "host")
"""Fields by which an object without a platform of its own is known to be of one."""
_KIND_OF = {"project": "project", "network": "vpc", "volume": "volume", "host": "host"}
ORDER = tuple(KEYED)
FEW = 20
MANY_GONE = mark("More than half of this kind vanished at once: a person decides whether that is so.")
"""A lost right to read looks like an empty cloud; what people filled in would go with it."""


class Cloud:
    """One cloud's word."""

    def __init__(self, draft: Draft, told: Told, accept_new: bool, unplace: Callable[[str, str, str], None]) -> None:
        self._draft, self._told, self._unplace = draft, told, unplace
        self._is_word = accept_new or told.origin == DECLARATION
        self._rules: dict[tuple[str, str, str], str] = {}
        self._before = {kind: {name_of(one): one for one in draft.world.records.get(kind, {}).values()} for kind in ORDER}
        self._platforms: set[str] = set()
        self.lines: dict[str, Difference] = {}
        """Of the queue: what no rule accepts."""

    def covers(self, line: Difference) -> bool:
        """Whether such a line would have been found in this telling."""
        return line.origin == self._told.origin and line.object_kind in self._told.records

    def take(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        """All kinds, those first to which others refer."""
        self._platforms = {self._told.origin.partition(":")[2]} | {
            noun.platform for nouns in told.values() for noun in nouns.values() if getattr(noun, "platform", "")
        } | {noun.name for noun in self._told.records.get("cloud_platform", ())}
        for kind in ORDER:
            if kind in told:
                for key, noun in told[kind].items():
                    self._one(kind, key, noun)
        for kind in reversed(ORDER):
            if kind in self._told.whole and self._told.origin != DECLARATION:
                self._gone(kind, told.get(kind, {}))
        self._name_unknown(told)

    def _one(self, kind: str, key: str, noun: Any) -> None:
        old = self._draft.named(kind, key)
        if old is None:
            self._new(kind, key, noun)
            return
        if self._told.origin != DECLARATION and self.platform_of(kind, old) not in ("", *self._platforms):
            self._unplace(kind, noun.name, tr("Another cloud has an object of the same key."))
            return
        speaks, people = self._told.fields.get(kind), () if self._told.origin == DECLARATION else PEOPLES.get(kind, ())
        changes = {
            field.name: value for field in fields_of(kind)
            if field.name not in people and (speaks is None or field.name in speaks)
            and (value := getattr(noun, field.name)) != getattr(old, field.name)
        }
        accepted = {name: value for name, value in changes.items() if self._is_accepted(kind, "field", name)}
        if accepted:
            self._draft.put(kind, old.replace(**accepted))
        for name, value in changes.items():
            if name not in accepted:
                self._line(kind, "field", old, {name: text_of(value)}, name, text_of(getattr(old, name)))

    def _new(self, kind: str, key: str, noun: Any) -> None:
        if self._is_accepted(kind, "new"):
            self._draft.put(kind, noun.replace(id=self._draft.new_id()))
            return
        line = self._made(kind, "new", key, noun.name, said(kind, noun))
        self.lines[line.id] = line

    def _gone(self, kind: str, told: Mapping[str, Any]) -> None:
        mine = {key: old for key, old in self._before[kind].items() if self.platform_of(kind, old) in self._platforms}
        gone = {key: old for key, old in mine.items() if key not in told}
        too_many = len(gone) > FEW and 2 * len(gone) > len(mine)
        for key, old in gone.items():
            if not too_many and self._is_accepted(kind, "missing"):
                self._draft.records[kind].pop(old.id, None)
                self._draft.by_name[kind].pop(key, None)
            else:
                self._line(kind, "missing", old, {}, "", "", MANY_GONE if too_many else "")

    def platform_of(self, kind: str, noun: Any) -> str:
        """The platform that an object is of; empty: nothing tells."""
        for _ in ORDER:
            platform: str = getattr(noun, "platform", "")
            if platform:
                return platform
            if kind == "quota":
                kind, noun = "project", self._known("project", noun.key)
            else:
                field = next((one for one in OWNERS if getattr(noun, one, "")), "")
                if not field:
                    return ""
                kind, noun = _KIND_OF[field], self._known(_KIND_OF[field], getattr(noun, field))
            if noun is None:
                return ""
        return ""

    def _known(self, kind: str, key: str) -> Any:
        return self._before.get(kind, {}).get(key) or self._draft.named(kind, key)

    def _is_accepted(self, kind: str, what: str, field: str = "") -> bool:
        if self._is_word:
            return True
        asked = (kind, what, field)
        if asked not in self._rules:
            self._rules[asked] = self._draft.rule_for(kind, what, field, self._told.origin)
        rule = self._rules[asked]
        if rule:
            self._draft.accept(rule, kind)
        return bool(rule)

    def _line(
        self, kind: str, what: Any, old: Any, proposal: dict[str, str], field: str, held: str, reason: str = "",
    ) -> None:
        line = self._made(kind, what, old.id, old.name, proposal, field)
        unit, site = placed(self._draft, kind, old)
        self.lines[line.id] = line.replace(object_id=old.id, unit=unit, site=site, declared=shown(held)[:200], reason=reason)

    def _made(self, kind: str, what: Any, about: str, name: str, proposal: dict[str, str], field: str = "") -> Difference:
        now = self._draft.now_ms
        observed = shown(proposal.get(field, "")) if field else ""
        return Difference(
            id=line_id(kind, about, what, field), object_kind=kind, name=name[:200], what=what, field=field, observed=observed[:200],
            origin=self._told.origin, proposal=proposal, first_seen=now, last_seen=now - now % DAY_MS,
        )

    def _name_unknown(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        """References without which the object hangs in the air."""
        for kind, nouns in told.items():
            fields = [
                field for field in fields_of(kind) if field.required and field.name != "platform" and field.target in self._draft.records
            ]
            for noun in nouns.values() if fields else ():
                for field in fields:
                    name = getattr(noun, field.name)
                    if name and self._draft.named(field.target, name) is None:
                        reason = tr("There is no {kind} {name} in the inventory.", kind=tr(field.target), name=name)
                        self._unplace(kind, noun.name, reason)
