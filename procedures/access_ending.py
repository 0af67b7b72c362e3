"""The rules of how access ends: the report filed, the account closed, the date that passed (7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.access import (
    AccessRecord,
    DateChoice,
    Ending,
)
from models.policy import Mark
from procedures import duties
from procedures.access_direction import TOLERANCE
from procedures.access_sessions import cut_short, open_window
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_directed_access import CourtDirectedAccess as Access

R = Mark.RECONSTRUCTED


@guard("2.13", R)
def report_is_prepared(case: Access, ask: Ask) -> str | None:
    """The report to the court is prepared."""
    return None if ask.form.report_prepared else "Prepare the report to the court first."


@guard("2.13", R)
def filed_in_the_past(case: Access, ask: Ask) -> str | None:
    """The filing has happened."""
    return None if ask.form.filed_at <= ask.at + TOLERANCE else "The filing lies in the future."


@guard("5.2", R)
def access_really_closed(case: Access, ask: Ask) -> str | None:
    """Signed out, sessions ended, password rotated; and no account left open to close twice."""
    form = ask.form
    if case.case.record.access_closed:
        return "Access is already recorded as closed."
    if form.signed_out and form.sessions_ended and form.password_rotated:
        return None
    return "Sign out, end all sessions and rotate the password first; then record it."


@guard("2.13", R)
def extension_has_time(case: Access, ask: Ask) -> str | None:
    """A new window needs a live direction and a compliance date still to come."""
    if ask.form.choice != "extend":
        return None
    court = case.court_date
    if court is not None and court <= ask.at:
        return "The compliance date has passed; choose with Legal what follows (D-23)."
    return None


@guard("2.13", R)
def still_to_choose(case: Access, ask: Ask) -> str | None:
    """How the case ends is chosen once."""
    return "How this case ends is already chosen." if case.case.record.ending else None


@guard("2.13", R)
def date_has_passed(case: Access, ask: Ask) -> str | None:
    """This choice is for when the compliance date has passed with nothing filed."""
    if case.case.record.ending in NEEDS_NO_DATE:
        return "How this case ends is settled; the compliance date no longer matters."
    if "compliance_passed" in case.case.fired:
        return None
    return "The compliance date has not passed."


MOOT = frozenset({"order", "child_legal", "child_safe", "date_manager", "date_legal"})
"""Tasks that lose their point when the direction ends."""


def work_is_left(machine: Access) -> bool:
    """The official account is open, or somebody still owes work that the case waits for."""
    owed = any(duty.mandatory and duty.id not in MOOT for duty in machine.case.duties)
    return owed or bool(machine.case.record.account_open)


def extend_not_agreed(machine: Access, ask: Ask) -> bool:
    """The manager extends what nobody has agreed to: it has to be agreed first."""
    return bool(ask.form.choice == "extend" and machine.case.record.agreed_by is None)


def extend_account_open(machine: Access, ask: Ask) -> bool:
    """The manager extends, and the account is still open."""
    return bool(ask.form.choice == "extend" and machine.case.record.account_open)


def extend_account_closed(machine: Access, ask: Ask) -> bool:
    """The manager extends, and Communications has to arrange the account again."""
    return bool(ask.form.choice == "extend" and not machine.case.record.account_open)


def asked_for_extension(ask: Ask) -> bool:
    """An extension was asked of the court."""
    return bool(ask.form.choice == "extension_asked")


def could_not(ask: Ask) -> bool:
    """It could not be carried out."""
    return bool(ask.form.choice == Ending.COULD_NOT)


def expired(ask: Ask) -> bool:
    """The date passed."""
    return bool(ask.form.choice == Ending.EXPIRED)


def ended_with_work_left(machine: Access, ask: Ask) -> bool:
    """The case ends, but the account has to be closed or other work to be done first."""
    return work_is_left(machine) and ask.form.choice != "extension_asked"


NEEDS_NO_DATE = (Ending.STOPPED, Ending.COULD_NOT, Ending.EXPIRED, Ending.NOT_CARRIED_OUT)
"""Endings after which the compliance date no longer matters."""


def _finished(machine: Access, ending: Ending) -> bool:
    record: AccessRecord = machine.case.record
    return record.ending is ending and not record.account_open


def as_completed(machine: Access) -> bool:
    """Access closed, and the report proved to be with the court."""
    return _finished(machine, Ending.COMPLETED) and bool(machine.case.record.filed_with_court)


def as_stopped(machine: Access) -> bool:
    """Access closed after the direction was withdrawn."""
    return _finished(machine, Ending.STOPPED)


def as_could_not(machine: Access) -> bool:
    """Access closed; it could not be carried out and the court was told."""
    return _finished(machine, Ending.COULD_NOT) and bool(machine.case.record.court_told)


def as_expired(machine: Access) -> bool:
    """Access closed; the date passed and the court was told."""
    return _finished(machine, Ending.EXPIRED) and bool(machine.case.record.court_told)


def as_not_carried_out(machine: Access) -> bool:
    """Access closed; the court gave it to somebody else."""
    return _finished(machine, Ending.NOT_CARRIED_OUT)


def completed(case: Access, ask: Ask) -> None:
    """The report is prepared; proof of filing is still to come."""
    case.update(report_prepared=True, ending=Ending.COMPLETED)


def filed(case: Access, ask: Ask) -> None:
    """The report is with the court; what the case ends as is not the practitioner's choice."""
    case.update(filed_with_court=True, report_prepared=True)
    case.turn.evidence.append(ask.form.proof)


def opened_again(case: Access, ask: Ask) -> None:
    """What the case ended as no longer holds; what was done in it still does."""
    case.update(ending=None, withdrawn=False, report_prepared=False, filed_with_court=False)


def access_closed(case: Access, ask: Ask) -> None:
    """The account is closed for this case."""
    case.update(access_closed=True, account_open=False)
    duties.close(case, "closing")


def chosen(case: Access, ask: Ask) -> None:
    """The manager has chosen what follows the end of the window."""
    if ask.form.choice == "extend":
        if case.case.record.agreed_by and case.case.record.account_open:
            open_window(case, ask)
        return
    told = ask.form.choice == "tell_court"
    case.update(ending=Ending.COULD_NOT if told else Ending.COMPLETED, court_told=told)
    if told:
        case.turn.evidence.append(ask.form.court_told_proof)


def date_chosen(case: Access, ask: Ask) -> None:
    """Manager and Legal have chosen together what follows the missed date."""
    form: DateChoice = ask.form
    case.turn.evidence.append(form.court_told_proof)
    cut_short(case)
    ending = None if form.choice == "extension_asked" else Ending(form.choice)
    case.update(ending=ending, court_told=True, date_handled=True)
