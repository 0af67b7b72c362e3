"""A case in the core that checks itself at every fact: what must hold whatever happens (6.1, 4.2)."""

from __future__ import annotations

import json
from typing import Any

from models.case import (
    CalendarChanged,
    Decision,
    Duty,
    Entry,
    Fact,
    Kind,
    Line,
    PeopleChanged,
    Receipt,
    Ticked,
)
from models.forms import meaningful
from models.people import Role, holders
from procedures.court_directed_access import CourtDirectedAccess
from procedures.words import Outcome
from tests.core_help import BOOKKEEPING, Play

OUTCOMES = frozenset(state.id for state in CourtDirectedAccess.states if isinstance(state, Outcome))


class Watched(Play):
    """A case that checks itself at every fact."""

    def __init__(self, **given: Any) -> None:
        self.audit: CourtDirectedAccess | None = None
        self.applied: list[Entry] = []
        self.agreed = False
        super().__init__(**given)

    def fold(self, fact: Fact) -> Any:
        before = dict(self.case.case.__dict__)
        was_closed = self.case.closed if self.lines else False
        number = len(self.lines)
        receipt = super().fold(fact)
        new = self.lines[number:]
        if isinstance(fact, Decision):
            assert receipt is not None
            self._decided(fact, receipt, before, new)
        elif isinstance(fact, Ticked | PeopleChanged | CalendarChanged):
            assert self.case.closed == was_closed, "time or the directory closed a case (INV-3)"
        for line in new:
            self._entry(line.entry, before)
        assert [line.entry.seq for line in self.lines[number:]] == list(
            range(number + 1, len(self.lines) + 1)
        ), "a gap in the trail (INV-10)"
        self._state(new)
        self._refold(fact, new)
        return receipt

    def _decided(
        self, sent: Decision, receipt: Receipt, before: dict[str, Any], new: list[Line]
    ) -> None:
        said = [line for line in self.lines if line.entry.decision == sent.id]
        assert len(said) == 1, "one entry a decision"
        assert said[0].entry.seq == receipt.seq
        if receipt.repeated:
            assert not new
            assert before == self.case.case.__dict__, "a repeated decision did something"
            return
        people_moved = before["roster"].seats != self.case.case.roster.seats
        if receipt.outcome != "applied" and not people_moved:
            now = self.case.case.__dict__
            ignored = {*BOOKKEEPING, "roster", "people_stale", "moved"}
            changed = {k for k in now if k not in ignored and now[k] != before[k]}
            assert not changed, f"refused, yet changed {changed} (INV-4)"
        assert set(receipt.message) <= set(map(chr, range(32, 0x2100))), "unprintable"

    def _entry(self, entry: Entry, before: dict[str, Any]) -> None:
        assert entry.before in CourtDirectedAccess.states_map
        assert entry.after in CourtDirectedAccess.states_map
        if entry.kind not in (Kind.APPLIED, Kind.FIRST_OF_TWO) or entry.decision is None:
            return
        self.applied.append(entry)
        act = self.case.acts_by_code[entry.act or ""]
        if entry.kind is Kind.APPLIED and act.code in ("D-04", "D-05", "D-06", "D-08", "D-19"):
            self.agreed = act.code == "D-04"
        state, person = self.case.case, entry.actor
        sender = self.directory.sender(person, entry.at)
        assert sender.active
        assert Role.AUD not in sender.roles, "an auditor acted (SD14)"
        # A conflict keeps nobody from saying that somebody is in danger (INV-11).
        open_to_all = Role.COL in act.who and not act.decides
        assert open_to_all or person not in before["conflicted"], "a conflicted person acted (SD3)"
        if act.decides:
            assert person != state.opened.by, f"{act.code} by whoever started the case (SD1)"
            assert person != before["practitioner"], f"{act.code} by whoever holds the case (SD1)"
            assert Role.ADM not in sender.roles or act.code == "reassign", "SD13"
            assert entry.role is not None, "a decision without a role (INV-14)"
            assert entry.london
            assert entry.policy
            reason = next(line for line in self.lines if line.entry is entry).private.reason
            assert meaningful(reason), "a decision without a reason (INV-14)"
        if act.code == "D-15":
            assert person not in {item.by for item in before["record"].unfiled}, "SD6"
        if act.code in ("raise_safeguarding", "D-16"):
            assert self.case.duty("safeguarding"), "INV-11"
        if act.code == "raise_emergency":
            assert self.case.duty("emergency"), "INV-11"

    def _state(self, new: list[Line]) -> None:
        case, state = self.case, self.case.case
        assert case.here in CourtDirectedAccess.states_map
        assert case.here != "draft"
        wake = case.wake_at
        assert wake is None or wake >= state.last_at
        if case.closed:
            assert not state.duties, "a closed case has work (INV-15)"
            return
        assert state.duties, "an open case that nobody will ever move"
        for duty in state.duties:
            self._duty(duty)
        self._limits(new)
        self._separated()

    def _duty(self, duty: Duty) -> None:
        case, state = self.case, self.case.case
        who = {holder.person for holder in duty.holders}
        barred = {*duty.excluded, *state.conflicted}
        absent = {
            seat.person for seats in state.roster.seats.values() for seat in seats if seat.away
        }
        assert not who & barred, f"{duty.id} is held by somebody barred from it"
        assert not who & absent, f"{duty.id} is held by somebody away"
        if not who and not state.people_stale:
            assert not holders(state.roster, duty.role, frozenset(barred)), (
                f"nobody holds {duty.id}"
            )
        acts = [case.acts_by_code[code] for code in duty.acts]
        assert any(not act.sources or case.here in act.sources for act in acts), (
            f"{duty.id} asks for what is not possible in {case.here}"
        )
        assert duty.due is None or duty.started is None or duty.overdue or duty.due >= duty.started
        if not state.people_stale:
            for holder in duty.holders:
                assert self.may(holder, acts), f"{holder.person} may do nothing about {duty.id}"

    def _limits(self, new: list[Line]) -> None:
        court = self.case.court_date
        for line in (one for each in new for one in each.entry.opened):
            clock = self.case.case.opened.pins.deadlines.get(line.clock or "")
            if court is None or clock is None or clock.before_court is None or not line.started:
                continue
            assert court <= line.started or (line.due or court) <= court, f"{line.duty} after court"

    def _separated(self) -> None:
        did = {
            code: {entry.actor for entry in self.applied if entry.act == code}
            for code in ("D-04", "D-10", "D-05")
        }
        state = self.case.case
        assert not did["D-04"] & did["D-10"], "somebody both agreed and arranged (SD5)"
        assert not {state.opened.by, state.practitioner} & (did["D-04"] | did["D-10"]), "SD5"
        if self.here in ("ready", "session"):
            assert self.agreed, "access that nobody agrees to any more (INV-2)"
            assert self.record.agreed_by in did["D-04"], "access without agreement (INV-2)"
            assert self.record.account_id, "access without an account (INV-2)"
            assert did["D-10"]

    def _refold(self, fact: Fact, new: list[Line]) -> None:
        """An auditor who has only the trail finds every line again (INV-17)."""
        if self.audit is None:
            self.audit = CourtDirectedAccess.begin(self.opened)
        facts = [line.private.fact for line in new if line.private.fact is not None]
        again = [line for one in facts for line in self.audit.fold(one).lines]
        assert again == new, "the trail does not fold to itself (INV-17)"
        mine, theirs = self.case.case, self.audit.case
        differ = [
            name for name, value in mine.__dict__.items()
            if name not in ("roster", "people_stale", "undo") and getattr(theirs, name) != value
        ]  # fmt: skip
        undo = [one.undo.model_dump_json() if one.undo else None for one in (mine, theirs)]
        assert undo[0] == undo[1], "after folding again the undo differs (INV-17)"
        assert not differ, f"after folding again {differ} differ (INV-17)"
        undo = [one.undo.model_dump_json() if one.undo else None for one in (mine, theirs)]
        assert undo[0] == undo[1], "after folding again the undo differs (INV-17)"
        assert not differ, f"after folding again {differ} differ (INV-17)"

    def carry_over(self) -> None:
        """Go on from the state as it is carried to a new run."""
        text = self.case.case.model_dump_json()
        again = CourtDirectedAccess.resume(json.loads(text))
        assert again.case.model_dump_json() == text
        self.case = again
