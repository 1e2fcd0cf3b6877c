"""SSH: against a real sshd, against a server with passwords, and against hosts that are none."""

import logging
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from core.errors import InvalidInputError
from links.ssh import Login, Pin, check, private_key

TIMEOUT_S = 30.0


@pytest.mark.real
def test_a_key_opens_a_real_sshd_and_the_host_key_is_told(sshd: Any, tmp_path: Path) -> None:
    found = check("127.0.0.1", sshd.port, Login(sshd.user, sshd.user_key), None, timeout_s=TIMEOUT_S)
    shown = subprocess.run(["ssh-keygen", "-lf", str(tmp_path / "host.pub")], capture_output=True, text=True, check=True).stdout
    assert found.answer == "ok"
    assert found.fingerprint in shown
    assert (found.algorithm, found.version.startswith("SSH-2.0-OpenSSH")) == ("ssh-ed25519", True)
    pin = Pin(found.algorithm, found.fingerprint)
    assert check("127.0.0.1", sshd.port, Login(sshd.user, sshd.user_key), pin, timeout_s=TIMEOUT_S).answer == "ok"


@pytest.mark.real
def test_a_changed_host_key_ends_it_before_anything_secret_is_sent(sshd: Any, tmp_path: Path) -> None:
    first = check("127.0.0.1", sshd.port, Login(sshd.user, sshd.user_key), None, timeout_s=TIMEOUT_S)
    offered = sshd.new_host_key()
    sshd.restart()
    (tmp_path / "log").write_text("")
    found = check("127.0.0.1", sshd.port, Login(sshd.user, sshd.user_key), Pin(first.algorithm, first.fingerprint), timeout_s=TIMEOUT_S)
    assert (found.answer, found.fingerprint) == ("host-key-changed", offered)
    sshd.stop()
    assert "userauth" not in (tmp_path / "log").read_text()
    assert "Accepted" not in (tmp_path / "log").read_text()


@pytest.mark.real
def test_a_further_key_of_another_kind_is_no_change(sshd: Any, tmp_path: Path) -> None:
    """A host with several keys is asked for the pinned one first."""
    sshd.new_host_key("rsa")
    sshd.restart()
    first = check("127.0.0.1", sshd.port, Login(sshd.user, sshd.user_key), None, timeout_s=TIMEOUT_S)
    assert first.algorithm == "ssh-rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "more")], check=True)
    sshd.lines = (f"HostKey {tmp_path / 'more'}",)
    sshd.restart()
    found = check("127.0.0.1", sshd.port, Login(sshd.user, sshd.user_key), Pin(first.algorithm, first.fingerprint), timeout_s=TIMEOUT_S)
    assert (found.answer, found.algorithm) == ("ok", "ssh-rsa")


@pytest.mark.real
def test_what_is_wrong_is_told_apart(sshd: Any, tmp_path: Path) -> None:
    from_elsewhere = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(from_elsewhere)], check=True)
    wrong_key = check("127.0.0.1", sshd.port, Login(sshd.user, from_elsewhere.read_text()), None, timeout_s=TIMEOUT_S)
    assert wrong_key.answer == "wrong-secret"
    no_passwords = check("127.0.0.1", sshd.port, Login(sshd.user, "a password"), None, timeout_s=TIMEOUT_S)
    assert (no_passwords.answer, no_passwords.reason) == ("refused", "publickey")


@pytest.mark.real
@pytest.mark.parametrize("line", ["KexAlgorithms diffie-hellman-group14-sha1", "Ciphers aes128-cbc", "MACs hmac-sha1"])
def test_broken_algorithms_are_off_until_they_are_asked_for(sshd: Any, line: str) -> None:
    sshd.lines = (line, *(("Ciphers aes128-ctr",) if line.startswith("MACs") else ()))
    sshd.restart()
    login = Login(sshd.user, sshd.user_key)
    assert check("127.0.0.1", sshd.port, login, None, timeout_s=TIMEOUT_S).answer == "no-ssh"
    assert check("127.0.0.1", sshd.port, login, None, timeout_s=TIMEOUT_S, legacy=True).answer == "ok"


class _Passwords(paramiko.ServerInterface):
    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("ops", "right horse")
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED


def test_passwords(host: Callable[..., Any]) -> None:
    key = paramiko.RSAKey.generate(2048)

    def serve(connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        transport.start_server(server=_Passwords())

    port = host(serve).port
    answers = [check("127.0.0.1", port, Login(user, secret), None, timeout_s=TIMEOUT_S).answer
               for user, secret in (("ops", "right horse"), ("ops", "wrong"), ("nobody", "right horse"), ("ops", ""))]
    assert answers == ["ok", "wrong-secret", "wrong-secret", "wrong-secret"]


def test_hosts_that_are_none(host: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    def silent(connection: socket.socket) -> None:
        connection.recv(100)
        threading.Event().wait(TIMEOUT_S)

    def web(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n\x1b[2J" * 100)
        connection.close()

    def noise(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-x\r\n" + os.urandom(4096))
        connection.recv(1000)

    login = Login("ops", "a password")
    with caplog.at_level(logging.DEBUG):
        assert check("127.0.0.1", host(silent).port, login, None, timeout_s=1.0).answer in ("no-answer", "no-ssh")
        for behave in (web, noise):
            found = check("127.0.0.1", host(behave).port, login, None, timeout_s=5.0)
            assert found.answer in ("no-ssh", "no-answer")
            assert found.reason.isprintable()
    assert caplog.text == ""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert check("127.0.0.1", port, login, None, timeout_s=5.0).answer == "closed"


def test_private_keys_that_cannot_be_used_are_never_repeated(tmp_path: Path, need: Callable[[str], str]) -> None:
    need("ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a passphrase", "-f", str(tmp_path / "locked")], check=True)
    with pytest.raises(InvalidInputError, match="passphrase") as caught:
        private_key((tmp_path / "locked").read_text())
    assert "BEGIN" not in str(caught.value)
    for text in ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAsecret\n-----END OPENSSH PRIVATE KEY-----\n", "-----BEGIN x"):
        with pytest.raises(InvalidInputError, match="cannot be read") as caught:
            private_key(text)
        assert "AAAAsecret" not in str(caught.value)
    for kind in ("rsa", "ecdsa", "ed25519"):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(tmp_path / kind)], check=True)
        assert private_key((tmp_path / kind).read_text()).can_sign()


def test_a_login_does_not_print_its_secret() -> None:
    assert "right horse" not in f"{Login('ops', 'right horse')!r} {Login('ops', 'right horse')}"
