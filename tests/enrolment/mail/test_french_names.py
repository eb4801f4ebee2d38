"""Variables have French names in every text; the former names, which an installation may still hold, go on working."""

import re
from dataclasses import fields

import pytest

from enrolment.mail.french_names import _OF_LOOPS, NAMES, letter_in_french, template_in_french
from enrolment.mail.messages import ALL_MESSAGES, Rejection, SameMessage
from enrolment.mail.rendering import Letter, Source, check_letter, check_template, edited, shipped, write
from enrolment.mail.variables import Message, example, variables

EVERY = pytest.mark.parametrize("kind", ALL_MESSAGES, ids=lambda kind: str(kind.name))
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def _as_before(source: str) -> str:
    """The text as it was shipped before variables had French names."""
    former = {new: old for old, new in (NAMES | _OF_LOOPS).items()}
    return _CODE.sub(lambda code: re.sub(r"\w+", lambda word: former.get(word[0], word[0]), code[0]), source)


def test_every_variable_has_a_french_name_and_no_name_is_left_over() -> None:
    declared = {item.name for kind in ALL_MESSAGES for item in fields(kind)}
    assert set(NAMES) == declared


@EVERY
def test_names_are_distinct_within_a_message_and_stand_for_nothing_else(kind: type[Message]) -> None:
    names = [variable.name for variable in variables(kind)]
    assert len(set(names)) == len(names)
    assert not [name for name in names if NAMES.get(name, name) != name], "a name that is also another's former one"


def test_names_are_plain_words_that_a_placeholder_can_hold() -> None:
    assert all(re.fullmatch(r"[a-z_]+", name) for name in NAMES.values())


@EVERY
def test_template_with_former_names_is_accepted_and_writes_the_same_letter(kind: type[Message]) -> None:
    source = shipped(kind.name)
    former = Source(_as_before(source.subject), _as_before(source.body))
    assert former != source
    assert check_template(kind.name, former.subject, former.body) == []
    assert write(example(kind), former) == write(example(kind), source)
    assert former.in_french == source


def test_letter_that_holds_former_links_may_leave_and_is_read_with_the_french_ones() -> None:
    body = "[Voir](lien:status_link), [autre](lien:inconnu)"
    assert letter_in_french(body) == "[Voir](lien:lien_de_suivi), [autre](lien:inconnu)"
    assert check_letter(Rejection, Letter("Objet", "[Voir](lien:status_link)")) == []
    assert edited("Objet", "[Voir](lien:status_link)").body == "[Voir](lien:lien_de_suivi)"


def test_letter_shows_its_links_under_their_french_names() -> None:
    letter = write(example(SameMessage), shipped(SameMessage.name))
    assert "lien:lien_de_suivi" in letter.body
    assert "_link" not in letter.body


@pytest.mark.parametrize(
    "source",
    [
        "Texte : reason, login et role, {# reason #}.",
        "{% if motif == 'reason' %}\r\n  Oui\r\n{% endif %}\r\n",
        "{{ reason )",
        "{{ " + "(" * 3000 + "motif",
    ],
)
def test_only_names_are_changed(source: str) -> None:
    assert template_in_french(source).splitlines() == source.splitlines()
