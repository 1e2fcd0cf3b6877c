"""What `yunwang doctor` thinks of what it found: one pure function for each area. The fix is a command, or a setting with its value."""

from collections.abc import Callable, Iterator

from agents.node.machine import GIB, Folder, Machine, Port
from core.i18n import tr
from core.node import Check, CheckStatus
from core.settings import Settings

MIB = 1 << 20
OLDEST, NEWEST = (3, 11), (3, 13)
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "glusterfs", "fuse.glusterfs"})
LEAST_FILES = 4096
LEAST_MEMORY = 2 * GIB
FUTURE_MS = 60_000
SOON_DAYS = 30

Area = Callable[[Machine, Settings], Iterator[Check]]


def judge(machine: Machine, settings: Settings) -> list[Check]:
    """All areas in the order in which a person would mend them."""
    areas: tuple[Area, ...] = (environment, folders, ports, limits, clock, terminal, links, processes)
    return [check for area in areas for check in area(machine, settings)]


def verdict(checks: list[Check]) -> CheckStatus:
    found = {check.status for check in checks}
    return "fail" if "fail" in found else "warn" if "warn" in found else "ok"


def environment(m: Machine, _settings: Settings) -> Iterator[Check]:
    area = tr("software")
    shown = ".".join(map(str, m.python))
    good = OLDEST <= m.python[:2] <= NEWEST
    yield Check(area=area, name="Python", status="ok" if good else "fail", found=shown,
                fix="" if good else tr("Install Yunwang with Python 3.11, 3.12 or 3.13."))
    yield Check(area=area, name="OpenSSL", status="ok", found=m.openssl)
    for name, there, setting in (("SM3", m.sm3, 'audit.hash = "sha256"'), ("SM4-GCM", m.sm4, 'secrets.cipher = "aes-256-gcm"')):
        fix = "" if there else tr("Use an OpenSSL that has it, or {setting}.", setting=setting)
        yield Check(area=area, name=name, status="ok" if there else "warn", found=tr("there") if there else tr("missing"), fix=fix)
    for name in m.missing:
        yield Check(area=area, name=name, status="fail", found=tr("missing"), fix="pip install --require-hashes -r requirements.lock")
    if m.crashes:
        yield Check(area=area, name=tr("crash reports"), status="warn", found=str(m.crashes),
                    fix=tr("Send them to whoever looks after Yunwang, then remove {folder}.", folder=f"{m.data.path}/crashes"))


def folders(m: Machine, _settings: Settings) -> Iterator[Check]:
    for name, folder in (("general.data_dir", m.data), ("general.run_dir", m.run)):
        yield from _folder(name, folder, m.uid)
    yield _kind(m.data)
    yield _room(m.data)
    good = m.socket_bytes <= m.socket_limit
    yield Check(area=tr("folders"), name=tr("length of the socket's path"), status="ok" if good else "fail",
                found=f"{m.socket_bytes} / {m.socket_limit}", fix="" if good else tr("Set general.run_dir to a shorter path."))
    if m.unfinished:
        yield Check(area=tr("folders"), name=tr("restore"), status="fail", found=tr("cut off"),
                    fix=tr("Run `yunwang restore` again with the same backup."))


def _folder(name: str, folder: Folder, uid: int) -> Iterator[Check]:
    area = tr("folders")
    if not folder.exists:
        fix = "" if folder.creatable else f"install -d -m 0700 -o {uid} {folder.path}"
        status: CheckStatus = "ok" if folder.creatable else "fail"
        yield Check(area=area, name=name, status=status, found=tr("{path} is not there yet", path=folder.path), fix=fix)
        return
    if folder.error:
        yield Check(area=area, name=name, status="fail", found=folder.error, fix=f"chown -R {uid} {folder.path}; chmod 700 {folder.path}")
        return
    open_to_others = bool(folder.mode & 0o007)
    yield Check(area=area, name=name, status="warn" if open_to_others else "ok", found=f"{folder.path} ({folder.mode:04o})",
                fix=f"chmod o= {folder.path}" if open_to_others else "")


def _kind(folder: Folder) -> Check:
    name, area = tr("file system"), tr("folders")
    if folder.kind in REMOTE:
        fix = tr("Locks and fsync are not sure over a network: set general.data_dir to a local disk.")
        return Check(area=area, name=name, status="fail", found=folder.kind, fix=fix)
    if folder.kind in ("tmpfs", "ramfs"):
        fix = tr("It is gone after a restart: set general.data_dir to a disk.")
        return Check(area=area, name=name, status="warn", found=folder.kind, fix=fix)
    return Check(area=area, name=name, status="ok", found=folder.kind or "?")


def _room(folder: Folder) -> Check:
    share = folder.free / folder.size if folder.size else 1.0
    low = folder.free < 2 * GIB and share < 0.1
    out = folder.free < 64 * MIB
    fix = tr("`yunwang storage` shows what may go; or shorten samples.raw_days, or set general.data_dir to a larger disk.")
    return Check(area=tr("folders"), name=tr("free space"), status="fail" if out else "warn" if low else "ok",
                 found=f"{folder.free / GIB:.1f} GiB ({share:.0%})", fix=fix if low or out else "")


def ports(m: Machine, _settings: Settings) -> Iterator[Check]:
    for port in m.ports:
        yield _port(port, m)
    if not m.ports and not (m.may_bind or m.unprivileged_start <= 162):
        yield Check(area=tr("ports"), name=tr("ports 162 and 514"), status="warn", found=tr("this account may not listen on them"),
                    fix=_right_fix())


