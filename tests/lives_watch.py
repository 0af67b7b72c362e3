"""What must hold in every case of every procedure, asked after every fact (6.1, 4.2)."""

from __future__ import annotations

import json
from typing import Any

from models.case import (
    SYSTEM,
    CalendarChanged,
    Decision,
    Duty,
    Fact,
    Kind,
    Line,
    PeopleChanged,
    Receipt,
    Ticked,
    Unreadable,
)
from models.forms import meaningful
from models.people import Role, Why, holders
from procedures import duties
from procedures.procedure import Procedure
from procedures.words import Act
from tests.core_help import BOOKKEEPING
from tests.lives_help import SECRET, Life

STILL = Ticked | PeopleChanged | CalendarChanged | Unreadable


class WatchedLife(Life):
    """A case that checks itself at every fact."""

    audit: Procedure | None = None

    def fold(self, fact: Fact) -> Receipt | None:
        before = dict(self.case.case.__dict__)
        was_closed = self.case.closed
        number = len(self.lines)
        receipt = super().fold(fact)
        new = self.lines[number:]
        if isinstance(fact, Decision):
            assert receipt is not None
            self._answered(fact, receipt, before, new)
        if isinstance(fact, STILL) and number:
            assert self.case.closed == was_closed, "time or the directory closed a case (INV-3)"
            self._no_earlier(before["duties"])
        for line in new:
            self._entry(line, before)
        seqs = [line.entry.seq for line in new]
        assert seqs == list(range(number + 1, len(self.lines) + 1)), "a gap in the trail (INV-10)"
        self._state(fact)
        self._refold(new)
        return receipt

    # --- a decision and its answer ------------------------------------------------------------

    def _answered(
        self, sent: Decision, receipt: Receipt, before: dict[str, Any], new: list[Line]
    ) -> None:
        said = [line for line in self.lines if line.entry.decision == sent.id]
        assert len(said) == 1, "one entry a decision"
        assert said[0].entry.seq == receipt.seq
        assert SECRET not in receipt.model_dump_json(), "case text in an answer"
        if receipt.repeated:
            assert not new
            assert before == self.case.case.__dict__, "a repeated decision did something"
            return
        people_moved = before["roster"].seats != self.case.case.roster.seats
        if receipt.outcome != "applied" and not people_moved:
            now = self.case.case.__dict__
            ignored = {*BOOKKEEPING, "roster", "people_stale", "moved", "calendar_ended"}
            changed = {k for k in now if k not in ignored and now[k] != before[k]}
            assert not changed, f"refused, yet changed {changed} (INV-4)"

    # --- an entry -----------------------------------------------------------------------------

    def _entry(self, line: Line, before: dict[str, Any]) -> None:
        entry = line.entry
        assert SECRET not in entry.model_dump_json(), f"case text in entry {entry.label}"
        assert entry.before in self.kind.states_map
        assert entry.after in self.kind.states_map
        act = self.kind.acts_by_code.get(entry.act or "")
        if act is None or entry.kind in (Kind.REFUSED, Kind.HELD):
            return
        if entry.actor == SYSTEM:
            assert not act.decides, "the system decided (INV-3)"
        elif entry.decision:
            self._applied(line, act, before)

    def _applied(self, line: Line, act: Act, before: dict[str, Any]) -> None:
        entry, person = line.entry, line.entry.actor
        sender = self.directory.sender(person, entry.at)
        assert sender.active
        assert Role.AUD not in sender.roles, "an auditor acted (SD14)"
        assert entry.clauses, f"{act.code} without a clause"
        assert entry.role is not None, "an act without a role (INV-14)"
        open_to_all = Role.COL in act.who and not act.decides
        assert open_to_all or person not in before["conflicted"], "a conflicted person acted (SD3)"
        if act.decides:
            assert person != self.opened.by, f"{act.code} by whoever started the case (SD1)"
            assert person != before["practitioner"], f"{act.code} by whom it is about (SD1, SD2)"
            assert Role.ADM not in sender.roles or act.code == "reassign", "SD13"
            assert entry.london
            assert entry.policy
            assert meaningful(line.private.reason), "a decision without a reason (INV-14)"
        if act.together and entry.kind is Kind.APPLIED:
            first = [p for p in before["pending"] if p.act == act.code]
            assert first, f"{act.code} by one person alone (SD8, SD16)"
            assert first[0].person != person, "one person in both parts (SD16)"
            assert first[0].role is not None
            said = next(
                one.entry for one in self.lines if one.entry.decision == first[0].decision.id
            )
            # By the ladder one role may stand in for either part; as their own it has but one.
            ways = {(said.role, said.why), (entry.role, entry.why)}
            assert ways != {(entry.role, Why.OWN)}, "one role in both parts (SD16)"

    def _no_earlier(self, was: tuple[Duty, ...]) -> None:
        for old in was:
            now = self.case.duty(old.id)
            if now is None or now.opened_at != old.opened_at or now.due is None or old.due is None:
                continue
            assert now.due >= old.due, f"{old.id} became due earlier"

    # --- the state ----------------------------------------------------------------------------

    def _state(self, fact: Fact) -> None:
        case, state = self.case, self.case.case
        assert SECRET not in json.dumps([d.model_dump(mode="json") for d in state.duties])
        assert SECRET not in json.dumps(state.flags)
        assert SECRET not in json.dumps([p.model_dump(mode="json") for p in state.done])
        wake = case.wake_at
        assert wake is None or wake >= state.last_at
        if case.closed:
            assert not state.duties, "a closed case has work (INV-15)"
            assert not state.pending, "a closed case waits for a second agreement"
            assert wake is None, "a closed case wakes"
            assert state.closed_at is not None
            return
        assert case.here != "draft"
        assert state.closed_at is None
        assert state.duties, f"an open case that nobody will ever move: {case.here}"
        ids = [duty.id for duty in state.duties]
        assert len(ids) == len(set(ids)), f"a duty twice: {ids}"
        for duty in state.duties:
            self._duty(duty)
        if not isinstance(fact, STILL):
            own = {task.id for task in case.tasks}
            wanted = {task.id for task in case.tasks_wanted()}
            assert wanted == own & set(ids), (
                f"wanted {wanted}, open {own & set(ids)} in {case.here}"
            )

    def _duty(self, duty: Duty) -> None:
        case, state = self.case, self.case.case
        who = {holder.person for holder in duty.holders}
        barred = {*duty.excluded, *state.conflicted}
        seats = [seat for many in state.roster.seats.values() for seat in many]
        absent = {seat.person for seat in seats if seat.away}
        assert not who & barred, f"{duty.id} is held by somebody barred from it"
        if not state.people_stale:
            assert not who & absent, f"{duty.id} is held by somebody away"
        if not who and not state.people_stale:
            nobody = not holders(state.roster, duty.role, frozenset(barred))
            assert nobody, f"nobody holds {duty.id}"
        acts = [case.acts_by_code[code] for code in duty.acts]
        possible = [act for act in acts if not act.sources or case.here in act.sources]
        assert possible or not duty.step, f"{duty.id} asks for what cannot be done in {case.here}"
        if duty.due is None and duty.clock is not None:
            assert duty.paused_at is not None, f"{duty.id} has no due instant"
        # Whoever has given the first of two agreements waits for somebody else's.
        waits = {first.person for first in state.pending}
        if possible and not state.people_stale and not who & waits:
            for holder in duty.holders:
                assert self.may(holder, acts), f"{holder.person} may do nothing about {duty.id}"

    def somebody_goes_on(self) -> None:
        """What closing waits for is somebody's, and somebody may do a thing that is asked here."""
        case, state = self.case, self.case.case
        if case.closed or state.people_stale:
            return
        for duty in state.duties:
            # With more than one conflict the role may be an administrator's to reassign (SD13).
            barred = duties.excluded(case, duty.acts, duty.base)
            assert duty.holders or len(barred) > 1 or state.assigned, f"nobody has {duty.id}"
        asked = [
            (holder, [act for act in map(case.acts_by_code.__getitem__, duty.acts) if self._here(act)])
            for duty in state.duties for holder in duty.holders
        ]  # fmt: skip
        assert not asked or any(acts and self.may(one, acts) for one, acts in asked), (
            f"nobody can move the case in {case.here}"
        )

    def _here(self, act: Act) -> bool:
        return not act.sources or self.case.here in act.sources

    # --- folded again -------------------------------------------------------------------------

    def _refold(self, new: list[Line]) -> None:
        """An auditor who has only the trail finds every line again (INV-17)."""
        if self.audit is None:
            self.audit = self.kind.begin(self.opened)
        facts = [line.private.fact for line in new if line.private.fact is not None]
        again = [line for one in facts for line in self.audit.fold(one).lines]
        assert again == new, "the trail does not fold to itself (INV-17)"
        mine, theirs = self.case.case, self.audit.case
        differ = [
            name for name, value in mine.__dict__.items()
            if name not in ("roster", "people_stale", "undo") and getattr(theirs, name) != value
        ]  # fmt: skip
        assert not differ, f"after folding again {differ} differ (INV-17)"

    def carry_over(self) -> None:
        """Go on from the state as it is carried to a new run."""
        text = self.case.case.model_dump_json()
        again = self.kind.resume(json.loads(text))
        assert again.case.model_dump_json() == text
        assert again.wake_at == self.case.wake_at
        self.case = again
