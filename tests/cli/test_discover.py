"""`yunwang discover`: what it asks a device with, and what it says where nothing answers."""

import socket
from pathlib import Path

import pytest

from cli.main import main


def asked(port: socket.socket) -> bytes:
    port.settimeout(5)
    return port.recv(65_535)


@pytest.mark.parametrize("given", ["wide-open", "env:A_COMMUNITY", "file"])
def test_a_community_may_be_written_or_named_by_its_place(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "community"
    kept.write_text("wide-open\n")
    kept.chmod(0o600)
    monkeypatch.setenv("A_COMMUNITY", "wide-open")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 0))
        place = f"file:{kept}" if given == "file" else given
        code = main(["discover", "127.0.0.1", "--port", str(port.getsockname()[1]), "--community", place, "--timeout", "0.2"])
        assert code == 3, "nothing answered"
        assert b"\x04\x09wide-open" in asked(port)


def test_a_user_of_v3_is_asked_for_his_engine_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "v3"
    kept.write_text("authenticate-me\nprivacy-please\n")
    kept.chmod(0o600)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 0))
        code = main([
            "discover", "127.0.0.1", "--port", str(port.getsockname()[1]), "--v3-user", "ops", "--v3-auth", "SHA256", "--v3-priv", "AES128",
            "--v3-secret", f"file:{kept}", "--timeout", "0.2", "--json",
        ])  # fmt: skip
        assert code == 3
        assert b"\x02\x01\x03" in asked(port)
    assert "authenticate-me" not in "".join(capsys.readouterr())


def test_a_batch_tells_of_each_line_and_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import io

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
        port.bind(("127.0.0.1", 0))
        number = port.getsockname()[1]
        monkeypatch.setattr("sys.stdin", io.StringIO(f"127.0.0.1 {number} public\nonly two\n\n127.0.0.1 {number} other\n"))
        assert main(["discover", "--batch", "--json", "--timeout", "0.2"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith('{"error":') for line in lines)
