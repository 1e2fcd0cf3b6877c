"""What one poll costs a device: of a device that is polled now, or of one that was looked at without a hub."""

from core.measured import PollCost, TableCost
from core.polling import Target
from core.sections import Polling
from links.snmp.requests import asks, encoded_names
from monitors.meaning import Polled


def cost_of(settings: Polling, target: Target, polled: Polled, every: int, marks: tuple[str, ...]) -> PollCost:
    """every: it is asked for everything at each so many-th turn. The budget is that of the settings, and time is not known."""
    plan, meaning = polled.plan, polled.meaning
    made = asks(target, plan, encoded_names(plan), settings.max_datagram, by_name=target.version == "3")
    tables = tuple(
        TableCost(
            profile=meant.profile, table=meant.table, metrics=tuple(c.metric for c in meant.columns if c.store and c.metric),
            rows=len(table.indexes), variables=len(table.columns) * len(table.indexes),
        )
        for table, meant in zip(plan.tables, meaning.tables, strict=True)
    )
    scalars = tuple(column.metric for column in meaning.scalars)
    return PollCost(
        address=target.address, profiles=tuple(dict.fromkeys(one.profile for one in meaning.tables if one.profile)),
        tables=(TableCost(profile="", table="scalars", metrics=scalars, rows=1, variables=len(scalars)), *tables),
        variables=plan.size, most_variables=settings.most_variables, interval_s=every * target.interval_s, requests=len(made),
        octets_out=sum(len(ask.data) for ask in made), octets_in=sum(ask.weight for ask in made), marks=marks,
    )
