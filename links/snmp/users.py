"""v3 users as gufo-snmp takes them. A password is stretched to its master key once a process: 1.6 ms that a session then saves."""

from functools import lru_cache
from typing import Any

from gufo.snmp import user as gufo

from core.errors import InvalidInputError
from core.i18n import tr
from core.polling import SnmpSecret

AUTH = {
    "MD5": gufo.Md5Key,
    "SHA1": gufo.Sha1Key,
    "SHA224": gufo.Sha224Key,
    "SHA256": gufo.Sha256Key,
    "SHA384": gufo.Sha384Key,
    "SHA512": gufo.Sha512Key,
}
PRIV = {"DES": gufo.DesKey, "AES128": gufo.Aes128Key, "AES192": gufo.Aes192Key, "AES256": gufo.Aes256Key}
_SHORTEST = 8
"""RFC 3414 11.2: passwords of at least eight characters."""


def user_of(secret: SnmpSecret) -> gufo.User:
    """gufo's user, with master keys. Raises `InvalidInputError` for a credential that SNMP v3 does not allow."""
    if secret.priv and not secret.auth:
        raise InvalidInputError(tr("A v3 user with privacy needs authentication."), way_out=tr("Name its authentication protocol."))
    for protocol, key in ((secret.auth, secret.auth_key), (secret.priv, secret.priv_key)):
        if protocol and len(key.encode()) < _SHORTEST:
            raise InvalidInputError(tr("A v3 password has fewer than 8 characters."), way_out=tr("Give the user a longer one."))
    auth: Any = None
    priv: Any = None
    if secret.auth:
        auth = AUTH[secret.auth](master_key(secret.auth, secret.auth_key), key_type=gufo.KeyType.Master)
    if secret.priv:
        priv = PRIV[secret.priv](master_key(secret.auth, secret.priv_key), key_type=gufo.KeyType.Master)
    return gufo.User(secret.username, auth_key=auth, priv_key=priv)


@lru_cache(maxsize=1024)
def master_key(auth: str, password: str) -> bytes:
    """The password stretched by the hash of the authentication protocol (RFC 3414 A.2); held in memory only."""
    return bytes(AUTH[auth].get_master_key(password.encode()))
