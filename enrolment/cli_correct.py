"""`enrolment correct`: corrections of many rows without a browser, by the same engine as the pages.

Nothing here decides what a correction may do. The command line has no second person: what a rule submits to one is
prepared here and approved in the back office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import sqlalchemy as sa
import typer

from enrolment import cli_correct_answers as answers
from enrolment import cli_words
from enrolment.cli_correct_asked import assignments_of, query_of
from enrolment.cli_import import Tools, require_no_second_person
from enrolment.cli_parts import MODULE, confirm, measured_bar, open_database, operator, storage_of, table_named
from enrolment.corrections import reading, running, steering
from enrolment.corrections.lines import last_place
from enrolment.corrections.recipes import Act, Recipe
from enrolment.doctor import proposals
from enrolment.errors import NotFound, Refused
from enrolment.settings import Settings
from enrolment.typography import counted
from schema.base import table_of
from schema.database import Database
from schema.describe import model_named
from schema.enums import CorrectionSource, CorrectionState
from schema.tables import ALL, Correction

app = typer.Typer(help="Corrige de nombreuses lignes : aperçu, application, annulation.", **MODULE)
command = app.command(cls=cli_words.Command)

_UNDOING = "Annulation demandée en ligne de commande"
_MOST_LINES = 10_000
_NUMBER = 18

Named = Annotated[str, typer.Argument(metavar="CORRECTION", help="Numéro de la correction, ou son identifiant public.")]
AsJson = Annotated[bool, typer.Option("--json", help="Répond en JSON, pour un programme.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ne demande pas de confirmation.")]
Others = Annotated[bool, typer.Option("--others", help="Applique les autres lignes quand certaines sont écartées.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Laisse le travail au travail de fond et rend la main.")]
Columns = list[str] | None


def _of_column(option: str, about: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(option, metavar="COLONNE", help=about)
    return found


@command
def new(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Nom de la table, par exemple provider.")] = "",
    *,
    title: Annotated[str, typer.Option("--title", help="Ce que fait la correction, en quelques mots.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Pourquoi ; inscrit dans l'historique de chaque ligne.")] = "",
    from_check: Annotated[
        str,
        typer.Option(metavar="CONTRÔLE", help="Prépare ce que propose un contrôle des données, au lieu d'un filtre."),
    ] = "",
    where: Annotated[
        Columns,
        typer.Option(metavar="COLONNE[__OP]=VALEUR", help="Lignes visées, comme dans l'adresse d'une liste filtrée."),
    ] = None,
    search: Annotated[str, typer.Option(metavar="MOTS", help="Lignes visées : recherche de la liste.")] = "",
    set_: Annotated[
        Columns, typer.Option("--set", metavar="COLONNE=VALEUR", help="Met une même valeur partout.")
    ] = None,
    copy: Annotated[
        Columns, typer.Option("--copy", metavar="COLONNE=AUTRE", help="Recopie une autre colonne de la ligne.")
    ] = None,
    map_: Annotated[
        Columns,
        typer.Option(
            "--map",
            metavar="COLONNE=FICHIER",
            help="Remplace d'après un fichier CSV de deux colonnes, ancienne et nouvelle valeur.",
        ),
    ] = None,
    replace: Annotated[
        Columns,
        typer.Option(
            metavar="COLONNE=/ANCIEN/NOUVEAU/",
            help="Cherche et remplace dans le texte ; le signe après « = » sépare les deux textes.",
        ),
    ] = None,
    normalise: Annotated[Columns, _of_column("--normalise", "Remet en forme selon le type de la colonne.")] = None,
    capitals: Annotated[Columns, _of_column("--capitals", "Met en majuscules.")] = None,
    small_letters: Annotated[Columns, _of_column("--small-letters", "Met en minuscules.")] = None,
    initials: Annotated[Columns, _of_column("--initials", "Met une majuscule à chaque mot.")] = None,
    clear: Annotated[Columns, _of_column("--clear", "Vide la colonne.")] = None,
    no_wait: NoWait = False,
    json: AsJson = False,
) -> None:
    """Prépare une correction et en donne l'aperçu, sans rien changer."""
    asked = {
        Act.constant: set_ or [],
        Act.copy: copy or [],
        Act.mapping: map_ or [],
        Act.substitute: replace or [],
        Act.normalise: normalise or [],
        Act.capitals: capitals or [],
        Act.small_letters: small_letters or [],
        Act.initials: initials or [],
        Act.clear: clear or [],
    }
    recipe = Recipe(query=query_of(where or [], search), assignments=assignments_of(asked))
    if bool(table) == bool(from_check):
        raise Refused("Nommez une table, ou un contrôle avec « --from-check » ; l'un des deux et pas les deux.")
    with open_database(Settings()) as database:
        with database.writing(operator()) as session:
            if from_check:
                if recipe.query or recipe.assignments:
                    raise Refused("Un contrôle propose lui-même les lignes et les valeurs : ôtez les autres options.")
                correction = proposals.prepare(session, operator(), from_check, title=title, reason=reason)
            else:
                correction = steering.new(
                    session,
                    operator(),
                    table_named(table),
                    title=title,
                    reason=reason,
                    source=CorrectionSource.filter,
                    recipe=recipe,
                )
        _answer_prepared(database, correction, wait=not no_wait, json=json)


