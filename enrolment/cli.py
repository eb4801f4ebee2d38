"""The command `enrolment`: everything an operator does without a browser.

Commands read settings, call services and print; the rules are in the services. An error is one French sentence and an
exit code that is not 0, never a traceback. The other rooms are named by import string, since this package knows none.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from enrolment import backup as backups
from enrolment import checkup, cli_correct, cli_import, cli_staff, cli_words, documentation, typography
from enrolment.cli_parts import (
    MODULE,
    bar,
    each,
    measured_bar,
    open_database,
    operator,
    other_room,
    screen,
    storage_of,
    table_named,
)
from enrolment.corrections import forgetting
from enrolment.errors import Refused
from enrolment.services import purge as purges
from enrolment.settings import Settings
from schema import migrate as migrations
from schema.database import Database
from schema.enums import ImportMode
from schema.history import Actor
from schema.references import stored_rows
from schema.tabular import shown, write_csv
from schema.workbook import write_xlsx

_LOAD_REFERENCE = "seeds.load:load_reference"
_LOAD_DEMO = "seeds.demo.load:load_demo"
_DEMO_BEGINNING = "seeds.demo.load:beginning"
_GROW_DEMO = "seeds.demo.volume:grow_demo"
_DEMO_GUIDE = "seeds.demo.guide:text"

app = typer.Typer(help="Portail d'enrôlement du Ségur du numérique en santé, vague 2.", **MODULE)
app.add_typer(cli_staff.app, name="staff")
app.add_typer(cli_correct.app, name="correct")
command = app.command(cls=cli_words.Command)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Dit ce qui serait fait, sans rien écrire.")]
TableName = Annotated[str, typer.Argument(metavar="TABLE", help="Nom de la table, par exemple referencing.")]


@command
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="Migre, charge les données de démonstration et les annonce.")
    ] = False,
    host: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port d'écoute.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Nombre de processus.")] = 1,
) -> None:
    """Sert le site public et le back-office."""
    if demo:
        # The processes of the server read the environment again.
        os.environ["ENROLMENT_DEMO"] = "1"
        os.environ.setdefault("ENROLMENT_BASE_URL", f"http://{host}:{port}")
    settings = Settings()
    with open_database(settings) as database:
        if demo:
            migrations.upgrade(database.engine)
            _fill(database, settings, demo=True)
            typer.echo(other_room(_DEMO_GUIDE)(settings.base_url))
        elif not migrations.is_current(database.engine):
            raise Refused("La base n'est pas à jour : lancez « enrolment migrate », puis « enrolment seed ».")
    other_room("enrolment.server:run")(settings, host, port, workers)


@command
def migrate() -> None:
    """Crée la base ou la met à jour."""
    with open_database(Settings()) as database:
        migrations.upgrade(database.engine)
    typer.echo("La base est à jour.")


@command
def seed(
    demo: Annotated[bool, typer.Option("--demo", help="Charge aussi les données de démonstration.")] = False,
    requests: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Porte la démonstration à N demandes, portail arrêté : un million en quelques minutes."
        ),
    ] = None,
) -> None:
    """Charge les données de référence qui manquent, sans toucher à celles qui existent."""
    if requests is not None and not demo:
        raise Refused("« --requests » agrandit la démonstration : ajoutez « --demo ».")
    if demo:
        os.environ["ENROLMENT_DEMO"] = "1"
    settings = Settings()
    with open_database(settings) as database:
        _fill(database, settings, demo=demo)
        if requests is not None:
            with measured_bar("Demandes de démonstration") as (_, measure):
                added = other_room(_GROW_DEMO)(database, requests, measure)
            typer.echo(f"Demandes ajoutées : {typography.number(added)}.", err=True)


@command
def worker() -> None:
    """Envoie les courriels et fait les travaux de fond, jusqu'à l'arrêt."""
    portal = other_room("enrolment.portal:open_portal")(Settings())
    asyncio.run(_work(portal))


@app.command("import", cls=cli_words.Command)
def import_(
    table: TableName,
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier CSV ou XLSX.")],
    key: Annotated[list[str] | None, typer.Option(help="Colonne qui reconnaît les lignes ; peut être répétée.")] = None,
    mode: Annotated[
        ImportMode,
        typer.Option(
            help="Modifier ce qui existe (update), ajouter (insert), ou, sans cette option, les deux (upsert).",
            show_default=False,
        ),
    ] = ImportMode.upsert,
    title: Annotated[str, typer.Option("--title", help="Ce que fait l'import ; sinon, le nom du fichier.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Pourquoi ; inscrit dans l'historique de chaque ligne.")] = "",
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ne demande pas de confirmation.")] = False,
    others: Annotated[bool, typer.Option("--others", help="Applique les bonnes lignes malgré les mauvaises.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Répond en JSON.")] = False,
) -> None:
    """Charge un fichier dans une table : aperçu, puis tout ou rien ; l'import peut être annulé ensuite."""
    model = table_named(table)
    options = cli_import.Options(dry_run=dry_run, yes=yes, others=others, as_json=as_json)
    settings = Settings()
    with open_database(settings) as database:
        tools = cli_import.Tools(database, storage_of(settings))
        with file.open("rb") as stream, bar(f"Lecture de {file.name}") as step:
            preparing = cli_import.Import(tools, operator(), lambda _: step())
            correction = preparing.prepare(
                model, stream, cli_import.Wanted(file.name, key or (), mode, title, reason, rehearsal=dry_run)
            )
        cli_import.Import(tools, operator()).conclude(correction, options)


