"""Every check of a device against real sockets: what is there, what is not, and that each fault has a fix."""

import json
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agents.local_check import Checking, Wish
from agents.local_privilege import judge
from cli.main import main
from core.node import Check
from core.polling import SnmpSecret, Target
from lab.run import Handle
from links.ssh import Login

NOBODY = SnmpSecret(community="nobody")
VRP = {"display current-configuration | include sysname": " sysname R1"}
Terminals = Callable[[dict[str, str]], tuple[int, str]]


def target(city: Handle, community: str = "public") -> Target:
    return Target(
        device_id="x", address=city.address_of(0), port=city.port, version="2c", secret=SnmpSecret(community=community), timeout_s=0.5,
        retries=0,
    )


async def checks(wish: Wish) -> dict[str, Check]:
    found = {one.name: one async for one in Checking(wish).run()}
    assert all(one.fix for one in found.values() if one.status != "ok")
    return found


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_device_with_everything(city: Handle, terminal: Terminals) -> None:
    port, key = terminal(VRP)
    wish = Wish(target=target(city), ssh_port=port, login=Login("ops", "right horse"), host_key=key, platform="huawei_vrp")
    by_ssh = await checks(wish.replace(target=wish.target.replace(address="127.0.0.1")))
    assert {by_ssh[name].status for name in ("SSH", "Host key", "Login", "Privilege")} == {"ok"}
    by_snmp = await checks(wish.replace(ssh_port=closed_port()))
    assert (by_snmp["SNMP"].status, by_snmp["SNMP version"].status, by_snmp["SSH"].status) == ("ok", "warn", "fail")


async def test_what_is_wrong_is_told_apart(city: Handle, terminal: Terminals) -> None:
    port, key = terminal({})
    base = Wish(target=target(city).replace(address="127.0.0.1"), ssh_port=port, platform="huawei_vrp")
    found = await checks(base.replace(login=Login("ops", "wrong")))
    assert (found["SNMP"].status, found["Login"].status, found["Host key"].status) == ("fail", "fail", "warn")
    assert "huawei_vrp" in found["SNMP"].fix
    assert "Privilege" not in found
    other = await checks(base.replace(login=Login("ops", "right horse"), host_key="SHA256:" + "A" * 43))
    assert other["Host key"].status == "fail"
    assert "Login" not in other, "no secret goes to a host with another key"
    low = await checks(base.replace(login=Login("ops", "right horse"), host_key=key))
    assert (low["Login"].status, low["Privilege"].status) == ("ok", "warn")
    assert "read the configuration" in low["Privilege"].found


async def test_traps_and_log_lines_are_heard_while_the_rest_is_tried() -> None:
    ports = {}
    for kind in ("trap", "syslog"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("0.0.0.0", 0))
            ports[kind] = probe.getsockname()[1]
    done = threading.Event()

    def chatter() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.bind(("127.0.0.9", 0))
            while not done.wait(0.1):
                mouth.sendto(b"<189>hello", ("127.0.0.1", ports["syslog"]))
                mouth.sendto(b"<189>from elsewhere", ("127.0.0.1", ports["trap"]))

    voice = threading.Thread(target=chatter)
    voice.start()
    silent = Target(device_id="x", address="127.0.0.9", port=closed_port(), version="2c", secret=NOBODY, timeout_s=0.2, retries=0)
    try:
        heard = await checks(Wish(
            target=silent, ssh_port=closed_port(), listen_s=30.0, trap_port=ports["syslog"], syslog_port=ports["trap"],
        ))
    finally:
        done.set()
        voice.join()
    assert (heard["Traps"].status, heard["Log lines"].status) == ("ok", "ok")


async def test_silence_and_a_port_in_use_have_their_fixes() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        silent = Target(device_id="x", address="127.0.0.9", port=closed_port(), version="2c", secret=NOBODY, timeout_s=0.2, retries=0)
        found = await checks(Wish(
            target=silent, ssh_port=closed_port(), listen_s=0.3, trap_port=taken.getsockname()[1], syslog_port=0,
        ))
    assert "in use" in found["Traps"].found
    assert found["Log lines"].status == "fail"
    assert "--part syslog" in found["Log lines"].fix


@pytest.mark.parametrize(
    ("platform", "printed", "may"),
    [("huawei_vrp", "<R1>display current-configuration | include sysname\r\n sysname R1\r\n<R1>", "reads"),
     ("huawei_vrp", "<R1>display current-configuration | include sysname\r\nError: Unrecognized command", "refused"),
     ("cisco_ios", "r1>show running-config | include hostname\r\n% Invalid input detected", "refused"),
     ("cisco_ios", "r1#show running-config | include hostname\r\nhostname r1", "reads"),
     ("linux", "0\n0.10 0.20 0.30 1/100 999\n", "reads"),
     ("zte_zxros", "", "unclear"), ("juniper_junos", "\x1b[2J\x00rubbish", "unclear")],
)
def test_what_a_login_may_is_read_from_what_is_printed(platform: str, printed: str, may: str) -> None:
    assert judge(platform, printed) == may


def test_the_command_prints_each_line_and_fails_where_something_fails(
    city: Handle, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("THE_COMMUNITY", "public")  # the lab's
    words = ["device", "check", city.address_of(0), "--port", str(city.port), "--community", "env:THE_COMMUNITY", "--lang", "en",
             "--ssh-port", str(closed_port())]
    assert main([*words, "--json"]) == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["status"] == "fail"
    names = [one["name"] for one in told["checks"]]
    assert names[:4] == ["ICMP", "SNMP", "SNMP version", "SSH"]
    assert main(words) == 1
    shown = capsys.readouterr().out
    assert "fix:" in shown
    assert os.environ["THE_COMMUNITY"] not in shown
