"""`/unsubscribe?user=…&mail=…&seal=…`: no more mails of a kind, without logging in.

GET only asks: programs that look at links in mails open them too. POST does it, from the page or, as RFC 8058 has it,
from the reader's mail program.
"""

from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api import answers
from core import clock
from core.db import transaction
from core.errors import NotFound
from core.i18n import N_, translate
from core.notifications.choices import CHOICES
from core.notifications.unsubscribing import language_of_link, unsubscribe
from core.principal import SYSTEM

ASK = N_("Do you want no more mails of the kind “{mail}”?")
DONE = N_("You get no more mails of the kind “{mail}”. In the portal, under “My account”, you can turn them on again.")
NO_MORE, TITLE = N_("No more of these mails"), N_("Mails")
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ margin: 0; background: #eef2f1; color: #1f2a28; font: 17px/1.5 system-ui, sans-serif; }}
main {{ max-width: 30rem; margin: 12vh auto; padding: 2rem; background: #fff; border: 1px solid #d5dedc;
  border-radius: 8px; }}
h1 {{ font-size: 1.25rem; margin: 0 0 1rem; }}
button {{ font: inherit; font-weight: bold; padding: .6rem 1.4rem; border: 0; border-radius: 6px; background: #0f766e;
  color: #fff; cursor: pointer; }}
</style></head><body><main><h1>{title}</h1><p>{words}</p>{form}</main></body></html>"""


async def page(request: Request) -> Response:
    """Ask, or do it. An address that was never mailed answers 404."""
    try:
        user, mail, seal = (request.query_params.get(name, "") for name in ("user", "mail", "seal"))
        number = int(user) if user.isascii() and user.isdigit() and len(user) < 10 else 0
        language = await run_in_threadpool(_do if request.method == "POST" else _look, number, mail, seal)
    except NotFound:
        return answers.not_found()
    return _answer(language, mail, done=request.method == "POST")


def _look(user: int, mail: str, seal: str) -> str:
    with transaction(SYSTEM) as session:
        return language_of_link(session, user, mail, seal)


def _do(user: int, mail: str, seal: str) -> str:
    with transaction(SYSTEM) as session:
        unsubscribe(session, user, mail, seal, clock.now())
        return language_of_link(session, user, mail, seal)


def _answer(language: str, mail: str, done: bool) -> Response:
    words = translate(DONE if done else ASK, language).format(mail=translate(CHOICES[mail], language))
    label, title = (escape(translate(text, language)) for text in (NO_MORE, TITLE))
    form = "" if done else f'<form method="post"><button type="submit">{label}</button></form>'
    filled = {"language": language, "title": title, "words": escape(words)}
    return HTMLResponse(PAGE.format(form=form, **filled), headers=answers.NOT_KEPT)
