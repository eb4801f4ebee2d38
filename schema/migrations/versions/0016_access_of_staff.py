"""Staff: recovery codes, one-time links; who opened a financing file; decisions withdrawn one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLE = "financing_access"
_SORTED = ("actor_id", "actor_kind", "actor_label", "proofs")


def upgrade() -> None:
    """Add the columns and the table; who could not decide could not decide on financing requests either."""
    op.add_column("staff_user", sa.Column("recovery_codes", sa.JSON(none_as_null=True), comment="Codes de secours"))
    sent = "Lien de mot de passe créé le"
    op.add_column("staff_user", sa.Column("password_link_at", sa.DateTime(timezone=True), comment=sent))
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("financing_deposit_id", sa.Integer(), nullable=False, comment="Dépôt"),
        sa.Column("proofs", sa.Boolean(), nullable=False, comment="Preuves"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="Date"),
        sa.Column("actor_kind", sa.String(40), nullable=False, comment="Par"),
        sa.Column("actor_id", sa.Integer(), comment="Clé de l'auteur"),
        sa.Column("actor_label", sa.String(255), nullable=False, comment="Auteur"),
        sa.CheckConstraint(
            "actor_kind IN ('vendor', 'staff', 'system')", name=op.f("ck_financing_access_actor_kind_value")
        ),
        sa.CheckConstraint(
            "length(actor_label) BETWEEN 1 AND 255", name=op.f("ck_financing_access_actor_label_length")
        ),
        sa.ForeignKeyConstraint(
            ["financing_deposit_id"], ["financing_deposit.id"], name=op.f("fk_financing_access_financing_deposit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_access")),
    )
    op.create_index("ix_financing_access_at", _TABLE, ["at", "id"])
    op.create_index("ix_financing_access_of_actor", _TABLE, ["actor_kind", "actor_id", "at", "id"])
    op.create_index(op.f("ix_financing_access_financing_deposit_id"), _TABLE, ["financing_deposit_id"])
    for column in _SORTED:
        op.create_index(f"ix_{_TABLE}_{column}_list", _TABLE, [column, "id"])
    if op.get_bind().dialect.name == "sqlite":
        _index_texts()
    op.execute(
        "INSERT INTO role_withdrawal (row_version, created_at, updated_at, role, subject, right_name) "
        "SELECT 1, created_at, updated_at, role, 'decide_financing', right_name FROM role_withdrawal "
        "WHERE subject = 'decide'"
    )


def downgrade() -> None:
    """Remove them."""
    op.execute("DELETE FROM role_withdrawal WHERE subject LIKE 'decide!_%' ESCAPE '!'")
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {_TABLE}_text_{event}")
        op.execute(f"DROP TABLE {_TABLE}_text")
    op.drop_table(_TABLE)
    op.drop_column("staff_user", "password_link_at")
    op.drop_column("staff_user", "recovery_codes")


def _index_texts() -> None:
    """The index of words of `schema.text_index`, with the triggers that note which rows changed."""
    options = "tokenize='trigram', detail='column', columnsize=0"
    op.execute(f"CREATE VIRTUAL TABLE {_TABLE}_text USING fts5(actor_label, {options})")
    changed = "WHEN OLD.actor_label IS NOT NEW.actor_label"
    for event, row, condition in (("insert", "NEW", ""), ("delete", "OLD", ""), ("update", "NEW", changed)):
        note = f"INSERT INTO text_change(table_name, row_id) VALUES ('{_TABLE}', {row}.id)"  # noqa: S608  Our own names.
        op.execute(
            f"CREATE TRIGGER {_TABLE}_text_{event} AFTER {event.upper()} ON {_TABLE} {condition} BEGIN {note}; END"
        )
