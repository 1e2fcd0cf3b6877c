"""A mistake in the settings is named by file, line and key, with the way out; nothing else is ever raised."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import i18n
from core.errors import SettingsError
from core.paths import data_dir, run_dir
from core.settings import Settings, line_of, load


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_current", ["en"])


def told(tmp_path: Path, content: str | bytes, environ: dict[str, str] | None = None) -> str:
    """What is said about a file, with its folder left out."""
    file = tmp_path / "yunwang.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SettingsError) as caught:
        load(file, environ or {})
    assert caught.value.way_out
    assert caught.value.exit_code == 4
    return str(caught.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(("content", "sentence"), [
    ("[polling]\nintervall_s = 5\n", "yunwang.toml:2: there is no setting polling.intervall_s. Did you mean interval_s?"),
    ("# x\n\n[poling]\ninterval_s = 5\n", "yunwang.toml:3: there is no setting poling. Did you mean polling?"),
    ("[ears]\nqqq = 1\n", ("yunwang.toml:2: there is no setting ears.qqq. Known here: address, syslog_port, trap_port, syslog_tcp_port, "
                          "syslog_tls_port, certificate, key, authority.")),
    ("interval_s = 5\n", "yunwang.toml:1: there is no setting interval_s."),
    ("polling = 5\n", "yunwang.toml:1: polling is a section. Write [polling] above its keys."),
    ("[[polling]]\nwindow = 5\n", "yunwang.toml:1: polling is a section."),
    ("[polling]\n\n  interval_s = 'x' # why\n", "yunwang.toml:3: polling.interval_s is 'x'; it takes a whole number, ≥ 1, ≤ 86400."),
    ("[polling]\r\ninterval_s = 0\r\n", "yunwang.toml:2: polling.interval_s is 0; it takes a whole number, ≥ 1, ≤ 86400."),
    ("[samples]\nwindow = 1\n[polling]\nwindow = 1\n", "yunwang.toml:2: there is no setting samples.window."),
    ('polling."interval_s" = 0\n', "yunwang.toml:1: polling.interval_s is 0"),
    ("[general]\n[ polling ]\n'window' = 0\n", "yunwang.toml:3: polling.window is 0"),
    ("\npolling = { window = 0 }\n", "yunwang.toml:2: polling.window is 0"),
    ("\n[polling.window]\na = 1\n", "yunwang.toml:2: polling.window is {'a': 1}"),
    ("[general]\nlanguage = 'fr'\n", "yunwang.toml:2: general.language is 'fr'; it takes one of auto, en, zh."),
    ("[general]\nlanguage = 1979-05-27\n", "yunwang.toml:2: general.language is datetime.date(1979, 5, 27)"),
    ("[ears]\ntrap_port = 70000\n", "yunwang.toml:2: ears.trap_port is 70000; it takes a whole number, ≥ 0, ≤ 65535."),
    ("[samples]\ndisk_share = nan\n", "yunwang.toml:2: samples.disk_share is nan; it takes a number, > 0, ≤ 1."),
    ("[logs]\nkeep_days = 30\n", "yunwang.toml:2: logs.keep_days is 30; it takes a whole number, ≥ 190."),
    ("[general]\ndata_dir = 'a\u0009b'\n", "yunwang.toml:2: general.data_dir is 'a\\tb'; it takes text."),
    ("[polling]\nwindow = true\n", "yunwang.toml:2: polling.window is True"),
    ("[polling]\nwindow = 10\nwindow = 11\n", "yunwang.toml:3: this is not TOML"),
    ("[polling\n", "yunwang.toml:1: this is not TOML: Expected ']' at the end of a table declaration."),
    ("[general]\nlanguage = '''\n\n", "yunwang.toml:4: this is not TOML"),
    ("a = " + "[" * 5000, "yunwang.toml: this is not TOML: too deeply nested."),
    (b"[general]\nlanguage = '\xb5'\n", "The settings file yunwang.toml is not UTF-8. Save it as UTF-8."),
    ("#" * 70_000, "The settings file yunwang.toml is larger than 64 KiB."),
    ("[polling]\n" + "a" * 60_000 + "\n", "yunwang.toml:2: this is not TOML"),
    ("[general]\nlanguage = '''\n" + "a" * 60_000 + "\n'''\n", "yunwang.toml:2: general.language is 'aaa"),
    ("[general]\nlanguage = '''\n[" + " " * 60_000 + "\n'''\n", "yunwang.toml:2: general.language is"),
    (b"\xff\xfe[\x00", "The settings file yunwang.toml is not UTF-8."),
])
def test_each_mistake_is_named(content: str | bytes, sentence: str, tmp_path: Path) -> None:
    assert told(tmp_path, content).startswith(sentence)


def test_the_same_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_current", ["zh"])
    assert told(tmp_path, "[polling]\nintervall_s = 5\n") == "yunwang.toml:2：没有设置项 polling.intervall_s。 是否想写 interval_s？"


@pytest.mark.parametrize(("environ", "sentence"), [
    ({"YUNWANG_POLLING_INTERVAL_S": "soon"}, "environment: YUNWANG_POLLING_INTERVAL_S is 'soon'; it takes a whole number"),
    ({"YUNWANG_EARS_ADRESS": "::1"}, "environment: there is no setting YUNWANG_EARS_ADRESS. Did you mean YUNWANG_EARS_ADDRESS?"),
    ({"YUNWANG_CONFIG": "/nonexistent/yunwang.toml"}, "There is no settings file /nonexistent/yunwang.toml."),
    ({"YUNWANG_CONFIG": "/"}, "The settings file / cannot be read: Is a directory."),
    ({"YUNWANG_CONFIG": "a\0b"}, "The settings file a\0b cannot be read"),
    ({"YUNWANG_CONFIG": "~no-such-user/x"}, "There is no settings file ~no-such-user/x."),
    ({"YUNWANG_POLLING_WINDOW": "9" * 5000}, "environment: YUNWANG_POLLING_WINDOW is '999"),
])
def test_a_mistake_in_the_environment(environ: dict[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        load(None, environ)
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value)) < 300


def test_the_environment_overrules_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[polling]\ninterval_s = 10\nwindow = 7\n[samples]\ndisk_share = 0.25\n")
    found = load(file, {"YUNWANG_POLLING_INTERVAL_S": "30", "YUNWANG_GENERAL_LANGUAGE": "en", "YUNWANG_SAMPLES_DISK_SHARE": "0.75"})
    assert (found.polling.interval_s, found.polling.window, found.general.language, found.samples.disk_share) == (30, 7, "en", 0.75)


def test_a_mistake_in_the_file_is_told_even_where_the_environment_overrules(tmp_path: Path) -> None:
    assert "polling.window is 0" in told(tmp_path, "[polling]\nwindow = 0\n", {"YUNWANG_POLLING_WINDOW": "5"})


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"\xef\xbb\xbf[polling]\r\nwindow = 7\r\n")
    assert load(file, {}).polling.window == 7


def test_the_first_file_of_the_search_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    below = tmp_path / "home" / ".config" / "yunwang"
    below.mkdir(parents=True)
    (below / "yunwang.toml").write_text("[polling]\nwindow = 2\n")
    assert load(None, {}).polling.window == 2
    (tmp_path / "yunwang.toml").write_text("[polling]\nwindow = 3\n")
    assert load(None, {}).polling.window == 3
    (tmp_path / "other.toml").write_text("[polling]\nwindow = 4\n")
    assert load(None, {"YUNWANG_CONFIG": "other.toml"}).polling.window == 4
    assert load(tmp_path / "yunwang.toml", {"YUNWANG_CONFIG": "other.toml"}).polling.window == 3


def test_without_any_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(None, {}) == Settings()


def test_folders_follow_the_settings(tmp_path: Path) -> None:
    found = load(None, {"YUNWANG_GENERAL_DATA_DIR": str(tmp_path / "d"), "YUNWANG_GENERAL_RUN_DIR": str(tmp_path / "r")})
    assert (data_dir(found), run_dir(found)) == (tmp_path / "d", tmp_path / "r")


NAMES = [section.name for section in msgspec.structs.fields(Settings)]
KEYS = sorted({field.name for section in msgspec.structs.fields(Settings) for field in msgspec.structs.fields(section.type)})
VALUES = st.one_of(
    st.integers(-5, 10**30).map(str), st.floats().map(str), st.text(max_size=5),
    st.sampled_from(["true", "[]", "{}", "'x'", '""', "nan", "1979-05-27", "'''", "0x1F"]))
LINES = st.one_of(
    st.sampled_from(NAMES).map("[{}]".format), st.builds("{} = {}".format, st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), VALUES),
    st.builds("{}.{} = {}".format, st.sampled_from(NAMES), st.sampled_from(KEYS), VALUES), st.text(max_size=20))


def outcome(file: Path, content: bytes, environ: dict[str, str]) -> str:
    """`read`, or what is said; anything but a `SettingsError` fails the test."""
    file.write_bytes(content)
    try:
        load(file, environ)
    except SettingsError as error:
        return str(error)
    return "read"


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(LINES, max_size=8).map(lambda lines: "\n".join(lines).encode("utf-8", "replace")), st.binary(max_size=200)))
@example(b"a." * 300 + b"b=1")
@example(b"polling.'' = 1")
@example(b"['']\n")
def test_no_file_raises_anything_else(tmp_path: Path, content: bytes) -> None:
    assert outcome(tmp_path / "x.toml", content, {})


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.builds("YUNWANG_{}_{}".format, st.sampled_from(NAMES), st.one_of(st.sampled_from(KEYS), st.text(max_size=4)))
                       .map(str.upper), st.text(max_size=12), max_size=4))
def test_no_environment_raises_anything_else(tmp_path: Path, environ: dict[str, str]) -> None:
    assert outcome(tmp_path / "x.toml", b"", environ)


@given(st.sampled_from(NAMES), st.sampled_from(KEYS), st.integers(0, 5))
def test_the_line_is_where_the_key_stands(section: str, key: str, before: int) -> None:
    text = "# c\n" * before + f"[{section}]\nother = 1\n{key} = 2\n"
    assert line_of(text, (section, key)) == before + 3
    assert line_of(text, (section,)) == before + 1
