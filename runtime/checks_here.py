"""The checks of what lies on this machine: program, files, keys, calendar, policy.

Each answers with what is there, or raises with what is wrong and what to do.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

import policy
from activities import database, tables
from activities.chain import place
from activities.evidence_blobs import Blobs
from models.errors import CaseworkError, Misconfigured, Unavailable
from models.london import london_day
from procedures.registry import PROCEDURES
from runtime import directory_file, instance, temporal
from runtime.clock import utc_now
from runtime.codec import UNREADABLE, CaseCodec
from runtime.keyring import KeyRing, Tampered, UnknownKey
from runtime.server import http_closed
from runtime.settings import Settings

ROOM = 200 * 1024 * 1024
"""Bytes that must be free below `home`: a full disk stops every case."""

AHEAD = timedelta(days=366)
"""How far the calendar must reach beyond today."""

_PLACE = b"self-check:1"


class NotAsked(Exception):
    """There is nothing to ask here; the text says why."""


Ask = Callable[[Settings], str | Awaitable[str]]


def _python(_: Settings) -> str:
    here = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        raise Misconfigured(
            f"Python 3.11, 3.12 or 3.13 is needed; this is {here}. Run `make setup`."
        )
    return here


def _home(settings: Settings) -> str:
    there = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise Misconfigured(
            f"{there} cannot be written to. Allow it, or set CASEWORK_HOME to another folder."
        )
    free = shutil.disk_usage(there).free
    if free < ROOM:
        raise Misconfigured(
            f"Only {free // 2**20} MB are free for {settings.home}; at least {ROOM // 2**20} MB "
            "are needed. Make room."
        )
    if there == settings.home:
        _write_something(there)
    new = "" if there == settings.home else " (not there yet; it will be made)"
    return f"{settings.home}{new}, {free // 2**30} GB free"


def _write_something(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"self-check")
            file.flush()
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be written to: {error.strerror}.") from None


def _key_ring(settings: Settings) -> str:
    ring = KeyRing.load(settings.key_ring_file)
    sealed = ring.seal(b"self-check", _PLACE)
    if ring.open(sealed, _PLACE) != b"self-check":
        raise Misconfigured(
            "What was sealed did not open again as it was. Do not use this machine."
        )
    for wrong, context in ((sealed[:-1] + bytes((sealed[-1] ^ 1,)), _PLACE), (sealed, b"other:1")):
        try:
            ring.open(wrong, context)
        except Tampered:
            continue
        raise Misconfigured("An altered message was opened as if it were genuine. Do not start.")
    return f"{ring.path}, closed to others; altered messages are refused"


async def _codec(settings: Settings) -> str:
    """What was altered, moved to another case or never encrypted must not be let in."""
    codec = temporal.data_converter(settings).payload_codec
    if codec is None:
        return "OFF: everything in Temporal can be read there (CASEWORK_ENCRYPTION)"
    if not isinstance(codec, CaseCodec):
        raise Misconfigured("Another codec than this service's is in place. Do not start.")
    here, other = (_bound(codec, name) for name in ("case-self-check", "case-other"))
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"self-check"')
    [sealed] = await here.encode([plain])
    altered = Payload(metadata=dict(sealed.metadata), data=sealed.data[:-1] + b"\0\0")
    if await here.decode([sealed]) != [plain]:
        raise Misconfigured("What was encrypted did not come back as it was. Do not start.")
    let_in = [*await here.decode([altered, plain, Payload()]), *await other.decode([sealed])]
    if any(payload.metadata.get("encoding") != UNREADABLE for payload in let_in):
        raise Misconfigured("A forged or unencrypted message would be let in. Do not start.")
    return "forged, moved and unencrypted messages are refused"


def _bound(codec: CaseCodec, case_id: str) -> CaseCodec:
    return codec.with_context(WorkflowSerializationContext(namespace="check", workflow_id=case_id))


def _ledger(settings: Settings) -> str:
    kept = database.Database(settings.database_url)
    url = sa.make_url(settings.database_url)
    if kept.sqlite and not Path(url.database or "").is_file():
        # Opening it would make an empty one.
        raise Unavailable(
            "There is no ledger yet. It is made when the service first starts: `make run`."
        )
    try:
        with kept.read() as connection:
            found = set(MigrationContext.configure(connection).get_current_heads())
    finally:
        kept.close()
    wanted = set(ScriptDirectory(str(Path(database.__file__).with_name("migrations"))).get_heads())
    if found != wanted:
        raise Misconfigured(
            "The ledger's tables are not those of this program. Start the service again: it brings "
            "older ones up to date; newer ones need the newer program."
        )
    return f"answers; its tables are current ({url.get_backend_name()})"


def _case_keys(settings: Settings) -> str:
    """The oldest and the newest entry must open: a ring of other keys reads no case at all."""
    if not has_tables(settings):
        raise NotAsked("there is no ledger to ask, or not one of this program")
    kept = database.Database(settings.database_url)
    columns = (tables.entry.c.case_id, tables.entry.c.seq, tables.entry.c.sealed)
    try:
        with kept.read() as connection:
            ends = [
                connection.execute(sa.select(*columns).order_by(by).limit(1)).first()
                for by in (tables.entry.c.at, tables.entry.c.at.desc())
            ]
    finally:
        kept.close()
    ring = KeyRing.load(settings.key_ring_file)
    for row in filter(None, ends):
        try:
            ring.open(row.sealed, place(row.case_id, row.seq))
        except UnknownKey:
            raise Misconfigured(
                f"{ring.path} has not the keys that the cases here were written with. Put back the "
                "key file they were opened with, or set CASEWORK_KEY_RING to it."
            ) from None
        except Tampered:
            raise Misconfigured(
                "An entry does not open as it was. Run `casework verify`."
            ) from None
    return "the oldest and the newest entry can be opened" if any(ends) else "no case yet"


def has_tables(settings: Settings) -> bool:
    """Whether there is a ledger of this program to ask."""
    try:
        _ledger(settings)
    except CaseworkError:
        return False
    return True


def _evidence(settings: Settings) -> str:
    folder = settings.evidence_folder
    if not folder.exists():
        there = next(path for path in folder.parents if path.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            raise Misconfigured(
                f"{there} cannot be written to, so no evidence could be kept. Allow it, or set "
                "CASEWORK_EVIDENCE to another folder."
            )
        return f"{folder} (not there yet; it will be made)"
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise Misconfigured(
            f"{folder} cannot be written to. Allow it, or set CASEWORK_EVIDENCE to another folder."
        )
    _write_something(folder)
    pieces = Blobs(folder, KeyRing.load(settings.key_ring_file)).ready()
    return f"{folder}, {pieces} sealed pieces; its address key opens"


def _directory(settings: Settings) -> str:
    try:
        people = directory_file.load(settings.directory).people
    except Misconfigured as fault:
        faults = str(fault).split("\n")
        many = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        lines = "\n".join((f"{settings.directory} has {many}. Correct it:", *faults))
        raise Misconfigured(lines) from None
    return f"{settings.directory}, {len(people)} people"


def _calendar(_: Settings) -> str:
    last = policy.calendar().last_day
    if last < (utc_now() + AHEAD).date():
        raise Misconfigured(
            f"The calendar ends on {london_day(last)}, less than a year from now. "
            "Run `python -m policy.make_calendar` and check what it writes."
        )
    return f"holidays are known until {london_day(last)}"


def _policy(_: Settings) -> str:
    book = policy.book()
    policy.never()
    policy.uk_calendar()
    used = {clock for procedure in PROCEDURES.values() for clock in procedure.clocks_used()}
    if missing := sorted(used - set(book.deadlines)):
        raise Misconfigured(f"policy/deadlines.yaml lacks {', '.join(missing)}. Add them.")
    return f"version {book.version}: {len(book.deadlines)} deadlines, {len(book.clauses)} clauses"


async def _http(settings: Settings) -> str:
    if not settings.embedded:
        raise NotAsked("the server is another's; ask whoever runs it")
    here = instance.running(settings)
    if here is None:
        raise NotAsked("no service runs on these files")
    try:
        closed = await asyncio.to_thread(http_closed, here.http_port)
    except OSError:
        raise Unavailable("The server does not answer there. Start the service again.") from None
    if not closed:
        raise Misconfigured(
            "The Temporal server's HTTP API answers: any web page could send decisions. "
            "Stop the service and start it with `make run`, which closes it."
        )
    return "closed to everybody"


HERE: dict[str, Ask] = {
    "Python": _python,
    "Folder": _home,
    "Key ring": _key_ring,
    "Encryption": _codec,
    "Ledger": _ledger,
    "Case keys": _case_keys,
    "Evidence": _evidence,
    "Directory": _directory,
    "Calendar": _calendar,
    "Policy": _policy,
    "Temporal HTTP API": _http,
}
