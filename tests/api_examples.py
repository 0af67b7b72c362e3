"""`python -m tests.api_examples`: record the examples of the API's document from invented cases.

One case is opened and agreed to through the real application; what was sent and answered becomes
the example of each operation, shortened where a list only repeats itself. Then `make publish`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import yaml

from runtime.instance import two_free_ports
from runtime.keyring import KeyRing
from runtime.rehearsal.server import TIME_SKIPPING
from runtime.server import EmbeddedServer
from runtime.settings import PROJECT, Settings
from runtime.temporal import connect
from tests.api_help import PNG, V1, Program
from tests.service import REASON, Service, running
from web.api.document import EXAMPLES

SHORT = {"acts": 3, "entries": 2, "states": 3, "errors": 2, "guards": 2}
"""How many of a list are shown."""


def _form() -> dict[str, Any]:
    read = yaml.safe_load((PROJECT / "examples" / "direction.yaml").read_text(encoding="utf-8"))
    read["safeguarding_concern"] = "no"
    return dict(json.loads(json.dumps(read, default=str)))


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$defs" in value:
        return {"type": "object", "title": value["title"]}
    return {
        name: _shortened(one[: SHORT[name]] if name in SHORT and isinstance(one, list) else one)
        for name, one in value.items()
    }


async def _play(service: Service) -> dict[str, Any]:
    pr, lm = Program(service, "fca-1"), Program(service, "lm-1")
    new = {"procedure": "D", "form": _form()}
    key = str(uuid4())
    opened = await pr.post("/cases", new, key=key)
    case_id, etag = opened.json()["case_id"], opened.headers["etag"]
    act = {"act": "agree", "reason": REASON, "fields": {"targets_match_order": True}}
    refused = await pr.post(f"/cases/{case_id}/decisions", act, match=etag)
    stale = await lm.post(f"/cases/{case_id}/decisions", act, match=etag)
    inbox = await lm.get("/inbox")
    etag = await lm.etag(case_id)
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": etag, "case_id": case_id}
    applied = await lm.post(
        f"/cases/{case_id}/decisions", act, match=etag, key=headers["Idempotency-Key"]
    )
    added = await pr.client.post(
        f"{V1}/cases/{case_id}/evidence",
        headers={"idempotency-key": key},
        data={"title": "The post as it was shown", "no_indecent_image": "true"},
        files={"file": ("post.png", PNG)},
    )
    found: dict[str, Any] = {}

    def keep(name: str, answer: httpx2.Response, **more: Any) -> None:
        assert answer.status_code in (200, 201), (name, answer.text)
        found[name] = {"answer": _shortened(answer.json()), **more}

    case = {"case_id": case_id}
    problems = {str(one.status_code): _shortened(one.json()) for one in (refused, stale)}
    keep("post /cases", opened, request=new, parameters={"Idempotency-Key": key})
    keep("post /rehearsals", await pr.post("/rehearsals", new), request=new)
    keep("get /cases", await lm.get("/cases", to_do=True), parameters={"limit": 20})
    keep("get /cases/{case_id}", await lm.get(f"/cases/{case_id}"), parameters=case)
    keep("get /cases/{case_id}/trail", await lm.get(f"/cases/{case_id}/trail"), parameters=case)
    keep(
        "post /cases/{case_id}/decisions",
        applied,
        request=act,
        parameters=headers,
        problems=problems,
    )
    upload = {"file": "the bytes of post.png", "title": "The post", "no_indecent_image": True}
    keys = case | {"Idempotency-Key": key}
    keep("post /cases/{case_id}/evidence", added, parameters=keys, request=upload)
    keep(
        "get /cases/{case_id}/evidence", await lm.get(f"/cases/{case_id}/evidence"), parameters=case
    )
    found["get /cases/{case_id}/evidence/{sha256}"] = {
        "parameters": case | {"sha256": added.json()["sha256"], "part": "working_copy"}
    }
    checked = await lm.post(f"/cases/{case_id}/verification")
    keep("post /cases/{case_id}/verification", checked, parameters=case)
    keep("get /inbox", inbox)
    keep("get /procedures", await lm.get("/procedures"))
    keep(
        "get /procedures/{procedure}", await lm.get("/procedures/D"), parameters={"procedure": "D"}
    )
    when = {"start": "2026-12-24 15:30", "amount": "16h"}
    keep("get /due", await lm.get("/due", **when), parameters=when)
    keep("get /health", await lm.get("/health"))
    return found


async def main() -> None:
    """Play, and write the examples."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), port=two_free_ports()[0], ui=False)
        KeyRing.create(settings.key_ring_file)
        async with EmbeddedServer(settings, TIME_SKIPPING) as server:
            client = await connect(server.settings)
            async with running(server.settings, client) as service:
                found = await _play(service)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    EXAMPLES.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    asyncio.run(main())
