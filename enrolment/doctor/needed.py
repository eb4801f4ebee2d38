"""Rows that the program looks up by name and does not find. Which ones it needs is told in `enrolment.rules.needed`."""

from __future__ import annotations

from collections.abc import Iterator

from enrolment.doctor.check import Check, Context, Key, Keys, Severity, only
from enrolment.rules.needed import NEEDED, Needed

_WORDS = {
    "parameter": (
        "Paramètres qui manquent",
        "Remettez-les : en attendant, le portail se sert de leur valeur d'origine.",
    ),
    "message_template": (
        "Modèles de messages qui manquent",
        "Remettez-les : en attendant, le texte livré avec le portail part à leur place.",
    ),
    "deadline": (
        "Délais qui manquent",
        "Remettez-les : sans eux, ni retard ni relance ne se comptent à ces statuts.",
    ),
    "retention": (
        "Durées de conservation qui manquent",
        "Remettez-les : sans elles, la purge s'arrête.",
    ),
}


def _check(table: str, needed: Needed) -> Check:
    said, advice = _WORDS[table]

    def find(context: Context, keys: Keys | None) -> Iterator[Key]:
        return only(needed.missing(context.session), keys)

    def put_back(context: Context, key: Key) -> None:
        context.session.add(needed.model(**needed.missing(context.session)[str(key)]))

    return Check(
        f"{table}_missing",
        Severity.error,
        said,
        advice,
        find,
        repair=put_back,
        repair_label="Remettre la valeur d'origine",
    )


CHECKS = tuple(_check(table, needed) for table, needed in NEEDED.items())
