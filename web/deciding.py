"""One act: what is being decided and on what, the reason, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from models import looked
from models.case import Receipt
from models.errors import BadInput, Refused, Unavailable
from models.forms import MEANINGFUL, meaningful
from models.people import Role
from models.together import faults_of_form
from procedures.registry import by_name
from procedures.words import Act
from runtime import showing
from runtime.audit import refold
from runtime.desk import Desk
from runtime.narrowing import Roles, narrowed
from runtime.possible import CORRECTS, ActFor
from web.drafts import Fault, faults_of
from web.looking import NotForYou, Seen, see
from web.oidc import to_prove, wants_proof
from web.questions import Answers, Kind, Question, compose, questions_of_act, rows_in, said
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
from web.story import Happened

ADD = "add_evidence"
"""Files have a page of their own: they are kept, not only named."""
MOVED_ON = "The case has moved on since you wrote this; look at it again before you send it"
ROWS = 5
"""Rows offered where an act takes several of something."""


@dataclass(frozen=True)
class Asked:
    """One act as it is asked for on a page."""

    seen: Seen
    offer: ActFor
    act: Act
    inner: Act | None = None
    """With a correction: the act that is to stand in the place of the last one."""
    inner_name: str = ""

    @property
    def adds(self) -> bool:
        """Whether it hands a file in."""
        return self.act.code == ADD

    @property
    def to_be_chosen(self) -> bool:
        """Whether it has to be said first which act it corrects to."""
        return self.act.code == CORRECTS and self.inner is None

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it asks for, with what this very case offers to choose from."""
        if self.adds or self.to_be_chosen:
            return ()
        asked = questions_of_act((self.inner or self.act).form)
        return asked if self.inner else tuple(_offered(one, self.offer) for one in asked)

    def fields(self, answers: dict[str, Any]) -> dict[str, Any]:
        """The fields of the decision."""
        return {"act": self.inner_name, "fields": answers} if self.inner else answers


def _offered(question: Question, offer: ActFor) -> Question:
    choices = offer.choices.get(question.name)
    return (
        replace(question, kind=Kind.CHOICE, options=choices) if choices else _with_roles(question)
    )


def _with_roles(question: Question) -> Question:
    """Roles are asked for by their names, never by their codes."""
    roles = {role.value for role in Role}
    if question.options and {value for value, _ in question.options} <= roles:
        named = tuple((value, showing.role(Role(value))) for value, _ in question.options)
        return replace(question, options=named)
    return question


@dataclass(frozen=True)
class Filled:
    """The page of an act as it was filled in, and what is to be said of it."""

    typed: dict[str, str]
    answers: Answers
    faults: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    status: int = 200


async def ask(request: Request) -> Response:
    """The form of one act, or why this person may not take it now."""
    session, person = signed_in(request)
    to = request.query_params.get("to", "")
    asked = await _act(request, session, person, to)
    if not asked.offer.why_not and wants_proof(request, session, asked.act):
        return to_prove(request, session, asked.inner_name)
    await noted(request, person, looked.Seen.ACT, asked.seen.role)
    kept = session.typed.get(request.url.path)
    if kept is not None:
        return _asked(request, session, asked, _as_before(kept, asked.seen.view.case.head))
    again = session.typed.get(request.query_params.get("again", ""))
    typed = {"decision": str(uuid4()), "reason": again.words["reason"] if again else ""}
    return _asked(request, session, asked, Filled(typed, again.answers if again else {}))


def _as_before(kept: Typed, head: str) -> Filled:
    """What they wrote is theirs; what they decide on is the case as it stands and is shown now."""
    typed = {name: text for name, text in kept.words.items() if name not in ("saw", "head")}
    moved = (("", MOVED_ON),) if kept.words["head"] != head else ()
    return Filled(typed, kept.answers, moved)


async def _act(request: Request, session: Session, person: str, to: str) -> Asked:
    site = site_of(request)
    case_id = request.path_params["case"]
    seen = await reading(see, site.desk, site.people, case_id, person, session.roles)
    name = request.path_params["act"]
    offer = next((one for one in seen.acts if one.name == name), None)
    if offer is None:
        raise NotForYou
    acts = by_name(seen.view.case.procedure).acts
    if offer.code == CORRECTS and to in dict(offer.choices.get("act", ())):
        return Asked(seen, offer, acts[name], acts[to], to)
    return Asked(seen, offer, acts[name])


def _asked(request: Request, session: Session, asked: Asked, filled: Filled) -> Response:
    shown, row = asked.questions, asked.seen.view.case
    return page(
        request,
        "act.html",
        status=422 if filled.faults and filled.status == 200 else filled.status,  # noqa: PLR2004
        session=session,
        asked=asked,
        seen=asked.seen,
        row=row,
        act=asked.act,
        why_not=asked.offer.why_not,
        questions=shown,
        answers=filled.answers,
        faults=list(filled.faults),
        notice=filled.notice,
        rows={one.name: max(rows_in(one, filled.answers), ROWS) for one in shown},
        colleagues=colleagues(request),
        corrected=_corrected(asked),
        typed={"saw": str(row.seq), "head": row.head} | filled.typed,
    )


def _corrected(asked: Asked) -> Happened | None:
    """The decision that a correction would put right: the newest that was applied."""
    if asked.act.code != CORRECTS:
        return None
    return next((one for one in reversed(asked.seen.story) if one.applied), None)


