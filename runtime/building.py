"""How the parts are put together, once, for the worker, the desk and the tests alike."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from temporalio.client import Client
from temporalio.worker import Worker

from activities.casework import CaseworkActivities
from activities.evidence_store import EvidenceStore
from activities.ledger import Ledger
from models.directory import Directory
from models.errors import Misconfigured
from runtime import temporal
from runtime.clock import Clock, utc_now
from runtime.deeds import Deeds
from runtime.desk import Desk
from runtime.directory_file import DirectoryFile
from runtime.keyring import KeyRing
from runtime.settings import PROJECT, Settings
from runtime.staffing import Staffing
from workflows.corporate_reputation import CorporateReputationCase
from workflows.court_directed_access import CourtDirectedAccessCase
from workflows.court_proceedings import CourtProceedingsCase
from workflows.employee_comments import EmployeeCommentsCase

if TYPE_CHECKING:
    from runtime.replay import Replayed

WORKFLOWS = (
    EmployeeCommentsCase,
    CorporateReputationCase,
    CourtProceedingsCase,
    CourtDirectedAccessCase,
)
"""Every workflow type the worker runs; a test compares it with the procedures there are."""

LEADING = ("models", "policy", "procedures", "activities", "workflows", "runtime")
"""What decides how a case goes on; the doors are not part of it."""

THREADS = 8
"""Threads for the ledger: enough to keep one disk busy, few enough for two cores."""


def open_ledger(settings: Settings) -> Ledger:
    """The ledger of these settings, brought up to date. Raises Misconfigured or Unavailable."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Misconfigured(
            f"The folder {settings.home} cannot be made: {error.strerror}. Nothing was done. Allow"
            " it, or set CASEWORK_HOME to another folder."
        ) from None
    ledger = Ledger(settings.database_url, KeyRing.load(settings.key_ring_file))
    ledger.migrate()
    return ledger


def open_evidence(settings: Settings, ledger: Ledger) -> EvidenceStore:
    """The evidence store of these settings, sealed with the ledger's keys. Raises Misconfigured."""
    return EvidenceStore(settings.evidence_folder, KeyRing.load(settings.key_ring_file), ledger)


def open_directory(settings: Settings, ledger: Ledger) -> Callable[[], Directory]:
    """The directory, read again whenever its file changes, with the absences recorded beside it.

    Raises Misconfigured.
    """
    file = DirectoryFile(settings.directory)
    return Staffing(lambda: file.directory, Deeds(ledger))


def build_worker(
    client: Client,
    settings: Settings,
    ledger: Ledger,
    directory: Callable[[], Directory],
    clock: Clock = utc_now,
) -> Worker:
    """The worker of all procedures."""
    activities = CaseworkActivities(ledger, directory, clock)
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=list(WORKFLOWS),
        activities=activities.all,
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="ledger"),
        # A case asks for nothing beyond its own worker, so nobody else is asked for such work.
        no_remote_activities=True,
        workflow_runner=temporal.sandbox(),
        max_cached_workflows=settings.cached_workflows,
        build_id=build_id(),
    )


@functools.cache
def build_id() -> str:
    """Which program leads a case, as Temporal's history names it: a digest of our own source.

    Temporal's own would read every module there is, which took a fifth of the time of a start.
    """
    found = sha256(version("temporalio").encode())
    for package in LEADING:
        for file in sorted((PROJECT / package).rglob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()[:32]


def build_desk(
    settings: Settings,
    *,
    ledger: Ledger | None = None,
    directory: Callable[[], Directory] | None = None,
    client: Client | None = None,
    clock: Clock = utc_now,
) -> Desk:
    """A desk. It connects to Temporal only when something is sent."""
    known = client

    async def connected() -> Client:
        nonlocal known
        if known is None:
            known = await temporal.connect(settings, identity="desk")
        return known

    async def replayed(case_id: str) -> Replayed:
        # Replaying needs every workflow type, and those are listed here.
        from runtime.replay import replay  # noqa: PLC0415

        return await replay(case_id, settings, await connected())

    kept = ledger or open_ledger(settings)
    return Desk(
        ledger=kept,
        directory=directory or open_directory(settings, kept),
        temporal=connected,
        task_queue=settings.task_queue,
        clock=clock,
        store=functools.cache(lambda: open_evidence(settings, kept)),
        replays=replayed,
        keeps_forms=timedelta(days=settings.forms_kept_days),
    )
