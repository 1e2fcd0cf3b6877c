"""One try of one credential on one device, and what its answer means."""

import time
from typing import NamedTuple

from agents.hub.custody.apart import Apart
from agents.senses.secrets import shaped
from core.custody import Answer
from core.errors import ForbiddenError, InvalidInputError, NoAnswerError, ProtocolError, SettingsError, UnavailableError
from core.i18n import tr
from core.objects import CredentialRef, SnmpVersion
from core.polling import Target
from core.secret import Secret
from core.width import clean
from links import ssh

SYS_DESCR = (1, 3, 6, 1, 2, 1, 1, 1, 0)
TIMEOUT_S, RETRIES = 2.0, 1
SSH_S = 15.0
MOST_ABOUT = 200
_REPORTS: dict[str, Answer] = {
    "usmStatsUnknownUserNames": "unknown-user", "usmStatsWrongDigests": "wrong-secret", "usmStatsDecryptionErrors": "wrong-secret",
}


class Tried(NamedTuple):
    """What came of it."""

    answer: Answer
    message: str
    way_out: str = ""
    about: str = ""
    took_ms: int = 0
    shown: ssh.Checked | None = None


async def try_snmp(credential: CredentialRef, secret: Secret, address: str, port: int, version: SnmpVersion) -> Tried:
    """Asks for sysDescr. Silence to a community says nothing of why; SNMPv3 tells user and key apart (RFC 3414, 3.2)."""
    try:
        key = shaped(credential, secret.reveal())
    except SettingsError as error:
        return Tried("unusable", error.message, error.way_out)
    target = Target(
        device_id="", address=address, port=port, version=version, secret=key, timeout_s=TIMEOUT_S, retries=RETRIES,
    )
    began = time.monotonic()
    tried = await asked(target)
    return tried._replace(took_ms=round((time.monotonic() - began) * 1000), about=_masked(tried.about, secret))


async def asked(target: Target) -> Tried:
    """What comes of asking this target for sysDescr."""
    from links.snmp.session import open_session

    session = open_session(target)
    try:
        found = await session.get([SYS_DESCR])
    except ForbiddenError as error:
        return await _refused(target, error)
    except NoAnswerError as error:
        return _silent(target, error)
    except (InvalidInputError, SettingsError) as error:
        return Tried("unusable", error.message, error.way_out)
    except UnavailableError as error:
        return Tried("no-answer", error.message, error.way_out)
    except ProtocolError as error:
        return Tried("nonsense", error.message, error.way_out)
    finally:
        await session.close()
    value = found[0].value if found else None
    about = value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
    return Tried("ok", tr("{address} accepts it.", address=target.address), about=clean(about, MOST_ABOUT))


def _silent(target: Target, error: NoAnswerError) -> Tried:
    if target.version == "3":
        return Tried("no-answer", error.message, tr("Nothing of SNMPv3 answers there: check the address and what lies between."))
    return Tried("no-answer", error.message, tr("A wrong community is met with silence, too: check both it and the way there."))


async def _refused(target: Target, error: ForbiddenError) -> Tried:
    """Which of user, authentication and privacy it is."""
    if target.version != "3":
        return Tried("refused", error.message, error.way_out)
    from links.snmp.usm import probe

    report = (await probe(target)).report
    answer = _REPORTS.get(report, "refused")
    words = {
        "usmStatsUnknownUserNames": tr("{address} knows no v3 user {user}.", address=target.address, user=target.secret.username),
        "usmStatsWrongDigests": tr("{address} knows the user, but not this authentication.", address=target.address),
        "usmStatsDecryptionErrors": tr("{address} accepts the authentication, but not the privacy.", address=target.address),
    }
    way_out = tr("Check user name, protocols and both passwords.")
    return Tried(answer, words.get(report, error.message), way_out)


async def try_ssh(
    apart: Apart, credential: CredentialRef, secret: Secret, address: str, port: int, pinned: ssh.Pin | None, *, legacy: bool,
) -> Tried:
    """Logs in and out again."""
    login = ssh.Login(credential.username, secret.reveal())
    began = time.monotonic()
    try:
        shown = await apart(ssh.check, address, port, login, pinned, timeout_s=SSH_S, legacy=legacy)
    except InvalidInputError as error:
        return Tried("unusable", error.message, error.way_out)
    message, way_out = said(shown, credential.username, address, port)
    took = round((time.monotonic() - began) * 1000)
    return Tried(shown.answer, message, way_out, clean(_masked(shown.version, secret), MOST_ABOUT), took, shown)


def said(shown: ssh.Checked, user: str, address: str, port: int) -> tuple[str, str]:
    """What an answer of SSH means, and the way out."""
    reason = clean(shown.reason, MOST_ABOUT)
    sentences: dict[str, tuple[str, str]] = {
        "ok": (tr("{address} accepts it.", address=address), ""),
        "no-answer": (tr("{address} did not answer SSH on port {port}.", address=address, port=port),
                      tr("Check the address and what lies between.")),
        "closed": (tr("Nothing listens on port {port} of {address}.", address=address, port=port),
                   tr("Switch SSH on there, or name its port with --port.")),
        "no-ssh": (tr("{address} and we agree on no SSH: {reason}", address=address, reason=reason or "-"),
                   tr("A device with nothing but broken algorithms needs secrets.ssh_legacy.")),
        "host-key-changed": (tr("The SSH host key of {host} has changed; nothing logs in there.", host=address),
                             tr("The security officer compares it on the device's console: yunwang hostkey list")),
        "wrong-secret": (tr("{address} does not accept the user {user} with this secret.", address=address, user=user),
                         tr("SSH does not say which of both is wrong: check user and password or key.")),
        "refused": (tr("{address} takes no such login; it wants: {reason}", address=address, reason=reason or "-"),
                    tr("Use a credential of that kind.")),
    }
    return sentences[shown.answer]


def _masked(text: str, secret: Secret) -> str:
    """Devices that echo what they were told."""
    for part in secret.reveal().splitlines():
        if len(part) >= 3:
            text = text.replace(part, "***")
    return text