@command
def preview(
    name: Named,
    lines: Annotated[int, typer.Option(min=1, max=_MOST_LINES, help="Lignes et groupes montrés.")] = 20,
    json: AsJson = False,
) -> None:
    """Montre les changements groupés, les premières lignes et les lignes écartées avec leurs raisons."""
    with open_database(Settings()) as database:
        correction = _prepared(database, _found(database, name))
        with database.reading() as session:
            _say(
                json,
                lambda: answers.preview_data(session, correction, lines),
                lambda: answers.preview(session, correction, lines),
            )


@command
def apply(name: Named, others: Others = False, yes: Yes = False, no_wait: NoWait = False, json: AsJson = False) -> None:
    """Applique une correction préparée, ou reprend une application interrompue."""
    with open_database(Settings()) as database:
        correction = _prepared(database, _found(database, name))
        if correction.state in steering.ACTS["pause"] | steering.ACTS["resume"]:
            _resume(database, correction)
        else:
            _launch(database, correction, others=others, yes=yes)
        _carry_on(database, correction, wait=not no_wait, json=json)


@command
def undo(
    name: Named,
    reason: Annotated[str, typer.Option(help="Pourquoi ; inscrit dans l'historique de chaque ligne.")] = _UNDOING,
    group: Annotated[
        list[int] | None, typer.Option(metavar="N", help="Groupe de changements à annuler seul ; peut être répété.")
    ] = None,
    others: Others = False,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Annule une correction appliquée, en entier ou par groupes. Annuler une annulation refait la correction."""
    with open_database(Settings()) as database:
        first = _found(database, name)
        if not yes:
            confirm(f"Annuler « {first.title} » ({counted(first.applied, 'ligne appliquée', 'lignes appliquées')}) ?")
        with database.writing(operator(), reason) as session:
            groups = tuple(group or ())
            undoing = steering.undo(session, operator(), first.public_id, reason=reason, groups=groups)
        undoing = _prepared(database, undoing)
        _launch(database, undoing, others=others, yes=True)
        _carry_on(database, undoing, wait=True, json=json)


@command
def cancel(name: Named, json: AsJson = False) -> None:
    """Abandonne une correction ; ce qui est appliqué le reste et peut être annulé."""
    with open_database(Settings()) as database:
        found = _found(database, name)
        with database.writing(operator()) as session:
            steering.cancel(session, found.public_id)
        _answer(database, found.id, json=json)


@command
def show(name: Named, json: AsJson = False) -> None:
    """Dit où en est une correction."""
    with open_database(Settings()) as database:
        _answer(database, _found(database, name).id, json=json)


@app.command("list", cls=cli_words.Command)
def list_(
    state: Annotated[list[CorrectionState] | None, typer.Option(help="État ; peut être répété.")] = None,
    table: Annotated[str | None, typer.Option(metavar="TABLE", help="Table corrigée.")] = None,
    before: Annotated[int | None, typer.Option(metavar="N", help="Corrections d'avant ce numéro.")] = None,
    json: AsJson = False,
) -> None:
    """Liste les corrections, la plus récente d'abord."""
    tables = [table_of(table_named(table)).name] if table else [table_of(model).name for model in ALL]
    with open_database(Settings()) as database, database.reading() as session:
        found, following = reading.listed(session, tables, state or (), before)
        _say(
            json,
            lambda: {
                "corrections": [answers.correction_data(session, one) for one in found],
                "next_before": following,
            },
            lambda: map(answers.in_list, found),
        )
    if not found and not json:
        typer.echo("Aucune correction.", err=True)
    if following is not None and not json:
        typer.echo(f"Il y en a d'autres : ajoutez « --before {following} ».", err=True)


def _found(database: Database, name: str) -> Correction:
    """A correction by its number or by its public identifier. Raises NotFound."""
    with database.reading() as session:
        if name.isascii() and name.isdigit() and len(name) <= _NUMBER:
            found = session.get(Correction, int(name))
            if found is not None:
                return found
        try:
            return steering.find(session, name)
        except NotFound as error:
            raise NotFound(
                f"Aucune correction ne se nomme « {name[:80]} ». « enrolment correct list » les montre."
            ) from error


def _prepared(database: Database, correction: Correction) -> Correction:
    """The correction once its lines are frozen. Raises Refused when they cannot be."""
    if correction.state is CorrectionState.preparing:
        with _progress(database, correction, "Préparation") as told:
            correction = running.finish(_tools(database), correction.id, told)
    if correction.problem:
        raise Refused(f"La correction n° {correction.id} ne peut pas être préparée : {correction.problem}")
    return correction


def _answer_prepared(database: Database, correction: Correction, *, wait: bool, json: bool) -> None:
    if wait:
        correction = _prepared(database, correction)
    _answer(database, correction.id, json=json)
    if not json:
        verb = "preview" if wait else "show"
        typer.echo(f"Ensuite : « enrolment correct {verb} {correction.id} ».", err=True)


def _launch(database: Database, correction: Correction, *, others: bool, yes: bool) -> None:
    """Start the application of a correction, once somebody agreed. Raises DomainError."""
    with database.reading() as session:
        require_no_second_person(session, correction, others=others)
        steering.require_applicable(session, correction, others=others)
    if not yes:
        confirm(f"Appliquer « {correction.title} » à {counted(correction.planned, 'ligne')} ?")
    with database.writing(operator(), correction.reason) as session:
        steering.apply(session, correction.public_id, others=others)


def _resume(database: Database, correction: Correction) -> None:
    if correction.state is CorrectionState.paused:
        with database.writing(operator()) as session:
            steering.resume(session, correction.public_id)


def _carry_on(database: Database, correction: Correction, *, wait: bool, json: bool) -> None:
    """Apply to the end, or leave it to the worker. Raises Refused when some lines were not applied."""
    if wait:
        with _progress(database, correction, "Application") as told:
            correction = running.finish(_tools(database), correction.id, told)
    _answer(database, correction.id, json=json)
    if not wait:
        return
    if correction.conflicts:
        raise Refused(
            f"{counted(correction.conflicts, 'ligne a changé', 'lignes ont changé')} depuis l'aperçu : rien n'y est "
            f"touché. Voyez-les avec « enrolment correct preview {correction.id} »."
        )
    if correction.state not in steering.ENDED:
        raise Refused(f"La correction n'est pas terminée : elle est à l'état « {correction.state.label} ».")


def _answer(database: Database, correction_id: int, *, json: bool) -> None:
    with database.reading() as session:
        correction = session.get_one(Correction, correction_id)
        _say(
            json,
            lambda: answers.correction_data(session, correction),
            lambda: answers.summary(session, correction),
        )


def _say(json: bool, data: Callable[[], object], words: Callable[[], Iterator[str]]) -> None:
    if json:
        typer.echo(answers.as_json(data()))
        return
    for line in words():
        typer.echo(line)


def _tools(database: Database) -> Tools:
    return Tools(database, storage_of(Settings()))


@contextmanager
def _progress(database: Database, correction: Correction, title: str) -> Iterator[running.Progress]:
    """A bar: keys of the table while a correction is prepared, places of its lines while it is applied."""
    with measured_bar(title) as (_, measure):
        total = _total(database, correction)
        yield lambda one: measure(one.done_upto, total)


def _total(database: Database, correction: Correction) -> int | None:
    """Up to where the work will be; None for a file, which nobody has read yet."""
    with database.reading() as session:
        if correction.state is not CorrectionState.preparing:
            return last_place(session, correction.id)
        if correction.source is CorrectionSource.file:
            return None
        if correction.undoes_id is not None:
            return last_place(session, correction.undoes_id)
        key = table_of(model_named(correction.table_name)).c.id
        return int(session.execute(sa.select(sa.func.max(key))).scalar_one() or 0)
