"""People by their client certificate, over TLS: the subject that an account names, verified by the hub's own authority."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from core.identity import Account, Actor
from core.sections import Api
from core.settings import Settings
from stores.records import open_records


class Outside(NamedTuple):
    """A hub that listens on TCP."""

    url: str
    authority: Path
    people: dict[str, Any]


@pytest.fixture(scope="module")
def outside(
    settings_of: Callable[..., Settings], seeded: Callable[..., Any], hub_of: Callable[..., Any], authority: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("tls")
    authority("hub").put(folder)
    (folder / "people.pem").write_bytes(authority("nobody", by="People").authority)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = settings_of(folder, second_factor="offices").replace(api=Api(
        listen=f"127.0.0.1:{port}", certificate=str(folder / "server.pem"), key=str(folder / "server.key"),
        client_authority=str(folder / "people.pem"),
    ))
    people = seeded(settings)
    store = open_records(Path(settings.general.data_dir) / "records.db")
    with store.write(Actor(name="seed"), 1) as write:
        for name, subject in (("operator", "CN=operator of the city"), ("auditor", "CN=auditor of the city")):
            account: Account = write.get("account", people[name].id)
            write.put("seed", account.replace(certificate=subject))
    store.close()
    with hub_of(settings):
        yield Outside(f"https://127.0.0.1:{port}", folder / "authority.pem", people)


def ask(outside: Outside, issued: Any, tmp_path: Path, bearer: str = "") -> httpx.Response:
    context = ssl.create_default_context(cafile=str(outside.authority))
    if issued is not None:
        (tmp_path / "own.pem").write_bytes(issued.certificate + issued.key)
        context.load_cert_chain(tmp_path / "own.pem")
    headers = {"accept-language": "en", **({"authorization": f"Bearer {bearer}"} if bearer else {})}
    with httpx.Client(verify=context, timeout=60) as client:
        return client.get(f"{outside.url}/api/v1/whoami", headers=headers)


def test_a_certificate_is_its_person(outside: Outside, authority: Callable[..., Any], tmp_path: Path) -> None:
    found = ask(outside, authority("operator of the city", by="People"), tmp_path)
    assert (found.status_code, found.json()["name"], found.json()["how"]) == (200, "operator", "certificate")


def test_over_the_network_the_system_account_is_nobody(outside: Outside, authority: Callable[..., Any], tmp_path: Path) -> None:
    for issued in (None, authority("somebody else", by="People")):
        try:
            found = ask(outside, issued, tmp_path)
        except httpx.TransportError:
            continue  # the hub may also end such a connection
        assert (found.status_code, found.json()["error"]["code"]) == (401, "login-needed")


def test_another_authority_s_certificate_is_nobodys(outside: Outside, authority: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(httpx.TransportError):
        ask(outside, authority("operator of the city", by="Strangers"), tmp_path)


def test_an_office_needs_more_than_a_certificate(outside: Outside, authority: Callable[..., Any], tmp_path: Path) -> None:
    found = ask(outside, authority("auditor of the city", by="People"), tmp_path)
    assert found.status_code == 401
    assert "second factor" in found.json()["error"]["message"]


def test_where_from_is_the_address(outside: Outside, authority: Callable[..., Any], tmp_path: Path) -> None:
    issued = authority("operator of the city", by="People")
    found = ask(outside, issued, tmp_path, bearer=outside.people["viewer"].bearer)
    assert found.json()["name"] == "viewer", "a session says more than the connection that carries it"
