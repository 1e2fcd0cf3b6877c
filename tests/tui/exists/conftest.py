"""What exists, in memory: a bureau with its system, machines, hosts and switches, and the hub's answers about them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from core.cloud import VM, Host, Project
from core.edges import Edge
from core.errors import ConflictError, NotFoundError
from core.extranet import AccessPoint
from core.finding import Found, SearchAnswer
from core.model import KEYED, MODEL
from core.objects import BusinessSystem, Device, Unit
from core.organisation import Component
from core.questions import Harmed, ImpactReport, LevelHarm, RayRow, Thing, UnitHarm, WhatIfReport, XRay
from core.review import Decided, DecisionOnLines, Difference, DifferenceDetail, FieldSides, Statement, Voice
from core.rows import KindCount, Neighbour, ObjectDetail, ObjectEvent, ObjectRow, QueueRow
from core.views import Estate, ViewPage, ViewQuery

NOW = 1_764_000_000_000
HOSTILE = "社保卡[red]系统[/red]"


def _records(machines: int) -> dict[str, list[Any]]:
    vms = [
        VM(id=f"vm{n}", key=f"key-vm{n}", name=f"vm-sbk-{n:05}", project="key-p", host=f"key-h{n % 2}", vcpus=4, memory_mb=8192,
           state="ERROR" if n == 2 else "ACTIVE" if n % 9 else "SHUTOFF", created_at=NOW)
        for n in range(machines)
    ]
    return {
        "unit": [Unit(id="u1", name="市人社局", level="city", contact="王"), Unit(id="u2", name="莲都区教育局", level="county")],
        "system": [BusinessSystem(id="s1", name=HOSTILE, unit="市人社局", protection_level=3, cii=True, depends_on=("统一认证",))],
        "component": [Component(id="c1", name="社保卡/web", system=HOSTILE, tier="web", needed=1, runs_on=("key-vm0", "key-vm1"))],
        "device": [Device(id="d00000", name="莲都-汇聚-0000", address="10.0.0.1", site="莲都机房", role="access", unit="莲都大数据局")],
        "access_point": [AccessPoint(id="a1", name="人社局接入", unit="市人社局", device="莲都-汇聚-0000", port="GE0/0/7", vlan=101)],
        "project": [Project(id="p1", key="key-p", name="prj-社保卡", platform="政务云", unit="市人社局")],
        "host": [
            Host(id=f"h{n}", key=f"key-h{n}", name=f"compute-{n:03}", platform="政务云", state="up" if n else "down") for n in range(2)
        ],
        "vm": vms,
    }


class TwinObjects:
    """Records by kind."""

    def __init__(self, hub: Any, machines: int) -> None:
        self.hub, self.records = hub, _records(machines)
        self.statements: dict[str, tuple[Statement, ...]] = {
            "d00000": (
                Statement(id="1", object_kind="device", object_id="d00000", source="declared", origin="declared",
                          fields={"serial": '"OLD-1"', "role": '"access"'}, since=NOW, seen_at=NOW),
                Statement(id="2", object_kind="device", object_id="d00000", source="observed", origin="device:莲都-汇聚-0000",
                          fields={"serial": '"NEW-2"', "role": '"access"'}, since=NOW, seen_at=NOW),
            ),
        }
        self.edges = [
            _edge("owned-by", "s1", "u1"), _edge("needs", "s1", "c1"), _edge("runs-on", "c1", "vm0"), _edge("runs-on", "c1", "vm1"),
            _edge("hosted-by", "vm0", "h0"), _edge("plugged-into", "h0", "d00000", b_port="GE0/0/3", source="mac"),
        ]
        self.hidden: set[str] = set()
        self.slow: Any = None

    def find(self, kind: str, name: str) -> Any:
        field = "key" if kind in KEYED else "name"
        for noun in self.records.get(kind, []):
            if name in (noun.id, getattr(noun, field)):
                return noun
        raise NotFoundError("There is no such object.", way_out="Look for it.")

    def by_id(self, object_id: str) -> tuple[str, Any]:
        return next((kind, noun) for kind, nouns in self.records.items() for noun in nouns if noun.id == object_id)

    def row(self, kind: str, noun: Any) -> ObjectRow:
        fields = {k: v for k, v in msgspec.to_builtins(noun).items() if k != "id"}
        fields = {f.name: fields.get(f.name, f.default) for f in msgspec.structs.fields(noun) if f.name != "id"}
        called = {"project": "prj-社保卡", "host": f"compute-{noun.host[-1]:0>3}"} if kind == "vm" else {}
        return ObjectRow(id=noun.id, kind=kind, name=noun.name, fields=fields, called=called)

    def view(self, query: ViewQuery) -> tuple[list[ObjectRow], int]:
        where = dict(query.where)
        kind = where.pop("object_kind")
        if not where and not query.text and query.sort == "name":
            nouns = self.records.get(kind, [])
            return [self.row(kind, noun) for noun in nouns[query.offset : query.offset + query.limit]], len(nouns)
        found = [self.row(kind, noun) for noun in self.records.get(kind, [])]
        found = [row for row in found if all(str(({"id": row.id} | row.fields).get(k)) in (v, v.title()) for k, v in where.items())]
        found = [row for row in found if all(word in str(row.fields) for word in query.text.split())]
        found.sort(key=lambda row: str(row.fields.get(query.sort.lstrip("-"))), reverse=query.sort.startswith("-"))
        return found[query.offset : query.offset + query.limit], len(found)

    async def counts(self) -> tuple[KindCount, ...]:
        self.hub.reach()
        return tuple(KindCount(kind=kind, objects=len(self.records.get(kind, ()))) for kind in MODEL)

    async def get(self, kind: str, name: str) -> ObjectDetail:
        self.hub.reach()
        noun = self.find(kind, name)
        near = [
            Neighbour(
                id=e.id, edge=e.kind, ahead=e.a == noun.id, source=e.source, port=e.a_port if e.a == noun.id else e.b_port, valid_from=NOW,
                far_port=e.b_port if e.a == noun.id else e.a_port, **self._far(e.b if e.a == noun.id else e.a),
            )
            for e in self.edges if noun.id in (e.a, e.b)
        ]
        return ObjectDetail(
            row=self.row(kind, noun), neighbours=tuple(near), neighbours_total=len(near), statements=self.statements.get(noun.id, ()),
        )

    def _far(self, object_id: str) -> dict[str, str]:
        if object_id in self.hidden:
            return {}
        kind, noun = self.by_id(object_id)
        return {"object_id": object_id, "kind": kind, "name": noun.name}

    async def events(self, kind: str, name: str) -> tuple[ObjectEvent, ...]:
        self.hub.reach()
        return (
            ObjectEvent(seq=9, at_ms=NOW, actor="lin", action="system.update", before={"unit": "教育局"}, after={"unit": "市人社局"}),
            ObjectEvent(seq=1, at_ms=NOW - 9, actor="zhang", action="inventory.import", after={"unit": "教育局", "protection_level": 3}),
        )


def _edge(kind: Any, a: str, b: str, **more: Any) -> Edge:
    return Edge(**{"id": f"{kind}{a}{b}", "kind": kind, "a": a, "b": b, "source": "declared", "valid_from": NOW, **more})


class TwinGraph:
    """One tree for everybody."""

    def __init__(self, objects: TwinObjects) -> None:
        self.objects = objects
        self.asked: list[list[str]] = []
        self.state = "up"

    def _ray(self, depth: int, object_id: str, **more: Any) -> RayRow:
        kind, noun = self.objects.by_id(object_id)
        return RayRow(depth=depth, thing=Thing(id=object_id, kind=kind, name=noun.name), **more)

    async def xray(self, name: str, *, way: str = "down") -> XRay:
        self.objects.hub.reach()
        if way == "up":
            return XRay(revision=1, rows=(self._ray(0, name), RayRow(depth=1, thing=Thing(id="", kind="vm", name=""))), hidden=1)
        rows = (
            self._ray(0, "u1"), self._ray(1, "s1", edge="owned-by", protection_level=3, cii=True),
            self._ray(2, "c1", edge="needs", needed=1, of=2), self._ray(3, "vm0", edge="runs-on", state="ACTIVE"),
            self._ray(4, "h0", edge="hosted-by", state="down"),
            self._ray(5, "d00000", edge="plugged-into", port="GE0/0/3", state=self.state),
            self._ray(3, "vm2", edge="runs-on", state="ERROR"),
            self._ray(1, "a1", edge="enters-at", about="VLAN 101"),
        )
        return XRay(revision=1, rows=rows if name == "u1" else tuple(r for r in rows if r.thing.id == name))

    async def impact(self, failed: list[str]) -> ImpactReport:
        self.objects.hub.reach()
        self.asked.append(list(failed))
        things = [Thing(id=one, kind=self.objects.by_id(one)[0], name=self.objects.by_id(one)[1].name) for one in failed]
        worst = (
            Harmed(thing=Thing(id="s1", kind="system", name=HOSTILE), harm="down", because=things[0], protection_level=3, cii=True),
            Harmed(thing=Thing(id="c1", kind="component", name="社保卡/web"), harm="degraded", because=things[0], left=1, of=2),
        )
        return ImpactReport(
            revision=1, failed=tuple(things), counts={"system": (1, 0), "component": (0, 1)}, worst=worst, total=2,
            levels=(LevelHarm(level=3, down=1, cii=1),),
            units=(UnitHarm(thing=Thing(id="u1", kind="unit", name="市人社局"), down=1, level=3, cii=1, contact="王", phone="0578-1"),),
        )

    async def what_if(self, planned: list[str], *, live: bool = True) -> WhatIfReport:
        return WhatIfReport(revision=1, already_total=7, added=await self.impact(planned))


class TwinFinding:
    """Finds by a part of the name; answers to `slow` words come when they are let go."""

    def __init__(self, objects: TwinObjects) -> None:
        self.objects, self.texts, self.gates = objects, list[str](), dict[str, Any]()

    async def search(self, text: str, kinds: Any = (), limit: int = 50) -> SearchAnswer:
        self.texts.append(text)
        self.objects.hub.reach()
        if text in self.gates:
            await self.gates[text].wait()
        found = [
            Found(kind=kind, id=noun.id, name=noun.name, exact=noun.name == text, unit=getattr(noun, "unit", ""),
                  state=str(getattr(noun, "state", "")), why={"contact": "王"} if text == "王" else {})
            for kind, nouns in self.objects.records.items() for noun in nouns if text in noun.name or text == getattr(noun, "contact", "-")
        ]
        near = ("人社",) if not found and text == "renshe" else ()
        return SearchAnswer(text=text, found=tuple(found[:limit]), more=len(found) > limit, near=near, unknown=() if found else (text,))


class TwinQueue:
    """Lines of the review queue."""

    def __init__(self, hub: Any) -> None:
        self.hub = hub
        self.decisions: list[DecisionOnLines] = []
        self.lines = [
            _line("q1", "field", "d00000", "device", "莲都-汇聚-0000", field="serial", declared="OLD-1", observed="NEW-2"),
            _line("q2", "field", "d1", "device", "龙泉-1", field="serial", declared="OLD-3", observed="NEW-4"),
            _line("q3", "unowned", "vm1", "vm", "vm-sbk-00001"),
            _line("q4", "in-doubt", "", "device", "sw-x", reason="两台设备都像它。"),
            _line("q5", "field", "d5", "device", "青田-1", field="name", state="rejected", by="lin", at_ms=NOW),
        ]

    def view(self, query: ViewQuery) -> tuple[list[QueueRow], int]:
        found = [one for one in self.lines if all(str(getattr(one, k)) == v for k, v in query.where.items())]
        found = [one for one in found if query.text in one.name]
        return found[query.offset : query.offset + query.limit], len(found)

    async def show(self, line_id: str) -> DifferenceDetail:
        self.hub.reach()
        row = next(one for one in self.lines if one.id == line_id)
        fields = {k: v for k, v in msgspec.structs.asdict(row).items() if k in Difference.__struct_fields__}
        voice = Voice(origin="device:莲都-汇聚-0000", source="observed", value=row.observed, since=NOW)
        side = FieldSides(field=row.field, holds=row.declared, voices=(voice,), differs=True, proposed=row.observed)
        return DifferenceDetail(difference=Difference(**fields), sides=(side,) if row.field else (), would=f"序列号改为 {row.observed}")

    async def decide(self, decision: DecisionOnLines) -> Decided:
        self.hub.reach()
        where = decision.lines.where
        chosen = [
            one for one in self.lines
            if (one.id in decision.lines.ids if decision.lines.ids else all(str(getattr(one, k)) == v for k, v in where.items()))
        ]
        if decision.dry_run:
            return Decided(dry_run=True, lines=len(chosen), done=len(chosen), records=len(chosen))
        if decision.set.get("unit") == "没有这个单位":
            raise ConflictError("There is no such unit.", way_out="Choose another one.")
        self.decisions.append(decision)
        becomes: Any = {"accept": "accepted", "reject": "rejected", "reopen": "open", "undo": "open"}[decision.verdict]
        ids = {one.id for one in chosen}
        self.lines = [one.replace(state=becomes, by="zhang", at_ms=NOW) if one.id in ids else one for one in self.lines]
        self.hub.change()
        return Decided(lines=len(ids), done=len(ids), records=len(ids))


def _line(line_id: str, what: Any, object_id: str, kind: str, name: str, **more: Any) -> QueueRow:
    return QueueRow(
        id=line_id, object_kind=kind, object_id=object_id, name=name, what=what, origin="crawl", first_seen=NOW, last_seen=NOW, **more,
    )


def _town(hub: Any, machines: int) -> Any:
    hub.objects = TwinObjects(hub, machines)
    hub.graph, hub.finding, hub.queue = TwinGraph(hub.objects), TwinFinding(hub.objects), TwinQueue(hub)
    hub.more_views = {"objects": hub.objects.view, "queue": hub.queue.view}
    hub.estate = Estate(units=2, systems=1, platforms=1, hosts=2, hosts_up=1, vms={"ACTIVE": 8, "ERROR": 1, "other": 3}, queue=4, unowned=1)

    async def view(query: ViewQuery) -> ViewPage:
        rows, total = hub.more_views[query.view](query)
        return ViewPage(rows=tuple(msgspec.structs.asdict(row) for row in rows), total=total)

    hub.view = view
    return hub


@pytest.fixture
def town(city: Callable[[int], Any]) -> Callable[..., Any]:
    """A hub in memory in which units, systems, machines and a review queue exist."""
    return lambda machines=12: _town(city(20), machines)
