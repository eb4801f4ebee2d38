"""The delay of the ASP stops while the vendor holds the file.

Of requests already there, the delay starts with their present status: what the ASP had spent before is not known to be
owed by anybody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_QUEUE = "ix_request_queue"
_SPENT = "ck_request_clock_spent_minimum"


def upgrade() -> None:
    """Add the two columns and the indexes that read them."""
    # Adding to SQLite's table in place keeps its triggers, which writing it anew would lose.
    op.add_column(
        "request",
        sa.Column(
            "clock_from",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("'1970-01-01 00:00:00.000000'"),
            comment="Délai compté depuis le",
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE request ADD COLUMN clock_spent INTEGER DEFAULT 0 NOT NULL"
            f" CONSTRAINT {_SPENT} CHECK (clock_spent >= 0)"
        )
    else:
        comment = "Temps déjà passé à l'ASP (secondes)"
        op.add_column(
            "request", sa.Column("clock_spent", sa.Integer(), nullable=False, server_default="0", comment=comment)
        )
        op.create_check_constraint(op.f(_SPENT), "request", "clock_spent >= 0")
    op.execute("UPDATE request SET clock_from = status_since")
    op.drop_index(_QUEUE, table_name="request")
    op.create_index(_QUEUE, "request", ["status", "assigned_to_id", "clock_from", "id"], unique=False)
    op.create_index("ix_request_clock", "request", ["status", "clock_from", "id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_request_clock", table_name="request")
    op.drop_index(_QUEUE, table_name="request")
    op.create_index(_QUEUE, "request", ["status", "assigned_to_id", "status_since", "id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        # The check belongs to the column's own definition, hence goes with it.
        op.execute("ALTER TABLE request DROP COLUMN clock_spent")
    else:
        op.drop_column("request", "clock_spent")
    op.drop_column("request", "clock_from")
