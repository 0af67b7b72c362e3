"""A case as it stood at any entry of its trail: the facts folded up to there, by the same core.

The entries of one fact were written in one transaction: nobody ever saw the case between them, so
each of them shows the case as the fact left it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from models.base import Instant, Value
from models.case import Duty, Line, Opened
from models.errors import CaseworkError
from models.policy import Mark
from procedures.procedure import Procedure
from procedures.registry import begun_as
from runtime.audit import Different, same_values
from runtime.path_ahead import explained


class Work(Value):
    """A piece of open work, and how its due instant came about."""

    duty: Duty
    mark: Mark
    explained: tuple[str, ...]


class Stood(Value):
    """Where a case stood once an entry was written."""

    seq: int
    first: int
    """The first and the last entry of the same fact."""
    last: int
    at: Instant
    procedure: str
    version: int
    """Of the class body that the case began with."""
    state: str
    label: str
    code: str
    mark: Mark
    closed: bool
    flags: tuple[str, ...]
    been: tuple[str, ...]
    """Ids of the states it had been in by then."""
    work: tuple[Work, ...]


def walk(lines: Sequence[Line]) -> Iterator[tuple[Procedure, Sequence[Line]]]:
    """The case after each fact with the entries of that fact; it is the same case, moved on.

    Raises CaseworkError where the facts do not make what was recorded.
    """
    case: Procedure | None = None
    for group in facts_of(lines):
        fact = group[0].private.fact
        if case is None:
            if not isinstance(fact, Opened):
                raise CaseworkError("The trail does not begin with the opening of a case.")
            case = begun_as(fact).begin(fact)
        if fact is None:
            raise Different(group[0].entry.seq)
        made = case.fold(fact).lines
        if len(made) != len(group):
            raise Different(group[0].entry.seq)
        for kept, again in zip(group, made, strict=True):
            if kept.private != again.private or not same_values(kept.entry, again.entry):
                raise Different(kept.entry.seq)
        yield case, group


def facts_of(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """The lines of a trail, those of one fact together; each fact lies with its first line."""
    begins = [at for at, line in enumerate(lines) if line.private.fact is not None]
    starts = begins if begins[:1] == [0] else [0, *begins]
    return [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True) if a < b]


def stood(lines: Sequence[Line], seq: int) -> Stood:
    """Where a case stood at an entry. Raises CaseworkError where it cannot be worked out."""
    for case, group in walk(lines):
        if group[-1].entry.seq >= seq:
            return _stood(case, lines[: group[-1].entry.seq], group, seq)
    raise CaseworkError("The trail has no such entry.")


def seq_at(lines: Sequence[Line], instant: datetime) -> int:
    """The last entry by an instant; the first when the case was not open yet."""
    return max((one.entry.seq for one in lines if one.entry.at <= instant), default=1)


def _stood(case: Procedure, until: Sequence[Line], group: Sequence[Line], seq: int) -> Stood:
    step = case.step
    been = dict.fromkeys(state for one in until for state in (one.entry.before, one.entry.after))
    return Stood(
        seq=seq,
        first=group[0].entry.seq,
        last=group[-1].entry.seq,
        at=group[-1].entry.at,
        procedure=case.key,
        version=case.case.opened.pins.procedure,
        state=case.here,
        label=step.label,
        code=step.code,
        mark=step.mark,
        closed=case.closed,
        flags=case.case.flags,
        been=tuple(been),
        work=tuple(_work(case, duty) for duty in case.case.duties),
    )


def _work(case: Procedure, duty: Duty) -> Work:
    task = next((one for one in case.tasks if one.id == duty.id), None)
    mark = case.step.mark if duty.step else task.mark if task else Mark.RECONSTRUCTED
    how = explained(case, duty.started, duty.length, duty.due, duty.backstop)
    return Work(duty=duty, mark=mark, explained=how)
