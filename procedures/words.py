"""The words a procedure is written in: Step, Task, Act, Guard, Apart, Alarm.

They carry what the state machine itself does not know: who holds a step, on which clock, what an
act asks for, who is told, which clause says so. Everything a person sees (diagrams, sheets, forms,
inbox) is read from them, so nothing can disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from statemachine import Event, State
from statemachine.transition_list import TransitionList

from models.base import Instant, Value
from models.case import Decision, No
from models.forms import Note
from models.people import Holder, PersonId, Role
from models.policy import Amount, Mark


@dataclass
class Ask:
    """One act being asked for: what guards, routes and effects may look at."""

    act: Act
    at: Instant
    form: Any
    holder: Holder
    base: Role
    """The role of the act's `who` that the holder fills, whatever rung they stand on."""
    decision: Decision | None = None
    up: int = 0
    """How many rungs up the next step starts; an effect may change what the act says."""
    length: Amount | None = None
    """What is left of a clock that stopped, for the next step to go on with."""

    @property
    def person(self) -> PersonId:
        """Who acts."""
        return self.holder.person


Check = Callable[[Any, Ask], str | None]
Effect = Callable[[Any, Ask], None]


@dataclass(frozen=True)
class Guard:
    """A rule asked before an act. `check` gives None, or the plain sentence of the refusal."""

    id: str
    says: str
    check: Check
    clause: str
    mark: Mark


def guard(clause: str, mark: Mark = Mark.SEED) -> Callable[[Check], Guard]:
    """Make a Guard of a function; its name is the id, its docstring the rule in plain words."""

    def make(check: Check) -> Guard:
        says = " ".join((check.__doc__ or "").split())
        return Guard(check.__name__, says, check, clause, mark)

    return make


@dataclass(frozen=True)
class Apart:
    """People who may not take an act because of what they did or are (separation of duties)."""

    id: str
    says: str
    people: Callable[[Any], Iterable[PersonId]]
    clause: str = ""
    mark: Mark = Mark.RECONSTRUCTED


@dataclass(frozen=True)
class Task:
    """Work beside the step: owner, clock, which act ends it, whether closing waits for it.

    A procedure says which of its tasks the case needs now (`tasks_wanted`); the core opens and
    closes them after every act.
    """

    id: str
    label: str
    held_by: Role
    done_by: tuple[str, ...]
    clock: str | None
    clause: str
    mark: Mark = Mark.RECONSTRUCTED
    mandatory: bool = True
    rungs: tuple[Role, ...] = ()


