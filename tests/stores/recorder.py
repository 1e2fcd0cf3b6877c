"""Writes records until it is killed, saying each one that was acknowledged. Run as a program by the crash tests.

Arguments: file or URL, first number.
"""

import sys
from itertools import count

from core.edges import Edge
from core.identity import Actor
from core.objects import Site
from stores.records import open_records

store = open_records(sys.argv[1])
for number in count(int(sys.argv[2])):
    with store.write(Actor(name="system:test"), number, f"key-{number}") as write:
        write.put("site.add", Site(id=f"{number:032x}", name=f"机房{number}", level="county"))
        edge = Edge(id=f"e{number}", kind="stands-at", a=f"{number:032x}", b="x", source="declared", valid_from=number)
        write.edges([edge], [f"e{number - 1}"] if number else [])
        write.answer({"number": number})
    print(number, flush=True)  # noqa: T201  the parent reads it
