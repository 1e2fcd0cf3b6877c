"""When a declaration or a port's speed is not believed, and what percent are taken of then."""

import pytest

from core.capacity import CapacityRow
from core.widths import bandwidth, doubted
from monitors.capacity.doubts import believed

M, G = 1e6, 1e9


@pytest.mark.parametrize(("declared", "port", "carried", "width"), [
    (100 * M, G, 706 * M, (G, "declared-exceeded")),
    (100 * M, G, 109 * M, (100 * M, "")),
    (100 * M, G, None, (100 * M, "")),
    (100 * M, 0, 706 * M, (0, "declared-exceeded")),
    (10 * G, G, 5 * M, (G, "declared-above-port")),
    (10 * G, G, 3 * G, (G, "port-exceeded")),
    (100 * M, G, 3 * G, (G, "port-exceeded")),
    (0, G, 3 * G, (G, "port-exceeded")),
    (0, G, G, (G, "")),
    (0, 0, G, (0, "")),
    (G, 0, M, (G, "")),
])
def test_what_is_believed(declared: float, port: float, carried: float | None, width: tuple[float, str]) -> None:
    assert believed(declared, port, carried) == width


def test_bandwidths_in_words() -> None:
    assert [bandwidth(bps) for bps in (0, None, 64_000, 100 * M, 2.5 * G, 400 * G)] == [
        "not known", "not known", "64 kbit/s", "100 Mbit/s", "2.5 Gbit/s", "400 Gbit/s",
    ]
    row = CapacityRow(kind="line", object_id="1", object="CE", declared_bps=100 * M, port_bps=G, billed_bps=706 * M)
    assert doubted(row) == ""
    assert doubted(row.replace(doubt="declared-above-port")) == "declared 100 Mbit/s, port 1 Gbit/s: declaration seems wrong"
