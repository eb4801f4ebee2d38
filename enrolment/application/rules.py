"""The rules of the five steps: what is wrong with an application, step by step.

Pure: an `Application` comes in, problems come out, each with the field it is about. Captchas and the state of the
database at the moment of the deposit are not judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from enrolment.application.questions import CONFIRMATIONS, question
from enrolment.application.state import Application, Problem
from enrolment.clock import PARIS
from schema.enums import LegalTextKind, ReferencingStatus, RegistryOutcome, RequestKind, Step, StreetExtension
from schema.types import InvalidValue, Level, bank_coherence

ANS = "referencing.ans_number"
SIRET = "provider.siret"
BOXES = (LegalTextKind.cgu, LegalTextKind.penal, LegalTextKind.authenticity)
_STREET_LINE = 38


def box(kind: LegalTextKind) -> str:
    """Name of the box that accepts a legal text."""
    return f"accept.{kind.value}"


def problems_of(step: Step, application: Application, now: datetime) -> tuple[Problem, ...]:
    """What is wrong in a step, in the order of the page. One problem for each field at most."""
    found: dict[str, Problem] = {}
    for problem in (*_CHECKS[step](application, now), *_answers(step, application), *_documents(step, application)):
        found.setdefault(problem.field, problem)
    order = [item.name for item in application.asked(step)]
    return tuple(sorted(found.values(), key=lambda one: order.index(one.field) if one.field in order else len(order)))


def first_open_step(application: Application, now: datetime) -> Step:
    """The first step that is not right yet, or the summary: nobody gets past a step that has problems."""
    for step in Step:
        if step is Step.summary or problems_of(step, application, now):
            return step
    return Step.summary


def values_of(application: Application, prefix: str) -> dict[str, Any]:
    """The values of a section by column, ready to be stored. Every step must be free of problems."""
    return {
        item.spec.name: application.value(item.name)
        for step in Step
        for item in application.asked(step)
        if item.section.prefix == prefix
    }


def _answers(step: Step, application: Application) -> Iterable[Problem]:
    for item in application.asked(step):
        if item.name == ANS or (item.name == SIRET and application.lookup is None):
            continue
        raw = (application.answers.get(item.name) or "").strip()
        if not raw and (item.spec.required or item.name in _ALWAYS_ASKED):
            yield Problem(item.name, _missing(item.label))
            continue
        try:
            item.spec.clean(raw)
        except InvalidValue as error:
            yield Problem(item.name, error.message)


_ALWAYS_ASKED = frozenset({"request.hosts_health_data", "depositary.quality"})


def _missing(label: str) -> str:
    if label.endswith("?"):
        return f"Répondez à la question « {label} » par Oui ou par Non."
    return f"Renseignez « {label} »."


def _documents(step: Step, application: Application) -> Iterable[Problem]:
    for item in application.due_in(step):
        if item.required and item.kind.code not in application.files:
            yield Problem(f"document.{item.kind.code}", f"Joignez « {item.kind.name} ». {item.reason}")


def _referencing(application: Application, now: datetime) -> Iterable[Problem]:
    typed = (application.answers.get(ANS) or "").strip()
    software = application.software
    if not typed:
        yield Problem(ANS, "Saisissez votre numéro unique de référencement ANS, puis cliquez sur « Rechercher ».")
    elif software is None:
        yield Problem(
            ANS,
            "Ce numéro de référencement est inconnu. Vérifiez-le sur le courrier de l'ANS ; s'il est exact, "
            "contactez l'assistance.",
        )
    elif software.status is ReferencingStatus.withdrawn:
        yield Problem(ANS, "L'ANS a retiré ce référencement : il ne peut pas être enrôlé. Contactez l'assistance.")
    elif software.held_by is not None:
        yield Problem(
            ANS,
            "Une demande d'enrôlement existe déjà pour ce numéro, et un numéro ne s'enrôle qu'une fois. Suivez-la "
            "avec le lien de l'accusé de réception ; si vous n'en êtes pas l'auteur, contactez l'assistance.",
        )
    elif application.waits_for is not None:
        yield Problem(
            ANS,
            f"{_first_request(application.waits_for, software.wave_name)} est en cours d'instruction. Attendez sa "
            "validation, même partielle : vous pourrez ensuite enrôler ce logiciel.",
        )
    elif now < software.opens_at:
        yield Problem(
            ANS,
            f"L'enrôlement pour « {software.dsr_name} » ouvrira le {_moment(software.opens_at)}. Revenez à cette date.",
        )
    elif software.closes_at is not None and now > software.closes_at:
        yield Problem(
            ANS, f"L'enrôlement pour « {software.dsr_name} » est fermé depuis le {_moment(software.closes_at)}."
        )


def _first_request(number: str, wave: str) -> str:
    if number:
        return f"Votre première demande de la {wave.lower()}, {number},"
    return f"La première demande de votre société pour la {wave.lower()}, déposée depuis un autre compte,"


def _moment(moment: datetime) -> str:
    return moment.astimezone(PARIS).strftime("%d/%m/%Y à %H h %M")


def _applicant(application: Application, now: datetime) -> Iterable[Problem]:  # noqa: ARG001  All checks have one form.
    if application.kind is RequestKind.complementary:
        return
    yield from _company(application)
    for name, target in CONFIRMATIONS.items():
        if not application.applies(question(target)):
            continue
        typed = (application.answers.get(name) or "").strip()
        if not typed:
            yield Problem(name, "Saisissez une seconde fois l'adresse email, pour éviter une faute de frappe.")
        elif typed.casefold() != (application.answers.get(target) or "").strip().casefold():
            yield Problem(name, "Les deux adresses email diffèrent : corrigez celle qui est fausse.")
    yield from _street(application)


def _company(application: Application) -> Iterable[Problem]:
    siret = application.value(SIRET)
    lookup = application.lookup
    if not (application.answers.get(SIRET) or "").strip():
        yield Problem(SIRET, "Saisissez votre numéro SIRET, puis cliquez sur « Rechercher ».")
    elif lookup is None or siret != lookup.siret:
        yield Problem(SIRET, "Cliquez sur « Rechercher » pour retrouver votre société à partir de ce SIRET.")
    elif lookup.outcome is RegistryOutcome.found and lookup.company is not None and not lookup.company.is_open:
        yield Problem(
            SIRET,
            "D'après le répertoire des entreprises, cet établissement est fermé : il ne peut pas s'enrôler. "
            "Saisissez le SIRET d'un établissement ouvert.",
        )
    elif application.kind is RequestKind.initial and application.vendor_is_known:
        yield Problem(
            SIRET,
            "Ce fournisseur possède déjà un compte : connectez-vous et faites une demande complémentaire.",
        )
    elif application.kind is RequestKind.initial and application.vendor_has_request:
        yield Problem(
            SIRET,
            "Une première demande est en cours d'instruction pour ce SIRET. Attendez sa validation, même partielle : "
            "vous pourrez ensuite enrôler vos autres logiciels depuis votre compte.",
        )


def _street(application: Application) -> Iterable[Problem]:
    street_type = application.value("provider.street_type_id")
    if street_type is not None and str(street_type) not in application.street_types:
        yield Problem("provider.street_type_id", "Choisissez le type de voie dans la liste.")
    extension = application.value("provider.street_extension")
    parts = (
        application.value("provider.street_number"),
        StreetExtension(extension).label if extension else None,
        application.street_types.get(str(street_type)),
        application.value("provider.street_name"),
    )
    line = " ".join(part for part in parts if part)
    if len(line) > _STREET_LINE:
        yield Problem(
            "provider.street_name",
            f"L'adresse « {line} » dépasse {_STREET_LINE} caractères : abrégez le nom de la voie ou utilisez "
            "le complément.",
        )


def _bank(application: Application, now: datetime) -> Iterable[Problem]:  # noqa: ARG001  All checks have one form.
    iban, bic = application.value("bank.iban"), application.value("bank.bic")
    if iban and bic:
        coherence = bank_coherence(iban, bic, application.bank_overrides)
        if coherence.level is Level.error and coherence.message:
            yield Problem("bank.bic", coherence.message)


def _nothing_more(application: Application, now: datetime) -> Iterable[Problem]:  # noqa: ARG001  All checks have one form.
    return ()


def _summary(application: Application, now: datetime) -> Iterable[Problem]:  # noqa: ARG001  All checks have one form.
    if application.kind is RequestKind.complementary:
        # The guide shows no box there: the confirmation names the texts.
        return
    for kind in BOXES:
        if application.answers.get(box(kind)) != "oui":
            yield Problem(box(kind), f"Cochez cette case pour déposer votre demande : « {kind.label} ».")


_CHECKS: Mapping[Step, Callable[[Application, datetime], Iterable[Problem]]] = {
    Step.referencing: _referencing,
    Step.applicant: _applicant,
    Step.bank: _bank,
    Step.vat: _nothing_more,
    Step.summary: _summary,
}
