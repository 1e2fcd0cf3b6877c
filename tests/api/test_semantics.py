"""What every route has in common: ids, tags, keys, types, errors; asked by hand over the socket."""

import asyncio
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.supervisor import read_status
from core.errors import ChangedError, InvalidInputError
from core.objects import Site

DAY_MS = 86_400_000


def maintenance(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "maintenance", "ends_at": time.time_ns() // 1_000_000 + DAY_MS, "reason": "test", **more}


def trail(node: Any, **params: Any) -> list[dict[str, Any]]:
    with node.http("auditor") as http:
        return http.get("/api/v1/audit", params={"limit": 200, **params}).json()["items"]


def test_an_id_goes_in_comes_back_and_stands_in_the_trail(node: Any) -> None:
    with node.http("operator") as http:
        answer = http.post("/api/v1/windows", json=maintenance("with-id"), headers={"x-request-id": "my.request-1"})
        assert answer.status_code == 201, answer.text
        assert answer.headers["x-request-id"] == "my.request-1"
        own = http.get("/api/v1/overview").headers["x-request-id"]
        hostile = http.get("/api/v1/overview", headers={"x-request-id": 'a"b <script>' + "x" * 100}).headers["x-request-id"]
    assert own
    assert hostile.isalnum()
    assert hostile != own
    rows = trail(node, request="my.request-1")
    assert [(row["actor"], row["action"]) for row in rows] == [("operator", "window.add")]


def test_what_is_known_already_is_not_sent_again(node: Any) -> None:
    with node.http("viewer") as http:
        for path in ("/api/v1/overview", "/api/v1/views/devices", "/api/v1/records/device", "/api/v1/devices/LD-ACC", "/api/v1/alerts"):
            first = http.get(path)
            again = http.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
            assert (first.status_code, again.status_code, again.content) == (200, 304, b""), path
            assert again.headers["etag"] == first.headers["etag"]
            assert http.get(path, headers={"if-none-match": '"other"'}).status_code == 200
            assert "no-cache" in first.headers["cache-control"]
    with node.http("contact") as http:
        assert http.get("/api/v1/views/devices").headers["etag"] != first.headers["etag"]


def test_a_repeated_write_is_told_the_first_answer_and_does_nothing(node: Any) -> None:
    with node.http("operator") as http:
        body, key = maintenance("once"), {"idempotency-key": "k-once"}
        first = http.post("/api/v1/windows", json=body, headers=key)
        again = http.post("/api/v1/windows", json=body, headers=key)
        assert (first.status_code, again.status_code) == (201, 201), again.text
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        other = http.post("/api/v1/windows", json=maintenance("another"), headers=key)
        assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
        elsewhere = http.post("/api/v1/windows/once/end", headers=key)
        assert elsewhere.status_code == 409
        assert http.post("/api/v1/windows", json=body, headers={"idempotency-key": "x" * 200}).status_code == 400
    with node.http("administrator") as http:
        mine = http.post("/api/v1/windows", json=maintenance("hers"), headers=key)
        assert mine.status_code == 201, "another account's key is another key"
    assert len([row for row in trail(node, action="window.add") if row["after"].get("name") == "once"]) == 1


def test_many_at_once_with_one_key_do_it_once(node: Any) -> None:
    def ask(_number: int) -> int:
        with node.http("operator") as http:
            return http.post("/api/v1/windows", json=body, headers={"idempotency-key": "k-race"}).status_code

    body = maintenance("race")
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(ask, range(24)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len([row for row in trail(node, action="window.add") if row["after"].get("name") == "race"]) == 1


def test_a_refused_write_leaves_its_key_free(node: Any) -> None:
    key = {"idempotency-key": "k-refused"}
    with node.http("viewer") as http:
        assert http.post("/api/v1/windows", json=maintenance("no"), headers=key).status_code == 403
    with node.http("operator") as http:
        bad = http.post("/api/v1/windows", json=maintenance("no", ends_at=1), headers=key)
        assert bad.status_code == 400
        assert http.post("/api/v1/windows", json=maintenance("yes"), headers=key).status_code == 201


def test_a_secret_that_is_shown_once_is_not_kept_for_repetitions(node: Any) -> None:
    key, wish = {"idempotency-key": "k-token"}, {"name": "program", "days": 1}
    with node.http("viewer") as http:
        first = http.post("/api/v1/tokens", json=wish, headers=key)
        assert first.status_code < 300, first.text
        secret = next(value for value in first.json().values() if isinstance(value, str) and value.startswith("ywt_"))
        again = http.post("/api/v1/tokens", json=wish, headers=key)
        assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
        assert len([one for one in http.get("/api/v1/tokens").json() if one["name"] == "program"]) == 1
    data = Path(node.settings.general.data_dir)
    assert not [file for file in data.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


def test_statuses_say_what_is_wrong(node: Any) -> None:
    with node.http("operator") as http, node.http() as nobody:
        json_type = {"content-type": "application/json"}
        seen = {
            401: nobody.get("/api/v1/overview"),
            403: http.get("/api/v1/accounts"),
            404: http.get("/api/v1/devices/nobody"),
            405: http.delete("/api/v1/overview"),
            413: http.post("/api/v1/windows", content=b" " * (1024 * 1024 + 1), headers=json_type),
            415: http.post("/api/v1/windows", content=b"a=b", headers={"content-type": "application/x-www-form-urlencoded"}),
            400: http.post("/api/v1/windows", content=b'{"name": ', headers=json_type),
        }
        for status, answer in seen.items():
            assert answer.status_code == status, answer.text
            error = answer.json()["error"]
            assert error["code"]
            assert error["message"].endswith((".", ":", "。")) or "may not" in error["message"], error
            assert "Traceback" not in answer.text
            assert answer.headers["x-request-id"]
        assert seen[401].headers["www-authenticate"] == "Bearer"
        assert "GET" in seen[405].headers["allow"]
        for body in (b"[]", b"null", b"1e999", b'{"name": 1}', b"\xff\xfe", b"[" * 100_000, b'{"name":"a","name":"b"}'):
            answer = http.post("/api/v1/windows", content=body, headers=json_type)
            assert answer.status_code == 400, (body[:20], answer.text)


def test_lists_continue_by_cursor_whatever_comes_and_goes(node: Any) -> None:
    with node.http("administrator") as http:
        rows = "".join(f"P-{number:02d},county,Liandu\n" for number in range(20))
        assert http.post("/api/v1/imports", params={"filename": "sites.csv"}, content=f"name,level,county\n{rows}").status_code == 200
        params: dict[str, Any] = {"limit": 6, "where.county": "Liandu"}
        seen = []
        while True:
            page = http.get("/api/v1/records/site", params=params).json()
            seen += [item["name"] for item in page["items"]]
            if len(seen) == 6:  # somebody adds one before and one behind the place
                more = "name,level,county\nA-00,county,Liandu\nZ-00,county,Liandu\n"
                assert http.post("/api/v1/imports", params={"filename": "sites.csv"}, content=more).status_code == 200
            if not page.get("cursor"):
                break
            params["cursor"] = page["cursor"]
    assert seen == [f"P-{number:02d}" for number in range(20)] + ["Z-00"]


async def test_nobodys_change_of_a_record_is_lost(node: Any) -> None:
    async with node.client("administrator") as one, node.client("administrator") as other:
        device, tag = await one.tagged("device", "LD-ACC")
        done = await one.put_record("device", device.replace(note="first"), tag=tag, key="put-1")
        assert (done.note, done.id) == ("first", device.id)
        with pytest.raises(ChangedError):
            await other.put_record("device", device.replace(note="second"), tag=tag)
        assert await one.put_record("device", device.replace(note="first"), tag=tag, key="put-1") == done, "a repetition is no loss"
        assert (await one.tagged("device", "LD-ACC"))[0].note == "first"
        with pytest.raises(InvalidInputError) as wrong:
            await one.put_record("device", device.replace(site="nowhere"))
        assert "nowhere" in wrong.value.message
        made = await one.put_record("site", Site(id="", name="PUT-1", level="city"))
        assert made.id
        with pytest.raises(ChangedError):
            await one.put_record("site", Site(id="", name="PUT-2", level="city"), tag="*")
    with node.http("administrator") as http:
        for body in (b"[]", b'{"id":"x"}', b'{"level":"galactic"}', b"{", b'{"level":"city","colour":1}'):
            assert http.put("/api/v1/records/site/PUT-1", content=body).status_code == 400, body
        assert http.put("/api/v1/records/gods/x", content=b"{}").status_code == 400
        assert http.put("/api/v1/records/account/x", content=b"{}").status_code == 400
    with node.http("operator") as http:
        assert http.put("/api/v1/records/site/PUT-1", content=b'{"level":"city"}').status_code == 403


async def test_of_many_who_change_the_same_one_wins_each_round(node: Any) -> None:
    async with node.client("administrator") as http:
        site, tag = await http.tagged("site", "LD-1")

        async def change(number: int) -> bool:
            try:
                await http.put_record("site", site.replace(address=f"street {number}"), tag=tag)
            except ChangedError:
                return False
            return True

        assert sum(await asyncio.gather(*(change(number) for number in range(8)))) == 1


def test_nobody_sees_more_than_the_own_units(node: Any) -> None:
    with node.http("contact") as http:
        assert [row["name"] for row in http.get("/api/v1/views/devices").json()["rows"]] == ["LD-DIV"]
        assert http.get("/api/v1/overview").json()["devices"] == 1
        assert [item["name"] for item in http.get("/api/v1/records/device").json()["items"]] == ["LD-DIV"]
        assert {item["name"] for item in http.get("/api/v1/records/unit").json()["items"]} == {"Bureau", "Bureau/Division"}
        for path in ("/api/v1/devices/LD-ACC", "/api/v1/devices/LD-ACC/interfaces", "/api/v1/devices/LD-ACC/facts",
                     "/api/v1/devices/LD-ACC/series", "/api/v1/records/device/LD-ACC", "/api/v1/records/unit/Office",
                     "/api/v1/stream?view=interfaces&device_id=LD-ACC", "/api/v1/views/interfaces?device_id=LD-ACC"):
            assert http.get(path).status_code == 404, path
        assert http.get("/api/v1/devices/LD-DIV").status_code == 200
        assert http.get("/api/v1/export/device").status_code == 403
        assert http.get("/api/v1/stream?view=jobs").status_code == 403


def test_a_key_is_remembered_over_the_death_of_the_hub(run_node: Any) -> None:
    with run_node() as node:
        body, key = maintenance("survivor"), {"idempotency-key": "k-1"}
        with node.http("operator") as http:
            first = http.post("/api/v1/windows", json=body, headers=key)
        assert first.status_code == 201, first.text
        os.kill(next(row.pid for row in read_status(Path(node.settings.general.run_dir)) if row.kind == "hub"), signal.SIGKILL)
        again = _patiently(node, body, key)
        assert (again.status_code, again.json()) == (201, first.json())
        with node.http("auditor") as http:
            assert len(http.get("/api/v1/audit", params={"action": "window.add"}).json()["items"]) == 1


def _patiently(node: Any, body: Any, key: dict[str, str]) -> httpx.Response:
    return _until_answered(lambda: node.http("operator"), lambda http: http.post("/api/v1/windows", json=body, headers=key))


def _until_answered(connect: Any, ask: Any) -> httpx.Response:
    """What a hub that is coming back answers; a hub that is still going may answer, and be gone for the next question."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with connect() as http:
                return ask(http)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


async def test_streams_are_told_to_come_back_when_the_hub_stops(run_node: Any) -> None:
    with run_node() as node:
        reader, writer = await asyncio.open_unix_connection(node.socket)
        who = f"authorization: Bearer {node.bearers['viewer']}\r\n"
        writer.write(f"GET /api/v1/stream?view=devices HTTP/1.1\r\nhost: h\r\n{who}\r\n".encode())
        await reader.readuntil(b"event:snapshot")
        os.kill(next(row.pid for row in read_status(Path(node.settings.general.run_dir)) if row.kind == "hub"), signal.SIGTERM)
        rest = await asyncio.wait_for(reader.read(), 60)
        writer.close()
    word = json.loads(rest.partition(b"event:end\ndata:")[2].partition(b"\n")[0])
    assert word["error"]["code"] == "unavailable"


@pytest.mark.parametrize("head", [
    "GET /api/v1/overview HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
    "POST /api/v1/windows HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
    "GET /api/v1/%00%ff HTTP/1.1\r\nhost: h\r\n\r\n", "GET //api//v1//overview HTTP/1.1\r\nhost: h\r\n\r\n",
    "GET /api/v1/../../etc/passwd HTTP/1.1\r\nhost: h\r\n\r\n", "GET http://[::1 HTTP/1.1\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\n\r\n",
    "GET /api/v1/overview HTTP/1.1\r\nhost: h\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /api/v1/overview HTTP/1.1\r\nauthorization: Bearer " + "x" * 5000 + "\r\n\r\n",
])
async def test_no_request_however_twisted_ends_in_a_fault(node: Any, head: str) -> None:
    reader, writer = await asyncio.open_unix_connection(node.socket)
    writer.write(head.encode("latin-1"))
    writer.write_eof()
    status = await asyncio.wait_for(reader.readline(), 60)
    assert not status or 400 <= int(status.split()[1]) < 500, status
    writer.close()


async def test_what_is_being_answered_when_the_hub_stops_is_answered(run_node: Any) -> None:
    """Writes that are on their way get their answer, and whatever was acknowledged is there after the next start."""
    with run_node() as node:
        async def write(number: int) -> str:
            transport = httpx.AsyncHTTPTransport(uds=node.socket, verify=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://hub", timeout=60) as http:
                who = {"authorization": f"Bearer {node.bearers['operator']}"}
                try:
                    answer = await http.post("/api/v1/windows", json=maintenance(f"late-{number}"), headers=who)
                except httpx.TransportError:
                    return ""  # came too late: nobody acknowledged it
                return f"late-{number}" if answer.status_code == 201 else ""

        writing = [asyncio.create_task(write(number)) for number in range(60)]
        await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
        os.kill(next(row.pid for row in read_status(Path(node.settings.general.run_dir)) if row.kind == "hub"), signal.SIGTERM)
        acknowledged = {name for name in await asyncio.gather(*writing) if name}
        assert acknowledged
        assert _patiently(node, maintenance("after"), {}).status_code == 201
        wanted = {"action": "window.add", "limit": 500}
        rows = _until_answered(lambda: node.http("auditor"), lambda http: http.get("/api/v1/audit", params=wanted)).json()["items"]
        assert acknowledged <= {row["after"]["name"] for row in rows}
