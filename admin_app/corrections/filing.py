"""The page of a correction by a file: which file, by which columns its rows are recognised, what it may do.

The file is kept and read by `enrolment.corrections`; nothing is read of it here. What its columns may hold is said by
`file_format`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses as office
from admin_app.corrections import addresses, file_format, tables
from admin_app.corrections.making import PATH
from admin_app.exports.sheets import slug
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import staff_of
from enrolment.corrections import files, steering
from enrolment.corrections.file_header import KeyMissing
from enrolment.corrections.recipes import Recipe
from enrolment.errors import DomainError, Refused
from enrolment.files.storage import StorageUnavailable
from schema.base import Table, table_of
from schema.describe import field
from schema.enums import CorrectionSource, ImportMode
from schema.tabular import CSV
from web.fields import FieldView
from web.forms import MIB, Form, Limits
from web.parts import Crumb
from web.routing import form_of

FILE, KEY, MODE, TITLE, REASON = "fichier", "cle", "mode", "titre", "motif"
MOST_BYTES = 200 * MIB
LIMITS = Limits(file_bytes=MOST_BYTES, total_bytes=MOST_BYTES + MIB, files=1, fields=20, total_seconds=1800)
_BETWEEN = "+"
_NAMES = frozenset({FILE, KEY, MODE, TITLE, REASON})


class FilePage(StaffPage):
    """« Importer un fichier »."""

    name = "Importer un fichier"

    @page(f"{PATH}/{{table}}/fichier", permission="corrections")
    def show(self, request: Request) -> Response:
        """The form: empty, or with what was typed beside a file that could not be read."""
        model = tables.to_import(staff_of(request), request.path_params["table"])
        return self._page(request, model, self._typed_before(request, model), {})

    @page(f"{PATH}/{{table}}/fichier", permission="corrections", methods=("POST",), limits=LIMITS)
    def submit(self, request: Request) -> Response:
        """Keep the file and lead to its preview; what was typed comes back with what is wrong."""
        staff, form = staff_of(request), form_of(request)
        model = tables.to_import(staff, request.path_params["table"])
        typed = {name: form.get(name) for name in (KEY, MODE, TITLE, REASON)}
        errors = _errors(form, keys(model), tables.modes(staff, model))
        if errors:
            return self._page(request, model, typed, errors, status=422)
        upload = form.file(FILE)
        assert upload is not None  # noqa: S101  Its absence is an error of the form.
        mode = ImportMode(form.get(MODE))
        try:
            correction = files.ask(
                self.office.portal,
                staff.actor,
                model,
                upload.stream(),
                file_name=upload.name,
                key=form.get(KEY).split(_BETWEEN),
                mode=mode,
                title=form.get(TITLE).strip() or _usual_title(model, upload.name),
                reason=form.get(REASON),
                every=tables.fills_every(staff, model),
            )
        except KeyMissing as error:
            again = {FILE: "Choisissez de nouveau le fichier.", KEY: f"{error.message} Choisissez-en une autre."}
            return self._page(request, model, typed, again, status=error.http_status)
        except (Refused, StorageUnavailable) as error:
            return self._page(request, model, typed, {FILE: _message(error)}, status=error.http_status)
        return RedirectResponse(addresses.show(correction.public_id), 303)

    @page(f"{PATH}/{{table}}/modele", permission="corrections")
    def model_file(self, request: Request) -> Response:
        """An empty file with the right header."""
        staff = staff_of(request)
        model = tables.to_import(staff, request.path_params["table"])
        name = f"modele-{slug(model.label_plural)}.csv"
        return Response(
            file_format.empty_file(model, tables.filled(staff, model)),
            media_type=CSV,
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    def _typed_before(self, request: Request, model: type[Table]) -> Mapping[str, str]:
        """What was typed for the correction that the address names, if it is one of this table."""
        public_id = request.query_params.get(addresses.AGAIN, "")
        if not public_id:
            return {}
        with self.office.database.reading() as session:
            correction = steering.find(session, public_id)
        if correction.table_name != table_of(model).name or correction.source is not CorrectionSource.file:
            return {}
        recipe = Recipe.of(correction.recipe)
        usual = _usual_title(model, recipe.file_name)
        return {
            KEY: _BETWEEN.join(recipe.key),
            MODE: recipe.mode.value,
            TITLE: "" if correction.title == usual else correction.title,
            REASON: correction.reason,
        }

    def _page(
        self,
        request: Request,
        model: type[Table],
        typed: Mapping[str, str],
        errors: dict[str, str],
        status: int = 200,
    ) -> Response:
        staff, table = staff_of(request), table_of(model).name
        allowed = tables.modes(staff, model)
        context = {
            "model": model,
            "fields": _fields(typed, model, allowed, errors),
            "columns": file_format.columns(model, tables.filled(staff, model), creates=ImportMode.insert in allowed),
            "creates": ImportMode.insert in allowed,
            "model_url": addresses.model_file(table),
            "export_url": office.export(table, "") if staff.may(table, Right.export) else None,
            "others": [message for name, message in errors.items() if name not in _NAMES],
            "here": addresses.of_file(table),
            "filter_url": addresses.new(table) if tables.may_correct(staff, model) else None,
            "crumbs": [Crumb(model.label_plural, office.list_of(table)), Crumb("Importer un fichier")],
        }
        return self.office.render(request, "corrections/file.html", context, status)


def keys(model: type[Table]) -> list[tuple[str, str]]:
    """The sets of columns by which the rows of a file can be recognised, the usual one first, with their labels."""
    return [
        (_BETWEEN.join(names), " + ".join(field(model, name).label for name in names))
        for names in files.usual_keys(model)
    ]


def _errors(form: Form, known: Sequence[tuple[str, str]], allowed: Sequence[ImportMode]) -> dict[str, str]:
    errors: dict[str, str] = {}
    upload = form.file(FILE)
    if form.unexpected(_NAMES):
        errors[""] = "Ce formulaire contient un champ inconnu. Rechargez la page et recommencez."
    if upload is None or not upload.name:
        errors[FILE] = "Choisissez le fichier : CSV ou Excel (XLSX)."
    elif upload.too_large:
        errors[FILE] = f"Ce fichier dépasse {MOST_BYTES // MIB} Mo : coupez-le en plusieurs fichiers."
    if form.get(KEY) not in {value for value, _ in known}:
        errors[KEY] = "Choisissez à quoi une ligne du fichier se reconnaît."
    if form.get(MODE) not in {mode.value for mode in allowed}:
        errors[MODE] = "Choisissez ce que le fichier peut faire."
    if not form.get(REASON).strip():
        errors[REASON] = "Dites pourquoi : le motif est inscrit dans l'historique de chaque ligne."
    return errors


def _message(error: DomainError) -> str:
    return f"{error.message} Choisissez de nouveau le fichier."


def _usual_title(model: type[Table], file_name: str) -> str:
    """The title of a correction that was given none."""
    return f"{model.label_plural} : {file_name}"[:255]


def _fields(
    typed: Mapping[str, str], model: type[Table], allowed: Sequence[ImportMode], errors: dict[str, str]
) -> list[FieldView]:
    choices = keys(model)
    views = [
        FieldView(
            FILE,
            "Fichier",
            kind="file",
            accept=(".csv", ".txt", ".xlsx"),
            accept_said="CSV ou Excel (XLSX), une ligne d'en-tête",
            max_bytes=MOST_BYTES,
        ),
        FieldView(
            KEY,
            "Une ligne se reconnaît par",
            help="Le fichier contient cette colonne, ou toutes celles-ci.",
            kind="radios",
            choices=choices,
            value=typed.get(KEY) or choices[0][0],
        ),
        FieldView(
            MODE,
            "Ce que le fichier peut faire",
            kind="radios",
            choices=[(mode.value, mode.label) for mode in allowed],
            value=typed.get(MODE) or allowed[0].value,
        ),
        FieldView(
            TITLE,
            "Titre",
            help="Sans titre, le nom du fichier en tient lieu.",
            value=typed.get(TITLE, ""),
            required=False,
            max_length=255,
            autocomplete="off",
        ),
        FieldView(
            REASON,
            "Motif",
            help="Pourquoi : il est inscrit dans l'historique de chaque ligne.",
            example="Courriel de la préfecture du 3 mars 2026",
            value=typed.get(REASON, ""),
            max_length=255,
            autocomplete="off",
        ),
    ]
    return [view.with_(error=errors.get(view.name)) for view in views]
