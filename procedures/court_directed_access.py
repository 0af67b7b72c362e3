"""D: court-directed access to social media content (policy clause 2.13).

What the seeds fix: a court directs; the practitioner informs the line manager first; the manager
agrees that it is necessary; only then Communications arranges an official account; never a personal
account or a Cafcass e-mail address. Everything marked R is reconstructed.
"""

from __future__ import annotations

from collections.abc import Iterator

from models import access as form
from models.access import AccessIntake, AccessRecord, Ending
from models.base import Instant
from models.case import No
from models.people import Role
from models.policy import Mark
from procedures import access_agreement as agreement
from procedures import access_captures as captures
from procedures import access_direction as direction
from procedures import access_ending as ending
from procedures import access_sessions as sessions
from procedures import common, instants
from procedures.opening import YEARS_AHEAD, YEARS_BACK
from procedures.procedure import Procedure
from procedures.words import Act, Alarm, Outcome, Start, Step, Task, leading, staying

R, L = Mark.RECONSTRUCTED, Mark.LAW
PR, LM, SM, AD, SYS = Role.PR, Role.LM, Role.SM, Role.AD, Role.SYS
COM, HOC, LEG, SAFE, ITS, IG = Role.COM, Role.HOC, Role.LEG, Role.SAFE, Role.ITS, Role.IG

ORDER = Task("order", "Send in the sealed order", PR, ("D-01a",), "D-ORDER", "2.13")
CHILD_LEGAL = Task("child_legal", "Legal's view on the child's account", LEG, ("D-04a",), "D-CHILD", "2.13")
CHILD_SAFE = Task("child_safe", "Safeguarding's view on the child's account", SAFE, ("D-04b",), "D-CHILD", "2.10")
LOG = Task("log", "Log the session that was cut short", COM, ("D-14",), "D-T5", "2.13")
FILE_CAPTURES = Task("captures", "Check and file what was captured", PR, ("D-15",), "D-T5", "2.13")
FILE_REPORT = Task("report", "File the report with the court", PR, ("D-20a",), "D-FILE", "2.13")
CHOOSE = Task("choose", "Choose: complete, extend, or tell the court", LM, ("D-22a",), "D-CLOSE", "2.13")
SEAL = Task("sealed_captures", "Decide what happens to the captures", LEG, ("D-21a",), "D-SEAL", "2.13")
DATE_LM = Task("date_manager", "Choose with Legal: the compliance date has passed", LM, ("D-23a",), "D-CLOSE", "2.13")
DATE_LEG = Task("date_legal", "Choose with the manager: the compliance date has passed", LEG, ("D-23a",), "D-CLOSE", "2.13")
BREACH = Task("breach", "Assess the personal data breach", IG, ("D-17a",), "D-BREACH", "INV-7", mark=L)


