"""A directory (LDAP, Active Directory) that is asked one thing: whether a name and a password fit. RFC 4511 simple bind over TLS only.

`ldap3` is loaded at the first question. The password is handed to the directory and to nothing else.
"""

import contextlib
import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import SettingsError, UnavailableError
from core.i18n import tr

CONNECT_S, ANSWER_S = 5, 10
NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_WRONG = 49
"""invalidCredentials (RFC 4511, 4.1.9)."""
_UNWILLING = (50, 53)
"""insufficientAccessRights, unwillingToPerform: what directories answer for locked and expired accounts."""


class Directory:
    """One directory. bind: the DN, or the principal name, that a login binds as, with `{name}`."""

    def __init__(self, url: str, bind: str, authority: str = "") -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
            raise SettingsError(tr("accounts.ldap_url is no address of a directory."), way_out=tr("Write ldaps://HOST or ldap://HOST."))
        if bind.count("{name}") != 1 or re.search(r"[{}]", bind.replace("{name}", "")):
            raise SettingsError(
                tr("accounts.ldap_bind needs {field} exactly once.", field="{name}"),
                way_out=tr("For example: {example}", example="uid={name},ou=people,dc=city"),
            )
        if authority and not Path(authority).is_file():
            raise SettingsError(tr("There is no file {file}.", file=authority), way_out=tr("Correct accounts.ldap_authority."))
        self._host, self._implicit = parts.hostname, parts.scheme == "ldaps"
        self._port = parts.port or (636 if self._implicit else 389)
        self._bind, self._authority = bind, authority

    def accepts(self, name: str, secret: str) -> bool:
        """Whether the directory takes the password. Raises `UnavailableError` when it cannot be asked.

        An empty password is refused here: a directory takes it for an anonymous bind that succeeds (RFC 4513, 5.1.2).
        """
        if not secret or "\0" in secret or not NAME.fullmatch(name):
            return False
        from ldap3 import Connection
        from ldap3.core.exceptions import LDAPException

        try:
            connection = Connection(
                self._server(), user=self._bound_as(name), password=secret, authentication="SIMPLE", client_strategy="SYNC",
                read_only=True, auto_referrals=False, receive_timeout=ANSWER_S, raise_exceptions=False,
            )
            try:
                return self._bound(connection)
            finally:
                with contextlib.suppress(LDAPException, OSError):  # what was wrong before is what matters
                    connection.unbind()
        except (LDAPException, OSError, ssl.SSLError) as error:
            raise self._away(_said(error)) from None

    def _server(self) -> Any:
        from ldap3 import NONE, Server, Tls

        context = ssl.create_default_context(cafile=self._authority or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2

        class Verified(Tls):  # type: ignore[misc]
            """TLS as OpenSSL verifies it, name and all, within the time that a connection may take."""

            def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002 -- its signature
                connection.socket.settimeout(CONNECT_S)
                connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)
                connection.socket.settimeout(ANSWER_S)

        tls = Verified(validate=ssl.CERT_REQUIRED)
        return Server(self._host, self._port, use_ssl=self._implicit, tls=tls, get_info=NONE, connect_timeout=CONNECT_S)

    def _bound(self, connection: Any) -> bool:
        """No byte of the password leaves before the channel is encrypted and the certificate was verified."""
        connection.open(read_server_info=False)
        if not self._implicit and not connection.start_tls(read_server_info=False):
            raise self._away(tr("it offers no TLS"))
        if connection.bind(read_server_info=False):
            return True
        code = connection.result.get("result")
        if code == _WRONG or code in _UNWILLING:
            return False
        raise self._away(str(connection.result.get("description", code)))

    def _bound_as(self, name: str) -> str:
        """`name` holds nothing that a DN gives a meaning to; it is escaped all the same (RFC 4514)."""
        from ldap3.utils.dn import escape_rdn

        return self._bind.replace("{name}", name if "=" not in self._bind else escape_rdn(name))

    def _away(self, reason: str) -> UnavailableError:
        return UnavailableError(
            tr("The directory {host} cannot be asked: {reason}.", host=f"{self._host}:{self._port}", reason=reason.rstrip(".")),
            way_out=tr("Local accounts still work; look at accounts.ldap_url, its certificate and the network."),
        )


def _said(error: Exception) -> str:
    """One line, bounded: what a foreign server says is data."""
    return " ".join(str(error).split())[:200] or type(error).__name__