@command
def export(
    table: TableName,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Fichier .csv ou .xlsx ; sinon à l'écran.")
    ] = None,
) -> None:
    """Écrit une table au format CSV, ou XLSX si le fichier se nomme ainsi."""
    model = table_named(table)
    columns = shown(model)
    with open_database(Settings()) as database, database.reading() as session:
        rows = stored_rows(session, model, columns)
        if output is None:
            for chunk in write_csv(columns, rows):
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return
        with output.open("wb") as stream, bar(f"Écriture de {output.name}") as step:
            counted = each(rows, step)
            if output.suffix.lower() == ".xlsx":
                stream.writelines(write_xlsx(columns, counted, model.label_plural))
            else:
                stream.writelines(write_csv(columns, counted))


@command
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Répond en JSON, pour un outil de surveillance.")] = False,
) -> None:
    """Vérifie les réglages, la base, le stockage, les données de référence, l'historique et les données."""
    settings = Settings()
    with open_database(settings) as database:
        findings = list(checkup.check(settings, database, storage_of(settings)))
    wrong = sum(not finding.is_right for finding in findings)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    for finding in [] if as_json else findings:
        typer.echo(f"{finding.mark:<6}  {finding.point} : {finding.detail}")
        if finding.advice:
            typer.echo(f"        {finding.advice}")
    if wrong:
        raise Refused(f"{typography.counted(wrong, 'point')} à corriger.")


@command
def purge(
    yes: Annotated[bool, typer.Option("--yes", help="Efface vraiment ; sinon, compte seulement.")] = False,
) -> None:
    """Efface ce qui n'a plus à être conservé : brouillons expirés, vieilles sessions, actions jamais confirmées…"""
    settings = Settings()
    with open_database(settings) as database:
        with database.writing(operator(), "Durées de conservation") as session:
            found = purges.purge(session, dry_run=not yes)
        forgotten = forgetting.forget(database, dry_run=not yes)
        if yes:
            storage = storage_of(settings)
            for key in found.files:
                storage.delete(key)
    typer.echo("Effacé :" if yes else "À effacer :")
    for name, count in {**found.counts, "lignes de corrections en masse": forgotten}.items():
        typer.echo(f"  {name} : {typography.number(count)}")
    if not yes:
        typer.echo("Rien n'a été effacé : ajoutez « --yes » pour le faire.")


@command
def backup(archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Fichier .tar à écrire.")]) -> None:
    """Sauvegarde la base SQLite et les fichiers, portail en marche."""
    with bar("Sauvegarde") as step:
        copied = backups.backup(Settings(), archive, progress=lambda _: step())
    said = typography.counted(copied.files, "fichier")
    typer.echo(f"La base et {said} sont dans {archive}. Gardez les clés de chiffrement à part.")


@command
def restore(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Fichier .tar d'une sauvegarde.")],
    force: Annotated[bool, typer.Option("--force", help="Remplace la base qui existe.")] = False,
) -> None:
    """Remet une sauvegarde en place, portail arrêté."""
    copied = backups.restore(Settings(), archive, force=force)
    said = typography.counted(copied.files, "fichier")
    typer.echo(f"La base et {said} sont en place. Lancez « enrolment migrate », puis « enrolment check ».")


@command
def docs(
    check_only: Annotated[bool, typer.Option("--check", help="Vérifie seulement qu'elles sont à jour.")] = False,
    folder: Annotated[Path, typer.Option(help="Dossier des pages.")] = Path("docs/reference"),
) -> None:
    """Écrit les pages de référence tirées du code."""
    if not check_only:
        documentation.write(folder)
    elif stale := documentation.stale(folder):
        raise Refused(f"Pages à écrire de nouveau avec « enrolment docs » : {', '.join(stale)}.")


def main() -> None:
    """Entry point: runs a command and turns what goes wrong into one sentence."""
    try:
        outcome = app(standalone_mode=False)
    except KeyboardInterrupt:
        sys.exit(130)
    except typer.Abort:
        sys.exit(1)
    except Exception as error:
        if cli_words.is_help(error):
            typer.echo(str(error))
            sys.exit(2)
        sentence = cli_words.sentence_of(error)
        if sentence is None:
            if os.environ.get("ENROLMENT_DEBUG"):
                raise
            sentence = (
                f"Erreur imprévue ({type(error).__name__}). Relancez avec ENROLMENT_DEBUG=1 pour en voir l'origine."
            )
        typer.echo(f"Erreur : {sentence}", err=True)
        sys.exit(2 if cli_words.is_misuse(error) else 1)
    sys.exit(outcome if isinstance(outcome, int) else 0)


def _fill(database: Database, settings: Settings, *, demo: bool) -> None:
    if not migrations.is_current(database.engine):
        raise Refused("La base n'est pas à jour : lancez d'abord « enrolment migrate ».")
    with (
        database.writing(Actor.system("Données de référence")) as session,
        other_room(_DEMO_BEGINNING)(session) if demo else nullcontext(),
    ):
        loaded = other_room(_LOAD_REFERENCE)(session)
    typer.echo(f"Données de référence : {sum(table.inserted for table in loaded)} lignes ajoutées.", err=True)
    if demo:
        with screen().status("Données de démonstration…"):
            other_room(_LOAD_DEMO)(database, storage_of(settings), settings)


async def _work(portal: Any) -> None:
    """Run the worker until the process is asked to stop; it then hands its job back."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await other_room("enrolment.worker:run_worker")(portal, stop, other_room("enrolment.jobs:jobs_of")(portal))


if __name__ == "__main__":
    main()
