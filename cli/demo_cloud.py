"""What the demonstration adds once its devices are polled: the whole workbook, and the cloud as a source like any other."""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.errors import InvalidInputError, YunwangError
from core.i18n import tr
from core.settings import Settings
from core.sources import IntakeReport, NewSource, SyncWish

if TYPE_CHECKING:
    from lab.openstack.process import Running
    from lab.run import Handle

NAME = "openstack-lab"


@contextlib.contextmanager
def beside(city: "Handle", settings: Settings) -> "Iterator[Running]":
    """The cloud in a process of its own."""
    del settings
    from lab.openstack.process import begin

    with begin(city.city, secrets.token_urlsafe(18), city.options.base) as running:
        yield running


def brought_in(settings: Settings, city: "Handle", cloud: "Running", interval_s: int) -> tuple[float, float]:
    """Imports what else people declare, reads the cloud and says whose it is; seconds that the two took. Raises what went wrong."""
    begun = time.monotonic()
    asyncio.run(_declare(settings, city, interval_s))
    declared = time.monotonic()
    asyncio.run(_bring(settings, city, cloud))
    return declared - begun, time.monotonic() - declared


def bring_soon(settings: Settings, city: "Handle", cloud: "Running", interval_s: int) -> None:
    """The same in the background, while the console is open already; its job is seen in the queue, whatever becomes of it."""

    def work() -> None:
        with contextlib.suppress(YunwangError):
            brought_in(settings, city, cloud, interval_s)

    threading.Thread(target=work, daemon=True).start()


async def _declare(settings: Settings, city: "Handle", interval_s: int) -> None:
    import client
    from lab.workbook import workbook

    book = await asyncio.to_thread(workbook, city.city, city.port, interval_s, f"file:{city.credential_file}")
    async with client.connect(settings) as hub:
        _refuse(await hub.import_file("city.xlsx", book, key="demo-whole"))


async def _bring(settings: Settings, city: "Handle", cloud: "Running") -> None:
    import client
    from cli.work import until_ended
    from lab.cloud import Cloud
    from lab.workbook import placements

    platform = Cloud(city.city).platform.name
    new = NewSource(
        name=NAME, kind="openstack", url=await asyncio.to_thread(cloud.url), username=cloud.user, secret=cloud.password,
        options={"platform": platform},
    )
    async with client.connect(settings) as hub:
        await hub.sources.add(new)
        job = await until_ended(hub, (await hub.sources.sync(NAME, SyncWish())).id, quiet=True)
        if job.state != "done":
            raise InvalidInputError(tr("The cloud could not be read: {reason}", reason=tr(job.message)))
        report = await hub.import_file("placements.xlsx", await asyncio.to_thread(placements, city.city), key="demo-placements")
        _refuse(report)


def _refuse(report: IntakeReport) -> None:
    if report.problems_total:
        first = report.problems[0]
        raise InvalidInputError(
            tr("The city could not be imported: {sheet}, row {row}: {message}", sheet=first.sheet, row=first.row, message=first.message),
        )
