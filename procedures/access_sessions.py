"""The rules of the account and the sessions: official, inside the window, logged, untouched (7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.access import (
    Arrange,
    Mode,
    Session,
    SessionLog,
    StartSession,
)
from models.policy import Mark
from models.working_time import working_time
from procedures.access_agreement import THREE_PEOPLE
from procedures.access_direction import TOLERANCE
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_directed_access import CourtDirectedAccess as Access

R = Mark.RECONSTRUCTED

NO_PERSONAL_ACCOUNT = (
    "Under no circumstances may a personal account or a Cafcass e-mail address be used to access"
    " social media content. Use an account from the official register."
)


@guard("2.13")
def account_is_official(case: Access, ask: Ask) -> str | None:
    """The account is on the official register and live; never personal, never an e-mail."""
    form: Arrange = ask.form
    account = next((a for a in case.case.roster.accounts if a.id == form.account_id), None)
    if account is None or form.tied_to_a_person:
        return NO_PERSONAL_ACCOUNT
    if not account.live:
        return "That account is not live any more; choose another from the official register."
    if form.custodian not in account.custodians:
        return "The custodian named is not a custodian of that account."
    if form.custodian in THREE_PEOPLE.people(case):
        # To hold the account is to have Communications' part in it (SD5).
        return "Whoever started or agreed does not hold the account; name another custodian."
    ordered = {target.platform.value for target in case.case.intake.targets}
    if account.platform.casefold() not in ordered:
        return "That account is on another platform than the one the order names."
    return None


@guard("5.2")
def second_factor_is_on(case: Access, ask: Ask) -> str | None:
    """The account has its second factor on."""
    return None if ask.form.second_factor else "Switch the account's second factor on first."


@guard("2.13", R)
def inside_the_window(case: Access, ask: Ask) -> str | None:
    """The access window is open."""
    ends = case.case.record.window_ends
    return None if ends and ask.at < ends else "The access window has ended."


@guard("3.3", R)
def inside_working_hours(case: Access, ask: Ask) -> str | None:
    """Sessions are held in working hours."""
    if working_time(case.case.calendar).is_open(ask.at):
        return None
    return "Sessions are held Monday to Friday, 9 to 5, not on bank holidays."


@guard("WHY-1", R)
def scope_is_on_screen(case: Access, ask: Ask) -> str | None:
    """The scope of the order is shown while the session runs."""
    form: StartSession = ask.form
    return None if form.scope_shown else "Show the scope of the order on the screen first."


@guard("2.13", R)
def practitioner_is_there(case: Access, ask: Ask) -> str | None:
    """In the supervised mode the practitioner directs what is looked at."""
    form: StartSession = ask.form
    if case.case.record.mode is Mode.COMMUNICATIONS_ALONE or form.practitioner_present:
        return None
    return "In the supervised mode the practitioner is there from the start."


@guard("2.13", R)
def last_session_is_logged(case: Access, ask: Ask) -> str | None:
    """A session that was cut short is logged before another one starts."""
    if case.case.record.session is None:
        return None
    return "The last session was cut short and is not logged yet; log it first."


@guard("2.13", R)
def session_is_not_over(case: Access, ask: Ask) -> str | None:
    """Nothing is captured after the session's two hours."""
    session = case.case.record.session
    return None if session and not session.over else "The session's time is over; end and log it."


@guard("2.13", R)
def log_makes_sense(case: Access, ask: Ask) -> str | None:
    """The log runs forwards, within the session, and not into the future."""
    form: SessionLog = ask.form
    session = case.case.record.session
    if session is None:
        return "There is no session to log."
    if not session.started_at - TOLERANCE <= form.started <= form.ended <= ask.at + TOLERANCE:
        return "The log's times do not fit the session."
    return None


@guard("2.13")
def nothing_was_touched(case: Access, ask: Ask) -> str | None:
    """Nothing was liked, followed or messaged; otherwise it is an incident."""
    form: SessionLog = ask.form
    if form.nothing_liked_followed_or_messaged:
        return None
    return "If anything was liked, followed or messaged, record it as Something wrong (D-17)."


def arranged(case: Access, ask: Ask) -> None:
    """The account is arranged: its id, never a password; the window starts."""
    form: Arrange = ask.form
    case.update(
        arranged_by=ask.person,
        custodians=(*case.case.record.custodians, form.custodian),
        account_id=form.account_id,
        mode=form.mode,
        account_open=True,
        access_closed=False,
        ending=None,
    )
    open_window(case, ask)


def open_window(case: Access, ask: Ask) -> None:
    """Start a fresh access window: it ends by itself (D-T4)."""
    case.update(window_started=ask.at)
    case.update(window_ends=case.window_due(ask.at))


def session_started(case: Access, ask: Ask) -> None:
    """A numbered session begins."""
    sessions = case.case.record.sessions
    new = Session(number=len(sessions) + 1, started_at=ask.at, by=ask.person)
    case.update(sessions=(*sessions, new))


def _with_session(case: Access, **changes: object) -> None:
    running = case.case.record.session
    sessions = tuple(
        one.model_copy(update=changes) if one is running else one
        for one in case.case.record.sessions
    )
    case.update(sessions=sessions)


def session_limit(case: Access, ask: Ask) -> None:
    """Two hours are over: nothing more may be captured; the log is still to come."""
    _with_session(case, over=True)


def logged(case: Access, ask: Ask) -> None:
    """The session is ended and logged."""
    _with_session(case, over=True, ended_at=ask.form.ended)


def cut_short(case: Access) -> None:
    """End the session in progress at once; its log is still owed."""
    if case.case.record.session is not None:
        _with_session(case, over=True)


def window_ended(case: Access, ask: Ask) -> None:
    """Time took the permission away: no new session, the session in progress ends (INV-3)."""
    cut_short(case)
