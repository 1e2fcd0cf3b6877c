"""Senses borrow secrets: only those that the hub keeps, and what they have they keep while the hub or Vault cannot answer."""

from typing import Any

import msgspec
import pytest

from agents.senses.secrets import Borrower, resolve
from core.errors import NoAnswerError, SettingsError
from core.messages import Assign, Secrets, SecretsWanted
from core.objects import CredentialRef, Device


class Hub:
    """The bus with a hub at its other end."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.asked: list[tuple[str, ...]] = []
        self.away = False

    async def request(self, subject: str, body: bytes, _timeout_s: float) -> bytes:
        assert subject == "hub.secrets"
        if self.away:
            raise NoAnswerError("away")
        names = msgspec.msgpack.decode(body, type=SecretsWanted).names
        self.asked.append(names)
        problems = {name: "Vault is sealed." for name in names if name not in self.values}
        return msgspec.msgpack.encode(Secrets(values={n: self.values[n] for n in names if n in self.values}, problems=problems))


def assign(*credentials: CredentialRef, used: tuple[str, ...] = ("ro", "v", "file")) -> Assign:
    devices = tuple(
        Device(id=name, name=name, address="10.0.0.1", site="s", role="access", credential=name, polled=name != "spare") for name in used
    )
    return Assign(revision=1, devices=devices, credentials=credentials)


def credential(name: str, locator: str, **more: Any) -> CredentialRef:
    return CredentialRef(id=name, name=name, kind="snmp-community", locator=locator, **more)


RO, V, FILE = credential("ro", "secret:ro"), credential("v", "vault:x#y"), credential("file", "env:YW_X")


async def test_only_what_the_hub_keeps_and_a_polled_device_uses_is_asked_for() -> None:
    hub = Hub()
    hub.values = {"ro": "s3cret", "v": "from vault"}
    borrower = Borrower(hub)  # type: ignore[arg-type]
    given = await borrower.fetch(assign(RO, V, FILE, credential("spare", "secret:spare"), used=("ro", "v", "file", "spare")))
    assert hub.asked == [("ro", "v")]
    assert resolve(RO, given).community == "s3cret"
    assert resolve(FILE, given, {"YW_X": "from here"}).community == "from here"
    assert "s3cret" not in repr(given)
    assert await Borrower(hub).fetch(assign(FILE)) == {}  # type: ignore[arg-type]


async def test_what_cannot_be_read_now_stays_as_it_was() -> None:
    hub = Hub()
    hub.values = {"ro": "s3cret", "v": "from vault"}
    borrower = Borrower(hub)  # type: ignore[arg-type]
    await borrower.fetch(assign(RO, V))
    del hub.values["v"]
    hub.values["ro"] = "changed"
    given = await borrower.fetch(assign(RO, V))
    assert (resolve(RO, given).community, resolve(V, given).community) == ("changed", "from vault")
    hub.away = True
    given = await borrower.fetch(assign(RO, V))
    assert (resolve(RO, given).community, resolve(V, given).community) == ("changed", "from vault")


async def test_another_place_is_another_secret() -> None:
    hub = Hub()
    hub.values = {"v": "from vault"}
    borrower = Borrower(hub)  # type: ignore[arg-type]
    await borrower.fetch(assign(V))
    hub.values.clear()
    moved = credential("v", "vault:x#z")
    given = await borrower.fetch(assign(moved))
    with pytest.raises(SettingsError, match="Vault is sealed"):
        resolve(moved, given)
    hub.away = True
    with pytest.raises(NoAnswerError):
        await borrower.fetch(assign(moved))


@pytest.mark.parametrize(("kind", "text", "more"), [
    ("snmp-community", "", {}), ("snmp-community", "\n", {}), ("snmp-v3", "only one", {"auth": "SHA256", "priv": "AES128"}),
    ("snmp-v3", "", {"auth": "SHA256"}),
])
def test_what_does_not_fit_names_the_place_only(kind: str, text: str, more: dict[str, Any]) -> None:
    one = CredentialRef(id="x", name="x", kind=kind, locator="env:YW_X", username="u", **more)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="no secret at env:YW_X") as caught:
        resolve(one, None, {"YW_X": text})
    assert "only one" not in str(caught.value)
