"""Several documents as one file: all of them, as they were kept, or none."""

import io
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from core.auth.models import User
from core.db import transaction
from core.documents import bundling
from core.documents.annulling import annul
from core.documents.models import Document, DocumentSeries
from core.documents.rendering import pdf_of
from core.principal import SYSTEM
from tests.core.documents.steps import claimed_order, invoice, issue, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_partner, make_user, principal_of

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


@pytest.fixture
def owner(database: str) -> User:
    return make_user(make_partner(), language="en")


@pytest.fixture
def documents(owner: User) -> list[Document]:
    return [invoice(principal_of(owner)) for _ in range(3)]


def address(*documents: Document) -> str:
    return "/documents.zip?ids=" + ",".join(str(document.id) for document in documents)


def unpacked(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_the_chosen_documents_come_as_they_were_kept(
    client: TestClient, owner: User, documents: list[Document], sign_in: Callable[[User], None]
) -> None:
    sign_in(owner)
    with transaction(SYSTEM) as session:
        kept = pdf_of(session, documents[0].id)
    answer = client.get(address(documents[2], documents[0]))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="documents-')
    found = unpacked(answer.content)
    assert list(found) == ["FCT-00001.pdf", "FCT-00003.pdf"]
    assert found["FCT-00001.pdf"] == kept
    assert found["FCT-00003.pdf"] == client.get(f"/documents/{documents[2].id}.pdf").content


def test_an_annulled_one_says_so_in_its_name(
    client: TestClient, owner: User, documents: list[Document], sign_in: Callable[[User], None]
) -> None:
    with transaction(SYSTEM) as session:
        annul(session, documents[1].id, "wrong firm", NOON)
    sign_in(owner)
    assert list(unpacked(client.get(address(*documents)).content)) == [
        "FCT-00001.pdf", "FCT-00002-annulled.pdf", "FCT-00003.pdf",
    ]  # fmt: skip


def test_a_series_with_a_slash_makes_no_folder(
    client: TestClient, owner: User, sign_in: Callable[[User], None]
) -> None:
    with transaction(SYSTEM) as session:
        session.query(DocumentSeries).filter_by(kind="invoice").one().prefix = "FCT/26"
    document = issue(claimed_order(principal_of(owner)))
    sign_in(owner)
    assert list(unpacked(client.get(address(document)).content)) == ["FCT-26-00001.pdf"]


def test_one_that_is_another_partners_and_there_is_no_file_at_all(
    client: TestClient, owner: User, documents: list[Document], sign_in: Callable[[User], None]
) -> None:
    foreign = invoice(make_buyer())
    sign_in(owner)
    asked = [address(documents[0], foreign), address(foreign), "/documents.zip?ids=999999", "/documents.zip?ids=",
             "/documents.zip", f"/documents.zip?ids={documents[0].id},0", "/documents.zip?ids=1;2",
             "/documents.zip?ids=99999999999", "/documents.zip?ids=9999999999", "/documents.zip?ids=\u0661",
             "/documents.zip?ids=" + "1," * 5000]  # fmt: skip
    answers = [client.get(one) for one in asked]
    assert [answer.status_code for answer in answers] == [404] * len(asked)
    assert len({answer.content for answer in answers}) == 1


def test_staff_may_take_documents_of_several_partners(
    client: TestClient, documents: list[Document], sign_in: Callable[[User], None]
) -> None:
    sign_in(make_user(role="analyst"))
    assert len(unpacked(client.get(address(documents[0], invoice(make_buyer()))).content)) == 2


def test_more_than_fit_are_refused_in_words(
    client: TestClient,
    owner: User,
    documents: list[Document],
    sign_in: Callable[[User], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bundling, "MOST_AT_ONCE", 2)
    sign_in(owner)
    answer = client.get(address(*documents))
    assert answer.status_code == 400
    assert "At most 2 documents" in answer.text
    twice = client.get(address(documents[0], documents[0], documents[1]))
    assert len(unpacked(twice.content)) == 2


@pytest.mark.parametrize("role", ["buyer", "warehouse"])
def test_who_may_not_see_documents_is_refused(
    client: TestClient, documents: list[Document], sign_in: Callable[[User], None], role: str
) -> None:
    partner_id = documents[0].partner_id
    if role == "buyer":
        sign_in(make_user(None, kind="partner", partner_id=partner_id, role=role))
    else:
        sign_in(make_user(role=role))
    assert client.get(address(*documents)).status_code == 403


def test_who_is_not_signed_in_is_led_to_the_login_or_refused(client: TestClient, documents: list[Document]) -> None:
    assert client.get(address(*documents)).status_code == 401
    answer = client.get(address(*documents), headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?next=%2Fdocuments")
