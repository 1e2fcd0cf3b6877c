"""HashiCorp Vault, key-value store version 2: one field of one secret at a time. Blocking: call it in a thread.

Written from Vault's documented HTTP API (`GET /v1/MOUNT/data/PATH`, token in `X-Vault-Token`).
"""

from typing import Any, NamedTuple

from core.errors import ForbiddenError, NotFoundError, ProtocolError, SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from links import bounded

MOST_BYTES = 256 * 1024
MOST_SECRET = 16 * 1024


class Access(NamedTuple):
    """Where it is and how to get in."""

    url: str
    token: str
    mount: str = "secret"
    authority: str = ""
    """PEM file; empty: the system's authorities."""
    timeout_s: float = 5.0

    def __repr__(self) -> str:
        return f"Access({self.url!r})"


class Vault:
    """A connection to one Vault. Safe to use from one thread at a time."""

    def __init__(self, access: Access) -> None:
        if not access.url.startswith(("https://", "http://127.0.0.1:", "http://[::1]:", "http://localhost:")):
            raise SettingsError(tr("secrets.vault_url must begin with https://."), way_out=tr("Secrets never travel in the clear."))
        import hvac

        self._access = access
        site = bounded.Site(access.url, access.authority, access.timeout_s, 2 * access.timeout_s, MOST_BYTES)
        self._client = hvac.Client(
            url=access.url, token=access.token, verify=access.authority or True, timeout=access.timeout_s, allow_redirects=False,
            session=bounded.session(site),
        )

    def read(self, place: str) -> str:
        """The text at `PATH#FIELD`. Raises what was wrong in one sentence, which names the place only."""
        path, _, field = place.partition("#")
        data = self._read(path)
        value = data.get(field)
        if not isinstance(value, str) or not value:
            raise NotFoundError(
                tr("Vault's secret {path} has no text in the field {field}.", path=path, field=field),
                way_out=tr("Its fields are shown by `vault kv get`."),
            )
        if len(value.encode()) > MOST_SECRET:
            raise ProtocolError(tr("Vault's secret {path} is too long.", path=path))
        return value

    def _read(self, path: str) -> dict[str, Any]:
        import hvac.exceptions
        import requests

        try:
            answer = self._client.secrets.kv.v2.read_secret_version(path, mount_point=self._access.mount, raise_on_deleted_version=True)
        except (hvac.exceptions.Forbidden, hvac.exceptions.Unauthorized):
            raise ForbiddenError(
                tr("Vault does not let this token read {path}.", path=path),
                way_out=tr("Renew the token, or give its policy `read` on it."),
            ) from None
        except hvac.exceptions.InvalidPath:
            raise NotFoundError(
                tr("Vault has no secret {path} in {mount}.", path=path, mount=self._access.mount), way_out=tr("Correct the locator."),
            ) from None
        except hvac.exceptions.VaultDown:
            raise UnavailableError(tr("Vault is sealed."), way_out=tr("Unseal it; the secret is asked for again by itself.")) from None
        except requests.exceptions.SSLError:
            raise UnavailableError(
                tr("Vault's certificate is not trusted."), way_out=tr("Name its authority in secrets.vault_authority."),
            ) from None
        except (requests.exceptions.RequestException, OSError, ProtocolError):
            raise UnavailableError(
                tr("Vault at {url} does not answer.", url=self._access.url), way_out=tr("It is asked again by itself."),
            ) from None
        except YunwangError:
            raise
        except Exception:  # noqa: BLE001 -- hvac raises what it meets; an error's text may hold parts of the answer
            raise ProtocolError(tr("Vault answered something that was not understood.")) from None
        return _data(answer)

    def close(self) -> None:
        self._client.session.close()


def _data(answer: Any) -> dict[str, Any]:
    outer = answer.get("data") if isinstance(answer, dict) else None
    data = outer.get("data") if isinstance(outer, dict) else None
    if not isinstance(data, dict):
        raise ProtocolError(tr("Vault answered something that was not understood."))
    return data
