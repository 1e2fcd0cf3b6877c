"""Whose SNMPv3 messages are believed: the users of the credentials of all devices; and the engine that they know us by."""

import asyncio
import contextlib
import json
import logging
import os
import time
from pathlib import Path

import msgspec

from agents.senses.secrets import resolve
from core.errors import YunwangError
from core.locators import held_by_hub
from core.messages import Secrets, SecretsWanted
from core.objects import CredentialRef
from core.polling import SnmpSecret
from core.ports import Bus
from core.secret import Secret
from links.traps3 import Engine

EVERY_S = 60.0
ASK_S = 45.0
ENTERPRISE = 0
"""None is ours (0 is reserved): the octets behind it, random ones of format 5 (RFC 3411, 5), are what tells engines apart."""
MAX_BOOTS = 0x7FFF_FFFE

log = logging.getLogger(__name__)


def own_engine(path: Path) -> Engine:
    """Ours, the same after every start, with boots grown by one (RFC 3414, 2.2.2). A file that makes no sense: a new engine."""
    engine_id, boots = _kept(path)
    boots = min(boots + 1, MAX_BOOTS)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"engine_id": engine_id.hex(), "boots": boots}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        log.warning("%s: %s", path, error.strerror)
        with contextlib.suppress(OSError):
            draft.unlink()
    return Engine(engine_id, boots, time.monotonic())


def _kept(path: Path) -> tuple[bytes, int]:
    try:
        tree = json.loads(path.read_bytes()[:4096])
        engine_id, boots = bytes.fromhex(tree["engine_id"]), int(tree["boots"])
        if 5 <= len(engine_id) <= 32 and 0 <= boots <= MAX_BOOTS:
            return engine_id, boots
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return (0x8000_0000 | ENTERPRISE).to_bytes(4, "big") + b"\x05" + os.urandom(12), 0


async def keep_users(bus: Bus, engine: Engine) -> None:
    """Asks the hub for ever, and again soon after it was not there."""
    known: tuple[CredentialRef, ...] = ()
    while True:
        with contextlib.suppress(YunwangError, msgspec.DecodeError):
            credentials = msgspec.msgpack.decode(await bus.request("hub.ears.users", b"", ASK_S), type=tuple[CredentialRef, ...])
            if credentials != known:
                engine.trust(await secrets_of(bus, credentials))
                known = credentials
        await asyncio.sleep(EVERY_S if known else EVERY_S / 6)


async def secrets_of(bus: Bus, credentials: tuple[CredentialRef, ...]) -> list[SnmpSecret]:
    """Their secrets, in memory alone. One that cannot be had is left out, and said in our log."""
    names = tuple(sorted(one.name for one in credentials if held_by_hub(one.locator)))
    given: dict[str, Secret | str] = {}
    if names:
        answer = msgspec.msgpack.decode(
            await bus.request("hub.secrets", msgspec.msgpack.encode(SecretsWanted(names=names)), ASK_S), type=Secrets,
        )
        given = {**answer.problems, **{name: Secret(value) for name, value in answer.values.items()}}
    found = []
    for credential in credentials:
        try:
            found.append(resolve(credential, given))
        except YunwangError as error:
            log.warning("%s: %s", credential.name, error)
    return found
