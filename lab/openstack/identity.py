"""Keystone, version 3: tokens, the catalogue of services, domains, projects, regions."""

import secrets
import time
from typing import Any

from lab.cloud import REGION, Cloud
from lab.openstack.web import Answer, Ask, Json, Web, WebError, page

LIFE_S = 3600
SERVICES = (
    ("identity", "keystone", "/identity/v3"), ("compute", "nova", "/compute/v2.1"), ("network", "neutron", "/network"),
    ("volumev3", "cinderv3", "/volume/v3/{project}"), ("block-storage", "cinder", "/volume/v3/{project}"), ("image", "glance", "/image"),
    ("load-balancer", "octavia", "/load-balancer"),
)


class Identity:
    """One user, who is administrator of everything and may read all projects."""

    def __init__(self, cloud: Cloud, user: str, password: str) -> None:
        self._cloud, self._user, self._password = cloud, user, password
        self._tokens: dict[str, tuple[float, str]] = {}
        self._admin = cloud.projects[0].key if cloud.projects else "admin"

    def check(self, ask: Ask) -> None:
        """Raises 401 without a token that holds."""
        until, _ = self._tokens.get(ask.headers.get("x-auth-token", ""), (0.0, ""))
        if until < time.monotonic():
            raise WebError(401, "The request you have made requires authentication.")

    def routes(self, web: Web) -> None:
        web.add("GET", "/identity", self._versions, free=True)
        web.add("GET", "/identity/v3", self._version, free=True)
        web.add("POST", "/identity/v3/auth/tokens", self._log_in, free=True)
        web.add("GET", "/identity/v3/auth/tokens", self._validate)
        web.add("DELETE", "/identity/v3/auth/tokens", self._log_out)
        web.add("GET", "/identity/v3/projects", lambda ask: Answer(200, page(ask, self._named(self._projects(), ask), "projects", "")))
        web.add("GET", "/identity/v3/projects/{id}", lambda ask: Answer(200, {"project": _one(self._projects(), ask.args["id"])}))
        web.add("GET", "/identity/v3/domains", lambda ask: Answer(200, page(ask, self._named(self._domains(), ask), "domains", "")))
        web.add("GET", "/identity/v3/domains/{id}", lambda ask: Answer(200, {"domain": _one(self._domains(), ask.args["id"])}))
        region = {"id": REGION, "description": "", "parent_region_id": None}
        services = [{"id": kind, "type": kind, "name": name, "enabled": True} for kind, name, _ in SERVICES]
        web.add("GET", "/identity/v3/regions", lambda _: Answer(200, {"regions": [region]}))
        web.add("GET", "/identity/v3/services", lambda _: Answer(200, {"services": services}))

    @staticmethod
    def _named(items: list[Json], ask: Ask) -> list[Json]:
        name, domain = ask.query.get("name"), ask.query.get("domain_id")
        return [i for i in items if (not name or i["name"] == name) and (not domain or i.get("domain_id") == domain)]

    def _projects(self) -> list[Json]:
        return [
            {"id": p.key, "name": p.name, "domain_id": p.tenant, "enabled": p.enabled, "description": p.system, "parent_id": p.tenant,
             "is_domain": False, "tags": [], "options": {}}
            for p in self._cloud.projects
        ]

    def _domains(self) -> list[Json]:
        names = [("default", "Default", ""), *((t.key, t.name, t.unit) for t in self._cloud.tenants)]
        return [{"id": key, "name": name, "enabled": True, "description": text, "tags": [], "options": {}} for key, name, text in names]

    def _described(self, ask: Ask) -> Json:
        return {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
                "links": [{"rel": "self", "href": f"{ask.base}/identity/v3/"}], "media-types": []}

    def _versions(self, ask: Ask) -> Answer:
        return Answer(300, {"versions": {"values": [self._described(ask)]}})

    def _version(self, ask: Ask) -> Answer:
        return Answer(200, {"version": self._described(ask)})

    def _log_in(self, ask: Ask) -> Answer:
        identity: Any = ask.body.get("auth", {}).get("identity", {})
        user = identity.get("password", {}).get("user", {}) if isinstance(identity, dict) else {}
        application = identity.get("application_credential") if isinstance(identity, dict) else None
        if isinstance(application, dict):
            user = {"name": application.get("id"), "password": application.get("secret")}
        if user.get("name") != self._user or user.get("password") != self._password:
            raise WebError(401, "The request you have made requires authentication.")
        scope = ask.body["auth"].get("scope") or {}
        project = scope.get("project", {}) if isinstance(scope, dict) else {}
        chosen = next((p.key for p in self._cloud.projects if project.get("id") == p.key or project.get("name") == p.name), self._admin)
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (time.monotonic() + LIFE_S, chosen)
        return Answer(201, self._token(ask, chosen), {"x-subject-token": token})

    def _token(self, ask: Ask, project: str) -> Json:
        stamp = time.time()
        catalog = [
            {"id": kind, "type": kind, "name": name, "endpoints": [
                {"id": f"{kind}-{face}", "interface": face, "region": REGION, "region_id": REGION,
                 "url": ask.base + path.replace("{project}", project)} for face in ("public", "internal", "admin")
            ]} for kind, name, path in SERVICES
        ]
        return {"token": {
            "methods": ["password"], "user": {"id": "admin", "name": self._user, "domain": {"id": "default", "name": "Default"}},
            "project": {"id": project, "name": "admin", "domain": {"id": "default", "name": "Default"}}, "catalog": catalog,
            "roles": [{"id": "admin", "name": "admin"}, {"id": "reader", "name": "reader"}], "is_domain": False,
            "issued_at": _iso(stamp), "expires_at": _iso(stamp + LIFE_S), "audit_ids": ["lab"],
        }}

    def _validate(self, ask: Ask) -> Answer:
        held = self._tokens.get(ask.headers.get("x-subject-token", ""))
        if held is None:
            raise WebError(404, "Could not recognize the token.")
        return Answer(200, self._token(ask, held[1]))

    def _log_out(self, ask: Ask) -> Answer:
        self._tokens.pop(ask.headers.get("x-subject-token", ""), None)
        return Answer(204)


def _iso(stamp: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(stamp))


def _one(items: list[Json], key: str) -> Json:
    found = next((item for item in items if item["id"] == key), None)
    if found is None:
        raise WebError(404, f"Could not find {key}.")
    return found
