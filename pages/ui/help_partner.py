"""How the pages of a partner work."""

from core.i18n import N_
from pages.ui.help_words import Help

PARTNER = {
    "catalog": Help(
        N_("Here you see the products at your own prices, with the stock as it is now, and order them."),
        (
            N_(
                "Search by name, brand or code and type the quantity beside each product. The total at the foot "
                "of the page counts along."
            ),
            N_("Open the cart, look through it and place the order. From that second the goods are held for you."),
            N_(
                "The distributor claims the order and prepares it. If nobody claims it in time, it lapses by "
                "itself and nothing is owed."
            ),
        ),
        last=N_(
            "You can cancel an order only until the distributor has claimed it. The cart stays as it is until you"
            " order or empty it."
        ),
        guide="first-order",
    ),
    "product": Help(
        N_("Everything about one product: pictures, data, files, your price and how much there is."),
        (
            N_(
                "Type a quantity and it is in your cart. Where a larger quantity is cheaper, the price for it is shown."
            ),
            N_(
                "Is it out of stock? Ask to be told: you get a mail when it is back, in the order in which "
                "partners asked."
            ),
            N_("The star puts the product among your own favourites; a saved list is shared with your colleagues."),
        ),
        guide="first-order",
    ),
    "quick-order": Help(
        N_("For those who know what they want: paste a list of codes and quantities and order all of it at once."),
        (
            N_("Paste the lines from a mail or a sheet, type them, or read them from a file; one product a line."),
            N_(
                "Check them: each line shows what was found, the price and whether there is enough. Mend what was"
                " not understood."
            ),
            N_("Add what is fine to the cart, then order as usual."),
            N_("A code of your own that you corrected once is understood from then on, for your colleagues too."),
        ),
        last=N_("Nothing is ordered here: you order only from the cart."),
        guide="quick-order",
    ),
    "lists": Help(
        N_(
            "What you order again and again: what your company bought before, your favourites, and lists that you"
            " share."
        ),
        (
            N_("Choose a part above, type quantities, or put everything in the cart with one button."),
            N_("Favourites are yours alone. A saved list is seen, used and changed by all your colleagues."),
            N_("Prices and stock are those of today, whatever they were the last time."),
        ),
        last=N_("A list that is deleted is gone for everybody in your company."),
        guide="quick-order",
    ),
    "orders": Help(
        N_("All orders of your company, and how each of them stands."),
        (
            N_("Choose a row to open an order: its goods, deliveries, documents and everything that happened."),
            N_(
                "An order that waits shows until when it can be claimed. You may give it more time once, unless "
                "somebody else waits for the goods."
            ),
            N_("If the distributor proposes another quantity or another product, nothing changes before you accept."),
            N_("Questions are best asked on the order's own page: there they stay with the order."),
        ),
        last=N_("Once the distributor has claimed the order, you can no longer cancel it yourself: write to them."),
        guide="first-order",
    ),
    "documents": Help(
        N_("Invoices, proformas and receipts of your company, what is still to be paid, and how to pay it."),
        (
            N_("Above stands what you owe and what is overdue. Choose a row to open a document, its PDF or its XML."),
            N_(
                "“How to pay” has the account and the words for the transfer; an invoice's own page has a code "
                "too, for a telephone to read."
            ),
            N_("A payment shows here when the distributor has recorded it, usually on the next working day."),
            N_("For your bookkeeping take out the statement of account, or many PDFs at once."),
        ),
        guide="documents",
    ),
    "purchases": Help(
        N_(
            "What your company ordered and did not cancel, at the net prices of the orders, on the days they were"
            " placed."
        ),
        (
            N_("Choose a period: it stands beside the same days of the year before."),
            N_("Below you see what ordering less often and in larger quantities would have saved."),
            N_("Orders that lapsed do not count; new ones show within a minute."),
        ),
        guide="documents",
    ),
    "messages": Help(
        N_("What the distributor tells you, and your conversations with it."),
        (
            N_("A click on a message opens it, and it counts as read."),
            N_(
                "What must be confirmed stands before everything else when you enter; each person confirms for "
                "themselves."
            ),
            N_(
                "In a conversation your colleagues and the distributor's staff see what you write and the files "
                "you send; you hear by mail of an answer."
            ),
        ),
        last=N_("A confirmation and what was written in a conversation cannot be taken back."),
        guide="documents",
    ),
    "exports": Help(
        N_("Your company's orders, lines and documents as files, for Excel or for your own programs."),
        (
            N_("Choose what to take out, the columns and the period."),
            N_(
                "A small file is there at once; a large one is made in the background, and you get a mail when it"
                " is ready."
            ),
            N_("Keep under a name what you need again: it can also come by itself each day, week or month."),
            N_("Files are kept for a week, for you alone, and only as long as you may see what is in them."),
        ),
        guide="documents",
    ),
    "colleagues": Help(
        N_("Who of your company logs in, and what each of them may do."),
        (
            N_("Everybody has a log-in of their own: nobody needs to share a password."),
            N_("“New person” sends a link with which the colleague sets a password. It works for 7 days."),
            N_("A buyer can have a spending limit: what is above it waits for your approval."),
            N_("Whoever leaves the company is blocked here, and is logged out at once."),
        ),
        guide="first-order",
    ),
}
