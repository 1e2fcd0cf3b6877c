"""Against a real net-snmp agent: every value equals what `snmpget` prints, in every version and over both families."""

import asyncio
import stat

import pytest

from core.errors import ForbiddenError, NoAnswerError
from core.polling import Kind, PollPlan, PollStatus, SnmpSecret, TablePlan
from core.sections import Polling
from links.snmp.engine import Engine
from links.snmp.session import open_session
from links.snmp.session3 import SecureSession, dotted
from links.snmp.usm import probe

pytestmark = pytest.mark.real
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
IF, IFX = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
PUBLIC = SnmpSecret(community="public")
USERS = {
    "SHA-256/AES-128": SnmpSecret(username="u256", auth="SHA256", auth_key="authpass12345", priv="AES128", priv_key="privpass12345"),
    "SHA-512/AES-256": SnmpSecret(username="u512", auth="SHA512", auth_key="authpass12345", priv="AES256", priv_key="privpass12345"),
    "MD5/DES": SnmpSecret(username="umd5", auth="MD5", auth_key="authpass12345", priv="DES", priv_key="privpass12345"),
}
WAYS = [{"version": "1"}, {"version": "2c"}] + [{"version": "3", "secret": user} for user in USERS.values()]
WAYS += [{**way, "address": "::1"} for way in WAYS]
COLUMNS = ((*IF, 1), (*IF, 3), (*IF, 4), (*IF, 5), (*IF, 7), (*IF, 8), (*IF, 10), (*IF, 16), (*IFX, 6), (*IFX, 10), (*IFX, 15))
COUNTERS = (Kind.COUNTER32, Kind.COUNTER64, Kind.TIMETICKS)


@pytest.fixture(scope="module")
def plan(snmpd):
    async def indexes():
        session = open_session(snmpd.target())
        rows = await session.walk((*IFX, 1))
        await session.close()
        return tuple(b.oid[-1:] for b in rows)

    return PollPlan(scalars=(UPTIME, (1, 3, 6, 1, 2, 1, 2, 1, 0)), tables=(TablePlan(columns=COLUMNS, indexes=asyncio.run(indexes())),))


@pytest.mark.parametrize("way", WAYS, ids=lambda w: f"{w['version']} {w.get('secret', PUBLIC).auth} {w.get('address', '')}")
def test_every_value_equals_what_snmpget_prints(snmpd, plan, way):
    if way["version"] == "1":
        plan = PollPlan(scalars=plan.scalars, tables=(TablePlan(columns=COLUMNS[:8], indexes=plan.tables[0].indexes),))
    engine = Engine(Polling())
    engine.assign([(snmpd.target(**way), plan)])
    names = [dotted(oid) for oid in plan.oids()]
    before = [int(v) for v in snmpd.get(*names)]
    engine.sweep()
    after = [int(v) for v in snmpd.get(*names)]
    assert engine.readings.status[0] == PollStatus.COMPLETE
    raw, kinds = engine.readings.raw.view("int64").tolist(), engine.readings.kind.tolist()
    engine.close()
    for name, value, kind, low, high in zip(names, raw, kinds, before, after, strict=True):
        if kind in COUNTERS:
            assert low <= value <= high, name
        else:
            assert value == low == high, name
    kinds_of_columns = [kinds[2 + n] for n in range(len(plan.tables[0].columns))]
    assert kinds_of_columns == [2, 2, 2, 0x42, 2, 2, 0x41, 0x41, 0x46, 0x46, 0x42][: len(kinds_of_columns)]


@pytest.mark.parametrize("way", WAYS, ids=lambda w: f"{w['version']} {w.get('secret', PUBLIC).auth} {w.get('address', '')}")
async def test_a_session_reads_any_type(snmpd, way):
    session = open_session(snmpd.target(**way))
    descr, object_id, missing, uptime = await session.get(
        [(1, 3, 6, 1, 2, 1, 1, 1, 0), (1, 3, 6, 1, 2, 1, 1, 2, 0), (1, 3, 6, 1, 2, 1, 1, 99, 0), UPTIME]
    )
    rows = await session.table([(*IF, 2), (*IF, 6), (*IF, 8), (*IF, 99)])
    walked = await session.walk((1, 3, 6, 1, 2, 1, 4, 20, 1, 1))
    await session.close()
    assert descr.value.decode() == snmpd.get("1.3.6.1.2.1.1.1.0")[0].strip('"')
    assert "." + dotted(object_id.value) == snmpd.get("1.3.6.1.2.1.1.2.0")[0]
    assert missing.value is None
    assert missing.kind in (Kind.NO_SUCH_INSTANCE, Kind.NO_SUCH_OBJECT)
    assert (uptime.kind, uptime.value > 0) == (Kind.TIMETICKS, True)
    names = [cells[0].decode() for cells in rows.rows.values()]
    assert names == [v.strip('"') for v in snmpd.get(*(dotted((*IF, 2, *index)) for index in rows.rows))]
    assert all(cells[3] is None for cells in rows.rows.values())
    assert rows.problem == ""
    assert b"\x7f\x00\x00\x01" in [b.value for b in walked]


