"""How the staff's pages work: orders, money, partners and what is known of them."""

from core.i18n import N_
from pages.ui.help_words import Help

STAFF = {
    "staff-queue": Help(
        N_("Orders that wait for somebody to take them over, the nearest deadline first."),
        (
            N_(
                "An order holds its goods from the moment it is placed. Claim it and it is yours to prepare; tick"
                " several to claim them at once."
            ),
            N_("The colour tells how much time is left: green, orange after half of it, red after four fifths."),
            N_("Hold an order for the colleague who should take it; others may still claim it."),
            N_("What you have claimed you can hand on or give back; it then has the time that was left."),
        ),
        last=N_(
            "What nobody claims in time lapses by itself: its goods go back to stock, and somebody else may order them."
        ),
        guide="claim-queue",
    ),
    "staff-orders": Help(
        N_("All orders, whatever their state, and everything that can be done with one of them."),
        (
            N_(
                "Choose a row to open an order. Its buttons show the next thing first: claim, deliver, invoice, "
                "record a payment."
            ),
            N_(
                "Goods may leave in parts. What is not there waits, or you propose a smaller quantity or another "
                "product."
            ),
            N_("A proposal changes the order only when the partner accepts it."),
            N_("The partner hears by mail of each step and can ask on the order's own page."),
        ),
        last=N_(
            "A delivery that was recorded and a cancellation cannot be taken back. What was invoiced is taken "
            "back by a storno."
        ),
        guide="claim-queue",
    ),
    "staff-invoices": Help(
        N_("All documents: invoices, proformas, stornos, receipts and delivery notes."),
        (
            N_(
                "An invoice is best issued on the order's page. For many orders at once, and for what has no "
                "order, use the buttons above."
            ),
            N_("Choose a row to open a document, to record a payment on it or to take it back."),
            N_(
                "The number is given when the document is issued: there are no gaps, and dates go in order. What "
                "e-Factura would refuse is not issued, and you read what is missing."
            ),
            N_(
                "Where e-Factura is connected, invoices go to ANAF by themselves. Each says how it stands there, and "
                "what to mend where ANAF refused it."
            ),
            N_(
                "Documents from the previous program come from a file, under Import: they are paid like invoices, and "
                "have no PDF here."
            ),
        ),
        last=N_(
            "An issued document never changes. A mistake is taken back by a storno; only what has not reached the"
            " partner can be annulled."
        ),
        guide="invoices",
    ),
    "staff-receivables": Help(
        N_("What partners owe, how late it is, and what is done about it."),
        (
            N_(
                "Select a partner to see its open invoices and to record money from it. One payment can pay many "
                "invoices, the oldest due first."
            ),
            N_("What is too much stays as the partner's credit."),
            N_(
                "Drop the statements of your bank under Bank statements: what names an invoice and pays it exactly is "
                "booked with one click, the rest one by one."
            ),
            N_(
                "Who is late is reminded in three steps, at most once a day and once at each step. Paid and "
                "disputed invoices are never named."
            ),
            N_(
                "Left out are those who paid today or yesterday, whose credit covers what is overdue, or who get "
                "no reminders."
            ),
        ),
        last=N_(
            "Nothing is ever deleted: a mistake is taken back by a counter-entry. A reminder that was sent is gone."
        ),
        guide="invoices",
    ),
    "staff-reports": Help(
        N_("Sales, products, service, stock and money, each figure with the rows that it is made of."),
        (
            N_("Choose a tab and a period. Everything stands beside the same days of the year before."),
            N_("Click a bar or select a row to see what a figure is made of; the export holds all of it."),
            N_(
                "Sold is what was ordered and not cancelled, in orders that have not lapsed, at its net price in "
                "lei, on the day the order was placed; invoiced or paid makes no difference."
            ),
            N_(
                "Stock is valued at the list price of today, since purchase prices are not kept here. Turns: sold"
                " in the last 365 days against the average stock of these days."
            ),
            N_("Changes show within a minute; categories, brands and counties are those of today."),
        ),
        guide="invoices",
    ),
    "staff-messages": Help(
        N_("Messages to partners with who has read them, and conversations with each partner."),
        (
            N_(
                "Write a message, choose for whom it is and from which day to which. A plain one is only counted "
                "in the partners' menu."
            ),
            N_(
                "An important one stands above every page until it is read; one that must be confirmed stands "
                "before everything else until each person has confirmed it."
            ),
            N_("Open a message to see who has not read it, and remind them."),
            N_("In a conversation all colleagues see what was written; a partner hears of your answer by mail."),
        ),
        last=N_("Once partners see a message it stays as it is: withdraw it and post another one."),
        guide="messages",
    ),
    "staff-partners": Help(
        N_("The companies that buy from you: who asks for access, their terms, prices, limits and people."),
        (
            N_("Requests for access stand at the top: approve or refuse them. The answer goes out by mail."),
            N_("Select a row to open a partner; where its prices come from stands in its tab “Prices”."),
            N_(
                "Every person has a log-in of their own: invite them in the tab “Users”. An approved partner "
                "becomes active with its first log-in."
            ),
            N_(
                "“On hold” sees the catalogue and its documents but cannot order; of a closed partner nobody can "
                "log in."
            ),
        ),
        last=N_(
            "A mail of refusal cannot be called back. Everything else can be changed again, and the history says "
            "who did it."
        ),
        guide="partners",
    ),
    "staff-exports": Help(
        N_("Everything that the portal knows as files: orders, lines, documents, payments, prices, stock."),
        (
            N_("Choose what to take out, the columns, the period and what narrows it."),
            N_(
                "A small file is there at once; a large one is made in the background, and you get a mail when it"
                " is ready."
            ),
            N_(
                "Keep under a name what you need again: it can come by itself, and a colleague with whom it is "
                "shared gets what they may see."
            ),
            N_("Files are kept for a week, for you alone, and only as long as you may see what is in them."),
        ),
        guide="invoices",
    ),
}
