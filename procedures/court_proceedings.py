"""C: posts or comments about court proceedings (policy clause 2.3; Appendix 1, chart 3).

What the seeds fix: whoever is worried asks Legal, the manager or both; whether court and parties
need to know is considered, and whether an author who is a party is asked to take the post down;
nobody is approached through social media (2.11). The chart itself is lost: R marks what stands in
for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from statemachine.transition_list import TransitionList

from models import proceedings_acts as form
from models.base import Instant
from models.people import PersonId, Role
from models.policy import Mark
from models.proceedings import (
    ProceedingsIntake,
    ProceedingsRecord,
    ProceedingsStatus,
)
from procedures import common, instants
from procedures import proceedings_action as does
from procedures import proceedings_advice as advice
from procedures import proceedings_closing as closing
from procedures import proceedings_decision as rule
from procedures import proceedings_removal as asks
from procedures import proceedings_tasks as task
from procedures.opening import YEARS_AHEAD
from procedures.reported import ReportedPost
from procedures.words import Act, Alarm, Ask, Outcome, Start, Step, Task, leading, staying

R = Mark.RECONSTRUCTED
COL, REP, PR, LM, SM, SYS = Role.COL, Role.REP, Role.PR, Role.LM, Role.SM, Role.SYS
COM, LEG, SAFE, HRBP = Role.COM, Role.LEG, Role.SAFE, Role.HRBP


DECIDED_FIRST = 3
"""Of the outcomes CF1 to CF6, how many follow only from what was decided and done."""


def _next(telling: Step, asking: Step, waiting: Step) -> TransitionList:
    """Something chosen is done: the case goes to what is left of it."""
    found: TransitionList = (
        leading(asking, telling, when=rule.only_asking_is_left)
        | leading(waiting, telling, when=rule.nothing_is_left)
        | staying(telling)
    )
    return found


def _decided(source: Step, telling: Step, asking: Step, waiting: Step, *ends: Outcome) -> TransitionList:
    """Where the four answers lead."""
    no_breach, passed_on = ends
    found: TransitionList = (
        leading(telling, source, when=rule.telling_is_left)
        | leading(asking, source, when=rule.only_asking_is_left)
        | leading(no_breach, source, when=rule.says_not_a_breach)
        | leading(passed_on, source, when=rule.says_not_ours)
        | leading(waiting, source, when=rule.nothing_is_left)
    )
    return found


def _closed(deciding: Step, waiting: Step, *ends: Outcome) -> TransitionList:
    """What a case closes as, in the order of CF1 to CF6; the first three only once it is decided."""
    routes = (
        closing.closes_informed, closing.closes_informed_and_removed, closing.closes_removed,
        closing.closes_as_no_breach, closing.closes_taken_over, closing.closes_passed_on,
    )  # fmt: skip
    found = TransitionList()
    for number, (end, route) in enumerate(zip(ends, routes, strict=True)):
        steps = (waiting,) if number < DECIDED_FIRST else (deciding, waiting)
        found |= leading(end, *steps, when=route)
    return found


class CourtProceedings(ReportedPost):
    """Posts or comments about court proceedings (2.3)."""

    key, code, title = "court_proceedings", "C", "Posts or comments about court proceedings"
    intake_form, record_form = ProceedingsIntake, ProceedingsRecord
    starters, opening = (COL,), "report"
    tasks = task.TASKS
    settles = ("complete_advice", "send_nothing", "pass_on")

    # --- where a case rests -------------------------------------------------------------------

    draft = Start("Draft", "C0", clause="2.3", mark=R)
    reported = Step("Reported: waiting for the line manager", "C1", held_by=LM, clock="C-T1", clause="2.3")
    advising = Step("Advice being taken", "C2", held_by=(LEG, LM), clock="C-T2", clause="2.3")
    deciding = Step("Waiting for a decision on court, parties and removal", "C3", held_by=LM, clock="C-T3", clause="2.3")
    telling = Step("Telling the court and the parties", "C4", held_by=PR, clock="C-T4", clause="2.3", rungs=task.PR_THEN_SM)
    asking = Step("Removal request with the party", "C5", held_by=PR, clock="C-T5", clause="2.3")
    waiting = Step("Waiting for the result", "C6", held_by=LM, clock="C-T6", clause="2.3", mark=R)

    informed = Outcome("Closed: court and parties informed", "CF1", clause="2.3")
    informed_and_removed = Outcome("Closed: court informed and post removed", "CF2", clause="2.3")
    removed = Outcome("Closed: removed on request, court not told", "CF3", clause="2.3")
    no_breach = Outcome("Closed: not a breach", "CF4", clause="2.3")
    taken_over = Outcome("Closed: the court took over", "CF5", clause="2.3", mark=R)
    passed_on = Outcome("Passed on", "CF6", clause="2.3", mark=R)
    joined = Outcome("Joined to another case", "CF7", clause="6.4", mark=R)

    in_action = (telling, asking)
    decided_before = (deciding, telling, asking, waiting)
    anywhere = (reported, advising, *decided_before)

    # --- what may happen ----------------------------------------------------------------------

    report = Act(
        "C-01", "Report a post about court proceedings", draft.to(reported),
        who=(COL, PR, COM), form=ProceedingsIntake, effect=advice.reported, clause="2.3",
    )
    raise_safeguarding = Act(
        "C-02", "Raise a safeguarding concern", staying(*anywhere),
        who=COL, effect=common.raise_safeguarding, any_rung=True, clause="2.10",
    )
    choose_route = Act(
        "C-03", "Acknowledge, and choose who advises", reported.to(advising),
        who=LM, form=form.ChooseRoute, apart=(common.STARTED_IT,),
        guards=(advice.route_takes_legal_along,), effect=advice.route_chosen, tells=(PR,), clause="2.3",
    )
    advise_as_manager = Act(
        "C-04", "Give the manager's advice", staying(advising),
        who=LM, form=form.ManagerAdvice, decides=True, guards=(advice.manager_was_asked,),
        effect=advice.manager_advised, tells=(PR,), clause="2.3",
    )
    advise_as_legal = Act(
        "C-05", "Give Legal's advice", staying(advising, *decided_before),
        who=LEG, form=form.LegalAdvice, decides=True, effect=advice.legal_advised,
        tells=(LM, PR), sealed=True, clause="2.3",
    )
    rule_on_material = Act(
        "C-05u", "Say whether the sealed material may be used", staying(*anywhere),
        who=LEG, form=form.MaterialView, decides=True, guards=(advice.material_is_sealed,),
        effect=advice.material_viewed, tells=(LM, PR), sealed=True, clause="2.1", mark=R,
    )
    complete_advice = Act(
        "C-06", "All the advice is in", leading(deciding, advising, when=advice.advice_is_in),
        who=SYS, clause="2.3", mark=R,
    )
    decide = Act(
        "C-07", "Decide on court, parties and removal",
        _decided(deciding, telling, asking, waiting, no_breach, passed_on),
        who=LM, form=form.Decide, decides=True,
        guards=(
            rule.legal_has_spoken, rule.removal_only_from_a_party,
            rule.withheld_parties_hear_nothing, rule.court_is_not_kept_waiting,
            rule.something_follows_a_breach, rule.softer_route_is_for_a_child,
            rule.not_ours_is_legals_to_say, closing.case_note_is_made, rule.not_against_legal,
        ),
        effect=rule.decided, tells=(PR, LEG), clause="2.3",
    )
    decide_against_legal = Act(
        "C-07s", "Decide against Legal's advice",
        _decided(deciding, telling, asking, waiting, no_breach, passed_on),
        who=(LM, SM), together=(LM, SM), form=form.Decide, decides=True, apart=(rule.NOT_THE_FIRST,),
        guards=(
            rule.legal_has_spoken, rule.removal_only_from_a_party,
            rule.withheld_parties_hear_nothing, rule.court_is_not_kept_waiting,
            rule.something_follows_a_breach, rule.softer_route_is_for_a_child,
            rule.not_ours_is_legals_to_say, closing.case_note_is_made, rule.really_against_legal,
        ),
        effect=rule.decided, tells=(PR, LEG), clause="2.3", mark=R,
    )
    report_to_platform = Act(
        "C-07p", "Record the report to the platform", _next(telling, asking, waiting),
        who=COM, form=form.StepTaken, guards=(does.step_was_chosen, does.done_already),
        effect=does.step_taken, tells=(LM,), clause="2.5", mark=R,
    )
    take_legal_step = Act(
        "C-07l", "Record the legal step taken", _next(telling, asking, waiting),
        who=LEG, form=form.StepTaken, guards=(does.step_was_chosen, does.done_already),
        effect=does.step_taken, tells=(LM,), sealed=True, clause="2.3", mark=R,
    )
    talk_with_child = Act(
        "C-07c", "Record the talk with the child", _next(telling, asking, waiting),
        who=PR, form=form.StepTaken, guards=(does.step_was_chosen, does.done_already),
        effect=does.step_taken, tells=(LM, SAFE), clause="2.10", mark=R,
    )
    tell_court = Act(
        "C-08", "Record that the court was told", _next(telling, asking, waiting),
        who=(PR, LEG), form=form.CourtTold,
        guards=(
            does.court_is_to_be_told, does.sent_already, does.application_is_legals,
            does.attached_material_may_be_used,
        ),
        effect=does.court_told, tells=(LM,), final_word=True, clause="2.3",
    )
    tell_parties = Act(
        "C-09", "Record that the parties were told", _next(telling, asking, waiting),
        who=(PR, LEG), form=form.PartiesTold,
        guards=(
            does.parties_are_to_be_told, does.told_the_right_way, does.not_before_the_court,
            does.sent_already,
        ),
        effect=does.parties_told, tells=(LM,), final_word=True, clause="2.3",
    )
    send_nothing = Act(
        "C-09a", "Nothing is left to tell",
        leading(asking, telling, when=rule.only_asking_is_left)
        | leading(waiting, telling, when=rule.nothing_is_left),
        who=SYS, clause="2.3", mark=R,
    )
    propose_wording = Act(
        "C-10w", "Propose the wording of the removal request", staying(*in_action),
        who=PR, form=form.ProposeWording, guards=(asks.request_is_to_be_made,),
        effect=asks.wording_proposed, clause="2.3", mark=R,
    )
    approve_wording = Act(
        "C-10a", "Approve the wording of the removal request", staying(*in_action),
        who=LM, form=form.ApproveWording, apart=(common.STARTED_IT,),
        guards=(asks.wording_is_proposed, asks.wording_is_fit), effect=asks.wording_approved,
        tells=(PR,), clause="2.3", mark=R,
    )
    ask_for_removal = Act(
        "C-10", "Record the removal request", staying(*in_action),
        who=PR, form=form.RemovalRequest,
        guards=(
            asks.request_is_to_be_made, asks.request_is_not_by_social_media,
            asks.request_goes_to_the_party, asks.wording_is_approved, does.sent_already,
        ),
        effect=asks.request_sent, tells=(LM, LEG), final_word=True, clause="2.3",
    )
    record_answer = Act(
        "C-11", "Record the party's answer",
        leading(waiting, asking, when=rule.nothing_is_left) | staying(*decided_before),
        who=(PR, LM), form=form.RemovalReply,
        guards=(asks.answer_is_awaited, asks.nobody_went_and_looked, asks.removal_is_proved),
        effect=asks.answered, tells=(LM,), final_word=True, clause="2.1", mark=R,
    )
    decide_again = Act(
        "C-12", "Decide again", waiting.to(deciding),
        who=LM, apart=(common.STARTED_IT,), effect=rule.decides_again, tells=(LEG,), clause="2.3", mark=R,
    )
    record_court_response = Act(
        "C-13", "Record what the court said", staying(*decided_before),
        who=(PR, LEG), form=form.CourtResponse, guards=(does.hearing_is_ahead,),
        effect=does.court_responded, tells=(LM, LEG), any_rung=True, final_word=True, clause="2.3", mark=R,
    )
    correct_author = Act(
        "C-14", "Record who the author turned out to be",
        leading(deciding, telling, asking, waiting) | staying(advising, deciding),
        who=(LM, LEG), form=form.AuthorIs, guards=(asks.nobody_went_and_looked,),
        effect=does.author_is, tells=(LM, LEG), any_rung=True, clause="2.3", mark=R,
    )
    add_post = Act(
        "C-15", "Report a further post or a repost",
        leading(deciding, telling, asking, waiting) | staying(reported, advising, deciding),
        who=COL, form=form.NewPost, effect=does.new_post, tells=(LM, LEG), any_rung=True,
        clause="2.3", mark=R,
    )
    close_case = Act(
        "C-16", "Close the case",
        _closed(deciding, waiting, informed, informed_and_removed, removed, no_breach, taken_over, passed_on),
        who=LM, form=form.Close, decides=True,
        guards=(
            closing.legal_did_not_advise, closing.nothing_chosen_is_left, closing.is_decided,
            closing.outcome_is_true, closing.a_breach_is_not_closed_as_none, closing.case_note_is_made,
            common.nothing_mandatory_is_open,
        ),
        tells=(PR, REP), clause="2.3", mark=R,
    )
    close_with_legal = Act(
        "C-16l", "Close the case with Legal",
        _closed(deciding, waiting, informed, informed_and_removed, removed, no_breach, taken_over, passed_on),
        who=(LM, LEG), together=(LM, LEG), form=form.Close, decides=True,
        guards=(
            closing.legal_advised_on_it, closing.nothing_chosen_is_left, closing.is_decided,
            closing.outcome_is_true, closing.a_breach_is_not_closed_as_none, closing.case_note_is_made,
            common.nothing_mandatory_is_open,
        ),
        tells=(PR, REP), clause="2.3", mark=R,
    )
    join = Act(
        "C-17", "Join the case that is already open", reported.to(joined),
        who=SYS, tells=(REP,), clause="6.4", mark=R,
    )
    join_by_hand = Act(
        "C-17a", "Join another open case of the same post", leading(joined, reported, advising),
        who=LM, form=common.JoinTo, decides=True, joins=True, tells=(REP,), clause="6.4", mark=R,
    )
    separate = Act(
        "C-17s", "Separate from the case it was joined to", who=(LM, COM), decides=True,
        reopens=(reported, (joined,)), tells=(REP,), clause="6.4", mark=R,
    )
    reopen = Act(
        "C-16r", "Open the case again", who=(LM, LEG), decides=True, effect=closing.opened_again,
        reopens=(deciding, (informed, informed_and_removed, removed, no_breach, taken_over, passed_on)),
        tells=(PR, LM, LEG), clause="6.9", mark=R,
    )
    # A colleague is the author. The label does not say so: whoever reported is not told (4.1, 4.5).
    pass_to_conduct = Act(
        "C-18", "Pass on in confidence",
        leading(waiting, reported, advising, deciding, telling, asking) | staying(waiting),
        who=(LM, HRBP), form=form.ColleagueIsAuthor, decides=True, guards=(does.not_about_oneself,),
        effect=does.passed_to_conduct, any_rung=True, final_word=True, sealed=True, clause="4.5",
    )
    pass_on = Act(
        "C-18a", "Taken up elsewhere: the case closes",
        leading(passed_on, waiting, when=does.conduct_was_taken_up),
        who=SYS, clause="4.5", mark=R,
    )
    near_hearing = Act(
        "C-03n", "A hearing is near: Legal's advice is compulsory now", staying(*anywhere),
        who=SYS, effect=advice.hearing_came_near, tells=(LM, LEG), clause="2.3", mark=R,
    )
    warn_of_hearing = Act(
        "C-03w", "The hearing is very near", staying(*anywhere),
        who=SYS, tells=(LM, LEG), clause="2.3", mark=R,
    )

    # --- what the case says of itself ---------------------------------------------------------

    joining, asks_legal_first = "join", True
    other_clocks = ("C-T2-OPEN", "COURT-WARN")

    @classmethod
    def first_record(cls, intake: ProceedingsIntake) -> ProceedingsRecord:
        """The record of a new case: what the report says, as far as it can change."""
        return advice.first_record(intake)

    @classmethod
    def faults_at(cls, intake: ProceedingsIntake, at: Instant) -> tuple[str, ...]:
        """The post was not seen in the future, and no year is a slip of the pen."""
        faults = list(super().faults_at(intake, at))
        if intake.next_hearing is not None and intake.next_hearing.year > at.year + YEARS_AHEAD:
            faults.append("next_hearing lies too far ahead; check the year")
        return tuple(faults)

    @classmethod
    def beside_the_post(cls, intake: ProceedingsIntake) -> tuple[str, ...]:
        """Reports of one post are one case for each family case it is about (6.4)."""
        return ((intake.childfirst_ref or "unknown").casefold(),)

    @classmethod
    def subject(cls, intake: ProceedingsIntake, by: PersonId) -> PersonId:
        """The practitioner of the family case if the form names one, else the reporter."""
        return intake.fca_of_case or by

    @classmethod
    def people_in(cls, intake: ProceedingsIntake) -> dict[str, PersonId]:
        """The colleagues the form names."""
        named = {f"named_colleagues.{n}": one for n, one in enumerate(intake.named_colleagues)}
        single = {"fca_of_case": intake.fca_of_case, "author_colleague": intake.author_colleague}
        return {**{field: one for field, one in single.items() if one}, **named}

    @classmethod
    def conflicted_by(cls, intake: ProceedingsIntake) -> tuple[PersonId, ...]:
        """Colleagues named in the post, and one who wrote it (SD3)."""
        return advice.conflicted(intake)

    def joined_by(self, other: ProceedingsIntake, ask: Ask) -> None:
        """The strictest of both reports counts from now on (6.4)."""
        advice.joined_by(self, other, ask)

    def copied(self) -> tuple[Role, ...]:
        """Legal where its advice is compulsory; the practitioner when somebody else reports."""
        opened = self.case.opened
        legal = (LEG,) if advice.compulsory(self, opened.at) else ()
        return (*legal, PR) if self.case.practitioner != opened.by else legal

    @property
    def court_date(self) -> Instant | None:
        """The next hearing: decisions and letters come before it."""
        record: ProceedingsRecord = self.case.record
        return record.hearing

    def new_hearing(self, at: Instant) -> None:
        """The court named another hearing: its warnings start afresh."""
        self.case.fired = tuple(
            one for one in self.case.fired if not one.startswith(("court_warning", "hearing_near"))
        )
        self.update(hearing=at)

    def is_urgent(self, clock: str, at: Instant) -> bool:
        """A hearing is to come within 24 working hours."""
        return advice.hearing_is_near(self, at)

    def clock_of(self, clock: str) -> str:
        """Advice has less time where a child could be identified or proceedings are open."""
        record: ProceedingsRecord = self.case.record
        exposed = record.status is ProceedingsStatus.OPEN or advice.SHOWS_A_CHILD & set(record.shown)
        return "C-T2-OPEN" if clock == "C-T2" and exposed else clock

    def is_work(self, step: Step) -> bool:
        """Advice and action are tasks of their own; the result is awaited by nobody but U after C-18."""
        if step.id == "waiting":
            return not self.case.record.colleague
        return step.id not in ("advising", "telling", "asking")

    def tasks_wanted(self) -> Iterator[Task]:
        """What the case needs beside its step, from what is written down."""
        yield from task.wanted(self)

    def alarms(self) -> Iterator[Alarm]:
        """The hearing: when it makes Legal's advice compulsory, and the warning before it."""
        record: ProceedingsRecord = self.case.record
        hearing = record.hearing
        if hearing is None or hearing <= self.case.opened.at or record.court_told:
            return
        for line in self.case.opened.pins.legal_first:
            if line.hearing_within is not None:
                at = instants.before(self, hearing, line.hearing_within)
                yield Alarm(f"hearing_near:{line.id}", at, "C-03n")
        warning = instants.before(self, hearing, self.deadline("COURT-WARN").normal)
        yield Alarm("court_warning", warning, "C-03w")
