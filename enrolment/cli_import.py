"""`enrolment import`: a file becomes a correction, is previewed on the terminal, and is applied all or nothing.

The JSON is a contract: keys are added, never renamed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import sqlalchemy as sa
import typer
from sqlmodel import Session

from enrolment.cli_parts import confirm, is_somebody_there
from enrolment.corrections import files, rules, running, steering
from enrolment.corrections.file_header import KeyMissing
from enrolment.corrections.lines import SET_ASIDE, planned
from enrolment.errors import Refused
from enrolment.files.storage import Storage
from enrolment.typography import counted, number
from schema.base import Table
from schema.database import Database
from schema.describe import model_named
from schema.enums import CorrectionOutcome, CorrectionState, ImportMode, Operation
from schema.history import Actor
from schema.staging import LINES
from schema.tables import Correction

MOST_ERRORS = 200
_IGNORED = "Colonnes ignorées"
_WOULD_BE, _WILL_BE, _ARE = ("serait", "seraient"), ("va être", "vont être"), ("est", "sont")


@dataclass(frozen=True)
class Tools:
    """Where rows and files are kept."""

    database: Database
    storage: Storage


@dataclass(frozen=True)
class Options:
    """What the operator asked. `others`: despite lines that were set aside."""

    dry_run: bool = False
    yes: bool = False
    others: bool = False
    as_json: bool = False


def require_no_second_person(session: Session, correction: Correction, *, others: bool = False) -> None:
    """Raise Refused for what a rule submits to somebody else: the command line is only one person."""
    if correction.state is CorrectionState.frozen and rules.asks_approval(session, correction):
        then = f"enrolment correct apply {correction.id}{' --others' if others else ''}"
        raise Refused(
            f"Une règle demande qu'une seconde personne approuve la correction n° {correction.id}, ce que la ligne de "
            f"commande ne peut pas faire : approuvez-la dans le back-office, puis lancez « {then} »."
        )


@dataclass(frozen=True)
class Wanted:
    """What is asked of a file. Without a title or a reason, the file's name tells; a `rehearsal` is never applied."""

    file_name: str
    key: Sequence[str] = ()
    mode: ImportMode = ImportMode.upsert
    title: str = ""
    reason: str = ""
    rehearsal: bool = False


