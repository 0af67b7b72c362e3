"""Deciding: an act bound to what its sender was shown, answered with its receipt whatever it says."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from starlette.concurrency import run_in_threadpool

from activities.register import CaseRow
from models.case import Decision, Line, Receipt
from models.errors import BadInput, CaseworkError, Unavailable
from models.people import Role
from procedures.registry import PROCEDURES, by_name
from runtime import repeats
from runtime.asks import find_act
from runtime.audit import refold
from runtime.desk import Desk
from runtime.narrowing import kept, narrowed
from web.api.asking import NO_SUCH, CaseId, Key, TheCaller, TheDesk, etag, no_query, sight
from web.api.cases import KEY_USED, REPLAYED
from web.api.problems import Problem, faults
from web.api.shapes import Act, Answered
from web.tokens import Caller

router = APIRouter(tags=["decisions"], dependencies=[Depends(no_query)])

NOT_ALLOWED = frozenset({
    "wrong_role", "auditor", "administrator", "conflicted", "not_active", "system_only",
    "not_yours", "not_a_reader", "not_a_starter", "two_people", "other_case",
    "not_an_administrator", "not_an_auditor", "same_person",
})  # fmt: skip
"""Refusals for who somebody is; beside them the rules that keep people apart."""
NOT_NOW = frozenset({
    "moved_on", "too_early", "already_decided", "closed", "agreed_already", "too_long_ago",
    "before_the_case", "not_possible", "open_tasks", "asked_already", "nothing_asked",
    "recorded_already", "referred_already", "nothing_to_adopt", "nothing_to_correct",
    "nothing_to_take_back", "not_known_then", "not_the_same", "not_what_was_shown",
    "calendar_too_short", "from_the_future", "not_open", "nothing_to_resume",
})  # fmt: skip
"""Refusals for where the case stands. Every other is for what was sent."""
FORM = frozenset({
    "fields", "no_reason", "unknown_act", "nobody", "itself", "cannot_correct_to", "too_large",
    "wrong_shape", "cannot_be_kept_exactly",
})  # fmt: skip
"""Refusals for what does not make an act at all."""

IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        description="The ETag of the case as it was shown. `*` for what any colleague may report.",
    ),
]
ANY = "*"


def kind_of(code: str) -> str:
    """The type of problem that a refusal's code is."""
    if code in NOT_ALLOWED or code in _apart():
        return "not-allowed"
    if code in NOT_NOW:
        return "not-now"
    return "not-usable" if code in FORM else "against-a-rule"


def _apart() -> set[str]:
    acts = (act for kind in PROCEDURES.values() for act in kind.acts.values())
    return {rule.id.lower() for act in acts for rule in act.apart}


@router.post("/cases/{case_id}/decisions")
async def decide(  # noqa: PLR0913  # the parts of a request
    case_id: CaseId,
    body: Act,
    key: Key,
    match: IfMatch,
    desk: TheDesk,
    caller: TheCaller,
    response: Response,
) -> Answered:
    """Take an act. The answer carries the receipt: applied here, refused or held as a problem."""
    sent = await run_in_threadpool(_sent, desk, case_id, body, str(key), match, caller)
    receipt = sent if isinstance(sent, Receipt) else await _receipt(desk, sent)
    return await answered(desk, caller, receipt, response)


async def answered(desk: Desk, caller: Caller, receipt: Receipt, response: Response) -> Answered:
    """A receipt as an answer. Raises Problem, with the receipt in it, when it was not applied."""
    row = await run_in_threadpool(lambda: desk.show(receipt.case_id).case)
    headers = {REPLAYED: str(receipt.repeated).lower()}
    if not await run_in_threadpool(_sees, desk, receipt.case_id, caller):
        # Whoever may not look learns what became of their own act, and nothing of the case.
        receipt = receipt.model_copy(update={"state": "", "due": None})
    else:
        headers["ETag"] = etag(row)
    if receipt.outcome == "applied":
        response.headers.update(headers)
        return Answered(receipt=receipt)
    kind = "held" if receipt.outcome == "held" else kind_of(receipt.code or "")
    detail, errors = receipt.message, list[dict[str, str]]()
    if receipt.code == "fields":
        errors = faults(detail.removesuffix(".").split("; "), "/fields")
        detail = "The fields are not as the act asks for them. Nothing in the case changed."
    raise Problem(
        kind, detail, errors=errors, headers=headers, receipt=receipt.model_dump(mode="json")
    )


