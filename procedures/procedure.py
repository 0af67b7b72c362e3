"""Procedure: the strict base every procedure is a class body of, and the fold that runs them all.

    facts --fold--> trail lines + open duties + the next instant that matters

Nothing here knows a clock, a network, a database or Temporal. A fact that fails half-way leaves the
case exactly as it was; a decision the policy refuses is written down and changes nothing (INV-4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from pydantic import ValidationError
from statemachine import StateMachine
from statemachine.exceptions import TransitionNotAllowed

from models.base import Instant, Value
from models.case import (
    SYSTEM,
    Batch,
    CalendarChanged,
    Decision,
    Duty,
    Fact,
    GuardResult,
    Kind,
    Line,
    No,
    Opened,
    PeopleChanged,
    Receipt,
    Ticked,
    Unreadable,
)
from models.errors import BadInput, Refused
from models.forms import CommonIntake, YesNoUnsure, problems
from models.people import Holder, Role, Roster, holders, ladder
from models.policy import Deadline, Mark
from models.state import CaseState, Done, Pending, Undo
from procedures import clocks, common, engine, judge
from procedures.common import COMMON, STARTED_IT
from procedures.turn import Turn, tell, tell_person, write
from procedures.words import Act, Alarm, Apart, Ask, Outcome, Start, Step, Task

__all__ = ["Act", "Alarm", "Apart", "Ask", "Outcome", "Procedure", "Start", "Step", "Task"]

REMEMBERED = 1000
"""Decision ids a case remembers: a decision sent again is answered again, and nothing happens."""
SAID = 5
"""Faults named in one answer: every answer is kept, and a case must stay small enough to carry."""


@dataclass(frozen=True)
class Turned:
    """What a fact made: lines for the trail, and the answer to a decision."""

    lines: tuple[Line, ...]
    receipt: Receipt | None


class Procedure(StateMachine):
    """Strict by inheritance: an unknown event or a broken action raises, and the fold undoes it."""

    key: ClassVar[str]
    """The procedure's id for ever: in trails, workflow types, file names."""
    code: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised when the class body changes; a running case keeps the one it began with."""
    intake_form: ClassVar[type[Value]]
    record_form: ClassVar[type[Value]]
    starters: ClassVar[tuple[Role, ...]]
    opening: ClassVar[str]
    """Name of the act that opens a case."""
    tasks: ClassVar[tuple[Task, ...]] = ()
    """Tasks of this procedure, beside those every procedure has."""
    settles: ClassVar[tuple[str, ...]] = ()
    """Names of the system's acts tried after every act: a case that has become complete moves."""
    acts: ClassVar[dict[str, Act]] = {}
    acts_by_code: ClassVar[dict[str, Act]] = {}

    model: CaseState[Any, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep the acts with all they say: the state machine itself remembers only their names."""
        super().__init_subclass__(**kwargs)
        own = {name: act for name, act in vars(cls).items() if isinstance(act, Act)}
        for name, act in own.items():
            act.event = name
        cls.acts = {**cls.acts, **own} if cls.acts else {**COMMON, **own}
        cls.acts_by_code = {act.code: act for act in cls.acts.values()}

    def __init__(self, state: CaseState[Any, Any]) -> None:
        # Not the base's: a case is led by a machine it shares with others (procedures/engine.py).
        self.model = state
        self._turn: Turn | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model.opened.case_id!r}, at={self.model.state!r})"

    # --- what a procedure says of itself; each may be overridden ------------------------------

    @classmethod
    def first_record(cls, intake: Any) -> Value:
        """The empty record of a new case."""
        raise NotImplementedError

    @classmethod
    def faults_at(cls, intake: Any, at: Instant) -> tuple[str, ...]:
        """What is wrong with a readable form at the instant it is sent, one sentence each."""
        return ()

    @classmethod
    def identity(cls, intake: Any) -> str | None:
        """What makes two reports the same case (6.4), or None."""
        return None

    @property
    def court_date(self) -> Instant | None:
        """The court's compliance or hearing instant, if there is one: it shapes back-stops."""
        return None

    def is_urgent(self, clock: str, at: Instant) -> bool:
        """Whether the urgent amount of a deadline applies from `at`."""
        return False

    def clock_started(self, clock: str) -> Instant | None:
        """When a clock began that a step only takes part in; None: it begins with the step."""
        return None

    def calendar_changed(self, at: Instant) -> None:
        """Work out again what the record holds of due instants; none moves earlier."""

    def is_work(self, step: Step) -> bool:
        """Whether a step just entered is anybody's work; without it only its tasks are."""
        return True

    def tasks_wanted(self) -> Iterator[Task]:
        """The tasks of this procedure that the case needs now; others of its tasks are closed."""
        return iter(())

    def alarms(self) -> Iterator[Alarm]:
        """Instants that matter to the whole case."""
        return iter(())

    refusing: ClassVar[str | None] = None
    """Name of the system's act that refuses an intake."""
    joining: ClassVar[str | None] = None
    """Name of the system's act that joins a case to the one already open (6.4)."""
    other_clocks: ClassVar[tuple[str, ...]] = ()
    """Deadlines used beside those of steps and tasks: alarms and warnings."""
    registers_by: ClassVar[str | None] = None
    """The deadline for registering, counted from `received`; recorded only."""

    def intake_refusal(self) -> tuple[str, str] | None:
        """Code and plain words of why the system refuses the intake; None when it does not."""
        return None

    def received(self) -> Instant | None:
        """When what the form reports reached the reporter."""
        return None

    def copied(self) -> tuple[Role, ...]:
        """Roles told beside those who hold the first step."""
        return ()

    # --- making and reading -------------------------------------------------------------------

    @classmethod
    def read(cls, intake: dict[str, Any]) -> Any:
        """The form as a value; raises BadInput with one plain sentence a fault."""
        try:
            return cls.intake_form.model_validate(intake)
        except ValidationError as error:
            raise BadInput("The form cannot be used yet.", problems(error)) from None

    @classmethod
    def begin(cls, opened: Opened) -> Self:
        """A new case, at rest in its draft; fold the same `Opened` to open it."""
        intake = cls.read(opened.intake)
        state_type = CaseState[cls.intake_form, cls.record_form]  # type: ignore[name-defined]
        return cls(
            state_type(
                opened=opened,
                intake=intake,
                record=cls.first_record(intake),
                last_at=opened.at,
                roster=opened.roster,
                calendar=opened.pins.calendar,
                practitioner=opened.by,
                state=cls.initial_state.id,
            )
        )

    @classmethod
    def resume(cls, state: dict[str, Any] | CaseState[Any, Any]) -> Self:
        """The case as it was when its state was carried over."""
        if isinstance(state, CaseState):
            state = state.model_dump()
        state_type = CaseState[cls.intake_form, cls.record_form]  # type: ignore[name-defined]
        return cls(state_type.model_validate(state))

    @classmethod
    def clocks_used(cls) -> tuple[str, ...]:
        """Ids of every deadline the class body names: what a case pins of the catalogue."""
        steps = [state.clock for state in cls.states if isinstance(state, Step)]
        tasks = [task.clock for task in (*cls.tasks, *common.TASKS)]
        named = [*steps, *tasks, cls.registers_by, *cls.other_clocks]
        return tuple(dict.fromkeys(clock for clock in named if clock))

    @property
    def case(self) -> CaseState[Any, Any]:
        """All that the case remembers."""
        return self.model

    @property
    def turn(self) -> Turn:
        """The fact being folded; only effects and the writers of the trail use it."""
        assert self._turn is not None, "outside a fold"
        return self._turn

    @property
    def here(self) -> str:
        """Id of the state the case is in."""
        return self.case.state or ""

    @property
    def step(self) -> Start | Step | Outcome:
        """The state the case is in, with all the class body says of it."""
        return type(self).states_map[self.here]  # type: ignore[return-value]

    @property
    def closed(self) -> bool:
        """Whether the case is in a final state."""
        return isinstance(self.step, Outcome)

    def deadline(self, clock: str | None) -> Deadline:
        """A deadline of the catalogue as pinned when the case opened."""
        assert clock is not None
        return self.case.opened.pins.deadlines[clock]

    def duty(self, duty_id: str) -> Duty | None:
        """An open duty by id."""
        return next((duty for duty in self.case.duties if duty.id == duty_id), None)

    def who_is(self, role: Role) -> tuple[Holder, ...]:
        """Who holds a role in this case today."""
        return holders(self.case.roster, role, frozenset(self.case.conflicted))

    @staticmethod
    def apart(act: Act) -> tuple[Apart, ...]:
        """The separation-of-duties rules an act falls under."""
        return (STARTED_IT, *act.apart) if act.decides else act.apart

    def role_names(self, codes: str) -> str:
        """Role codes joined by " or ", as plain names."""
        names = self.case.opened.pins.role_names
        return " or ".join(names.get(Role(code), code) for code in codes.split(" or "))

    def update(self, **changes: Any) -> None:
        """Write down what an act brought: the record is replaced, never changed in place."""
        self.case.record = self.case.record.model_copy(update=changes)

    def flag(self, name: str) -> None:
        """Raise a flag that everybody who sees the case sees."""
        if name not in self.case.flags:
            self.case.flags = (*self.case.flags, name)

    def unflag(self, name: str) -> None:
        """Lower a flag."""
        self.case.flags = tuple(flag for flag in self.case.flags if flag != name)

    def tell(
        self, role: Role, what: str, about: str, clause: str, due: Instant | None = None
    ) -> None:
        """Tell whoever holds a role; part of the entry being written."""
        tell(self, role, what, about, clause, due)

    def batch(self, lines: tuple[Line, ...], token: str | None = None) -> Batch:
        """What the ledger is given for these lines."""
        state = self.case
        return Batch(
            case_id=state.opened.case_id,
            procedure=self.key,
            lines=lines,
            state=self.here,
            label=self.step.label,
            closed=self.closed,
            subject=state.practitioner,
            started_by=state.opened.by,
            assigned=state.assigned,
            duties=state.duties,
            flags=state.flags,
            token=token,
        )

    # --- time ---------------------------------------------------------------------------------

    @property
    def wake_at(self) -> Instant | None:
        """The next instant (UTC) that matters, or None when only a person can move the case."""
        if self.closed:
            return None
        state = self.case
        if state.people_stale:
            return state.last_at
        instants = [at for duty in state.duties if (at := clocks.next_instant(duty))]
        instants += [alarm.at for alarm in self.alarms() if alarm.id not in state.fired]
        if state.roster.until is not None:
            instants.append(state.roster.until)
        # An alarm may lie before the case was opened: it rings at once, never in the past.
        return max(min(instants), state.last_at) if instants else None

    # --- the fold -----------------------------------------------------------------------------

    def fold(self, fact: Fact) -> Turned:
        """Let one fact happen. Returns the trail lines it made and, for a decision, the receipt."""
        saved = self.snapshot()
        self._turn = Turn(fact)
        try:
            receipt = self._happen(fact)
        except BaseException:
            self.restore(saved)
            raise
        return Turned(tuple(self._turn.lines), receipt)

    def _happen(self, fact: Fact) -> Receipt | None:
        if isinstance(fact, Decision):
            return self._decided(fact)
        if isinstance(fact, Ticked):
            self._new_roster(fact.roster, fact.at)
            self._tick(fact.at)
        elif isinstance(fact, Opened):
            self._opened(fact)
        elif isinstance(fact, PeopleChanged):
            if self._is_of_this_case(fact.roster):
                self._new_roster(fact.roster, fact.at)
        elif isinstance(fact, CalendarChanged):
            self._new_calendar(fact)
        else:
            self._unreadable(fact)
        return None

    def snapshot(self) -> dict[str, Any]:
        """All that the case remembers; nothing in it is ever changed in place."""
        return dict(self.case.__dict__)

    def restore(self, saved: dict[str, Any]) -> None:
        """Be again as at a snapshot."""
        self.case.__dict__.update(saved)

    def _opened(self, fact: Opened) -> None:
        act = self.acts[self.opening]
        holder = Holder(person=fact.by, role=act.who[0])
        ask = Ask(act, fact.at, self.case.intake, holder, act.who[0])
        refusal = self.intake_refusal()
        if refusal is not None:
            self._refuse_intake(ask, *refusal)
            return
        due = self._register_due()
        for role in self.copied():
            self.tell(role, "told", act.label, act.clause)
        self._perform(ask)
        self._first_questions(ask, tasks=True)
        tell_person(self, fact.by, ask.base, "receipt", self.title, act.clause)
        write(
            self,
            Kind.OPENED,
            act.label,
            fact.at,
            before=self._start,
            act=act.code,
            holder=holder,
            clauses=(act.clause,),
            mark=act.mark.value,
            in_time=fact.at <= due if due else None,
            due=due,
            fields=fact.intake,
        )
        joining = fact.same_as is not None and not any(d.mandatory for d in self.case.duties)
        if joining and self.joining is not None:
            self.system(self.acts[self.joining].code, fact.at)

    @property
    def _start(self) -> str:
        start: str = type(self).initial_state.id
        return start

    def _register_due(self) -> Instant | None:
        received = self.received()
        if self.registers_by is None or received is None:
            return None
        return clocks.after(self, received, self.deadline(self.registers_by).normal)

    def _refuse_intake(self, ask: Ask, code: str, message: str) -> None:
        """The case ends before it began; danger and safeguarding are still told at once (INV-11)."""
        assert self.refusing is not None
        act = self.acts[self.refusing]
        self._first_questions(ask, tasks=False)
        for role in self.copied():
            self.tell(role, "told", act.label, act.clause)
        tell_person(self, ask.person, ask.base, "refused", self.title, act.clause)
        self._perform(replace(ask, act=act, holder=Holder(person=SYSTEM, role=Role.SYS)))
        write(
            self,
            Kind.REFUSED,
            act.label,
            ask.at,
            before=self._start,
            act=act.code,
            clauses=(act.clause,),
            mark=act.mark.value,
            no=act.no,
            code=code,
            message=message,
            fields=self.case.opened.intake,
        )

    def _first_questions(self, ask: Ask, *, tasks: bool) -> None:
        """Danger, safeguarding and a personal account, asked first on every form (6.2, 6.3, 2.1)."""
        intake: CommonIntake = self.case.intake
        if intake.immediate_danger:
            common.raise_emergency(self, ask, task=tasks)
        if intake.safeguarding_concern is not YesNoUnsure.NO:
            common.raise_safeguarding(self, ask, task=tasks)
        if intake.used_personal_account:
            self.flag("conduct")

    def _tick(self, at: Instant) -> None:
        for alarm in tuple(self.alarms()):
            if alarm.id not in self.case.fired and alarm.at <= at and not self.closed:
                self.case.fired = (*self.case.fired, alarm.id)
                self.system(alarm.act, at)
        for known in self.case.duties:
            duty = self.duty(known.id)
            instant = clocks.next_instant(duty) if duty else None
            if duty and instant and instant <= at:
                clocks.ring(self, duty, at)

    def _new_calendar(self, fact: CalendarChanged) -> None:
        if fact.calendar == self.case.calendar:
            return
        self.case.calendar = fact.calendar
        for duty in self.case.duties:
            clocks.recalculate(self, duty)
        self.calendar_changed(fact.at)
        label = "A holiday was proclaimed: running deadlines were worked out again"
        write(
            self,
            Kind.RECALCULATED,
            label,
            fact.at,
            before=self.here,
            actor=fact.by,
            clauses=("G-10",),
            mark=Mark.RECONSTRUCTED.value,
        )

    def _unreadable(self, fact: Unreadable) -> None:
        message = "A message that could not be read was refused; nothing in the case changed."
        write(
            self,
            Kind.REFUSED,
            "Unreadable message refused",
            fact.at,
            before=self.here,
            no=No.REFUSED,
            code=fact.code,
            message=message,
            clauses=("INV-4",),
        )

    # --- people -------------------------------------------------------------------------------

    def _new_roster(self, roster: Roster, at: Instant) -> None:
        known = self.case.roster
        if roster.at < known.at:
            # A message that was long on its way: it is judged by its own roster, nothing else is.
            return
        self.case.roster = roster
        self.case.people_stale = False
        if roster.seats == known.seats:
            return
        if self.look_around():
            label = "Who holds the open work has changed"
            write(self, Kind.HOLDER_CHANGED, label, at, before=self.here, clauses=("6.5",))
        else:
            self.turn.forget()

    def _is_of_this_case(self, roster: Roster) -> bool:
        """Whether a roster was asked for the people the case has now, not those before."""
        state = self.case
        return roster.subject == state.practitioner and roster.assigned == state.assigned

    def look_around(self) -> bool:
        """Work out again who holds each duty; whoever is new is told. True when anybody changed."""
        changed = False
        for duty in self.case.duties:
            barred = clocks.excluded(self, duty.acts, duty.base)
            now = clocks.held(self, duty.model_copy(update={"excluded": barred}))
            if now.holders != duty.holders:
                changed = True
                new = {h.person for h in now.holders} - {h.person for h in duty.holders}
                clocks.replace(self, now)
                clocks.moved(self, now, duty.due)
                fresh = tuple(h for h in now.holders if h.person in new)
                clocks.say(self, now.model_copy(update={"holders": fresh}), "to_do")
            elif barred != duty.excluded:
                clocks.replace(self, now)
        return changed

    # --- decisions ----------------------------------------------------------------------------

    def _decided(self, decision: Decision) -> Receipt:
        known = self.case.seen.get(decision.id)
        if known is not None:
            return known.model_copy(update={"repeated": True})
        current = self._is_of_this_case(decision.roster)
        if current:
            self._new_roster(decision.roster, decision.at)
        saved, written = self.snapshot(), len(self.turn.lines)
        try:
            if not current:
                raise Refused("moved_on", judge.MOVED_ON)  # noqa: TRY301  # refused like any other
            receipt = self._apply(decision)
        except (Refused, judge.Late) as no:
            self.restore(saved)
            del self.turn.lines[written:]
            self.turn.forget()
            receipt = self._refused(decision, no)
        kept = list(self.case.seen.items())[-(REMEMBERED - 1) :]
        self.case.seen = {**dict(kept), decision.id: receipt}
        return receipt

    def _act(self, name: str) -> Act:
        act = self.acts.get(name) or self.acts_by_code.get(name)
        if act is None:
            raise Refused("unknown_act", "There is no act of that name in this procedure.")
        return act

    def _apply(self, decision: Decision) -> Receipt:
        if decision.case_id != self.case.opened.case_id:
            raise Refused("other_case", "This decision was meant for another case.")
        act = self._act(decision.act)
        if self.closed:
            raise Refused("closed", f"This case is closed: {self.step.label}.", "6.6")
        if act.code == "correct_decision":
            return self._correct(act, decision)
        if act.code == "adopt":
            return self._adopt(act, decision)
        standing = judge.standing(self, act, decision)
        if act.code == "take_back":
            return self._take_back(act, decision, standing)
        return self._carry_out(act, decision, standing, act.label)

    def _carry_out(
        self, act: Act, decision: Decision, standing: judge.Standing, label: str
    ) -> Receipt:
        judge.at_the_right_moment(self, act, decision)
        judge.with_a_reason(act, decision)
        form = self._form(act, decision)
        ask = Ask(act, decision.at, form, standing.holder, standing.base, decision, act.up)
        self._guards(ask)
        kind, message = Kind.APPLIED, "Applied."
        before = self.here
        if act.together and not self._second(ask):
            kind = Kind.FIRST_OF_TWO
            rest = [str(role) for role in act.together if role is not standing.base]
            message = f"Recorded. It takes effect when {self.role_names(' or '.join(rest))} agrees."
            self._settle(ask)
        else:
            self._perform(ask)
        return self._written(ask, standing, kind, label, before, message)

    def _written(  # noqa: PLR0913  # one entry, one receipt
        self, ask: Ask, standing: judge.Standing, kind: Kind, label: str, before: str, message: str
    ) -> Receipt:
        act, decision = ask.act, ask.decision
        assert decision is not None
        late = standing.in_time is False
        due = standing.duty.due if standing.duty else None
        entry = write(
            self,
            kind,
            label,
            ask.at,
            before=before,
            act=act.code,
            holder=ask.holder,
            clauses=(act.clause,),
            mark=act.mark.value,
            in_time=standing.in_time,
            due=due,
            no=act.no,
            message=message,
            reason=decision.reason,
            fields=decision.fields,
            decision=decision.id,
            saw=decision.saw,
            sealed=act.sealed,
        )
        return Receipt(
            decision=decision.id,
            case_id=decision.case_id,
            outcome="applied",
            seq=entry.seq,
            state=self.here,
            act=act.code,
            label=label,
            message=message + (" It was late, and is marked so." if late else ""),
            clause=act.clause,
            due=min((duty.due for duty in self.case.duties if duty.due), default=None),
        )

    def _form(self, act: Act, decision: Decision) -> Any:
        try:
            return act.form.model_validate(decision.fields)
        except ValidationError as error:
            said = problems(error)
            more = (f"and {len(said) - SAID} more",) if len(said) > SAID else ()
            raise Refused("fields", "; ".join((*said[:SAID], *more)) + ".", act.clause) from None

    def _guards(self, ask: Ask) -> None:
        for rule in ask.act.guards:
            no = rule.check(self, ask)
            self.turn.guards.append(GuardResult(id=rule.id, passed=no is None))
            if no is not None:
                failed = tuple(self.turn.guards)
                error = Refused(rule.id, no, rule.clause)
                error.guards = failed  # type: ignore[attr-defined]
                raise error

    def _refused(self, decision: Decision, no: Refused | judge.Late) -> Receipt:
        late = isinstance(no, judge.Late)
        act = self.acts.get(decision.act) or self.acts_by_code.get(decision.act)
        if isinstance(no, judge.Late):
            code, clause = "late", "6.6"
            message = (
                f"Late: the time ended at {no}. It was not applied; it is kept for the person who"
                " has the decision now, who may make it their own."
            )
            again = (decision.person, decision.act)
            others = (one for one in self.case.held if (one.person, one.act) != again)
            self.case.held = (*others, decision)
        else:
            code, clause, message = no.code, no.clause, str(no)
            self.turn.guards.extend(getattr(no, "guards", ()))
        if late and act is not None:
            for duty in self.case.duties:
                if act.code in duty.acts:
                    clocks.say(self, duty, "late_view")
        entry = write(
            self,
            Kind.HELD if late else Kind.REFUSED,
            act.label if act else "Unknown act",
            decision.at,
            before=self.here,
            act=act.code if act else None,
            actor=decision.person,
            clauses=(clause,),
            in_time=False if late else None,
            no=None if late else No.REFUSED,
            code=code,
            message=message,
            reason=decision.reason,
            fields=decision.fields,
            decision=decision.id,
            saw=decision.saw,
            sealed=self._is_privileged(act, decision),
        )
        return Receipt(
            decision=decision.id,
            case_id=decision.case_id,
            outcome="held" if late else "refused",
            seq=entry.seq,
            state=self.here,
            act=act.code if act else "",
            label=act.label if act else "",
            code=code,
            message=message,
            clause=clause,
        )

    def _is_privileged(self, act: Act | None, decision: Decision) -> bool:
        """Whether its text is privileged: also when it corrects or adopts an act that is."""
        inner = decision.fields.get("act")
        late = [one.act for one in self.case.held if one.id == decision.fields.get("decision")]
        named = [
            self.acts.get(str(one)) or self.acts_by_code.get(str(one)) for one in (inner, *late)
        ]
        return any(one is not None and one.sealed for one in (act, *named))

    # --- doing it -----------------------------------------------------------------------------

    def _perform(self, ask: Ask) -> None:
        act, before, record = ask.act, self.here, self.case.record
        snapshot = self._undo(ask)
        for role in act.tells:
            self.tell(role, "told", act.label, act.clause)
        if act.effect is not None:
            act.effect(self, ask)
        # Before the next step opens: who may not hold it depends on who has just acted.
        done = Done(
            act=act.code,
            person=ask.person,
            role=ask.holder.role if act.by_people else None,
            at=ask.at,
            seq=self.case.seq + 1,
            before=before,
        )
        self.case.done = (*self.case.done, done)
        if act.sources:
            self._advance(ask)
        self._settle(ask)
        if self.here != before or act.final_word or self.case.record is not record:
            # Whatever was written down since would be lost with the record that is restored.
            self.case.undo = snapshot

    def _settle(self, ask: Ask) -> None:
        """Open and close the tasks the case needs, then let it move if nothing is missing."""
        if self.closed:
            return
        for task in self._drop_unwanted():
            clocks.open_task(self, task, ask.at)
        for name in self.settles:
            if self.here in self.acts[name].sources and self._may_settle():
                self._advance(replace(ask, act=self.acts[name]), settling=True)

    def _drop_unwanted(self) -> tuple[Task, ...]:
        """Close the tasks that have lost their point; returns those the case needs."""
        wanted = tuple(self.tasks_wanted())
        clocks.close(self, *(task.id for task in self.tasks if task not in wanted))
        return wanted

    def _may_settle(self) -> bool:
        return not any(duty.mandatory for duty in self.case.duties)

    def _undo(self, ask: Ask) -> Undo | None:
        if not ask.act.decides or ask.act.final_word or ask.act.together:
            return None
        state = self.case
        return Undo(
            act=ask.act.code,
            seq=state.seq + 1,
            roles=(ask.base,),
            state=self.here,
            duties=state.duties,
            record=state.record,
        )

    def _advance(self, ask: Ask, *, settling: bool = False) -> None:
        before, old_step = self.here, self.step
        carried = self.duty(before) if ask.act.keeps_clock else None
        try:
            self.case.state = engine.lead(self, ask.act.event, ask)
        except TransitionNotAllowed:
            if settling:
                return
            raise Refused("not_possible", "That is not possible as the case stands now.") from None
        if self.here == before:
            return
        if isinstance(old_step, Step):
            clocks.close(self, *(duty.id for duty in self.case.duties if duty.step))
        self.case.pending = tuple(
            first
            for first in self.case.pending
            if self.here in self.acts_by_code[first.act].sources
        )
        self._arrive(ask, carried)

    def _arrive(self, ask: Ask, carried: Duty | None) -> None:
        step = self.step
        if isinstance(step, Step):
            if self.is_work(step):
                clocks.open_step(self, step, ask, carried)
            return
        self._drop_unwanted()
        still = [duty for duty in self.case.duties if duty.mandatory]
        if still:
            names = ", ".join(duty.label for duty in still)
            raise Refused(
                "open_tasks", f"The case cannot close yet. Still open: {names}.", "INV-15"
            )
        clocks.close(self, *(duty.id for duty in self.case.duties))

    def system(self, code: str, at: Instant, note: str | None = None) -> None:
        """The system's own act: it may take a permission away or flag, never judge (INV-3)."""
        act, before = self.acts_by_code[code], self.here
        holder = Holder(person=SYSTEM, role=Role.SYS)
        self._perform(Ask(act, at, None, holder, Role.SYS))
        kinds = {No.EXPIRED: Kind.EXPIRED, None: Kind.FLAGGED}
        write(
            self,
            kinds.get(act.no, Kind.APPLIED),
            act.label,
            at,
            before=before,
            act=act.code,
            clauses=(act.clause,),
            mark=act.mark.value,
            no=act.no,
            code=note,
        )

    # --- two people, late views, corrections --------------------------------------------------

    def _second(self, ask: Ask) -> bool:
        """Whether this is the second of two agreements; the first is written down and waits."""
        assert ask.decision is not None
        first = next((one for one in self.case.pending if one.act == ask.act.code), None)
        if first is None:
            waiting = Pending(
                act=ask.act.code, person=ask.person, role=ask.base, decision=ask.decision
            )
            self.case.pending = (*self.case.pending, waiting)
            return False
        if first.person == ask.person or first.role is ask.base:
            raise Refused("two_people", "Two different people in two roles must agree.", "SD16")
        # Compared as read: two people may write the same instant or the same yes differently.
        if self._form(ask.act, first.decision) != ask.form:
            raise Refused(
                "not_the_same",
                "The other person agreed to something else; both must be the same.",
                "SD8",
            )
        self.case.pending = tuple(one for one in self.case.pending if one is not first)
        return True

    def _take_back(self, act: Act, decision: Decision, standing: judge.Standing) -> Receipt:
        form = self._form(act, decision)
        wanted = self._act(form.act).code
        mine = [p for p in self.case.pending if p.act == wanted and p.person == decision.person]
        if not mine:
            raise Refused("nothing_to_take_back", "You have given no agreement that still waits.")
        self.case.pending = tuple(one for one in self.case.pending if one not in mine)
        ask = Ask(act, decision.at, form, standing.holder, standing.base, decision)
        self._settle(ask)
        return self._written(ask, standing, Kind.APPLIED, act.label, self.here, "Taken back.")

    def _adopt(self, act: Act, decision: Decision) -> Receipt:
        form = self._form(act, decision)
        late = next((one for one in self.case.held if one.id == form.decision), None)
        if late is None:
            raise Refused("nothing_to_adopt", "There is no late decision with that id.", "6.6")
        adopted = self._act(late.act)
        own = decision.model_copy(update={"act": late.act, "fields": late.fields})
        try:
            standing = judge.standing(self, adopted, own)
        except judge.Late:
            # Held again, it would wait to be adopted itself; whoever is late adopts nothing.
            raise Refused(
                "not_yours",
                "It is somebody else's now; only they may adopt a late decision.",
                "6.6",
            ) from None
        judge.with_a_reason(act, decision)
        self.case.held = tuple(one for one in self.case.held if one is not late)
        return self._carry_out(adopted, own, standing, f"Adopted as their own: {adopted.label}")

    def _correct(self, act: Act, decision: Decision) -> Receipt:
        undo = self.case.undo
        if undo is None:
            raise Refused(
                "nothing_to_correct",
                "Nothing can be corrected: either no decision was taken, or something followed it.",
                "6.6",
            )
        form = self._form(act, decision)
        judge.with_a_reason(act, decision)
        new = self._act(form.act)
        own = decision.model_copy(update={"act": form.act, "fields": form.fields})
        judge.may_act_at_all(self, new, own)
        was = self.step.label
        self._go_back_to(undo)
        holder = self._same_or_above(undo, new, own)
        standing = judge.Standing(holder, undo.roles[0], None, None)
        receipt = self._carry_out(new, own, standing, f"Corrected: {new.label}")
        return receipt.model_copy(update={"message": f"Corrected. It was at: {was}."})

    def _go_back_to(self, undo: Undo) -> None:
        """The step as the decision found it; tasks opened since are nobody's mistake and stay."""
        if self.here != undo.state:
            found = tuple(duty for duty in undo.duties if duty.step)
            clocks.close(self, *(duty.id for duty in self.case.duties if duty.step))
            self.case.duties = (*found, *self.case.duties)
            self.case.state = undo.state
        self.case.record = self.record_form.model_validate(undo.record)

    def _same_or_above(self, undo: Undo, new: Act, own: Decision) -> Holder:
        possible = undo.state in new.sources and undo.roles[0] in new.who
        if not possible or not new.decides or new.together:
            raise Refused("cannot_correct_to", "That act was not open to the same person.", "6.6")
        barred = {person for rule in self.apart(new) for person in rule.people(self)}
        for role in (rung for base in undo.roles for rung in ladder(base)):
            for holder in holders(own.roster, role, frozenset(barred | set(self.case.conflicted))):
                if holder.person == own.person:
                    return holder
        raise Refused("wrong_role", "A decision is corrected by the same role or above.", "6.6")
