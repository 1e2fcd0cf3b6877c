"""Reading an OpenStack-style cloud: all kinds in the order in which one names the other, page by page."""

from agents.sync_telling import Telling
from core.errors import NotFoundError
from core.i18n import tr
from core.sources import SourceConfig, SourceGiven
from inventory.sources.openstack import Reading
from links.openstack import LISTINGS, CloudAccess, CloudReader

OURS = {"domain": "tenant", "zone": "availability_zone"}
"""What the cloud calls otherwise."""


def access_of(given: SourceGiven, authority: str) -> CloudAccess:
    options = given.config.options
    return CloudAccess(
        auth_url=given.config.url, username=given.username, project=options.get("project", "admin"),
        domain=options.get("domain", "Default"), region=options.get("region", ""), authority=authority,
        application=options.get("login") == "application-credential",
    )


def platform_of(config: SourceConfig) -> str:
    return config.options.get("platform") or config.name


def read(given: SourceGiven, authority: str, telling: Telling) -> None:
    """Everything. A kind of which an item was not understood, or whose service is missing, is not called whole."""
    reader = CloudReader(access_of(given, authority), given.secret)
    reading = Reading(platform_of(given.config), region_of(reader, given.config))
    telling.will_tell([OURS.get(kind, kind) for kind in LISTINGS])
    for kind in LISTINGS:
        ours = OURS.get(kind, kind)
        for page in reader.pages(kind):
            telling.give(ours, reading.nouns(kind, page))
        if refused := reading.refused.get(kind, 0):
            telling.pass_over(ours, kind, tr("What the cloud says of it was not understood."), refused)
        elif reader.offers(kind):
            telling.all_of(ours)
    reader.close()


def look(given: SourceGiven, authority: str) -> str:
    """The region and how many hypervisors there are, after a first page of each kind."""
    reader = CloudReader(access_of(given, authority), given.secret)
    region = region_of(reader, given.config)
    hosts = 0
    for kind in LISTINGS:
        page = next(iter(reader.pages(kind)), [])
        hosts = len(page) if kind == "host" else hosts
    reader.close()
    return tr("region {region}, {count} hypervisors", region=region, count=hosts)


def region_of(reader: CloudReader, config: SourceConfig) -> str:
    """The one that was named, or the only one. Raises `NotFoundError` with those that there are."""
    known, named = reader.regions(), config.options.get("region", "")
    if named in known or (not named and len(known) == 1):
        return named or known[0]
    several = tr("{cloud} has several regions.", cloud=config.url)
    problem = tr("{cloud} has no region {region}.", cloud=config.url, region=named) if named else several
    raise NotFoundError(problem, way_out=tr("Name one with the option region: {regions}.", regions=", ".join(known)))
