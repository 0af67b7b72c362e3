"""The rules of court-directed access: guards, routes and what each act writes down (7.4).

Read beside the class body in court_directed_access.py, which says where each one is asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.access import (
    AccessIntake,
    AccessRecord,
    Agree,
    Arrange,
    Asker,
    Capture,
    CourtAnswer,
    DateChoice,
    DirectedTo,
    DirectionType,
    Ending,
    Incident,
    Mode,
    OrderStatus,
    Scope,
    Session,
    SessionLog,
    StartSession,
    Variation,
    Verify,
)
from models.case import PersonId
from models.people import Role
from models.policy import Amount, Clock, Mark
from models.working_time import working_time
from procedures import clocks
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.court_directed_access import CourtDirectedAccess as Access

R, L = Mark.RECONSTRUCTED, Mark.LAW
TOLERANCE = timedelta(minutes=5)
"""How far ahead of the server a colleague's own clock may be (9.1)."""

NO_PERSONAL_ACCOUNT = (
    "Under no circumstances may a personal account or a Cafcass e-mail address be used to access"
    " social media content. Use an account from the official register."
)


# --- separation of duties ---------------------------------------------------------------------


def _who_did(case: Access, act: str) -> tuple[PersonId, ...]:
    """Everybody who ever took an act: what the record holds now may be another's doing."""
    return tuple(dict.fromkeys(done.person for done in case.case.done if done.act == act))


NOT_TWICE = Apart(
    "D-06",
    "You decided that it is not necessary; the second look is for somebody else.",
    lambda case: case.case.record.not_agreed_by,
)
THREE_PEOPLE = Apart(
    "SD5",
    "Starting, agreeing and arranging are three different people; you have had your part.",
    lambda case: (case.case.opened.by, case.case.practitioner, *_who_did(case, "D-04")),
    clause="2.13",
    mark=Mark.SEED,
)
NOT_THE_ARRANGER = Apart(
    "SD5",
    "Starting, agreeing and arranging are three different people; you have had your part.",
    lambda case: _who_did(case, "D-10"),
    clause="2.13",
    mark=Mark.SEED,
)


def _capturers(case: Access) -> tuple[PersonId, ...]:
    return tuple(dict.fromkeys(item.by for item in case.case.record.unfiled))


NOT_THE_CAPTURER = Apart(
    "SD6", "Whoever captured an item does not check it; that is for somebody else.", _capturers
)


# --- intake: which "no", if any ---------------------------------------------------------------


def refusal(form: AccessIntake) -> tuple[str, str] | None:
    """Why the system refuses the intake (D-02): code and plain words; None when it is a direction."""
    if form.asked_by is not Asker.COURT or form.order_status is OrderStatus.NONE:
        return "no_court_direction", (
            "Only a court's direction allows this. Colleagues must not seek out families' content"
            " (2.1); if it matters, ask the court for a direction."
        )
    if form.order_status is OrderStatus.UNSIGNED_DRAFT:
        return "no_sealed_order", (
            "A draft order is not a direction. Register it when the sealed order arrives, or note"
            " the judge's spoken direction."
        )
    return _not_this_procedure(form)


def _not_this_procedure(form: AccessIntake) -> tuple[str, str] | None:
    if form.directed_to not in (DirectedTo.CAFCASS, DirectedTo.NAMED_FCA):
        return "not_directed_to_cafcass", (
            "The court directed somebody else, so this is not Cafcass's to carry out (2.12)."
        )
    if form.direction_type is DirectionType.CONSIDER:
        return "only_to_consider", (
            "The order says to consider access, not to access. Legal has been told and will advise"
            " whether to ask the court for a direction."
        )
    if form.direction_type in (DirectionType.CONTACT, DirectionType.OTHER):
        return "another_direction", (
            "The order asks for something other than access. Legal has been told and will advise."
        )
    if not form.practitioner_holds_case:
        return "not_the_case_holder", (
            "The direction is registered by the practitioner who holds the case."
        )
    return None


def legal_is_copied(form: AccessIntake) -> bool:
    """Whether Legal reads the direction from the start (D-01, 9.5)."""
    document = form.order_document
    page_missing = document is not None and document.pages_received < document.pages
    return (
        form.law_type == "public"
        or form.direction_type is not DirectionType.ACCESS
        or form.order_status is OrderStatus.ORAL
        or form.unclear
        or page_missing
        or form.child_account
        or form.court_date is None
        or form.notice_to_person == "not given"
        or form.interaction_ordered
        or "messages" in form.scope.content
    )


# --- guards -----------------------------------------------------------------------------------


@guard("2.13", R)
def targets_match_the_order(case: Access, ask: Ask) -> str | None:
    """Every account matches the wording of the order; the manager ticks it."""
    form: Agree = ask.form
    return None if form.targets_match_order else "Tick each account against the order first."


