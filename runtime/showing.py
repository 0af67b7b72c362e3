"""What the command line says: plain sentences, people by name, times in London.

"(reconstructed)" stands behind whatever is: a letter alone would be that of procedure R. Every function gives lines; nothing here reads or sends.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import policy
from activities.outbox import Notice, NoticeStatus
from activities.register import CaseRow, DutyRow, InboxRow
from models.case import SYSTEM, Entry, Receipt
from models.directory import Directory
from models.directory_diary import Away
from models.errors import BadInput
from models.london import LONDON, london, london_date, london_day
from models.people import Holder, PersonId, Role, Why
from models.policy import Mark
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime.asks import ActNow
from runtime.desk_opening import Opening
from runtime.desk_reading import CaseView
from runtime.notices import WORDS
from runtime.path_ahead import PathAhead, Stage

if TYPE_CHECKING:
    from runtime.checks import Check


RECONSTRUCTED = "reconstructed"
"""The policy does not say it, and it is our proposal."""


def plain(text: str) -> str:
    """Text that cannot move the cursor or turn the writing: what people typed goes to a terminal."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else "\ufffd"
        for char in text.replace("\t", " ")
    )


def marked(mark: Mark | str) -> str:
    """How a mark is shown behind a name: in a word where its letter is a procedure's too."""
    return {"S": "", "R": f" ({RECONSTRUCTED})"}.get(str(mark), f" ({mark})")


def coded(code: str) -> str:
    """How the code of an act is shown behind its name; what every procedure has goes without."""
    return f" ({code})" if "-" in code else ""


def role(code: Role) -> str:
    """The plain name of a role, with its mark."""
    name = policy.book().roles[code]
    return f"{name.name}{marked(name.mark)}"


