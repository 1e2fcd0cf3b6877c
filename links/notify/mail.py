"""Mail by SMTP (RFC 5321), submitted with TLS from the first byte (RFC 8314) or by STARTTLS (RFC 3207)."""

import contextlib
import ipaddress
import re
import smtplib
import socket
import ssl
import threading
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from core.errors import ForbiddenError, InvalidInputError, NoAnswerError, ProtocolError, SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from core.notices import Channel
from core.width import clean
from links import certificates
from links.notify.letter import Letter, Login

TIMEOUT_S = 15.0
MOST_S = 45.0
"""For one mail as a whole."""
PORTS = {"smtp": 587, "smtps": 465}
MOST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
SENDER, AUTHORITY, PLAIN = "sender", "authority", "plain"


class Server(NamedTuple):
    """Where mail is handed in."""

    scheme: str
    host: str
    port: int


def server_of(url: str) -> Server:
    """Raises `SettingsError` for what is no address of a mail server."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", 0
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.path.strip("/") or parts.query:
        raise SettingsError(
            tr("{url} is no address of a mail server.", url=url[:200]), way_out=tr("For example smtps://mail.city.gov.cn:465"),
        )
    return Server(parts.scheme, host, port or PORTS[parts.scheme])


def address_of(text: str) -> Address:
    """Raises `InvalidInputError` for what is no mail address: nothing else may stand in a header."""
    if len(text) > MOST_ADDRESS or not _ADDRESS.fullmatch(text):
        raise InvalidInputError(tr("{text} is no mail address.", text=clean(text, 80)), way_out=tr("For example duty@city.gov.cn"))
    username, _, domain = text.rpartition("@")
    return Address(username=username, domain=domain)


def message_of(channel: Channel, letter: Letter) -> EmailMessage:
    """The mail with all its headers; a line break in any of them is impossible."""
    made = EmailMessage()
    sender = address_of(channel.options.get(SENDER, ""))
    made["From"] = Address(display_name="Yunwang", username=sender.username, domain=sender.domain)
    made["To"] = address_of(letter.to)
    made["Subject"] = clean(letter.subject, 200)
    made["Date"] = format_datetime(datetime.fromtimestamp(letter.at_ms / 1000, UTC))
    made["Message-ID"] = f"<{letter.id}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Priority"] = "1" if letter.severity in ("critical", "major") else "3"
    made.set_content(letter.text, cte="base64")
    return made


def send(channel: Channel, login: Login, letter: Letter) -> None:
    """Hands the mail in. Raises why the server did not take it."""
    server, mail = server_of(channel.url), message_of(channel, letter)
    wire = _wire(server, channel)
    late = threading.Timer(MOST_S, _cut, (wire,))
    late.daemon = True
    late.start()
    try:
        _submit(wire, server, channel, login, mail, letter.to)
    except Exception as error:  # noqa: BLE001 -- smtplib, ssl and socket each have a tree of their own
        raise _explained(error, server) from None
    finally:
        late.cancel()
        wire.close()


def _wire(server: Server, channel: Channel) -> smtplib.SMTP:
    """Not connected yet, so that it can be cut from the first byte on."""
    trust = _trust(channel)
    wire = smtplib.SMTP_SSL(timeout=TIMEOUT_S, context=trust) if server.scheme == "smtps" else smtplib.SMTP(timeout=TIMEOUT_S)
    wire._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001 -- the name that its certificate must have
    return wire


def _trust(channel: Channel) -> ssl.SSLContext:
    try:
        trust = ssl.create_default_context(cadata=channel.options.get(AUTHORITY) or None)
    except (ssl.SSLError, ValueError):
        raise SettingsError(tr("The authority of {name} is no PEM certificate.", name=channel.name)) from None
    trust.minimum_version = ssl.TLSVersion.TLSv1_2
    return trust


def _submit(wire: smtplib.SMTP, server: Server, channel: Channel, login: Login, mail: EmailMessage, to: str) -> None:
    wire.connect(server.host, server.port)
    wire.ehlo()
    if server.scheme == "smtp" and wire.has_extn("starttls"):
        wire.starttls(context=_trust(channel))
    elif server.scheme == "smtp" and not (_is_here(server.host) or channel.options.get(PLAIN) == "yes"):
        raise SettingsError(
            tr("The mail server {host} offers no TLS: nothing is sent there in the clear.", host=server.host),
            way_out=tr("Use smtps://, or allow it with the option plain=yes."),
        )
    if login.secret is not None:
        wire.login(login.username, login.reveal())
    wire.send_message(mail, from_addr=mail["From"].addresses[0].addr_spec, to_addrs=[to])
    with contextlib.suppress(smtplib.SMTPException, OSError):
        wire.quit()  # it was taken already


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _cut(wire: smtplib.SMTP) -> None:
    """Whoever drips bytes for ever is left."""
    if wire.sock is not None:
        with contextlib.suppress(OSError):
            wire.sock.shutdown(socket.SHUT_RDWR)


def _explained(error: Exception, server: Server) -> YunwangError:
    where = f"{server.host}:{server.port}"
    match error:
        case YunwangError():
            return error
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError():
            return ForbiddenError(
                tr("The mail server {where} refuses the login ({code}).", where=where, code=getattr(error, "smtp_code", "-")),
                way_out=tr("Check user and password; some servers want an authorisation code of their own."),
            )
        case smtplib.SMTPRecipientsRefused():
            code = next((code for code, _ in error.recipients.values()), 0)
            return InvalidInputError(tr("The mail server {where} refuses the recipient ({code}).", where=where, code=code),
                                     way_out=tr("Check the address."))
        case smtplib.SMTPSenderRefused():
            return InvalidInputError(tr("The mail server {where} refuses the sender ({code}).", where=where, code=error.smtp_code),
                                     way_out=tr("Name the login's own address with the option sender."))
        case ssl.SSLCertVerificationError():
            return certificates.refused(error, where)
        case ssl.SSLError():
            return UnavailableError(
                tr("{url} speaks no TLS that is safe enough.", url=where),
                way_out=tr("Check address and port; TLS 1.2 or newer is spoken."),
            )
        case smtplib.SMTPResponseException():
            return ProtocolError(tr("The mail server {where} answered {code}.", where=where, code=error.smtp_code))
        case socket.gaierror():
            return NoAnswerError(
                tr("The name {host} is not known here.", host=server.host),
                way_out=tr("Check the name, or the name servers of this machine."),
            )
        case OSError() | smtplib.SMTPException():
            return NoAnswerError(tr("The mail server {where} does not answer.", where=where),
                                 way_out=tr("Check the address and the firewall between."))
    return ProtocolError(tr("The mail server {where} could not be used ({kind}).", where=where, kind=type(error).__name__))
