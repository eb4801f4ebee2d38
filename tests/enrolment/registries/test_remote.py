"""A registry that is busy, down, slow or hostile never blocks anyone and never raises (rule D6)."""

import pytest

from enrolment.registries.company import Found, Unavailable, Unknown
from enrolment.registries.sirene import InseeRegistry, SearchRegistry
from tests.enrolment.registries.service import (
    SIRET,
    Naps,
    Service,
    drops,
    found,
    head_office,
    results,
    says,
    unit,
)

GARBAGE: list[object] = [
    b"",
    b"<html>maintenance</html>",
    b"\xff\xfe\x00",
    b"[" * 200_000,
    b'{"results": [{"siege": 3, "matching_etablissements": {}}], "x": ' + b" " * 2_000_000 + b"1}",
    [],
    {},
    {"results": None},
    {"results": {"siege": {}}},
    {"results": [unit(head_office(etat_administratif=None))]},
    {"etablissement": [1]},
    {"etablissement": {"siret": SIRET, "periodesEtablissement": 3}},
    {"etablissement": {"siret": SIRET, "periodesEtablissement": [None, {"dateFin": "2020-01-01"}]}},
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_unavailable_and_never_raises(
    service: Service, search: SearchRegistry, by_key: InseeRegistry, garbage: object
) -> None:
    # rule: D6
    service.answers = [says(garbage)]
    for lookup in (search.find(SIRET), by_key.find(SIRET)):
        assert isinstance(lookup, Unavailable)
        assert lookup.reason.endswith(".")


def test_a_busy_registry_is_asked_again_after_the_pause_it_wants(
    service: Service, search: SearchRegistry, naps: Naps
) -> None:
    service.answers = [says({}, 429, Retry_After="2"), says({}, 503), results(unit(head_office()))]
    assert found(search.find(SIRET)).siret == SIRET
    assert naps.taken == [2.0, 0.5]


@pytest.mark.parametrize("after", ["60", "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_long_pause_is_honoured_without_making_anyone_wait(
    service: Service, search: SearchRegistry, naps: Naps, after: str
) -> None:
    # std: REL-6
    service.answers = [says({}, 429, Retry_After=after), results(unit(head_office()))]
    assert isinstance(search.find(SIRET), Unavailable)
    assert isinstance(search.find(SIRET), Unavailable)
    assert (len(service.asked), naps.taken) == (1, [])
    naps.taken.append(59.0)
    assert isinstance(search.find(SIRET), Unavailable)
    naps.taken.append(300.0)
    assert isinstance(search.find(SIRET), Found)


def test_an_unreadable_pause_counts_as_none(service: Service, search: SearchRegistry, naps: Naps) -> None:
    service.answers = [says({}, 429, Retry_After="bientôt".encode().decode("latin-1")), results()]
    assert search.find(SIRET) == Unknown()
    assert naps.taken == [0.5]


def test_a_registry_that_is_down_is_left_alone_and_recovers_alone(
    service: Service, search: SearchRegistry, naps: Naps
) -> None:
    # std: REL-6
    service.answers = [drops]
    for _ in range(3):
        assert isinstance(search.find(SIRET), Unavailable)
    tried = len(service.asked)
    for _ in range(5):
        assert isinstance(search.find(SIRET), Unavailable)
    assert len(service.asked) == tried
    naps.taken.append(31.0)
    service.answers = [results(unit(head_office()))]
    assert isinstance(search.find(SIRET), Found)
    assert isinstance(search.find(SIRET), Found)


def test_a_failing_registry_is_asked_a_few_times_only(service: Service, search: SearchRegistry) -> None:
    service.answers = [says(b"oups", 500)]
    lookup = search.find(SIRET)
    assert lookup == Unavailable("Le registre est en panne (réponse 500).")
    assert len(service.asked) == 3


@pytest.mark.parametrize("status", [301, 401, 403, 400])
def test_a_refusal_or_a_redirection_is_not_followed(service: Service, search: SearchRegistry, status: int) -> None:
    service.answers = [says({}, status, Location=f"{service.url}/ailleurs")]
    assert isinstance(search.find(SIRET), Unavailable)
    assert len(service.asked) == 1


def test_a_compressed_answer_is_refused_since_none_was_asked_for(service: Service, search: SearchRegistry) -> None:
    service.answers = [says({"results": []}, 200, Content_Encoding="gzip")]
    assert isinstance(search.find(SIRET), Unavailable)
    assert service.asked[0][1]["Accept-Encoding"] == "identity"


def test_a_silent_or_dripping_registry_is_given_up(service: Service, search: SearchRegistry) -> None:
    # std: REL-6
    search.remote.time_out = search.remote.budget = 0.2
    for answer in (service.hangs, service.drips):
        service.answers = [answer]
        lookup = search.find(SIRET)
        assert isinstance(lookup, Unavailable)
        assert "à temps" in lookup.reason


def test_no_more_than_seven_requests_start_in_a_second(service: Service, search: SearchRegistry, naps: Naps) -> None:
    service.answers = [results()]
    search.remote.limiter = type(search.remote.limiter)(7, clock=lambda: 100.0)
    for _ in range(7):
        search.find(SIRET)
    assert naps.taken == []
    search.find(SIRET)
    assert naps.taken == [1.0]
    search.remote.budget = 0.5
    assert search.find(SIRET) == Unavailable("Trop de recherches au même moment.")
    assert len(service.asked) == 8
