"""Fetching from a real server on this machine; only where names lead and what is connected to is the test's."""

import base64
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from core import clock
from core.imports import fetching
from core.imports.addresses import NotAnAddress, NotPublic, PasswordInAddress, PortNotAsked
from core.imports.fetching import (
    LIMIT,
    SECONDS,
    Asked,
    BrokenAnswer,
    FileNotThere,
    FileTooLarge,
    NoAnswer,
    NotTrusted,
    PasswordRefused,
    PasswordUnsafe,
    TooManyRedirects,
    TooSlow,
    fetch,
)
from tests.core.imports.web import ADDRESS, Web, certified, reply, serving

URL = "http://furnizor.example/liste/stoc%20azi.csv?key=SECRET"
DATA = b"sku,stock\nA1,5\n"


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as served:
        served.answer = lambda handler: reply(handler, DATA, ETag='"v1"', Last_Modified="Mon, 23 Nov 2026 10:00:00 GMT")
        yield served


def raw(answer: bytes):
    """Answers with these bytes and no others."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(answer)
        handler.close_connection = True

    return send


def test_a_file_comes_with_its_name_and_its_marks(web: Web) -> None:
    got = fetch(Asked(URL), web.ways)
    assert got is not None
    assert (got.name, got.data, got.etag) == ("stoc azi.csv", DATA, '"v1"')
    assert got.modified == "Mon, 23 Nov 2026 10:00:00 GMT"
    (asked,) = web.asked
    assert asked.path == "/liste/stoc%20azi.csv?key=SECRET"
    assert asked.headers["Host"] == "furnizor.example"
    assert {"Cookie", "Authorization", "If-None-Match"}.isdisjoint(asked.headers)


def test_with_its_marks_it_does_not_come_again(web: Web) -> None:
    web.answer = lambda handler: reply(handler, b"", 304)
    assert fetch(Asked(URL, etag='"v1"', modified="Mon, 23 Nov 2026 10:00:00 GMT"), web.ways) is None
    assert web.asked[0].headers["If-None-Match"] == '"v1"'
    assert web.asked[0].headers["If-Modified-Since"] == "Mon, 23 Nov 2026 10:00:00 GMT"


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(web: Web) -> None:
    """A name that means this machine when it is asked for a second time is asked for once."""
    answers = iter([[ADDRESS], ["127.0.0.1"]])
    web.addresses = lambda host: next(answers)
    assert fetch(Asked(URL), web.ways) is not None
    assert (web.names, web.connected) == (["furnizor.example"], [(ADDRESS, 80)])


def test_nothing_is_connected_to_where_the_name_leads_to_a_private_network(web: Web) -> None:
    web.addresses = lambda host: ["169.254.169.254"]
    with pytest.raises(NotPublic):
        fetch(Asked(URL), web.ways)
    assert web.connected == []


@pytest.mark.parametrize("location", [
    "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://2130706433/", "http://[::1]:8080/",
    "http://localhost/", "http://inside.example/", "//inside.example/x",
])  # fmt: skip
def test_a_redirect_to_a_private_network_is_not_followed(web: Web, location: str) -> None:
    real = fetching.look_up
    web.addresses = lambda host: (
        [ADDRESS] if host == "furnizor.example" else ["10.0.0.7"] if host == "inside.example" else real(host, 80)
    )
    web.answer = lambda handler: reply(handler, b"", 302, Location=location)
    with pytest.raises(NotPublic):
        fetch(Asked(URL), web.ways)
    assert [address for address, _ in web.connected] == [ADDRESS]


@pytest.mark.parametrize(("location", "refusal"), [
    ("file:///etc/passwd", NotAnAddress), ("gopher://a.example/", NotAnAddress), ("http://a:b@a.example/",
    PasswordInAddress), ("http://a.example:22/", PortNotAsked), ("http://a.example/\\", NotAnAddress),
    ("http://[::1", NotAnAddress), ("http://a.example:x/", NotAnAddress),
])  # fmt: skip
def test_nor_one_to_what_could_not_have_been_entered(web: Web, location: str, refusal: type[Exception]) -> None:
    web.answer = lambda handler: reply(handler, b"", 301, Location=location)
    with pytest.raises(refusal):
        fetch(Asked(URL), web.ways)


def test_three_redirects_are_followed_each_looked_at_and_a_fourth_is_not(web: Web) -> None:
    def lead_on(handler: BaseHTTPRequestHandler) -> None:
        at = int(handler.path.strip("/"))
        if at == 3:
            reply(handler, DATA)
        else:
            reply(handler, b"", 307, Location=f"http://hop{at + 1}.example:8080/{at + 1}")

    web.answer = lead_on
    got = fetch(Asked("http://hop0.example/0"), web.ways)
    assert got is not None
    assert got.data == DATA
    assert web.names == [f"hop{n}.example" for n in range(4)]
    assert web.asked[3].headers["Host"] == "hop3.example:8080"
    web.answer = lambda handler: reply(handler, b"", 302, Location="/again")
    with pytest.raises(TooManyRedirects):
        fetch(Asked(URL), web.ways)
    assert len(web.asked) == 4 + 4


def test_a_body_beyond_the_limit_ends_the_connection_at_once(web: Web) -> None:
    sent = 0

    def flood(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while sent < 10 * LIMIT:
            handler.wfile.write(b"x" * 65536)
            sent += 65536

    web.answer = flood
    with pytest.raises(FileTooLarge, match="20 MB"):
        fetch(Asked(URL), web.ways)
    assert sent < 2 * LIMIT


def test_a_file_of_just_the_limit_comes(web: Web) -> None:
    web.answer = lambda handler: reply(handler, b"x" * LIMIT)
    got = fetch(Asked(URL), web.ways)
    assert got is not None
    assert len(got.data) == LIMIT


@pytest.mark.parametrize("part", ["status", "header", "body", "chunk"])
def test_who_sends_a_byte_now_and_then_is_given_up_after_the_time_in_all(web: Web, part: str) -> None:
    """Every byte comes within any timeout of a single read: the time of all of them counts."""
    begin = {
        "status": b"HTTP/1.1 ", "header": b"HTTP/1.1 200 OK\r\nX: ", "body": b"HTTP/1.1 200 OK\r\n\r\n",
        "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
    }[part]  # fmt: skip

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begin)
        for _ in range(1000):
            web.seconds += 1  # the clock of the fetching side
            handler.wfile.write(b"0")
        handler.wfile.write(b"the end")

    web.answer = drip
    with pytest.raises(TooSlow, match=f"{SECONDS} seconds"):
        fetch(Asked(URL), web.ways)
    assert web.seconds >= SECONDS


def test_the_time_is_one_for_all_redirects(web: Web) -> None:
    def lead_on(handler: BaseHTTPRequestHandler) -> None:
        web.seconds += SECONDS / 2
        reply(handler, b"", 302, Location="/on")

    web.answer = lead_on
    with pytest.raises(TooSlow):
        fetch(Asked(URL), web.ways)
    assert len(web.asked) == 2


@pytest.mark.parametrize("answer", [
    b"", b"\x16\x03\x01", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsku,stock\nA1,5\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsku,s", b"SSH-2.0-OpenSSH_9.2\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200,
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
], ids=range(8))  # fmt: skip
def test_half_a_file_is_none_and_neither_is_what_no_web_server_says(web: Web, answer: bytes) -> None:
    web.answer = raw(answer)
    with pytest.raises(BrokenAnswer):
        fetch(Asked(URL), web.ways)


@pytest.mark.parametrize(("status", "refusal"), [
    (401, PasswordRefused), (403, PasswordRefused), (404, FileNotThere), (500, FileNotThere), (206, FileNotThere),
    (302, FileNotThere),
])  # fmt: skip
def test_what_is_answered_instead_of_a_file_is_told(web: Web, status: int, refusal: type[Exception]) -> None:
    web.answer = lambda handler: reply(handler, b"<html>", status)
    with pytest.raises(refusal, match=str(status)):
        fetch(Asked(URL), web.ways)


def test_of_several_addresses_the_first_that_answers_is_taken(web: Web) -> None:
    tried: list[str] = []

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        tried.append(address)
        if address != ADDRESS:
            raise OSError
        return socket.create_connection(("127.0.0.1", web.port), 20)

    web.addresses = lambda host: ["2606:4700::1111", ADDRESS]
    ways = fetching.Ways(web.ways.look_up, connect, web.ways.trust, web.ways.seconds)
    assert fetch(Asked(URL), ways) is not None
    assert tried == ["2606:4700::1111", ADDRESS]
    web.addresses = lambda host: ["2606:4700::1111"]
    with pytest.raises(NoAnswer):
        fetch(Asked(URL), ways)


def test_proxies_of_the_environment_are_not_asked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(Asked(URL), web.ways) is not None


def test_a_password_goes_to_its_own_server_over_tls_only(tmp_path: Path) -> None:
    server, trusted = certified(tmp_path, "furnizor.example", clock.real_now())
    with serving(server) as web:
        web.context = trusted
        web.answer = lambda handler: (
            reply(handler, b"", 302, Location="/b") if handler.path == "/a"
            else reply(handler, b"", 302, Location="https://furnizor.example:8443/c") if handler.path == "/b"
            else reply(handler, DATA)
        )  # fmt: skip
        asked = Asked("https://furnizor.example/a", "ana", "parolă:1")
        assert fetch(asked, web.ways) is not None
        sent = [each.headers["Authorization"] for each in web.asked]
        right = "Basic " + base64.b64encode("ana:parolă:1".encode()).decode()
        assert sent == [right, right, None]  # another port is another server
        assert web.asked[0].headers["Host"] == "furnizor.example"
        assert "parolă" not in repr(asked)
    with pytest.raises(PasswordUnsafe):
        fetch(Asked("http://furnizor.example/a", "ana", "parolă"), web.ways)


def test_a_certificate_must_be_of_the_name_and_of_somebody_trusted(tmp_path: Path) -> None:
    server, trusted = certified(tmp_path, "furnizor.example", clock.real_now())
    with serving(server) as web:
        web.answer = lambda handler: reply(handler, DATA)
        with pytest.raises(NotTrusted, match=r"furnizor\.example"):
            fetch(Asked("https://furnizor.example/"), web.ways)
        web.context = trusted
        assert fetch(Asked("https://furnizor.example/"), web.ways) is not None
        with pytest.raises(NotTrusted, match=r"other\.example"):
            fetch(Asked("https://other.example/"), web.ways)
        assert len(web.asked) == 1
