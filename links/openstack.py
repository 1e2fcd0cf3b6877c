"""Reading an OpenStack-style cloud through openstacksdk: its session, catalogue, microversions and retries, and plain JSON page by page.

The SDK's resource objects cost 4 ms of processor each (12 s for 3,000 machines), so pages are read as they come. What comes is foreign:
bounded in number, never trusted to be what it says; `inventory.sources` makes nouns of it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from core.errors import ForbiddenError, NoAnswerError, ProtocolError, SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from core.nouns import Noun
from links import bounded

PAGE = 1000
MOST_PAGES = 2000
TIMEOUT_S = 60
Item = dict[str, Any]
_KEY = re.compile(r"[0-9a-zA-Z-]{1,64}")
"""What a cloud's ids look like: nothing else becomes part of a path."""


class CloudAccess(Noun, frozen=True, kw_only=True):
    """How to enter a cloud. The secret is handed over beside it, never kept in it."""

    auth_url: str
    username: str
    project: str = "admin"
    domain: str = "Default"
    region: str = ""
    authority: str = ""
    """PEM file of the authority that signed the cloud's certificates; empty: the system's."""
    application: bool = False
    """`username` is the id of an application credential, and the secret is its own; it has its project and domain in itself."""


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
    "vport": Listing("network", "/ports", "ports"),
    "router": Listing("network", "/routers", "routers"),
    "floating_ip": Listing("network", "/floatingips", "floatingips"),
    "security_group": Listing("network", "/security-groups", "security_groups"),
    "volume": Listing("block-storage", "/volumes/detail", "volumes", params={"all_tenants": "True"}, optional=True),
    "snapshot": Listing("block-storage", "/snapshots/detail", "snapshots", params={"all_tenants": "True"}, optional=True),
    "image": Listing("image", "/images", "images", optional=True),
    "load_balancer": Listing("load-balancer", "/lbaas/loadbalancers", "loadbalancers", optional=True),
    "quota": Listing("compute", "/os-quota-sets/{project}/detail", "quota_set", "2.57"),
}
"""In the order in which they are read: what is named comes before what names it. Quotas are asked for one project after the other."""
_POOLS = Listing("load-balancer", "/lbaas/pools", "pools", optional=True)
_DISKS = Listing("block-storage", "/os-quota-sets/{project}", "quota_set", params={"usage": "True"}, optional=True)
_UNPAGED = frozenset({"domain", "project", "zone", "host"})
"""Keystone's lists and those of few rows come whole unless the cloud itself cuts them."""


