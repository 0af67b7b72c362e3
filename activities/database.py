"""The database under the ledger: SQLite by default, PostgreSQL by URL.

A write is one transaction that is on disk when it returns: SQLite runs with a write-ahead log and
`synchronous=FULL`. Writers of one process queue on a lock, because SQLite's own waiting is a poll.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from models.errors import BadInput, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

_MIGRATIONS = Path(__file__).with_name("migrations")
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
)
_POSTGRES_MIGRATION_LOCK = 2_130_613
_ALEMBIC = Lock()
"""Alembic keeps its context in module globals: one migration at a time in a process."""


class Database:
    """Connections and transactions. Raises Misconfigured when the URL cannot be used."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(_read(url))
        self.sqlite = self._engine.dialect.name == "sqlite"
        self._writers: AbstractContextManager[Any] = Lock() if self.sqlite else nullcontext()
        self._write_engine = self._engine.execution_options(casework_write=True)
        self._read_engine = (
            self._engine
            if self.sqlite
            else self._engine.execution_options(isolation_level="REPEATABLE READ")
        )

    @property
    def is_there(self) -> bool:
        """Whether there is anything to read: merely looking would make an SQLite file."""
        return not self.sqlite or Path(str(self._engine.url.database)).exists()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the ledger. Raises Unavailable when it cannot be reached."""
        with _translated(), self._read_engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, all or nothing, on disk on return. Raises Unavailable, as `read`."""
        with _translated(), self._writers, self._write_engine.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables to this program's version; safe when two processes start at once.

        Raises Misconfigured when the tables belong to a newer program or cannot be opened.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        with _ALEMBIC, _openable(sqlite=self.sqlite), self.write() as connection:
            if not self.sqlite:
                connection.execute(
                    sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_MIGRATION_LOCK))
                )
            _refuse_newer(MigrationContext.configure(connection).get_current_heads(), scripts)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def _read(text: str) -> URL:
    try:
        url = sa.make_url(text)
    except exc.ArgumentError:
        # Not chained: the text may hold a password.
        raise Misconfigured(
            "The ledger's URL cannot be read. "
            "Write sqlite:///var/ledger.db, or postgresql://user@host/name."
        ) from None
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise Misconfigured(f"The ledger runs on SQLite or PostgreSQL, not on {kind}.")
    if url.database in (None, "", ":memory:"):
        raise Misconfigured("The ledger needs a file: a ledger in memory would forget every case.")
    return url


def _engine(url: URL) -> Engine:
    # Parameters hold the bodies of entries and must not reach an error message.
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10)
    engine = sa.create_engine(url, hide_parameters=True, pool_size=10, max_overflow=30)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver would otherwise begin and commit by itself, around schema changes above all.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes fails at once when another wrote in between;
    # one that says at the start that it will write waits for its turn.
    if connection.get_execution_options().get("casework_write", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # Takes no lock yet, so it cannot fail: what makes errors readable is not needed here, and dear.
    begun = connection.connection.cursor()
    begun.execute("BEGIN")
    begun.close()


def _refuse_newer(found: tuple[str, ...], scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if newer := sorted(set(found) - known):
        raise Misconfigured(
            f"The ledger was written by a newer version (tables {', '.join(newer)}; this program "
            f"knows {scripts.get_current_head()}). Nothing was changed. Start the newer version."
        )


@contextmanager
def _openable(*, sqlite: bool) -> Iterator[None]:
    try:
        yield
    except (Unavailable, exc.DatabaseError) as error:
        if not sqlite:
            raise
        raise Misconfigured(
            "The ledger's file cannot be opened or is not a ledger. Nothing was changed. Check "
            "that its folder exists, can be written to and is not full."
        ) from error


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise Unavailable(
            "The ledger cannot be reached or is busy. What was recorded before is safe; "
            "sending the same thing again is safe too."
        ) from error
    except exc.DataError:
        raise BadInput(
            "A character in this entry cannot be kept, so nothing was recorded. "
            "Correct it and send it again."
        ) from None
