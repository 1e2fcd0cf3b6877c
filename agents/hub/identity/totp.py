"""Time-based one-time codes (RFC 6238: SHA-1, 30 seconds, 6 digits, as every generator knows them). `pyotp` is loaded at the first use."""

import hmac

from core.identity import Enrolment

STEP_MS = 30_000
SLACK = 1
"""Steps that a clock may be off, either way."""
ISSUER = "Yunwang"


def new(name: str) -> Enrolment:
    """A new generator of 160 bits for the account `name`."""
    import pyotp

    secret = pyotp.random_base32()
    return Enrolment(secret=secret, uri=pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def accepted(secret: str, code: str, now_ms: int, last: int) -> int:
    """The time step whose code this is; 0: none that may be used. last: the step of the last accepted code, which never comes again."""
    import pyotp

    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return 0
    now, generator = now_ms // STEP_MS, pyotp.TOTP(secret)
    for step in range(now - SLACK, now + SLACK + 1):
        if hmac.compare_digest(generator.generate_otp(step), digits):
            return step if step > last else 0
    return 0
