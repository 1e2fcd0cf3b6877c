"""Trying what the settings name: ports by a bind, other machines by a connection, certificates by reading them."""

import errno
import os
import socket
import ssl
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

from agents.hub.node import heartbeat
from agents.node.machine import Certificate, Port, Reached
from core.errors import SettingsError
from core.i18n import reason, tr
from core.paths import run_dir
from core.settings import Settings
from links.unixsocket import answers

CONNECT_S = 5.0
_DEFAULT_PORTS = {"https": 443, "http": 80, "ldaps": 636, "ldap": 389, "postgresql": 5432, "postgres": 5432}


def ports(settings: Settings, *, running: bool) -> tuple[Port, ...]:
    """Each port of the settings, bound for a moment; while the hub runs it holds them itself, and only what cannot be is told."""
    ears, udp, tcp = settings.ears, socket.SOCK_DGRAM, socket.SOCK_STREAM
    heard = (("trap_port", ears.trap_port, udp), ("syslog_port", ears.syslog_port, udp), ("syslog_tcp_port", ears.syslog_tcp_port, tcp),
             ("syslog_tls_port", ears.syslog_tls_port, tcp))
    wanted = [(f"ears.{name}", ears.address, number, kind) for name, number, kind in heard if number]
    if settings.api.listen:
        host, _, port = settings.api.listen.rpartition(":")
        wanted.append(("api.listen", host.strip("[]"), int(port) if port.isdigit() else 0, socket.SOCK_STREAM))
    return tuple(Port(name, number, "" if running else _problem(host, number, kind)) for name, host, number, kind in wanted)


def _problem(host: str, port: int, kind: int) -> str:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            return "denied"
        return "taken" if error.errno == errno.EADDRINUSE else reason(error)
    except (UnicodeError, OverflowError) as error:
        return type(error).__name__
    return ""


def links(settings: Settings, hub_pid: int) -> tuple[Reached, ...]:
    found = []
    if hub_pid:
        path = run_dir(settings) / "hub.sock"
        good = answers(path)
        error = "" if good else tr("nobody answers")
        found.append(Reached("hub.sock", str(path), error, "" if good else tr("`yunwang hub stop`, then `yunwang hub start`.")))
    named = (("records.url", settings.records.url), ("accounts.ldap_url", settings.accounts.ldap_url),
             ("secrets.vault_url", settings.secrets.vault_url), ("service.heartbeat_url", settings.service.heartbeat_url))
    found += [_address(name, url) for name, url in named if url]
    if settings.audit.tip_syslog:
        found.append(_resolved("audit.tip_syslog", settings.audit.tip_syslog))
    tips = str(Path(settings.audit.tip_file).parent) if settings.audit.tip_file else ""
    folders = (("audit.tip_file", tips), ("service.backup_dir", settings.service.backup_dir),
               ("service.export_git", settings.service.export_git))
    found += [_folder(name, path) for name, path in folders if path]
    return tuple(found)


def _address(name: str, url: str) -> Reached:
    fix = tr("Correct {setting}, or open the way there (firewall, route, name service).", setting=name)
    try:
        if name == "service.heartbeat_url":
            heartbeat.parse(url)
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except (ValueError, SettingsError) as error:
        return Reached(name, error=str(error), fix=fix)
    if not host:
        return Reached(name, tr("by a socket of this machine"))
    try:
        with socket.create_connection((host, port), CONNECT_S) as connection:
            if parts.scheme in ("https", "ldaps"):
                return _secured(name, connection, host, port)
    except (OSError, UnicodeError) as error:
        return Reached(name, error=f"{host}:{port}: {reason(error) if isinstance(error, OSError) else type(error).__name__}", fix=fix)
    return Reached(name, f"{host}:{port}")


def _secured(name: str, connection: socket.socket, host: str, port: int) -> Reached:
    """Whether TLS comes about; an authority of its own is the business of that link, so the certificate is not judged here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with context.wrap_socket(connection, server_hostname=host) as secured:
            return Reached(name, f"{host}:{port}, {secured.version()}")
    except OSError as error:
        return Reached(name, error=f"{host}:{port}: TLS: {reason(error)}", fix=tr("That port must speak TLS 1.2 or newer."))


def _resolved(name: str, place: str) -> Reached:
    host, _, port = place.rpartition(":")
    try:
        socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        return Reached(name, error=str(error), fix=tr("Write {setting} as HOST:PORT.", setting=name))
    return Reached(name, place)


def _folder(name: str, path: str) -> Reached:
    there = Path(path).expanduser()
    if not os.access(there, os.W_OK | os.X_OK):
        error = tr("{path} is not there, or may not be written", path=there)
        return Reached(name, error=error, fix=f"install -d -m 0700 -o {os.geteuid()} {there}")
    return Reached(name, str(there))


def certificates(settings: Settings) -> tuple[Certificate, ...]:
    api, accounts, ears = settings.api, settings.accounts, settings.ears
    heard = (("ears.certificate", ears.certificate), ("ears.authority", ears.authority)) if ears.syslog_tls_port else ()
    named = (*heard, ("api.certificate", api.certificate), ("api.client_authority", api.client_authority), ("api.authority", api.authority),
             ("accounts.ldap_authority", accounts.ldap_authority))
    return tuple(_certificate(name, path) for name, path in named if path)


def _certificate(name: str, path: str) -> Certificate:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(Path(path).expanduser().read_bytes())
    except OSError as error:
        return Certificate(name, path, error=reason(error))
    except ValueError:
        return Certificate(name, path, error=tr("no certificate in PEM form"))
    ends = min(certificate.not_valid_after_utc for certificate in found)
    return Certificate(name, path, int(ends.astimezone(UTC).timestamp() * 1000))
