"""LibreNMS, Zabbix and Oxidized: what they know of devices is read; what answers badly is refused, and no secret goes elsewhere."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agents import sync_files, sync_reading
from agents.sync_telling import Telling
from core.errors import ForbiddenError, InvalidInputError, NoAnswerError, NotFoundError, ProtocolError, SettingsError, YunwangError
from core.objects import Device
from core.sources import SourceConfig, SourceGiven
from inventory.sources import oxidized
from lab import peers
from links import bounded
from links.librenms import LibreNms
from links.zabbix import Zabbix

TOKEN = "a-token-of-the-lab"
DEVICES = [
    Device(id="", name="LD-PE-01", address="10.1.0.1", site="莲都机房", role="PE", platform="huawei_vrp", serial="S1", model="NE40E"),
    Device(id="", name="LD-FW-01", address="10.1.0.2", site="莲都机房", role="firewall", platform="h3c_comware", serial="S2", model="F50"),
    Device(id="", name="QT-AC-01", address="fd00::3", site="青田机房", role="access", platform="cisco_ios", serial="S3", model="C9300"),
]


def given(kind: Any, url: str = "", secret: str = TOKEN, content: bytes = b"", **options: str) -> SourceGiven:
    return SourceGiven(
        config=SourceConfig(id="", name="x", kind=kind, url=url, options=options), secret=secret, content=content, filename="file",
    )


def told(read: Callable[[Telling], None]) -> tuple[dict[str, list[Any]], Any]:
    found: dict[str, list[Any]] = {}
    telling = Telling(lambda *_: None, lambda kind, records: found.setdefault(kind, []).extend(records), {})
    read(telling)
    return found, telling.told()


@pytest.fixture(params=["librenms", "zabbix", "zabbix 6.0", "oxidized"])
def peer(request: Any) -> Iterator[SourceGiven]:
    kind, _, version = request.param.partition(" ")
    apps: dict[str, Any] = {
        "librenms": peers.librenms(DEVICES, TOKEN), "zabbix": peers.zabbix(DEVICES, TOKEN, version or "7.0.4"),
        "oxidized": peers.oxidized(DEVICES),
    }
    with peers.serve(apps[kind]) as served:
        yield given(kind, served.url, site="备用机房")


def test_devices_are_read(peer: SourceGiven) -> None:
    found, rest = told(lambda telling: sync_reading.read(peer, "", telling))
    devices = {one.name: one for one in found["device"]}
    assert {(one.name, one.address, one.platform) for one in devices.values()} == {(one.name, one.address, one.platform) for one in DEVICES}
    assert devices["LD-FW-01"].role == "firewall"
    assert rest.whole == ("device",)
    if peer.config.kind != "oxidized":
        assert {(one.name, one.serial, one.model, one.site) for one in devices.values()} == {
            (one.name, one.serial, one.model, one.site) for one in DEVICES
        }
        assert {(one.name, one.level) for one in found["site"]} == {("莲都机房", "city"), ("青田机房", "city")}
    else:
        assert {one.site for one in devices.values()} == {"备用机房"}


def test_it_can_be_tried(peer: SourceGiven) -> None:
    assert sync_reading.look(peer, "")
    if peer.config.kind != "oxidized":
        with pytest.raises(ForbiddenError, match="does not let this"):
            sync_reading.look(peer.replace(secret="wrong"), "")


def test_a_group_that_is_not_there_is_said() -> None:
    with peers.serve(peers.zabbix(DEVICES, TOKEN)) as served:
        assert told(lambda telling: sync_reading.read(given("zabbix", served.url, group="Network"), "", telling))[0]["device"]
        with pytest.raises(InvalidInputError, match="has no host group"):
            sync_reading.look(given("zabbix", served.url, group="nowhere"), "")


# ---- answers that are none


def _page(handler: Any, answering: Any) -> None:
    answering(handler, 200, "<html><title>Login</title></html>", content_type="text/html")


def _endless(handler: Any, _answering: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    piece = b" " * 65_536
    while True:
        handler.wfile.write(piece)


def _drip(handler: Any, _answering: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def _deep(handler: Any, answering: Any) -> None:
    answering(handler, 200, b"[" * 200_000)


def _bomb(handler: Any, answering: Any) -> None:
    import gzip

    answering(handler, 200, gzip.compress(b" " * (40 << 20)), content_encoding="gzip")


BAD: dict[str, tuple[Callable[[Any, Any], None], type[YunwangError], str]] = {
    "html": (_page, ProtocolError, "something else than JSON"),
    "endless": (_endless, ProtocolError, "more than 1 MiB"),
    "drip": (_drip, NoAnswerError, "too slowly"),
    "deep": (_deep, ProtocolError, "something else than JSON"),
    "bomb": (_bomb, ProtocolError, "more than 1 MiB"),
    "list": (lambda handler, answering: answering(handler, 200, [1, 2]), ProtocolError, "answer"),
    "number": (lambda handler, answering: answering(handler, 200, 7), ProtocolError, "answer"),
    "null": (lambda handler, answering: answering(handler, 200, None), ProtocolError, "answer"),
    "404": (lambda handler, answering: answering(handler, 404, {}), NotFoundError, "has no /api"),
    "500": (lambda handler, answering: answering(handler, 500, TOKEN), ProtocolError, "status 500"),
    "shut": (lambda handler, _: handler.connection.close(), NoAnswerError, "does not answer"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("kind", [LibreNms, Zabbix])
def test_what_is_no_answer_is_said_in_one_sentence(double: Any, answering: Any, kind: Any, bad: str) -> None:
    behave, error, sentence = BAD[bad]
    server = double(lambda handler, _: behave(handler, answering))
    source = kind(bounded.Site(server.url, timeout_s=2.0, slowest_s=0.5, most_bytes=1 << 20), TOKEN)

    def ask() -> None:
        source.version()
        source.devices() if kind is LibreNms else list(source.hosts())

    with pytest.raises(error, match=sentence) as raised:
        ask()
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("kind", ["librenms", "zabbix", "netbox", "oxidized"])
def test_who_sends_us_elsewhere_is_not_followed(double: Any, answering: Any, kind: str) -> None:
    elsewhere = double(lambda handler, _: answering(handler, 200, {}))
    server = double(lambda handler, _: answering(handler, 302, b"", location=elsewhere.url + "/api/v0/devices"))
    with pytest.raises(ProtocolError, match="not followed"):
        told(lambda telling: sync_reading.read(given(kind, server.url), "", telling))
    assert elsewhere.heard == []


def test_a_cloud_that_sends_us_elsewhere_is_not_followed(double: Any, answering: Any) -> None:
    """The password goes nowhere else."""
    elsewhere = double(lambda handler, _: answering(handler, 200, {}))
    server = double(lambda handler, _: answering(handler, 307, b"", location=elsewhere.url + "/v3/auth/tokens"))
    with pytest.raises(YunwangError):
        told(lambda telling: sync_reading.read(given("openstack", server.url + "/v3").replace(username="me"), "", telling))
    assert server.heard
    assert elsewhere.heard == []


@pytest.mark.parametrize("bad", ["html", "endless", "deep", "bomb", "list", "number", "null", "500"])
def test_a_cloud_that_answers_nonsense_is_said_in_one_sentence(double: Any, answering: Any, bad: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(bounded.Site, "__new__", _small_site)
    server = double(lambda handler, _: BAD[bad][0](handler, answering))
    with pytest.raises(YunwangError) as raised:
        told(lambda telling: sync_reading.read(given("openstack", server.url + "/v3").replace(username="me"), "", telling))
    assert TOKEN not in str(raised.value)


_site = bounded.Site.__new__


def _small_site(kind: Any, url: str, authority: str = "", *_: Any) -> bounded.Site:
    return _site(kind, url, authority, 2.0, 2.0, 1 << 20)


def test_odd_devices_are_passed_over(double: Any, answering: Any) -> None:
    """One that is none, one without a name, one without an address, one whose name is a trap for terminals."""
    rows = [7, None, {}, {"hostname": []}, {"hostname": "no-address"}, {"hostname": "10.0.0.9", "sysName": "a\x1b[31m\u202eb" + "c" * 999}]
    server = double(lambda handler, _: answering(handler, 200, {"status": "ok", "devices": rows}))
    found, rest = told(lambda telling: sync_reading.read(given("librenms", server.url), "", telling))
    (device,) = found["device"]
    assert device.name.startswith("a[31mbccc")
    assert len(device.name) <= 255
    assert [one.name for one in rest.unplaced] == ["no-address"]


@pytest.mark.parametrize("url", ["ftp://x", "https://", "https://user:pass@host", "nonsense", "http://[::1", "https://host:99999"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="no address of a server"):
        bounded.origin(url)


# ---- files


ROUTER_DB = """\
# name:ip:model:group
LD-PE-01:10.1.0.1:vrp:PE
QT-AC-01:[fd00::3]:ios:access:admin:a-password-that-nobody-wants
old-one::ios:access
10.1.0.7::comware:
"""


def test_a_router_db_is_read_and_its_passwords_are_not() -> None:
    found, rest = told(lambda telling: sync_files.read_file(given("oxidized", content=ROUTER_DB.encode()), telling))
    assert [(one.name, one.address, one.platform, one.role) for one in found["device"]] == [
        ("LD-PE-01", "10.1.0.1", "huawei_vrp", "PE"), ("QT-AC-01", "fd00::3", "cisco_ios", "access"),
        ("10.1.0.7", "10.1.0.7", "h3c_comware", "other"),
    ]
    assert [one.name for one in rest.unplaced] == ["old-one"]
    assert "password" not in repr(found)


def test_columns_are_what_people_say() -> None:
    rows = list(oxidized.rows("secret:vrp:10.0.0.1:a", "password:model:ip:name"))
    assert rows == [{"model": "vrp", "ip": "10.0.0.1", "name": "a"}]


@pytest.mark.parametrize(("kind", "content"), [
    ("librenms", "Hostname,sysName,IP,OS,Serial,Hardware,Location\n10.1.0.1,LD-PE-01,10.1.0.1,vrp,S1,NE40E,莲都机房\n"),
    ("librenms", "主机名;地址;系统;序列号;型号;位置\nLD-PE-01;10.1.0.1;vrp;S1;NE40E;莲都机房\n"),
    ("zabbix", "\ufeffHost,Interface,OS,Serial,Hardware,Location\nLD-PE-01,10.1.0.1:161,vrp,S1,NE40E,莲都机房\n"),
])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_csv_is_read_by_its_headings(kind: str, content: str, encoding: str) -> None:
    if encoding == "gb18030":
        content = content.removeprefix("\ufeff")
    found, _ = told(lambda telling: sync_files.read_file(given(kind, content=content.encode(encoding)), telling))
    (device,) = found["device"]
    assert (device.name, device.address, device.platform, device.serial, device.model, device.site) == (
        "LD-PE-01", "10.1.0.1", "huawei_vrp", "S1", "NE40E", "莲都机房",
    )


@pytest.mark.parametrize("content", [b"\0\1\2", b"\xff\xfe\xfa", b"a,b\n1,2\n", b"hostname,ip\n", b"", b"x" * 200_000])
def test_what_is_no_such_file_is_said(content: bytes) -> None:
    with pytest.raises(InvalidInputError):
        told(lambda telling: sync_files.read_file(given("librenms", content=content), telling))
