"""The verbs of the command line about cases: each gives an `Answer`, and prints nothing.

They speak to the desk; what they need of it is built for one call and given back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import policy
from activities.ledger import Ledger
from activities.outbox import NoticeStatus
from activities.register import CaseFilter, CaseRow
from models.case import Receipt
from models.errors import BadInput, Unavailable
from models.looked import Door, Seen
from models.people import Role
from procedures.registry import by_name
from runtime import lists_asked, logging, showing, showing_trail
from runtime.answers import REFUSED, Answer
from runtime.asks import acts_now, find_act, find_reference, find_state
from runtime.building import build_desk
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.forms_file import FormFile, read_fields, read_form
from runtime.notices import CALL_999
from runtime.path_ahead import path_ahead
from runtime.possible import acts_for
from runtime.settings import settings

ONE_WAS_MADE = (
    "The form has no submission_token, so one was made of the file's content: the same file sent "
    "again is the same case."
)


@contextlib.contextmanager
def desk_of_settings() -> Iterator[Desk]:
    """The desk of this process's settings, for one call."""
    logging.configure()
    desk = build_desk(settings())
    try:
        yield desk
    finally:
        desk.ledger.close()


# --- opening and deciding -----------------------------------------------------------------------


def open_case(procedure: str, form: str, by: str) -> Answer:
    """Open a case from a form file."""
    read = read_form(form)
    with desk_of_settings() as desk, _with_lines(read):
        opened = asyncio.run(desk.open(procedure, read.data, by))
        lines = list(showing.opening(opened, showing.People(desk.directory)))
    document = opened.model_dump(mode="json") | {"token_made": read.token_made}
    note = [ONE_WAS_MADE] if read.token_made and not opened.refused else []
    code = REFUSED if opened.refused else 0
    return Answer(document, [*_said_first(read), *lines, *note], code, refused=opened.refused)


def dry_run(procedure: str, form: str, by: str) -> Answer:
    """What a form would do, with nothing sent; needs no server, and no ledger if there is none."""
    read = read_form(form)
    chosen = settings()
    # Never made: a dry run leaves nothing behind, not even a folder.
    with Ledger(chosen.database_url, None) as ledger, _with_lines(read):
        desk = build_desk(chosen, ledger=ledger)
        path = path_ahead(desk.dry_run(procedure, read.data, by))
    lines = list(showing.ahead(path, showing.People(desk.directory)))
    code = REFUSED if path.refusal else 0
    lines = [*_said_first(read), *lines]
    return Answer(path.model_dump(mode="json"), lines, code, refused=bool(path.refusal))


def _said_first(form: FormFile) -> list[str]:
    """What whoever says "danger" is told before anything else, whatever becomes of the form (6.2)."""
    said = str(form.data.get("immediate_danger", "")).strip().lower()
    return [CALL_999] if said in ("yes", "true") else []


@contextlib.contextmanager
def _with_lines(form: FormFile) -> Iterator[None]:
    """Say on which line of the file a fault lies."""
    try:
        yield
    except BadInput as fault:
        said = "\n".join((*_said_first(form), str(fault)))
        raise BadInput(said, tuple(map(form.located, fault.problems))) from None


def decide(  # noqa: PLR0913 - the parts of a decision, each named at the call
    case_id: str,
    act: str,
    person: str,
    *,
    reason: str,
    pairs: list[str],
    fields_file: str | None,
    role: str | None,
    on_behalf_of: str | None,
    saw: int | None,
    decision_id: str | None,
    wait: bool,
) -> Answer:
    """Send one act; the answer is its receipt."""
    fields = read_fields(pairs, fields_file)
    with desk_of_settings() as desk:
        row = desk.show(case_id).case
        given: dict[str, Any] = {
            "reason": reason,
            "fields": fields,
            "role": role_named(role),
            "on_behalf_of": desk.directory.find(on_behalf_of).id if on_behalf_of else None,
            "saw": saw,
            "id": decision_id or str(uuid4()),
        }
        name = find_act(by_name(row.procedure), act)
        if wait or row.closed:
            answer = asyncio.run(desk.decide(case_id, name, person, **given))
            return _answered(answer, row)
        decision = desk.decision(row, name, person, **given)
        asyncio.run(desk.signal(case_id, decision))
    document = {"decision": decision.id, "case_id": case_id, "outcome": "sent"}
    return Answer(
        document, [f"Sent as {decision.id}. `casework trail {case_id}` shows what came of it."]
    )


def _answered(answer: Receipt, row: CaseRow) -> Answer:
    lines = list(showing.receipt(answer, row.procedure))
    applied = answer.outcome == "applied"
    code = 0 if applied else REFUSED
    return Answer(answer.model_dump(mode="json"), lines, code, refused=not applied)


def role_named(text: str | None) -> Role | None:
    """A role by its code or plain name. Raises BadInput with those there are."""
    if text is None:
        return None
    wanted = text.strip().casefold()
    for code, name in policy.book().roles.items():
        if wanted in (code.casefold(), name.name.casefold()):
            return code
    known = tuple(f"{code}: {name.name}" for code, name in policy.book().roles.items())
    raise BadInput("There is no such role. Nothing was sent. There are:", known)


