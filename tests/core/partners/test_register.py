"""The company register: a file, and a service, whose double answers on a real port."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core import config
from core.partners import register
from core.partners.data import BadCui, CuiMissing, PartnerData
from core.partners.register import Found, RegisterSilent, has_register, look_up

KNOWN = {
    "date_generale": {
        "cui": 18547290, "denumire": "EXEMPLU  IMOBILIARE SRL", "adresa": "JUD. CLUJ, STR. LUNGĂ, NR.1",
        "nrRegCom": "J12/372/2006", "telefon": "0264000000", "stare_inregistrare": "INREGISTRAT din data 01.01.2006",
    },
    "inregistrare_scop_Tva": {"scpTVA": True},
    "stare_inactiv": {"statusInactivi": False},
    "adresa_sediu_social": {
        "sdenumire_Strada": "Str. Lungă", "snumar_Strada": "1", "sdetalii_Adresa": "",
        "sdenumire_Localitate": "Mun. Cluj-Napoca", "sdenumire_Judet": "CLUJ", "scod_JudetAuto": "CJ",
    },
}  # fmt: skip

GIVES_UP = 20
"""So many seconds the silent double keeps who asks waiting."""


class Double(HTTPServer):
    """Answers as ANAF's service does; what it was asked is kept."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer: tuple[int, bytes] = (200, b"")
        self.asked: list[dict[str, object]] = []
        self.done = threading.Event()
        self.silent = False


class Answering(BaseHTTPRequestHandler):
    server: Double

    def do_POST(self) -> None:
        self.server.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.silent:
            self.server.done.wait(GIVES_UP)
            return
        status, body = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Not into the output of the tests."""


@pytest.fixture
def use_register(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def _use(where: str) -> None:
        monkeypatch.setenv("COMPANY_REGISTER", where)
        config.settings.cache_clear()

    yield _use
    monkeypatch.delenv("COMPANY_REGISTER", raising=False)
    config.settings.cache_clear()


@pytest.fixture
def service(use_register: Callable[[str], None]) -> Iterator[Double]:
    with Double() as double:
        threading.Thread(target=double.serve_forever, daemon=True).start()
        use_register(f"http://127.0.0.1:{double.server_port}/api/tva")
        yield double
        double.done.set()
        double.shutdown()


def answers(service: Double, *found: object, status: int = 200) -> None:
    body = {"cod": status, "message": "", "found": found, "notFound": [] if found else [18547290]}
    service.answer = (status, json.dumps(body).encode())


def test_without_a_register_nothing_is_looked_up(use_register: Callable[[str], None]) -> None:
    use_register("")
    assert not has_register()
    assert look_up("18547290") is None


def test_the_service_is_asked_for_the_bare_number_and_its_answer_is_read(service: Double) -> None:
    answers(service, KNOWN)
    assert has_register()
    assert look_up(" RO 185 472 90 ") == Found(
        PartnerData(
            name="EXEMPLU IMOBILIARE SRL", cui="18547290", vat_payer=True, reg_com="J12/372/2006",
            address="Str. Lungă 1", city="Cluj-Napoca", county="CJ", phone="0264000000",
        )
    )  # fmt: skip
    (asked,) = service.asked
    assert asked["cui"] == 18547290
    assert len(str(asked["data"])) == len("2026-11-23")


@pytest.mark.parametrize("status", [200, 404])
def test_a_company_that_the_service_does_not_know_is_none(service: Double, status: int) -> None:
    answers(service, status=status)
    assert look_up("18547290") is None


def test_what_the_service_leaves_out_is_empty(service: Double) -> None:
    answers(service, {"date_generale": {"cui": 18547290, "denumire": "X", "adresa": "IAŞI, STR. Y", "telefon": None}})
    assert look_up("18547290") == Found(PartnerData("X", "18547290", vat_payer=False, address="IAȘI, STR. Y"))


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("Sector 2 Mun. Bucureşti", "Sector 2"), ("Sat Floreşti Com. Floreşti", "Florești"),
        ("Orş. Năvodari", "Năvodari"), ("Municipiul Iași", "Iași"), ("Brașov", "Brașov"), ("Comarnic", "Comarnic"),
        ("Satu Mare", "Satu Mare"),
    ],
)  # fmt: skip
def test_a_city_is_named_without_what_kind_of_place_it_is(service: Double, name: str, city: str) -> None:
    answers(service, KNOWN | {"adresa_sediu_social": {"sdenumire_Localitate": name}})
    found = look_up("18547290")
    assert found is not None
    assert found.company.city == city


@pytest.mark.parametrize(
    "change",
    [
        {"stare_inactiv": {"statusInactivi": True}},
        {"date_generale": KNOWN["date_generale"] | {"stare_inregistrare": "RADIERE din data 02.03.2024"}},
    ],
)
def test_an_inactive_company_and_one_that_was_struck_off_are_told_apart(service: Double, change: dict) -> None:
    answers(service, KNOWN | change)
    found = look_up("18547290")
    assert found is not None
    assert found.inactive


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"), (404, b"<html>moved</html>"), (200, b"<html>maintenance</html>"), (200, b"[]"), (200, b"{}"),
        (200, b'{"found": [{}]}'), (200, b'{"found": [{"date_generale": null}]}'), (200, b"\xff"),
        (429, b""), (200, b""),
    ],
)  # fmt: skip
def test_whatever_else_the_service_says_the_data_is_typed_by_hand(service: Double, answer: tuple[int, bytes]) -> None:
    service.answer = answer
    with pytest.raises(RegisterSilent):
        look_up("18547290")


def test_a_service_that_does_not_answer_is_not_waited_for_long(
    service: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "TIMEOUT", 0.2)
    service.silent = True
    began = time.monotonic()
    with pytest.raises(RegisterSilent):
        look_up("18547290")
    assert time.monotonic() - began < GIVES_UP / 2


def test_a_service_that_is_not_there_is_silent(use_register: Callable[[str], None]) -> None:
    with Double() as double:
        port = double.server_port
    use_register(f"http://127.0.0.1:{port}/")
    with pytest.raises(RegisterSilent):
        look_up("18547290")


@pytest.mark.parametrize(("typed", "refusal"), [("18547291", BadCui), ("", CuiMissing), ("1; drop table", BadCui)])
def test_what_is_no_cui_is_not_asked_for(service: Double, typed: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        look_up(typed)
    assert service.asked == []


HEADER = "cui,name,reg_com,address,city,county,vat_payer\n"


def test_a_file_is_a_register_too_and_is_read_again_when_it_changes(
    use_register: Callable[[str], None], tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    path.write_text(
        "\ufeff" + HEADER + "RO18547290,Țeavă SRL,J1/2/2003,Str. Y 1,Iași,IS,da\n,,,,,,\n14399840\n", "utf-8"
    )
    use_register(str(path))
    assert look_up("18547290") == Found(
        PartnerData("Țeavă SRL", "18547290", True, "J1/2/2003", "Str. Y 1", "Iași", "IS")
    )
    assert look_up("14399840") == Found(PartnerData("", "14399840", vat_payer=False))
    path.write_text(HEADER + "14399840,Nou SRL,,,,,nu\n", "utf-8")
    assert look_up("18547290") is None
    assert look_up("14399840") == Found(PartnerData("Nou SRL", "14399840", vat_payer=False))


@pytest.mark.parametrize("content", [None, "code;name\n1;2\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_register_is_silent(
    use_register: Callable[[str], None], tmp_path: Path, content: str | bytes | None
) -> None:
    path = tmp_path / "register.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    use_register(str(path))
    with pytest.raises(RegisterSilent):
        look_up("18547290")