class CloudReader:
    """One login. Raises errors of ours, which never show the secret."""

    def __init__(self, access: CloudAccess, secret: str) -> None:
        import openstack

        self._access = access
        self._projects: list[tuple[str, str]] = []
        try:
            self._connection = openstack.connect(
                **_login(access, secret), auth_url=access.auth_url, region_name=access.region or None,
                cacert=access.authority or None, load_envvars=False, load_yaml_config=False, api_timeout=TIMEOUT_S,
                app_name="yunwang",
            )
            self._connection.session.session = bounded.session(bounded.Site(access.auth_url, access.authority, TIMEOUT_S), of_many=True)
            self._connection.session.get_token()
        except Exception as error:  # noqa: BLE001 -- the SDK, keystoneauth and requests each have a tree of their own
            raise explained(error, access) from None

    def regions(self) -> list[str]:
        """Those in which the catalogue has Nova."""
        try:
            auth: Any = self._connection.session.auth
            access = auth.get_access(self._connection.session)
            found = access.service_catalog.get_endpoints(service_type="compute").get("compute", ())
            return sorted({str(one.get("region_id") or one.get("region")) for one in found})
        except Exception as error:  # noqa: BLE001 -- as above
            raise explained(error, self._access) from None

    def offers(self, kind: str) -> bool:
        """Whether the cloud has the service that these things are of."""
        return self._proxy(LISTINGS[kind]) is not None

    def pages(self, kind: str) -> Iterator[list[Item]]:
        """The things of a kind, a page at a time; nothing where the cloud lacks an optional service. Kinds in the order of `LISTINGS`."""
        listing = LISTINGS[kind]
        if kind == "quota":
            yield from self._quotas()
            return
        members = self._members() if kind == "load_balancer" else {}
        for page in self._pages(listing, paged=kind not in _UNPAGED):
            if kind == "project":
                self._projects += [(str(item.get("id", "")), str(item.get("name", ""))) for item in page]
            yield [{**item, "members": members.get(str(item.get("id")), [])} for item in page] if members else page

    def _members(self) -> dict[str, list[str]]:
        """Addresses behind each load balancer."""
        found: dict[str, list[str]] = {}
        for pool in (pool for page in self._pages(_POOLS) for pool in page):
            key, owners = str(pool.get("id", "")), pool.get("loadbalancers")
            if not pool.get("members") or not isinstance(owners, list) or not _KEY.fullmatch(key):
                continue
            listing = Listing("load-balancer", f"/lbaas/pools/{key}/members", "members")
            addresses = [str(member.get("address", "")) for page in self._pages(listing) for member in page]
            for owner in owners:
                found.setdefault(str(owner.get("id", "") if isinstance(owner, dict) else ""), []).extend(addresses)
        return found

    def _quotas(self) -> Iterator[list[Item]]:
        """Limits and use of each project that was read."""
        disks = self._proxy(_DISKS)
        compute, listing = self._proxy(LISTINGS["quota"]), LISTINGS["quota"]
        for key, name in self._projects:
            if not _KEY.fullmatch(key):
                continue
            said = self._get(compute, listing.path.format(project=key), listing.params, listing).get("quota_set")
            more = self._get(disks, _DISKS.path.format(project=key), _DISKS.params, _DISKS).get("quota_set") if disks else {}
            yield [{"id": key, "name": name, "compute": said, "storage": more}]

    def _pages(self, listing: Listing, paged: bool = True) -> Iterator[list[Item]]:
        proxy, path = self._proxy(listing), listing.path
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

    def _proxy(self, listing: Listing) -> Any:
        import openstack.exceptions
        from keystoneauth1.adapter import Adapter
        from keystoneauth1.exceptions import EndpointNotFound

        try:
            proxy = getattr(self._connection, listing.service.replace("-", "_"))
            found = Adapter.get_endpoint(proxy)
        except (EndpointNotFound, openstack.exceptions.NotSupported, openstack.exceptions.ServiceDisabledException):
            found = None
        except Exception as error:  # noqa: BLE001 -- as above
            raise explained(error, self._access) from None
        if found is None and not listing.optional:
            raise NoAnswerError(
                tr("{cloud} offers no service of the type {service}.", cloud=self._access.auth_url, service=listing.service),
                way_out=tr("Check the region and the catalogue."),
            )
        return proxy if found is not None else None

    def _get(self, proxy: Any, path: str, params: Mapping[str, str], listing: Listing) -> Item:
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


def _login(access: CloudAccess, secret: str) -> dict[str, Any]:
    if access.application:
        return {
            "auth_type": "v3applicationcredential", "application_credential_id": access.username, "application_credential_secret": secret,
        }
    return {
        "username": access.username, "password": secret, "project_name": access.project, "user_domain_name": access.domain,
        "project_domain_name": access.domain,
    }


def _goes_on(body: Mapping[str, Any], key: str) -> bool:
    """Whether the cloud says that a page follows: `KEY_links` with rel next, Glance's `next`, or Keystone's `links.next`."""
    links = body.get(f"{key}_links")
    if isinstance(links, list):
        return any(isinstance(link, dict) and link.get("rel") == "next" for link in links)
    inner = body.get("links")
    return bool(body.get("next") or (isinstance(inner, dict) and inner.get("next")))


def explained(error: Exception, access: CloudAccess) -> Exception:
    """The SDK's errors as ours."""
    if isinstance(error, YunwangError):
        return error
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
