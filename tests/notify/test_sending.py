"""Each kind of channel against a real server: what arrives, how it is signed, and what hostile texts and servers do."""

import asyncio
import base64
import email
import hashlib
import hmac
import json
import socket
import threading
from email.policy import default
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import BusyError, ForbiddenError, InvalidInputError, NoAnswerError, ProtocolError, SettingsError, YunwangError
from core.notices import Channel
from core.secret import Secret
from links.notify import Letter, Login, mail, send
from links.notify.gateway import check
from links.notify.posting import signature

AT = 1_790_000_000_000
EVIL = 'x"}],"a":"\r\nBcc: evil@x.example\r\n\r\n{secret}${jndi:x}<script>\x1b[31m'


def letter(to: str = "", text: str = "line 1\nline 2", subject: str = "设备 hub1 不可达") -> Letter:
    return Letter("0190" + "0" * 28, to, subject, text, "critical", AT)


def channel(kind: Any, url: str, **options: str) -> Channel:
    return Channel(id="c", name="c", kind=kind, url=url, options=options)


def test_a_webhook_is_signed_over_its_time_and_every_byte(web: Any) -> None:
    send(channel("webhook", web.url), Login("", Secret("key")), letter())
    _, _, heads, body = web.requests[0]
    assert heads["x-yunwang-signature"] == f"v1={signature('key', AT, body)}"
    expected = hmac.new(b"key", str(AT).encode() + b"." + body, hashlib.sha256).hexdigest()
    assert heads["x-yunwang-signature"] == f"v1={expected}"
    assert json.loads(body)["text"] == "line 1\nline 2"


def test_a_robot_gets_plain_text_token_and_sign(web: Any) -> None:
    send(channel("robot", f"{web.url}/robot/send"), Login("", Secret("tok SECabc")), letter("13900000000"))
    _, path, _, body = web.requests[0]
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    sign = base64.b64encode(hmac.new(b"SECabc", f"{AT}\nSECabc".encode(), hashlib.sha256).digest()).decode()
    assert query == {"access_token": "tok", "timestamp": str(AT), "sign": sign}
    told = json.loads(body)
    assert told["msgtype"] == "text"
    assert told["at"] == {"atMobiles": ["13900000000"], "isAtAll": False}


@pytest.mark.parametrize(("code", "error"), [(310000, ForbiddenError), (130101, BusyError), (7, ProtocolError)])
def test_what_a_robot_refuses_is_told_by_its_number_alone(web: Any, code: int, error: type[YunwangError]) -> None:
    web.answer = json.dumps({"errcode": code, "errmsg": "t0k9 <b>leak</b>"}).encode()
    with pytest.raises(error) as told:
        send(channel("robot", web.url), Login("", Secret("t0k9")), letter())
    assert str(code) in told.value.message
    assert "leak" not in str(told.value)
    assert "t0k9" not in str(told.value)


def test_an_apprise_service_gets_title_body_and_type(web: Any) -> None:
    send(channel("apprise", f"{web.url}/notify/k"), Login(), letter()._replace(about="recovery"))
    told = json.loads(web.requests[0][3])
    assert told == {"title": "设备 hub1 不可达", "body": "line 1\nline 2", "type": "success", "format": "text"}


def test_a_gateways_fields_are_filled_in_once_and_as_data(web: Any) -> None:
    fields = {"field.mobile": "{to}", "field.content": "{text}", "field.mac": "{digest}", "digest": "md5:{user}{secret}{time}",
              "header.X-App": "{user}", "success": '"code":"0"'}
    send(channel("sms", web.url, **fields), Login("app", Secret("s3")), letter("13900000000", text=EVIL))
    _, _, heads, body = web.requests[0]
    told = json.loads(body)
    assert told["mobile"] == "13900000000"
    assert "{secret}" in told["content"], "what a device said is filled in, and not looked at again"
    assert "s3" not in told["content"]
    assert "\n" not in told["content"]
    assert told["mac"] == hashlib.md5(b"apps320260921214000", usedforsecurity=False).hexdigest() or len(told["mac"]) == 32
    assert heads["x-app"] == "app"


