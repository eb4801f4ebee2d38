"""A template that staff edits can write text, and nothing else."""

import pytest

from enrolment.mail.messages import Rejection
from enrolment.mail.rendering import Letter, check_letter, check_template, shipped
from enrolment.mail.sandbox import MAX_OUTPUT, TemplateFailed, problems_of, render
from enrolment.mail.variables import Kind

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ reason.__class__ }}",
    "{{ reason['__class__'] }}",
    "{{ reason|attr('__class__') }}",
    "{{ reason.format(reason) }}",
    "{{ '{0.__class__}'.format(reason) }}",
    "{{ '%s' % reason }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ reason ~ reason }}",
    "{{ range(1000000000) }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum() }}",
    "{{ self }}",
    "{{ self.__init__ }}",
    "{{ loop }}{{ config }}",
    "{% for x in reason %}{{ loop.__class__ }}{% endfor %}",
    "{% for a in recap %}{{ loop.nextitem }}{% endfor %}",
    "{% for a in recap recursive %}{{ loop(recap) }}{% endfor %}",
    "{% for a in recap %}{% for b in recap %}{% for c in recap %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in reason %}x{% endfor %}",
    "{% for a in 'abc' %}x{% endfor %}",
    "{% for a in [1, 2] %}x{% endfor %}",
    "{% set x = reason %}{{ x }}",
    "{% macro m() %}{% endmacro %}",
    "{% include 'layout.html' %}",
    "{% import 'layout.html' as x %}",
    "{% extends 'layout.html' %}",
    "{% block x %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{{ recap|map('upper') }}",
    "{{ recap|join(attribute='x') }}",
    "{{ reason|safe }}",
    "{{ reason is callable }}",
    "{{ {'a': 1} }}",
    "{{ reason",
    "{% if reason %}",
]
KINDS = {"reason": Kind.prose, "recap": Kind.recap}


@pytest.mark.parametrize("source", ESCAPES)
def test_what_is_not_text_is_refused_before_it_runs(source: str) -> None:
    # std: SEC-12
    assert problems_of(source, KINDS)


@pytest.mark.parametrize("source", ["{{ reason.__class__ }}", "{{ reason.upper() }}", "{{ ''.join(recap) }}"])
def test_jinja_sandbox_stands_behind_the_list(source: str) -> None:
    # std: SEC-12
    with pytest.raises(TemplateFailed):
        render(source, {"reason": "x", "recap": ()})


def test_ordinary_templates_pass() -> None:
    source = (
        "{% if reason and not recap %}{{ reason|upper }}{% endif %}{% for a, b in recap %}{{ loop.index }}{% endfor %}"
    )
    assert problems_of(source, KINDS) == ()


def test_output_is_capped() -> None:
    with pytest.raises(TemplateFailed, match="dépasse"):
        render("{% for a in recap %}{{ reason }}{% endfor %}", {"recap": ("x",) * 50, "reason": "y" * MAX_OUTPUT})


def test_mistakes_are_said_in_french_with_their_line() -> None:
    source = shipped("rejection")
    assert [str(item) for item in check_template("rejection", source.subject, "Bonjour,\n{{ motif }}")] == [
        "Ligne 2 : la variable « motif » n'existe pas pour ce message."
    ]
    assert check_template("rejection", "{{ status_link }}", source.body)
    assert check_template("rejection", "Deux\nlignes", source.body)
    assert check_template("rejection", source.subject, "{{ reason }}"), "a reason alone leaves an empty mail"
    assert check_template("documents_asked", "Objet", "{% for a, b, c in documents %}{{ a }}{% endfor %}x")


def test_edited_letter_may_only_use_the_links_of_its_message() -> None:
    assert check_letter(Rejection, Letter("Objet", "[Voir](lien:status_link)")) == []
    assert check_letter(Rejection, Letter("Objet", "[Voir](lien:password_link)"))
    assert check_letter(Rejection, Letter("", "Texte"))