async def _receipt(desk: Desk, decision: Decision) -> Receipt:
    try:
        receipt = await desk.send(decision.case_id, decision)
    except Unavailable:
        # The desk's own words speak of options of the command line.
        raise Problem(
            "unavailable",
            "Nobody answered in time. It may still be applied: send the same again with the same"
            " Idempotency-Key, which never counts twice.",
        ) from None
    lines = await run_in_threadpool(desk.trail, decision.case_id)
    before = repeats.decision_before(lines, decision.id)
    if before is not None and not repeats.same_decision(before, decision):
        # Two at the same moment under one key: the receipt is the other one's.
        raise Problem("key-used", KEY_USED)
    return receipt


def _sent(  # noqa: PLR0913  # the parts of a request
    desk: Desk, case_id: str, body: Act, key: str, match: str, caller: Caller
) -> Decision | Receipt:
    """The decision to send, or the receipt it got before. Raises Problem."""
    row = desk.ledger.register(case_id)
    if row is None:
        raise Problem("not-found", NO_SUCH)
    lines = desk.trail(case_id)
    before = repeats.decision_before(lines, key)
    if before is not None and before.person == caller.person:
        return _again(lines, before, body, match, row)
    _still_there(desk, row, match, caller)
    act = _act(desk, row, body.act, caller)
    if before is not None:
        raise Problem("key-used", KEY_USED)
    _any_time(row, act, match)
    _usable(body.role, caller)
    decision = desk.decision(
        row,
        act,
        caller.person,
        reason=body.reason,
        fields=body.fields,
        role=body.role,
        on_behalf_of=body.on_behalf_of,
        saw=row.seq,
        saw_hash=None if match == ANY else row.head,
        id=key,
    )
    if caller.roles is None:
        return decision
    case = refold(lines)
    return narrowed(case, case.acts[act], decision, caller.roles)


def _sees(desk: Desk, case_id: str, caller: Caller) -> bool:
    try:
        return sight(desk, case_id, caller) is not None
    except Unavailable:
        raise
    except CaseworkError:
        # Its trail cannot be worked out any more; the case itself may still take what is sent.
        return False


def _again(lines: list[Line], before: Decision, body: Act, match: str, row: CaseRow) -> Receipt:
    """The answer this very act got before. Raises Problem when the key was another one's."""
    kind = by_name(row.procedure)
    shown = f'"{before.saw}-{before.saw_hash}"' if before.saw_hash else ANY
    now = before.model_copy(
        update={
            "act": find_act(kind, body.act),
            "on_behalf_of": body.on_behalf_of,
            "reason": body.reason,
            "fields": body.fields,
            "role": body.role,
        }
    )
    if shown != match or not repeats.same_decision(before, now):
        raise Problem("key-used", KEY_USED)
    receipt = repeats.answered_before(lines, before.id)
    if receipt is None:
        raise Problem("not-now", "It was answered long ago; the trail says what became of it.")
    return receipt


def _still_there(desk: Desk, row: CaseRow, match: str, caller: Caller) -> None:
    if match in (ANY, etag(row)):
        return
    if not _sees(desk, row.case_id, caller):
        raise Problem("not-found", NO_SUCH)
    raise Problem(
        "moved-on",
        "The case has moved on since what you were shown. Nothing was sent; look again.",
        headers={"ETag": etag(row)},
    )


def _act(desk: Desk, row: CaseRow, text: str, caller: Caller) -> str:
    try:
        return find_act(by_name(row.procedure), text)
    except BadInput:
        if not _sees(desk, row.case_id, caller):
            raise Problem("not-found", NO_SUCH) from None
        said = {"pointer": "#/act", "detail": "is no act of this procedure that people take"}
        raise Problem(
            "not-usable", "There is no such act. Nothing was sent.", errors=[said]
        ) from None


def _any_time(row: CaseRow, name: str, match: str) -> None:
    """What any colleague may report needs no look at the case first (INV-11); all else does."""
    act = by_name(row.procedure).acts[name]
    if match == ANY and (act.decides or Role.COL not in act.who):
        raise Problem(
            "match-required",
            "This act is bound to what you were shown: send the ETag of the case. Nothing was sent.",
        )


def _usable(role: Role | None, caller: Caller) -> None:
    if role is not None and not kept((role,), caller.roles):
        raise Problem("not-allowed", "Your token may not use that role. Nothing was sent.")
