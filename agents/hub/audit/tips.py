"""Digests on their way off the machine: appended to a file, sent by syslog (RFC 5424 over UDP, RFC 5426)."""

import json
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

from core.audit import Tip, read_tips
from core.errors import SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from core.sections import Audit
from stores.files import storage_errors, sync_folder

PRIORITY = 13 * 8 + 6
"""Facility log audit, severity informational."""
SYSLOG_PORT = 514
_END = 64 << 10


class Outbox:
    """Where the tips go; both ways may be off."""

    def __init__(self, settings: Audit) -> None:
        self.file = Path(settings.tip_file).expanduser() if settings.tip_file else None
        self.syslog = address(settings.tip_syslog) if settings.tip_syslog else None
        self.node = socket.gethostname()

    @property
    def used(self) -> bool:
        return bool(self.file or self.syslog)

    def send(self, tip: Tip, at_ms: int) -> None:
        """Sends a tip both ways; raises why one of them failed, after trying both."""
        problems: list[YunwangError] = []
        for way in (self._append, self._tell):
            try:
                way(tip, at_ms)
            except YunwangError as error:
                problems.append(error)
        if problems:
            raise problems[0]

    def _append(self, tip: Tip, at_ms: int) -> None:
        if self.file is None or newest_in(self.file) >= tip.seq:
            return
        line = json.dumps({"at": _utc(at_ms), "node": self.node, "seq": tip.seq, "digest": tip.digest}) + "\n"
        with storage_errors(self.file):
            is_new = not self.file.exists()
            with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab", buffering=0) as out:
                out.write(line.encode())
                os.fsync(out.fileno())
            if is_new:
                sync_folder(self.file.parent)

    def _tell(self, tip: Tip, at_ms: int) -> None:
        if self.syslog is None:
            return
        host, port = self.syslog
        try:
            family, kind, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind) as sender:
                sender.settimeout(5)
                sender.connect(target)
                sender.send(message(tip, at_ms, self.node))
        except OSError as error:
            raise UnavailableError(
                tr("The tip could not be sent to {address}: {reason}.", address=f"{host}:{port}", reason=error.strerror or str(error)),
                way_out=tr("Look at audit.tip_syslog and at the way there; it is sent again by itself."),
            ) from None


def message(tip: Tip, at_ms: int, node: str) -> bytes:
    """One datagram of RFC 5424; the enterprise number is the one for examples of RFC 5612."""
    data = f'[tip@32473 seq="{tip.seq}" digest="{tip.digest}"]'
    host = "".join(char for char in node if "!" <= char <= "~")[:255] or "-"
    return f"<{PRIORITY}>1 {_utc(at_ms)} {host} yunwang {os.getpid()} audit.seal {data}".encode()


def address(text: str) -> tuple[str, int]:
    """`HOST`, `HOST:PORT` or `[IPV6]:PORT`. Raises `SettingsError`."""
    found = re.fullmatch(r"\[([0-9A-Fa-f:.%\w]+)\](?::(\d+))?|([^\[\]:\s]+)(?::(\d+))?|((?:[0-9A-Fa-f]*:){2,}[0-9A-Fa-f]*)", text.strip())
    host, port = (found[1] or found[3] or found[5], found[2] or found[4] or "") if found else ("", "")
    if not host or (port and not 0 < int(port) < 65536):
        raise SettingsError(
            tr("audit.tip_syslog is {value!r}; it takes HOST:PORT.", value=text),
            way_out=tr("For example 10.1.2.3:514 or [2001:db8::1]:514."),
        )
    return host, int(port) if port else SYSLOG_PORT


def newest_in(file: Path) -> int:
    """seq of the last tip in a tip file; 0: none."""
    with storage_errors(file):
        if not file.exists():
            return 0
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _END))
            text = opened.read(_END).decode("utf-8", "replace")
    return max((tip.seq for tip in read_tips(text.splitlines())), default=0)


def _utc(at_ms: int) -> str:
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00.000Z"
