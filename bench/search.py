"""Search over 200,000 objects of mixed kinds, on both stores, beside SQLite's FTS5 (trigrams) and a scan with LIKE; and bulk writes.

`python bench/search.py [--quick] [search|bulk]`; each part runs in a process of its own.
"""

import random
import resource
import sqlite3
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from _stores import T0, WHO, Figures, folder, main, places, run_parts

from core.cloud import VM, Snapshot, Volume, VPort
from core.edges import Edge
from core.extranet import AccessPoint
from core.model import MODEL
from core.network import IPAddress, Prefix, Vlan
from core.nouns import new_id
from core.objects import BusinessSystem, Device, Unit
from core.organisation import Component
from stores.records import Records, open_records, wording
from stores.records.shapes import BY_NOUN

NAME = "search"
CITY = 45_000
TRADES = (
    "财政", "人社", "公安", "民政", "司法", "教育", "科技", "交通", "水利", "农业", "商务", "文旅", "卫健",
    "审计", "应急", "统计", "医保", "林业", "气象", "税务", "档案", "信访", "大数据",
)
COUNTIES = (
    "莲都", "龙泉", "青田", "缙云", "遂昌", "松阳", "云和", "庆元", "景宁", "开发区",
)
SYSTEMS = (
    "政务服务平台", "协同办公", "数据共享", "预算一体化", "掌上执法", "行政审批", "视频会议", "公共数据平台", "门户网站", "综合监管",
)
CODES = (
    "rsj", "czj", "gaj", "mzj", "sfj", "jyj", "jtj", "slj",
)
SHARES: dict[str, int] = {
    "unit": 45, "system": 6, "component": 20, "device": 70, "access_point": 45, "prefix": 90, "ip_address": 130, "vlan": 44, "vm": 130,
    "vport": 150, "volume": 150, "snapshot": 120,
}
"""Objects of each kind in a thousand."""
QUESTIONS = {
    "typical": (
        "人社", "财政局", "rsj", "renshe", "莲都 接入", "10.20.30.40", "10.20.30.0/24", "fa:16:3e:12:34:56", "210235100042",
        "rsj-web-00421",
    ),
    "nasty": (
        "a", "局", "1", "10.0.0.0/8", "::/0", "w", "rsj web", "莲 局 1", "政务 接入 莲都", "1 2 3 4 5 6 7 8", "fa16", "nowhere at all",
    ),
}
"""Things that people type; and what makes much work."""
LIMIT_MS = 20


