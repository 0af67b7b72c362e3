"""The policy's data files: complete, marked, and the calendars right."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

import policy
from models.errors import Misconfigured
from models.people import Role, ladder
from models.policy import Clause, Clock, Deadline, Mark
from models.working_time import CalendarSnapshot
from policy import make_calendar
from policy.reading import PolicyFile

CATALOGUE = [
    "E-X1", *(f"E-T{n}" for n in range(1, 8)), *(f"R-T{n}" for n in range(1, 5)),
    *(f"C-T{n}" for n in range(1, 7)), *(f"D-T{n}" for n in range(1, 8)),
    "W-T1", "W-T2", "I-T1", "U-T1", "A-T1",
]  # fmt: skip
WHERE_ELSE = ["E-TELL", "E-CHALLENGE", "E-CONFIRM", "E-SPEAK", "E-SAFETY", "E-POLICE", "E-LINK",
              "E-WATCH", "E-WITHDRAW", "E-CLOSE",
              "D-SESSION", "D-ORDER", "D-CHILD", "D-CLOSE", "D-SEAL", "D-FILE",
              "C-T2-OPEN", "C-T5-ANSWER", "C-MATERIAL", "C-SIGN", "C-STEP", "C-WORDING",
              "S-16A", "INFO", "COURT-WARN",
              "R-ADVICE", "R-RESPONSE", "R-SAFE", "R-WATCH-END"]  # fmt: skip
CLAUSES = [
    *(f"PRE-{n}" for n in range(1, 5)), "PUR-1", "SCOPE", "WHY-1", "WHY-2",
    *(f"2.{n}" for n in range(1, 16)), *(f"3.{n}" for n in range(1, 6)),
    *(f"4.{n}" for n in range(1, 6)), "5.1", "5.2", "META", "APPX",
    *(f"G-{n}" for n in range(1, 23)),
]  # fmt: skip


def dates(year: int, *days: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{day}") for day in days}


# The lists of the policy analysis 3.3, from the government's published file.
ENGLAND = {
    2026: dates(2026, "01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"),
    2027: dates(2027, "01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"),
    2028: dates(2028, "01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"),
}
ELSEWHERE = {
    2026: dates(2026, "01-02", "03-17", "06-15", "07-13", "08-03", "11-30"),
    2027: dates(2027, "01-04", "03-17", "07-12", "08-02", "11-30"),
    2028: dates(2028, "01-04", "03-17", "07-12", "08-07", "11-30"),
}


# --- deadlines --------------------------------------------------------------------------------


def test_every_deadline_of_the_catalogue_is_there() -> None:
    assert set(CATALOGUE + WHERE_ELSE) <= set(policy.book().deadlines)


@pytest.mark.parametrize("deadline", policy.book().deadlines.values(), ids=lambda each: each.id)
def test_every_deadline_says_what_happens_then_and_where_it_comes_from(
    deadline: Deadline,
) -> None:
    assert len(deadline.then) > 20
    assert deadline.mark is not Mark.SEED, "neither seed gives a number"
    cited = re.split(r", ", deadline.source)
    assert set(cited) <= set(CLAUSES)


@pytest.mark.parametrize("deadline", policy.book().deadlines.values(), ids=lambda each: each.id)
def test_whoever_takes_over_gets_time_and_the_last_is_reminded(deadline: Deadline) -> None:
    assert deadline.fresh is None or deadline.repeat is not None
    assert deadline.normal.length >= (deadline.urgent or deadline.normal).length or (
        deadline.urgent is not None and deadline.urgent.clock is not deadline.normal.clock
    )


@pytest.mark.parametrize(
    ("id_", "normal", "urgent", "remind_at", "fresh", "before_court", "tells"),
    [
        ("E-X1", "30min", None, 0.5, "30min", None, ()),
        ("E-T1", "4wh", None, 0.5, "4wh", None, ("HRBP",)),
        ("E-T2", "8wh", "4wh", 0.5, "4wh", None, ()),
        ("E-T3", "8wh", "4wh", 0.5, "4wh", None, ("SM",)),
        ("E-T4", "8wh", "4wh", 0.5, "4wh", None, ()),
        ("E-T5", "16wh", "4wh", 0.5, "4wh", None, ()),
        ("E-T6", "16wh", "12h", 0.5, "4wh", None, ("HRL",)),
        ("E-T7", "40wh", "16wh", None, "4wh", None, ()),
        ("E-TELL", "4wh", None, 0.5, "4wh", None, ()),
        ("E-CHALLENGE", "16wh", None, 0.5, None, None, ()),
        ("E-CONFIRM", "8wh", None, 0.5, "4wh", None, ()),
        ("E-SPEAK", "8wh", "4wh", 0.5, "4wh", None, ()),
        ("E-SAFETY", "8wh", "4wh", 0.5, "4wh", None, ()),
        ("E-POLICE", "4wh", None, 0.5, "4wh", None, ()),
        ("E-LINK", "16wh", None, 0.5, "4wh", None, ()),
        ("E-WATCH", "80wh", None, None, None, None, ()),
        ("E-WITHDRAW", "8wh", None, 0.5, "4wh", None, ()),
        ("E-CLOSE", "8wh", None, 0.5, "4wh", None, ()),
        ("D-T1", "8wh", None, None, None, None, ()),
        ("D-T2", "8wh", "4wh", 0.5, "4wh", "8wh", ("LEG",)),
        ("D-T3", "16wh", "4wh", 0.5, "4wh", "4wh", ("LM",)),
        ("D-T4", "40wh", None, 0.75, None, "8wh", ("LM",)),
        ("D-T5", "8wh", None, 0.5, "4wh", "4wh", ()),
        ("D-T6", "4wh", None, 0.5, "4wh", None, ("ITS",)),
        ("D-T7", "8wh", "4wh", 0.5, "4wh", "8wh", ()),
        ("D-SESSION", "2h", None, 0.75, None, None, ("PR", "COM")),
        ("D-ORDER", "24wh", None, 0.5, "4wh", None, ("LEG",)),
        ("D-FILE", "8wh", None, 0.5, "4wh", "4wh", ()),
        ("R-T1", "4wh", "1wh", 0.5, "4wh", None, ()),
        ("R-T2", "8wh", "2wh", 0.5, "4wh", None, ()),
        ("R-T3", "8wh", "2wh", 0.5, "4wh", None, ()),
        ("R-T4", "40wh", None, None, None, None, ("HOC",)),
        ("R-ADVICE", "16wh", "4wh", 0.5, "4wh", None, ("HOC",)),
        ("R-RESPONSE", "8wh", "2wh", 0.5, "4wh", None, ()),
        ("R-SAFE", "4h", None, 0.5, None, None, ("HSL", "HOC", "DOC")),
        ("R-WATCH-END", "8wh", None, 0.5, "4wh", None, ()),
        ("C-T1", "4wh", "4wh", 0.5, "4wh", None, ()),
        ("C-T2", "16wh", "4wh", 0.5, "4wh", None, ()),
        ("C-T2-OPEN", "8wh", "4wh", 0.5, "4wh", None, ()),
        ("C-T3", "8wh", None, 0.5, "4wh", "8wh", ("LDL",)),
        ("C-T4", "8wh", None, 0.5, "4wh", "4wh", ("LEG",)),
        ("C-T5", "8wh", "4wh", 0.5, "4wh", None, ()),
        ("C-T5-ANSWER", "16wh", "8wh", 0.5, None, None, ("LM",)),
        ("C-T6", "40wh", "8wh", None, None, None, ("LEG",)),
        # Not in the catalogue: 3.5 gives these no row of their own.
        ("C-MATERIAL", "8wh", "4wh", 0.5, "4wh", None, ("LM",)),
        ("C-SIGN", "4wh", None, 0.5, "4wh", "8wh", ("LDL",)),
        ("C-STEP", "8wh", "4wh", 0.5, "4wh", "4wh", ("LM",)),
        ("C-WORDING", "4wh", "2wh", 0.5, "2wh", None, ()),
        ("COURT-WARN", "16wh", None, None, None, None, ("LM", "LEG")),
    ],
)
def test_the_figures_are_those_of_the_catalogue(  # noqa: PLR0913 a row of a table
    id_: str,
    normal: str,
    urgent: str | None,
    remind_at: float | None,
    fresh: str | None,
    before_court: str | None,
    tells: tuple[str, ...],
) -> None:
    found = policy.book().deadlines[id_]
    said = [str(each) if each else None for each in (found.urgent, found.fresh, found.before_court)]
    assert str(found.normal) == normal
    assert said == [urgent, fresh, before_court]
    assert found.remind_at == remind_at
    assert found.tells == tuple(Role(code) for code in tells)


def test_danger_safety_a_session_and_a_breach_run_on_the_wall_clock_and_nothing_else() -> None:
    wall = {key for key, each in policy.book().deadlines.items() if each.normal.clock is Clock.WALL}
    assert wall == {"E-X1", "R-SAFE", "D-SESSION", "D-BREACH"}


# --- roles, clauses, the list of what is never departed from ----------------------------------


def test_every_role_has_a_plain_name_of_its_own() -> None:
    roles = policy.book().roles
    assert set(roles) == set(Role)
    assert len({each.name for each in roles.values()}) == len(Role)
    for role, each in roles.items():
        assert each.name.upper() != role.value
        assert each.source
    assert {rung for role in Role for rung in ladder(role)} <= set(roles)


def test_every_clause_of_both_seeds_is_there_and_no_other() -> None:
    clauses = policy.book().clauses
    assert list(clauses) == CLAUSES
    assert policy.book().version == "2.2"
    for each in clauses.values():
        assert each.text.endswith("."), each.id
        assert each.source.startswith(("Social media policy v2.2", "Social media guidelines"))


def test_what_is_never_departed_from_is_listed_with_its_clause() -> None:
    listed = policy.never()
    assert len(listed) == 8
    assert {each.source for each in listed} >= {"2.1", "2.7", "2.11", "2.13", "2.14"}
    for each in listed:
        assert set(re.split(r", ", each.source)) <= set(CLAUSES)


def test_everything_is_read_once() -> None:
    assert policy.book() is policy.book()
    assert policy.never() is policy.never()
    assert policy.calendar() is policy.calendar()
    assert policy.uk_calendar() is policy.uk_calendar()


# --- calendars --------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ENGLAND)
def test_the_holidays_are_those_published(year: int) -> None:
    home = {each.day for each in policy.calendar().holidays if each.day.year == year}
    everywhere = {each.day for each in policy.uk_calendar().holidays if each.day.year == year}
    assert home == ENGLAND[year]
    assert everywhere - home == ELSEWHERE[year]
    assert home < everywhere


@pytest.mark.parametrize(
    "calendar", [policy.calendar(), policy.uk_calendar()], ids=lambda c: c.version
)
def test_every_year_the_calendar_covers_has_its_holidays(
    calendar: CalendarSnapshot,
) -> None:
    years = range(calendar.first_day.year, calendar.last_day.year + 1)
    assert (calendar.first_day, calendar.last_day) == (
        date(years[0], 1, 1),
        date(years[-1], 12, 31),
    )
    for year in years:
        found = [each for each in calendar.holidays if each.day.year == year]
        assert len(found) >= 8, f"{calendar.version} lacks holidays in {year}"
        assert any(each.name.startswith("Christmas Day") for each in found)
    assert all(each.day.weekday() < 5 for each in calendar.holidays)


def test_the_holidays_package_agrees_on_every_day_of_the_calendar() -> None:
    calendar = policy.calendar()
    years = range(calendar.first_day.year, calendar.last_day.year + 1)
    other = holidays.country_holidays("GB", subdiv="ENG", years=years)
    day = calendar.first_day
    while day <= calendar.last_day:
        works = day.weekday() < 5 and day not in other
        assert (calendar.why_closed(day) is None) is works, day
        day += timedelta(days=1)


def test_the_calendar_files_are_what_the_generator_writes() -> None:
    for name, text in [
        ("england-and-wales.yaml", make_calendar.england_and_wales()),
        ("united-kingdom.yaml", make_calendar.united_kingdom()),
    ]:
        file = make_calendar.FOLDER / name
        assert file.read_text(encoding="utf-8") == text, "run `python -m policy.make_calendar`"


def test_the_generator_writes_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_calendar, "FOLDER", tmp_path / "calendar")
    make_calendar.main()
    assert {each.name for each in (tmp_path / "calendar").iterdir()} == {
        "england-and-wales.yaml",
        "united-kingdom.yaml",
    }


def test_a_substitute_day_says_what_it_stands_for() -> None:
    assert policy.calendar().why_closed(date(2027, 12, 27)) == "Christmas Day (substitute)"
    assert policy.calendar().why_closed(date(2026, 12, 28)) == "Boxing Day (substitute)"
    assert policy.uk_calendar().why_closed(date(2026, 11, 30)) == "St Andrew's Day, Scotland"


# --- a fault in a file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A-1: {text: O., source: s}\n\nA-2:\n  source: s\n", "line 3, A-2: text: Field required"),
        ("A-1: {text: One., source: s, colour: red}\n", "A-1: colour: Extra inputs"),
        ("A-1: {text: O., source: s}\nA-1: {text: T., source: s}\n", "line 2: A-1 is given twice"),
        ("2.10: {text: O., source: s}\n", "2.1: the name must stand in quotation marks"),
        ("A-1: [\n", "line 2: expected the node content"),
        ("A-1: nothing\n", "line 1, A-1: "),
        ("A-1:\n", "line 1, A-1: "),
        ("- A-1\n", "must be a list of names"),
        ("", "must be a list of names"),
    ],
)  # fmt: skip
def test_a_fault_names_the_file_and_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "invented.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("policy.reading.files", lambda _package: tmp_path)
    with pytest.raises(Misconfigured, match=r"policy/invented\.yaml") as fault:
        PolicyFile("invented.yaml").values(Clause, key="id")
    assert said in str(fault.value)


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy.reading.files", lambda _package: tmp_path)
    with pytest.raises(Misconfigured, match=r"policy/calendar/gone\.yaml cannot be read"):
        PolicyFile("calendar/gone.yaml")


def test_a_fault_in_the_calendar_names_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "england-and-wales.yaml").write_text(
        "version: x\nfirst_day: 2026-01-01\nlast_day: 2025-01-01\nholidays: {}\n", encoding="utf-8"
    )
    monkeypatch.setattr("policy.reading.files", lambda _package: tmp_path)
    with pytest.raises(Misconfigured, match=r"england-and-wales\.yaml, line 4, .*before its first"):
        policy.calendar.__wrapped__()
