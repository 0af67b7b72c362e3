"""The verbs of administrators: absences, the calendar, notices that were given up (SD13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from models.administration import CalendarChange, RecordedAbsence
from models.errors import BadInput
from models.london import london, london_day
from models.looked import Seen
from runtime import showing
from runtime.answers import Answer
from runtime.desk_calendar import Shown
from runtime.verbs import desk_of_settings, noted_list

# --- absences -----------------------------------------------------------------------------------


def record_absence(by: str, person: str, first: str, last: str, delegate: str | None) -> Answer:
    """Record that somebody is away, from one London day to another, both included."""
    days = _day(first), _day(last)
    with desk_of_settings() as desk:
        deed = desk.record_absence(by, person, *days, delegate)
    said = f"Recorded as number {deed.seq}. Open cases hear of it within seconds."
    return Answer(deed.model_dump(mode="json"), [said])


def withdraw_absence(by: str, number: int) -> Answer:
    """End an absence now, or take it back before it begins."""
    with desk_of_settings() as desk:
        deed = desk.withdraw_absence(by, number)
    return Answer(deed.model_dump(mode="json"), [f"Number {number} no longer counts from now on."])


def absences() -> Answer:
    """Every absence that was recorded, those that begin last first."""
    with desk_of_settings() as desk:
        rows, left_out = desk.absences(), desk.left_out()
        people = showing.People(desk.directory)
    lines = [_absence(one, people) for one in rows] or ["No absence was recorded here."]
    lines += [
        f"Number {one} does not fit the directory file and does not count." for one in left_out
    ]
    document = {"absences": [one.model_dump(mode="json") for one in rows], "left_out": left_out}
    return Answer(document, lines)


def _absence(one: RecordedAbsence, people: showing.People) -> str:
    row = one.absence
    cover = f", {people.who(row.delegate)} covers" if row.delegate else ""
    ended = f" (ended {london(one.withdrawn)})" if one.withdrawn else ""
    return (
        f"{one.seq}: {people.who(row.person)}, {london(row.start)} up to {london(row.end)}"
        f"{cover}{ended}"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("That is no day; nothing was done. Write it like 2026-12-01.") from None


# --- the calendar -------------------------------------------------------------------------------


def propose(by: str, day: str | None, name: str, why: str) -> Answer:
    """Propose a closed day, or that every open case gets the newest calendar."""
    closed = _day(day) if day else None
    with desk_of_settings() as desk:
        change = desk.propose_calendar(by, closed, name, why)
        while desk.work_out(change.seq):
            pass
        shown = desk.shown(change.seq, None)
    return _shown(shown)


def proposal(number: int, *, again_as: str | None = None) -> Answer:
    """A proposal with every deadline, worked out as far as it is missing; or all of it anew."""
    with desk_of_settings() as desk:
        if again_as is not None:
            desk.work_out_again(again_as, number)
        if desk.proposal(number).waiting:
            while desk.work_out(number):
                pass
        shown = desk.shown(number, None)
        noted_list(desk, again_as, Seen.DEADLINES, len(shown.rows), {"change": str(number)})
    return _shown(shown)


def confirm(by: str, number: int, shown: str) -> Answer:
    """Confirm a proposal as a second person, bound to what was shown."""
    with desk_of_settings() as desk:
        change = desk.confirm_calendar(by, number, shown)
        cases = desk.ledger.tally(number).cases
    said = (
        f"Confirmed. The service brings it to {cases} open cases; `casework calendar show {number}`"
        " says how far it got."
    )
    return Answer(change.model_dump(mode="json"), [said])


def drop(by: str, number: int) -> Answer:
    """Give a proposal up."""
    with desk_of_settings() as desk:
        deed = desk.drop_calendar(by, number)
    return Answer(deed.model_dump(mode="json"), ["Given up. Nothing was changed."])


def calendar() -> Answer:
    """The calendar that holds now, and every change that was proposed."""
    with desk_of_settings() as desk:
        known, changes = desk.calendar, desk.proposals()
    lines = [f"{known.version}, known up to {london_day(known.last_day)}"]
    lines += [f"{one.seq}: {_what(one)}: {_where(one)}" for one in changes]
    document = {
        "version": known.version,
        "digest": known.digest,
        "last_day": known.last_day.isoformat(),
        "changes": [one.model_dump(mode="json") for one in changes],
    }
    return Answer(document, lines)


def _what(one: CalendarChange) -> str:
    return f"{london_day(one.day)}, {one.name}" if one.day else one.name


def _where(one: CalendarChange) -> str:
    if one.waiting:
        return f"proposed by {one.proposed_by}, waits for another administrator"
    return "given up" if one.dropped else f"confirmed by {one.confirmed_by}"


def _shown(shown: Shown) -> Answer:
    document = shown.model_dump(mode="json")
    return Answer(document, list(_lines(shown)))


def _lines(shown: Shown) -> Iterator[str]:
    change, tally = shown.day, shown.tally
    yield f"Change {change.seq}: {_what(change)}: {_where(change)}"
    for row in shown.rows:
        for move in row.moves:
            came = f" ({row.code})" if row.code else ""
            yield f"{row.case_id}: {move.label}: {london(move.old)} -> {london(move.new)}{came}"
    yield f"{tally.cases} open cases, deadlines move in {tally.moving}."
    if change.confirmed_at:
        yield f"{tally.done} have heard of it; {tally.failed} are tried again."
    elif change.waiting:
        yield f"Another administrator confirms exactly this with --shown {shown.digest}"


# --- notices ------------------------------------------------------------------------------------


def retry_notices(by: str, ids: list[str], *, every: bool) -> Answer:
    """Let notices that were given up be tried again at once."""
    with desk_of_settings() as desk:
        chosen = [one.id for one in desk.failed_notices(10_000)] if every else ids
        again = desk.retry_notices(by, chosen)
    return Answer({"notices": list(again)}, [f"{len(again)} are tried again now."])
