"""What is printed to be pasted: every platform, nothing secret in it that nobody asked for, nothing from outside as a command."""

import json
import re
import stat
from pathlib import Path

import pytest

from cli.main import main
from core.errors import InvalidInputError
from core.platforms import BY_NAME
from core.snippets import PARTS, SECRETS, Wish, platforms, snippet

ASKED_FOR = {"huawei_vrp", "h3c_comware", "ruijie_rgos", "zte_zxros", "cisco_ios", "cisco_nxos", "hillstone_stoneos", "linux"}


def test_the_platforms_of_the_city_have_one() -> None:
    assert set(platforms()) >= ASKED_FOR
    assert set(platforms()) <= set(BY_NAME)


@pytest.mark.parametrize("platform", platforms())
def test_every_part_is_there_and_says_where_to_send_and_who_asks(platform: str) -> None:
    made = snippet(platform, Wish(collector="10.9.8.7", user="watcher", source="LoopBack0", trap_port=1162, syslog_port=1514))
    assert tuple(made.lines) == PARTS
    assert any("10.9.8.7" in line and "1162" in line for line in made.lines["trap"]) or platform == "fortinet_fortios"
    assert any("1514" in line for line in made.lines["syslog"])
    assert any("watcher" in line for line in made.lines["snmp"])
    assert set(made.missing) - {"<ENGINE-ID>"} == {f"<{word}>" for word in SECRETS}
    everything = "\n".join(line for lines in made.lines.values() for line in lines)
    assert not re.search(r"<(COLLECTOR|USER|SOURCE|TRAP-PORT|SYSLOG-PORT)>", everything)


@pytest.mark.parametrize("platform", platforms())
def test_without_an_interface_nothing_is_said_of_one(platform: str) -> None:
    made = snippet(platform, Wish())
    assert not any("SOURCE" in line or line.startswith(("manage ", "interface ")) for lines in made.lines.values() for line in lines)
    assert "<COLLECTOR>" in made.missing


@pytest.mark.parametrize(
    "wish",
    [Wish(collector="10.0.0.1\nreboot"), Wish(collector="collector.example"), Wish(user="a b"), Wish(user="x;reload"), Wish(user=""),
     Wish(source="Loop\nreboot"), Wish(source="$(id)"), Wish(trap_port=0), Wish(syslog_port=70000)],
)
def test_what_would_be_another_command_is_refused(wish: Wish) -> None:
    with pytest.raises(InvalidInputError):
        snippet("linux", wish)


def test_secrets_are_made_on_request_only_and_kept_for_their_owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "made"
    words = ["device", "snippet", "--platform", "cisco_ios", "--collector", "10.0.0.1", "--lang", "en"]
    assert main([*words, "--generate", str(file), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    secrets = file.read_text().splitlines()
    assert len(set(secrets)) == len(SECRETS)
    assert all(len(one) >= 16 and re.search("[a-z]", one) and re.search("[A-Z]", one) and re.search("[0-9]", one) for one in secrets)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert any(secrets[0] in line and secrets[1] in line for line in made["lines"]["snmp"])
    assert made["missing"] == []
    assert main([*words, "--generate", str(file)]) == 2
    assert file.read_text().splitlines() == secrets


def test_advice_goes_beside_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "snippet", "--platform", "h3c_comware", "--part", "snmp", "--lang", "en"]) == 0
    shown = capsys.readouterr()
    assert "snmp-agent usm-user v3 yunwang" in shown.out
    assert "info-center" not in shown.out
    assert "yunwang credential add yunwang --kind snmp-v3" in shown.err
    assert "<AUTH>" in shown.err
