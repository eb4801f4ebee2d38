"""What several pages of the account share. No endpoint here."""

from __future__ import annotations

from collections.abc import Collection

from enrolment.errors import Refused
from web.forms import Form


def refuse_unknown_fields(form: Form, names: Collection[str]) -> None:
    """Raise Refused for a form that holds more than its page has (SEC-19)."""
    if form.unexpected(names):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")


def in_minutes(seconds: int) -> str:
    """A wait as people say it: « 2 minutes », « 1 heure »."""
    minutes = -(-seconds // 60)
    if minutes < 60:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    hours = -(-minutes // 60)
    return f"{hours} heure{'s' if hours > 1 else ''}"
