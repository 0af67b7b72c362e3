"""A service of its own for tests that change the calendar or who is away for everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client

from models.london import london_date
from runtime.clock import utc_now
from runtime.settings import Settings
from tests.service import Service, running


@pytest.fixture(name="apart", scope="module")
async def apart_fixture(
    client: Client, settings_factory: Callable[..., Settings]
) -> AsyncIterator[Service]:
    """A service on the shared server, with a ledger and a task queue that no other test uses."""
    settings = settings_factory(task_queue=f"administering-{uuid4().hex[:8]}")
    shared = client.data_converter.payload_codec
    async with running(settings, client) as service:
        assert shared is client.data_converter.payload_codec
        yield service


def next_open_day(service: Service, days: int = 1) -> date:
    """The first day, from so many days after today on, that is not closed yet."""
    day = london_date(utc_now()) + timedelta(days=days)
    while service.desk.calendar.why_closed(day):
        day += timedelta(days=1)
    return day
