"""The web application: Streamlit's pages and our own routes in one ASGI app."""

import logging

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from api import (
    anaf,
    cart,
    document_zip,
    documents,
    export_files,
    files,
    guides,
    images,
    messages,
    orders,
    people,
    pivot,
    price_list,
    reports,
    sessions,
    statement,
    unsubscribe,
)
from api.headers import Closing, Guarding
from api.health import healthz
from api.limiting import Limiting
from core import log
from core.anaf import connecting
from core.config import ROOT
from core.notifications.unsubscribing import PATH
from pages.ui.errors import unexpected

log.configure()
# `unexpected` logs it with the number that the user was told; once is enough.
logging.getLogger("streamlit.error_util").addFilter(lambda line: line.msg != "Uncaught app execution")
# Streamlit takes a folder called pages/ for its older kind of multi-page app until st.navigation has run once: the very
# first address opened after a start would be "not found".
PagesManager.uses_pages_directory = False

ROUTES = [
    Route("/auth/session", sessions.enter),
    Route("/auth/signed-out", sessions.signed_out),
    Route("/cart/keep", cart.keep, methods=["POST"]),
    Route("/documents/{id}.pdf", documents.pdf),
    Route("/documents/{id}.xml", documents.xml),
    Route("/documents/{id}/anaf.zip", anaf.archive),
    Route("/documents.zip", document_zip.documents_zip),
    Route(connecting.PATH, anaf.callback),
    Route("/statement.pdf", statement.as_pdf),
    Route("/statement.xlsx", statement.as_xlsx),
    Route("/orders/{id}/confirmation.pdf", orders.confirmation),
    Route("/orders/{id}/picking-list.pdf", orders.picking_list),
    Route("/exports/files/{id}", export_files.export_file),
    Route("/exports/report.csv", reports.rows),
    Route("/exports/pivot.xlsx", pivot.pivot),
    Route("/exports/price-list.{form}", price_list.price_list),
    Route("/images/{id}/{size}", images.image),
    Route("/files/{id}", files.file),
    Route("/guide-pictures/{language}/{name}.webp", guides.picture),
    Route(PATH, unsubscribe.page, methods=["GET", "POST"]),
    Route("/messages/{id}/picture", messages.picture),
    Route("/conversations/files/{id}", messages.file),
    Route("/people/{id}/data.json", people.data),
    Route("/healthz", healthz),
]

app = st.App(
    ROOT / "Home.py",
    routes=ROUTES,
    middleware=[Middleware(Guarding), Middleware(Limiting), Middleware(Closing)],
    on_script_error=unexpected,
)
