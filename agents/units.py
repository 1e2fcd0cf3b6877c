"""The units of systemd, shipped beside this module and filled with the paths of this machine. Writing them enables nothing."""

from importlib import resources
from pathlib import Path

from core.errors import SettingsError
from core.i18n import tr
from core.settings import Settings

WHERE = {"yunwang.service": "systemd/system", "yunwang.sysusers": "sysusers.d", "yunwang.tmpfiles": "tmpfiles.d"}
"""File here, folder below /etc where systemd looks for it."""
_SUFFIX = {"yunwang.sysusers": "yunwang.conf", "yunwang.tmpfiles": "yunwang.conf"}


def render(settings: Settings, program: Path, config: Path) -> dict[str, str]:
    """Each file by its path below /etc. Raises `SettingsError` for a path that a unit cannot name."""
    files = {}
    for name, folder in WHERE.items():
        text = resources.files("agents").joinpath("systemd", name).read_text("utf-8")
        if name.endswith(".service"):
            text = text.replace("@PROGRAM@", _quoted(program)).replace("@CONFIG@", _quoted(config))
            text = text.replace("@WRITABLE@\n", "".join(f"ReadWritePaths={_quoted(path)}\n" for path in writable(settings)))
        files[f"{folder}/{_SUFFIX.get(name, name)}"] = text
    return files


def writable(settings: Settings) -> list[Path]:
    """Folders outside the data folder that the service writes to: `ProtectSystem=strict` must leave them open."""
    service, audit = settings.service, settings.audit
    named = [service.backup_dir, service.export_git, str(Path(audit.tip_file).parent) if audit.tip_file else ""]
    if settings.general.data_dir and settings.general.data_dir != "/var/lib/yunwang":
        named.append(settings.general.data_dir)
    return [Path(name).expanduser().absolute() for name in dict.fromkeys(named) if name]


def _quoted(path: Path) -> str:
    """A path as systemd.syntax(7) wants it: `%` doubled, in quotes where it has spaces."""
    text = str(path)
    if any(c in text for c in "\"'\\\n\r\t$;") or not path.is_absolute():
        raise SettingsError(
            tr("A unit of systemd cannot name the path {path}.", path=path), way_out=tr("Use an absolute path of plain characters."),
        )
    text = text.replace("%", "%%")
    return f'"{text}"' if " " in text else text
