"""Every macro in every state, on two pages, for the eyes, for axe and for the screenshots. Never served for real."""

from datetime import UTC, date, datetime

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from enrolment.errors import Conflict
from web.assets import Assets, Root, sqladmin_root
from web.compression import Compression
from web.csrf import Csrf
from web.fields import CurrentFile, FieldView
from web.headers import SecurityHeaders
from web.parts import Column, Crumb, Event, MenuItem, PageLinks, Step, SummaryRow, Tab
from web.routing import Access, Face, application, form_of, page
from web.templating import Templates, environment

SOURCE_FORM = """
{% extends "base.html" %}
{% from "ui/forms.html" import form, fields, field, error_summary, actions, section %}
{% from "ui/navigation.html" import stepper, back, menu %}
{% from "ui/feedback.html" import alert, banner, details, toast %}
{% from "ui/dialogs.html" import confirm %}
{% block header_actions %}<a href="/?suivre">Suivre ma demande</a><a href="/?connexion">Se connecter</a>{% endblock %}
{% block navigation %}{{ menu(items) }}{% endblock %}
{% block title %}Demandeur{% endblock %}
{% block before_heading %}{{ error_summary(wrong) }}{{ back("/", "Etape précédente") }}{{ stepper(steps, 2) }}{% endblock %}
{% block content %}
<p class="lead">Nous retrouvons votre entreprise grâce à son numéro SIRET. Vous pourrez ensuite corriger ce qui doit l'être.</p>
{% call alert("warning", "Demande anticipée") %}<p>Votre référencement n'est pas encore validé par l'ANS : le certificat vous sera demandé plus tard.</p>{% endcall %}
{% call form(csrf_field(), id="demandeur", multipart=true, autosave_url="/brouillon") %}
  {% call section("Votre entreprise", "Ces informations viennent du répertoire Sirene.") %}{{ fields(company) }}{% endcall %}
  {% call section("Vous") %}{{ fields(person) }}{% endcall %}
  {% call section("Vos pièces") %}{{ fields(files) }}{% endcall %}
  {% call details("Où trouver ce numéro ?") %}<p>Il figure sur votre extrait Kbis, en première page.</p>{% endcall %}
  {{ actions("Continuer", "Etape précédente", dialog="confirmer") }}
{% endcall %}
{% call confirm("confirmer", "Envoyer votre demande ?", "demandeur", "Terminer") %}<p>Une fois envoyée, votre demande ne pourra plus être modifiée, sauf si un gestionnaire vous le demande.</p>{% endcall %}
{% endblock %}
"""

SOURCE_STATUS = """
{% extends "base.html" %}
{% from "ui/data.html" import status_badge, summary, table, timeline %}
{% from "ui/forms.html" import form, field, actions %}
{% from "ui/navigation.html" import breadcrumb, tabs, pagination %}
{% from "ui/feedback.html" import alert, banner, panel, next_steps, accordion, toast %}
{% from "ui/dialogs.html" import confirmation %}
{% block header_actions %}<a href="/?compte">Mon compte</a>{% endblock %}
{% block width %}page-wide{% endblock %}
{% block banner %}{{ banner("Ce site est une démonstration : n'y déposez aucun document réel.", "warning", "/?plus", "En savoir plus") }}{% endblock %}
{% block before_heading %}{{ breadcrumb(crumbs) }}{% endblock %}
{% block title %}Demande ENR-2026-000123{% endblock %}
{% block heading_aside %}{{ status_badge("awaiting_documents", "En attente de pièce(s) jointe(s) complémentaire(s)") }}{% endblock %}
{% block content %}
{{ panel("Votre demande est enregistrée", said="ENR-2026-000123") }}
{{ next_steps(["Un gestionnaire de l'ASP étudie votre dossier : comptez environ dix jours.", "S'il manque une pièce, vous recevez un mail.", "Votre enrôlement est validé : vous recevez votre identifiant."]) }}
{{ tabs(tab_list, "Demande") }}
<p>{% for status, label in statuses %}{{ status_badge(status, label) }} {% endfor %}</p>
{{ table("Mes demandes d'enrôlement", columns, rows, show_caption=true) }}
{{ pagination(links) }}
{{ table("Aucune", columns, []) }}
{{ summary("Coordonnées bancaires", recap, "/?modifier") }}
{% call accordion("a. Référencement", open=true, said="Complet") %}<p>Logiciel de gestion de cabinet.</p>{% endcall %}
{% call accordion("b. Personne morale") %}<p>Éditeur.</p>{% endcall %}
{% call accordion("c. Personnes physiques") %}<p>Une personne.</p>{% endcall %}
<h2>Suivi</h2>
{{ timeline(events) }}
{% call alert("info") %}<p>Vous pouvez fermer cette page : rien ne sera perdu.</p>{% endcall %}
{% call alert("success", "Fichier enregistré") %}<p>La pièce est jointe à votre demande.</p>{% endcall %}
{% call alert("danger", "Fichier refusé") %}<p>Ce PDF est protégé par un mot de passe. Enregistrez-le sans protection, puis déposez-le à nouveau.</p>{% endcall %}
{% call confirmation(csrf_field(), submit="Terminer mon dépôt", cancel_url="/") %}<p>Voulez-vous terminer votre dépôt ?</p>{% endcall %}
{{ toast("Brouillon enregistré à 14 h 05.") }}
{% endblock %}
"""

