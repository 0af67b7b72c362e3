"""The API asked at random, by its own document: operation by operation, and along its links.

It is asked as a program asks it, over a socket; what it answers must be what the document says,
and never a fault of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, cast
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import (
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from runtime.settings import Settings
from tests.api_help import form
from tests.nightly import NIGHTLY
from tests.service import Service
from web import serving
from web.api.app import described
from web.api.demonstration import PREFIX

TIMES = 150 if NIGHTLY else 2
STEPS = 20 if NIGHTLY else 6
PEOPLE = ("fca-1", "lm-1", "aud-1", "adm-1", "com-3", "lm-1+HRBP") if NIGHTLY else ("lm-1",)
ROUNDS = 20
"""How often it begins anew until chance has opened a case: twice at most, nearly always."""
LEFT_OUT = [
    # A form that is an object need not be one that opens a case: that says 422.
    positive_data_acceptance,
    # It knows of no 428, which is what a missing If-Match is (RFC 6585).
    missing_required_header,
]
RUN = settings(
    max_examples=TIMES,
    stateful_step_count=STEPS,
    phases=(Phase.generate,),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
DOCUMENT = json.loads(described())

pytestmark = pytest.mark.timeout(7200 if NIGHTLY else 180)


@pytest.fixture
async def address(
    service: Service, settings_factory: Callable[..., Settings]
) -> AsyncIterator[str]:
    """Where the API listens."""
    chosen = settings_factory()
    # As often as it likes: how often others may ask is tried elsewhere.
    without = {"limit_sign_ins": 0, "limit_posts": 0, "limit_reads": 0}
    chosen = chosen.model_copy(update={"web_port": chosen.port, **without})
    async with serving.serving(chosen, service.desk):
        yield f"{serving.address(chosen)}/v1"


def _schema(address: str) -> Any:
    made = schemathesis.openapi.from_dict(DOCUMENT)
    made.config.update(base_url=address)
    return made


def _headers(person: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {PREFIX}{person}"}


@pytest.mark.parametrize("person", PEOPLE)
async def test_every_operation_answers_as_the_document_says(address: str, person: str) -> None:
    asked = await asyncio.to_thread(_ask_each, address, person)

    assert asked == sum(len(found) for found in DOCUMENT["paths"].values())


def _ask_each(address: str, person: str) -> int:
    asked = 0
    for found in _schema(address).get_all_operations():

        @RUN
        @given(case=found.ok().as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(headers=_headers(person), excluded_checks=LEFT_OUT)

        ask()
        asked += 1
    return asked


async def test_the_links_from_a_case_that_was_opened_lead_on(address: str) -> None:
    opened: list[str] = []
    await asyncio.to_thread(_follow, address, opened)

    assert opened


def _follow(address: str, opened: list[str]) -> None:
    schema = _schema(address)
    headers = _headers("fca-1")

    class Along(cast("Any", schema.as_state_machine())):  # type: ignore[misc]
        def before_call(self, case: Any) -> None:
            # At random nobody ever fills in a form that opens a case.
            if case.operation.label == "POST /cases":
                case.body = {"procedure": "D", "form": form()}
                case.headers["Idempotency-Key"] = str(uuid4())

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **given: Any) -> None:
            left_out = LEFT_OUT
            if case.operation.label == "POST /cases":
                # It still takes the form for the one of its own that it made wrong on purpose.
                left_out = [*LEFT_OUT, negative_data_rejection]
                if response.status_code == 201:
                    opened.append(response.json()["case_id"])
            case.validate_response(response, excluded_checks=left_out, transport_kwargs=given)

    for _ in range(ROUNDS):
        run_state_machine_as_test(Along, settings=RUN)
        if opened:
            return
