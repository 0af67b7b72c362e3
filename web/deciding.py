"""One act: what is being decided and on what, the reason, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from models import looked
from models.case import Receipt
from models.errors import Unavailable
from models.forms import MEANINGFUL, meaningful, problems
from models.people import Role
from procedures.registry import by_name
from procedures.words import Act
from runtime import showing
from runtime.audit import refold
from runtime.desk import Desk
from runtime.narrowing import Roles, narrowed
from runtime.possible import BY_ANOTHER_ACT
from web.drafts import Fault, faults_of
from web.looking import NotForYou, Seen, see
from web.oidc import to_prove, wants_proof
from web.questions import Answers, Question, compose, questions, rows_in
from web.reporting import colleagues
from web.sessions import Session, Typed
from web.site import (
    answers_in,
    noted,
    page,
    posted,
    reading,
    see_other,
    signed_in,
    site_of,
    text_in,
)
from web.words import label_of_act

ADD = "add_evidence"
"""Files have a page of their own: they are kept, not only named."""
MOVED_ON = "The case has moved on since you wrote this; look at it again before you send it"
ROWS = 5
"""Rows offered where an act takes several of something."""


async def ask(request: Request) -> Response:
    """The form of one act, or why this person may not take it now."""
    session, person = signed_in(request)
    seen, act = await _act(request, session, person)
    possible = next(not one.why_not for one in seen.acts if one.code == act.code)
    if possible and wants_proof(request, session, act):
        return to_prove(request, session)
    await noted(request, person, looked.Seen.ACT, seen.role)
    kept = session.typed.get(request.url.path)
    if kept is None:
        return _asked(request, session, seen, act, {"decision": str(uuid4())})
    # What they wrote is theirs; what they decide on is the case as it stands and is shown now.
    typed = {name: text for name, text in kept.texts.items() if name not in ("saw", "head")}
    moved = kept.texts["head"] != seen.view.case.head
    faults = [("", MOVED_ON)] if moved else None
    return _asked(request, session, seen, act, typed, kept.answers, faults)


async def _act(request: Request, session: Session, person: str) -> tuple[Seen, Act]:
    site = site_of(request)
    case_id = request.path_params["case"]
    seen = await reading(see, site.desk, site.people, case_id, person, session.roles)
    name = request.path_params["act"]
    if name in BY_ANOTHER_ACT or name not in {one.name for one in seen.acts}:
        raise NotForYou
    return seen, by_name(seen.view.case.procedure).acts[name]


def _questions(act: Act) -> tuple[Question, ...]:
    if adds_a_file(act):
        return ()
    return questions(act.form, label_of_act)


def adds_a_file(act: Act) -> bool:
    """Whether the act hands a file in."""
    return act.code == ADD


def _asked(  # noqa: PLR0913  # the form again, as it was filled in
    request: Request,
    session: Session,
    seen: Seen,
    act: Act,
    typed: dict[str, str],
    answers: Answers | None = None,
    faults: list[tuple[str, str]] | None = None,
) -> Response:
    asked = _questions(act)
    why_not = next(one.why_not for one in seen.acts if one.code == act.code)
    given = answers or {}
    return page(
        request,
        "act.html",
        status=422 if faults else 200,
        session=session,
        seen=seen,
        row=seen.view.case,
        act=act,
        name=request.path_params["act"],
        why_not=why_not,
        questions=asked,
        answers=given,
        faults=faults or [],
        rows={one.name: max(rows_in(one, given), ROWS) for one in asked},
        colleagues=colleagues(request),
        adds=adds_a_file(act),
        typed={"saw": str(seen.view.case.seq), "head": seen.view.case.head} | typed,
    )


async def take(request: Request) -> Response:
    """Send the act with what its sender was shown, and keep the receipt."""
    session, person = signed_in(request)
    form = await posted(request, session)
    seen, act = await _act(request, session, person)
    typed = {
        name: text_in(form, name)
        for name in ("decision", "saw", "head", "reason", "title", "clean")
    }
    asked = _questions(act)
    answers = await answers_in(form, asked)
    if wants_proof(request, session, act):
        session.keep_typed(request.url.path, Typed(typed, answers))
        return to_prove(request, session)
    fields = compose(asked, answers, site_of(request).find)
    file = await _file(form.get("file")) if adds_a_file(act) else b""
    faults = _faults(act, asked, fields, typed, file)
    if faults:
        said = [(one.name, one.said) for one in faults]
        return _asked(request, session, seen, act, typed, answers, said)
    receipt = await _sent(request, session, typed, fields, file)
    session.typed.pop(request.url.path, None)
    session.keep(receipt)
    return see_other(f"/case/{receipt.case_id}/receipt/{receipt.decision}")


async def _file(given: Any) -> bytes:
    return await given.read() if isinstance(given, UploadFile) else b""


def _faults(
    act: Act,
    asked: tuple[Question, ...],
    fields: dict[str, Any],
    typed: dict[str, str],
    file: bytes,
) -> list[Fault]:
    """What its sender can put right before anything is sent: a refusal would be in the trail."""
    found: list[Fault] = []
    if adds_a_file(act):
        found += [Fault("file", "Choose a file")] if not file else []
        found += [Fault("title", "Say what it shows")] if not typed["title"] else []
        found += (
            [] if typed["clean"] else [Fault("clean", "Make sure of this before you add a file")]
        )
    else:
        try:
            act.form.model_validate(fields)
        except ValidationError as error:
            found += faults_of(problems(error), asked)
    if act.decides and not meaningful(typed["reason"]):
        found.append(Fault("reason", f"Give a reason of at least {MEANINGFUL} letters"))
    return found


async def _sent(
    request: Request, session: Session, typed: dict[str, str], fields: dict[str, Any], file: bytes
) -> Receipt:
    desk, person = site_of(request).desk, str(session.person)
    case_id, act = request.path_params["case"], request.path_params["act"]
    role = await reading(_role, desk, case_id, act, person, session.roles)
    if file:
        added = await desk.add_evidence(
            case_id,
            person,
            file,
            typed["title"],
            reason=typed["reason"],
            role=role,
            id=typed["decision"],
        )
        return added.receipt
    try:
        return await desk.decide(
            case_id,
            act,
            person,
            reason=typed["reason"],
            fields=fields,
            role=role,
            saw=int(typed["saw"]) if typed["saw"].isdecimal() else 0,
            saw_hash=typed["head"],
            id=typed["decision"],
        )
    except Unavailable:
        # The desk's own words speak of options of the command line.
        raise Unavailable(
            "Nobody answered in time. It may still be applied: look at the case. Sending the same"
            " page again never counts twice."
        ) from None


def _role(desk: Desk, case_id: str, act: str, person: str, only: Roles) -> Role | None:
    """The role to send an act in, so that none but a usable one can carry it; None: any."""
    if only is None:
        return None
    case = refold(desk.trail(case_id))
    blank = desk.decision(desk.show(case_id).case, act, person, reason="", fields={})
    return narrowed(case, case.acts[act], blank, only).role


async def receipt(request: Request) -> Response:
    """What became of a decision of this session; another session looks at the case's story."""
    session, person = signed_in(request)
    site = site_of(request)
    case_id = request.path_params["case"]
    found = session.receipts.get(request.path_params["decision"])
    if found is None or found.case_id != case_id:
        return see_other(f"/case/{case_id}")
    row = site.desk.show(case_id).case
    lines = list(showing.receipt(found, row.procedure))
    return page(request, "receipt.html", receipt=found, lines=lines, row=row, person=person)
