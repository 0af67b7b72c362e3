"""The rules of what is captured: in scope, checked by another, sealed when something is wrong (7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.access import (
    Capture,
    Ending,
    Incident,
    Variation,
    Verify,
)
from models.people import PersonId, Role
from models.policy import Mark
from procedures.access_agreement import new_date
from procedures.access_sessions import cut_short
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.court_directed_access import CourtDirectedAccess as Access

R, L = Mark.RECONSTRUCTED, Mark.LAW


def _capturers(case: Access) -> tuple[PersonId, ...]:
    return tuple(dict.fromkeys(item.by for item in case.case.record.unfiled))


NOT_THE_CAPTURER = Apart(
    "SD6", "Whoever captured an item does not check it; that is for somebody else.", _capturers
)


@guard("WHY-1")
def in_scope_and_minimal(case: Access, ask: Ask) -> str | None:
    """Only what the order covers is captured, and other people in it are minimised."""
    if ask.form.in_scope and ask.form.third_parties_minimised:
        return None
    return "Capture only what the order covers, and minimise other people in it."


@guard("INV-9", R)
def not_captured_before(case: Access, ask: Ask) -> str | None:
    """The same item is captured once."""
    known = {item.sha256 for item in case.case.record.captures}
    return "That item is already captured." if ask.form.sha256 in known else None


@guard("INV-9", R)
def hashes_match(case: Access, ask: Ask) -> str | None:
    """The captures are what was captured: their hashes match."""
    form: Verify = ask.form
    return None if form.hashes_match else "The hashes do not match: record Something wrong (D-17)."


@guard("2.13", R)
def more_needs_an_open_window(case: Access, ask: Ask) -> str | None:
    """Going back for more needs an access window that is still open."""
    form: Verify = ask.form
    if form.result == "enough" or case.here != "checking":
        return None
    ends = case.case.record.window_ends
    if ends and ask.at < ends and not case.case.record.withdrawn:
        return None
    return "The access window has ended; choose “enough”, or ask the manager to extend it."


@guard("INV-7", L)
def breach_is_open(case: Access, ask: Ask) -> str | None:
    """A possible personal data breach is waiting for its assessment."""
    return None if case.case.record.breach_open else "No personal data breach is waiting."


def more(ask: Ask) -> bool:
    """More sessions are needed."""
    return bool(ask.form.result == "more")


def enough(ask: Ask) -> bool:
    """Nothing more is needed."""
    return bool(ask.form.result == "enough")


def captured(case: Access, ask: Ask) -> None:
    """One item more, with its hash and who captured it."""
    session = case.case.record.session
    assert session is not None
    item = Capture(sha256=ask.form.sha256, session=session.number, by=ask.person)
    case.update(captures=(*case.case.record.captures, item))
    case.turn.evidence.append(item.sha256)


def verified(case: Access, ask: Ask) -> None:
    """Everything captured and not yet filed is filed by somebody else."""
    form: Verify = ask.form
    captures = tuple(
        item
        if item.filed_by or item.sealed
        else item.model_copy(
            update={"filed_by": ask.person, "sealed": item.sha256 in form.out_of_scope_removed}
        )
        for item in case.case.record.captures
    )
    case.update(captures=captures)
    case.turn.evidence.extend(item.sha256 for item in captures)
    if form.result == "enough" and case.here == "checking":
        case.update(ending=Ending.COMPLETED)


def _seal(case: Access, only: tuple[str, ...] | None = None) -> None:
    captures = tuple(
        item.model_copy(update={"sealed": True}) if only is None or item.sha256 in only else item
        for item in case.case.record.captures
    )
    case.update(captures=captures)


def went_wrong(case: Access, ask: Ask) -> None:
    """Quarantine everything captured, block sessions, and raise the conduct flag where it applies."""
    form: Incident = ask.form
    cut_short(case)
    _seal(case)
    case.flag("incident")
    if form.kind in ("personal_account_used", "cafcass_email_used"):
        case.flag("conduct")
    if form.personal_data_breach:
        case.update(breach_open=True)
        case.tell(Role.IG, "told", "A personal data breach may have happened", "INV-7")
    if case.case.record.ending is Ending.COMPLETED:
        # Only this choice is open again; what the court or two people settled stays settled.
        case.update(ending=None)


def breach_assessed(case: Access, ask: Ask) -> None:
    """Information Governance has assessed the breach."""
    case.update(breach_open=False)


def withdrawn(case: Access, ask: Ask) -> None:
    """The direction is gone: new sessions are blocked at once, the session in progress ends."""
    cut_short(case)
    _seal(case)
    case.turn.evidence.append(ask.form.document)
    case.update(withdrawn=True, ending=Ending.STOPPED)


def direction_varied(case: Access, ask: Ask) -> None:
    """A new scope: captures outside it are sealed, and the manager looks again."""
    form: Variation = ask.form
    cut_short(case)
    _seal(case, form.out_of_scope)
    case.turn.evidence.append(form.order)
    court_date = form.compliance_date or case.case.record.court_date
    case.update(scope=form.scope, court_date=court_date, agreed_by=None)
    new_date(case, court_date)


def captures_decided(case: Access, ask: Ask) -> None:
    """Legal has said what happens to the captures."""
    case.update(captures_decided=True)