class _Resting(State):
    """What start, step and outcome share: a plain name, the analysis' own id, a source."""

    def __init__(self, label: str, code: str, *, clause: str, mark: Mark, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.label = label
        self.code = code
        self.clause = clause
        self.mark = mark


class Start(_Resting):
    """Where a case is before it is opened: the draft."""

    def __init__(self, label: str, code: str, *, clause: str = "", mark: Mark = Mark.SEED) -> None:
        super().__init__(label, code, clause=clause, mark=mark, initial=True)


class Step(_Resting):
    """A state a case rests in: somebody holds it, on a clock, and it says what happens at due.

    `held_by`: the first role owns the clock; further roles share the step and its due instant.
    `rungs`: who takes over from the first role, when that is not the role's own ladder.
    `at_due`: id of the system's act when the due instant passes; only ever takes something away.
    """

    def __init__(  # noqa: PLR0913  # one property a word, as in the class body
        self,
        label: str,
        code: str,
        *,
        held_by: Role | tuple[Role, ...],
        clock: str | None = None,
        clause: str = "",
        mark: Mark = Mark.SEED,
        at_due: str | None = None,
        rungs: tuple[Role, ...] = (),
    ) -> None:
        super().__init__(label, code, clause=clause, mark=mark)
        self.rungs = rungs
        self.held_by = held_by if isinstance(held_by, tuple) else (held_by,)
        self.clock = clock
        self.at_due = at_due


class Outcome(_Resting):
    """A final state. `no` says which of the four different "no"s it is, if it is one."""

    def __init__(
        self,
        label: str,
        code: str,
        *,
        clause: str = "",
        mark: Mark = Mark.SEED,
        no: No | None = None,
    ) -> None:
        super().__init__(label, code, clause=clause, mark=mark, final=True)
        self.no = no


class Act(Event):
    """Something a person may do, or the system does when the clock says so.

    - `who`: the roles that may; `Role.COL` means any active colleague, `Role.SYS` the system alone.
    - `decides`: a deciding event: needs a reason (INV-14) and somebody who did not start it (SD1).
    - `form`: what it asks for. `guards`: asked in order. `effect`: what it writes down.
    - `together`: two roles, two people; the second completes it (SD8, SD16).
    - `up`: the new step starts this many rungs up (a second look by the next-level manager).
    - `keeps_clock`: the new step goes on with the clock of the old one.
    - `reopens`: the step that a case closed with one of these outcomes goes on at (6.9).
    - `answers`: which duty the form means, where several ask for the same act.
    - `joins`: the case is joined to another by hand; its form names that case (6.4).
    - `final_word`: nothing it follows from can be corrected any more (6.6).
    """

    code: str
    label: str
    who: tuple[Role, ...]
    form: type[Value]
    decides: bool
    guards: tuple[Guard, ...]
    apart: tuple[Apart, ...]
    effect: Effect | None
    tells: tuple[Role, ...]
    together: tuple[Role, ...]
    up: int
    keeps_clock: bool
    reopens: tuple[Step, tuple[Outcome, ...]] | None
    joins: bool
    answers: Callable[[dict[str, Any]], str | None] | None
    final_word: bool
    any_rung: bool
    sealed: bool
    no: No | None
    clause: str
    mark: Mark
    event: str
    """Its name in the class body; empty for an act of every procedure, whose code is its name."""
    _sources: tuple[str, ...] | None = None

    def __new__(  # noqa: PLR0913  # one line a property is what makes the class body readable
        cls,
        code: str = "",
        label: str = "",
        transitions: TransitionList | None = None,
        *,
        who: Role | tuple[Role, ...] = (),
        form: type[Value] = Note,
        decides: bool = False,
        guards: tuple[Guard, ...] = (),
        apart: tuple[Apart, ...] = (),
        effect: Effect | None = None,
        tells: tuple[Role, ...] = (),
        together: tuple[Role, ...] = (),
        up: int = 0,
        keeps_clock: bool = False,
        reopens: tuple[Step, tuple[Outcome, ...]] | None = None,
        joins: bool = False,
        answers: Callable[[dict[str, Any]], str | None] | None = None,
        final_word: bool = False,
        any_rung: bool = False,
        sealed: bool = False,
        no: No | None = None,
        clause: str = "",
        mark: Mark = Mark.SEED,
    ) -> Self:
        """See the class."""
        act: Self = super().__new__(cls, transitions, name=label)
        act.code = code
        act.label = label
        act.who = who if isinstance(who, tuple) else (who,)
        act.form = form
        act.decides = decides
        act.guards = guards
        act.apart = apart
        act.effect = effect
        act.tells = tells
        act.together = together
        act.up = up
        act.keeps_clock = keeps_clock
        act.reopens = reopens
        act.joins = joins
        act.answers = answers
        act.final_word = final_word
        act.any_rung = any_rung
        act.sealed = sealed
        act.no = no
        act.clause = clause
        act.mark = mark
        act.event = ""
        return act

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the steps it may be taken in; none for what is possible anywhere."""
        if self._sources is None:
            # The state machine names its states only once the class body is complete.
            found = (each.source.id for each in self._transitions or ())
            self._sources = tuple(dict.fromkeys(found))
        return self._sources

    def opens_again(self, outcome: str) -> str | None:
        """Id of the step a case closed with this outcome goes on at, or None."""
        if self.reopens is None:
            return None
        step, outcomes = self.reopens
        return step.id if outcome in (one.id for one in outcomes) else None

    def leaves(self, step: str) -> bool:
        """Whether it may lead out of a step, rather than only happen inside it."""
        every = self._transitions or ()
        return any(one.source.id == step and one.target.id != step for one in every)

    @property
    def closes(self) -> bool:
        """Whether it may end a case."""
        return any(isinstance(each.target, Outcome) for each in self._transitions or ())

    @property
    def by_people(self) -> bool:
        """False for what only the system does."""
        return self.who != (Role.SYS,)


@dataclass(frozen=True)
class Alarm:
    """An instant that matters to the whole case, and the system's act when it comes."""

    id: str
    at: Instant
    act: str


def staying(*steps: State) -> TransitionList:
    """The act happens in these steps and the case stays where it is."""
    return TransitionList([one for step in steps for one in step.to(step, internal=True)])


def leading(target: State, *steps: State, when: Any = None) -> TransitionList:
    """The act leads from each of these steps to `target`, if `when` (one route or all of several)."""
    return TransitionList([one for step in steps for one in step.to(target, cond=when)])
