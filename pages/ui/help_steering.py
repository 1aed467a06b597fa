"""How the staff's pages work: goods, prices and what holds for the whole portal."""

from core.i18n import N_
from pages.ui.help_words import Help

STEERING = {
    "staff-products": Help(
        N_("The products that partners can order, with their data, pictures and stock."),
        (
            N_(
                "“On hand” is what is on the shelves, “held” the part kept for orders, “available” the rest: what"
                " partners can order."
            ),
            N_(
                "Click a row to open the product; tick several at their left edge to change them together, if "
                "your role changes products."
            ),
            N_("After a count, open the product and enter what is really there; the difference is recorded."),
            N_("A product that is not active is hidden from partners."),
        ),
        last=N_("Prices and names on orders already placed do not change, whatever you change here."),
        guide="prices",
    ),
    "staff-prices": Help(
        N_(
            "Price lists: net prices for groups of partners or single ones, from a quantity on and between days "
            "if need be."
        ),
        (
            N_(
                "Choose a row to open a list, and change its prices like a spreadsheet: type, paste, or raise "
                "many at once."
            ),
            N_(
                "Before prices are raised or pasted you see what would happen. A change can be planned for a later day."
            ),
            N_("A list counts before its discounts and the general ones; a partner's own price goes before the list."),
            N_("A product that is not in the list has its discounts or the base list price."),
        ),
        last=N_("New prices hold from the next order on; orders already placed keep theirs."),
        guide="prices",
    ),
    "staff-price-rules": Help(
        N_("Discounts, promotions and groups of partners: what makes prices differ, beside the price lists."),
        (
            N_(
                "The first of these that has a valid rule makes the price: the partner's own net price, its own "
                "discount, its price list (net price, then discount), its group's list (the same), the discounts "
                "for everybody, the list price."
            ),
            N_(
                "Within one step the narrower rule decides: a product before its brand, the brand before its "
                "category, a category before everything; then the lower price."
            ),
            N_("At the end a promotion takes the place of a dearer price."),
            N_("A day counts from midnight to midnight where you are."),
        ),
        last=N_("Placed orders keep their prices. A rule can be ended or deleted at any time; it then counts no more."),
        guide="prices",
    ),
    "staff-price-check": Help(
        N_("Answers a partner's question: why does this cost me what it does?"),
        (
            N_(
                "Choose a partner and a product: you see the price of an order of today or of a later day, and "
                "each rule that was looked at, the one that decides marked."
            ),
            N_("From there you can open the rule and change it."),
            N_("What was charged in the past stands on the order itself."),
            N_("The address of this page keeps your choice: send it to a colleague."),
        ),
        guide="prices",
    ),
    "staff-imports": Help(
        N_("Brings products, prices, stock, partners or opening balances in from a file, as a whole or not at all."),
        (
            N_(
                "Load the file as you got it: a workbook (XLSX, XLS, ODS) or a text (CSV, TSV, TXT). The names of the "
                "columns stand in one of the first 30 rows, in any order; “Columns of the file” names them."
            ),
            N_(
                "You first see how the file was understood, what would change, and every error with its line. Where a "
                "column was misunderstood, pick the right one; under the name of the supplier it is remembered."
            ),
            N_(
                "Rows are found by their code: what is there is changed, what is not is added, nothing is ever "
                "removed. An absent column or an empty cell leaves what is there; the same file twice changes nothing."
            ),
            N_(
                "Opening balances are what partners had not paid in the program before: a row for each document, with "
                "what is still open. From then on it is paid, reminded of and counted in limits like an invoice; it is "
                "no sale, and has no number or PDF of ours."
            ),
            N_(
                "“Comes by itself”: files from the watched folder or an address on the internet are fetched on a "
                "timetable, and loaded if they have no error."
            ),
        ),
        last=N_(
            "For 30 days a loaded file can be undone under “The last imports”, as long as nobody has changed or used "
            "its rows since."
        ),
        guide="prices",
    ),
    "staff-mails": Help(
        N_("Every mail of the portal and what became of it; what mails say, and who hears of new orders."),
        (
            N_("The portal sends mails by itself and tries again for three days while a server is out of reach."),
            N_("Failed: the recipient's server refused it for good and says why, or the link in it had expired."),
            N_(
                "Uncertain: the connection broke while the mail went out; it may have arrived. You decide whether"
                " to send it again."
            ),
            N_("For the daily mail: its reader wants such mails together, once a day."),
        ),
        last=N_("A mail that was sent cannot be called back."),
        guide="messages",
    ),
    "staff-users": Help(
        N_("Your colleagues who log in, what each role may do, and whose log-in needs a second step."),
        (
            N_(
                "Every member of staff has a log-in of their own. “New person” sends a link with which the "
                "colleague sets a password."
            ),
            N_("Whoever leaves is blocked here, and is logged out at once."),
            N_("The people of partners are found at each partner."),
            N_("What a person did stays in the audit, also after they are blocked."),
        ),
        guide="partners",
    ),
    "staff-audit": Help(
        N_("Who did what, when and from where."),
        (
            N_(
                "Search finds order and document numbers, SKUs, the beginning of an IP address, and words of what"
                " was written down."
            ),
            N_("A person is found as who did it and as whom it was done to."),
            N_("What the filters leave can be taken out as a spreadsheet; that is written down too."),
        ),
        last=N_("Nobody can change or remove an entry, not even here."),
        guide="partners",
    ),
    "staff-settings": Help(
        N_("What holds for the whole portal: your company, deadlines, limits, documents, VAT, mail and access."),
        (
            N_("Each tab is saved by its own button; what you save holds from the next click of everybody."),
            N_("Begin with your company: its data stands on every document and in every mail."),
            N_("Orders that wait keep the deadline that they were placed with."),
            N_("“History” shows who changed what; most changes can be taken back there."),
        ),
        last=N_("Pictures and passwords cannot be brought back, and documents already issued stay as they are."),
        guide="claim-queue",
    ),
    "staff-start": Help(
        N_("What is left to do until the first order can come, in the order in which it is best done."),
        (
            N_("Begin at the top: each step leads to the page where it is done."),
            N_("A step counts as done as soon as what it asks for is there; you can come back at any time."),
            N_("Put the page away when you need it no more: the settings bring it back."),
        ),
        guide="partners",
    ),
}
