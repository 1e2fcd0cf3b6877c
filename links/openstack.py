"""Reading an OpenStack-style cloud through openstacksdk: its session, catalogue, microversions and retries, and plain JSON page by page.

The SDK's resource objects cost 4 ms of processor each (12 s for 3,000 machines), so pages are read as they come. What comes is foreign:
bounded in number, never trusted to be what it says; `inventory.sources` makes nouns of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from core.errors import ForbiddenError, NoAnswerError, ProtocolError, SettingsError, UnavailableError
from core.i18n import tr
from core.nouns import Noun

PAGE = 1000
MOST_PAGES = 2000
TIMEOUT_S = 60


class CloudAccess(Noun, frozen=True, kw_only=True):
    """How to enter a cloud. The secret is handed over beside it, never kept in it."""

    auth_url: str
    username: str
    project: str = "admin"
    domain: str = "Default"
    region: str = ""
    authority: str = ""
    """PEM file of the authority that signed the cloud's certificates; empty: the system's."""


class Listing(NamedTuple):
    """Where a list of things stands. optional: a cloud may be without this service."""

    service: str
    path: str
    key: str
    microversion: str = ""
    params: Mapping[str, str] = {}
    optional: bool = False


LISTINGS: dict[str, Listing] = {
    "domain": Listing("identity", "/domains", "domains"),
    "project": Listing("identity", "/projects", "projects"),
    "zone": Listing("compute", "/os-availability-zone", "availabilityZoneInfo"),
    "host": Listing("compute", "/os-hypervisors/detail", "hypervisors", "2.53"),
    "vm": Listing("compute", "/servers/detail", "servers", "2.47", {"all_tenants": "True"}),
    "vpc": Listing("network", "/networks", "networks"),
    "subnet": Listing("network", "/subnets", "subnets"),
    "router": Listing("network", "/routers", "routers"),
    "vport": Listing("network", "/ports", "ports"),
    "floating_ip": Listing("network", "/floatingips", "floatingips"),
    "security_group": Listing("network", "/security-groups", "security_groups"),
    "volume": Listing("block-storage", "/volumes/detail", "volumes", params={"all_tenants": "True"}, optional=True),
    "snapshot": Listing("block-storage", "/snapshots/detail", "snapshots", params={"all_tenants": "True"}, optional=True),
    "image": Listing("image", "/images", "images", optional=True),
    "load_balancer": Listing("load-balancer", "/lbaas/loadbalancers", "loadbalancers", optional=True),
    "pool": Listing("load-balancer", "/lbaas/pools", "pools", optional=True),
}
"""In the order in which they are read: what is named comes before what names it."""
_UNPAGED = frozenset({"domain", "project", "zone", "host"})
"""Keystone's lists and those of few rows come whole unless the cloud itself cuts them."""


