"""R: posts or comments about Cafcass, corporate reputation (Appendix 1, chart 2).

What the seeds fix: Communications moderates its channels in working hours (3.3), may watch and keep
posts of open sites where it is needed (2.6), does not engage with abuse but for safeguarding (3.4),
and never discusses a case (G-5). The chart itself is lost: the order of the steps, who approves and
every time are reconstructed (R).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models import reputation_acts as form
from models.base import Instant
from models.case import No
from models.people import PersonId, Role
from models.policy import Mark
from models.reputation import ReputationIntake, ReputationRecord
from procedures import common, instants, referrals
from procedures import reputation_response as response
from procedures import reputation_rules as rule
from procedures import reputation_safety as safety
from procedures import reputation_watch as watch
from procedures.reported import ReportedPost
from procedures.words import Act, Alarm, Ask, Outcome, Start, Step, Task, leading, staying

R = Mark.RECONSTRUCTED
COL, REP, SYS, LM, AD = Role.COL, Role.REP, Role.SYS, Role.LM, Role.AD
COM, HOC, LEG, HRBP, SAFE, HSI = Role.COM, Role.HOC, Role.LEG, Role.HRBP, Role.SAFE, Role.HSI

ASK_LEGAL = Task("advice_legal", "Advise Communications as Legal", LEG, ("R-06a",), "R-ADVICE", "APPX")
ASK_HR = Task("advice_hr", "Advise Communications as HR", HRBP, ("R-06b",), "R-ADVICE", "APPX")
ASK_MANAGER = Task("advice_manager", "Advise Communications as line manager", LM, ("R-06b",), "R-ADVICE", "APPX")
SEND_RESPONSE = Task("send_response", "Record the approved response as done", COM, ("R-12",), "R-RESPONSE", "G-12")
PROPOSE_WATCH = Task(
    # Not up to the Head, who has agreed already and cannot agree twice (SD16).
    "watch_proposal", "Propose the watch that was approved", COM, ("R-13",), "R-T3", "2.6", mandatory=False,
    rungs=(COM, Role.AD),
)
APPROVE_WATCH = Task("watch_approval", "Approve the watch that was proposed", HOC, ("R-13",), "R-T3", "SD10", mandatory=False)
AFTER_WATCH = Task("after_watch", "The watch has ended: stop it, or have it approved afresh", COM, ("R-15", "R-13"), "R-WATCH-END", "2.6")


class CorporateReputation(ReportedPost):
    """Posts or comments about Cafcass: corporate reputation (Appendix 1)."""

    key, code, title = "corporate_reputation", "R", "Posts or comments about Cafcass"
    intake_form, record_form = ReputationIntake, ReputationRecord
    starters, opening, seat = (COM, COL), "report", None
    tasks = (ASK_LEGAL, ASK_HR, ASK_MANAGER, SEND_RESPONSE, PROPOSE_WATCH, APPROVE_WATCH, AFTER_WATCH)

    # --- where a case rests -------------------------------------------------------------------

    draft = Start("Draft", "R0", clause="APPX", mark=R)
    reported = Step("Reported: waiting for Communications", "R1", held_by=COM, clock="R-T1", clause="3.3", mark=R)
    assessing = Step("Communications assessing", "R2", held_by=COM, clock="R-T2", clause="3.4", mark=R)
    safety_first = Step("Safeguarding or safety first", "R3", held_by=(SAFE, HSI), clock="R-SAFE", clause="3.4")
    waiting_for_advice = Step("Waiting for advice", "R4", held_by=(LEG, HRBP, LM), clock="R-ADVICE", clause="APPX", mark=R)
    waiting_for_decision = Step("Waiting for a response decision", "R5", held_by=HOC, clock="R-T3", clause="SD9", mark=R)
    response_under_way = Step("Response under way", "R6", held_by=COM, clock="R-RESPONSE", clause="G-12", mark=R)
    watching = Step("Being watched", "R7", held_by=COM, clock="R-T4", clause="2.6", at_due="R-t")

    no_response = Outcome("Closed: recorded, no response", "RF1", clause="3.4")
    responded = Outcome("Closed: responded", "RF2", clause="G-12", mark=R)
    passed_on = Outcome("Closed: passed to another process", "RF3", clause="APPX", mark=R)
    joined = Outcome("Joined to another report", "RF4", clause="6.4", mark=R)

    going_on = (
        reported, assessing, waiting_for_advice, waiting_for_decision, response_under_way, watching,
    )  # fmt: skip

    # --- what may happen ----------------------------------------------------------------------

    report = Act(
        "R-01", "Report or spot a post",
        leading(safety_first, draft, when=rule.somebody_may_be_harmed)
        | leading(assessing, draft, when=rule.communications_spotted_it) | leading(reported, draft),
        who=(COM, COL), form=ReputationIntake, effect=rule.reported, clause="2.6", mark=R,
    )
    raise_safeguarding = Act(
        "R-02", "Raise safeguarding: safety comes first",
        leading(safety_first, *going_on) | staying(safety_first),
        who=COL, effect=safety.safeguarding_raised, tells=(HSI,), any_rung=True, clause="3.4",
    )
    raise_emergency = Act(
        "R-02a", "Raise danger: safety comes first",
        leading(safety_first, *going_on) | staying(safety_first),
        who=COL, effect=safety.danger_raised, tells=(SAFE,), any_rung=True, clause="2.4", mark=R,
    )
    safeguarding_handled = Act(
        "R-03", "Record how safety was handled: Communications may go on",
        leading(reported, safety_first, when=safety.left_reported)
        | leading(assessing, safety_first, when=safety.left_assessing)
        | leading(waiting_for_advice, safety_first, when=safety.left_waiting_for_advice)
        | leading(waiting_for_decision, safety_first, when=safety.left_waiting_for_decision)
        | leading(response_under_way, safety_first, when=safety.left_response_under_way)
        | leading(watching, safety_first, when=safety.left_watching),
        who=SAFE, form=form.SafetyHandled, decides=True,
        guards=(safety.nobody_is_in_danger, safety.section_16a_is_given_to_the_court),
        effect=safety.safety_handled, tells=(COM,), final_word=True, clause="3.4",
    )
    record_incident = Act(
        "R-03a", "Record the Health and Safety incident", staying(safety_first),
        who=HSI, form=form.SafetyIncident, effect=safety.incident_recorded, tells=(SAFE,), clause="3.4", mark=R,
    )
    take_on = Act(
        "R-04", "Take on the report", reported.to(assessing),
        who=COM, tells=(REP,), clause="3.3", mark=R,
    )
    sort = Act(
        "R-05", "Sort the content", staying(assessing),
        who=COM, form=form.Sort, effect=rule.sorted_content, clause="G-2",
    )
    ask_advice = Act(
        "R-06", "Ask Legal, HR or the line manager for advice", assessing.to(waiting_for_advice),
        who=COM, form=form.AskAdvice,
        guards=(rule.question_says_no_more_than_needed, rule.only_legal_clears, rule.somebody_can_be_asked),
        effect=rule.asked, clause="APPX",
    )
    give_legal_advice = Act(
        "R-06a", "Give Legal's advice", leading(assessing, waiting_for_advice) | staying(safety_first),
        who=LEG, form=form.LegalAdvice, decides=True,
        guards=(rule.was_asked, rule.says_if_the_words_may_go_out), effect=rule.legal_advised,
        tells=(COM,), sealed=True, clause="APPX",
    )
    give_advice = Act(
        "R-06b", "Give HR's or the line manager's advice",
        leading(assessing, waiting_for_advice) | staying(safety_first),
        who=(HRBP, LM), form=form.Advice, decides=True, guards=(rule.was_asked,), effect=rule.advised,
        tells=(COM,), clause="APPX",
    )
    recommend_no_response = Act(
        "R-07", "Recommend no response", assessing.to(waiting_for_decision),
        who=COM, form=form.NoResponse,
        guards=(rule.content_is_sorted, watch.only_an_open_site, watch.watch_has_an_end),
        effect=response.recommended, clause="3.4",
    )
    recommend_response = Act(
        "R-08", "Recommend a response", assessing.to(waiting_for_decision),
        who=COM, form=form.Response,
        guards=(
            rule.content_is_sorted, response.abuse_is_not_engaged_with, response.no_case_is_confirmed,
            watch.only_an_open_site, watch.watch_has_an_end,
        ),
        effect=response.recommended, clause="G-12",
    )
    approve_no_response = Act(
        "R-09", "Approve that there is no response",
        leading(watching, waiting_for_decision, when=watch.watch_begins)
        | leading(responded, waiting_for_decision, when=response.responded_before)
        | leading(no_response, waiting_for_decision),
        who=HOC, form=form.Approve, decides=True, apart=(rule.NOT_THE_RECOMMENDER,),
        guards=(response.no_response_was_recommended, watch.approved_watch_was_proposed),
        effect=response.no_response_approved, tells=(COM, REP), clause="3.4", mark=R,
    )
    approve_response = Act(
        "R-10", "Approve the response", waiting_for_decision.to(response_under_way),
        who=HOC, form=form.Approve, decides=True, apart=(rule.NOT_THE_RECOMMENDER,),
        guards=(
            response.a_response_was_recommended, response.abuse_is_not_engaged_with,
            response.no_case_is_confirmed, watch.approved_watch_was_proposed,
        ),
        effect=response.response_approved, tells=(COM,), clause="SD9", mark=R,
    )
    send_back = Act(
        "R-11", "Send the recommendation back", waiting_for_decision.to(assessing),
        who=HOC, decides=True, apart=(rule.NOT_THE_RECOMMENDER,), effect=response.sent_back,
        tells=(COM,), no=No.NOT_AGREED, clause="SD9", mark=R,
    )
    record_response = Act(
        "R-12", "Record that the response was done",
        leading(watching, response_under_way, when=watch.watch_begins)
        | leading(responded, response_under_way) | staying(watching),
        who=COM, form=form.ResponseDone,
        guards=(response.response_is_awaited, response.went_out_as_approved),
        effect=response.response_done, tells=(HOC,), final_word=True, clause="G-15",
    )
    start_watching = Act(
        "R-13", "Start watching: proposed by one, approved by another",
        leading(watching, waiting_for_decision, response_under_way) | staying(watching),
        who=(COM, HOC), together=(COM, HOC), form=form.StartWatching, apart=(rule.NOT_THE_REPORTER,),
        guards=(watch.approver_did_not_start_it, watch.only_an_open_site, watch.watch_has_an_end),
        effect=watch.watch_approved, tells=(COM,), clause="2.6",
    )
    review_watch = Act(
        "R-13a", "Review the watch and go on", staying(watching),
        who=COM, form=form.Review, guards=(watch.watch_is_open, watch.reviews_are_left),
        effect=watch.watch_reviewed, tells=(HOC,), clause="2.6", mark=R,
    )
    add_content = Act(
        "R-14", "Record new content: assess again", watching.to(assessing),
        who=COM, form=form.NewContent, guards=(watch.watch_is_open, watch.no_response_is_owed),
        effect=watch.new_content, tells=(HOC,), clause="2.6",
    )
    stop_watching = Act(
        "R-15", "Stop watching and close",
        leading(responded, watching, when=response.responded_before) | leading(no_response, watching),
        who=(COM, HOC), form=form.Because, guards=(watch.no_response_is_owed,),
        effect=watch.watch_stopped, tells=(REP,), clause="2.6", mark=R,
    )
    end_watch = Act(
        "R-t", "The watch has ended by itself", staying(watching, safety_first),
        who=SYS, effect=watch.watch_ended, tells=(COM, HOC), no=No.EXPIRED, clause="2.6", mark=R,
    )
    pass_on = Act(
        "R-16", "Pass on to another process", assessing.to(passed_on),
        who=COM, form=form.Because, guards=(rule.content_is_sorted, referrals.taken_over),
        tells=(REP,), clause="APPX", mark=R,
    )
    join = Act(
        "R-17", "Join the report that is already open", leading(joined, reported, assessing),
        who=SYS, tells=(REP,), clause="6.4", mark=R,
    )
    join_by_hand = Act(
        "R-17a", "Join it to a report of the same post", leading(joined, reported, assessing),
        who=COM, form=common.JoinTo, joins=True, tells=(REP,), clause="6.4", mark=R,
    )
    separate = Act(
        "R-17b", "Separate it from the report it was joined to", who=(COM, HOC), decides=True,
        reopens=(reported, (joined,)), effect=rule.reopened, tells=(REP,), clause="6.4", mark=R,
    )
    reopen = Act(
        "R-18", "Open the case again", who=(COM, HOC), decides=True, effect=rule.reopened,
        reopens=(assessing, (no_response, responded, passed_on)), tells=(REP, HOC), clause="6.9",
        mark=R,
    )

    # --- what the case says of itself ---------------------------------------------------------

    joining = "join"

    @classmethod
    def first_record(cls, intake: ReputationIntake) -> ReputationRecord:
        """The record of a new case: what must not go out is kept from the start."""
        reference = intake.childfirst_ref
        return ReputationRecord(
            protected_names=intake.protected_names, references=(reference,) if reference else ()
        )

    @classmethod
    def people_in(cls, intake: ReputationIntake) -> dict[str, PersonId]:
        """The colleagues named in the post."""
        named = intake.named_colleagues
        return {f"named_colleagues.{number}": person for number, person in enumerate(named)}

    @classmethod
    def conflicted_by(cls, intake: ReputationIntake) -> tuple[PersonId, ...]:
        """Whoever is named in the post has no part in the case (SD3)."""
        return intake.named_colleagues

    def concern(self, ask: Ask, *, task: bool) -> None:
        """Safeguarding is told at once; the step itself is its task, and nothing closes from there."""
        common.raise_safeguarding(self, ask, task=False)

    def joined_by(self, other: ReputationIntake, ask: Ask) -> None:
        """The strictest of the reports counts: its hurry, its names, and safety first (6.4)."""
        rule.took_over(self, other, ask)
        if other.harm_is_possible and self.here in self.acts["raise_safeguarding"].sources:
            safety.leave(self, ask)
            self._advance(replace(ask, act=self.acts["raise_safeguarding"]))

    def is_urgent(self, clock: str, at: Instant) -> bool:
        """The press asks, or it spreads fast (R-T1 to R-T3)."""
        return bool(self.case.record.hurried or self.case.intake.hurries)

    def clock_started(self, clock: str) -> Instant | None:
        """A watch runs from its approval or its last review, whatever comes between."""
        started: Instant | None = self.case.record.watch_started
        return started if clock == "R-T4" else None

    def longest_watch(self, at: Instant) -> Instant:
        """The latest end of a watch approved at `at`: one period and its reviews (R-T4)."""
        end, period = at, self.deadline("R-T4").normal
        for _ in range(watch.REVIEWS + 1):
            end = instants.after(self, end, period)
        return end

    def is_work(self, step: Step) -> bool:
        """Advice is the work of whoever was asked; a watch that has ended is nobody's."""
        if step.id == "watching":
            return bool(self.case.record.watch_open)
        return step.id != "waiting_for_advice"

    def tasks_wanted(self) -> Iterator[Task]:
        """What the case needs beside its step, from what is written down."""
        record: ReputationRecord = self.case.record
        if self.here in ("waiting_for_advice", "safety_first"):
            yield from (one for one in (ASK_LEGAL, ASK_HR, ASK_MANAGER) if one.held_by is record.asked)
        if self.here == "watching":
            yield from (SEND_RESPONSE,) if record.owed else ()
            yield from () if record.watch_open else (AFTER_WATCH,)
        spoken = {one.role for one in self.case.pending if one.act == "R-13"}
        yield from (APPROVE_WATCH,) if COM in spoken else ()
        yield from (PROPOSE_WATCH,) if HOC in spoken else ()

    def alarms(self) -> Iterator[Alarm]:
        """A watch ends at its date, and while safety comes first also when its review is missed."""
        record: ReputationRecord = self.case.record
        if not record.watch_open or record.watch is None or record.watch_started is None:
            return
        ends = record.watch.until
        if self.here != "watching":
            review = instants.after(self, record.watch_started, self.deadline("R-T4").normal)
            ends = min(ends, review)
        yield Alarm(f"watch:{ends.isoformat()}", ends, "R-t")
