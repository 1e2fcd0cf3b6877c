"""What docs/probes.md shows is right."""

import re
from pathlib import Path

import pytest

from core.probes import NewProbe
from monitors.probes.definitions import read
from monitors.probes.kinds import RULES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "probes.md").read_text("utf-8")


def test_the_file_can_be_added() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    probes = {probe.name: probe for probe in read("probes.md", text)}
    assert probes["population-fresh"].object_kind == "data_line"
    assert probes["population-fresh"].options["statement"].startswith("SELECT count(*) AS rows")
    assert probes["portal"].options == {"contains": "政务服务", "status": "200"}
    assert probes["name-server"] == NewProbe(
        name="name-server", kind="dns", object="LD-DNS-1", options={"name": "oa.city.gov.cn", "expect": "10.1.2.3"},
    )


@pytest.mark.parametrize("kind", RULES)
def test_every_option_is_explained(kind: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")]
    rule = RULES[kind]  # type: ignore[index]
    assert all(f"`{name}`" in row for name in rule.options if name != "engine")
    assert all(f"**`{name}`**" in row for name in rule.needed)


def test_lines_are_no_longer_than_a_screen() -> None:
    assert not [line for line in PAGE.splitlines() if len(line) > 160 and not line.startswith("|")]
