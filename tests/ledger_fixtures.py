"""A ledger on each database, a small real cipher, and lines of invented cases.

Import the fixtures by name in the test module: `from tests.ledger_fixtures import ...`. Those of
the whole session are in tests/conftest.py already.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.ledger import Ledger
from models.case import Batch, Duty, Entry, Kind, Line, Private, Tell, Unreadable
from models.errors import Unavailable
from models.people import Holder, Role, Why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

NOW = datetime(2026, 11, 30, 10, 45, tzinfo=UTC)
_KEY = bytes(range(32))
_SCHEMAS = count(1)


class SmallCipher:
    """AES-256-GCM with one key; `forget` is what a destroyed or absent key looks like."""

    def __init__(self) -> None:
        self._gcm: AESGCM | None = AESGCM(_KEY)

    def forget(self) -> None:
        """Lose the key."""
        self._gcm = None

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt, bound to `context`."""
        assert self._gcm is not None
        nonce = os.urandom(12)
        return nonce + self._gcm.encrypt(nonce, plaintext, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt; InvalidTag when altered or moved."""
        if self._gcm is None:
            raise Unavailable("No key.")
        return self._gcm.decrypt(sealed[:12], sealed[12:], context)


# --- databases --------------------------------------------------------------------------------


def _program(name: str) -> str | None:
    if found := shutil.which(name):
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(versions[-1]) if versions else None


def _die_with_the_tests() -> None:
    # Linux only: a killed test run must not leave a database server behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """A PostgreSQL of our own on a Unix socket, gone afterwards; yields its URL."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL here: set CASEWORK_TEST_POSTGRES, or install its server")
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    # Not pytest's own folder: nobody else may look into that one.
    home = Path(tempfile.mkdtemp(prefix="casework-pg-"))
    try:
        if user:
            shutil.chown(home, user)
        make = [initdb, "-D", f"{home}/data", "-U", "casework", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(make, check=True, cwd=home, user=user, stdout=subprocess.DEVNULL)
        # No network, only the socket; what it holds is thrown away, so it need not reach the disk.
        options = ["listen_addresses=", "fsync=off", "log_min_messages=fatal"]
        serve = [postgres, "-D", f"{home}/data", "-k", str(home)]
        with subprocess.Popen(
            [*serve, *(f"--{option}" for option in options)],
            cwd=home,
            user=user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_the_tests,  # noqa: PLW1509 - calls nothing that takes a lock
        ) as server:
            try:
                _wait_for(home)
                yield f"postgresql://casework@/postgres?host={home}"
            finally:
                server.send_signal(signal.SIGINT)
                server.wait(timeout=20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(home: Path) -> None:
    for _ in range(200):
        try:
            psycopg.connect(host=str(home), user="casework", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start within ten seconds")


@pytest.fixture(name="postgres_url", scope="session")
def postgres_url_fixture() -> Iterator[str]:
    """The PostgreSQL given in CASEWORK_TEST_POSTGRES, or a throwaway one."""
    if given := os.environ.get("CASEWORK_TEST_POSTGRES"):
        yield given
        return
    with throwaway_postgres() as url:
        yield url


@pytest.fixture(name="ledger_url", params=["sqlite", "postgresql"])
def ledger_url_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty place for a ledger, on each database in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.db"
        return
    url = sa.make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
    schema = f"casework_{os.getpid()}_{next(_SCHEMAS)}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    own = url.update_query_dict({"options": f"-csearch_path={schema}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    engine.dispose()


@pytest.fixture(name="cipher")
def cipher_fixture() -> SmallCipher:
    """The cipher of the ledger under test."""
    return SmallCipher()


@pytest.fixture(name="empty_file", scope="session")
def empty_file_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite ledger with its tables and nothing in them, to copy: making it is ten times slower."""
    file = tmp_path_factory.mktemp("empty") / "ledger.db"
    with Ledger(f"sqlite:///{file}", SmallCipher()) as ledger:
        ledger.migrate()
    # The last connection took the write-ahead log into the file when it was closed.
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    return file


@pytest.fixture(name="ledger")
def ledger_fixture(ledger_url: str, cipher: SmallCipher, empty_file: Path) -> Iterator[Ledger]:
    """An empty ledger, on each database in turn."""
    url = sa.make_url(ledger_url)
    if url.get_backend_name() == "sqlite":
        shutil.copyfile(empty_file, str(url.database))
    with Ledger(ledger_url, cipher) as ledger:
        if url.get_backend_name() != "sqlite":
            ledger.migrate()
        yield ledger


@contextmanager
def intruder(ledger_url: str, *, guards: bool = False) -> Iterator[Connection]:
    """Somebody with the database's password, who takes the triggers away first."""
    url = sa.make_url(ledger_url)
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            if not guards:
                _take_triggers_away(connection)
            yield connection
    finally:
        engine.dispose()


def _take_triggers_away(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for table in ("entry", "custody", "administered"):
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    triggers = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for name in triggers.scalars().all():
        connection.execute(sa.text(f"DROP TRIGGER {name}"))


# --- invented cases ---------------------------------------------------------------------------


def line(seq: int, case_id: str = "case-1", *, reason: str = "", tells: int = 0) -> Line:
    """One line of a trail, with so many people to be told."""
    at = NOW + timedelta(minutes=seq)
    entry = Entry(
        seq=seq,
        case_id=case_id,
        procedure="court_directed_access",
        kind=Kind.OPENED if seq == 1 else Kind.APPLIED,
        act=f"D-{seq:02}",
        label="The case was opened",
        before="",
        after="with_manager",
        actor="p-ada",
        role=Role.PR,
        at=at,
        london="Mon 30 Nov 2026 10:45 GMT",
        clauses=("2.13",),
        policy="2.2",
        tells=tuple(
            Tell(person=f"p-{n}", role=Role.LM, what="decide", about="Agree", clause="2.13")
            for n in range(tells)
        ),
    )
    fact = Unreadable(at=at, name="decide", code="unreadable", digest="0" * 64)
    private = Private(reason=reason or f"Reason {seq}", fields={"pages": 3}, fact=fact)
    return Line(entry=entry, private=private)


def duty(
    duty_id: str = "with_manager",
    *,
    holders: tuple[str, ...] = ("p-ben",),
    due: datetime | None = None,
    overdue: bool = False,
    for_whom: str | None = None,
) -> Duty:
    """One piece of open work; `for_whom` makes its holders delegates."""
    why = Why.DELEGATE if for_whom else Why.OWN
    return Duty(
        id=duty_id,
        label="Decide",
        step=True,
        base=Role.LM,
        role=Role.LM,
        acts=("D-04", "D-05"),
        excluded=("p-ada",),
        holders=tuple(
            Holder(person=one, role=Role.LM, why=why, on_behalf_of=for_whom) for one in holders
        ),
        clock="D-T2",
        opened_at=NOW,
        due=due,
        overdue=overdue,
        clause="2.13",
    )


def batch(  # noqa: PLR0913 - each names one thing a test varies
    *lines: Line,
    case_id: str = "case-1",
    state: str = "with_manager",
    closed: bool = False,
    duties: tuple[Duty, ...] = (),
    flags: tuple[str, ...] = (),
    token: str | None = None,
) -> Batch:
    """What one fact made of an invented case."""
    return Batch(
        case_id=case_id,
        procedure="court_directed_access",
        lines=lines,
        state=state,
        label="With your manager",
        closed=closed,
        subject="p-ada",
        started_by="p-ada",
        assigned={Role.LEG: "p-lea"},
        duties=duties,
        flags=flags,
        token=token,
    )
