"""A secret is changed without anybody noticing: what the one before sealed or signed is still understood."""

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import text

from core.auth.links import LinkIsOver, address_of_link, make_link, open_link
from core.auth.second_factor import SEALED
from core.config import Settings, settings
from core.db import transaction
from core.notifications.unsubscribing import address_to_unsubscribe, language_of_link
from core.principal import SYSTEM
from core.resealing import PLACES, reseal
from core.sealing import Unreadable, is_signed, seal, sign, unseal
from tests.core.auth.conftest import NOW
from tests.factories import make_partner, make_user

OLD, NEW = "the old secret of at least thirty-two", "the new secret of at least thirty-two"


@pytest.fixture(autouse=True)
def old_secret(database: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    use(monkeypatch, OLD)
    return monkeypatch


def use(monkeypatch: pytest.MonkeyPatch, secret: str, *others: str) -> None:
    monkeypatch.setattr(settings(), "secret_key", SecretStr(secret))
    monkeypatch.setattr(settings(), "other_secret_keys", SecretStr(",".join(others)))


def test_what_the_old_secret_sealed_is_read_while_it_is_known(old_secret: pytest.MonkeyPatch) -> None:
    sealed = seal("mail-server", "parola")
    use(old_secret, NEW, OLD)
    assert unseal("mail-server", sealed) == "parola"
    use(old_secret, NEW)
    with pytest.raises(Unreadable):
        unseal("mail-server", sealed)


def test_a_process_that_has_only_heard_of_the_new_secret_reads_what_one_with_it_sealed(
    old_secret: pytest.MonkeyPatch,
) -> None:
    use(old_secret, NEW, OLD)
    sealed, signature = seal("mail-server", "parola"), sign(b"a link")
    use(old_secret, OLD, NEW)
    assert unseal("mail-server", sealed) == "parola"
    assert is_signed(b"a link", signature)


def test_a_signature_is_good_for_its_message_and_its_secret_only(old_secret: pytest.MonkeyPatch) -> None:
    signature = sign(b"a link")
    assert is_signed(b"a link", signature)
    assert is_signed(b"a link", signature[:32])
    assert not is_signed(b"a link", signature[:31])
    assert not is_signed(b"a link", "")
    assert not is_signed(b"another link", signature)
    assert not is_signed(b"a link", signature + "0")
    use(old_secret, NEW)
    assert not is_signed(b"a link", signature)


def test_mailed_links_work_through_a_change_of_the_secret(database: str, old_secret: pytest.MonkeyPatch) -> None:
    user = make_user(make_partner())
    with transaction(SYSTEM) as session:
        link = make_link(session, user.id, "reset", NOW)
        token = str(address_of_link(session, link, NOW)).partition("t=")[2]
        out = address_to_unsubscribe(user.id, "order_claimed")
    use(old_secret, NEW, OLD)
    with transaction(SYSTEM) as session:
        assert open_link(session, token, NOW, "reset").user_id == user.id
        assert language_of_link(session, user.id, _value(out, "mail"), _value(out, "seal")) == user.language
    use(old_secret, NEW)
    with transaction(SYSTEM) as session, pytest.raises(LinkIsOver):
        open_link(session, token, NOW, "reset")


def _value(address: str, name: str) -> str:
    return address.partition(f"{name}=")[2].partition("&")[0]


def test_after_resealing_the_old_secret_is_no_longer_needed(database: str, old_secret: pytest.MonkeyPatch) -> None:
    user = make_user(make_partner(), totp_secret=seal(SEALED, "JBSWY3DPEHPK3PXP"))
    use(old_secret, NEW, OLD)
    with transaction(SYSTEM, wall=False) as session:
        assert reseal(session) == 1
    use(old_secret, NEW)
    with transaction(SYSTEM, wall=False) as session:
        kept = session.execute(text("select totp_secret from app_user where id = :id"), {"id": user.id}).scalar_one()
    assert unseal(SEALED, kept) == "JBSWY3DPEHPK3PXP"


def test_what_nobody_can_read_stops_resealing_and_nothing_is_changed(
    database: str, old_secret: pytest.MonkeyPatch
) -> None:
    users = [make_user(make_partner(), totp_secret=seal(SEALED, "A")) for _ in range(2)]
    use(old_secret, "a secret that is long forgotten by everybody")
    make_user(make_partner(), totp_secret=seal(SEALED, "B"))
    use(old_secret, NEW, OLD)
    with pytest.raises(Unreadable), transaction(SYSTEM, wall=False) as session:
        reseal(session)
    with transaction(SYSTEM, wall=False) as session:
        kept = session.scalars(text("select totp_secret from app_user order by id limit 2")).all()
    assert list(kept) == [user.totp_secret for user in users]


def test_every_column_that_holds_something_sealed_is_sealed_anew(database: str) -> None:
    with transaction(SYSTEM) as session:
        found = session.execute(_LIKE_A_SECRET).all()
    assert {tuple(row) for row in found} == set(PLACES)


_LIKE_A_SECRET = text("""
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' and column_name ~ '(secret|password|token)$' and data_type <> 'uuid'
""")


def test_a_short_secret_is_refused_also_as_another_one() -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY"):
        Settings(database_url="x", redis_url="x", secret_key=SecretStr(NEW), other_secret_keys=SecretStr("short"))