class People:
    """Names for ids; somebody the directory no longer knows stays an id."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def who(self, person: PersonId) -> str:
        """Name and id: Beatrix Olumide (lm-1)."""
        if person == SYSTEM:
            return "the system"
        try:
            return f"{self._directory.person(person).name} ({person})"
        except BadInput:
            return person

    def holder(self, holder: Holder) -> str:
        """Somebody with the role they hold, and why when it is not their own."""
        said = f"{self.who(holder.person)}, {role(holder.role)}"
        if holder.why is Why.DELEGATE and holder.on_behalf_of:
            return f"{said}, for {self.who(holder.on_behalf_of)}"
        return f"{said}, as nobody below can" if holder.why is Why.UP else said

    def names(self, people: Iterable[PersonId]) -> str:
        """Several people, each once."""
        return ", ".join(self.who(person) for person in dict.fromkeys(people)) or "nobody"


def procedure_of(key: str) -> type[Procedure] | None:
    """The procedure of a key; None for one this version does not know."""
    return PROCEDURES.get(key)


def state(procedure: str, state_id: str, label: str) -> str:
    """The plain name of a state with its code and mark: "Not agreed: with Legal (D3) (reconstructed)"."""
    kind = procedure_of(procedure)
    found: Any = kind.states_map.get(state_id) if kind else None
    return f"{label} ({found.code}){marked(found.mark)}" if found else label or state_id


def state_now(row: CaseRow) -> str:
    """Where a case is, as the register has it."""
    return state(row.procedure, row.state, row.label)


def state_then(entry: Entry, state_id: str) -> str:
    """A state that an entry of the trail names, under the label it has today."""
    kind = procedure_of(entry.procedure)
    found: Any = kind.states_map.get(state_id) if kind else None
    return state(entry.procedure, state_id, str(getattr(found, "label", state_id)))


# --- opening ------------------------------------------------------------------------------------


def opening(opened: Opening, people: People) -> Iterator[str]:
    """The answer to a form."""
    if opened.refused:
        yield f"Refused: {plain(opened.message)}"
        yield f"It is recorded as {opened.case_id}; nothing more is asked of you there."
        return
    again = "This form was sent before; its case is" if opened.repeated else "Opened:"
    yield f"{again} {opened.case_id}"
    yield f"It is at: {state(opened.procedure, opened.state, opened.label)}"
    yield from _warnings(opened.warnings)
    yield from duties(opened.duties, people)
    yield f"See it with: casework show {opened.case_id}"


def ahead(path: PathAhead, people: People) -> Iterator[str]:
    """A dry run: what would be open, by when and why, and the usual way on."""
    yield "Nothing was sent or recorded. If the form were sent now:"
    yield from _warnings(path.warnings)
    if path.refusal:
        yield f"It would be refused: {plain(path.refusal)}"
        return
    if path.joins:
        yield path.joins
        return
    yield f"The case would be at: {state(path.procedure, path.state, path.label)}"
    yield ""
    yield "Open at once"
    for stage in path.open:
        yield from _stage(stage, people)
    if path.usual:
        yield ""
        yield "Then, the usual way; the dates are the latest, if everybody takes all their time"
    for stage in path.usual:
        yield f"  {stage.act} leads to:"
        yield from _stage(stage, people)
    if path.ends:
        yield f"  It ends as: {path.ends}"


def _warnings(warnings: tuple[str, ...]) -> Iterator[str]:
    return (f"Please check: {plain(warning)}." for warning in warnings)


def _stage(stage: Stage, people: People) -> Iterator[str]:
    code = f" ({stage.code})" if stage.code else ""
    yield f"  {stage.label}{code}{marked(stage.mark)}"
    yield f"    who: {role(stage.role)}: {people.names(stage.people)}"
    if stage.length is not None:
        by = f"by {london(stage.due)}" if stage.due else "by a date the calendar does not reach"
        yield f"    {by}: {stage.length.words} ({stage.clock}, {RECONSTRUCTED})"
        yield from (f"      {line}" for line in stage.explained)


# --- deciding -----------------------------------------------------------------------------------


def receipt(answer: Receipt, procedure: str) -> Iterator[str]:
    """What became of a decision."""
    said = f"{answer.label}{coded(answer.act)}: " if answer.label else ""
    clause = f" [{answer.clause}]" if answer.clause and answer.outcome != "applied" else ""
    again = " This decision had been answered before; nothing happened twice."
    yield f"{said}{plain(answer.message)}{clause}{again if answer.repeated else ''}"
    kind = procedure_of(procedure)
    found: Any = kind.states_map.get(answer.state) if kind else None
    at = f" The case is at: {state(procedure, answer.state, found.label)}." if found else ""
    yield f"Recorded as entry {answer.seq} of {answer.case_id}.{at}"
    if answer.due is not None:
        yield f"Next due: {london(answer.due)}"


# --- work ---------------------------------------------------------------------------------------


def duties(rows: Sequence[DutyRow], people: People) -> Iterator[str]:
    """Open work: what, who, by when."""
    if not rows:
        yield "No work is open."
        return
    yield "Open work"
    for row in rows:
        yield f"  {row.label}"
        holders = "; ".join(people.holder(holder) for holder in row.holders)
        yield f"    for: {holders or f'nobody who holds {role(row.role)} at the moment'}"
        yield f"    {_due(row)}"


def _due(row: DutyRow | InboxRow) -> str:
    if row.due is None:
        return "the clock is stopped" if row.paused else "no time is set"
    clock = f" ({row.clock}, {RECONSTRUCTED})" if row.clock else ""
    late = "OVERDUE, was due" if row.overdue else "by"
    moved = f"; {row.missed} deadline{'s' * (row.missed > 1)} missed" if row.missed else ""
    return f"{late} {london(row.due)}{clock}{moved}"


def away(absence: Away, people: People) -> str:
    """Why nothing waits for somebody who is away, and who can change it."""
    names = people.names(absence.covered_by)
    if absence.all_of_it:
        cover = f"{names} {'cover' if len(absence.covered_by) > 1 else 'covers'} your work."
    elif absence.covered_by:
        cover = f"{names} may cover part of your work; the rest moves up to whoever stands next."
    else:
        cover = "Nobody covers for you, so your work moves up to whoever stands next."
    return (
        f"You are recorded as away until {_end(absence.until)}. {cover}"
        " If this is not right, ask an administrator to change it."
    )


def _end(until: datetime) -> str:
    """The last instant of a stretch of time; of one that ends with a day, that day."""
    if until.astimezone(LONDON).time() == time():
        return f"the end of {london_day(london_date(until - timedelta(days=1)))}"
    return london(until)


def inbox(
    rows: Sequence[InboxRow], person: PersonId, people: People, absence: Away | None = None
) -> Iterator[str]:
    """What one person may do now."""
    if absence:
        yield away(absence, people)
    if not rows:
        yield f"Nothing is waiting for {people.who(person)}."
        return
    yield f"Waiting for {people.who(person)}: {len(rows)}"
    for row in rows:
        yield f"  {row.case_id}  {row.label}"
        yield f"    {_due(row)}"
        holder = Holder(person=person, role=row.role, why=row.why, on_behalf_of=row.on_behalf_of)
        yield f"    as: {people.holder(holder).partition(', ')[2]}"
        yield f"    you can: {', '.join(_act_names(row)) or 'nothing yourself'}"


def _act_names(row: InboxRow) -> list[str]:
    kind = procedure_of(row.procedure)
    if kind is None:
        return list(row.acts)
    return [name for name, act in kind.acts.items() if act.code in row.acts]


def case(view: CaseView, acts: Sequence[ActNow], people: People) -> Iterator[str]:
    """Where a case stands, what is open, and what can be done now."""
    row = view.case
    kind = procedure_of(row.procedure)
    yield f"{row.case_id}  {kind.title if kind else row.procedure}"
    yield f"It is at: {state(row.procedure, row.state, row.label)}"
    ended = f" Closed {london(row.closed_at)}." if row.closed_at else ""
    yield f"Opened {london(row.opened_at)} by {people.who(row.started_by)}.{ended}"
    yield f"{_whose(row, people)}Last entry of the trail: {row.seq}."
    if row.flags:
        yield f"Flags: {', '.join(row.flags).replace('_', ' ')}"
    yield from duties(view.duties, people)
    yield from _acts("Can be done now", [act for act in acts if act.duties])
    beside = "Can be done beside it" if view.duties else "Can be done now"
    yield from _acts(beside, [act for act in acts if not act.duties])


def _whose(row: CaseRow, people: People) -> str:
    # Neither is said to hold the case: whose turn it is stands below, beside each open work.
    kind = procedure_of(row.procedure)
    seats = {Role.PR: "Practitioner:", Role.AFF: "About"}
    said = seats.get(kind.seat) if kind and kind.seat else None
    return f"{said} {people.who(row.subject)}. " if said else ""


def _acts(title: str, acts: Sequence[ActNow]) -> Iterator[str]:
    if not acts:
        return
    yield title
    for act in acts:
        code = "" if act.code == act.name else f" ({act.code})"
        yield f"  {act.name}{code}: {act.label}{marked(act.mark)}"
        yield f"    by: {' or '.join(role(each) for each in act.roles)}"
        asks = ["--reason (at least 20 letters)"] if act.reason else []
        asks += [
            f"{f.name}{'' if f.required else ' (may be left out)'}: {f.words}" for f in act.fields
        ]
        yield from (f"    asks: {one}" for one in asks)


def why_not(acts: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """The acts that somebody cannot take now: name, code, and why."""
    for number, (name, code, why) in enumerate(acts):
        if not number:
            yield "Cannot be done now, and why"
        yield f"  {name}{'' if code == name else f' ({code})'}: {plain(why)}"


# --- lists --------------------------------------------------------------------------------------


def cases(rows: Sequence[CaseRow], now_overdue: Callable[[CaseRow], bool]) -> Iterator[str]:
    """Cases, the newest first, two lines each."""
    if not rows:
        yield "There are no such cases."
    for row in rows:
        kind = procedure_of(row.procedure)
        yield f"{row.case_id}  {kind.code if kind else row.procedure}  {state(row.procedure, row.state, row.label)}"
        due = ""
        if row.next_due is not None:
            due = f"; {'OVERDUE since' if now_overdue(row) else 'next due'} {london(row.next_due)}"
        end = f"; closed {london(row.closed_at)}" if row.closed_at else due
        yield f"    opened {london(row.opened_at)}{end}"


def outbox(rows: Sequence[Notice], people: People) -> Iterator[str]:
    """Notices, the newest first."""
    if not rows:
        yield "There are no such notices."
    for row in rows:
        words = WORDS.get(row.what)
        yield f"{london(row.created_at)}  to {people.who(row.person)}, {role(row.role)}"
        subject = words.subject if words else row.what.replace("_", " ")
        yield f"    {subject}: {row.about}" + (f" [{row.clause}]" if row.clause else "")
        # Words such as "at once" stand for the instant, which is then that of the telling itself.
        due = f"; due {london(row.due)}" if row.due and not (words and words.when) else ""
        yield f"    {row.case_id}, {delivery(row)}{due}"


def delivery(row: Notice) -> str:
    """Whether a notice reached its person, in words."""
    if row.status is NoticeStatus.SENT and row.sent_at:
        return f"delivered {london(row.sent_at)}"
    if row.status is NoticeStatus.FAILED:
        return f"given up after {row.attempts} tries ({row.last_error})"
    return "waiting" + (
        f", tried {row.attempts} times ({row.last_error})" if row.last_error else ""
    )


def checks(found: Iterable[Check]) -> Iterator[str]:
    """One line a check: ok, wrong or not asked."""
    words = {True: "ok", False: "WRONG", None: "-"}
    for check in found:
        yield f"{words[check.ok]:<6}{check.name + ':':<19}{check.said}"
        yield from (f"{'':<25}{fault}" for fault in check.faults)