# --- looking ------------------------------------------------------------------------------------


def inbox(person: str) -> Answer:
    """What somebody may do now."""
    with desk_of_settings() as desk:
        who = desk.directory.find(person).id
        rows = desk.inbox(who)
        noted_list(desk, person, Seen.INBOX, len(rows))
        people, away = showing.People(desk.directory), desk.directory.away(who, desk.now())
        lines = list(showing.inbox(rows, who, people, away))
    told = {"away": lines[0]} if away else {}
    waiting = [row.model_dump(mode="json") for row in rows]
    return Answer({"person": who, **told, "inbox": waiting}, lines)


def account() -> str:
    """The account of this machine under which the command line runs."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name[:64]
    except KeyError:
        # A container may run under a number that has no name.
        return str(os.getuid())


def _noted(desk: Desk, case_id: str, person: str | None, seen: Seen) -> None:
    """Keep who looks; whoever names nobody is known by the account."""
    desk.note_look(case_id, person, seen, Door.COMMAND_LINE, account=account())


def noted_list(  # noqa: PLR0913 - who, at what, how much of it, how narrowed
    desk: Desk,
    person: str | None,
    seen: Seen,
    rows: int,
    asked: dict[str, str] | None = None,
    role: Role | None = None,
) -> None:
    """Keep who looks at a list, as for a case."""
    desk.note_list(person, seen, Door.COMMAND_LINE, rows, asked, role=role, account=account())


def noted_verification(desk: Desk, person: str | None, case_id: str | None, cases: int) -> bool:
    """Keep that somebody verified one case or all; False when it cannot be kept.

    What is to be found damaged must not keep itself from being checked.
    """
    try:
        if case_id is None:
            noted_list(desk, person, Seen.VERIFICATION, cases)
        else:
            _noted(desk, case_id, person, Seen.VERIFICATION)
    except Unavailable:
        return False
    return True


def show(case_id: str, person: str | None) -> Answer:
    """Where a case stands, and what can be done in it: by anybody, or by whoever looks."""
    with desk_of_settings() as desk:
        view = desk.show(case_id)
        _noted(desk, case_id, person, Seen.CASE)
        acts = acts_now(view)
        everything = acts_for(desk, case_id, person) if person else ()
        others = [one for one in everything if one.why_not]
        if person:
            theirs = {one.name for one in everything if not one.why_not}
            acts = tuple(act for act in acts if act.name in theirs)
        lines = list(showing.case(view, acts, showing.People(desk.directory)))
        lines += showing.why_not((one.name, one.code, one.why_not) for one in others)
    document = view.model_dump(mode="json") | {
        "acts": [act.model_dump(mode="json") for act in acts]
    }
    if person:
        named = [{"name": one.name, "code": one.code, "why_not": one.why_not} for one in others]
        document["not_now"] = named
    return Answer(document, lines)


def trail(case_id: str, person: str | None) -> Answer:
    """Everything that happened to a case."""
    with desk_of_settings() as desk:
        found = desk.trail(case_id)
        _noted(desk, case_id, person, Seen.TRAIL)
        lines = list(showing_trail.trail(found, showing.People(desk.directory)))
    return Answer({"case_id": case_id, "trail": showing_trail.trail_document(found)}, lines)


def cases(  # noqa: PLR0913 - how a list is narrowed, and for whom
    procedure: str | None,
    state: str | None,
    person: str | None,
    *,
    closed: bool | None,
    overdue: bool,
    reference: str | None,
    limit: int,
) -> Answer:
    """Cases, the newest first."""
    now = utc_now()
    wanted = CaseFilter(
        procedure=by_name(procedure).key if procedure else None,
        state=find_state(state) if state else None,
        closed=closed,
        due_before=now if overdue else None,
        reference=find_reference(reference) if reference else None,
    )
    with desk_of_settings() as desk:
        rows = desk.cases(wanted, limit)
        asked = lists_asked.asked(wanted, desk.directory, limit=limit)
        noted_list(desk, person, Seen.CASES, len(rows), asked)
    lines = list(showing.cases(rows, lambda row: row.next_due is not None and row.next_due < now))
    return Answer({"cases": [row.model_dump(mode="json") for row in rows]}, lines)


def outbox(person: str | None, case_id: str | None, *, failed: bool, limit: int) -> Answer:
    """Notices, the newest first."""
    with desk_of_settings() as desk:
        who = desk.directory.find(person).id if person else None
        status = NoticeStatus.FAILED if failed else None
        rows = desk.ledger.outbox(person=who, case_id=case_id, status=status, limit=limit)
        given = {
            "to": who,
            "case": case_id and lists_asked.case_asked(case_id),
            "failed": "yes" if failed else None,
        }
        asked = {name: one for name, one in given.items() if one}
        noted_list(desk, None, Seen.NOTICES, len(rows), asked)
        lines = list(showing.outbox(rows, showing.People(desk.directory)))
    return Answer({"notices": [row.model_dump(mode="json") for row in rows]}, lines)
