"""From a draft to the fields of a step's page: which fields, in which order, with which errors.

Labels, helps and limits come from the schema and from the tables. What is right or wrong is judged in
`enrolment.application.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from enrolment.application.offers import LEGAL_NAME, NAME_CHANGED, Condition, Offer
from enrolment.application.questions import CONFIRMATIONS, Question, confirmation_label, question, questions
from enrolment.application.recap import section_title
from enrolment.application.rules import ANS, SIRET
from enrolment.application.state import Application
from enrolment.services.banks import BIC, DOMICILIATION, IBAN
from public_site.wizard.desk import Desk
from schema.describe import FieldKind
from schema.enums import Step
from web.fields import CurrentFile, FieldView

Errors = Mapping[str, str]

_WIDTHS = {
    SIRET: "medium",
    "provider.post_code": "short",
    "provider.street_number": "short",
    "provider.street_extension": "medium",
    "provider.street_type_id": "medium",
    "representative.phone": "medium",
    "depositary.phone": "medium",
    "bank.iban": "iban",
    "bank.bic": "medium",
}
_KINDS = {"email": "email", "phone": "tel"}
# A document without a condition of its own stands after the question it goes with.
_PLACES = {"identity_representative": "representative.phone", "identity_depositary": "depositary.phone"}
# Where one section of columns is too long for one group of the page, the second begins with this question.
_SPLITS = {"provider.recipient": ("Adresse postale", "Celle où nos courriers peuvent vous parvenir.")}
_SECTION_HELPS = {
    "representative": "La personne qui dirige la société ou qui la représente d'après ses statuts.",
    "depositary": "Vous, qui déposez cette demande. Le compte sera ouvert à votre nom et nos messages vous seront "
    "adressés.",
}
_CHECKED_WITH = {IBAN: BIC, BIC: IBAN}
PIECES = "pieces"
"""Key of the group of documents that go with no question."""
_DEPOSITARY = Condition("is_representative", value=False)


@dataclass(frozen=True)
class Shown:
    """A field of the page. `within` are the conditions around the one that the field carries itself."""

    view: FieldView
    within: tuple[str, ...] = ()
    starts_hidden: bool = False


@dataclass(frozen=True)
class Group:
    """A titled group of fields. `only_if` says its condition to those who have no scripts."""

    key: str
    title: str
    help: str
    items: tuple[Shown, ...]
    show_when: str | None = None
    only_if: str = ""


def search_view(desk: Desk, errors: Errors) -> FieldView:
    """The field that is searched with « Rechercher »: the ANS number or the SIRET."""
    name = ANS if desk.step is Step.referencing else SIRET
    view = question_view(desk.application, question(name), errors)
    # The number is shown as it was searched (rule R3); one that cannot be a number, as it was typed.
    number = desk.application.value(ANS) if name == ANS else None
    return view.with_(value=number) if number else view


def groups(desk: Desk, errors: Errors) -> tuple[Group, ...]:
    """The fields of a step, searched ones aside, group by group."""
    found: list[Group] = []
    placed: set[str] = set()
    for key, title, help_, items in _sections(desk):
        shown: list[Shown] = []
        for item in items:
            view = _remarked(desk, question_view(desk.application, item, errors))
            if item.name in _CHECKED_WITH:
                view = _checked(view, desk)
            shown.append(Shown(view))
            shown.extend(_confirmation(desk.application, item, errors))
            for offer in _offers_after(item.name, desk.offers):
                placed.add(offer.kind.code)
                shown.append(_document(desk, offer, errors, inside=key))
        is_depositary = items[0].section.prefix == "depositary"
        found.append(
            Group(
                key,
                title,
                help_,
                tuple(shown),
                show_when=_expression(_DEPOSITARY) if is_depositary else None,
                only_if=_DEPOSITARY.said if is_depositary else "",
            )
        )
    rest = tuple(_document(desk, offer, errors, inside="") for offer in desk.offers if offer.kind.code not in placed)
    if rest:
        pieces = Group(PIECES, "Pièce à joindre" if len(rest) == 1 else "Pièces à joindre", "", rest)
        # The certificate comes before the question on health data, as in the guide (p. 10).
        found.insert(0 if desk.step is Step.referencing else len(found), pieces)
    return tuple(found)


def views_of(found: Iterable[Group]) -> list[FieldView]:
    """Every field of the groups, in the order of the page."""
    return [item.view for group in found for item in group.items]


def question_view(application: Application, item: Question, errors: Errors) -> FieldView:
    """One question."""
    spec = item.spec
    field_type = spec.field_type
    changes: dict[str, object] = {
        "name": item.name,
        "label": item.label,
        "width": _WIDTHS.get(item.name, ""),
        "max_length": field_type.typed_length if field_type else None,
        "required": spec.required or item.name in {"request.hosts_health_data", "depositary.quality"},
    }
    if field_type is not None and field_type.name in _KINDS:
        changes["kind"] = _KINDS[field_type.name]
    if item.name == "depositary.quality":
        changes["kind"] = "radios"
    if spec.kind is FieldKind.reference:
        changes |= {"kind": "select", "choices": tuple(application.street_types.items()), "input_mode": None}
    if item.name == LEGAL_NAME:
        changes["attributes"] = {"data-registry-name": registry_name(application)}
    return FieldView.of(spec, application.answers.get(item.name, ""), errors.get(item.name), **changes)


def _remarked(desk: Desk, view: FieldView) -> FieldView:
    """With what was said of it in the request that this draft takes up."""
    remark = desk.former.reasons.get(view.name) if desk.former is not None else None
    return view.with_(remark=remark) if remark else view


def _checked(view: FieldView, desk: Desk) -> FieldView:
    """The IBAN and the BIC are checked together while they are typed, by the script alone."""
    return view.with_(
        check_url=desk.bank_check_address,
        fills=DOMICILIATION,
        attributes={"data-check-with": _CHECKED_WITH[view.name]},
    )


def registry_name(application: Application) -> str:
    """The company's name in the registry; empty when it is not known."""
    company = application.lookup.company if application.lookup else None
    return (company.legal_name or "") if company else ""