class CourtDirectedAccess(Procedure):
    """Court-directed access to social media content (2.13)."""

    key, code, title = "court_directed_access", "D", "Court-directed access to social media content"
    intake_form, record_form = AccessIntake, AccessRecord
    version, serves_from = 2, 1
    starters, opening = (PR,), "register"
    tasks = (
        ORDER, CHILD_LEGAL, CHILD_SAFE, LOG, FILE_CAPTURES, FILE_REPORT, CHOOSE, SEAL,
        DATE_LM, DATE_LEG, BREACH,
    )  # fmt: skip
    settles = ("conclude",)

    # --- where a case rests -------------------------------------------------------------------

    draft = Start("Draft", "D0", clause="2.13", mark=R)
    registered = Step("Direction registered: line manager told", "D1", held_by=LM, clock="D-T2", clause="2.13")
    considering = Step("Line manager considering if access is necessary", "D2", held_by=LM, clock="D-T2", clause="2.13")
    with_legal = Step("Not agreed: with Legal", "D3", held_by=LEG, clock="D-T7", clause="2.13", mark=R)
    back_at_court = Step("Back at the court", "D4", held_by=LEG, clock="D-COURT", clause="2.13", mark=R)
    arranging = Step("Communications arranging an official account", "D5", held_by=COM, clock="D-T3", clause="2.13")
    ready = Step("Ready: access window open", "D6", held_by=(PR, COM), clock="D-T4", clause="2.13", at_due="D-22")
    session = Step("Session in progress", "D7", held_by=(COM, PR), clock="D-SESSION", clause="2.13", mark=R, at_due="D-12a")
    checking = Step("Checking and filing what was captured", "D8", held_by=(PR, COM), clock="D-T5", clause="2.13", mark=R)
    closing = Step("Closing access", "D9", held_by=COM, clock="D-T6", clause="5.2", mark=R)

    completed = Outcome("Completed: reported to court", "DF1", clause="2.13")
    stopped = Outcome("Stopped: direction withdrawn or discharged", "DF2", mark=R, no=No.WITHDRAWN, clause="2.13")
    not_carried_out = Outcome("Not carried out: the court agreed", "DF3", clause="2.12", mark=R)
    could_not = Outcome("Could not be carried out: court told", "DF4", clause="2.13", mark=R)
    expired = Outcome("Expired: the date passed and the court was told", "DF5", clause="2.13", mark=R, no=No.EXPIRED)
    refused = Outcome("Refused at intake: no court direction", "DF6", clause="2.1", no=No.REFUSED)
    joined = Outcome("Joined to another case", "DF7", clause="6.4", mark=R)

    no_account_yet = (registered, considering, with_legal, back_at_court, arranging)
    with_account = (ready, session, checking)
    anywhere = (*no_account_yet, *with_account, closing)

    # --- what may happen ----------------------------------------------------------------------

    register = Act(
        "D-01", "Register the direction", draft.to(registered),
        who=PR, form=AccessIntake, effect=direction.registered, clause="2.13",
    )
    refuse_intake = Act(
        "D-02", "Refuse the intake: no court direction", draft.to(refused),
        who=SYS, tells=(PR,), no=No.REFUSED, clause="2.1",
    )
    send_order = Act(
        "D-01a", "Send in the sealed order", staying(*anywhere),
        who=PR, form=form.SealedOrder, guards=(direction.order_is_awaited,), effect=direction.order_came,
        tells=(LM, LEG), clause="2.13", mark=R,
    )
    start_considering = Act(
        "D-03", "Start considering", registered.to(considering),
        who=LM, tells=(PR,), keeps_clock=True, clause="2.13",
    )
    agree = Act(
        "D-04", "Agree that access is necessary", leading(arranging, registered, considering),
        who=LM, form=form.Agree, decides=True, apart=(agreement.NOT_TWICE, agreement.NOT_THE_ARRANGER),
        guards=(agreement.targets_match_the_order, agreement.scope_stays_within_the_order, agreement.child_account_was_looked_at),
        effect=agreement.agreed, tells=(PR,), clause="2.13",
    )
    give_legal_view = Act(
        "D-04a", "Give Legal's view on the child's account", staying(registered, considering),
        who=LEG, form=form.LegalView, decides=True, guards=(agreement.says_if_it_may_proceed,),
        effect=agreement.legal_gave_view, tells=(LM,), sealed=True, clause="2.13", mark=R,
    )
    give_safeguarding_view = Act(
        "D-04b", "Give Safeguarding's view on the child's account", staying(registered, considering),
        who=SAFE, form=form.SafeguardingView, decides=True, effect=agreement.safeguarding_gave_view,
        tells=(LM,), clause="2.10", mark=R,
    )
    do_not_agree = Act(
        "D-05", "Do not agree that access is necessary",
        leading(with_legal, registered, considering),
        who=LM, form=form.DoNotAgree, decides=True, apart=(agreement.NOT_TWICE,), effect=agreement.not_agreed,
        tells=(SM, PR), no=No.NOT_AGREED, clause="2.13", mark=R,
    )
    advise_to_comply = Act(
        "D-06", "Legal advises to comply", with_legal.to(considering),
        who=LEG, form=form.LegalView, decides=True, up=1, guards=(agreement.says_to_comply,),
        effect=agreement.looks_again, tells=(LM,), sealed=True, clause="2.13", mark=R,
    )
    go_back_to_court = Act(
        "D-07", "Go back to the court", with_legal.to(back_at_court),
        who=LEG, form=form.BackToCourt, decides=True, guards=(agreement.sent_before_the_court_date,),
        effect=agreement.sent_to_court, tells=(LM, PR), clause="2.13", mark=R,
    )
    record_court_answer = Act(
        "D-08", "Record the court's answer",
        leading(considering, back_at_court, when=agreement.confirmed)
        | leading(registered, back_at_court, when=agreement.varied)
        | leading(closing, back_at_court, when=(agreement.discharged, ending.work_is_left))
        | leading(stopped, back_at_court, when=agreement.discharged)
        | leading(closing, back_at_court, when=(agreement.given_away, ending.work_is_left))
        | leading(not_carried_out, back_at_court, when=agreement.given_away),
        who=LEG, form=form.CourtAnswer, decides=True, up=1, effect=agreement.court_answered,
        tells=(LM, PR), final_word=True, clause="2.12", mark=R,
    )
    ask_the_court = Act(
        "D-09", "Ask the court to clarify",
        leading(back_at_court, registered, considering),
        who=(LM, LEG), form=form.Question, decides=True, effect=agreement.asked_the_court, tells=(PR,),
        clause="2.13", mark=R,
    )
    arrange_account = Act(
        "D-10", "Arrange the official account", arranging.to(ready),
        who=COM, form=form.Arrange, apart=(agreement.THREE_PEOPLE,),
        guards=(sessions.account_is_official, sessions.second_factor_is_on), effect=sessions.arranged,
        tells=(PR, LM), clause="2.13",
    )
    cannot_arrange = Act(
        "D-11", "Say that no account can be arranged", arranging.to(with_legal),
        who=COM, decides=True, tells=(LEG, LM), clause="2.13", mark=R,
    )
    start_session = Act(
        "D-12", "Start a session", ready.to(session),
        who=COM, form=form.StartSession, apart=(agreement.THREE_PEOPLE,),
        guards=(
            sessions.inside_the_window, sessions.inside_working_hours, sessions.scope_is_on_screen,
            sessions.practitioner_is_there, sessions.last_session_is_logged,
        ),
        effect=sessions.session_started, final_word=True, clause="2.13", mark=R,
    )
    reach_session_limit = Act(
        "D-12a", "The session's two hours are over", staying(session),
        who=SYS, effect=sessions.session_limit, tells=(COM, PR), no=No.EXPIRED, clause="2.13", mark=R,
    )
    capture_item = Act(
        "D-13", "Capture an item", staying(session),
        who=COM, form=form.CaptureItem, apart=(agreement.THREE_PEOPLE,),
        guards=(sessions.session_is_not_over, captures.in_scope_and_minimal, captures.not_captured_before),
        effect=captures.captured, clause="WHY-1",
    )
    end_session = Act(
        "D-14", "End and log the session",
        leading(checking, session)
        | staying(registered, considering, back_at_court, with_legal, arranging, ready, closing),
        who=COM, form=form.SessionLog, guards=(sessions.log_makes_sense, sessions.nothing_was_touched),
        effect=sessions.logged, tells=(PR, LM), clause="2.13", mark=R,
    )
    verify_and_file = Act(
        "D-15", "Check and file what was captured",
        leading(ready, checking, when=captures.more) | leading(closing, checking, when=captures.enough)
        | staying(registered, considering, back_at_court, with_legal, arranging, ready, closing),
        who=(PR, COM), form=form.Verify, apart=(captures.NOT_THE_CAPTURER,),
        guards=(captures.hashes_match, captures.more_needs_an_open_window), effect=captures.verified,
        tells=(LM,), clause="2.13", mark=R,
    )
    report_safeguarding = Act(
        "D-16", "Report a safeguarding concern seen on the way", staying(session, checking),
        who=(PR, COM), effect=common.raise_safeguarding, any_rung=True, clause="2.10",
    )
    report_wrong = Act(
        "D-17", "Report that something went wrong",
        leading(closing, *no_account_yet, *with_account) | staying(closing),
        who=Role.COL, form=form.Incident, effect=captures.went_wrong, tells=(LM, LEG, ITS, HOC),
        any_rung=True, final_word=True, clause="2.13",
    )
    assess_breach = Act(
        "D-17a", "Record the assessment of the personal data breach", staying(*anywhere),
        who=IG, form=form.BreachAssessed, decides=True, guards=(captures.breach_is_open,),
        effect=captures.breach_assessed, tells=(LM, LEG), clause="INV-7", mark=L,
    )
    withdraw = Act(
        "D-18", "Record that the direction was withdrawn",
        leading(closing, *with_account) | leading(closing, *no_account_yet, when=ending.work_is_left)
        | leading(stopped, *no_account_yet) | staying(closing),
        who=(LEG, PR, LM), form=form.Withdrawal, effect=captures.withdrawn,
        tells=(PR, LM, LEG, COM), any_rung=True, final_word=True, no=No.WITHDRAWN,
        clause="2.13", mark=R,
    )
    vary = Act(
        "D-19", "Record that the direction was varied",
        leading(considering, arranging, *with_account),
        who=(LEG, PR), form=form.Variation, effect=captures.direction_varied, tells=(LM, COM),
        any_rung=True, final_word=True, clause="2.13", mark=R,
    )
    complete = Act(
        "D-20", "Complete: the report to the court is prepared", leading(closing, ready, checking),
        who=PR, form=form.Completion, guards=(ending.report_is_prepared,), effect=ending.completed,
        tells=(LM,), final_word=True, clause="2.13",
    )
    file_report = Act(
        "D-20a", "Prove that the report was filed with the court", staying(closing),
        who=PR, form=form.Filing, guards=(ending.filed_in_the_past,), effect=ending.filed, tells=(LM,),
        clause="2.13", mark=R,
    )
    close_access = Act(
        "D-21", "Record that access is closed", staying(closing),
        who=COM, form=form.Closure, guards=(ending.access_really_closed,), effect=ending.access_closed,
        tells=(PR, LM), final_word=True, clause="5.2", mark=R,
    )
    decide_captures = Act(
        "D-21a", "Decide what happens to the captures", staying(closing),
        who=LEG, form=form.CapturesDecision, decides=True, effect=captures.captures_decided,
        tells=(PR, COM), sealed=True, clause="2.13", mark=R,
    )
    conclude = Act(
        "D-21b", "Everything is done: the case closes",
        leading(completed, closing, when=ending.as_completed)
        | leading(stopped, closing, when=ending.as_stopped)
        | leading(could_not, closing, when=ending.as_could_not)
        | leading(expired, closing, when=ending.as_expired)
        | leading(not_carried_out, closing, when=ending.as_not_carried_out),
        who=SYS, clause="2.13", mark=R,
    )
    end_window = Act(
        "D-22", "The access window has ended", leading(closing, ready, session),
        who=SYS, effect=sessions.window_ended, tells=(PR, LM), no=No.EXPIRED, clause="2.13", mark=R,
    )
    choose_after_window = Act(
        "D-22a", "Choose what follows: complete, extend, or tell the court",
        leading(considering, closing, when=ending.extend_not_agreed)
        | leading(ready, closing, when=ending.extend_account_open)
        | leading(arranging, closing, when=ending.extend_account_closed) | staying(closing),
        who=LM, form=form.Choice, decides=True, guards=(ending.still_to_choose, ending.extension_has_time),
        effect=ending.chosen, tells=(PR, COM), clause="2.13", mark=R,
    )
    pass_court_date = Act(
        "D-23", "The compliance date has passed with nothing filed", staying(*anywhere),
        who=SYS, tells=(LM, LEG, AD), clause="2.13", mark=R,
    )
    choose_after_date = Act(
        "D-23a", "Choose together what follows the missed date",
        leading(
            back_at_court, registered, considering, with_legal, arranging, *with_account, closing,
            when=ending.asked_for_extension,
        )
        | leading(closing, *no_account_yet, when=ending.ended_with_work_left)
        | leading(closing, *with_account)
        | leading(could_not, *no_account_yet, when=ending.could_not)
        | leading(expired, *no_account_yet, when=ending.expired) | staying(back_at_court, closing),
        who=(LM, LEG), together=(LM, LEG), form=form.DateChoice, decides=True,
        guards=(ending.date_has_passed,), effect=ending.date_chosen, tells=(PR, COM), final_word=True,
        clause="2.13", mark=R,
    )
    join = Act(
        "D-24", "Join the case that is already open", registered.to(joined),
        who=SYS, tells=(PR,), clause="6.4", mark=R,
    )
    separate = Act(
        "D-24s", "Separate from the case it was joined to", who=(LM, LEG), decides=True,
        reopens=(registered, (joined,)), tells=(Role.REP,), clause="6.4", mark=R,
    )
    reopen = Act(
        "D-21r", "Open the case again", who=(LM, LEG), decides=True, effect=ending.opened_again,
        reopens=(considering, (completed, stopped, not_carried_out, could_not, expired)),
        tells=(PR, LM, LEG), clause="6.9", mark=R,
    )
    warn_of_court_date = Act(
        "D-23w", "The court's date is near", staying(*anywhere),
        who=SYS, tells=(LM, LEG), clause="2.13", mark=R,
    )
    review_without_date = Act(
        "D-01r", "No compliance date was given: review with Legal", staying(*anywhere),
        who=SYS, tells=(LM, LEG), clause="2.13", mark=R,
    )

    # --- what the case says of itself ---------------------------------------------------------

    refusing, joining, registers_by = "refuse_intake", "join", "D-T1"
    other_clocks = ("D-REVIEW", "COURT-WARN")

    @classmethod
    def first_record(cls, intake: AccessIntake) -> AccessRecord:
        """The record of a new case: the order's own scope and date."""
        return AccessRecord(
            scope=intake.scope,
            court_date=intake.court_date,
            order_followed=intake.order_document is not None,
        )

    @classmethod
    def faults_at(cls, intake: AccessIntake, at: Instant) -> tuple[str, ...]:
        """The direction was not received in the future, and no year is a slip of the pen."""
        faults = []
        if intake.received_at > at + direction.TOLERANCE:
            faults.append("received_at lies in the future; check the date and the time")
        if intake.received_at.year < at.year - YEARS_BACK:
            faults.append("received_at lies too far back; check the year")
        if intake.court_date is not None and intake.court_date.year > at.year + YEARS_AHEAD:
            faults.append("compliance_date lies too far ahead; check the year")
        return tuple(faults)

    @classmethod
    def identity(cls, intake: AccessIntake) -> str | None:
        """Same order and same accounts: the same case (6.4). Hashed: it is never readable."""
        if direction.refusal(intake) is not None:
            return None
        accounts = sorted(f"{one.platform}:{one.account}" for one in intake.targets)
        return cls.matter(intake.order_reference.casefold(), *accounts)

    @classmethod
    def posts(cls, intake: AccessIntake) -> tuple[str, ...]:
        """The addresses the order names; a handle alone is no post (6.4.3)."""
        if direction.refusal(intake) is not None:
            return ()
        return tuple(one.account for one in intake.targets if one.account.startswith("https://"))

    def intake_refusal(self) -> tuple[str, str] | None:
        """Why this is no court direction, if it is none (D-02)."""
        return direction.refusal(self.case.intake)

    def received(self) -> Instant | None:
        """When the practitioner had the order: registering it counts from there (D-T1)."""
        intake: AccessIntake = self.case.intake
        return intake.received_at

    def copied(self) -> tuple[Role, ...]:
        """Who reads along from the start; Communications is not told yet (2.13)."""
        return (LEG,) if direction.legal_is_copied(self.case.intake) else ()

    @property
    def court_date(self) -> Instant | None:
        """The compliance instant as it stands now."""
        record: AccessRecord = self.case.record
        return record.court_date

    def is_urgent(self, clock: str, at: Instant) -> bool:
        """A penal or urgent order, or a compliance date within 40 working hours (D-T2)."""
        if self.case.intake.urgent_order:
            return True
        court = self.court_date
        return court is not None and instants.within(self, at, court, hours=40)

    def clock_started(self, clock: str) -> Instant | None:
        """The access window runs on while a session is held or captures are checked."""
        return self.case.record.window_started if clock == "D-T4" else None

    def window_due(self, at: Instant) -> Instant:
        """When an access window started at `at` ends: the earlier of D-T4 and the back-stop."""
        deadline = self.deadline("D-T4")
        return instants.due_instant(self, deadline, deadline.normal, at)[0]

    def calendar_changed(self, at: Instant) -> None:
        """An access window that is still open is a deadline too; it never ends earlier."""
        record: AccessRecord = self.case.record
        if record.window_started and record.window_ends and at < record.window_ends:
            ends = max(record.window_ends, self.window_due(record.window_started))
            self.update(window_ends=ends)

    def is_work(self, step: Step) -> bool:
        """Closing access is nobody's work while no account is open; what is left are tasks."""
        return step.id != "closing" or self.case.record.account_open

    def tasks_wanted(self) -> Iterator[Task]:
        """What the case needs beside its step, from what is written down."""
        record: AccessRecord = self.case.record
        if not record.order_followed and record.ending not in ending.NEEDS_NO_DATE:
            yield ORDER
        if self.case.intake.child_account and self.here in ("registered", "considering"):
            yield from (CHILD_LEGAL,) if record.legal_view is None else ()
            yield from (CHILD_SAFE,) if record.safeguarding_view is None else ()
        if record.session is not None and self.here != "session":
            yield LOG
        elif record.unfiled and self.here not in ("session", "checking"):
            yield FILE_CAPTURES
        if record.breach_open:
            yield BREACH
        if "compliance_passed" in self.case.fired and not record.date_handled and not record.ending:
            spoken = {first.role for first in self.case.pending if first.act == "D-23a"}
            yield from (task for task in (DATE_LM, DATE_LEG) if task.held_by not in spoken)
        yield from self._wanted_in_closing(record)

    def _wanted_in_closing(self, record: AccessRecord) -> Iterator[Task]:
        if self.here != "closing":
            return
        if record.ending is None:
            yield CHOOSE
        if record.ending is Ending.COMPLETED and not record.filed_with_court:
            yield FILE_REPORT
        if record.withdrawn and record.captures and not record.captures_decided:
            yield SEAL

    def alarms(self) -> Iterator[Alarm]:
        """The court's date and the warning before it; the window while a session is running."""
        record: AccessRecord = self.case.record
        court = record.court_date
        if court is None:
            opened = self.case.opened.at
            yield Alarm("no_date", instants.after(self, opened, self.deadline("D-REVIEW").normal), "D-01r")
        elif not record.filed_with_court and record.ending not in ending.NEEDS_NO_DATE:
            warning = instants.before(self, court, self.deadline("COURT-WARN").normal)
            yield Alarm("court_warning", warning, "D-23w")
            yield Alarm("compliance_passed", court, "D-23")
        if self.here == "session" and record.window_ends is not None:
            yield Alarm(f"window:{record.window_ends.isoformat()}", record.window_ends, "D-22")
