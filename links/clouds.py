"""A cloud as a person keeps it in clouds.yaml (openstacksdk's own format, search path and secure.yaml)."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.errors import NotFoundError, SettingsError
from core.i18n import tr

if TYPE_CHECKING:
    from openstack.config import OpenStackConfig

MOST_PEM = 64 * 1024


class CloudEntry(NamedTuple):
    """What stands there of one cloud."""

    auth_url: str
    username: str
    password: str
    project: str
    domain: str
    region: str
    authority: str
    """Text of the PEM file; empty: none is named."""
    unverified: bool
    """It says `verify: false`."""
    application: bool
    """Username and password are id and secret of an application credential."""

    def __repr__(self) -> str:
        return f"CloudEntry({self.auth_url!r})"


def names() -> list[str]:
    """Clouds of the files that are found."""
    return sorted(_read().get_cloud_names())


def _read() -> "OpenStackConfig":
    """The SDK looks where this process was when the SDK was loaded; a person means where they are now."""
    import openstack.config

    folders = (Path.cwd(), Path("~/.config/openstack").expanduser(), Path("/etc/openstack"))

    def found(name: str) -> list[str]:
        return [str(folder / f"{name}{ending}") for folder in folders for ending in (".yaml", ".yml", ".json")]

    return openstack.config.OpenStackConfig(load_envvars=False, config_files=found("clouds"), secure_files=found("secure"))


def entry(name: str) -> CloudEntry:
    """Raises `NotFoundError` with those that there are, or `SettingsError` for an entry that cannot be used."""
    import openstack.exceptions

    try:
        files = _read()
        if name not in files.get_cloud_names():
            raise NotFoundError(
                tr("There is no cloud named {name} in clouds.yaml.", name=name[:64]),
                way_out=tr("Clouds there: {names}.", names=", ".join(sorted(files.get_cloud_names())) or "-"),
            )
        config = files.get_one(cloud=name, validate=False).config
    except openstack.exceptions.SDKException as error:
        raise SettingsError(tr("clouds.yaml cannot be used: {reason}", reason=str(error)[:200])) from None
    auth = dict(config.get("auth") or {})
    application = "application_credential_id" in auth
    user, secret = ("application_credential_id", "application_credential_secret") if application else ("username", "password")
    if not auth.get("auth_url") or not auth.get(user) or not auth.get(secret):
        raise SettingsError(
            tr("The cloud {name} of clouds.yaml does not name {field}.", name=name, field=f"auth_url, {user}, {secret}"),
            way_out=tr("Add it there, or name everything on the command line."),
        )
    return CloudEntry(
        auth_url=str(auth["auth_url"]), username=str(auth[user]), password=str(auth[secret]),
        project=str(auth.get("project_name", "")), domain=_domain(name, auth), region=str(config.get("region_name") or ""),
        authority=_pem(config.get("cacert")), unverified=config.get("verify") is False, application=application,
    )


def _domain(name: str, auth: dict[str, object]) -> str:
    found = {str(auth[key]) for key in ("user_domain_name", "project_domain_name", "domain_name") if auth.get(key)}
    if len(found) > 1:
        raise SettingsError(tr("User and project of the cloud {name} are in different domains; that is not supported.", name=name))
    return next(iter(found), "")


def _pem(path: object) -> str:
    if not path:
        return ""
    try:
        with Path(str(path)).expanduser().open(encoding="ascii") as file:
            return file.read(MOST_PEM)
    except (OSError, ValueError):
        raise SettingsError(tr("The certificate {path} cannot be read.", path=str(path)[:200])) from None
