"""A template that staff edits can write text, and nothing else."""

import re

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
    "{% with x = reason %}{{ x }}{% endwith %}",
    "{% autoescape true %}{{ reason }}{% endautoescape %}",
    "{% call reason() %}x{% endcall %}",
    "{{ reason[0:1] }}",
    "{{ -reason }}",
    "{{ " + "(" * 3000 + "reason" + ")" * 3000 + " }}",
    "{% if reason %}" * 600,
    "{{ reason" + " and reason" * 800 + " }}",
    "{{ reason",
    "{% if reason %}",
]
MISTAKES = [
    ("{{ reason", "il manque « }} » avant la fin."),
    ("{{ reason }", "« } » n'est pas attendu ici."),
    ("{{ }}", "il manque une variable ou une condition."),
    ("{{ nom client }}", "« }} » est attendu, « client » est écrit."),
    ("{# à revoir", "un commentaire ouvert par « {# » n'est pas fermé par « #} »."),
    ("{% if reason %}", "« {% if %} » n'est pas fermé par « {% endif %} »."),
    ("{% for a in recap %}", "« {% for %} » n'est pas fermé par « {% endfor %} »."),
    ("{% for a in recap %}{% endif %}", "« {% endif %} » est de trop : « {% for %} » attend « {% endfor %} »."),
    ("{% else %}", "« {% else %} » n'a pas de « {% if … %} » avant lui."),
    ("{% si reason %}", "la balise « si » n'existe pas. Balises permises : if, elif, else, endif, for, endfor."),
    ("{% if reason = 1 %}{% endif %}", "« %} » est attendu, « = » est écrit."),
    ("{% set x = 1 %}", "ce n'est pas permis dans un modèle : donner une valeur à une variable."),
    ("{{ 2 * 3 }}", "ce n'est pas permis dans un modèle : un calcul avec « * »."),
    ("{{ reason|gras }}", "le filtre « gras » n'est pas permis ainsi."),
]
_ENGLISH = re.compile(r"\b(expected|unexpected|template|token|block|tag|Jinja|Getitem|Call|Assign|Error)\b(?! »)")
KINDS = {"reason": Kind.prose, "recap": Kind.recap}


@pytest.mark.parametrize("source", ESCAPES)
def test_what_is_not_text_is_refused_before_it_runs(source: str) -> None:
    # std: SEC-12
    problems = problems_of(source, KINDS)
    assert problems
    assert not [str(problem) for problem in problems if _ENGLISH.search(str(problem))]


@pytest.mark.parametrize(("source", "said"), MISTAKES)
def test_mistake_of_writing_is_said_in_french_with_its_line(source: str, said: str) -> None:
    assert [str(problem) for problem in problems_of(f"Bonjour,\n{source}", KINDS)] == [f"Ligne 2 : {said}"]


@pytest.mark.parametrize("source", ["{{ reason.__class__ }}", "{{ reason.upper() }}", "{{ ''.join(recap) }}"])
def test_jinja_sandbox_stands_behind_the_list(source: str) -> None:
    # std: SEC-12
    with pytest.raises(TemplateFailed, match=r"rempli : [a-zéà' ]+\.$"):
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
    assert [str(item) for item in check_template("rejection", source.subject, "Bonjour,\n{{ motif_cache }}")] == [
        "Ligne 2 : la variable « motif_cache » n'existe pas pour ce message."
    ]
    assert check_template("rejection", "{{ lien_de_suivi }}", source.body)
    assert check_template("rejection", "Deux\nlignes", source.body)
    assert check_template("rejection", source.subject, "{{ motif }}"), "a reason alone leaves an empty mail"
    assert check_template("documents_asked", "Objet", "{% for a, b, c in pieces %}{{ a }}{% endfor %}x")


def test_edited_letter_may_only_use_the_links_of_its_message() -> None:
    assert check_letter(Rejection, Letter("Objet", "[Voir](lien:lien_de_suivi)")) == []
    assert check_letter(Rejection, Letter("Objet", "[Voir](lien:lien_du_mot_de_passe)"))
    assert check_letter(Rejection, Letter("", "Texte"))
