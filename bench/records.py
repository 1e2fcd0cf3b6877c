"""What audited records cost: `python bench/records.py [--quick] [records|trail]`. Each part runs in a process of its own."""

import sys
import time
from collections.abc import Iterator
from typing import Any

from _stores import HOUR_MS, T0, WHO, Figures, folder, main, peak_mb, places, run_parts

from core.audit import ROOT, AuditQuery
from core.nouns import new_id
from core.objects import Device
from stores.audit import Verifier, archive
from stores.records import Records, journal, open_records
from stores.records.portable import records_backup, records_restore

NAME = "records"
GROUP = 50


def records(quick: bool) -> Figures:
    """Audited writes one by one and in commits that many share, and an import of a city in one transaction, on both stores."""
    with places() as found:
        return [figure for name, where in found for figure in _records(name, where, 300 if quick else 3000)]


def _records(name: str, where: str, count: int) -> Figures:
    device = {"address": "10.0.0.1", "site": "莲都机房", "role": "access"}
    devices = [Device(id=new_id(T0 + n), name=f"莲都-接入-{n:05d}", **device) for n in range(3000)]
    store = open_records(where)
    a = time.perf_counter()
    with store.write(WHO, T0, "import") as write:
        for one in devices:
            write.put("inventory.import", one)
    imported = time.perf_counter() - a

    def change(number: int, note: str) -> None:
        with store.write(WHO, T0 + number, f"{note}-{number}") as write:
            write.put("device.update", devices[number].replace(note=note))

    a, c = time.perf_counter(), time.process_time()
    for number in range(count):
        change(number, "alone")
    alone = f"{count / (time.perf_counter() - a):,.0f}/s, {count / (time.process_time() - c):,.0f} per CPU s"
    a, c = time.perf_counter(), time.process_time()
    for first in range(0, count, GROUP):
        with store.together():
            for number in range(first, first + GROUP):
                change(number, "together")
    shared = f"{count / (time.perf_counter() - a):,.0f}/s, {count / (time.process_time() - c):,.0f} per CPU s"
    a = time.perf_counter()
    for number in range(200):
        store.get("device", devices[number].id)
    read = (time.perf_counter() - a) / 200 * 1e6
    assert store.verify().good
    store.close()
    return [
        (f"{name}: import of 3,000 devices in one audited transaction", f"{imported * 1000:.0f} ms"),
        (f"{name}: audited writes, one transaction and sync each", alone),
        (f"{name}: the same, {GROUP} of them in a commit", shared),
        (f"{name}: one record read", f"{read:.0f} us"),
    ]


def trail(quick: bool) -> Figures:
    """A long journal: searched, proved, archived, saved and restored."""
    rows = 50_000 if quick else 1_000_000
    with folder() as root:
        store = open_records(root / "records.db")
        _long_journal(store, rows)

        def ms(**query: Any) -> str:
            a = time.perf_counter()
            found = store.search(AuditQuery(**query))
            return f"{(time.perf_counter() - a) * 1000:.1f} ms ({len(found.items)} rows)"

        middle = T0 + rows // 2 * 1000
        out = [
            (f"newest 100 of {rows:,} rows", ms()),
            ("100 rows of one actor, from the middle", ms(actor="user07", end_ms=middle)),
            ("100 rows of one action, from the middle", ms(action="device.update", end_ms=middle)),
            ("all that was done to one object", ms(kind="device", object_id="d77")),
            ("a word that is nowhere, one call of bounded work", ms(word="nowhere")),
        ]
        a = time.process_time()
        verdict = store.verify()
        assert verdict.good
        proved = verdict.rows / (time.process_time() - a)
        a, peak = time.perf_counter(), peak_mb(reset=True)
        records_backup(store, root / "backup")
        saved, peak = time.perf_counter() - a, peak_mb() - peak
        a = time.perf_counter()
        records_restore(str(root / "again.db"), root / "backup")
        restored = time.perf_counter() - a
        a = time.perf_counter()
        moved = archive(store, root / "audit", WHO, T0 + rows * 1000 + 190 * 24 * HOUR_MS, 190, trust_clock=True)
        archived = moved.rows / (time.perf_counter() - a)
        size = sum(segment.size for segment in moved.segments) / moved.rows
        assert Verifier(store, root / "audit").run().good
        store.close()
        return [
            *out,
            ("rows proved per CPU s", f"{proved:,.0f}"),
            ("rows saved per s, restored per s", f"{rows / saved:,.0f}, {rows / restored:,.0f} ({peak:.0f} MB more memory)"),
            ("rows archived, read back and removed per s", f"{archived:,.0f} ({size:.0f} bytes a row)"),
        ]


def _long_journal(store: Records, rows: int) -> None:
    """Rows as a year of a city leaves them, one a second."""
    actions = ("device.update", "user.login", "alert.raise", "alert.clear", "job.begin", "job.end", "refused", "audit.seal")
    row = {"zone_s": 28800, "request": "01a208bb96d77d31bfc65d722e0316cc", "origin": "10.1.2.3", "before": {"note": ""}}

    def some(first: int) -> Iterator[dict[str, Any]]:
        for number in range(first, first + 10_000):
            yield {
                **row, "at_ms": T0 + number * 1000, "actor": f"user{number * 7 % 40:02d}", "action": actions[number % 8],
                "kind": "device", "object_id": f"d{number % 3000}", "after": {"note": f"changed {number}", "site": "莲都机房"},
            }

    seq, previous = 0, ROOT
    for first in range(0, rows, 10_000):
        made = list(journal.chain(some(first), seq, previous))
        seq, previous = made[-1][0], made[-1][-1]
        with store.maintenance() as db:
            db.many(journal.INSERT, made)


PARTS = {"records": records, "trail": trail}


def run(quick: bool) -> Figures:
    """All parts."""
    return run_parts(__file__, PARTS, quick)


if __name__ == "__main__":
    main(__file__, PARTS, sys.argv[1:])
