"""A real directory: slapd with TLS by an authority of the test's own, asked by the part that logins ask."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from core.errors import ForbiddenError, SettingsError, UnavailableError
from links.directory import Directory

BIND = "uid={name},ou=people,dc=city"
SECRET = "Kx7#mPq2vL"
CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/authority.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
security simple_bind=128
database mdb
directory {folder}/db
maxsize 10485760
suffix "dc=city"
rootdn "cn=admin,dc=city"
"""
ENTRIES = """
dn: dc=city
objectClass: domain
dc: city

dn: ou=people,dc=city
objectClass: organizationalUnit
ou: people

dn: uid=chen,ou=people,dc=city
objectClass: inetOrgPerson
uid: chen
cn: Chen
sn: Chen
userPassword: {secret}

dn: uid=admin,ou=people,dc=city
objectClass: inetOrgPerson
uid: admin
cn: Admin
sn: Admin
userPassword: other
"""
pytestmark = pytest.mark.real


class Slapd(NamedTuple):
    """A running directory."""

    ldaps: str
    ldap: str
    folder: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def slapd(need: Callable[[str], str], authority: Callable[..., Any]) -> Iterator[Slapd]:
    program, add = need("slapd"), need("slapadd")
    folder = Path(tempfile.mkdtemp(prefix="yw-ldap-"))
    (folder / "db").mkdir()
    authority("server").put(folder)
    (folder / "stranger.pem").write_bytes(authority("stranger").authority)
    (folder / "slapd.conf").write_text(CONF.format(folder=folder))
    (folder / "entries.ldif").write_text(ENTRIES.format(secret=SECRET))
    subprocess.run([add, "-f", str(folder / "slapd.conf"), "-l", str(folder / "entries.ldif")], check=True, capture_output=True)
    secure, plain = _free_port(), _free_port()
    urls = f"ldaps://127.0.0.1:{secure}/ ldap://127.0.0.1:{plain}/"
    process = subprocess.Popen([program, "-f", str(folder / "slapd.conf"), "-h", urls, "-d", "0"], stdout=subprocess.DEVNULL)
    try:
        _wait(plain)
        yield Slapd(f"ldaps://127.0.0.1:{secure}", f"ldap://127.0.0.1:{plain}", folder)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail("slapd does not listen")


@pytest.fixture
def directory(slapd: Slapd) -> Directory:
    return Directory(slapd.ldaps, BIND, str(slapd.folder / "authority.pem"))


def test_a_password_fits_or_not(slapd: Slapd, directory: Directory) -> None:
    starttls = Directory(slapd.ldap, BIND, str(slapd.folder / "authority.pem"))
    for asked in (directory, starttls):
        assert asked.accepts("chen", SECRET)
        assert not asked.accepts("chen", "wrong")
        assert not asked.accepts("nobody-such", SECRET)


def test_an_empty_password_is_no_anonymous_bind(directory: Directory) -> None:
    assert not directory.accepts("chen", "")
    assert not directory.accepts("chen", "\0")


def test_a_name_is_never_a_piece_of_a_dn(directory: Directory) -> None:
    for name in ("chen,ou=people,dc=city", "chen+uid=admin", "*", "chen)(uid=*", "cn=admin", "", "chen\0", "Chen", "陈"):
        assert not directory.accepts(name, SECRET)


def test_an_unknown_authority_or_a_wrong_name_is_no_directory(slapd: Slapd) -> None:
    for url in (slapd.ldaps, slapd.ldap):
        with pytest.raises(UnavailableError) as found:
            Directory(url, BIND, str(slapd.folder / "stranger.pem")).accepts("chen", SECRET)
        assert "certificate" in found.value.message.lower()
        named = url.replace("127.0.0.1", "localhost")
        with pytest.raises(UnavailableError):
            Directory(named, BIND, str(slapd.folder / "authority.pem")).accepts("chen", SECRET)


def test_a_directory_that_is_away_or_silent_is_one_sentence() -> None:
    with pytest.raises(UnavailableError, match="cannot be asked"):
        Directory(f"ldaps://127.0.0.1:{_free_port()}", BIND).accepts("chen", SECRET)


def test_a_directory_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("links.directory.CONNECT_S", 1)
    monkeypatch.setattr("links.directory.ANSWER_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for scheme in ("ldap", "ldaps"):
            with pytest.raises(UnavailableError, match="cannot be asked"):
                Directory(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}", BIND).accepts("chen", SECRET)


def test_wrong_settings_are_told(tmp_path: Path) -> None:
    for url, bind, authority in (
        ("http://x", BIND, ""), ("ldap://", BIND, ""), ("ldaps://x", "uid=x", ""), ("ldaps://x", "{name}{name}", ""),
        ("ldaps://x", "{name} {other}", ""), ("ldaps://x", BIND, str(tmp_path / "none.pem")),
    ):
        with pytest.raises(SettingsError):
            Directory(url, bind, authority)


async def test_people_of_the_directory_log_in_and_are_locked_like_others(slapd: Slapd, inside_with: Callable[..., Any]) -> None:
    async with inside_with(ldap_url=slapd.ldaps, ldap_bind=BIND, ldap_authority=str(slapd.folder / "authority.pem")) as inside:
        await inside.add("chen", "", "viewer", source="ldap")
        await inside.add("wang", SECRET, "viewer")
        await inside.add("admin", "", "viewer")
        answer = await inside.login("chen", SECRET)
        assert answer.identity
        assert inside.who(answer.token).restricted == ""
        with pytest.raises(ForbiddenError):
            await inside.login("admin", "other")  # known to the directory, but here a local account without a password
        for _ in range(5):
            with pytest.raises(ForbiddenError):
                await inside.login("chen", "wrong")
        with pytest.raises(ForbiddenError, match="locked"):
            await inside.login("chen", SECRET)


async def test_local_people_log_in_while_the_directory_is_away(inside_with: Callable[..., Any]) -> None:
    async with inside_with(ldap_url=f"ldaps://127.0.0.1:{_free_port()}", ldap_bind=BIND) as inside:
        await inside.add("chen", "", "viewer", source="ldap")
        await inside.add("wang", SECRET, "viewer")
        with pytest.raises(UnavailableError, match="cannot be asked"):
            await inside.login("chen", SECRET)
        assert (await inside.login("wang", SECRET)).token
        assert "login.failed" not in inside.actions(), "that the directory is away is nobody's failure"
