"""A mail server that takes its time holds up no order, and gets every mail once."""

from benchmarks.soak.portal import Portal, until
from tests.faults.conftest import Clients, all_told, full_carts, nothing_is_broken

ORDERS = 4


def test_orders_are_placed_while_the_mail_server_is_silent_and_every_mail_goes_out_afterwards(
    portal: Portal, clients: Clients
) -> None:
    carts = full_carts(ORDERS)
    portal.start("worker", "scheduler", workers=2)
    with portal.mails.silent("RCPT"):
        clients.start(carts)
        answers = clients.finish()
        assert [answer.errors for answer in answers] == [0] * ORDERS
        until(lambda: bool(portal.mails.waiting), "a worker waits for the mail server")
        assert portal.mails.came == {}
    all_told(portal, ORDERS)
    nothing_is_broken(portal, answers, ORDERS)
