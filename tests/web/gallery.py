"""Every macro in every state, on two pages, for the eyes, for axe and for the screenshots. Never served for real."""

from datetime import UTC, datetime
from pathlib import Path

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
from web.templating import Templates

GALLERY_PAGES = Path(__file__).parent / "gallery_pages"
CHOICES = (("RUE", "Rue"), ("AV", "Avenue"), ("BD", "Boulevard"))


def company() -> list[FieldView]:
    return [
        FieldView(
            "siret",
            "Numéro SIRET",
            help="14 chiffres.",
            example="356 000 000 49837",
            input_mode="numeric",
            error="Ce numéro n'est pas un SIRET : vérifiez ses 14 chiffres.",
            value="35600000012340",
            width="medium",
        ),
        FieldView("denomination", "Dénomination sociale", value="ACME SANTE", read_only=True),
        FieldView("commerce", "Nom commercial", autocomplete="organization"),
        FieldView("voie", "Type de voie", kind="select", choices=CHOICES, value="AV", width="medium"),
        FieldView("complement", "Complément d'adresse", required=False, max_length=38),
        FieldView("date", "Date du certificat", kind="date", value="2026-03-03"),
        FieldView("remarque", "Message", kind="textarea", value="Une\nremarque", required=False),
        FieldView(
            "iban", "IBAN", example="FR76 3000 6000 0112 3456 7890 189", check_url="/iban", fills="banque", width="long"
        ),
        FieldView("banque", "Domiciliation", required=False),
    ]


def person() -> list[FieldView]:
    return [
        FieldView("distributeur", "Êtes-vous distributeur ?", kind="yes_no", value="non"),
        FieldView(
            "representant",
            "Êtes-vous le représentant légal du fournisseur ?",
            kind="yes_no",
            error="Répondez par oui ou par non.",
        ),
        FieldView(
            "qualite",
            "Qualité de tiers déclarant",
            kind="radios",
            show_when="representant=non",
            show_when_said="Si vous n'êtes pas le représentant légal.",
            choices=(("centre", "Centre de gestion, expert-comptable…"), ("employe", "Employé de la personne morale")),
        ),
        FieldView("email", "Email", kind="email", autocomplete="email"),
        FieldView("secret", "Mot de passe", kind="password", autocomplete="new-password"),
        FieldView("cgu", "J'ai lu et j'accepte les conditions générales d'utilisation.", kind="checkbox"),
        FieldView(
            "exact",
            "J'atteste l'exactitude des informations.",
            kind="checkbox",
            error="Cochez cette case pour continuer.",
        ),
    ]


def files() -> list[FieldView]:
    return [
        FieldView(
            "kbis",
            "KBIS",
            kind="file",
            current=CurrentFile("extrait-kbis-2026.pdf", 812_345, "/?voir"),
            upload_url="/depot",
        ),
        FieldView(
            "mandat",
            "Mandat de l'éditeur",
            kind="file",
            template_url="/documents",
            upload_url="/depot",
            show_when="distributeur=oui",
            show_when_said="Si vous êtes distributeur.",
        ),
        FieldView(
            "rib", "RIB", kind="file", error="Ce fichier dépasse 4 Mo : réduisez-le, puis choisissez-le à nouveau."
        ),
    ]


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
                MenuItem(
                    "Enrôlement",
                    "",
                    items=[
                        MenuItem("Gérer mes demandes d'enrôlement", "/"),
                        MenuItem("Faire une demande complémentaire", "/?c"),
                    ],
                ),
                MenuItem("Documents utiles", "/documents", current=True),
            ],
        },
        "status.html": {
            "crumbs": [Crumb("Mes demandes", "/"), Crumb("ENR-2026-000123")],
            "tab_list": [Tab("À traiter", "/", current=True, count=3), Tab("Terminées", "/?t", count=12)],
            "statuses": [
                ("in_review", "En cours"),
                ("awaiting_correction", "À modifier"),
                ("validated", "Validée"),
                ("rejected", "Rejetée"),
                ("withdrawn", "Retirée"),
            ],
            "columns": [
                Column("Numéro demande", main=True),
                Column("Date de dépôt"),
                Column("Statut"),
                Column("Siret fournisseur"),
                Column("Montant", numeric=True),
                Column("Action", hidden_label=True),
            ],
            "rows": [
                [
                    "ENR-2026-000123",
                    "3 mars 2026",
                    Markup('<span class="status status-info">En cours</span>'),
                    "356 000 000 49837",
                    "1 234,56 €",
                    Markup('<a href="/?1">Consulter</a>'),
                ],
                [
                    "ENR-2026-000098",
                    "12 février 2026",
                    Markup('<span class="status status-success">Validée</span>'),
                    "356 000 000 49837",
                    "80,00 €",
                    Markup('<a href="/?2">Consulter</a>'),
                ],
            ],
            "links": PageLinks("1 à 20 sur 312", None, "/?page=2"),
            "recap": [
                SummaryRow("IBAN", "FR76 3000 6000 0112 3456 7890 189", "/?iban"),
                SummaryRow("Titulaire", "ACME : SANTE", "/?titulaire"),
                SummaryRow("Domiciliation", ""),
                SummaryRow("RIB", "rib-acme.pdf", file_url="/?rib", note="812 Ko, déposé le 3 mars 2026"),
            ],
            "events": [
                Event(
                    at,
                    "Pièces demandées",
                    "Merci de joindre un mandat lisible : la page 2 est floue.",
                    "Mme Martin",
                    "warning",
                ),
                Event(at, "Demande en cours d'instruction", tone="info"),
                Event(at, "Demande déposée", by="Vous", tone="success"),
            ],
        },
    }


class Gallery:
    """The pages by name, rendered with the real environment."""

    def __init__(self) -> None:
        assets = Assets([Root.of_package("web")], [sqladmin_root()])
        self.csrf = Csrf.from_key("a key for the gallery, long enough")
        self.templates = Templates(assets, self.csrf, [GALLERY_PAGES])
        self.app = self._app(assets)

    def _app(self, assets: Assets) -> Starlette:
        def show(name: str):
            async def endpoint(request: Request) -> Response:
                return self.templates.render(request, name, contexts()[name])

            return endpoint

        def conflict(request: Request) -> Response:
            message = "Votre demande a été modifiée dans un autre onglet : rechargez la page, puis recommencez."
            raise Conflict(message)

        def crash(request: Request) -> Response:
            message = "secret detail of the inside"
            raise RuntimeError(message)

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
