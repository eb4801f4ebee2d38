"""Every route of the public site, in the order in which addresses are matched: what is opened most comes first."""

from __future__ import annotations

from public_site import assistance, captcha, documents, landing, operations, status, texts
from public_site.account import routes as account
from public_site.answering import routes as answering
from public_site.complementary import routes as complementary
from public_site.financing import routes as financing
from public_site.private import routes as private
from public_site.wizard import files, finish, resume, start, steps
from web.routing import Page

ROUTES: tuple[Page, ...] = (
    *landing.ROUTES,
    *status.ROUTES,
    *start.ROUTES,
    *resume.ROUTES,
    *start.DRAFT_ROUTES,
    *steps.ROUTES,
    *resume.DRAFT_ROUTES,
    *files.DRAFT_ROUTES,
    *finish.ROUTES,
    *account.ROUTES,
    *private.ROUTES,
    *answering.ROUTES,
    *complementary.ROUTES,
    *financing.ROUTES,
    *assistance.ROUTES,
    *documents.ROUTES,
    *texts.ROUTES,
    *captcha.ROUTES,
    *operations.ROUTES,
)