@pytest.mark.parametrize(
    ("change", "report"),
    [
        ({"auth_key": "wrongwrong"}, "usmStatsWrongDigests"),
        ({"priv_key": "wrongwrong"}, "usmStatsDecryptionErrors"),
        ({"username": "nobody"}, "usmStatsUnknownUserNames"),
    ],
)
def test_a_wrong_credential_is_refused_by_name_and_not_hammered(snmpd, plan, change, report):
    target = snmpd.target(version="3", secret=USERS["SHA-256/AES-128"].replace(**change), timeout_s=0.3)
    engine = Engine(Polling())
    engine.assign([(target, plan)])
    for _ in range(2):
        engine.sweep()
        assert engine.readings.status[0] == PollStatus.REFUSED
    seen = engine.counters()
    engine.close()
    assert seen.usm_reports[report] == 2
    assert seen.requests <= 4

    async def ask():
        await open_session(target).get([UPTIME])

    with pytest.raises(ForbiddenError, match=report):
        asyncio.run(ask())


async def test_nobody_there_is_no_answer(snmpd):
    for way in ({"version": "2c"}, {"version": "3", "secret": USERS["MD5/DES"]}):
        with pytest.raises(NoAnswerError):
            await open_session(snmpd.target(port=9, timeout_s=0.1, retries=0, **way)).get([UPTIME])
    assert not (await probe(snmpd.target(port=9, timeout_s=0.1, version="3", secret=USERS["MD5/DES"]))).reachable


def test_v3_survives_restarts_of_both_sides(snmpd, plan, tmp_path):
    kept = tmp_path / "state" / "engines.json"
    target = snmpd.target(version="3", secret=USERS["SHA-256/AES-128"], timeout_s=0.5)
    engine = Engine(Polling(), engine_ids=kept)
    engine.assign([(target, plan)])
    engine.sweep()
    engine.close()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    engine = Engine(Polling(), engine_ids=kept)
    engine.assign([(target, plan)])
    engine.sweep()
    assert engine.readings.status[0] == PollStatus.COMPLETE
    snmpd.stop()
    engine.sweep()
    assert engine.readings.status[0] == PollStatus.NO_ANSWER
    snmpd.start()
    engine.sweep()
    engine.sweep()
    assert engine.readings.status[0] == PollStatus.COMPLETE
    assert sum(engine.counters().usm_reports.values()) == 1
    engine.close()
    kept.write_text('{"real": "8000000000000000aabbcc", "x": 5')
    engine = Engine(Polling(), engine_ids=kept)
    engine.assign([(target, plan)])
    engine.sweep()
    assert engine.readings.status[0] == PollStatus.COMPLETE
    engine.close()


def test_a_slow_v3_device_is_asked_between_two_polls_only_whether_it_answers(snmpd, plan):
    secret = USERS["SHA-256/AES-128"]
    engine = Engine(Polling())
    engine.assign([(snmpd.target(version="3", secret=secret, interval_s=0.1, every=3), plan)])
    seen: list[PollStatus] = []
    try:
        while len(seen) < 5:
            if engine.step(0.5):
                seen.append(PollStatus(int(engine.readings.status[0])))
                assert (engine.readings.kind[engine.readings.span(0)] != Kind.NONE).all(), "what was read stays"
    finally:
        engine.close()
    assert seen == [PollStatus.COMPLETE, PollStatus.ALIVE, PollStatus.ALIVE, PollStatus.COMPLETE, PollStatus.ALIVE]


async def test_what_a_v3_device_has_is_told_as_over_v2c_in_fewer_requests_than_roots(snmpd, monkeypatch):
    roots = [oid[:9] for oid in COLUMNS] + [(1, 3, 6, 1, 2, 1, 47, 1, n, 1) for n in range(1, 5)]
    roots += [(1, 3, 6, 1, 4, 1, 2011, 5, 25, 31, n) for n in range(12)] + [(1, 3, 6, 1, 2, 1, 25, 3, n) for n in range(1, 6)]
    asked: list[tuple[int, ...]] = []
    holds = SecureSession._holds

    async def counted(self, root):
        asked.append(root)
        return await holds(self, root)

    monkeypatch.setattr(SecureSession, "_holds", counted)
    plain, secure = open_session(snmpd.target()), open_session(snmpd.target(version="3", secret=USERS["SHA-256/AES-128"]))
    try:
        told = await secure.holding(roots)
        assert told == await plain.holding(roots)
    finally:
        await plain.close()
        await secure.close()
    assert any(told)
    assert not all(told)
    assert len(asked) < len(set(roots)) - 8
