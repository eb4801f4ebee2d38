"""Vendors told of a correction where a rule says so: whom, of what, once, and as it was previewed."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from enrolment.corrections import running, steering, telling
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.portal import Portal
from schema.base import Table, table_of
from schema.enums import CorrectionSource, CorrectionState, RequestKind, RequestStatus, Verb
from schema.staging import LETTERS
from schema.tables import (
    Account,
    BankAccount,
    Correction,
    CorrectionRule,
    EnrolmentRequest,
    OutgoingMail,
    Person,
    Provider,
    Referencing,
    StreetType,
)
from tests.enrolment.corrections.records import STEWARD, applied, undone
from tests.rows import IBAN, add_provider, add_referencing
from tests.stories import decide, enrol

_OTHER_SIRET = "35600000049837"
_OTHER_IBAN = "FR1420041010050500013M02606"


def _only_rule(portal: Portal, **rule: Any) -> None:
    """The one rule that is active: vendors are told, and nobody has to approve."""
    with portal.database.writing(STEWARD) as session:
        for row in session.exec(select(CorrectionRule)):
            row.active = False
        session.add(CorrectionRule(name="Essai", asks_approval=False, tells_vendors=True, **rule))


def _corrected(portal: Portal, model: type[Table], keys: list[int], **values: Any) -> Correction:
    """A correction that gives rows these values, frozen."""
    proposed = tuple((key, tuple(values.items())) for key in keys)
    with portal.database.writing(STEWARD) as session:
        correction = steering.new(
            session,
            STEWARD,
            model,
            title="Essai",
            reason="Courriel de la préfecture",
            source=CorrectionSource.finding,
            recipe=Recipe(values=proposed),
        )
    return running.finish(portal, correction.id)


def _tell(portal: Portal) -> list[OutgoingMail]:
    telling.run(portal.database, portal.addresses)
    return _mails(portal)


def _mails(portal: Portal) -> list[OutgoingMail]:
    with portal.database.reading() as session:
        statement = select(OutgoingMail).where(OutgoingMail.template == "data_corrected")
        return list(session.exec(statement.order_by(col(OutgoingMail.id))))


def _letters(portal: Portal) -> int:
    with portal.database.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(LETTERS)).scalar_one()


def _of(portal: Portal, model: type[Any], *conditions: Any) -> Any:
    with portal.database.reading() as session:
        return session.exec(select(model).where(*conditions).order_by(col(model.id))).first()


def test_vendor_gets_one_mail_with_what_changed_and_its_iban_masked(portal: Portal) -> None:
    first, second = enrol(portal), enrol(portal, siret=_OTHER_SIRET)
    _only_rule(portal, table_name="bank_account")
    with portal.database.reading() as session:
        keys = list(session.exec(select(BankAccount.id).order_by(col(BankAccount.id))))
        emails = {person.provider_id: person.email for person in session.exec(select(Person))}
    correction = _corrected(
        portal, BankAccount, keys, iban=_OTHER_IBAN, bic="PSSTFRPPXXX", domiciliation="La Banque Postale"
    )
    with portal.database.reading() as session:
        shown = telling.preview(session, correction, portal.addresses, 1)
        assert telling.preview(session, correction, portal.addresses, 3).letter is None
    assert shown.vendors == 2
    assert _tell(portal) == []
    applied(portal.database, correction)
    mails = _tell(portal)
    assert {mail.recipient for mail in mails} == {emails[first.provider_id], emails[second.provider_id]}
    (mail,) = [mail for mail in mails if mail.recipient == shown.to]
    assert shown.letter is not None
    assert mail.subject == shown.letter.subject
    for mail in mails:
        assert "IBAN : FR76 … 0189 devient FR14 … 2606" in mail.text_body.replace("\u00a0", " ")
        assert "Domiciliation" in mail.text_body
        for whole in (IBAN, _OTHER_IBAN, "3000 6000"):
            assert whole not in mail.text_body + mail.html_body
    with portal.database.reading() as session:
        assert session.get_one(Correction, correction.id).notified_at is not None


def test_mails_leave_once_whatever_stops_the_worker(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    for siret in ("73282932000074", _OTHER_SIRET):
        enrol(portal, siret=siret)
    _only_rule(portal, table_name="provider")
    monkeypatch.setattr(telling, "_MAILS_AT_ONCE", 1)
    with portal.database.reading() as session:
        keys = list(session.exec(select(Provider.id)))
    applied(portal.database, _corrected(portal, Provider, keys, city="Villeurbanne"))

    class Killed(BaseException):
        """The process ends here."""

    def killed(*args: Any, **kwargs: Any) -> None:
        del args, kwargs
        raise Killed

    whole = telling._queue
    calls: list[object] = []

    def stops_at_the_second(*args: Any) -> None:
        calls.append(args)
        whole(*args)
        if len(calls) == 2:
            killed()

    monkeypatch.setattr(telling, "_queue", stops_at_the_second)
    with pytest.raises(Killed):
        telling.run(portal.database, portal.addresses)
    assert len(_mails(portal)) == 1
    monkeypatch.setattr(telling, "_queue", whole)
    assert len(_tell(portal)) == 2
    assert len(_tell(portal)) == 2
    assert _letters(portal) == 0


def test_vendor_of_many_rows_reads_twenty_of_them_and_a_count(portal: Portal) -> None:
    account, keys = _account_of_many(portal, 23)
    _only_rule(portal, table_name="provider")
    applied(portal.database, _corrected(portal, Provider, keys, city="Saint-Denis"))
    (mail,) = _tell(portal)
    assert mail.recipient == account
    assert mail.text_body.count("devient") == 20
    assert "de la même façon" in mail.text_body
    assert "3." in mail.text_body


def _account_of_many(portal: Portal, count: int) -> tuple[str, list[int]]:
    """One account that acts for many providers, each with a request."""
    first = enrol(portal)
    decide(portal, first.id, Verb.validate)
    keys = []
    with portal.database.writing(STEWARD) as session:
        request = session.get_one(EnrolmentRequest, first.id)
        email = session.get_one(Account, request.account_id).email
        for number in range(count):
            provider = add_provider(session)
            keys.append(provider.id)
            session.add(
                EnrolmentRequest(
                    number=f"ENR-2026-9{number:05d}",
                    public_id=f"public-{number}",
                    submission_key=f"key-{number}",
                    kind=RequestKind.complementary,
                    is_early=False,
                    status=RequestStatus.in_review,
                    status_since=request.status_since,
                    submitted_at=request.submitted_at,
                    referencing_id=add_referencing(session).id,
                    provider_id=provider.id,
                    account_id=request.account_id,
                    is_distributor=False,
                    is_representative=True,
                    vat_liable=True,
                )
            )
    return email, keys


def test_only_what_was_applied_is_told_and_nothing_of_what_was_given_up(portal: Portal) -> None:
    enrol(portal)
    _only_rule(portal, table_name="provider")
    key = _of(portal, Provider).id
    given_up = _corrected(portal, Provider, [key], city="Villeurbanne")
    assert _letters(portal) == 1
    with portal.database.writing(STEWARD) as session:
        steering.cancel(session, given_up.public_id)
    assert _tell(portal) == []
    assert _letters(portal) == 0
    with portal.database.reading() as session:
        assert session.get_one(Correction, given_up.id).notified_at is None
    overtaken = _corrected(portal, Provider, [key], city="Villeurbanne")
    with portal.database.writing(STEWARD) as session:
        session.get_one(Provider, key).city = "Bron"
    assert applied(portal.database, overtaken).conflicts == 1
    assert _tell(portal) == []
    assert _letters(portal) == 0


def test_undoing_is_told_too(portal: Portal) -> None:
    enrol(portal)
    _only_rule(portal, table_name="provider", column_name="city")
    correction = applied(portal.database, _corrected(portal, Provider, [_of(portal, Provider).id], city="Villeurbanne"))
    assert len(_tell(portal)) == 1
    undone(portal.database, correction)
    told = _tell(portal)
    assert len(told) == 2
    assert "Villeurbanne" in told[1].text_body.split("devient")[0]


@pytest.mark.parametrize("told", [True, False])
def test_rule_decides_by_column_whether_vendors_are_told(portal: Portal, *, told: bool) -> None:
    enrol(portal)
    _only_rule(portal, table_name="provider", column_name="city" if told else "siret")
    with portal.database.writing(STEWARD) as session:
        correction = steering.new(
            session,
            STEWARD,
            Provider,
            title="Essai",
            reason="Essai",
            source=CorrectionSource.filter,
            recipe=Recipe(assignments=(Assignment("city", Act.constant, "Villeurbanne"),)),
        )
    correction = running.finish(portal, correction.id)
    assert applied(portal.database, correction).state is CorrectionState.applied
    assert len(_tell(portal)) == told


@pytest.mark.parametrize(
    ("model", "values", "told"),
    [
        (Provider, {"city": "Bron"}, ["vendor"]),
        (Person, {"first_name": "Clara"}, ["vendor"]),
        (Person, {"email": "clara@alize-sante.fr"}, ["vendor", "clara@alize-sante.fr"]),
        (BankAccount, {"holder": "Alizé"}, ["vendor"]),
        (Referencing, {"software_name": "Alizé 2"}, ["vendor"]),
        # What the vendor never sees is not told: the name of the publisher, whoever takes care of a request.
        (Referencing, {"publisher_name": "Éditeur"}, []),
        (EnrolmentRequest, {"assigned_to_id": None}, []),
        # A table whose rows are no vendor's.
        (StreetType, {"name": "Autre"}, []),
    ],
)
def test_vendor_of_a_row_is_found_by_its_table(
    portal: Portal, model: type[Any], values: dict[str, Any], told: list[str]
) -> None:
    request = enrol(portal)
    enrol(portal, siret=_OTHER_SIRET)
    _only_rule(portal)
    own = _of(portal, Person, Person.provider_id == request.provider_id).email
    if model is EnrolmentRequest:
        key = request.id
    elif model is Referencing:
        key = request.referencing_id
    elif model is Provider:
        key = request.provider_id
    elif "provider_id" in table_of(model).columns:
        key = _of(portal, model, model.provider_id == request.provider_id).id
    else:
        key = _of(portal, model).id
    applied_or_not = _corrected(portal, model, [key], **values)
    if applied_or_not.planned:
        applied(portal.database, applied_or_not)
    expected = [own if one == "vendor" else one for one in told]
    assert sorted(mail.recipient for mail in _tell(portal)) == sorted(expected)


def test_account_is_told_at_its_own_address_rather_than_the_person_that_filed(portal: Portal) -> None:
    request = enrol(portal)
    decide(portal, request.id, Verb.validate)
    _only_rule(portal)
    with portal.database.writing(STEWARD) as session:
        account = session.get_one(Account, session.get_one(EnrolmentRequest, request.id).account_id)
        account.email = "Compte@Alize-Sante.fr"
        key = account.id
    for model, row, values in (
        (Provider, request.provider_id, {"city": "Bron"}),
        (Account, key, {"last_name": "Autre"}),
    ):
        applied(portal.database, _corrected(portal, model, [row], **values))
    mails = _tell(portal)
    assert {mail.recipient for mail in mails} == {"compte@alize-sante.fr"}
    assert len(mails) == 2
