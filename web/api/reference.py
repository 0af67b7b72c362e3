"""What needs no case: the inbox, the procedures, a due instant, whether the service runs."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from models import looked
from models.base import Value
from models.errors import BadInput
from models.london import london
from procedures.procedure import Outcome, Procedure, Step
from procedures.registry import PROCEDURES, by_name
from runtime import dates, showing
from runtime.narrowing import kept
from runtime.verifying import verified
from web.api.asking import CaseId, TheCaller, TheDesk, look, no_query
from web.api.problems import Problem
from web.api.shapes import (
    ActSheet,
    Due,
    Health,
    Inbox,
    Named,
    Procedures,
    Sheet,
    StateSheet,
    Verification,
    Waiting,
)

router = APIRouter()
plain = [Depends(no_query)]


@router.get("/inbox", tags=["inbox"], dependencies=plain)
def inbox(desk: TheDesk, caller: TheCaller) -> Inbox:
    """What waits for the caller: theirs, their role's, and what they cover; overdue first."""
    now = desk.now()
    names = set(Waiting.model_fields) - {"etag", "overdue"}
    found = [
        Waiting(
            etag=f'"{row.seq}-{row.head}"',
            overdue=row.overdue or (row.due is not None and row.due < now),
            **{name: getattr(row, name) for name in names},
        )
        for row in desk.inbox(caller.person)
        if kept((row.role,), caller.roles)
    ]
    desk.note_own_list(caller.person, looked.Seen.INBOX, looked.Door.API, len(found))
    absence = desk.directory.away(caller.person, now)
    away = showing.away(absence, showing.People(desk.directory)) if absence else None
    return Inbox(person=caller.person, away=away, waiting=tuple(found))


@router.post("/cases/{case_id}/verification", tags=["verification"], dependencies=plain)
def verify(case_id: CaseId, desk: TheDesk, caller: TheCaller) -> Verification:
    """Check a case's chain and who looked, work every value out again, read every file it keeps."""
    how, _ = look(desk, case_id, caller, looked.Seen.VERIFICATION)
    if how not in ("everything", "register"):
        raise Problem(
            "not-yours-to-read", "For auditors, administrators, and those who see all of the case."
        )
    found = next(verified(desk, case_id))
    return Verification(
        case_id=case_id, ok=found.ok, audit=found.audit, files=found.files, looks=found.looks
    )


# --- procedures -----------------------------------------------------------------------------------


@router.get("/procedures", tags=["procedures"], dependencies=plain)
def list_procedures() -> Procedures:
    """Every procedure there is."""
    return Procedures(
        procedures=tuple(
            Named(key=one.key, code=one.code, title=one.title) for one in PROCEDURES.values()
        )
    )


@router.get("/procedures/{procedure}", tags=["procedures"], dependencies=plain)
def show_procedure(
    procedure: Annotated[str, Path(max_length=64, description="Its letter or key.")],
) -> Sheet:
    """A procedure's states, acts and forms, read from its class; R marks what is reconstructed."""
    try:
        return _sheet(by_name(procedure))
    except BadInput:
        raise Problem(
            "not-found", "There is no such procedure; /v1/procedures lists them."
        ) from None


@cache
def _sheet(kind: type[Procedure]) -> Sheet:
    return Sheet(
        key=kind.key,
        code=kind.code,
        title=kind.title,
        starters=kind.starters,
        form=_schema(kind.intake_form),
        states=tuple(_state(one) for one in kind.states),
        acts=tuple(
            ActSheet(
                name=name,
                code=act.code,
                label=act.label,
                mark=act.mark,
                clause=act.clause,
                who=act.who,
                decides=act.decides,
                form=_schema(act.form),
            )
            for name, act in kind.acts.items()
            if act.by_people and name != kind.opening
        ),
    )


def _schema(form: type[BaseModel]) -> dict[str, object]:
    return form.model_json_schema()


def _state(state: object) -> StateSheet:
    step = isinstance(state, Step)
    kind: Literal["start", "step", "outcome"]
    kind = "step" if step else "outcome" if isinstance(state, Outcome) else "start"
    names = ("id", "code", "label", "mark", "clause")
    return StateSheet(
        kind=kind,
        held_by=getattr(state, "held_by", ()),
        clock=getattr(state, "clock", None) if step else None,
        **{name: getattr(state, name) for name in names},
    )


# --- time and health ------------------------------------------------------------------------------


class When(Value):
    """An amount of time from an instant on."""

    start: str = Field(max_length=40, examples=["2026-12-24 15:30"])
    """London time like `2026-12-24 15:30`."""
    amount: str = Field(max_length=20, examples=["16h"])
    """Like 16h or 30min: working time, or with `clock=wall` of every hour."""
    clock: Literal["working", "wall"] = "working"


@router.get("/due", tags=["due"])
def due(query: Annotated[When, Query()], desk: TheDesk) -> Due:
    """When an amount of time has passed, with every day that is counted or skipped."""
    wall = query.clock == "wall"
    found = dates.reckon(query.start, query.amount, desk.calendar, wall=wall)
    explained = found.explanation
    return Due(
        start=explained.start,
        length=explained.length,
        due=explained.due,
        london=london(explained.due),
        calendar=explained.calendar,
        lines=tuple(explained.lines()),
        note=found.note,
    )


@router.get("/health", tags=["health"], dependencies=plain)
def health(desk: TheDesk) -> Health:
    """Whether the service runs and its ledger answers. Needs no token and says nothing more."""
    desk.ledger.register("none")
    return Health()
