"""E: comments or posts about a Cafcass colleague (policy clauses 2.4 to 2.6, Appendix 1).

What the seeds fix: line manager and HR business partner are told; the manager tells opinion and
criticism from harassment and threat; the platform may be told; Communications may watch what is
open. The chart itself is lost: whatever is marked R is reconstructed. The timers E-t1, E-t2 and
E-t3 of the analysis are the deadlines E-T1, E-T2 and E-X1: they move work up and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from models import employee_acts as form
from models.base import Instant
from models.case import No
from models.employee import THREATENING, EmployeeIntake, EmployeeRecord, Watch
from models.people import PersonId, Role
from models.policy import Mark
from procedures import common, referrals
from procedures import employee_effects as effect
from procedures import employee_rules as rule
from procedures import employee_tasks as task
from procedures import employee_watching as watch
from procedures.reported import ReportedPost
from procedures.words import Act, Alarm, Ask, Outcome, Start, Step, Task, leading, staying

R = Mark.RECONSTRUCTED
COL, REP, AFF, SYS = Role.COL, Role.REP, Role.AFF, Role.SYS
LM, SM, ONC, DOC = Role.LM, Role.SM, Role.ONC, Role.DOC
HRBP, HSI, COM, HOC, LEG = Role.HRBP, Role.HSI, Role.COM, Role.HOC, Role.LEG


class EmployeeComments(ReportedPost):
    """Comments or posts about a Cafcass colleague (2.4, 2.5, Appendix 1)."""

    key, code, title = "employee_comments", "E", "Comments or posts about a colleague"
    intake_form, record_form = EmployeeIntake, EmployeeRecord
    starters, opening, seat = (COL,), "report", AFF
    tasks = task.TASKS
    other_clocks = ("E-WATCH",)

    # --- where a case rests -------------------------------------------------------------------

    draft = Start("Draft", "E0", clause="2.4", mark=R)
    reported = Step("Reported: waiting for the line manager", "E1", held_by=LM, clock="E-T1", clause="2.4")
    assessing = Step("Line manager assessing", "E2", held_by=LM, clock="E-T1", clause="2.4")
    emergency_response = Step(
        "Emergency: is everybody safe?", "E3", held_by=LM, rungs=(LM, ONC, DOC), clock="E-X1",
        clause="2.4", mark=R,
    )
    opinion = Step(
        "Opinion or criticism: may be challenged", "E4", held_by=(LM, AFF), clock="E-CHALLENGE",
        at_due="E-10t", clause="2.4", mark=R,
    )
    action = Step("Action under way", "E5", held_by=(LM, HRBP), clock="E-T6", clause="2.4")
    watching = Step("Plan in place: being watched", "E6", held_by=LM, clock="E-T7", clause="2.4", mark=R)

    closed_managed = Outcome("Closed: managed", "EF1", clause="2.4", mark=R)
    closed_opinion = Outcome("Closed: opinion or criticism, support offered", "EF2", clause="2.4")
    closed_police = Outcome("Closed: led by the police, safety plan in place", "EF3", clause="2.4", mark=R)
    joined = Outcome("Joined to another case", "EF4", clause="6.4", mark=R)
    withdrawn = Outcome("Withdrawn", "EF5", clause="2.4", mark=R, no=No.WITHDRAWN)
    passed_on = Outcome("Passed to another process", "EF6", clause="APPX")

    calm = (reported, assessing, opinion, action, watching)
    anywhere = (*calm, emergency_response)

    # --- reporting, telling, danger -----------------------------------------------------------

    report = Act(
        "E-01", "Report a comment or post about a colleague",
        leading(emergency_response, draft, when=rule.reported_danger) | draft.to(reported),
        who=(COL, AFF), form=EmployeeIntake, effect=effect.reported, clause="2.4",
    )
    tell_in_person = Act(
        "E-01a", "Record that the affected colleague was told in person", staying(*anywhere),
        who=LM, form=form.ToldInPerson, guards=(rule.colleague_not_told_yet, rule.told_in_the_past),
        effect=effect.told_in_person, tells=(HRBP,), clause="2.4", mark=R,
    )
    raise_emergency = Act(
        "E-02", "Raise an emergency",
        leading(emergency_response, *calm) | staying(emergency_response),
        who=COL, effect=effect.start_emergency, any_rung=True, final_word=True, clause="2.4",
        mark=R,
    )
    confirm_safe = Act(
        "E-03", "Confirm that the person is safe", emergency_response.to(action),
        who=(LM, SM, ONC, DOC), form=common.ConfirmSafe,
        guards=(rule.spoken_in_the_past, common.police_told_or_why_not),
        effect=effect.confirmed_safe, tells=(HRBP, HSI, SM), final_word=True, clause="2.4", mark=R,
    )

    # --- assessing ----------------------------------------------------------------------------

    take_on = Act(
        "E-04", "Take on the report", reported.to(assessing),
        who=LM, tells=(AFF, HRBP), keeps_clock=True, clause="2.4",
    )
    classify_opinion = Act(
        "E-05", "Decide: opinion or criticism", assessing.to(opinion),
        who=LM, form=form.Opinion, decides=True, apart=(rule.SECOND_LOOK,),
        guards=(rule.guidance_test_applied, rule.colleague_knows), effect=effect.called_opinion,
        tells=(AFF, HRBP), clause="2.4",
    )
    classify_harassment = Act(
        "E-06", "Decide: harassment", assessing.to(action),
        who=LM, form=form.Harassment, decides=True, apart=(rule.SECOND_LOOK,),
        guards=(rule.posts_were_seen,), effect=effect.called_harassment, tells=(HRBP, HSI, AFF),
        clause="2.4",
    )
    classify_threat = Act(
        "E-07", "Decide: a specific threat",
        leading(emergency_response, assessing, when=rule.danger_now) | assessing.to(action),
        who=LM, form=form.SpecificThreat, decides=True, apart=(rule.SECOND_LOOK,),
        guards=(rule.police_were_considered,), effect=effect.called_threat,
        tells=(HRBP, HSI, SM, LEG), clause="2.4",
    )
    pass_on = Act(
        "E-08", "Pass on: not about a colleague, or for another process", assessing.to(passed_on),
        who=LM, decides=True, apart=(rule.SECOND_LOOK,), guards=(referrals.taken_over,),
        tells=(REP,), clause="APPX",
    )
    challenge = Act(
        "E-09", "Challenge the finding", opinion.to(assessing),
        who=(AFF, HRBP), form=form.Challenge, up=1, guards=(rule.can_be_challenged,),
        effect=effect.challenged, tells=(SM, LM), final_word=True, clause="2.4", mark=R,
    )
    end_challenge_period = Act(
        "E-10t", "The challenge period is over", staying(opinion),
        who=SYS, effect=effect.challenge_period_over, tells=(AFF, HRBP), no=No.EXPIRED,
        clause="2.4", mark=R,
    )
    confirm_support = Act(
        "E-10", "Confirm that support was offered, and close", opinion.to(closed_opinion),
        who=LM, form=form.SupportOffered, decides=True,
        guards=(rule.challenge_period_is_over, rule.offered_in_the_past), effect=effect.closed,
        tells=(AFF, HRBP), clause="2.4", mark=R,
    )

    # --- work beside the steps ----------------------------------------------------------------

    acknowledge = Act(
        "E-11", "Acknowledge the report and record the support offered", staying(*anywhere),
        who=HRBP, form=form.HrSupport, effect=effect.hr_acknowledged, tells=(LM,), clause="2.4",
    )
    record_incident = Act(
        "E-12", "Record the Health and Safety incident", staying(*anywhere),
        who=(HSI, LM), form=form.IncidentRecorded, effect=effect.incident_recorded, tells=(LM,),
        clause="APPX",
    )
    report_to_platform = Act(
        "E-13", "Record a report to the platform and its result", staying(*calm),
        who=(AFF, COM), form=form.PlatformReport, guards=(rule.on_a_login_of_ones_own,),
        effect=effect.platform_reported, tells=(LM,), clause="2.5",
    )
    ask_to_watch = Act(
        "E-14", "Ask Communications to record or watch", staying(action, watching),
        who=(LM, HRBP), form=form.AskToWatch, guards=(watch.seen_in_the_open, watch.no_watch_yet),
        effect=effect.asked_to_watch, clause="2.6",
    )
    propose_watch = Act(
        "E-14a", "Propose a window to record or watch", staying(*anywhere),
        who=COM, form=form.WatchProposal,
        guards=(watch.watch_is_asked, watch.watch_stays_in_the_open, watch.watch_has_an_end),
        effect=effect.watch_proposed, clause="2.6", mark=R,
    )
    decline_watch = Act(
        "E-14b", "Decline to record or watch", staying(*anywhere),
        who=(COM, HOC), decides=True, guards=(watch.watch_is_undecided,), effect=effect.watch_over,
        tells=(LM, HRBP), no=No.NOT_AGREED, clause="2.6", mark=R,
    )
    approve_watch = Act(
        "E-14c", "Approve the watching window", staying(*anywhere),
        who=HOC, decides=True, apart=(watch.NOT_THE_PROPOSER,),
        guards=(watch.watch_is_proposed, watch.watch_has_an_end), effect=effect.watch_approved,
        tells=(COM, LM, HRBP), clause="2.6", mark=R,
    )
    end_watch_early = Act(
        "E-14d", "End the watching window early", staying(*anywhere),
        who=(COM, HOC), guards=(watch.watch_is_open,), effect=effect.watch_over, tells=(LM, HRBP),
        clause="2.6", mark=R,
    )
    end_watch = Act(
        "E-14t", "The watching window has ended", staying(*anywhere),
        who=SYS, effect=effect.watch_over, tells=(COM, LM, HRBP), no=No.EXPIRED, clause="2.6",
        mark=R,
    )
    ask_legal = Act(
        "E-15", "Ask Legal for advice", staying(assessing, action, watching),
        who=(LM, HRBP), form=form.LegalQuestion, effect=effect.legal_asked, clause="APPX",
    )
    advise = Act(
        "E-15a", "Give legal advice", staying(*anywhere),
        who=LEG, form=form.LegalAdvice, decides=True, effect=effect.legal_advised, tells=(LM, HRBP),
        sealed=True, clause="APPX",
    )
    tell_police = Act(
        "E-16", "Record that the police were told", staying(*anywhere),
        who=(AFF, LM, ONC), form=form.PoliceTold, guards=(rule.only_the_minimum_is_given,),
        effect=effect.police_told, tells=(HRBP, HSI, LEG), clause="2.4", mark=R,
    )
    do_not_tell_police = Act(
        "E-16a", "Record why the police are not told", staying(action),
        who=LM, form=form.PoliceNotTold, decides=True, effect=effect.police_not_told,
        tells=(AFF, HRBP), clause="2.4", mark=R,
    )
    speak = Act(
        "E-17a", "Record the talk with the affected colleague", staying(action),
        who=LM, form=form.Talk, guards=(rule.spoken_in_the_past,), effect=effect.spoken,
        tells=(HRBP,), clause="2.4", mark=R,
    )
    assess_safety = Act(
        "E-17b", "Record the safety assessment", staying(action),
        who=LM, form=form.SafetyAssessment, guards=(rule.everything_was_thought_of,),
        effect=effect.safety_assessed, tells=(HRBP, HSI), clause="2.4", mark=R,
    )
    settle_linked = Act(
        "E-17c", "Say whether a linked case is needed", staying(action, watching),
        who=LM, form=form.LinkedCase, decides=True, effect=effect.linked_settled, clause="APPX",
    )

    # --- plan, watching, closing --------------------------------------------------------------

    agree_plan = Act(
        "E-17", "Agree the support and safety plan", action.to(watching),
        who=(LM, HRBP), together=(LM, HRBP), form=form.Plan, decides=True,
        guards=(common.nothing_mandatory_is_open, rule.colleague_was_consulted), tells=(AFF, HSI),
        clause="2.4", mark=R,
    )
    report_new_post = Act(
        "E-18", "Report a new post, or that it grows worse",
        leading(emergency_response, *calm, when=rule.post_of_danger) | leading(action, watching)
        | staying(reported, assessing, opinion, action, emergency_response),
        who=(AFF, COL, COM, LM), form=form.NewPost, effect=effect.new_post, tells=(LM, HRBP, HSI),
        any_rung=True, final_word=True, clause="2.4", mark=R,
    )
    keep_watching = Act(
        "E-19", "Review: keep watching", staying(watching),
        who=LM, decides=True, effect=effect.reviewed, tells=(AFF,), clause="2.4", mark=R,
    )
    close = Act(
        "E-20", "Close the case",
        leading(closed_managed, watching, when=rule.managed)
        | leading(closed_police, watching, when=rule.police_led),
        who=(LM, HRBP), together=(LM, HRBP), form=form.Close, decides=True,
        guards=(
            common.nothing_mandatory_is_open, rule.linked_case_is_settled, watch.nothing_is_watched,
            rule.colleague_is_told, rule.police_lead_it,
        ),
        effect=effect.closed, tells=(AFF, HSI), clause="2.4", mark=R,
    )
    ask_to_withdraw = Act(
        "E-21a", "Ask to withdraw", staying(*calm),
        who=AFF, form=form.AskToWithdraw, guards=(rule.may_be_withdrawn,),
        effect=effect.asked_to_withdraw, tells=(LM, HRBP), clause="2.4", mark=R,
    )
    withdraw = Act(
        "E-21", "Agree to withdraw", leading(withdrawn, *calm),
        who=(LM, HRBP), together=(LM, HRBP), decides=True,
        guards=(rule.withdrawal_is_asked, rule.may_be_withdrawn), effect=effect.withdrawn,
        tells=(AFF, LM, HRBP, SM, HSI), no=No.WITHDRAWN, clause="2.4", mark=R,
    )
    do_not_withdraw = Act(
        "E-21b", "Do not agree to withdraw", staying(*calm),
        who=(LM, HRBP), decides=True, guards=(rule.withdrawal_is_asked,),
        effect=effect.not_withdrawn, tells=(AFF, LM, HRBP), no=No.NOT_AGREED, clause="2.4", mark=R,
    )
    join = Act(
        "E-22", "Join the case that is already open", leading(joined, reported, assessing),
        who=SYS, tells=(REP,), clause="6.4", mark=R,
    )
    join_by_hand = Act(
        "E-22a", "Join a case of the same matter", leading(joined, reported, assessing),
        who=LM, form=common.JoinTo, joins=True, decides=True, tells=(REP,), clause="6.4", mark=R,
    )
    separate = Act(
        "E-22s", "Separate from the case it was joined to", who=(LM, COM), decides=True,
        reopens=(reported, (joined,)), tells=(REP,), clause="6.4", mark=R,
    )
    reopen = Act(
        "E-23", "Open the case again", who=(AFF, LM, HRBP), form=form.WhatIsNew, effect=effect.reopened,
        reopens=(assessing, (closed_managed, closed_opinion, closed_police, withdrawn)),
        tells=(LM, HRBP), clause="6.9", mark=R,
    )

    # --- what the case says of itself ---------------------------------------------------------

    joining = "join"

    @classmethod
    def first_record(cls, intake: EmployeeIntake) -> EmployeeRecord:
        """The empty record of a new case: what was reported, and how many posts it is."""
        return EmployeeRecord(
            kinds=intake.kind,
            posts=intake.posts,
            police="told" if intake.reported_to_police else None,
        )

    @classmethod
    def beside_the_post(cls, intake: EmployeeIntake) -> tuple[str, ...]:
        """Reports of one post are one case for each colleague it is about (6.4)."""
        return (intake.affected_person,)

    @classmethod
    def subject(cls, intake: EmployeeIntake, by: PersonId) -> PersonId:
        """The affected colleague: it is their manager and HR partner who act, whoever reports."""
        return intake.affected_person

    @classmethod
    def people_in(cls, intake: EmployeeIntake) -> dict[str, PersonId]:
        """The colleagues the form names."""
        named = {f"colleagues_named.{n}": one for n, one in enumerate(intake.colleagues_named)}
        return {"affected_person": intake.affected_person, **named}

    @classmethod
    def conflicted_by(cls, intake: EmployeeIntake) -> tuple[PersonId, ...]:
        """Whoever the post names or is close to its author has no part in the case (SD3)."""
        return tuple(one for one in intake.colleagues_named if one != intake.affected_person)

    def danger(self, ask: Ask, *, task: bool) -> None:
        """The emergency step, which a report of danger has led into already, but not one joined."""
        if self.here != "emergency_response":
            effect.start_emergency(self, ask)
            self._advance(replace(ask, act=self.acts["raise_emergency"]))

    def joined_by(self, other: EmployeeIntake, ask: Ask) -> None:
        """A further report of the same post: every kind and the most posts reported count (6.4)."""
        record: EmployeeRecord = self.case.record
        kinds = tuple(dict.fromkeys((*record.kinds, *other.kind)))
        self.update(kinds=kinds, posts=max(record.posts, other.posts))
        if other.in_danger and not other.immediate_danger:
            self.danger(ask, task=True)

    def is_urgent(self, clock: str, at: Instant) -> bool:
        """A threat shortens every time there is; only danger shortens that of the plan (3.5)."""
        record: EmployeeRecord = self.case.record
        if clock == "E-T6":
            return record.danger
        return record.threat or (clock == "E-T2" and not THREATENING.isdisjoint(record.kinds))

    def is_work(self, step: Step) -> bool:
        """After a second look nobody can challenge: only the confirmation is left."""
        return step.id != "opinion" or not self.case.record.challenge_over

    def hears(self, role: Role) -> bool:
        """Nobody learns from a bare e-mail that they were written about: a person tells them first."""
        return super().hears(role) and (role is not AFF or self.case.record.colleague_told)

    def tasks_wanted(self) -> Iterator[Task]:
        """What the case needs beside its step, from what is written down."""
        yield from task.wanted(self)

    def alarms(self) -> Iterator[Alarm]:
        """A watching window closes by itself."""
        record: EmployeeRecord = self.case.record
        if record.watch is Watch.OPEN and record.watch_ends is not None:
            yield Alarm(f"watch:{record.watch_ends.isoformat()}", record.watch_ends, "E-14t")
