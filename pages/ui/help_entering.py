"""How the pages work that both sides have, and those that open without a log-in."""

from core.i18n import N_
from pages.ui.help_words import Help

ENTERING = {
    "guides": Help(
        N_("Short illustrated guides to what people do here most often."),
        (
            N_("Choose a guide: it leads through the work step by step, with the pictures of a made-up company."),
            N_("At its end stand the questions that are asked most."),
            N_("For a single page, the same button up here says in a few sentences how it works."),
        ),
    ),
    "account": Help(
        N_("Your own name, address, password, second step, and which mails you get."),
        (
            N_("Each part is saved by its own button."),
            N_("A new e-mail address counts once you have opened the link that is mailed to it."),
            N_(
                "With the second step nobody gets in who only knows your password. Keep the recovery codes in a "
                "safe place."
            ),
            N_("Choose of each kind of mail whether it comes at once, once a day or never."),
        ),
        last=N_("A new password ends your other log-ins, on every device."),
    ),
    "login": Help(
        N_("The portal is for partners of the company and for its staff."),
        (
            N_("Log in with your e-mail address and your password."),
            N_("Do you not know the password any more? “Forgot your password?” mails you a link to set a new one."),
            N_("Are you not a partner yet? “Ask for access”, and the company answers by mail."),
            N_("After several wrong passwords the log-in waits a while: that protects your account."),
        ),
    ),
    "set-password": Help(
        N_("Here you set your password, from the link that came by mail."),
        (
            N_("Type a new password twice. A few words in a row are long, safe and easy to remember."),
            N_("Then log in with your e-mail address and this password."),
            N_(
                "A link of an invitation works for 7 days, one for a forgotten password for 30 minutes. Has it "
                "expired? Ask for a new one."
            ),
        ),
        last=N_("The link works once: when the password is set, it opens nothing any more."),
    ),
    "forgot-password": Help(
        N_("The way back in when you do not know your password any more."),
        (
            N_("Type the e-mail address that you log in with, and send."),
            N_("A mail brings a link to set a new password. It works for 30 minutes."),
            N_("Nothing came? Look into the spam folder, then ask the distributor which address your account has."),
        ),
    ),
    "confirm-email": Help(
        N_("Here you confirm that a new e-mail address is yours."),
        (
            N_("Look at both addresses, then confirm."),
            N_("From then on you log in with the new address, and mails come to it."),
            N_("The link works for 24 hours. Has it expired? Ask for a new one under “My account”."),
        ),
    ),
    "ask-access": Help(
        N_("For companies that want to order here and are no partner yet."),
        (
            N_("Type the CUI: name and address are filled in from the company register, where it can be reached."),
            N_("Enter who we may write to and send the request."),
            N_(
                "The company looks at it and answers by mail. If it is approved, the mail has a link to set a password."
            ),
        ),
    ),
    "set-up": Help(
        N_("Here the first administrator of the portal comes in, by the link that was shown at its start."),
        (
            N_("Enter your name, your e-mail address and a password."),
            N_("You are logged in at once, and the first steps show what comes next."),
            N_("Everybody else is invited from within the portal."),
        ),
        last=N_("The link works once, for the first administrator only."),
    ),
}
