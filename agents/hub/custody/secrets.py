"""From a credential to its secret, wherever it is kept. In threads only: files, records and Vault are read here."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from agents.hub.custody.apart import Apart
from agents.senses.secrets import read_locator
from core.custody import SealedSecret
from core.errors import NotFoundError, SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from core.locators import parse
from core.objects import CredentialRef
from core.ports import RecordStore
from core.secret import Secret
from core.settings import Settings
from links.vault import Access, Vault
from stores.secrets import Keyring


class Reader:
    """Reads secrets, in the threads of `apart`. `vault_failed` is set when Vault could not be asked."""

    def __init__(self, settings: Settings, store: RecordStore, keyring: Callable[[], Keyring]) -> None:
        self._settings, self._store, self._keyring = settings, store, keyring
        self._loop = asyncio.get_running_loop()
        self._one = threading.Lock()
        self.vault_failed = asyncio.Event()
        self.apart = Apart(2, "secrets")

    def read(self, credential: CredentialRef) -> Secret:
        """The secret. Raises what is in the way, in one sentence that names the place only."""
        found = self.read_all([credential])[credential.name]
        if isinstance(found, Secret):
            return found
        raise found

    def read_all(self, credentials: Sequence[CredentialRef]) -> dict[str, Secret | YunwangError]:
        """By name, the secrets or what is in the way. Vault, when it does not answer, is asked once and not for each."""
        found: dict[str, Secret | YunwangError] = {}
        from_vault: dict[str, str] = {}
        for credential in credentials:
            locator = parse(credential.locator)
            if locator is not None and locator.kind == "vault":
                from_vault[credential.name] = locator.place
                continue
            try:
                found[credential.name] = Secret(self._here(credential))
            except YunwangError as error:
                found[credential.name] = error
        if from_vault:
            found |= self._from_vault(from_vault)
        return found

    def _here(self, credential: CredentialRef) -> str:
        locator = parse(credential.locator)
        if locator is None:
            raise SettingsError(
                tr("The place of the credential {name} is not understood.", name=credential.name),
                way_out=tr("Import it anew, or add it with `yunwang credential add`."),
            )
        return self._unsealed(locator.place) if locator.kind == "secret" else read_locator(credential.locator)

    def _unsealed(self, name: str) -> str:
        sealed = self._store.find("sealed_secret", name)
        if not isinstance(sealed, SealedSecret):
            raise NotFoundError(
                tr("The secret {name} was not entered yet.", name=name), way_out=tr("Enter it: yunwang credential set {name}", name=name),
            )
        return self._keyring().unseal(sealed).decode("utf-8", "replace")

    def _from_vault(self, places: dict[str, str]) -> dict[str, Secret | YunwangError]:
        found: dict[str, Secret | YunwangError] = {}
        with self._one:
            try:
                vault = self._vault()
            except YunwangError as error:
                return dict.fromkeys(places, error)
            try:
                down: YunwangError | None = None
                for name, place in places.items():
                    try:
                        found[name] = down or Secret(vault.read(place))
                    except UnavailableError as error:
                        found[name] = down = error
                        self._loop.call_soon_threadsafe(self.vault_failed.set)
                    except YunwangError as error:
                        found[name] = error
            finally:
                vault.close()
        return found

    def _vault(self) -> Vault:
        settings = self._settings.secrets
        if not settings.vault_url:
            raise SettingsError(tr("No Vault is named in the settings."), way_out=tr("Set secrets.vault_url and secrets.vault_token."))
        token = read_locator(settings.vault_token).strip()
        return Vault(Access(url=settings.vault_url, token=token, mount=settings.vault_mount, authority=settings.vault_authority))
