"""The French names of the variables that a template may use, and of the links that a letter holds.

A text that was written before these names, in the table of templates or in a letter that waits, holds the identifiers
of the program instead: it is read as if it had been written with the French ones. No message is declared in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from jinja2 import Environment, TemplateSyntaxError

from enrolment.mail.markup import with_links

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "account_link": "lien_du_compte",
        "action": "action",
        "action_link": "lien_pour_agir",
        "ans_number": "numero_ans",
        "appeal_rule": "voies_de_recours",
        "attempted_at": "tente_le",
        "author_email": "mail_de_l_auteur",
        "author_name": "nom_de_l_auteur",
        "browser": "navigateur",
        "changed_at": "modifie_le",
        "changes": "changements",
        "company_name": "denomination_sociale",
        "confirm_link": "lien_de_confirmation",
        "corrected_at": "corrige_le",
        "corrections": "corrections",
        "documents": "pieces",
        "due_on": "dernier_jour",
        "enrolment_type": "type_d_enrolement",
        "expires_at": "fin_de_validite",
        "financing_link": "lien_du_financement",
        "financing_number": "numero_du_financement",
        "forgotten_link": "lien_mot_de_passe_oublie",
        "is_early": "est_anticipe",
        "items": "elements",
        "kept_until": "conserve_jusqu_au",
        "line_count": "nombre_de_prestations",
        "login": "identifiant",
        "message": "message",
        "new_email": "nouvelle_adresse",
        "opens_account": "ouvre_un_compte",
        "others": "autres_lignes",
        "password_link": "lien_du_mot_de_passe",
        "person_name": "nom_de_la_personne",
        "proofs": "justificatifs",
        "question": "question",
        "reason": "motif",
        "recap": "recapitulatif",
        "received_at": "recu_le",
        "remaining": "codes_restants",
        "request_number": "numero_de_la_demande",
        "resubmit_link": "lien_de_nouveau_depot",
        "resume_link": "lien_de_reprise",
        "role": "role",
        "service_address": "adresse_du_service",
        "service_email": "mail_du_service",
        "service_name": "nom_du_service",
        "service_phone": "telephone_du_service",
        "sign_in_link": "lien_de_connexion",
        "silence_rule": "regle_du_silence",
        "siret": "siret",
        "software_name": "nom_du_logiciel",
        "software_version": "version_du_logiciel",
        "status_label": "statut",
        "status_link": "lien_de_suivi",
        "subject": "objet",
        "submitted_on": "depose_le",
        "support_hours": "horaires_de_l_assistance",
        "support_link": "lien_de_l_assistance",
        "ticket_link": "lien_de_la_question",
        "ticket_number": "numero_de_la_question",
        "total": "total_ttc",
        "used_at": "utilise_le",
        "waiting_since": "attendu_depuis",
        "withdrawn_at": "retire_le",
    }
)
"""Identifier of a field of a message → its name in texts."""

_OF_LOOPS = {
    "answers": "reponses",
    "document": "piece",
    "item": "element",
    "label": "libelle",
    "note": "precision",
    "proof": "justificatif",
    "section": "rubrique",
    "value": "valeur",
}
"""The same for what the loops of the former shipped templates named by themselves."""

_WORDS: Mapping[str, str] = MappingProxyType({**NAMES, **_OF_LOOPS})
_PLACEHOLDERS: Mapping[str, str] = MappingProxyType({old: f"lien:{new}" for old, new in NAMES.items()})
_LEXER = Environment(keep_trailing_newline=True)  # noqa: S701  It only cuts texts into words: nothing is rendered.


def letter_in_french(body: str) -> str:
    """The text of a letter with its links under their French names."""
    return with_links(body, _PLACEHOLDERS)


@lru_cache(maxsize=256)
def template_in_french(source: str) -> str:
    """The text of a template with variables and links under their French names; as it is when Jinja cannot read it."""
    try:
        words = [_WORDS.get(word, word) if kind == "name" else word for _, kind, word in _LEXER.lex(source)]
    except TemplateSyntaxError:
        return source
    return letter_in_french("".join(words))
