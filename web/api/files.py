"""Evidence: a file handed in for a case, the files it names, and one of them given out."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Path, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from models import looked
from models.base import Value
from models.case import Decision, Receipt
from models.errors import BadInput, Refused
from models.evidence import LARGEST, Deed, Part, Purpose
from procedures.registry import by_name
from runtime import evidence as kept_files
from runtime import repeats
from runtime.audit import refold
from runtime.desk import Desk
from runtime.narrowing import narrowed
from runtime.notices import MARKING
from runtime.verbs_of_evidence import BEFORE_A_FILE
from web.api.asking import NO_SUCH, CaseId, Key, TheCaller, TheDesk, look, no_query, sight
from web.api.cases import KEY_USED
from web.api.decisions import answered
from web.api.problems import Problem, faults
from web.api.shapes import Added, Evidence
from web.tokens import Caller

router = APIRouter(tags=["evidence"])
plain = [Depends(no_query)]

ADD = kept_files.ADD
DETAILS = (
    "address", "platform", "post_id", "author_handle", "author_display_name", "posted_as_shown",
    "seen_at", "how_seen", "visibility", "reach", "capture_tool", "shows_a_child", "names_a_child",
    "case_documents",
)  # fmt: skip
"""What may be said of the post; read like the fields of the act (`add_evidence`)."""


class Upload(BaseModel):
    """A file and what is said of it; everything from `address` on is as the act's form has it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    file: UploadFile
    """PNG, JPEG, WEBP or PDF, at most 20 MB."""
    title: str = Field(min_length=1, max_length=120)
    """What it shows."""
    no_indecent_image: bool
    """You have made sure that it shows no indecent image of a child (INV-13)."""
    reason: str = Field(default="", max_length=5000)
    address: str | None = Field(default=None, max_length=2000)
    platform: str | None = Field(default=None, max_length=40)
    post_id: str | None = Field(default=None, max_length=200)
    author_handle: str | None = Field(default=None, max_length=200)
    author_display_name: str | None = Field(default=None, max_length=200)
    posted_as_shown: str | None = Field(default=None, max_length=200)
    seen_at: str | None = Field(default=None, max_length=40)
    how_seen: str | None = Field(default=None, max_length=40)
    visibility: str | None = Field(default=None, max_length=40)
    reach: str | None = Field(default=None, max_length=200)
    capture_tool: str | None = Field(default=None, max_length=200)
    shows_a_child: bool | None = None
    names_a_child: bool | None = None
    case_documents: bool | None = None


@router.post("/cases/{case_id}/evidence", status_code=201, dependencies=plain)
async def add_evidence(  # noqa: PLR0913  # the parts of a request
    case_id: CaseId,
    body: Annotated[Upload, File(media_type="multipart/form-data")],
    key: Key,
    desk: TheDesk,
    caller: TheCaller,
    response: Response,
) -> Added:
    """Keep a file and add it to a case. Who may not add it leaves none behind."""
    if await run_in_threadpool(sight, desk, case_id, caller) is None:
        raise Problem("not-found", NO_SUCH)
    if not body.no_indecent_image:
        steps = [{"pointer": "#/no_indecent_image", "detail": one} for one in BEFORE_A_FILE]
        raise Problem("not-usable", "It was not opened, and nothing was kept.", errors=steps)
    content = await body.file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Problem("too-large", "A file may have 20 MB. Nothing was kept.")
    fields = {name: getattr(body, name) for name in DETAILS}
    fields = {name: value for name, value in fields.items() if value is not None}
    sent = await run_in_threadpool(_sent, desk, case_id, body, fields, content, str(key), caller)
    if isinstance(sent, Receipt):
        return await _added(desk, caller, sent, sha256(content).hexdigest(), response)
    try:
        added = await desk.add_evidence(
            case_id,
            caller.person,
            content,
            body.title,
            reason=body.reason,
            fields=fields,
            role=sent.role,
            id=str(key),
        )
    except BadInput as fault:
        raise Problem("not-usable", str(fault), errors=faults(fault.problems)) from None
    return await _added(desk, caller, added.receipt, sha256(content).hexdigest(), response)


async def _added(
    desk: Desk, caller: Caller, receipt: Receipt, digest: str, response: Response
) -> Added:
    told = (await answered(desk, caller, receipt, response)).receipt
    stored = await run_in_threadpool(lambda: desk.store.stored(digest))
    if stored is None:
        raise Problem("broken", "The file is not where it was kept. An administrator must look.")
    response.headers["Location"] = f"/v1/cases/{told.case_id}/evidence/{digest}"
    return Added(receipt=told, sha256=digest, working_copy=stored.working_copy)


def _sent(  # noqa: PLR0913  # what is sent, for the role it is sent in
    desk: Desk,
    case_id: str,
    body: Upload,
    fields: dict[str, Any],
    content: bytes,
    key: str,
    caller: Caller,
) -> Decision | Receipt:
    """The decision for the role it is sent in, or the receipt it got before. Raises Problem."""
    row, lines = desk.show(case_id).case, desk.trail(case_id)
    before = repeats.decision_before(lines, key)
    said = fields | {"title": body.title.strip(), "sha256": sha256(content).hexdigest()}
    if before is not None and not _same(before, body, said, caller):
        raise Problem("key-used", KEY_USED)
    if before is not None and (receipt := repeats.answered_before(lines, key)) is not None:
        return receipt
    decision = desk.decision(row, ADD, caller.person, reason=body.reason, fields=said, id=key)
    return narrowed(refold(lines), by_name(row.procedure).acts[ADD], decision, caller.roles)


def _same(before: Decision, body: Upload, said: dict[str, Any], caller: Caller) -> bool:
    ours = {"sha256", "title", *DETAILS}
    kept = {name: value for name, value in before.fields.items() if name in ours}
    sender = (before.act, before.person, before.reason)
    return sender == (ADD, caller.person, body.reason.strip()) and kept == said


@router.get("/cases/{case_id}/evidence", dependencies=plain)
def list_evidence(case_id: CaseId, desk: TheDesk, caller: TheCaller) -> Evidence:
    """The files a case names, each with its custody list."""
    look(desk, case_id, caller, looked.Seen.CASE)
    try:
        found = desk.evidence_of(case_id, caller.person, only=caller.roles)
    except Refused as no:
        raise Problem("not-yours-to-read", str(no)) from None
    return Evidence(case_id=case_id, evidence=tuple(found))


class Asked(Value):
    """Which part of a file, and what for: the custody line says both."""

    part: Part = Part.WORKING_COPY
    purpose: Purpose = Purpose.CASE_WORK


Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the original.")]


@router.get(
    "/cases/{case_id}/evidence/{sha256}",
    response_class=Response,
    responses={
        200: {
            "description": "The file. The custody line was written first.",
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
def get_file(  # the parts of a request
    case_id: CaseId,
    sha256: Digest,
    query: Annotated[Asked, Query()],
    desk: TheDesk,
    caller: TheCaller,
) -> Response:
    """One file of a case, for a purpose. Its custody list says who had it, before they have it."""
    if sight(desk, case_id, caller) is None:
        raise Problem("not-found", NO_SUCH)
    try:
        content = desk.read_evidence(
            case_id,
            sha256,
            caller.person,
            part=query.part,
            purpose=query.purpose,
            did=Deed.EXPORTED,
            only=caller.roles,
        )
    except BadInput:
        raise Problem("not-found", "This case has no such file in the store.") from None
    except Refused as no:
        raise Problem("not-yours-to-read", str(no)) from None
    named = f'attachment; filename="{MARKING}-{sha256}.{query.part}"'
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": named}
    )
