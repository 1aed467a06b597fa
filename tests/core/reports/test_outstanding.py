"""Days sales outstanding by month, against a plain sum over the ledger's facts and every partner's statement."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.documents import annulling, storno
from core.errors import NotAllowed
from core.principal import SYSTEM, Principal
from core.receivables import crediting, payments, undoing
from core.receivables.statement import statement
from core.reports import money, outstanding
from core.reports.outstanding import DSO_DAYS, month_ends
from tests.core.documents.steps import TODAY, claimed_order, issue, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_buyer, make_staff

pytestmark = pytest.mark.usefixtures("database")
ZERO = Decimal(0)
EVERY_DAY = [TODAY - timedelta(days=back) for back in range(320, -1, -1)]


def ask(function: Any, *args: Any, **more: Any) -> Any:
    with transaction(SYSTEM) as session:
        return function(session, *args, **more)


def ago(days: int) -> datetime:
    return NOON - timedelta(days=days)


def on(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture(autouse=True)
def _year(database: str) -> None:
    """Invoices of 121 lei each over ten months: paid early, late, in part, twice, not at all; a payment written down
    ten days after it came, one that came before its invoice, one undone, a part taken back, an invoice annulled, a
    credit that pays another one later."""
    set_up_company()
    one, two = make_buyer(payment_days=10), make_buyer(payment_days=60)
    pay = payments.record_payment
    first = issue(claimed_order(one), ago(300))
    issue(claimed_order(two), ago(250))
    ask(pay, one.partner_id, Decimal("60.40"), on(240), ago(230))
    undone = ask(pay, two.partner_id, Decimal(121), on(220), ago(220))
    taken = issue(claimed_order(one, ("100", "50")), ago(200))
    issue(claimed_order(two), ago(160))
    ask(undoing.undo_payment, undone.id, "another's", ago(150))
    ask(storno.storno, taken.id, "broken", ago(120), {2: Decimal(1)})
    annulled = issue(claimed_order(two), ago(110))
    ask(annulling.annul, annulled.id, "typed twice", ago(110))
    ask(pay, one.partner_id, Decimal(300), on(100), ago(95), pays={first.id: Decimal("60.60")})
    later = issue(claimed_order(one), ago(70))
    ask(pay, one.partner_id, Decimal(10), on(75), ago(68), pays={later.id: Decimal(10)})
    ask(crediting.use_credit, later.id, ago(50))
    # Half past midnight where the distributor is: a day earlier elsewhere.
    ask(pay, two.partner_id, Decimal(7), on(40), ago(41) + timedelta(hours=12, minutes=30))
    ask(pay, two.partner_id, Decimal(200), on(20), ago(10))
    issue(claimed_order(two), NOON)


def plain(day: date) -> tuple[Decimal, Decimal]:
    """What was unpaid on the day, and invoiced in the ninety days before, invoice by invoice."""
    with transaction(SYSTEM) as session:
        return session.execute(text(PLAIN), {"day": day, "since": day - timedelta(days=DSO_DAYS - 1)}).one()


PLAIN = """
    with stands as (
        select * from document where kind in ('invoice', 'storno') and issued_on <= :day
          and id not in (select document_id from annulment)
    ), paid as (
        select a.document_id, a.amount,
               case when a.amount > 0 and a.at = p.recorded_at then p.paid_on
                    when a.amount > 0 and a.at = s.issued_at then s.issued_on
                    else (a.at at time zone 'Europe/Bucharest')::date end as day
        from allocation a join credit c on c.id = a.credit_id left join payment p on p.id = c.payment_id
        left join document s on s.id = c.document_id
    )
    select coalesce((select sum(lei_gross - coalesce((select sum(amount) from paid
                                                      where document_id = stands.id and paid.day <= :day), 0))
                     from stands where kind = 'invoice'), 0),
           coalesce((select sum(lei_gross) from stands where issued_on >= :since), 0)
"""


def test_every_day_is_to_the_ban_what_a_plain_query_says() -> None:
    found = ask(outstanding.outstanding, EVERY_DAY)
    assert [(one.unpaid, one.invoiced) for one in found] == [tuple(plain(day)) for day in EVERY_DAY]
    assert len({one.unpaid for one in found}) > 8


def test_every_day_comes_to_what_the_statements_of_all_partners_say() -> None:
    with transaction(SYSTEM) as session:
        partners = list(session.scalars(text("select id from partner order by id")))
    for one in ask(outstanding.outstanding, EVERY_DAY[::7]):
        said = [ask(statement, on(400), one.day, partner).open_total for partner in partners]
        assert one.unpaid == sum(said, ZERO), one.day


@pytest.mark.parametrize("back", [0, 41, 45, 73, 99, 105, 149, 155, 219, 235, 245])
def test_the_rows_of_a_day_come_to_its_sums(back: int) -> None:
    day = on(back)
    (one,) = ask(outstanding.outstanding, [day])
    rows, issued = ask(outstanding.open_then, day), ask(outstanding.invoiced_before, day)
    assert (one.unpaid, one.invoiced) == tuple(plain(day))
    assert sum((row.open for row in rows), ZERO) == one.unpaid
    assert all(0 < row.open <= row.gross and row.days == (day - row.due_on).days for row in rows)
    assert sum((row.gross for row in issued), ZERO) == one.invoiced
    assert ask(outstanding.open_then, day, 1, 1) == rows[1:2]


def test_the_last_point_of_the_trend_is_the_figure_beside_it() -> None:
    last, now = ask(outstanding.outstanding, month_ends(TODAY))[-1], ask(money.ageing, TODAY)
    assert (last.day, last.unpaid, last.invoiced, last.days) == (TODAY, now.unpaid, now.invoiced, now.days_outstanding)


def test_the_trend_has_the_ends_of_eleven_months_and_today() -> None:
    ends = month_ends(date(2028, 3, 15))
    assert (len(ends), ends[0], ends[-2], ends[-1]) == (12, date(2027, 4, 30), date(2028, 2, 29), date(2028, 3, 15))


def test_days_without_invoices_have_no_figure() -> None:
    (one,) = ask(outstanding.outstanding, [on(305)])
    assert (one.unpaid, one.invoiced, one.days) == (0, 0, None)


@pytest.mark.parametrize("of", [outstanding.open_then, outstanding.invoiced_before])
def test_only_who_may_see_reports_asks(of: Any) -> None:
    warehouse: Principal = make_staff(role="warehouse")
    with transaction(warehouse) as session, pytest.raises(NotAllowed):
        of(session, TODAY)