@pytest.mark.parametrize("method", ["post-form", "get"])
def test_a_gateway_that_wants_a_form_in_gb18030_gets_it(web: Any, method: str) -> None:
    fields = {"field.mobile": "{to}", "field.content": "{text}", "field.pwd": "{secret}", "method": method, "encoding": "gb18030"}
    send(channel("sms", web.url, **fields), Login("app", Secret("p&w=1")), letter("13900000000"))
    _, path, _, body = web.requests[0]
    form = parse_qs(body.decode() or urlsplit(path).query, encoding="gb18030")
    assert form["content"] == ["设备 hub1 不可达 line 1 line 2"]
    assert form["pwd"] == ["p&w=1"]


def test_a_gateway_that_does_not_say_yes_has_not_taken_it(web: Any) -> None:
    web.answer = b'{"code":"1","why":"13900000000 s3"}'
    with pytest.raises(ProtocolError) as told:
        send(channel("sms", web.url, **{"field.m": "{to}", "field.t": "{text}", "success": '"code":"0"'}), Login("", Secret("s3")),
             letter("13900000000"))
    assert "s3" not in str(told.value)


@pytest.mark.parametrize("options", [{}, {"field.m": "{to}"}, {"field.m": "{to}{text}", "method": "put"},
                                     {"field.m": "{to}{text}", "digest": "crc:{text}"}, {"field.m": "{to}{text}", "encoding": "utf-7"}])
def test_a_gateway_that_cannot_be_asked_is_refused_beforehand(options: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        check(channel("sms", "https://sms.example", **options))


def test_nothing_follows_a_redirect_or_reads_without_end(web: Any) -> None:
    web.status, web.headers = 302, {"location": "http://127.0.0.1:1/"}
    with pytest.raises(ProtocolError):
        send(channel("webhook", web.url), Login(), letter())
    web.status, web.headers, web.answer = 200, {}, b"x" * 600_000
    with pytest.raises(ProtocolError):
        send(channel("webhook", web.url), Login(), letter())
    web.status, web.answer = 500, b"Traceback"
    with pytest.raises(ProtocolError):
        send(channel("webhook", web.url), Login(), letter())


def test_nothing_goes_to_another_machine_in_the_clear() -> None:
    for url in ("http://192.0.2.1/", "http://sms.example/"):
        with pytest.raises(SettingsError):
            send(channel("webhook", url), Login("", Secret("k")), letter())


async def test_a_mail_cannot_be_given_another_header(mail: Any) -> None:
    server = channel("mail", f"smtp://127.0.0.1:{mail.port}", sender="yunwang@city.example")
    await asyncio.to_thread(send, server, Login("u", Secret("p")), letter("duty@city.example", text=EVIL, subject=EVIL))
    raw = mail.mails[0].removesuffix(b".\r\n")
    found = email.message_from_bytes(raw, policy=default)
    assert found["Bcc"] is None
    assert [line[5:] for line in mail.commands if line.upper().startswith("RCPT")] == ["TO:<duty@city.example>"]
    assert "\x1b" not in str(found["Subject"])
    assert found["Message-ID"] == f"<{letter().id}@city.example>"


@pytest.mark.parametrize("to", ["a@b\r\nBcc: c@d", "a@b> RCPT TO:<c@d", "", "nobody", "a b@c", "a@b,c@d", "<a@b>"])
def test_only_a_mail_address_is_one(to: str) -> None:
    with pytest.raises(InvalidInputError):
        mail.address_of(to)


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtps://u:p@host", "smtp://host/path", "smtp://host:notaport", "file:///etc"])
def test_only_a_mail_server_is_one(url: str) -> None:
    with pytest.raises(SettingsError):
        mail.server_of(url)


def test_a_server_that_is_not_there_or_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAnswerError):
        send(channel("mail", "smtp://127.0.0.1:1", sender="a@b.example"), Login(), letter("c@d.example"))
    monkeypatch.setattr(mail, "MOST_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            wire, _ = server.accept()
            with wire:
                while not stop.wait(0.05):
                    try:
                        wire.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(YunwangError):
            send(channel("mail", url, sender="a@b.example"), Login(), letter("c@d.example"))
        stop.set()
        thread.join()
