"""Many rows at once, the fastest way each database has."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from beffroi.base.access.references import ALPHABET, LENGTH

LETTERS = bytes(ord(ALPHABET[i % len(ALPHABET)]) for i in range(256))


def insert_many(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of values that the database adapter takes as they are."""
    if not rows:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            # Names come from the model, values are bound.
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


def many_refs(number: int) -> list[str]:
    """Many references at once, as hard to guess as those of `new_ref`."""
    letters = secrets.token_bytes(number * LENGTH).translate(LETTERS).decode()
    return [letters[i : i + LENGTH] for i in range(0, number * LENGTH, LENGTH)]
