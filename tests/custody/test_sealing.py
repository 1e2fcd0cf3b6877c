"""Sealing: what comes back, what does not, and keys that are rotated with a crash at each step."""

import base64
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from core.custody import SealedSecret
from core.errors import SettingsError, StorageError
from core.secret import Secret
from core.sections import General, Secrets
from core.settings import Settings
from stores.secrets import Keyring
from stores.secrets.sealing import Cipher, Key, Label, seal, unseal

CIPHERS: tuple[Cipher, ...] = ("aes-256-gcm", "sm4-gcm")
KEY = Key(bytes(range(32)))


def settings(folder: Path, key: str = "", cipher: Cipher = "aes-256-gcm") -> Settings:
    return Settings(general=General(data_dir=str(folder)), secrets=Secrets(key=key, cipher=cipher))


@pytest.mark.parametrize("cipher", CIPHERS)
@settings_of(max_examples=40)
@given(name=st.text(max_size=60), secret=st.binary(max_size=2000), version=st.integers(1, 2**31))
def test_what_was_sealed_comes_back(cipher: Cipher, name: str, secret: bytes, version: int) -> None:
    sealed = seal(KEY, cipher, Label("id", name, version), secret, 5)
    assert unseal(KEY, sealed) == secret
    assert seal(KEY, cipher, Label("id", name, version), secret, 5).nonce != sealed.nonce


def test_sm4_gcm_is_that_of_rfc_8998() -> None:
    from stores.secrets.sealing import _decrypt, _encrypt

    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce, label = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffff"
                          "eeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
    body = _encrypt("sm4-gcm", key, nonce, plain, label)
    assert body.hex() == ("17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15"
                          "a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec")
    assert _decrypt("sm4-gcm", key, nonce, body, label) == plain


@pytest.mark.parametrize("cipher", CIPHERS)
def test_nothing_of_a_record_can_be_changed_or_swapped(cipher: Cipher) -> None:
    one, other = (seal(KEY, cipher, Label(i, f"n{i}", 1), f"secret {i}".encode(), 5) for i in "ab")
    wrong = [
        one.replace(name="nb"), one.replace(id="b"), one.replace(version=2), one.replace(nonce=other.nonce),
        one.replace(sealed=other.sealed), one.replace(sealed=other.sealed, nonce=other.nonce),
        one.replace(cipher="sm4-gcm" if cipher == "aes-256-gcm" else "aes-256-gcm"),
        one.replace(sealed=""), one.replace(sealed="not base64 ☃"), one.replace(nonce="zz"), one.replace(nonce=""),
        one.replace(sealed=_flipped(one.sealed)),
    ]
    for record in wrong:
        with pytest.raises(StorageError, match="was changed"):
            unseal(KEY, record)


def _flipped(text: str) -> str:
    body = bytearray(base64.b64decode(text))
    body[-1] ^= 1
    return base64.b64encode(body).decode()


def test_the_first_use_makes_a_private_key_and_the_next_finds_it(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    sealed = Keyring.open(settings(folder)).seal("ro", b"s3cret")
    file = folder / "secret.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert Keyring.open(settings(folder)).unseal(sealed) == b"s3cret"
    assert [path.name for path in folder.iterdir()] == ["secret.key"]


def test_processes_that_create_the_key_together_get_the_same(tmp_path: Path) -> None:
    script = ("import sys; from core.sections import General; from core.settings import Settings; from stores.secrets import Keyring;"
              "sys.stdin.readline(); print(Keyring.open(Settings(general=General(data_dir=sys.argv[1]))).current)")
    made = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(3)]
    for process in made:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    assert len({process.communicate()[0] for process in made}) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Keyring.open(settings(tmp_path))
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(SettingsError, match="read by others"):
        Keyring.open(settings(tmp_path))


@pytest.mark.parametrize("content", ["", "# nothing\n", "short", base64.b64encode(bytes(16)).decode(), "\x00\x00"])
def test_what_is_no_key_is_said_and_never_repeated(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="no key at") as caught:
        Keyring.open(settings(tmp_path, f"file:{file}"))
    assert not content.strip("\x00# \n") or content not in str(caught.value).replace("secret.key", "")


def test_the_key_comes_from_systemd_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Key.new().text()
    monkeypatch.setenv("YW_TEST_KEY", text)
    from_env = Keyring.open(settings(tmp_path, "env:YW_TEST_KEY"))
    (tmp_path / "yunwang-key").write_text(text + "\n")
    (tmp_path / "yunwang-key").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    from_systemd = Keyring.open(settings(tmp_path, "credential:yunwang-key"))
    assert from_env.current == from_systemd.current
    assert from_systemd.unseal(from_env.seal("x", b"y")) == b"y"
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize("place", ["credential:../x", "credential:gone", "env:YW_NOT_SET", "env:", "vault:x", "0123"])
def test_a_place_without_a_key_says_so(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError):
        Keyring.open(settings(tmp_path, place))