@guard("WHY-1", R)
def scope_stays_within_the_order(case: Access, ask: Ask) -> str | None:
    """The manager may narrow what is looked at, never widen it."""
    wanted, ordered = ask.form.narrowed_scope, case.case.record.scope
    if wanted is None or _within(wanted, ordered):
        return None
    return "The narrowed scope goes beyond the order; it may only take away."


def _within(inner: Scope, outer: Scope) -> bool:
    return (
        set(inner.content) <= set(outer.content)
        and outer.first <= inner.first
        and inner.last <= outer.last
    )


@guard("2.13", R)
def child_account_was_looked_at(case: Access, ask: Ask) -> str | None:
    """For a child's account, Legal and Safeguarding have given their view first."""
    record: AccessRecord = case.case.record
    if not case.case.intake.child_account:
        return None
    if record.legal_view and record.safeguarding_view:
        return None
    if False in (record.legal_view, record.safeguarding_view):
        return "Legal or Safeguarding say that it must not proceed; do not agree (D-05)."
    return "The order covers a child's account: the views of Legal and Safeguarding come first."


@guard("2.13", R)
def says_to_comply(case: Access, ask: Ask) -> str | None:
    """The advice is to comply; any other goes back to the court."""
    if ask.form.conclusion == "comply":
        return None
    return "That is not advice to comply; go back to the court instead (D-07)."


@guard("2.13", R)
def says_if_it_may_proceed(case: Access, ask: Ask) -> str | None:
    """The view on a child's account says whether access may proceed."""
    if ask.form.conclusion in ("may_proceed", "must_not_proceed"):
        return None
    return "Say whether access to the child's account may or must not proceed."


@guard("2.13", R)
def sent_before_the_court_date(case: Access, ask: Ask) -> str | None:
    """The application or letter went before the compliance date, and not in the future."""
    if ask.form.sent_at > ask.at + TOLERANCE:
        return "The time of sending lies in the future."
    court = case.court_date
    if court is not None and ask.form.sent_at >= court:
        return "It was sent after the compliance date; choose with Legal what follows (D-23)."
    return None


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


@guard("2.13", R)
def order_is_awaited(case: Access, ask: Ask) -> str | None:
    """A sealed order is still to follow."""
    return "The sealed order is already here." if case.case.record.order_followed else None


@guard("INV-7", L)
def breach_is_open(case: Access, ask: Ask) -> str | None:
    """A possible personal data breach is waiting for its assessment."""
    return None if case.case.record.breach_open else "No personal data breach is waiting."


# --- routes: which way an act leads -----------------------------------------------------------


MOOT = frozenset({"order", "child_legal", "child_safe", "date_manager", "date_legal"})
"""Tasks that lose their point when the direction ends."""


def work_is_left(machine: Access) -> bool:
    """The official account is open, or somebody still owes work that the case waits for."""
    owed = any(duty.mandatory and duty.id not in MOOT for duty in machine.case.duties)
    return owed or bool(machine.case.record.account_open)


def confirmed(ask: Ask) -> bool:
    """The court confirmed the direction."""
    return bool(ask.form.answer == "confirmed")


def varied(ask: Ask) -> bool:
    """The court changed the direction."""
    return bool(ask.form.answer == "varied")


def discharged(ask: Ask) -> bool:
    """The court ended the direction."""
    return bool(ask.form.answer == "discharged")


def given_away(ask: Ask) -> bool:
    """The court gave it to the local authority."""
    return bool(ask.form.answer == "given_to_local_authority")


def more(ask: Ask) -> bool:
    """More sessions are needed."""
    return bool(ask.form.result == "more")


def enough(ask: Ask) -> bool:
    """Nothing more is needed."""
    return bool(ask.form.result == "enough")


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


# --- effects: what an act writes down ---------------------------------------------------------


def agreed(case: Access, ask: Ask) -> None:
    """Note who agreed, and the scope as confirmed or narrowed."""
    record: AccessRecord = case.case.record
    case.update(agreed_by=ask.person, scope=ask.form.narrowed_scope or record.scope)


def not_agreed(case: Access, ask: Ask) -> None:
    """Note who did not agree: the second look is never theirs."""
    case.update(not_agreed_by=(*case.case.record.not_agreed_by, ask.person), agreed_by=None)


def looks_again(case: Access, ask: Ask) -> None:
    """An earlier agreement does not count any more: the next-level manager decides."""
    case.update(agreed_by=None)


def legal_gave_view(case: Access, ask: Ask) -> None:
    """Legal has spoken; "must not" leaves the manager without what D-04 needs."""
    case.update(legal_view=ask.form.conclusion == "may_proceed")


def safeguarding_gave_view(case: Access, ask: Ask) -> None:
    """Safeguarding has spoken."""
    case.update(safeguarding_view=ask.form.conclusion == "may_proceed")