class CloudReader:
    """One login. Raises errors of ours, which never show the secret."""

    def __init__(self, access: CloudAccess, secret: str) -> None:
        import openstack

        self._access = access
        try:
            self._connection = openstack.connect(
                auth_url=access.auth_url, username=access.username, password=secret, project_name=access.project,
                user_domain_name=access.domain, project_domain_name=access.domain, region_name=access.region or None,
                cacert=access.authority or None, load_envvars=False, load_yaml_config=False, api_timeout=TIMEOUT_S,
                app_name="yunwang",
            )
            self._connection.session.get_token()
        except Exception as error:  # noqa: BLE001 -- the SDK, keystoneauth and requests each have a tree of their own
            raise explained(error, access) from None

    def pages(self, kind: str) -> Iterator[list[dict[str, Any]]]:
        """The things of a kind, a page at a time; nothing where the cloud lacks an optional service."""
        listing = LISTINGS[kind]
        yield from self._pages(listing.service, listing.path, listing, kind not in _UNPAGED)

    def members(self, pool: str) -> list[dict[str, Any]]:
        """Members of a pool of a load balancer."""
        listing = Listing("load-balancer", f"/lbaas/pools/{pool}/members", "members")
        return [member for page in self._pages(listing.service, listing.path, listing, True) for member in page]

    def _pages(self, service: str, path: str, listing: Listing, paged: bool) -> Iterator[list[dict[str, Any]]]:
        proxy = self._proxy(service, listing.optional)
        marker = ""
        for _ in range(MOST_PAGES if proxy is not None else 0):
            params = {**listing.params, **({"limit": str(PAGE)} if paged else {}), **({"marker": marker} if marker else {})}
            body = self._get(proxy, path, params, listing)
            items = body.get(listing.key)
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise ProtocolError(tr("{cloud} answered {path} with something else than a list.", cloud=self._access.auth_url, path=path))
            if items:
                yield items
            following = str(items[-1].get("id", "")) if items and _goes_on(body, listing.key) else ""
            if not following or following == marker:
                return
            marker = following

    def _proxy(self, service: str, optional: bool) -> Any:
        import openstack.exceptions
        from keystoneauth1.adapter import Adapter
        from keystoneauth1.exceptions import EndpointNotFound

        try:
            proxy = getattr(self._connection, service.replace("-", "_"))
            found = Adapter.get_endpoint(proxy)
        except (EndpointNotFound, openstack.exceptions.NotSupported):
            found = None
        except Exception as error:  # noqa: BLE001 -- as above
            raise explained(error, self._access) from None
        if found is None and not optional:
            raise NoAnswerError(
                tr("{cloud} offers no service of the type {service}.", cloud=self._access.auth_url, service=service),
                way_out=tr("Check the region and the catalogue."),
            )
        return proxy if found is not None else None

    def _get(self, proxy: Any, path: str, params: Mapping[str, str], listing: Listing) -> dict[str, Any]:
        try:
            answer = proxy.get(path, params=params, microversion=listing.microversion or None)
            status = int(answer.status_code)
            body = answer.json() if status < 400 else {}
        except Exception as error:  # noqa: BLE001 -- as above
            raise explained(error, self._access) from None
        if status in (401, 403):
            raise ForbiddenError(
                tr("{cloud} does not let {user} read {path}.", cloud=self._access.auth_url, user=self._access.username, path=path),
                way_out=tr("Give it the role reader of the whole system, or administrator."),
            )
        if status >= 400 or not isinstance(body, dict):
            raise ProtocolError(tr("{cloud} answered {path} with status {status}.", cloud=self._access.auth_url, path=path, status=status))
        return body

    def close(self) -> None:
        self._connection.close()


def _goes_on(body: Mapping[str, Any], key: str) -> bool:
    """Whether the cloud says that a page follows: `KEY_links` with rel next, Glance's `next`, or Keystone's `links.next`."""
    links = body.get(f"{key}_links")
    if isinstance(links, list):
        return any(isinstance(link, dict) and link.get("rel") == "next" for link in links)
    inner = body.get("links")
    return bool(body.get("next") or (isinstance(inner, dict) and inner.get("next")))


def explained(error: Exception, access: CloudAccess) -> Exception:
    """The SDK's errors as ours."""
    from keystoneauth1 import exceptions as auth

    if isinstance(error, auth.http.Unauthorized | auth.http.Forbidden):
        return ForbiddenError(
            tr("{cloud} refuses the user {user}.", cloud=access.auth_url, user=access.username),
            way_out=tr("Check user, domain, project and password."),
        )
    if isinstance(error, auth.SSLError):
        return UnavailableError(
            tr("The certificate of {cloud} is not trusted.", cloud=access.auth_url), way_out=tr("Name its authority's PEM file."),
        )
    if isinstance(error, auth.ConnectFailure | auth.ConnectTimeout | auth.UnknownConnectionError | auth.DiscoveryFailure):
        way_out = tr("Check the address, which ends in /v3 as a rule, and the firewall between.")
        return NoAnswerError(tr("No Keystone answers at {cloud}.", cloud=access.auth_url), way_out=way_out)
    if isinstance(error, auth.MissingRequiredOptions | auth.NoMatchingPlugin):
        problem = tr("{cloud} cannot be entered like this.", cloud=access.auth_url)
        return SettingsError(problem, way_out=tr("Name user, project and domain."))
    return ProtocolError(tr("{cloud} answered something unexpected ({kind}).", cloud=access.auth_url, kind=type(error).__name__))
