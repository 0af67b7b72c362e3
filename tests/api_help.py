"""A program that speaks to the API: by httpx2 against the real application and the real service."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2

from tests.service import REASON, Service, intake
from tests.web_help import HOST
from web.api.demonstration import PREFIX, DemonstrationTokens
from web.app import build
from web.guard import Guard
from web.tokens import Tokens

V1 = f"http://{HOST}/v1"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cf"
    "c0000003010100c9fe92ef0000000049454e44ae426082"
)


def application(service: Service, tokens: Tokens | None = None) -> Guard:
    """The whole application, with demonstration tokens unless others are given."""
    return build(service.desk, [HOST], tokens=tokens or DemonstrationTokens(service.desk))


def form(**changes: Any) -> dict[str, Any]:
    """A form of D as the API takes it: the key is its token."""
    made = intake(**changes)
    return made if "submission_token" in changes else _without_token(made)


def _without_token(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "submission_token"}


class Program:
    """One program with one person's token."""

    def __init__(self, service: Service, person: str, tokens: Tokens | None = None) -> None:
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=application(service, tokens)),
            base_url=V1,
            headers={"authorization": f"Bearer {PREFIX}{person}"},
        )

    async def get(self, path: str, **query: Any) -> httpx2.Response:
        """Ask for something."""
        return await self.client.get(V1 + path, params=query)

    async def post(
        self, path: str, body: Any = None, *, key: str | None = "", match: str | None = None
    ) -> httpx2.Response:
        """Send something, with a new key unless one is given (None: without any)."""
        headers = {} if key is None else {"idempotency-key": key or str(uuid4())}
        headers |= {} if match is None else {"if-match": match}
        return await self.client.post(V1 + path, json=body, headers=headers)

    async def open(self, **changes: Any) -> httpx2.Response:
        """Open a case of D."""
        return await self.post("/cases", {"procedure": "D", "form": form(**changes)})

    async def etag(self, case_id: str) -> str:
        """What this person is shown of a case now."""
        return (await self.get(f"/cases/{case_id}")).headers["etag"]

    async def decide(
        self, case_id: str, act: str, /, *, key: str = "", match: str | None = None, **fields: Any
    ) -> httpx2.Response:
        """Take an act with a good reason, on what is shown now unless `match` says otherwise."""
        body = {"act": act, "reason": REASON, "fields": fields}
        shown = match or await self.etag(case_id)
        return await self.post(f"/cases/{case_id}/decisions", body, key=key, match=shown)