def asked_the_court(case: Access, ask: Ask) -> None:
    """Stop the manager's clock: what is left of it is theirs again when the court has answered."""
    duty = case.duty(case.here)
    assert duty is not None
    left = duty.left if duty.paused_at else clocks.time_left(case, duty, ask.at)
    case.update(left=max(left or timedelta(0), timedelta(minutes=30)))


def court_answered(case: Access, ask: Ask) -> None:
    """Take over what the court said: scope, date; who looks next, with how much time."""
    form: CourtAnswer = ask.form
    record: AccessRecord = case.case.record
    case.turn.evidence.append(form.order)
    court_date = form.compliance_date or record.court_date
    if record.left is not None and form.answer == "confirmed":
        # After a clarification nobody has said no: it goes back to the same manager's clock.
        ask.up, ask.length = 0, Amount(clock=Clock.WORKING, length=record.left)
    if form.answer == "varied":
        ask.up = 0
    changes = {
        "left": None,
        "scope": form.scope or record.scope,
        "court_date": court_date,
        "agreed_by": None,
    }
    endings = {
        "discharged": Ending.STOPPED,
        "given_to_local_authority": Ending.NOT_CARRIED_OUT,
    }
    case.update(
        **changes,
        ending=endings.get(form.answer),
        withdrawn=record.withdrawn or form.answer == "discharged",
    )
    new_date(case, court_date)


def new_date(case: Access, court_date: object) -> None:
    """The court has spoken again: the warnings of its date start afresh, though it may be past."""
    if court_date is None:
        return
    passed = ("compliance_passed", "court_warning")
    case.case.fired = tuple(name for name in case.case.fired if name not in passed)
    # One person's choice about the date that was must not meet a second one later.
    case.case.pending = tuple(one for one in case.case.pending if one.act != "D-23a")
    case.update(date_handled=False)


def arranged(case: Access, ask: Ask) -> None:
    """The account is arranged: its id, never a password; the window starts."""
    form: Arrange = ask.form
    case.update(
        arranged_by=ask.person,
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


def captured(case: Access, ask: Ask) -> None:
    """One item more, with its hash and who captured it."""
    session = case.case.record.session
    assert session is not None
    item = Capture(sha256=ask.form.sha256, session=session.number, by=ask.person)
    case.update(captures=(*case.case.record.captures, item))
    case.turn.evidence.append(item.sha256)


def logged(case: Access, ask: Ask) -> None:
    """The session is ended and logged."""
    _with_session(case, over=True, ended_at=ask.form.ended)


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


def _cut_short(case: Access) -> None:
    """End the session in progress at once; its log is still owed."""
    if case.case.record.session is not None:
        _with_session(case, over=True)


def _seal(case: Access, only: tuple[str, ...] | None = None) -> None:
    captures = tuple(
        item.model_copy(update={"sealed": True}) if only is None or item.sha256 in only else item
        for item in case.case.record.captures
    )
    case.update(captures=captures)


def went_wrong(case: Access, ask: Ask) -> None:
    """Quarantine everything captured, block sessions, and raise the conduct flag where it applies."""
    form: Incident = ask.form
    _cut_short(case)
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
    _cut_short(case)
    _seal(case)
    case.turn.evidence.append(ask.form.document)
    case.update(withdrawn=True, ending=Ending.STOPPED)


def direction_varied(case: Access, ask: Ask) -> None:
    """A new scope: captures outside it are sealed, and the manager looks again."""
    form: Variation = ask.form
    _cut_short(case)
    _seal(case, form.out_of_scope)
    case.turn.evidence.append(form.order)
    court_date = form.compliance_date or case.case.record.court_date
    case.update(scope=form.scope, court_date=court_date, agreed_by=None)
    new_date(case, court_date)


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
    clocks.close(case, "closing")


def captures_decided(case: Access, ask: Ask) -> None:
    """Legal has said what happens to the captures."""
    case.update(captures_decided=True)


def window_ended(case: Access, ask: Ask) -> None:
    """Time took the permission away: no new session, the session in progress ends (INV-3)."""
    _cut_short(case)


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
    _cut_short(case)
    ending = None if form.choice == "extension_asked" else Ending(form.choice)
    case.update(ending=ending, court_told=True, date_handled=True)


def order_came(case: Access, ask: Ask) -> None:
    """The sealed order has followed the spoken direction."""
    case.update(order_followed=True)
    case.turn.evidence.append(ask.form.order_document.sha256)


def sent_to_court(case: Access, ask: Ask) -> None:
    """The application or letter is with the court."""
    case.turn.evidence.append(ask.form.document)


def registered(case: Access, ask: Ask) -> None:
    """Keep the hash of the order that the direction came with."""
    form: AccessIntake = ask.form
    if form.order_document is not None:
        case.turn.evidence.append(form.order_document.sha256)
