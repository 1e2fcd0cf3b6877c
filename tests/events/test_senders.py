"""Who spoke: counted without loss, named, bounded."""

from core.events import Event, Sender
from monitors.events import Senders


def test_everybody_is_counted_and_whoever_spoke_last_comes_first() -> None:
    senders = Senders()
    senders.heard({("10.0.0.1", "syslog"): 3, ("10.0.0.2", "trap"): 1}, 1000)
    senders.heard({("10.0.0.1", "trap"): 2}, 2000)
    senders.named(Event(at_ms=1, source="10.0.0.1", kind="syslog", text="x", host=f"SW{n % 9}") for n in range(30))
    first, second = senders.rows()
    assert (first.address, first.count, first.first_ms, first.last_ms, first.kinds) == ("10.0.0.1", 5, 1000, 2000, ("syslog", "trap"))
    assert len(first.hosts) == 8
    assert (second.address, second.hosts) == ("10.0.0.2", ())
    assert Senders(senders.rows()).rows() == senders.rows(), "as before a restart"


def test_made_up_addresses_take_no_more_room_than_there_is() -> None:
    senders = Senders([Sender(address="old", first_ms=0, last_ms=0, count=1)], most=100)
    for number in range(5_000):
        senders.heard({(f"10.{number >> 8}.{number & 255}.1", "syslog"): 1, ("10.200.0.1", "syslog"): 1}, number)
    rows = senders.rows()
    assert len(rows) == 100
    assert next(row for row in rows if row.address == "10.200.0.1").count == 5_000, "who goes on speaking is not forgotten"
