"""What a source needs to be asked, said before it is kept: address, login, options."""

from collections.abc import Mapping
from typing import NamedTuple

from core.errors import InvalidInputError
from core.i18n import mark, tr
from core.sources import SourceConfig
from links.bounded import origin, travels_in_the_clear

PLAIN, AUTHORITY, SITE = "plain", "authority", "site"
_WEB = {
    AUTHORITY: mark("Text of the PEM file of the authority that signed its certificate."),
    PLAIN: mark("yes: a secret may travel there in the clear, by http."),
}


class Rules(NamedTuple):
    """What a kind of source takes. login: `password`, `token`, or empty where none is needed. options: with their help, message ids; one
    that ends in a dot is the beginning of many."""

    login: str
    options: Mapping[str, str]


RULES: dict[str, Rules] = {
    "openstack": Rules("password", {
        "project": mark("Project to log in to; admin unless named."), "domain": mark("Domain of user and project; Default unless named."),
        "region": mark("Region; may be left out where there is one only."),
        "login": mark("application-credential: user and password are its id and secret."),
        "platform": mark("Name of the cloud platform in the inventory; the source's name unless named."), **_WEB,
    }),
    "netbox": Rules("token", {
        "role.": mark("role.SLUG=ROLE: which of our roles a role of NetBox is."),
        "platform.": mark("platform.SLUG=PLATFORM: which of our platforms a platform of NetBox is."), **_WEB,
    }),
    "librenms": Rules("token", {SITE: mark("Site of devices whose location says none."), **_WEB}),
    "zabbix": Rules("token", {
        SITE: mark("Site of devices whose inventory says none."), "group": mark("Only hosts of this host group."), **_WEB,
    }),
    "oxidized": Rules("", {
        SITE: mark("Site of the devices."), "map": mark("Columns of router.db; name:ip:model:group unless named."), **_WEB,
    }),
}


def check(config: SourceConfig, username: str, *, secret: bool) -> None:
    """Raises `InvalidInputError` for what cannot be asked."""
    rules = RULES.get(config.kind)
    if rules is None:
        raise InvalidInputError(
            tr("A source of the kind {kind} is not asked again and again.", kind=config.kind),
            way_out=tr("Kinds: {kinds}.", kinds=", ".join(RULES)),
        )
    _check_options(config, rules)
    origin(config.url)
    if (secret or rules.login) and travels_in_the_clear(config.url) and config.options.get(PLAIN) != "yes":
        raise InvalidInputError(
            tr("By http the secret would travel in the clear."), way_out=tr("Use https://, or allow it with --option plain=yes."),
        )
    if rules.login and not secret:
        raise InvalidInputError(
            tr("A source of the kind {kind} needs a login.", kind=config.kind),
            way_out=tr("Name a credential with --credential, or give the secret with --stdin."),
        )
    if rules.login == "password" and secret and not username and not config.credential:
        raise InvalidInputError(tr("A password needs a user name."), way_out="--user NAME")


def _check_options(config: SourceConfig, rules: Rules) -> None:
    for name in config.options:
        if name not in rules.options and not any(known.endswith(".") and name.startswith(known) for known in rules.options):
            raise InvalidInputError(
                tr("A source of the kind {kind} knows no option {name}.", kind=config.kind, name=name[:64]),
                way_out=tr("Options: {names}", names=" ".join(f"{known} ({tr(about)})" for known, about in rules.options.items())),
            )
    if (pem := config.options.get(AUTHORITY)) and "-----BEGIN CERTIFICATE-----" not in pem:
        raise InvalidInputError(tr("This is no certificate in the PEM format."))


def origin_of(config: SourceConfig) -> str:
    """What its statements are called by: `openstack:NAME`, else the kind with the host, so that two names of one server are one voice."""
    if config.kind in ("openstack", "crawl") or not config.url:
        return f"{config.kind}:{config.name}" if config.kind != "crawl" else "crawl"
    _, host, port = origin(config.url)
    return f"{config.kind}:{host}" + ("" if port in (80, 443) else f":{port}")
