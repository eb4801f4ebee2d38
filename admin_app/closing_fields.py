"""The last fields of each page that changes a row: why it changes, and for some tables a password (SEC-18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from admin_app import forms, sign_in, table_rules
from admin_app.staff import staff_of
from web.fields import FieldView
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

LONGEST_REASON = 255


def of(view: TableView, reason: str = "", problem: str | None = None) -> list[FieldView]:
    """The fields; `problem` is what was wrong with the password."""
    if not view.model.recorded:
        return []
    fields = [
        FieldView(
            forms.REASON,
            "Motif",
            help="Pourquoi ce changement : gardé dans l'historique.",
            value=reason,
            required=False,
            max_length=LONGEST_REASON,
        )
    ]
    if view.identity in table_rules.ASKS_PASSWORD:
        fields.append(
            FieldView(
                forms.PASSWORD,
                "Votre mot de passe",
                help="Demandé avant un changement sensible.",
                kind="password",
                autocomplete="current-password",
                error=problem,
            )
        )
    return fields


def reason_of(request: Request) -> str | None:
    """The reason that was typed."""
    return form_of(request).get(forms.REASON).strip()[:LONGEST_REASON] or None


def password_problem(office: BackOffice, view: TableView, request: Request) -> str | None:
    """What is wrong with the password that a table asks for; None when it asks for none."""
    if view.identity not in table_rules.ASKS_PASSWORD:
        return None
    address = request.client.host if request.client else ""
    password = form_of(request).get(forms.PASSWORD)
    return sign_in.password_is_right(office.database, staff_of(request), password, address)