async def take(request: Request) -> Response:
    """Send the act with what its sender was shown, and keep the receipt."""
    session, person = signed_in(request)
    form = await posted(request, session)
    asked = await _act(request, session, person, text_in(form, "to"))
    typed = {name: text_in(form, name) for name in _WORDS}
    answers = await answers_in(form, asked.questions)
    if wants_proof(request, session, asked.act):
        session.keep_typed(request.url.path, Typed(typed, answers))
        return to_prove(request, session, asked.inner_name)
    fields = compose(asked.questions, answers, site_of(request).find)
    file = await _file(form.get("file")) if asked.adds else b""
    faults = _faults(asked, fields, typed, file)
    if faults:
        found = tuple((one.name, one.said) for one in faults)
        return _asked(request, session, asked, Filled(typed, answers, found))
    try:
        receipt = await _sent(request, session, typed, asked.fields(fields), file)
    except (BadInput, Refused, Unavailable) as no:
        return _asked(request, session, asked, _not_sent(typed, answers, no))
    session.typed.pop(request.url.path, None)
    session.keep(receipt)
    if receipt.outcome != "applied":
        words = typed | {"act": request.path_params["act"], "to": asked.inner_name}
        session.keep_typed(receipt.decision, Typed(words, answers))
    return see_other(f"/case/{receipt.case_id}/receipt/{receipt.decision}")


_WORDS = ("decision", "saw", "head", "reason", "title", "clean")


def _not_sent(
    typed: dict[str, str], answers: Answers, no: BadInput | Refused | Unavailable
) -> Filled:
    """The page again with all that was typed, and why nothing came of it."""
    if isinstance(no, Unavailable):
        # The same id: it may have been applied, and must not count twice.
        said = (
            "Nobody answered in time. It may still be applied: look at the case first. Sending this"
            " page again never counts twice."
        )
        return Filled(typed, answers, notice=said, status=503)
    kept = {name: words for name, words in typed.items() if name in ("decision", "reason", "title")}
    if isinstance(no, Refused):
        return Filled(kept, answers, notice=str(no), status=403)
    return Filled(kept, answers, tuple(("", one) for one in no.problems or (str(no),)))


async def _file(given: Any) -> bytes:
    return await given.read() if isinstance(given, UploadFile) else b""


def _faults(
    asked: Asked, fields: dict[str, Any], typed: dict[str, str], file: bytes
) -> list[Fault]:
    """What its sender can put right before anything is sent: a refusal would be in the trail."""
    found: list[Fault] = []
    if asked.to_be_chosen:
        found.append(Fault("to", "Choose what it should have been"))
    elif asked.adds:
        found += [Fault("file", "Choose a file")] if not file else []
        found += [Fault("title", "Say what it shows")] if not typed["title"] else []
        found += (
            [] if typed["clean"] else [Fault("clean", "Make sure of this before you add a file")]
        )
    else:
        form = (asked.inner or asked.act).form
        found += faults_of(faults_of_form(form, fields), asked.questions)
    if asked.act.decides and not meaningful(typed["reason"]):
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


def _role(desk: Desk, case_id: str, act: str, person: str, only: Roles) -> Role | None:
    """The role to send an act in, so that none but a usable one can carry it; None: any."""
    if only is None:
        return None
    case = refold(desk.trail(case_id))
    blank = desk.decision(desk.show(case_id).case, act, person, reason="", fields={})
    return narrowed(case, case.acts[act], blank, only).role


async def receipt(request: Request) -> Response:
    """What became of a decision of this session; another session looks at the case's story."""
    session, _ = signed_in(request)
    site = site_of(request)
    case_id = request.path_params["case"]
    found = session.receipts.get(request.path_params["decision"])
    if found is None or found.case_id != case_id:
        return see_other(f"/case/{case_id}")
    row = site.desk.show(case_id).case
    typed = session.typed.get(found.decision)
    return page(
        request,
        "receipt.html",
        receipt=found,
        lines=list(showing.receipt(found, row.procedure)),
        row=row,
        typed=typed,
        answered=_answered(request, row.procedure, typed) if typed else [],
        since=await _since(request, session, found, typed) if typed else [],
    )


def _answered(request: Request, procedure: str, typed: Typed) -> list[tuple[str, str]]:
    """What was typed with a decision that was not applied, in the words of its page."""
    name = typed.words["to"] or typed.words["act"]
    asked = map(_with_roles, questions_of_act(by_name(procedure).acts[name].form))
    who = site_of(request).people.who
    rows = (row for one in asked for row in said(one, typed.answers, who))
    return [("Reason", typed.words["reason"]), *((label, words) for label, words in rows if words)]


async def _since(
    request: Request, session: Session, found: Receipt, typed: Typed
) -> list[Happened]:
    """What happened between what its sender was shown and its refusal, as far as they may see it."""
    site, person = site_of(request), str(session.person)
    try:
        seen = await reading(see, site.desk, site.people, found.case_id, person, session.roles)
    except NotForYou:
        # The case may have passed to others by the very change that came in between.
        return []
    saw = int(typed.words["saw"]) if typed.words["saw"].isdecimal() else 0
    return [one for one in seen.story if saw < one.seq < found.seq]