def _right_fix() -> str:
    return tr("AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit (`yunwang setup --systemd /etc`), or: {command}",
              command="sysctl -w net.ipv4.ip_unprivileged_port_start=162")


def _port(port: Port, m: Machine) -> Check:
    name = f"{port.setting} = {port.number}"
    if port.problem == "":
        return Check(area=tr("ports"), name=name, status="ok", found=tr("free") if not m.hub_pid else tr("the hub listens"))
    if port.problem == "denied":
        return Check(area=tr("ports"), name=name, status="fail", found=tr("this account may not listen on it"), fix=_right_fix())
    if port.problem == "taken":
        return Check(area=tr("ports"), name=name, status="fail", found=tr("another program listens there"),
                     fix=tr("`ss -ltunp sport = :{port}` names it; stop it, or change {setting}.", port=port.number, setting=port.setting))
    return Check(area=tr("ports"), name=name, status="fail", found=port.problem, fix=tr("Correct ears.address or api.listen."))


def limits(m: Machine, settings: Settings) -> Iterator[Check]:
    area, wanted = tr("limits"), settings.polling.receive_buffer
    small = m.rmem_max < wanted and m.uid != 0
    yield Check(area=area, name="net.core.rmem_max", status="warn" if small else "ok", found=f"{m.rmem_max:,}",
                fix=f"sysctl -w net.core.rmem_max={wanted}" if small else "")
    few = m.files_soft < LEAST_FILES
    raised = m.files_hard >= LEAST_FILES
    yield Check(area=area, name=tr("open files"), status="warn" if few else "ok", found=f"{m.files_soft:,} / {m.files_hard:,}",
                fix="" if not few else f"ulimit -n {LEAST_FILES}" if raised else f"LimitNOFILE={LEAST_FILES}")
    poor = 0 < m.memory < LEAST_MEMORY
    yield Check(area=area, name=tr("memory"), status="warn" if poor else "ok", found=f"{m.memory / GIB:.1f} GiB",
                fix=tr("Give the machine {size} GiB or more.", size=LEAST_MEMORY // GIB) if poor else "")


def clock(m: Machine, _settings: Settings) -> Iterator[Check]:
    area = tr("clock")
    found = tr("yes") if m.synchronised else tr("no")
    yield Check(area=area, name=tr("synchronised"), status="ok" if m.synchronised else "warn", found=found,
                fix="" if m.synchronised else "timedatectl set-ntp true")
    behind = m.newest_row_ms - m.now_ms
    if m.newest_row_ms:
        found = tr("{seconds} s behind the newest entry", seconds=behind // 1000) if behind > FUTURE_MS else tr("agrees")
        yield Check(area=area, name=tr("against the journal"), status="fail" if behind > FUTURE_MS else "ok", found=found,
                    fix=tr("Set the clock right: `chronyc makestep`. Entries keep their order by number.") if behind > FUTURE_MS else "")
    yield Check(area=area, name=tr("time zones"), status="ok" if m.zones else "fail", found=tr("there") if m.zones else tr("missing"),
                fix="" if m.zones else "apt-get install tzdata")


def terminal(m: Machine, _settings: Settings) -> Iterator[Check]:
    area = tr("terminal")
    utf8 = m.encoding.lower().replace("-", "") == "utf8"
    yield Check(area=area, name=tr("character set"), status="ok" if utf8 else "warn", found=m.encoding,
                fix="" if utf8 else "export LANG=zh_CN.UTF-8")
    if not m.is_terminal:
        return
    dull = m.term in ("", "dumb", "linux", "vt100")
    yield Check(area=area, name="TERM", status="warn" if dull else "ok", found=m.term or "-",
                fix="export TERM=xterm-256color" if dull else "")
    if m.cjk_cells:
        good = m.cjk_cells == 2
        yield Check(area=area, name=tr("width of a Chinese character"), status="ok" if good else "fail",
                    found=tr("{cells} cells", cells=m.cjk_cells),
                    fix="" if good else tr("Choose a font with Chinese characters and a UTF-8 terminal."))
    if m.ambiguous_cells > 1:
        yield Check(area=area, name=tr("width of ambiguous characters"), status="warn", found=tr("{cells} cells", cells=m.ambiguous_cells),
                    fix=tr("Set the terminal to draw ambiguous characters narrow."))


def links(m: Machine, _settings: Settings) -> Iterator[Check]:
    area = tr("links")
    for link in m.links:
        yield Check(area=area, name=link.name, status="fail" if link.error else "ok", found=link.error or link.found, fix=link.fix)
    for certificate in m.certificates:
        days = (certificate.ends_ms - m.now_ms) // 86_400_000
        status: CheckStatus = "fail" if certificate.error or days < 0 else "warn" if days < SOON_DAYS else "ok"
        found = certificate.error or tr("valid for {days} more days", days=days)
        yield Check(area=area, name=certificate.setting, status=status, found=found,
                    fix="" if status == "ok" else tr("Put a new certificate into {path}.", path=certificate.path))


def processes(m: Machine, _settings: Settings) -> Iterator[Check]:
    area = tr("processes")
    if not m.hub_pid:
        yield Check(area=area, name="hub", status="warn", found=tr("not running"), fix="yunwang hub start")
        return
    for row in m.processes:
        fix = tr("Its log tells more: {file}.", file=f"{m.data.path}/log/{row.kind}.log")
        status: CheckStatus = "fail" if not row.pid else "warn" if row.restarts else "ok"
        found = tr("process {pid}, {count} restarts", pid=row.pid, count=row.restarts)
        found = found if row.pid else tr("down: {error}", error=row.error or "-")
        yield Check(area=area, name=row.kind, status=status, found=found, fix="" if status == "ok" else fix)
