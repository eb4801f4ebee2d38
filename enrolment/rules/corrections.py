"""What a rule of corrections may name: a table and a column that a correction or an import can change.

When a rule applies is told in `enrolment.corrections.rules`.
"""

from __future__ import annotations

from enrolment.errors import Impossible
from schema.describe import fields, model_named
from schema.tables import CorrectionRule
from schema.tabular import writable


def check(row: CorrectionRule) -> None:
    """Refuse a rule that would never apply, at the field to correct. Raises Impossible."""
    if row.table_name is None:
        if row.column_name is not None:
            raise Impossible({"table_name": "Indiquez la table de cette colonne, ou laissez les deux champs vides."})
    else:
        _check_names(row.table_name, row.column_name)
    if not row.asks_approval and not row.tells_vendors and row.active:
        raise Impossible(
            {
                "asks_approval": "Cette règle ne demande rien : demandez une seconde personne, prévenez les "
                "fournisseurs, ou rendez-la inactive."
            }
        )


def _check_names(table: str, column: str | None) -> None:
    try:
        model = model_named(table)
    except KeyError as error:
        raise Impossible(
            {"table_name": f"La table « {table} » n'existe pas. Écrivez par exemple bank_account ou provider."}
        ) from error
    if column is None or column in {spec.name for spec in writable(model)}:
        return
    if column in {spec.name for spec in fields(model)}:
        problem = f"La colonne « {column} » ne se corrige jamais en masse."
    else:
        problem = f"« {model.label} » n'a pas de colonne « {column} »."
    names = ", ".join(spec.name for spec in writable(model))
    raise Impossible({"column_name": f"{problem} Colonnes possibles : {names}."})
