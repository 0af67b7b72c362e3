"""The facts of a story: made here once, so that they are the same wherever it is played."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

import policy
from models.case import CalendarChanged, Decision, Fact, Joined, Opened, PeopleChanged, Ticked
from models.directory import Directory, Person
from models.errors import BadInput, Misconfigured
from models.people import Role
from models.working_time import CalendarSnapshot, Holiday
from procedures.opening import pins
from procedures.registry import by_name
from runtime.directory_file import load
from runtime.rehearsal.story import Changes, FurtherReport, Step, Story, case_of

EXAMPLE_DIRECTORY = Path(__file__).resolve().parents[2] / "examples" / "directory.yaml"
_NOBODY: Mapping[Role, str] = {}


class Facts:
    """The facts of one story in order; the directory and the calendar move on with the steps."""

    def __init__(self, story: Story) -> None:
        self.story = story
        base = _loaded(story.directory or EXAMPLE_DIRECTORY)
        added = Changes(people=story.people, absences=story.absences, delegations=story.delegations)
        place = next((key for key in Changes.model_fields if getattr(story, key)), "directory")
        self.directory = self._with(base, added, place)
        """The directory in force at the step last made."""
        self.calendar: CalendarSnapshot = policy.calendar()

    def opened(self) -> Opened:
        """The opening of the case. Raises BadInput, as the desk does, for a form it refuses."""
        story, kind = self.story, by_name(self.story.procedure)
        intake = kind.read(story.intake)
        faults = kind.faults_at(intake, story.opens)
        if faults:
            raise BadInput(f"{story.line('intake')}: the form cannot be used.", faults)
        opened = Opened(
            case_id=story.case_id,
            procedure=kind.key,
            at=story.opens,
            by=story.by,
            token=str(intake.submission_token),
            pins=pins(kind, policy.book(), policy.calendar(), story.opens),
            roster=self.directory.roster(kind.subject(intake, story.by), story.opens),
            sender=self.directory.sender(story.by, story.opens),
            intake=intake.model_dump(mode="json"),
            same_as=case_of(f"{story.name} before") if story.joins else None,
            linked=tuple(case_of(f"{story.name} {name}") for name in story.linked),
            similar=tuple(case_of(f"{story.name} {name}") for name in story.similar),
        )
        self.calendar = opened.pins.calendar
        return opened

    def of(self, number: int, subject: str, assigned: Mapping[Role, str] = _NOBODY) -> Fact:
        """The fact of step `number` (from 1) in a case of `subject` with roles `assigned`."""
        step = self.story.steps[number - 1]
        if step.holidays_proclaimed:
            return self._proclaimed(number, step)
        if step.directory_changes is not None:
            place = ("steps", number - 1)
            self.directory = self._with(self.directory, step.directory_changes, *place)
            roster = self.directory.roster(subject, step.at, assigned)
            return PeopleChanged(at=step.at, roster=roster)
        if step.report_joined is not None:
            return self._joined(number, step.at, step.report_joined)
        return self._decision(number, step, subject, assigned)

    def ticked(self, at: datetime, subject: str, assigned: Mapping[Role, str] = _NOBODY) -> Ticked:
        """The clock reaching an instant, with who is who then."""
        return Ticked(at=at, roster=self.directory.roster(subject, at, assigned))

    def _decision(
        self, number: int, step: Step, subject: str, assigned: Mapping[Role, str]
    ) -> Decision:
        assert step.who is not None
        assert step.act is not None
        return Decision(
            id=self.story.decision_id(number),
            case_id=case_of(step.case) if step.case else self.story.case_id,
            act=step.act,
            person=step.who,
            role=step.role,
            on_behalf_of=step.on_behalf_of,
            reason=step.reason,
            fields=step.fields,
            saw=step.saw,
            at=step.at,
            roster=self.directory.roster(subject, step.at, assigned),
            sender=self.directory.sender(step.who, step.at),
        )

    def _joined(self, number: int, at: datetime, further: FurtherReport) -> Joined:
        kind = by_name(self.story.procedure)
        return Joined(
            id=self.story.decision_id(number),
            at=at,
            procedure=kind.key,
            report=case_of(f"{self.story.name} {further.by}"),
            by=further.by,
            opened_at=further.opened or at,
            intake=kind.read(further.intake).model_dump(mode="json"),
            separated=further.separated,
        )

    def _proclaimed(self, number: int, step: Step) -> CalendarChanged:
        self.calendar = _with_holidays(self.calendar, step.holidays_proclaimed)
        return CalendarChanged(
            id=self.story.decision_id(number),
            at=step.at,
            by=step.who or "adm-1",
            calendar=self.calendar,
        )

    def _with(self, base: Directory, changes: Changes, *place: str | int) -> Directory:
        if not (changes.people or changes.absences or changes.delegations):
            return base
        people = {person.id: person for person in base.people}
        try:
            for row in changes.people:
                known = people.get(str(row.get("id")))
                before = known.model_dump(mode="json") if known else {}
                person = Person.model_validate({**before, **row})
                people[person.id] = person
            return Directory(
                people.values(),
                (*base.absences, *changes.absences),
                (*base.delegations, *changes.delegations),
                base.accounts,
            )
        except (Misconfigured, ValidationError) as fault:
            where = self.story.line(*place)
            raise Misconfigured(f"{where}: the directory cannot be so:\n{fault}") from None


def _with_holidays(calendar: CalendarSnapshot, new: tuple[Holiday, ...]) -> CalendarSnapshot:
    days = {holiday.day: holiday for holiday in (*calendar.holidays, *new)}
    version = f"{calendar.version}+{len(days) - len(calendar.holidays)}"
    holidays = tuple(days[day] for day in sorted(days))
    # Not model_copy: it would take the old digest along, by which calendars are told apart.
    kept = {name: getattr(calendar, name) for name in CalendarSnapshot.model_fields}
    return CalendarSnapshot(**{**kept, "version": version, "holidays": holidays})


def _loaded(path: Path) -> Directory:
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _read(path, changed)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> Directory:
    """`changed` makes an edited file a new one."""
    return load(path)
