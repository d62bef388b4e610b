"""The database backend `beffroi.base.sqlite`: Django's, plus durability and turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base as django_sqlite
from django.db.utils import OperationalError

from beffroi.base.sqlite.turn import TurnTimeoutError, WriteTurn

#: A locked file answers after this many seconds, unless OPTIONS says otherwise.
DEFAULT_TIMEOUT = 20.0
_WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "VACUUM", "REINDEX")


# The stubs of Django do not know the private methods that every backend must override.
class DatabaseWrapper(django_sqlite.DatabaseWrapper):
    """WAL, synchronous=FULL, BEGIN IMMEDIATE, and a turn around everything that writes.

    OPTIONS: `timeout` (seconds SQLite waits), `turn_timeout` (seconds before a turn is given up).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turn: WriteTurn | None = None
        self._turn_timeout = DEFAULT_TIMEOUT
        self._reading = False

    def get_connection_params(self) -> dict[str, Any]:
        options = self.settings_dict["OPTIONS"]
        options.setdefault("transaction_mode", "IMMEDIATE")
        parameters: dict[str, Any] = super().get_connection_params()
        parameters.setdefault("timeout", DEFAULT_TIMEOUT)
        self._turn_timeout = float(parameters.pop("turn_timeout", DEFAULT_TIMEOUT))
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.is_in_memory_db() and self._turn is None:
            self._turn = WriteTurn(conn_params["database"])
        connection = super().get_new_connection(conn_params)
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            # Changing the mode ignores SQLite's own timeout: two first starts must not meet.
            with self._write_turn():
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=_Cursor.bound_to(self))

    def _start_transaction_under_autocommit(self) -> None:
        if self._reading:
            self.cursor().execute("BEGIN DEFERRED")
            return
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._release_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._release_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._release_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self._turn is not None:
                self._turn.close()

    def _take_turn(self) -> None:
        if self._turn is None:
            return
        try:
            self._turn.take(self._turn_timeout)
        except TurnTimeoutError as error:
            raise OperationalError(
                f"database is locked: {error}. Nothing of this transaction was stored; try again."
            ) from error

    def _release_turn(self) -> None:
        if self._turn is not None:
            self._turn.release()

    @contextmanager
    def _write_turn(self) -> Iterator[None]:
        self._take_turn()
        try:
            yield
        finally:
            self._release_turn()

    @contextmanager
    def reading_only(self) -> Iterator[None]:
        """The next outermost `atomic` takes no turn and cannot write. See `public.reading`."""
        self.ensure_connection()
        self.connection.execute("PRAGMA query_only = ON")
        self._reading = True
        try:
            yield
        finally:
            self._reading = False
            if self.connection is not None:
                self.connection.execute("PRAGMA query_only = OFF")


class _Cursor(django_sqlite.SQLiteCursorWrapper):
    """Takes a turn for a single writing statement outside `atomic`, which is a transaction too."""

    wrapper: DatabaseWrapper

    @classmethod
    def bound_to(cls, wrapper: DatabaseWrapper) -> Any:
        def make(connection: Any) -> _Cursor:
            cursor = cls(connection)
            cursor.wrapper = wrapper
            return cursor

        return make

    def execute(self, query: str, params: Any = None) -> Any:
        if self._writes_alone(query):
            with self.wrapper._write_turn():
                return super().execute(query, params)
        return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        if self._writes_alone(query):
            with self.wrapper._write_turn():
                return super().executemany(query, param_list)
        return super().executemany(query, param_list)

    def _writes_alone(self, query: str) -> bool:
        wrapper = self.wrapper
        turn = wrapper._turn
        return (
            turn is not None
            and not turn.held
            and not wrapper.in_atomic_block
            and query.lstrip()[:8].upper().startswith(_WRITING)
        )
