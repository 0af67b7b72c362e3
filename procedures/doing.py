"""Doing an act: its effect, where it leads, the tasks it opens and ends, the step it arrives at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from statemachine.exceptions import TransitionNotAllowed

from models.base import Instant
from models.case import SYSTEM, Duty, Joined, Kind, Letter, No
from models.errors import Refused
from models.people import Holder, PersonId, Role, Roster
from models.state import Done, Undo
from procedures import duties, engine
from procedures.answering import Answering
from procedures.turn import tell, write
from procedures.words import Act, Ask, Step, Task


class Doing(Answering):
    """A case that acts happen to; nobody is asked here whether they may."""

    def _perform(self, ask: Ask) -> None:
        act, before, record = ask.act, self.here, self.case.record
        snapshot = self._undo(ask)
        for role in act.tells:
            self.tell(role, "told", act.label, act.clause)
        if act.effect is not None:
            act.effect(self, ask)
        # Before the next step opens: who may not hold it depends on who has just acted.
        done = Done.made(
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
        self._open_wanted(ask)
        for name in self.settles:
            act, before = self.acts[name], self.here
            if before in act.sources and self._may_settle(act):
                self._advance(replace(ask, act=act), settling=True)
            if self.here != before and not self.closed:
                self._open_wanted(ask)

    def _open_wanted(self, ask: Ask) -> None:
        for task in self._drop_unwanted():
            duties.open_task(self, task, ask.at)

    def _drop_unwanted(self) -> tuple[Task, ...]:
        """Close the tasks that have lost their point; returns those the case needs."""
        wanted = tuple(self.tasks_wanted())
        if self.case.duties:
            ids = {task.id for task in wanted}
            duties.close(self, *(task.id for task in self.tasks if task.id not in ids))
        return wanted

    def _may_settle(self, act: Act) -> bool:
        """Work that closing waits for keeps no case from moving on before that (6.2)."""
        return not (any(duty.mandatory for duty in self.case.duties) and act.closes)

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
            duties.close(self, *(duty.id for duty in self.case.duties if duty.step))
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
                duties.open_step(self, step, ask, carried)
            return
        self._drop_unwanted()
        if ask.act.joins or ask.act.event == self.joining:
            # What the procedure asks for is owed once, in the case that this one is joined to.
            duties.close(self, *(task.id for task in self.tasks))
        still = [duty for duty in self.case.duties if duty.mandatory]
        if still:
            names = ", ".join(duty.label for duty in still)
            raise Refused(
                "open_tasks", f"The case cannot close yet. Still open: {names}.", "INV-15"
            )
        duties.close(self, *(duty.id for duty in self.case.duties))
        self.case.closed_at = ask.at
        if ask.act.joins:
            self.joined_to(ask.form.other, ask)

    # --- a case and another -------------------------------------------------------------------

    def joined_to(self, other: str, ask: Ask) -> None:
        """This case is joined to another, which is told (6.4)."""
        if other == self.case.opened.case_id:
            raise Refused("itself", "That is this very case; give the other one's.", "6.4")
        self.case.joined_to = other
        self._write_to(other, ask.at)

    def _write_to(self, other: str, at: Instant, *, separated: bool = False) -> None:
        opened = self.case.opened
        said = Joined(
            id=f"{opened.case_id}:{len(self.case.letters) + 1}",
            at=at,
            procedure=self.key,
            report=opened.case_id,
            by=opened.by,
            opened_at=opened.at,
            intake=opened.intake,
            separated=separated,
        )
        self.case.letters = (*self.case.letters, Letter(to=other, fact=said))

    def open_again(self, step: str, ask: Ask) -> None:
        """A closed case goes on at a step, with a fresh clock (6.9)."""
        state = self.case
        if state.joined_to is not None:
            self._write_to(state.joined_to, ask.at, separated=True)
        state.joined_to, state.closed_at, state.undo = None, None, None
        state.state = step
        self._arrive(ask, None)
        self._settle(ask)

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

    def _is_of_this_case(self, roster: Roster) -> bool:
        """Whether a roster was asked for the people the case has now, not those before."""
        state = self.case
        return roster.subject == state.practitioner and roster.assigned == state.assigned

    def keep_out(self, people: Iterable[PersonId]) -> None:
        """Conflict people out of the case: their agreements lapse, their roles move up (SD3)."""
        state, new = self.case, set(people) - set(self.case.conflicted)
        if not new:
            return
        state.conflicted = tuple(sorted({*state.conflicted, *new}))
        state.pending = tuple(first for first in state.pending if first.person not in new)
        self.look_around()

    def look_around(self) -> bool:
        """Work out again who holds each duty; whoever is new is told. True when anybody changed."""
        changed = False
        for duty in self.case.duties:
            now = duties.held(self, duty)
            if now.holders != duty.holders:
                changed = True
                new = {h.person for h in now.holders} - {h.person for h in duty.holders}
                duties.replace(self, now)
                duties.moved(self, now, duty.due)
                fresh = tuple(h for h in now.holders if h.person in new)
                duties.say(self, now.model_copy(update={"holders": fresh}), "to_do")
            elif now.excluded != duty.excluded:
                duties.replace(self, now)
        return changed

    def tell(
        self, role: Role, what: str, about: str, clause: str, due: Instant | None = None
    ) -> None:
        """Tell whoever holds a role; part of the entry being written."""
        tell(self, role, what, about, clause, due)

    def _new_roster(self, roster: Roster, at: Instant) -> None:
        known = self.case.roster
        if roster.at < known.at:
            # A message that was long on its way: it is judged by its own roster, nothing else is.
            return
        self.case.roster = roster
        self.case.people_stale = False
        if roster.seats == known.seats:
            return
        before = self.case.duties
        if self.look_around():
            label = "Who holds the open work has changed"
            write(self, Kind.HOLDER_CHANGED, label, at, before=self.here, clauses=("6.5",))
        else:
            # Nothing is written of it, so nothing of it may stay: the trail folds alike (INV-17).
            self.case.duties = before
            self.turn.forget()
