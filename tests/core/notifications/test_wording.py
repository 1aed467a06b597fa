"""The distributor's own words in mails: checked, used, escaped, and put back."""

import re

import pytest

from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.i18n import LANGUAGES
from core.notifications.composing import preview
from core.notifications.names import NAME_OF
from core.notifications.wording import (
    NoPlaceholders,
    UnknownPlaceholder,
    WordsMissing,
    WordsTooLong,
    back_to_standard,
    change_words,
    changed_templates,
    checked,
    sentences,
    templates,
)
from core.principal import SYSTEM
from tests import factories
from tests.core.notifications import steps
from tests.core.orders.steps import NOON

pytestmark = pytest.mark.usefixtures("database")

TITLE = "We have received your order %(number)s"
THANKS = "Thank you. The goods below are held for you at these prices."


@pytest.fixture
def admin():
    return factories.make_staff(role="admin")


def change(who, template, language, typed):
    with transaction(who) as session:
        return change_words(session, template, language, typed, NOON)


def standard(template, language):
    with transaction(SYSTEM) as session:
        return {each.message: each for each in sentences(session, template, language)}


def confirmed(language="en"):
    steps.open_company()
    partner = factories.make_partner(name="Instal {number} <b>SRL</b>")
    buyer = factories.principal_of(factories.make_user(partner, language=language))
    steps.order(buyer)
    steps.handle_all()
    return steps.only_mail(recipient=buyer.email)


def test_an_own_sentence_takes_the_place_of_the_standard_one_in_both_bodies_of_its_language_only(admin):
    typed = {TITLE: "Order {number}: noted", THANKS: "Great <i>choice</i>.\nWe pack today, 100 %."}
    assert change(admin, "order_confirmed", "en", typed=typed) == 2
    mail = confirmed()
    assert "Order 1001: noted" in mail.body_text
    assert "<h1" in mail.body_html
    assert ">Order 1001: noted</h1>" in mail.body_html
    assert "Great <i>choice</i>.\nWe pack today, 100 %." in mail.body_text
    assert "Great &lt;i&gt;choice&lt;/i&gt;.<br>We pack today, 100 %." in mail.body_html
    assert "Thank you" not in mail.body_text + mail.body_html
    assert "Great" not in confirmed("ro").body_text


def test_what_stands_in_braces_in_a_name_is_no_placeholder_and_no_markup(admin):
    message = "New order %(number)s from %(partner)s"
    change(admin, "order_received", "ro", typed={message: "{partner} a comandat: {number}"})
    confirmed()
    mail = steps.only_mail(recipient="comenzi@electro.example")
    assert "Instal {number} <b>SRL</b> a comandat: 1001" in mail.body_text
    assert "Instal {number} &lt;b&gt;SRL&lt;/b&gt; a comandat: 1001" in mail.body_html


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("Order {numbr}", UnknownPlaceholder),
        ("Order {number", UnknownPlaceholder),
        ("Order {}", UnknownPlaceholder),
        ("", WordsMissing),
        (" \n ", WordsMissing),
        ("a" * 2001, WordsTooLong),
    ],
)
def test_words_that_could_not_be_filled_in_are_refused_and_nothing_is_kept(admin, words, refusal):
    with pytest.raises(refusal):
        change(admin, "order_confirmed", "en", typed={THANKS: "Thanks.", TITLE: words})
    assert standard("order_confirmed", "en")[THANKS].own == ""


def test_a_sentence_without_placeholders_takes_none(admin):
    with pytest.raises(NoPlaceholders, match="Leave the braces out"):
        change(admin, "order_confirmed", "en", typed={THANKS: "Thanks, {partner}."})


@pytest.mark.parametrize(("template", "message"), [("no_such_mail", TITLE), ("order_confirmed", "No such sentence")])
def test_only_what_a_mail_says_can_be_changed(admin, template, message):
    with pytest.raises(NotFound):
        change(admin, template, "en", typed={message: "x"})


@pytest.mark.parametrize("role", ["sales", "accounting", "warehouse", "analyst"])
def test_only_an_administrator_changes_words(role):
    with pytest.raises(NotAllowed):
        change(factories.make_staff(role=role), "order_confirmed", "en", typed={THANKS: "x"})


def test_back_to_standard_takes_all_own_words_of_one_mail_and_language(admin):
    change(admin, "order_confirmed", "en", typed={THANKS: "One."})
    change(admin, "order_confirmed", "ro", typed={THANKS: "Doi."})
    with transaction(admin) as session:
        assert changed_templates(session) == {("order_confirmed", "en"), ("order_confirmed", "ro")}
        assert back_to_standard(session, "order_confirmed", "en", NOON) == 1
        assert changed_templates(session) == {("order_confirmed", "ro")}
    assert THANKS in confirmed().body_text


def test_saving_the_standard_words_keeps_nothing(admin):
    typed = {each.message: each.standard for each in standard("order_confirmed", "ro").values()}
    assert change(admin, "order_confirmed", "ro", typed=typed) == 0
    with transaction(admin) as session:
        assert changed_templates(session) == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", templates())
def test_every_mail_can_be_looked_at_and_all_its_standard_words_could_be_saved(template, language):
    steps.open_company()
    for each in standard(template, language).values():
        assert checked(each.message, each.standard) == each.standard.strip()
    with transaction(SYSTEM) as session:
        content = preview(session, template, language)
        assert not session.new
    assert content.subject
    assert not re.search(r"\bNone\b(?! of)", content.text + content.html)
    assert not re.search(r"%\(|\{[a-z]+\}", content.text + content.subject)


def test_every_mail_has_a_name():
    assert set(NAME_OF) == set(templates())
