"""A file may answer a demand of the ASP until its deposit ends, and the ASP may cancel its demand."""

import sqlalchemy as sa
from alembic import op

from schema.migrations.rebuilding import rebuilt

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OWNER = (
    "CASE WHEN draft_id IS NULL THEN 0 ELSE 1 END + CASE WHEN request_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN demand_id IS NULL THEN 0 ELSE 1 END = 1"
)
_OWNER_BEFORE = "(draft_id IS NULL) <> (request_id IS NULL)"
_VERBS_BEFORE = (
    "'submit', 'validate', 'validate_partially', 'reject', 'ask_documents', 'ask_correction', 'complete_deposit', "
    "'complete_correction', 'complete_certificates', 'refuse_certificate', 'withdraw', 'resubmit'"
)
_VERBS = _VERBS_BEFORE.replace("'withdraw'", "'cancel_demand', 'withdraw'")


def upgrade() -> None:
    """Add the owner and the verb."""
    with rebuilt("attachment", {"ck_attachment_one_owner": _OWNER}) as batch:
        batch.add_column(sa.Column("demand_id", sa.Integer(), nullable=True, comment="Demande de l'ASP"))
        batch.create_foreign_key(op.f("fk_attachment_demand_id"), "demand", ["demand_id"], ["id"])
        batch.create_index(op.f("ix_attachment_demand_id"), ["demand_id"], unique=False)
    _know_verbs(_VERBS)


def downgrade() -> None:
    """Take both away; refused by the database while a row uses them."""
    _know_verbs(_VERBS_BEFORE)
    with rebuilt("attachment", {"ck_attachment_one_owner": _OWNER_BEFORE}) as batch:
        batch.drop_index(op.f("ix_attachment_demand_id"))
        batch.drop_constraint(op.f("fk_attachment_demand_id"), type_="foreignkey")
        batch.drop_column("demand_id")


def _know_verbs(verbs: str) -> None:
    for table in ("request_event", "reason_template"):
        with rebuilt(table, {f"ck_{table}_verb_value": f"verb IN ({verbs})"}):
            pass
