"""Triggers that keep the journal append-only, whoever writes: SQLite and PostgreSQL.

Entries may leave after a year (CNIL, recommendation on logging of 14 October 2021: six
months to one year), hence the age in the rule on deletion.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_SQLITE = [
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
       WHEN julianday('now') - julianday(OLD.at) < 365
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
]
_POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
       FOR EACH ROW WHEN (OLD.at > now() - interval '365 days') EXECUTE FUNCTION audit_entry_refuse()""",
]


def install(connection: BaseDatabaseWrapper) -> None:
    statements = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    suffix = " ON audit_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for trigger in ("audit_entry_no_update", "audit_entry_no_delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{suffix}")