CHOICES = (("RUE", "Rue"), ("AV", "Avenue"), ("BD", "Boulevard"))


def company() -> list[FieldView]:
    return [
        FieldView("siret", "Numéro SIRET", help="14 chiffres.", example="356 000 000 49837", input_mode="numeric",
                  error="Ce numéro n'est pas un SIRET : vérifiez ses 14 chiffres.", value="35600000012340", width="medium"),
        FieldView("denomination", "Dénomination sociale", value="ACME SANTE", read_only=True),
        FieldView("commerce", "Nom commercial", autocomplete="organization"),
        FieldView("voie", "Type de voie", kind="select", choices=CHOICES, value="AV", width="medium"),
        FieldView("complement", "Complément d'adresse", required=False, max_length=38),
        FieldView("date", "Date du certificat", kind="date", value="2026-03-03"),
        FieldView("remarque", "Message", kind="textarea", value="Une\nremarque", required=False),
        FieldView("iban", "IBAN", example="FR76 3000 6000 0112 3456 7890 189", check_url="/iban", fills="banque",
                  width="long"),
        FieldView("banque", "Domiciliation", required=False),
    ]  # fmt: skip


def person() -> list[FieldView]:
    return [
        FieldView("distributeur", "Êtes-vous distributeur ?", kind="yes_no", value="non"),
        FieldView("representant", "Êtes-vous le représentant légal du fournisseur ?", kind="yes_no",
                  error="Répondez par oui ou par non."),
        FieldView("qualite", "Qualité de tiers déclarant", kind="radios", show_when="representant=non",
                  show_when_said="Si vous n'êtes pas le représentant légal.",
                  choices=(("centre", "Centre de gestion, expert-comptable…"), ("employe", "Employé de la personne morale"))),
        FieldView("email", "Email", kind="email", autocomplete="email"),
        FieldView("secret", "Mot de passe", kind="password", autocomplete="new-password"),
        FieldView("cgu", "J'ai lu et j'accepte les conditions générales d'utilisation.", kind="checkbox"),
        FieldView("exact", "J'atteste l'exactitude des informations.", kind="checkbox", error="Cochez cette case pour continuer."),
    ]  # fmt: skip


def files() -> list[FieldView]:
    return [
        FieldView("kbis", "KBIS", kind="file", current=CurrentFile("extrait-kbis-2026.pdf", 812_345, "/?voir"), upload_url="/depot"),
        FieldView("mandat", "Mandat de l'éditeur", kind="file", template_url="/documents", upload_url="/depot",
                  show_when="distributeur=oui", show_when_said="Si vous êtes distributeur."),
        FieldView("rib", "RIB", kind="file", error="Ce fichier dépasse 4 Mo : réduisez-le, puis choisissez-le à nouveau."),
    ]  # fmt: skip


