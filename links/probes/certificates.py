"""What stands in a certificate (X.509, RFC 5280)."""

from typing import NamedTuple

from core.width import clean

MOST_NAMES = 20


class Shown(NamedTuple):
    """until_ms: when it expires. names: whom it is for."""

    until_ms: int
    subject: str
    issuer: str
    names: tuple[str, ...]


def shown(der: bytes) -> Shown | None:
    """None for what is no certificate."""
    from cryptography import x509
    from cryptography.x509.oid import ExtensionOID

    try:
        found = x509.load_der_x509_certificate(der)
        until_ms = int(found.not_valid_after_utc.timestamp() * 1000)
        subject, issuer = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
    except Exception:  # noqa: BLE001 - whatever a foreign certificate does to the library
        return None
    try:
        more = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
        names = tuple(clean(str(getattr(name, "value", "")), 253) for name in list(more)[:MOST_NAMES])  # type: ignore[call-overload]
    except Exception:  # noqa: BLE001 - as above
        names = ()
    return Shown(until_ms, clean(subject, 200), clean(issuer, 200), names)