def city(count: int, seed: int = 1) -> Iterator[Any]:
    """About so many objects, kinds mixed as in a city."""
    rng = random.Random(seed)
    makers: dict[str, Callable[[int, str], Any]] = _makers(rng)
    number = 0
    for kind, share in SHARES.items():
        for place in range(count * share // 1000):
            number += 1
            yield makers[kind](place, new_id(T0 + number))


def _makers(rng: random.Random) -> dict[str, Callable[[int, str], Any]]:
    def key() -> str:
        return str(uuid.UUID(int=rng.getrandbits(128)))

    def unit(n: int) -> str:
        return f"{COUNTIES[n % 10]}{TRADES[n // 10 % 23]}局{n // 230 or ''}"

    def address(n: int) -> str:
        return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"

    def machine(n: int) -> str:
        return f"{CODES[n % 8]}-{('web', 'app', 'db')[n % 3]}-{n:05d}"

    return {
        "unit": lambda n, i: Unit(id=i, name=unit(n), level="county", short_name=unit(n)[:4], contact="张三"),
        "system": lambda n, i: BusinessSystem(id=i, name=f"{TRADES[n % 23]}{SYSTEMS[n % 10]}{n}", unit=unit(n), protection_level=3),
        "component": lambda n, i: Component(id=i, name=f"{TRADES[n % 23]}{SYSTEMS[n % 10]}{n}/web", system="x", runs_on=(key(), key())),
        "device": lambda n, i: Device(
            id=i, name=f"{COUNTIES[n % 10]}-接入-{n:05d}", address=address(n + (200 << 16)), site=f"{COUNTIES[n % 10]}机房", role="access",
            serial=f"2102351{n:05d}", model="S5735-L48T4X-A1", unit=unit(n % 2000),
        ),
        "access_point": lambda n, i: AccessPoint(id=i, name=f"{unit(n)}接入点", unit=unit(n), device="x", prefix=f"{address(n << 8)}/24"),
        "prefix": lambda n, i: Prefix(id=i, name=f"政务外网|{address(n << 8)}/24|{n}", prefix=f"{address(n << 8)}/24", unit=unit(n % 2000)),
        "ip_address": lambda n, i: IPAddress(id=i, name=f"政务外网|{address(n)}", address=address(n), unit=unit(n % 2000)),
        "vlan": lambda n, i: Vlan(id=i, name=f"{COUNTIES[n % 10]}/{n}", vid=n % 4094 + 1, domain=COUNTIES[n % 10], purpose="办公"),
        "vm": lambda n, i: VM(id=i, key=key(), name=machine(n), project=key(), host=key(), state="ACTIVE", vcpus=4, memory_mb=8192),
        "vport": lambda n, i: VPort(
            id=i, key=key(), name="", network=key(), mac=f"fa:16:3e:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
            addresses=(f"172.16.{n >> 8 & 255}.{n & 255}",), vm=key(),
        ),
        "volume": lambda n, i: Volume(id=i, key=key(), name=f"vol-{machine(n)}", project=key(), size_gb=100, state="in-use"),
        "snapshot": lambda n, i: Snapshot(id=i, key=key(), name=f"snap-{machine(n)}-{n % 7}", project=key(), volume=key()),
    }


def search(quick: bool) -> Figures:
    """Every question nine times, of which the best counts: others use the machine as well."""
    count = 20_000 if quick else 200_000
    out: Figures = []
    with places() as found:
        for name, where in found:
            store = open_records(where)
            _fill(store, city(count))
            out += _asked(name, store)
            store.close()
    return out + _others(count)


def _fill(store: Records, objects: Iterator[Any], at_once: int = 50_000) -> None:
    left = True
    while left:
        left = False
        with store.write(WHO, T0) as write:
            for number, one in enumerate(objects, 1):
                write.put("inventory.import", one)
                if left := number == at_once:
                    break


def _asked(name: str, store: Records) -> Figures:
    out: Figures = []
    for sort, questions in QUESTIONS.items():
        times = {text: _ms(partial(store.lookup, text)) for text in questions}
        slowest = max(times, key=lambda text: times[text])
        within = sum(spent <= LIMIT_MS for spent in times.values())
        median = statistics.median(times.values())
        figure = f"median {median:.1f} ms, slowest {times[slowest]:.1f} ms ({slowest}); {within} of {len(times)} within {LIMIT_MS} ms"
        out.append((f"{name}: {sort} questions", figure))
    with store.snapshot() as db:
        objects, terms = db.rows("SELECT (SELECT count(*) FROM search_object), (SELECT count(*) FROM search_term)")[0]
    return [*out, (f"{name}: objects, terms, size of the records", f"{objects:,}, {terms:,}, {store.size() / 1e6:.0f} MB")]


def _ms(ask: Callable[[], Any]) -> float:
    times = []
    for _ in range(9):
        a = time.perf_counter()
        ask()
        times.append((time.perf_counter() - a) * 1000)
    return min(times)


def _others(count: int) -> Figures:
    """The same texts in FTS5 with trigrams, and in a plain table that is scanned."""
    with folder() as root:
        db = sqlite3.connect(root / "fts.db")
        db.execute("CREATE VIRTUAL TABLE found USING fts5(text, tokenize = 'trigram')")
        db.execute("CREATE TABLE plain (id TEXT, text TEXT)")
        rows = [(one.id, " ".join(text for _, text in wording.texts(BY_NOUN[type(one)], one))) for one in city(count)]
        db.executemany("INSERT INTO found (text) VALUES (?)", ((text,) for _, text in rows))
        db.executemany("INSERT INTO plain VALUES (?, ?)", rows)
        db.commit()

        def fts(text: str) -> list[Any]:
            return db.execute("SELECT rowid FROM found WHERE found MATCH ? LIMIT 50", (f'"{text}"',)).fetchall()

        def like(text: str) -> list[Any]:
            return db.execute("SELECT id FROM plain WHERE text LIKE ? LIMIT 50", (f"%{text}%",)).fetchall()

        out: Figures = []
        for text in ("人社", "财政局", "rsj-web", "10.20.30.40", "nowhere"):
            told = [f"{name} {_ms(partial(ask, text)):.1f} ms ({len(ask(text))} found)" for name, ask in (("FTS5", fts), ("LIKE", like))]
            out.append((f"others: {text}", ", ".join(told)))
        return out


def bulk(quick: bool) -> Figures:
    """A grown city in one transaction: records, journal, terms, and 60,000 edges in another."""
    count = CITY // 10 if quick else CITY
    out: Figures = []
    with places() as found:
        for name, where in found:
            store = open_records(where)
            objects = list(city(count))
            edges = [
                Edge(id=f"{n:032x}", kind="within", a=objects[n % len(objects)].id, b=objects[n * 7 % len(objects)].id, source="declared",
                     origin="reference:x", valid_from=T0) for n in range(count * 4 // 3)
            ]
            before = _rss_mb()
            a, c = time.perf_counter(), time.process_time()
            _fill(store, iter(objects), 10**9)
            spent, used = time.perf_counter() - a, time.process_time() - c
            a = time.perf_counter()
            with store.write(WHO, T0 + 1) as write:
                write.edges(edges, [])
            joined = time.perf_counter() - a
            a = time.perf_counter()
            streamed = sum(1 for kind in MODEL for _ in store.all(kind))
            read = time.perf_counter() - a
            assert store.verify().good
            store.close()
            out += [
                (f"{name}: {len(objects):,} objects at once", f"{spent:.1f} s ({used:.1f} CPU s), {_rss_mb() - before:.0f} MB more"),
                (f"{name}: {len(edges):,} edges at once", f"{joined:.1f} s"),
                (f"{name}: all {streamed:,} objects read back", f"{read:.1f} s"),
            ]
    return out


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS = {"search": search, "bulk": bulk}


def run(quick: bool) -> Figures:
    """All parts."""
    return run_parts(__file__, PARTS, quick)


if __name__ == "__main__":
    main(__file__, PARTS, sys.argv[1:])