class Import:
    """One import, from its file to its end. `progress` is told each time the work has gone on."""

    def __init__(self, tools: Tools, actor: Actor, progress: running.Progress | None = None) -> None:
        self._tools = tools
        self._actor = actor
        self._progress = progress

    def prepare(self, model: type[Table], stream: BinaryIO, wanted: Wanted) -> Correction:
        """Read the file and compare it with the table; nothing of the table is written. Raises DomainError."""
        words = f"Import de {wanted.file_name}"[:255]
        try:
            asked = files.ask(
                self._tools,
                self._actor,
                model,
                stream,
                file_name=wanted.file_name,
                key=wanted.key,
                mode=wanted.mode,
                title=wanted.title or words,
                reason=wanted.reason or words,
                every=True,
                rehearsal=wanted.rehearsal,
            )
        except KeyMissing as error:
            raise Refused(f"{error.message} {_other_key(model, error.present)}") from error
        return running.finish(self._tools, asked.id, self._progress)

    def conclude(self, correction: Correction, options: Options) -> None:
        """Say what was found and apply it, unless it must not be. Raises Refused when the import did not succeed."""
        try:
            self._require_sound(correction, options)
            if options.dry_run or not correction.planned:
                self._give_up(correction)
                self._say(options, self._outcome(correction, _WOULD_BE if options.dry_run else _ARE))
            else:
                self._apply(correction, options)
        finally:
            if options.as_json:
                with self._tools.database.reading() as session:
                    correction = session.get_one(Correction, correction.id)
                typer.echo(json.dumps(self._data(correction, options), ensure_ascii=False, indent=1))

    def _require_sound(self, correction: Correction, options: Options) -> None:
        """Tell what is wrong. Raises Refused when that is enough to stop."""
        if correction.state is CorrectionState.cancelled:
            raise Refused(f"Rien n'a été écrit. {correction.problem}")
        errors = self._errors(correction)
        for error in errors:
            self._say(options, _sentence(error), err=True)
        for line in correction.selection.splitlines():
            if line.startswith(_IGNORED):
                self._say(options, f"{line}.", err=True)
        if correction.set_aside and not options.others:
            self._give_up(correction)
            hidden = correction.set_aside - len(errors)
            more = f" dont {counted(hidden, 'non affichée', 'non affichées')}" if hidden else ""
            raise Refused(
                f"Rien n'a été écrit : {counted(correction.set_aside, 'erreur')}{more}. Corrigez le fichier et "
                "recommencez, ou ajoutez « --others » pour appliquer les autres lignes."
            )

    def _apply(self, correction: Correction, options: Options) -> None:
        with self._tools.database.reading() as session:
            require_no_second_person(session, correction, others=bool(correction.set_aside))
        if not options.yes and is_somebody_there():
            # Programs that load files give no answers: there the command itself is the decision.
            typer.echo(self._outcome(correction, _WILL_BE), err=True)
            try:
                confirm("Appliquer ?")
            except typer.Abort as error:
                self._give_up(correction)
                raise Refused("Rien n'a été écrit : l'import est abandonné.") from error
        with self._tools.database.writing(self._actor) as session:
            steering.apply(session, correction.public_id, others=options.others)
        done = running.finish(self._tools, correction.id, self._progress)
        if done.state is not CorrectionState.applied:
            raise Refused(
                f"{counted(done.applied, 'ligne est appliquée', 'lignes sont appliquées')}. Les autres ont "
                f"changé entre-temps et ne le sont pas : {number(done.planned - done.applied)}. "
                f"« enrolment correct undo {done.id} » annule cet import."
            )
        self._say(options, self._outcome(correction, _ARE))
        self._say(options, f"« enrolment correct undo {done.id} » annule cet import.", err=True)

    def _outcome(self, correction: Correction, verb: tuple[str, str]) -> str:
        inserted, updated = self._counts(correction)
        one, many = verb
        return (
            f"{model_named(correction.table_name).label_plural} : "
            f"{counted(inserted, f'ligne {one} ajoutée', f'lignes {many} ajoutées')}, "
            f"{counted(updated, 'mise à jour', 'mises à jour')}, {counted(correction.unchanged, 'inchangée')}."
        )

    def _say(self, options: Options, sentence: str, *, err: bool = False) -> None:
        if not options.as_json:
            typer.echo(sentence, err=err)

    def _give_up(self, correction: Correction) -> None:
        """Nothing of this preview will be applied: it stays to be read, and waits for nobody."""
        with self._tools.database.writing(self._actor) as session:
            steering.cancel(session, correction.public_id)

    def _errors(self, correction: Correction) -> list[Any]:
        """The first lines that were set aside."""
        wanted = [outcome.value for outcome in SET_ASIDE]
        statement = (
            sa.select(LINES.c.file_line, LINES.c.outcome, LINES.c.detail)
            .where(LINES.c.correction_id == correction.id, LINES.c.outcome.in_(wanted))
            .order_by(LINES.c.file_line)
            .limit(MOST_ERRORS)
        )
        with self._tools.database.reading() as session:
            return list(session.execute(statement))

    def _counts(self, correction: Correction) -> tuple[int, int]:
        """How many rows are, or would be, created and changed."""
        statement = sa.select(LINES.c.operation, sa.func.count()).where(planned(correction)).group_by(LINES.c.operation)
        with self._tools.database.reading() as session:
            found = dict(session.execute(statement).tuples().all())
        return found.get(Operation.insert.value, 0), found.get(Operation.update.value, 0)

    def _data(self, correction: Correction, options: Options) -> dict[str, Any]:
        inserted, updated = self._counts(correction)
        return {
            "number": correction.id,
            "id": correction.public_id,
            "table": correction.table_name,
            "state": correction.state.value,
            "dry_run": options.dry_run,
            "problem": correction.problem,
            "read": correction.total,
            "inserted": inserted,
            "updated": updated,
            "unchanged": correction.unchanged,
            "set_aside": correction.set_aside,
            "applied": correction.applied,
            "conflicts": correction.conflicts,
            "errors": [
                {"line": error.file_line, "outcome": error.outcome, "message": error.detail}
                for error in self._errors(correction)
            ],
        }


def _other_key(model: type[Table], present: frozenset[str]) -> str:
    """What to add to the command, going by the columns of the file."""
    usable = (names for names in files.usual_keys(model) if present.issuperset(names))
    said = " ".join(f"--key {name}" for name in next(usable, ("COLONNE",)))
    return f"Ajoutez « {said} » pour les reconnaître autrement."


def _sentence(error: Any) -> str:
    """« Ligne 3, colonne « status » : … »"""
    detail = error.detail or CorrectionOutcome(error.outcome).label
    if detail.startswith("Colonne «"):
        return f"Ligne {error.file_line}, c{detail[1:]}"
    return f"Ligne {error.file_line} : {detail}"
