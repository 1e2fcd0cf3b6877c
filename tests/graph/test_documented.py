"""The page about the graph knows every kind of edge and every question."""

from pathlib import Path

from core.edges import EDGES
from core.operations.graph import OPERATIONS

PAGE = Path(__file__).parents[2] / "docs" / "graph.md"


def test_every_edge_stands_in_the_table_with_its_meaning() -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    told = {row[1].strip("`"): (row[2], "" if row[4] == "reachability" else row[4]) for row in rows}
    assert told == {kind: (meaning.zh, meaning.dependence) for kind, meaning in EDGES.items()}


def test_every_question_is_described() -> None:
    page = PAGE.read_text("utf-8")
    assert [op.id for op in OPERATIONS if f"yunwang graph {op.verb}" not in page] == []