def test_a_missing_key_is_not_made_anew_where_secrets_were_sealed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is missing") as caught:
        Keyring.open(settings(tmp_path), create=False)
    assert "openssl rand" in caught.value.way_out


def test_the_wrong_key_is_named(tmp_path: Path) -> None:
    sealed = Keyring((Key.new(),), "aes-256-gcm").seal("ro", b"s3cret")
    with pytest.raises(StorageError, match=f"sealed with the key {sealed.key_id}"):
        Keyring.open(settings(tmp_path)).unseal(sealed)


@pytest.mark.parametrize("dies_after", range(4))
def test_a_rotation_that_dies_at_any_step_loses_nothing(tmp_path: Path, dies_after: int) -> None:
    """A new process finds the files and the records as the dead one left them, and goes on."""
    ring = Keyring.open(settings(tmp_path))
    old = ring.current
    records = {name: ring.seal(name, name.encode()) for name in ("a", "b", "c")}
    if dies_after >= 1:
        ring.begin_rotation()
    for name in ("a", "b", "c")[: dies_after - 1 if dies_after > 1 else 0]:
        records[name] = ring.reseal(records[name])

    again = Keyring.open(settings(tmp_path))
    assert {name: again.unseal(sealed) for name, sealed in records.items()} == {n: n.encode() for n in records}
    new = again.begin_rotation()
    assert new != old
    assert len(again.ids) == 2
    records = {name: sealed if again.is_current(sealed) else again.reseal(sealed) for name, sealed in records.items()}
    assert again.end_rotation() == (old,)

    last = Keyring.open(settings(tmp_path))
    assert last.ids == (new,)
    assert {name: last.unseal(sealed) for name, sealed in records.items()} == {n: n.encode() for n in records}


def test_a_change_of_cipher_is_a_rotation_too(tmp_path: Path) -> None:
    sealed = Keyring.open(settings(tmp_path)).seal("ro", b"s3cret")
    ring = Keyring.open(settings(tmp_path, cipher="sm4-gcm"))
    assert not ring.is_current(sealed)
    again = ring.reseal(sealed)
    assert (again.cipher, again.version, ring.unseal(again)) == ("sm4-gcm", 2, b"s3cret")


def test_a_key_of_somebody_else_is_not_rotated_by_us(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    new, old = Key.new(), Key.new()
    monkeypatch.setenv("YW_TEST_KEY", old.text())
    sealed = Keyring.open(settings(tmp_path, "env:YW_TEST_KEY")).seal("ro", b"s3cret")
    with pytest.raises(SettingsError, match="not kept in a file of ours"):
        Keyring.open(settings(tmp_path, "env:YW_TEST_KEY")).begin_rotation()
    monkeypatch.setenv("YW_TEST_KEY", f"{new.text()} {old.text()}")
    ring = Keyring.open(settings(tmp_path, "env:YW_TEST_KEY"))
    assert ring.begin_rotation() == new.id
    assert ring.unseal(ring.reseal(sealed)) == b"s3cret"
    assert ring.end_rotation() == (old.id,)


def test_text_of_another_record_is_bound_to_its_name(tmp_path: Path) -> None:
    ring = Keyring.open(settings(tmp_path))
    text = ring.seal_text("totp:a1", b"JBSW")
    assert ring.unseal_text("totp:a1", text) == b"JBSW"
    assert ring.is_current_text(text)
    assert ring.unseal_text("totp:a1", ring.reseal_text(text)) == b"JBSW"
    for name, wrong in (("totp:a2", text), ("totp:a1", text.replace("totp:a1", "totp:a2")), ("totp:a1", "{}"), ("totp:a1", "")):
        with pytest.raises(StorageError):
            ring.unseal_text(name, wrong)


def test_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((StorageError, SettingsError)):
        Keyring.open(settings(tmp_path / "file" / "below"))


def test_secrets_and_keys_do_not_print() -> None:
    secret = Secret("hunter2")
    shown = f"{secret} {secret!r} {secret!s} {[secret]} {KEY!r} {Keyring((KEY,), 'aes-256-gcm')!r}"
    assert "hunter2" not in shown
    assert KEY.text() not in shown
    assert KEY._master.hex() not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    try:
        raise ValueError(secret)
    except ValueError:
        assert "hunter2" not in traceback.format_exc()


def test_a_key_read_from_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secret.key", 0o600)
    with pytest.raises(SettingsError):
        Keyring.open(settings(tmp_path))


def test_sealed_secrets_say_nothing_of_what_they_hold() -> None:
    sealed = seal(KEY, "aes-256-gcm", Label("i", "n", 1), b"hunter2", 5)
    assert isinstance(sealed, SealedSecret)
    assert "hunter2" not in repr(sealed)
