"""What other parts may use of the database backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from beffroi.base.sqlite.base import DatabaseWrapper


@contextmanager
def reading(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """A transaction that only reads: one consistent picture, and no writer is kept waiting.

    A write inside raises `OperationalError` (SQLite) or `InternalError` (PostgreSQL).
    Inside another transaction it changes nothing: that one already holds its turn.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
    elif isinstance(connection, DatabaseWrapper):
        with connection.reading_only(), transaction.atomic(using=using):
            yield
    else:
        with transaction.atomic(using=using):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            yield
