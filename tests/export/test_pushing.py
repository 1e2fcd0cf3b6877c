"""Remote write to a real receiver over HTTP: what it missed comes first and in order, within bounds; what it refuses is not repeated."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from agents.hub.export import pushing, remote
from agents.hub.export.pushing import Pushing
from agents.hub.node.metrics import Metric
from core.errors import InvalidInputError, UnavailableError


class Receiver(HTTPServer):
    """Takes bodies, or answers `status` without taking any."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 204
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v1/write"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.server.status < 300:
            self.server.bodies.append(body)
            self.server.headers.append({name.lower(): text for name, text in self.headers.items()})
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def figures(count: int) -> list[Metric]:
    return [Metric("yw_x", "gauge", "x", [("", {"n": str(n)}, float(n)) for n in range(count)])]


def expected(count: int, at_ms: int) -> list[bytes]:
    return list(remote.requests(figures(count), at_ms))


def test_what_was_missed_comes_first_and_in_order(receiver: Receiver) -> None:
    push = Pushing(receiver.url, "")
    assert push.push(figures(3), 1000) == 3
    receiver.status = 503
    for at_ms in (2000, 3000):
        with pytest.raises(UnavailableError):
            push.push(figures(3), at_ms)
    assert push.waiting == 6
    receiver.status = 204
    assert push.push(figures(3), 4000) == 9
    assert receiver.bodies == [body for at_ms in (1000, 2000, 3000, 4000) for body in expected(3, at_ms)]
    assert receiver.headers[0]["content-encoding"] == "snappy"
    assert (push.waiting, push.dropped) == (0, 0)


def test_nobody_listens_and_then_somebody_does(receiver: Receiver) -> None:
    away = Pushing("http://127.0.0.1:9/write", "")
    with pytest.raises(UnavailableError) as told:
        away.push(figures(2), 1000)
    assert "export.remote_write_url" in told.value.way_out
    assert away.waiting == 2


def test_an_hour_is_kept_and_no_more(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.status = 429
    push = Pushing(receiver.url, "")
    for minute in range(90):
        push.keep(figures(2), minute * 60_000)
    assert push.waiting == 2 * 61
    assert push.dropped == 2 * 29
    monkeypatch.setattr(pushing, "MOST_OCTETS", 1)
    push.keep(figures(2), 90 * 60_000)
    assert push.waiting == 0


def test_what_is_refused_for_good_is_not_repeated(receiver: Receiver) -> None:
    receiver.status = 400
    push = Pushing(receiver.url, "")
    with pytest.raises(InvalidInputError):
        push.push(figures(3), 1000)
    assert (push.waiting, push.dropped) == (0, 3)
    receiver.status = 200
    assert push.push(figures(3), 2000) == 3


def test_many_series_are_several_requests_and_the_token_goes_with_each(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YW_TEST_REMOTE", "abc\n")
    push = Pushing(receiver.url, "env:YW_TEST_REMOTE")
    assert push.push(figures(4500), 1000) == 4500
    assert len(receiver.bodies) == 3
    assert {one["authorization"] for one in receiver.headers} == {"Bearer abc"}