def contexts() -> dict[str, dict[str, object]]:
    at = datetime(2026, 3, 3, 13, 5, tzinfo=UTC)
    groups = {"company": company(), "person": person(), "files": files()}
    return {
        "form.html": {
            **groups,
            "wrong": [view for group in groups.values() for view in group],
            "steps": [
                Step("Référencement", "/?etape=1", done=True),
                Step("Demandeur"),
                Step("Coordonnées bancaires"),
                Step("Régime de TVA"),
                Step("Récapitulatif"),
            ],
            "items": [
                MenuItem("Accueil", "/?accueil"),
                MenuItem("Enrôlement", "", items=[MenuItem("Gérer mes demandes d'enrôlement", "/"), MenuItem("Faire une demande complémentaire", "/?c")]),
                MenuItem("Documents utiles", "/documents", current=True),
            ],
        },
        "status.html": {
            "crumbs": [Crumb("Mes demandes", "/"), Crumb("ENR-2026-000123")],
            "tab_list": [Tab("À traiter", "/", current=True, count=3), Tab("Terminées", "/?t", count=12)],
            "statuses": [("in_review", "En cours"), ("awaiting_correction", "À modifier"), ("validated", "Validée"), ("rejected", "Rejetée"), ("withdrawn", "Retirée")],
            "columns": [Column("Numéro demande", main=True), Column("Date de dépôt"), Column("Statut"), Column("Siret fournisseur"), Column("Montant", numeric=True), Column("Action", hidden_label=True)],
            "rows": [
                ["ENR-2026-000123", "3 mars 2026", Markup('<span class="status status-info">En cours</span>'), "356 000 000 49837", "1 234,56 €", Markup('<a href="/?1">Consulter</a>')],
                ["ENR-2026-000098", "12 février 2026", Markup('<span class="status status-success">Validée</span>'), "356 000 000 49837", "80,00 €", Markup('<a href="/?2">Consulter</a>')],
            ],
            "links": PageLinks("1 à 20 sur 312", None, "/?page=2"),
            "recap": [
                SummaryRow("IBAN", "FR76 3000 6000 0112 3456 7890 189", "/?iban"),
                SummaryRow("Titulaire", "ACME : SANTE", "/?titulaire"),
                SummaryRow("Domiciliation", ""),
                SummaryRow("RIB", "rib-acme.pdf", file_url="/?rib", note="812 Ko, déposé le 3 mars 2026"),
            ],
            "events": [
                Event(at, "Pièces demandées", "Merci de joindre un mandat lisible : la page 2 est floue.", "Mme Martin", "warning"),
                Event(at, "Demande en cours d'instruction", tone="info"),
                Event(at, "Demande déposée", by="Vous", tone="success"),
            ],
        },
    }  # fmt: skip


class Gallery:
    """The pages by name, rendered with the real environment."""

    def __init__(self) -> None:
        assets = Assets([Root.of_package("web")], [sqladmin_root()])
        self.csrf = Csrf.from_key("a key for the gallery, long enough")
        self.templates = Templates(assets, self.csrf)
        self.templates.environment.loader = _with_pages(self.templates)
        self.app = self._app(assets)

    def _app(self, assets: Assets) -> Starlette:
        def show(name: str):  # noqa: ANN202 -- a closure of the test.
            async def endpoint(request: Request) -> Response:
                return self.templates.render(request, name, contexts()[name])

            return endpoint

        def conflict(request: Request) -> Response:
            message = "Votre demande a été modifiée dans un autre onglet : rechargez la page, puis recommencez."
            raise Conflict(message)

        def crash(request: Request) -> Response:
            raise RuntimeError("secret detail of the inside")

        def iban(request: Request) -> Response:
            return JSONResponse({"ok": True, "message": "IBAN valide : Crédit Agricole.", "fill": "CREDIT AGRICOLE"})

        def deposit(request: Request) -> Response:
            upload = form_of(request).uploads[0]
            if b"bad" in upload.content():
                return JSONResponse({"message": "Ce fichier n'est pas un PDF : choisissez-en un autre."}, 422)
            return JSONResponse({"name": upload.name, "size": "1 Ko"})

        def draft(request: Request) -> Response:
            return JSONResponse({"saved_at": "14 h 05"})

        def posted(request: Request) -> Response:
            return self.templates.render(request, "status.html", contexts()["status.html"])

        routes = [
            page("/", show("form.html"), access=Access.PUBLIC),
            page("/", posted, access=Access.PUBLIC, methods=["POST"], name="posted"),
            page("/statut", show("status.html"), access=Access.PUBLIC, name="status"),
            page("/conflit", conflict, access=Access.PUBLIC),
            page("/panne", crash, access=Access.PUBLIC),
            page("/iban", iban, access=Access.PUBLIC, methods=["POST"]),
            page("/depot", deposit, access=Access.PUBLIC, methods=["POST"]),
            page("/brouillon", draft, access=Access.PUBLIC, methods=["POST"]),
            assets.mount(),
        ]
        face = Face(self.templates, self.csrf)
        return application(routes, face)

    def asgi(self) -> SecurityHeaders:
        return SecurityHeaders(Compression(self.app))


def _with_pages(templates: Templates):  # noqa: ANN202 -- a Jinja loader.
    from jinja2 import ChoiceLoader, DictLoader

    pages = DictLoader({"form.html": SOURCE_FORM, "status.html": SOURCE_STATUS})
    return ChoiceLoader([pages, templates.environment.loader])
