"""How the database got its tables: one Alembic revision for each change, for SQLite and PostgreSQL alike."""
