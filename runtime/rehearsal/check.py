"""What a story expected against what came, and one way of playing against another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest

from models.case import Entry
from models.london import LONDON
from procedures.registry import by_name
from runtime.rehearsal.played import Played, Result
from runtime.rehearsal.story import DueExpected, Story, ToldExpected, TrailExpected


def check(story: Story, played: Played) -> list[str]:
    """Every expectation that did not come true: `file:line: expected …; came …`."""
    return [
        *_answers(story, played),
        *_ending(story, played),
        *_trail(story, played),
        *(fault for n, due in enumerate(story.due) for fault in _due(story, played, n, due)),
        *(fault for n, told in enumerate(story.told) for fault in _told(story, played, n, told)),
    ]


def compare(one: Played, other: Played) -> list[str]:
    """Where two ways of playing the same story differ, entry for entry; empty when they agree."""
    found = []
    for first, second in zip_longest(one.trail, other.trail):
        if first != second:
            number = (first or second).seq
            found.append(
                f"entry {number}: {_entry(first)} on {one.on}; {_entry(second)} on {other.on}"
            )
    for mine, its in zip_longest(one.results, other.results):
        if mine != its:
            step = (mine or its).step
            found.append(f"step {step} was answered differently on {one.on} and {other.on}")
    ends = (one.state, one.flags), (other.state, other.flags)
    if ends[0] != ends[1]:
        found.append(f"it ends at {one.state} on {one.on}, at {other.state} on {other.on}")
    return found


def words_of(entry: Entry, procedure: str) -> set[str]:
    """Everything an entry says of itself that a story may name."""
    act = by_name(procedure).acts_by_code.get(entry.act or "")
    said = {entry.kind, entry.act, entry.code, entry.actor, entry.role, entry.after, entry.no}
    said |= {act.event} if act else set()
    said |= {word for line in entry.moved for word in (line.duty, line.role)}
    said |= {None if entry.in_time is None else "in_time" if entry.in_time else "late"}
    return {str(word) for word in said if word}


def _answers(story: Story, played: Played) -> Iterator[str]:
    results = {result.step: result for result in played.results}
    for number, step in enumerate(story.steps, start=1):
        result = results.get(number)
        if step.act is None or result is None:
            continue
        where = f"{story.line('steps', number - 1)}: step {number}, {step.act} by {step.who}"
        yield from (f"{where}: {fault}" for fault in _answer(story, number, result))


def _answer(story: Story, number: int, result: Result) -> Iterator[str]:
    step, receipt = story.steps[number - 1], result.receipt
    if receipt is None:
        yield f"expected {step.expect}; came no answer"
        return
    said = f"{receipt.code or ''} {receipt.message}".strip()
    if receipt.outcome != step.expect:
        yield f"expected {step.expect}; came {receipt.outcome}: {said}"
    elif step.because.casefold() not in said.casefold():
        yield f'expected because "{step.because}"; came: {said}'
    if receipt.repeated != step.repeated:
        came = "answered as repeated" if receipt.repeated else "taken as new"
        yield f"expected repeated: {str(step.repeated).lower()}; came {came}"


def _ending(story: Story, played: Played) -> Iterator[str]:
    nos = sorted({entry.no for entry in played.trail if entry.no})
    if story.outcome is not None and story.outcome != played.state:
        yield f"{story.line('outcome')}: expected outcome {story.outcome}; came {played.state}"
    # An outcome that is a "no" is never passed over in silence: the four stay apart.
    if story.no != played.no and (story.outcome is not None or story.no is not None):
        where = story.line("no") if story.no else story.line("outcome")
        yield f"{where}: expected no: {story.no or 'none'}; came {played.no or 'none'}"
    if story.nos is not None and sorted(story.nos) != nos:
        expected = ", ".join(sorted(story.nos)) or "none"
        yield f"{story.line('nos')}: expected nos {expected}; came {', '.join(nos) or 'none'}"
    if story.flags is not None and sorted(story.flags) != sorted(played.flags):
        expected, came = (", ".join(sorted(one)) or "none" for one in (story.flags, played.flags))
        yield f"{story.line('flags')}: expected flags {expected}; came {came}"


# --- trail --------------------------------------------------------------------------------------


def _trail(story: Story, played: Played) -> Iterator[str]:
    if story.exact:
        yield from _exact_trail(story, played)
        return
    rest = iter(played.trail)
    behind = "the opening"
    for number, expected in enumerate(story.trail):
        found = next((one for one in rest if _says(one, expected, story)), None)
        if found is None:
            where = story.line("trail", number)
            came = "; ".join(_entry(one) for one in played.trail)
            yield f"{where}: expected {_expected(expected)} after {behind}; came {came}"
            return
        behind = _entry(found)


def _exact_trail(story: Story, played: Played) -> Iterator[str]:
    for number, (expected, entry) in enumerate(zip_longest(story.trail, played.trail)):
        if expected is None:
            yield f"{story.line('trail')}: expected nothing more; came {_entry(entry)}"
        elif entry is None or not _says(entry, expected, story):
            where = story.line("trail", number)
            yield f"{where}: expected {_expected(expected)}; came {_entry(entry)}"


def _says(entry: Entry, expected: TrailExpected, story: Story) -> bool:
    words = set(expected.says.split())
    at = expected.at is None or expected.at == entry.at
    return at and words <= words_of(entry, story.procedure)


def _expected(expected: TrailExpected) -> str:
    return f"“{expected.says}”" + (f" at {_time(expected.at)}" if expected.at else "")


def _entry(entry: Entry | None) -> str:
    if entry is None:
        return "nothing"
    what = " ".join(filter(None, (entry.kind, entry.act, entry.code)))
    return f"{entry.seq} {what} by {entry.actor} at {_time(entry.at)}"


# --- due and told -------------------------------------------------------------------------------


def _due(story: Story, played: Played, number: int, expected: DueExpected) -> Iterator[str]:
    seen = [one for one in played.due if one.duty == expected.duty]
    for one in seen:
        if (
            one.due == expected.at
            and expected.was in (None, one.was)
            and expected.role in (None, one.role)
            and expected.backstop in (None, one.backstop)
        ):
            return
    came = "; ".join(
        f"{_time(one.due)} for {one.role}"
        + (f", was {_time(one.was)}" if one.was else "")
        + (", a back-stop" if one.backstop else "")
        for one in seen
    )
    more = "".join(
        f", {name} {value}"
        for name, value in (
            ("was", _time(expected.was) if expected.was else None),
            ("for", expected.role),
            ("backstop", expected.backstop),
        )
        if value is not None
    )
    where = story.line("due", number)
    wanted = f"{expected.duty} due {_time(expected.at)}{more}"
    yield f"{where}: expected {wanted}; came {came or 'no due instant of it'}"


def _told(story: Story, played: Played, number: int, expected: ToldExpected) -> Iterator[str]:
    told = [
        (entry.at, tell.what)
        for entry in played.trail
        for tell in entry.tells
        if tell.person == expected.who and expected.what in (None, tell.what)
    ]
    fits = [
        at
        for at, _ in told
        if expected.at in (None, at) and (expected.by is None or at <= expected.by)
    ]
    if bool(fits) is not expected.never:
        return
    wanted = " ".join(
        part
        for part in (
            expected.who,
            "never told" if expected.never else "told",
            expected.what,
            f"at {_time(expected.at)}" if expected.at else None,
            f"by {_time(expected.by)}" if expected.by else None,
        )
        if part
    )
    came = "; ".join(f"{what} at {_time(at)}" for at, what in told) or "never told that"
    yield f"{story.line('told', number)}: expected {wanted}; came {came}"


def _time(at: datetime) -> str:
    """As a story writes it, seconds only when there are any."""
    here = at.astimezone(LONDON)
    return here.strftime("%Y-%m-%d %H:%M:%S" if here.second else "%Y-%m-%d %H:%M")
