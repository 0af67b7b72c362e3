"""A service of its own for tests that change the calendar or who is away for everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from temporalio.client import Client

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
