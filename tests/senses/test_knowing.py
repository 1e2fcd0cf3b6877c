"""What is kept of each device's measures, and how the values of the last poll come into it."""

from agents.senses.knowing import Known, living
from core.measured import MEMORY, PROCESSOR, MeasuredNow, MemoryPool, Processor, Sensor
from core.messages import Observed
from core.polling import PollPlan
from monitors.discovery import Discovered
from monitors.meaning import UPTIME, PlanMeaning, Polled
from monitors.measures import Measured

MEASURED = Measured(
    processors=(Processor(name="CPU", usage_percent=10, oid="1.1"), Processor(name="as text", usage_percent=20, oid="1.2")),
    memory=(MemoryPool(name="RAM", total_bytes=1000, used_bytes=100, used_percent=10, oid="2.1"),),
    sensors=(Sensor(kind="temperature", name="in", value=21, oid="3.1"), Sensor(kind="state", name="fan", value=1, oid="3.1")),
)


def known() -> Known:
    out = Known()
    out.put("d", Discovered(
        observed=Observed(device_id="d", at_ms=5, interfaces=(), facts=(), links=()), measured=MEASURED, profiles=("p",), marks=("m",),
        polled=Polled(plan=PollPlan(scalars=((1, 3, 0),)), meaning=PlanMeaning(scalars=(UPTIME,), tables=())), complete=True,
    ))
    return out


def test_values_of_the_last_poll_replace_those_of_discovery_and_say_so() -> None:
    current = {(PROCESSOR, "1.1"): 55.0, (MEMORY, "2.1"): 40.0, ("yw_temperature", "3.1"): 30.5}
    now = living(known().told("d"), 9, current)
    assert (now.found_ms, now.polled_ms, now.profiles, now.marks) == (5, 9, ("p",), ("m",))
    assert [(p.usage_percent, p.live) for p in now.processors] == [(55, True), (20, False)]
    assert [(m.used_percent, m.used_bytes, m.live) for m in now.memory] == [(40, 400, True)]
    assert [(s.kind, s.value, s.live) for s in now.sensors] == [("temperature", 30.5, True), ("state", 1, False)]


def test_a_device_that_is_forgotten_or_was_never_found_measures_nothing() -> None:
    some = known()
    some.forget(["d", "other"])
    assert some.told("d") == MeasuredNow(device_id="d")
    assert living(known().told("d"), 9, {}).polled_ms == 0