def kept_file(desk: Desk, kind_code: str) -> CurrentFile:
    """The file given for a kind, or where it will be seen once it is given."""
    stored = desk.application.files.get(kind_code)
    address = desk.file_address(kind_code)
    return CurrentFile(stored.name, stored.size, address) if stored else CurrentFile("", None, address)


def _sections(desk: Desk) -> Iterator[tuple[str, str, str, Sequence[Question]]]:
    """Key, title, help and questions of each group of the step."""
    asked = [item for item in questions(desk.step) if item.name not in {ANS, SIRET} and _may_apply(desk, item)]
    for section in dict.fromkeys(item.section for item in asked):
        own = [item for item in asked if item.section == section]
        title, help_ = section.title, _SECTION_HELPS.get(section.prefix, "")
        if section.prefix == "request":
            title = section_title(section, desk.step)
        start = 0
        for position, item in enumerate(own):
            if item.name in _SPLITS:
                yield section.prefix, title, help_, own[start:position]
                start = position
                title, help_ = _SPLITS[item.name]
        key = section.prefix if start == 0 else f"{section.prefix}-{start}"
        yield key, title, help_, own[start:]


def _may_apply(desk: Desk, item: Question) -> bool:
    """Whether the question applies, or may come to apply by an answer of the same page."""
    application = desk.application
    return application.applies(item) or (item.section.prefix == "depositary" and application.may_ask(item))


def _confirmation(application: Application, item: Question, errors: Errors) -> Iterator[Shown]:
    for name, target in CONFIRMATIONS.items():
        if target == item.name:
            yield Shown(
                FieldView(
                    name=name,
                    label=confirmation_label(name),
                    help="La même adresse, une seconde fois.",
                    value=application.answers.get(name, ""),
                    error=errors.get(name),
                    kind="email",
                    input_mode="email",
                    autocomplete="email",
                    max_length=254,
                )
            )


def _offers_after(name: str, offers: Sequence[Offer]) -> Iterator[Offer]:
    """The documents that stand after a question: those that depend on its answer last."""
    for offer in offers:
        place = _PLACES.get(offer.kind.code)
        if place is None and offer.conditions:
            place = offer.conditions[-1].question_name
        if place == name:
            yield offer


def _document(desk: Desk, offer: Offer, errors: Errors, *, inside: str) -> Shown:
    own = [item for item in offer.conditions if not (inside == "depositary" and item == _DEPOSITARY)]
    stored = offer.kind.code in desk.application.files
    view = FieldView(
        name=offer.field,
        label=offer.kind.name,
        help=offer.kind.help,
        error=errors.get(offer.field),
        required=offer.required,
        kind="file",
        show_when=_expression(own[-1]) if own else None,
        show_when_said=own[-1].said if own else None,
        current=kept_file(desk, offer.kind.code),
        template_url=f"/documents/{offer.kind.template_file}" if offer.kind.template_file else None,
        max_bytes=offer.kind.max_bytes,
        upload_url=f"{desk.address}/pieces",
    )
    view = _remarked(desk, view)
    on_name = any(item.fact == NAME_CHANGED for item in own)
    hidden = on_name and not stored and not desk.application.legal_name_changed
    return Shown(view, tuple(map(_expression, own[:-1])), starts_hidden=hidden)


def _expression(condition: Condition) -> str:
    name = NAME_CHANGED if condition.fact == NAME_CHANGED else condition.question_name
    return f"{name}={condition.answer}"
