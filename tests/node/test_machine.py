"""Each fault of a machine has its line and its fix; what fills the disk, and how long it lasts."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.node import probing, reaching, storage
from agents.node.backup import MAKING
from agents.node.checks import judge, verdict
from agents.node.machine import GIB, Certificate, Folder, Machine, Port, Reached
from agents.node.storage import DAY_MS, File, full_at, portion
from core import i18n
from core.sections import Accounts, Audit, Ears, Secrets, Service
from core.settings import Settings
from core.views import ProcessRow

Make = Callable[..., Settings]
NOW = 1_800_000_000_000
ROOM = Folder("/var/lib/yunwang", kind="ext4", size=500 * GIB, free=300 * GIB)
GOOD = Machine(
    now_ms=NOW, uid=990, python=(3, 12, 1), openssl="OpenSSL 3.0", sm3=True, sm4=True, missing=(), crashes=0, data=ROOM,
    run=Folder("/run/yunwang", mode=0o750), unfinished=False, socket_bytes=21, socket_limit=107, ports=(Port("ears.trap_port", 162),),
    unprivileged_start=1024, may_bind=True, rmem_max=8388608, files_soft=65536, files_hard=65536, memory=16 * GIB, synchronised=True,
    newest_row_ms=NOW - 1000, zones=True, encoding="utf-8", is_terminal=True, term="xterm-256color", cjk_cells=2, ambiguous_cells=1,
    links=(Reached("hub.sock", "/run/yunwang/hub.sock"),), certificates=(Certificate("api.certificate", "/c.pem", NOW + 90 * DAY_MS),),
    hub_pid=77, processes=(ProcessRow(kind="hub", pid=78),),
)


def test_a_machine_in_order_has_nothing_to_mend() -> None:
    checks = judge(GOOD, Settings())
    assert verdict(checks) == "ok"
    assert not [check.fix for check in checks if check.fix]
    assert len(checks) > 20


@pytest.mark.parametrize(("machine", "status", "fix"), [
    (GOOD._replace(python=(3, 10, 0)), "fail", "3.11"),
    (GOOD._replace(sm3=False), "warn", "audit.hash"),
    (GOOD._replace(sm4=False), "warn", "secrets.cipher"),
    (GOOD._replace(missing=("pyarrow",)), "fail", "requirements.lock"),
    (GOOD._replace(crashes=2), "warn", "crashes"),
    (GOOD._replace(data=ROOM._replace(exists=False, creatable=False)), "fail", "install -d"),
    (GOOD._replace(data=ROOM._replace(error="may not be written")), "fail", "chown -R 990"),
    (GOOD._replace(data=ROOM._replace(mode=0o755)), "warn", "chmod o="),
    (GOOD._replace(data=ROOM._replace(kind="nfs4")), "fail", "general.data_dir"),
    (GOOD._replace(data=ROOM._replace(kind="tmpfs")), "warn", "general.data_dir"),
    (GOOD._replace(data=ROOM._replace(size=10 * GIB, free=GIB // 2)), "warn", "yunwang storage"),
    (GOOD._replace(data=ROOM._replace(free=1 << 20)), "fail", "samples.raw_days"),
    (GOOD._replace(socket_bytes=120), "fail", "general.run_dir"),
    (GOOD._replace(unfinished=True), "fail", "yunwang restore"),
    (GOOD._replace(ports=(Port("ears.trap_port", 162, "denied"),)), "fail", "CAP_NET_BIND_SERVICE"),
    (GOOD._replace(ports=(Port("ears.syslog_port", 514, "taken"),)), "fail", "ss -ltunp sport = :514"),
    (GOOD._replace(ports=(Port("api.listen", 8443, "no such address"),)), "fail", "api.listen"),
    (GOOD._replace(ports=(), may_bind=False), "warn", "ip_unprivileged_port_start"),
    (GOOD._replace(rmem_max=212992), "warn", "sysctl -w net.core.rmem_max=8388608"),
    (GOOD._replace(files_soft=1024), "warn", "ulimit -n"),
    (GOOD._replace(files_soft=1024, files_hard=1024), "warn", "LimitNOFILE"),
    (GOOD._replace(memory=GIB), "warn", "GiB"),
    (GOOD._replace(synchronised=False), "warn", "timedatectl set-ntp true"),
    (GOOD._replace(newest_row_ms=NOW + 365 * DAY_MS), "fail", "chronyc makestep"),
    (GOOD._replace(zones=False), "fail", "tzdata"),
    (GOOD._replace(encoding="ascii"), "warn", "LANG"),
    (GOOD._replace(term="dumb"), "warn", "TERM"),
    (GOOD._replace(cjk_cells=1), "fail", "font"),
    (GOOD._replace(ambiguous_cells=2), "warn", "narrow"),
    (GOOD._replace(links=(Reached("secrets.vault_url", error="refused", fix="open the way"),)), "fail", "open the way"),
    (GOOD._replace(certificates=(Certificate("api.certificate", "/c.pem", NOW + 5 * DAY_MS),)), "warn", "/c.pem"),
    (GOOD._replace(certificates=(Certificate("api.certificate", "/c.pem", NOW - DAY_MS),)), "fail", "/c.pem"),
    (GOOD._replace(certificates=(Certificate("api.certificate", "/c.pem", 0, "No such file"),)), "fail", "/c.pem"),
    (GOOD._replace(hub_pid=0, processes=()), "warn", "yunwang hub start"),
    (GOOD._replace(processes=(ProcessRow(kind="ears", error="port in use"),)), "fail", "log/ears.log"),
    (GOOD._replace(processes=(ProcessRow(kind="ears", pid=5, restarts=3),)), "warn", "log/ears.log"),
])
def test_each_fault_is_named_with_its_fix(machine: Machine, status: str, fix: str) -> None:
    checks = judge(machine, Settings())
    wrong = [check for check in checks if check.status != "ok"]
    assert [check.status for check in wrong] == [status]
    assert fix in wrong[0].fix


def test_root_needs_no_larger_bound_of_buffers() -> None:
    assert verdict(judge(GOOD._replace(uid=0, rmem_max=212992), Settings())) == "ok"


def test_every_line_is_there_in_chinese() -> None:
    broken = GOOD._replace(
        sm3=False, crashes=1, unfinished=True, rmem_max=1, files_soft=1, synchronised=False, newest_row_ms=NOW * 2, hub_pid=0,
        ports=(Port("ears.trap_port", 162, "denied"),), cjk_cells=1, data=ROOM._replace(kind="nfs"),
    )
    english = judge(broken, Settings())
    i18n.use("zh")
    try:
        chinese = judge(broken, Settings())
    finally:
        i18n.use("en")
    for one, other in zip(english, chinese, strict=True):
        assert one.status == other.status
        assert other.area != one.area
        assert one.fix == other.fix or any("一" <= c <= "鿿" for c in other.fix)


def test_the_machine_that_runs_this_is_looked_at_for_real(place: Path, settings_in: Make) -> None:
    settings = settings_in(place, backup_dir=str(place / "nowhere"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, socket.create_server(("127.0.0.1", 0)) as tcp:
        taken.bind(("127.0.0.1", 0))
        settings = settings.replace(
            ears=Ears(
                address="127.0.0.1", syslog_port=taken.getsockname()[1], syslog_tcp_port=tcp.getsockname()[1],
                syslog_tls_port=tcp.getsockname()[1], certificate=str(place / "none.pem"),
            ),
            accounts=Accounts(ldap_url="ldap://127.0.0.1:1"),
            audit=Audit(tip_syslog="nonsense"), secrets=Secrets(vault_url="https://127.0.0.1:1"),
        )
        machine = probing.probe(settings, NOW)
    assert [(port.setting, port.problem) for port in machine.ports] == [
        ("ears.syslog_port", "taken"), ("ears.syslog_tcp_port", "taken"), ("ears.syslog_tls_port", "taken"),
    ]
    assert [(one.setting, bool(one.error)) for one in machine.certificates] == [("ears.certificate", True)]
    errors = {link.name: link.error for link in machine.links}
    assert all(errors[name] for name in ("accounts.ldap_url", "audit.tip_syslog", "secrets.vault_url", "service.backup_dir"))
    assert machine.python == sys.version_info[:3]
    assert not machine.data.exists
    assert machine.data.creatable
    assert machine.missing == ()
    assert machine.memory > 0
    assert not list(place.iterdir()), "looking changes nothing"
    verdict(judge(machine, settings))


def test_a_link_that_answers_is_in_order(place: Path, settings_in: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        service = Service(heartbeat_url=f"http://127.0.0.1:{server.getsockname()[1]}/key")
        (found,) = reaching.links(Settings(service=service), hub_pid=0)
    assert (found.name, found.error) == ("service.heartbeat_url", "")
    assert "key" not in found.found


def test_the_width_of_characters_is_asked_of_the_terminal(place: Path) -> None:
    """A terminal of our own that answers as a wide one does, and one that never answers."""
    for answer, cells in ((b"\x1b[1;3R", 2), (b"", 0)):
        ours, theirs = os.openpty()
        program = "import sys; from agents.node.tty import cells_of; sys.exit(cells_of('云'))"
        asking = subprocess.Popen([sys.executable, "-c", program], stdin=theirs, stdout=theirs, env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        heard = b""
        while b"\x1b[6n" not in heard:
            heard += os.read(ours, 100)
        if answer:
            os.write(ours, answer)
        assert asking.wait(60) == cells
        os.close(ours)


def test_the_command_says_it_for_people_and_for_machines(place: Path) -> None:
    env = {**os.environ, "YUNWANG_GENERAL_DATA_DIR": str(place / "data"), "YUNWANG_GENERAL_RUN_DIR": str(place / "run"), "HOME": str(place)}
    program = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", program, "doctor", "--json", "--lang", "en"], env=env, capture_output=True, text=True,
                          check=False, timeout=120)
    told = json.loads(done.stdout)
    assert done.returncode == (1 if told["status"] == "fail" else 0)
    assert {"area", "name", "status", "found", "fix"} == set(told["checks"][0])


# what fills the disk


def files(*days_and_sizes: tuple[int, int]) -> list[File]:
    return [File("samples.raw", size, NOW, NOW + day * DAY_MS, NOW + day * DAY_MS + 1) for day, size in days_and_sizes]


def test_a_portion_knows_what_is_freed_and_when() -> None:
    found = portion("samples.raw", files((-10, 100), (-6, 200), (-1, 300)), keep_days=7, now_ms=NOW)
    assert (found.size, found.files) == (600, 3)
    assert found.frees_at == NOW, "what is over its time goes now"
    assert found.freed_in_week == 100 + 200 + 300
    later = portion("samples.raw", files((-1, 300),), keep_days=90, now_ms=NOW)
    assert later.frees_at == NOW - DAY_MS + 1 + 90 * DAY_MS
    assert later.freed_in_week == 0


def test_growth_is_the_mean_of_full_days_and_today_does_not_count() -> None:
    start = NOW // DAY_MS * DAY_MS
    dated = [File("x", size, 0, 1, start - day * DAY_MS + 5) for day, size in ((0, 9999), (1, 100), (2, 300))]
    assert storage.grows_daily(dated, NOW) == 200
    assert storage.grows_daily(dated[:1], NOW) == -1


@pytest.mark.parametrize(("free", "pace", "days"), [(100, 10, 10), (100, 0, 0), (100, -5, 0), (10**15, 1, 0)])
def test_the_day_on_which_the_disk_is_full(free: int, pace: int, days: int) -> None:
    assert full_at(free, pace, NOW) == (NOW + days * DAY_MS if days else 0)


def test_every_byte_of_a_data_folder_is_counted_once(place: Path, settings_in: Make) -> None:
    settings = settings_in(place)
    data = place / "data"
    sizes = {
        "records.db": 8192, "records.db-wal": 4096, "samples/wal/0000000001.wal": 4096, "samples/series.catalogue": 4096,
        "samples/raw/s00000/0500000-001-0000000001-0000000002-0123abcd.parquet": 8192, "samples/damaged/x.parquet": 4096,
        "logs/sealed/0000000001-001800000000000-001800000000001-0123abcd.lines": 4096, "logs/open/0000000002.log": 4096,
        "log/hub.log": 4096, "crashes/crash-1.txt": 4096, "audit/1.zst": 4096, "trial.json": 4096, "replaced-1/records.db": 4096,
        "backups/yunwang-20270101T000000Z/data/x": 4096, f"backups/{MAKING}1/x": 4096,
    }
    for name, size in sizes.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(os.urandom(size))
    shared = data / "backups/yunwang-20270101T000000Z/data/shared.parquet"
    os.link(data / "samples/raw/s00000/0500000-001-0000000001-0000000002-0123abcd.parquet", shared)
    os.sync()
    found = storage.report(settings, data, data / "backups", NOW)
    by_name = {one.name: one for one in found.portions}
    assert set(by_name) == {
        "records", "samples.open", "samples.raw", "damaged", "logs.sealed", "logs.open", "own logs", "crash reports", "audit archives",
        "other", "replaced", "backups",
    }
    assert found.size == sum(sizes.values())
    assert by_name["backups"].removable == 4096
    assert by_name["logs.sealed"].keep_days == settings.logs.keep_days
    assert [one.size for one in found.portions] == sorted((one.size for one in found.portions), reverse=True)
