"""Tells running cases when the directory file was changed: absence, cover, a new manager (6.5).

What changes by itself on a known date (an absence that begins) the cases know already: each roster
says until when it holds. This is for edits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger import Ledger
from activities.register import CaseFilter, CaseRow
from models.case import PeopleChanged
from models.directory import Directory
from runtime.clock import Clock, utc_now
from workflows.messages import PEOPLE_CHANGED

log = structlog.get_logger(__name__)

EVERY = 2.0
"""Seconds of real time between two looks at the file."""

PAGE = 500


async def run(
    client: Client, ledger: Ledger, directory: Callable[[], Directory], clock: Clock = utc_now
) -> None:
    """Look at the directory for ever; when its content changes, tell every open case."""
    known = directory().digest
    while True:
        await asyncio.sleep(EVERY)
        now = directory()
        if now.digest == known:
            continue
        if await tell_all(client, ledger, now, clock):
            known = now.digest
            log.info("people_changed")


async def tell_all(
    client: Client, ledger: Ledger, directory: Directory, clock: Clock = utc_now
) -> bool:
    """Tell every open case who is who now. False when the server was away: tell them again."""
    offset, all_told = 0, True
    while rows := ledger.cases(CaseFilter(closed=False), PAGE, offset):
        for row in rows:
            all_told = await _tell(client, directory, row, clock) and all_told
        offset += PAGE
    return all_told


async def _tell(client: Client, directory: Directory, row: CaseRow, clock: Clock) -> bool:
    at = clock()
    fact = PeopleChanged(at=at, roster=directory.roster(row.subject, at, row.assigned))
    try:
        await client.get_workflow_handle(row.case_id).signal(PEOPLE_CHANGED, fact)
    except RPCError as error:
        # A case that closed meanwhile needs nobody any more.
        return error.status is RPCStatusCode.NOT_FOUND
    return True
