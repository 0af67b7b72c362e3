"""Cases played in the pure core: the example directory, a usual form, usual answers, `Play`.

No server and no clock: time stands still until a test moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import policy
from models.case import (
    CalendarChanged,
    Decision,
    Duty,
    Entry,
    Fact,
    Kind,
    Line,
    Opened,
    PeopleChanged,
    Receipt,
    Ticked,
    Unreadable,
)
from models.directory import Absence, Account, Delegation, Directory, Person
from models.errors import Refused
from models.london import london, parse_london
from models.people import Holder, Role, Roster
from models.working_time import CalendarSnapshot, Holiday, working_time
from procedures import judge
from procedures.court_directed_access import CourtDirectedAccess
from procedures.opening import pins
from procedures.procedure import Procedure
from procedures.words import Act
from runtime.directory_file import load

REASON = "The order names this very account and no safer source is left."
CASE_ID = "case-1"
START = "2026-11-23 10:00"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HASH = "a" * 64
OTHER_HASH = "b" * 64
PROOF = "c" * 64


# --- people -----------------------------------------------------------------------------------


@cache
def example_directory() -> Directory:
    """The invented organisation that the service ships with."""
    return load(Path(__file__).parent.parent / "examples" / "directory.yaml")


def office(
    *,
    absences: tuple[Absence, ...] = (),
    delegations: tuple[Delegation, ...] = (),
    people: Mapping[str, Mapping[str, Any]] | None = None,
    accounts: tuple[Account, ...] | None = None,
) -> Directory:
    """The example directory with absences, delegations or changed people."""
    base = example_directory()
    changed = dict(people or {})
    rows = [
        Person.model_validate({**one.model_dump(), **changed.pop(one.id, {})})
        for one in base.people
    ]
    rows += [Person(id=new, **values) for new, values in changed.items()]
    return Directory(rows, absences, delegations, base.accounts if accounts is None else accounts)


def away(person: str, first: str, last: str, delegate: str | None = None) -> Absence:
    """A recorded absence; London dates or times."""
    return Absence.model_validate(
        {"person": person, "from": first, "to": last, "delegate": delegate}
    )


def lent(of: str, to: str, *roles: Role, first: str, last: str) -> Delegation:
    """A recorded delegation; London dates or times."""
    return Delegation.model_validate(
        {"of": of, "to": to, "roles": roles, "from": first, "until": last, "reason": "cover"}
    )


# --- forms ------------------------------------------------------------------------------------

_TOKENS = count(1)


def usual_intake(**changes: Any) -> dict[str, Any]:
    """A court's direction as it should be; `changes` replace fields, None takes one away."""
    token = f"00000000-0000-4000-8000-{next(_TOKENS):012x}"
    form: dict[str, Any] = {
        "submission_token": token,
        "immediate_danger": False,
        "safeguarding_concern": "no",
        "used_personal_account": False,
        "declaration": True,
        "asked_by": "court",
        "practitioner_holds_case": True,
        "order_status": "sealed",
        "order_document": {"sha256": HASH, "pages": 3, "pages_received": 3},
        "order_reference": "ORD-2026-0001",
        "judge_or_court": "Family Court at Exampleton",
        "order_date": "2026-11-20",
        "received_at": "2026-11-23 09:10",
        "direction_type": "access",
        "directed_to": "cafcass",
        "compliance_date": "2026-12-18 16:00",
        "law_type": "private",
        "targets": [a_target()],
        "scope": a_scope(),
        "purpose": "to see whether contact happened as it is alleged",
        "interaction_ordered": False,
        "notice_to_person": "given",
        "alternatives": "the party was asked to produce the posts and did not",
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def a_target(**changes: Any) -> dict[str, Any]:
    """One account the order names."""
    return {
        "person_label": "A", "platform": "facebook", "account": "@invented.person", "child": False,
        **changes,
    }  # fmt: skip


def a_scope(**changes: Any) -> dict[str, Any]:
    """What the order lets be looked at."""
    return {
        "content": ["posts", "photos"], "first": "2026-09-01", "last": "2026-11-01",
        "note": "public posts only", **changes,
    }  # fmt: skip


def written(at: datetime) -> str:
    """An instant as a person fills it in, in London time."""
    return at.isoformat()


_LEGAL = "The order is clear and has to be complied with."
_ANSWERS: dict[str, Callable[[Play], dict[str, Any]]] = {
    "send_order": lambda _: {"order_document": {"sha256": HASH, "pages": 2, "pages_received": 2}},
    "agree": lambda _: {"targets_match_order": True},
    "give_legal_view": lambda _: {"conclusion": "may_proceed", "advice": _LEGAL},
    "give_safeguarding_view": lambda _: {"conclusion": "may_proceed"},
    "do_not_agree": lambda _: {"ground": "not_necessary"},
    "advise_to_comply": lambda _: {"conclusion": "comply", "advice": _LEGAL},
    "go_back_to_court": lambda play: {"sent_at": written(play.now), "document": HASH},
    "record_court_answer": lambda _: {"answer": "confirmed", "order": HASH},
    "ask_the_court": lambda _: {"question": "Which of the two accounts is meant?"},
    "arrange_account": lambda _: {
        "account_id": "official-facebook-1", "custodian": "com-1", "second_factor": True,
        "tied_to_a_person": False, "mode": "supervised",
        "footprint": "the platform shows nothing to whoever is viewed",
    },
    "start_session": lambda _: {"scope_shown": True, "practitioner_present": True},
    "capture_item": lambda _: {
        "sha256": OTHER_HASH, "in_scope": True, "third_parties_minimised": True,
    },
    "end_session": lambda play: {
        "started": written(play.session_started), "ended": written(play.now), "pages": "profile",
        "nothing_liked_followed_or_messaged": True,
    },
    "verify_and_file": lambda _: {
        "hashes_match": True, "childfirst_filing": "CF-1", "result": "enough",
    },
    "report_wrong": lambda play: {
        "kind": "account_suspected", "happened_at": written(play.now),
        "personal_data_breach": False,
    },
    "assess_breach": lambda _: {
        "told_ico": False, "conclusion": "no risk to anybody's rights is likely",
    },
    "withdraw": lambda _: {"kind": "withdrawn", "document": HASH},
    "vary": lambda _: {"order": HASH, "scope": a_scope()},
    "complete": lambda _: {"report_prepared": True},
    "file_report": lambda play: {"filed_at": written(play.now), "proof": PROOF},
    "close_access": lambda _: {
        "signed_out": True, "sessions_ended": True, "password_rotated": True,
    },
    "decide_captures": lambda _: {"captures": "keep_sealed"},
    "choose_after_window": lambda _: {"choice": "complete"},
    "choose_after_date": lambda _: {"choice": "expired", "court_told_proof": PROOF},
    "confirm_safe": lambda play: {
        "spoken_at": written(play.now), "police_reference": "CAD-0001",
    },
    "safeguarding_handled": lambda _: {"outcome": "advice_given", "given_to_court": True},
    "add_evidence": lambda _: {"sha256": OTHER_HASH, "kind": "png", "title": "screenshot"},
    "ask_information": lambda _: {"to": "PR", "question": "Which of the two orders applies?"},
    "answer": lambda _: {"answer": "the later one, as sealed"},
    "link_case": lambda _: {"other": "case-2", "relation": "same_family_case"},
    "reassign": lambda _: {"role": "PR", "to": "fca-2"},
    "pause": lambda play: {"duty": play.case.here, "why": "waiting_for_court"},
    "resume": lambda play: {"duty": play.case.here},
    "correct_decision": lambda _: {"act": "do_not_agree", "fields": {"ground": "not_necessary"}},
    "take_back": lambda _: {"act": "choose_after_date"},
}  # fmt: skip
"""What is usually filled in, by act; an act that is not here asks for nothing."""


def usual_fields(act: str, play: Play) -> dict[str, Any]:
    """What is usually filled in for an act."""
    usual = _ANSWERS.get(act)
    return usual(play) if usual else {}


# --- playing ----------------------------------------------------------------------------------


class Play:
    """One case in the core, driven as the durable shell drives it: every instant in its order.

    Of court-directed access, unless a subclass names another procedure and its usual answers.
    """

    kind: ClassVar[type[Procedure]] = CourtDirectedAccess

    def __init__(
        self,
        *,
        at: str = START,
        by: str = "fca-1",
        people: Directory | None = None,
        same_as: str | None = None,
        calendar: CalendarSnapshot | None = None,
        **intake: Any,
    ) -> None:
        self.directory: Directory = people or example_directory()
        self.now: datetime = parse_london(at)
        form = self.form(**intake)
        subject = self.kind.subject(self.kind.read(form), by)
        self.opened = Opened(
            case_id=CASE_ID,
            procedure=self.kind.key,
            at=self.now,
            by=by,
            token=form["submission_token"],
            pins=pins(self.kind, policy.book(), calendar or policy.calendar(), self.now),
            roster=self.directory.roster(subject, self.now),
            sender=self.directory.sender(by, self.now),
            intake=form,
            same_as=same_as,
        )
        self.case: Procedure = self.kind.begin(self.opened)
        self.lines: list[Line] = []
        self._ids = count(1)
        self.fold(self.opened)

    def form(self, **changes: Any) -> dict[str, Any]:
        """A form as it should be; `changes` replace fields, None takes one away."""
        return usual_intake(**changes)

    def usual(self, act: str) -> dict[str, Any]:
        """What is usually filled in for an act."""
        return usual_fields(act, self)

    # --- facts ----------------------------------------------------------------------------------

    def fold(self, fact: Fact) -> Receipt | None:
        """Let one fact happen."""
        turned = self.case.fold(fact)
        self.lines.extend(turned.lines)
        return turned.receipt

    def roster(self, at: datetime | None = None) -> Roster:
        """Who is who in this case."""
        state = self.case.case
        return self.directory.roster(state.practitioner, at or self.now, state.assigned)

    def decision(  # noqa: PLR0913  # all that the desk stamps, by name
        self, person: str, act: str, /, *, reason: str = REASON, at: datetime | None = None,
        id: str | None = None, as_role: Role | None = None, on_behalf_of: str | None = None,
        saw: int | None = None, fields: dict[str, Any] | None = None, case_id: str = CASE_ID,
    ) -> Decision:  # fmt: skip
        """A decision as the desk hands it on. `fields` None: what is usually filled in."""
        at = at or self.now
        if fields is None:
            fields = self.usual(act)
        return Decision(
            id=id or f"d{next(self._ids)}", case_id=case_id, act=act, person=person, role=as_role,
            on_behalf_of=on_behalf_of, reason=reason, fields=fields, saw=saw, at=at,
            roster=self.roster(at), sender=self.directory.sender(person, at),
        )  # fmt: skip

    def act(self, person: str, act: str, /, **given: Any) -> Receipt:
        """Somebody acts, a minute later than the last thing that happened.

        What `decision` knows by name goes there; everything else replaces a usual field.
        """
        known = ("reason", "at", "id", "as_role", "on_behalf_of", "saw", "fields", "case_id")
        shape = {name: given.pop(name) for name in known if name in given}
        if "at" not in shape:
            self.wait(MINUTE)
        shape.setdefault("fields", {**self.usual(act), **given})
        return self.send(self.decision(person, act, **shape))

    def send(self, decision: Decision) -> Receipt:
        """A decision reaches the case: what the clock owes by then happens first."""
        self.catch_up(decision.at)
        receipt = self.fold(decision)
        assert receipt is not None
        return receipt

    def catch_up(self, until: datetime) -> None:
        """Every instant that matters strictly before `until` happens."""
        while (wake := self.case.wake_at) is not None and wake < until:
            self.fold(Ticked(at=wake, roster=self.roster(wake)))

    def wait(self, time: timedelta) -> None:
        """Let real time pass."""
        self.now += time
        self.catch_up(self.now)

    def wait_a_minute(self) -> None:
        """Long enough for the directory to be asked again after a reassignment."""
        self.wait(MINUTE)

    def until(self, at: str | datetime) -> None:
        """Let time pass up to an instant; a text is London time."""
        self.now = parse_london(at) if isinstance(at, str) else at
        self.catch_up(self.now)

    def people_change(self, people: Directory) -> None:
        """The directory is edited."""
        self.directory = people
        self.wait(MINUTE)
        self.fold(PeopleChanged(at=self.now, roster=self.roster()))

    def holiday(self, day: str, id: str = "proclaimed-1") -> None:
        """A holiday is proclaimed."""
        known = self.case.case.calendar
        days = sorted(
            (*known.holidays, Holiday(day=day, name="Proclaimed")),  # type: ignore[arg-type]
            key=lambda holiday: holiday.day,
        )
        self.wait(MINUTE)
        new = CalendarSnapshot.model_validate(
            {**known.model_dump(), "version": f"{known.version}+{id}", "holidays": days}
        )
        self.fold(CalendarChanged(id=id, at=self.now, by="adm-1", calendar=new))

    def gibberish(self) -> None:
        """A message comes that nobody can read."""
        self.wait(MINUTE)
        self.fold(Unreadable(at=self.now, name="decide", code="wrong_shape", digest=HASH))

    # --- looking --------------------------------------------------------------------------------

    @property
    def here(self) -> str:
        """Where the case is."""
        return self.case.here

    @property
    def record(self) -> Any:
        """What the case has gathered."""
        return self.case.case.record

    @property
    def entries(self) -> list[Entry]:
        """The trail."""
        return [line.entry for line in self.lines]

    @property
    def last(self) -> Entry:
        """The trail's last entry."""
        return self.lines[-1].entry

    @property
    def facts(self) -> list[Fact]:
        """The facts as the trail holds them."""
        return [line.private.fact for line in self.lines if line.private.fact is not None]

    @property
    def session_started(self) -> datetime:
        """When the session in progress began; now, when there is none."""
        session = self.record.session
        return session.started_at if session else self.now

    def duty(self, name: str | None = None) -> Duty:
        """An open duty; the step's own when no name is given."""
        found = self.case.duty(name or self.here)
        assert found is not None, f"no open duty {name or self.here}"
        return found

    def duties(self) -> set[str]:
        """Ids of everything open."""
        return {duty.id for duty in self.case.case.duties}

    def holders(self, name: str | None = None) -> list[str]:
        """Who holds a duty now."""
        return [holder.person for holder in self.duty(name).holders]

    def may(self, holder: Holder, acts: list[Act]) -> bool:
        """Whether a holder is let through to at least one of the acts their duty asks for."""
        roster = self.case.case.roster
        sender = self.directory.sender(holder.person, roster.at)
        asked = self.decision(holder.person, acts[0].code, at=roster.at, fields={})
        asked = asked.model_copy(update={"roster": roster, "sender": sender})
        for act in acts:
            try:
                judge.standing(self.case, act, asked.model_copy(update={"act": act.code}))
            except (Refused, judge.Late):
                continue
            return True
        return False

    def told(self, person: str, entry: Entry | None = None) -> list[str]:
        """What one person was told, in one entry or in the whole trail."""
        entries = [entry] if entry else self.entries
        return [tell.what for one in entries for tell in one.tells if tell.person == person]

    def kinds(self, kind: Kind) -> list[Entry]:
        """The entries of one kind."""
        return [entry for entry in self.entries if entry.kind is kind]

    def due(self, name: str | None = None) -> str:
        """The due instant of a duty as a person reads it."""
        at = self.duty(name).due
        return london(at) if at else ""

    def hours_left(self, name: str | None = None) -> float:
        """Working hours from now to a duty's due instant."""
        due = self.duty(name).due
        assert due is not None
        left = working_time(self.case.case.calendar).between(self.now, due)
        return left / HOUR

    def dump(self) -> dict[str, Any]:
        """The whole state."""
        return self.case.case.model_dump()


BOOKKEEPING = frozenset({"seq", "seen", "held", "last_at"})
"""What a refusal may write: the trail's length, the answer, a late decision kept."""


def standing(play: Play) -> dict[str, Any]:
    """The state but for what any fact writes: a refused decision must leave it alone (INV-4)."""
    return {name: value for name, value in play.dump().items() if name not in BOOKKEEPING}


# --- on the way -------------------------------------------------------------------------------

ROAD: tuple[tuple[str, str, str], ...] = (
    ("considering", "lm-1", "start_considering"),
    ("arranging", "lm-1", "agree"),
    ("ready", "com-1", "arrange_account"),
    ("session", "com-1", "start_session"),
    ("session", "com-1", "capture_item"),
    ("checking", "com-1", "end_session"),
    ("closing", "fca-1", "verify_and_file"),
)
"""The straight way through a case."""

DETOUR: tuple[tuple[str, str, str], ...] = (
    ("considering", "lm-1", "start_considering"),
    ("with_legal", "lm-1", "do_not_agree"),
    ("back_at_court", "leg-1", "go_back_to_court"),
)
"""The way of a manager who does not agree."""


def at_step(step: str, **given: Any) -> Play:
    """A case played up to a step; a session has one item captured in it."""
    play = Play(**given)
    road = DETOUR if step in ("with_legal", "back_at_court") else ROAD
    for number, (reached, person, act) in enumerate(road):
        if play.here == step and (step != "session" or road[number - 1][2] == "capture_item"):
            break
        must(play.act(person, act))
        assert play.here == reached
    assert play.here == step
    return play


def must(receipt: Receipt) -> Receipt:
    """The act was applied."""
    assert receipt.outcome == "applied", (receipt.code, receipt.message)
    return receipt


def no(receipt: Receipt, code: str) -> Receipt:
    """The act was refused for this very reason."""
    assert (receipt.outcome, receipt.code) == ("refused", code), (receipt.code, receipt.message)
    return receipt
