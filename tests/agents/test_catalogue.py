"""The kept catalogue is the one that its files make, and whatever is wrong with what was kept, the files are read instead."""

from pathlib import Path

import pytest

from agents import catalogue
from monitors import profiles


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a catalogue of four files is kept."""
    few = [one for one in profiles.files() if one[0] in ("linux.yml", "standard-host.yml", "standard-ucd.yml", "standard-entities.yml")]
    monkeypatch.setattr(profiles, "files", lambda: few)
    return tmp_path / "new" / "profiles"


def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A note for every time that the files are read."""
    notes: list[int] = []
    real = profiles.read_catalogue
    monkeypatch.setattr(profiles, "read_catalogue", lambda texts: notes.append(1) or real(texts))  # type: ignore[func-returns-value]
    return notes


def test_it_is_read_once_and_kept_for_its_owner_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = reads(monkeypatch)
    first, second = catalogue.kept(file), catalogue.kept(file)
    assert first.profiles == second.profiles
    assert len(first.profiles) == 4
    assert len(notes) == 1
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [one.name for one in file.parent.iterdir()] == ["profiles"]


def test_changed_files_are_read_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.kept(file)
    changed = [(name, text.replace("title: ", "title: New ", 1)) for name, text in profiles.files()]
    monkeypatch.setattr(profiles, "files", lambda: changed)
    assert all(one.title.startswith("New ") for one in catalogue.kept(file).profiles)
    assert all(one.title.startswith("New ") for one in catalogue.kept(file).profiles)


@pytest.mark.parametrize("damage", ["cut", "other bytes", "empty", "writable by others", "a link", "a folder"])
def test_what_is_damaged_or_not_ours_is_not_believed(file: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    whole = catalogue.kept(file).profiles
    body = file.read_bytes()
    file.unlink()
    if damage == "a link":
        file.with_name("other").write_bytes(body)
        file.symlink_to("other")
    elif damage == "a folder":
        file.mkdir()
    else:
        file.write_bytes({"cut": body[: len(body) // 2], "other bytes": body[:40] + b"\xff" * 99, "empty": b""}.get(damage, body))
        file.chmod(0o666 if damage == "writable by others" else 0o600)
    notes = reads(monkeypatch)
    assert catalogue.kept(file).profiles == whole
    assert len(notes) == 1


def test_a_folder_that_cannot_be_made_costs_time_alone(file: Path) -> None:
    file.parent.write_text("not a folder")
    assert len(catalogue.kept(file).profiles) == 4
