"""The directory of people: reading it, every fault it can have, and when it next changes."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.directory import Absence, Delegation, Directory, Person
from models.errors import BadInput, Misconfigured
from models.london import parse_london
from models.people import Role
from runtime.directory_file import DirectoryFile, load

MONDAY = parse_london("2026-11-30 10:00")
EXAMPLE = Path(__file__).parents[1] / "examples" / "directory.yaml"


@cache
def example() -> Directory:
    return load(EXAMPLE)


# --- the example ------------------------------------------------------------------------------


def test_the_example_has_somebody_in_every_role_an_open_case_may_need() -> None:
    seats = example().roster("fca-1", MONDAY).seats

    from_nowhere = {Role.COL, Role.REP, Role.SYS}
    assert {role for role in Role if not seats.get(role)} == from_nowhere


def test_the_example_needs_no_change_on_any_day_by_itself() -> None:
    assert example().absences == ()
    assert example().roster("fca-1", MONDAY).until is None


def test_a_roster_carries_the_register_of_official_accounts() -> None:
    accounts = example().roster("fca-1", MONDAY).accounts

    assert [account.id for account in accounts if not account.live] == ["official-youtube-old"]
    assert all(len(account.custodians) > 1 for account in accounts)


def test_the_absence_and_delegation_shown_in_the_example_can_be_taken_as_they_are(
    tmp_path: Path,
) -> None:
    shown = re.compile(r"((?:^#   .*\n)+)(absences|delegations): \[\]", re.MULTILINE)
    text = shown.sub(lambda found: f"{found[2]}:\n{found[1].replace('#', '')}", EXAMPLE.read_text())
    path = tmp_path / "people.yaml"
    path.write_text(text)

    directory = load(path)
    assert [one.person for one in directory.absences] == ["lm-1"]
    assert [one.of for one in directory.delegations] == ["hop-1"]


# --- looking people up ------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["fca-1", "Tamsin.Okonjo@agency.example", "  tamsin  OKONJO "])
def test_a_person_is_found_by_id_address_or_name(text: str) -> None:
    assert example().find(text).id == "fca-1"


def test_a_name_that_two_people_share_asks_for_an_id() -> None:
    twin = (
        example()
        .person("fca-2")
        .model_copy(update={"id": "fca-20", "email": "other@agency.example"})
    )
    directory = Directory((*example().people, twin))

    with pytest.raises(BadInput, match="fca-2, fca-20"):
        directory.find("Rhodri Vasey")


def test_somebody_unknown_is_not_found_and_not_repeated() -> None:
    with pytest.raises(BadInput) as wrong:
        example().find("Somebody Else")
    assert "Somebody" not in str(wrong.value)
    with pytest.raises(BadInput):
        example().person("fca-99")


@pytest.mark.parametrize(
    ("person", "active", "roles"),
    [
        ("fca-1", True, "COL PR"),
        ("fca-7", True, "COL LM PR"),  # a practitioner who manages
        ("lm-2", True, "COL LM SM"),  # manages a manager
        ("ad-1", True, "AD COL LM SM"),
        ("adm-1", True, "ADM COL"),
        ("left-1", False, ""),
        ("nobody", False, ""),
    ],
)
def test_a_sender_carries_every_role_they_hold(person: str, active: bool, roles: str) -> None:
    sender = example().sender(person, MONDAY)

    assert (sender.active, " ".join(sender.roles)) == (active, roles)


def test_a_leaver_is_active_to_the_end_of_the_last_day_in_london() -> None:
    assert example().sender("left-1", parse_london("2026-10-30 23:59")).active
    assert not example().sender("left-1", parse_london("2026-10-31 00:00")).active
    assert not example().sender("left-1", parse_london("2021-04-05 23:59")).active


# --- reassignment -----------------------------------------------------------------------------


def test_a_reassigned_role_has_that_one_person_only() -> None:
    roster = example().roster("fca-1", MONDAY, {Role.COM: "com-3", Role.PR: "fca-2"})

    assert [seat.person for seat in roster.seats[Role.COM]] == ["com-3"]
    assert [seat.person for seat in roster.seats[Role.PR]] == ["fca-2"]
    assert [seat.person for seat in roster.seats[Role.LM]] == ["lm-1"]


def test_a_role_reassigned_to_somebody_gone_is_vacant() -> None:
    assert example().roster("fca-1", MONDAY, {Role.PR: "left-1"}).seats[Role.PR] == ()


# --- the digest -------------------------------------------------------------------------------


def test_the_digest_is_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    again = tmp_path / "directory.yaml"
    again.write_text("# another comment\n\n" + EXAMPLE.read_text())
    changed = tmp_path / "changed.yaml"
    changed.write_text(EXAMPLE.read_text().replace("live: false", "live: true"))

    assert load(again).digest == example().digest != load(changed).digest


# --- when it next changes ---------------------------------------------------------------------

HOURS = 24 * 6
MANAGERS = ["lm-1", "lm-2", "hop-1", "hop-2", "ad-1", "ad-2"]
PERIODS = st.lists(st.integers(-12, HOURS), min_size=2, max_size=6, unique=True).map(sorted)


def hour(number: int) -> datetime:
    return MONDAY + timedelta(hours=number)


@st.composite
def organisations(draw: st.DrawFn) -> Directory:
    absences = []
    for person in draw(st.lists(st.sampled_from([*MANAGERS, "com-1", "fca-1"]), unique=True)):
        hours = draw(PERIODS)
        others = [one for one in MANAGERS if one != person] if person in MANAGERS else []
        for start, end in zip(hours[::2], hours[1::2], strict=False):
            delegate = draw(st.sampled_from([None, *others]))
            absences.append(
                Absence(person=person, start=hour(start), end=hour(end), delegate=delegate)
            )
    delegations = [
        Delegation(of=of, to=to, roles=(Role.LM,), start=hour(start), end=hour(end), reason="cover")
        for of, to in draw(st.sampled_from([[], [("lm-1", "hop-2")], [("hop-1", "ad-2")]]))
        for start, end in [draw(PERIODS)[:2]]
    ]
    leaver = draw(st.sampled_from([None, "lm-1", "hop-2", "ad-1", "hrbp-1", "com-2"]))
    people = [
        person.model_copy(update={"left_on": date(2026, 12, draw(st.integers(1, 4)))})
        if person.id == leaver
        else person
        for person in example().people
    ]
    try:
        return Directory(people, absences, delegations, example().accounts)
    except Misconfigured:
        assume(False)  # noqa: FBT003
        raise


@settings(max_examples=40)
@given(organisations(), st.sampled_from(["fca-1", "fca-4", "lm-1", "assoc-1"]))
def test_until_is_the_first_instant_at_which_anything_in_the_roster_changes(
    directory: Directory, subject: str
) -> None:
    now = directory.roster(subject, MONDAY)

    later = (directory.roster(subject, hour(number)) for number in range(1, HOURS + 1))
    changed = next((roster.at for roster in later if roster.seats != now.seats), None)
    assert now.until == changed
    if changed:
        just_before = directory.roster(subject, changed - timedelta(microseconds=1))
        assert just_before.seats == now.seats


def test_a_period_may_be_given_as_dates_and_times_or_as_texts() -> None:
    written = {"person": "lm-1", "from": "2026-07-01 09:00", "to": "2026-07-02"}
    made = {"person": "lm-1", "from": datetime(2026, 7, 1, 9), "to": date(2026, 7, 2)}  # noqa: DTZ001

    assert Absence.model_validate(written) == Absence.model_validate(made)
    assert Absence.model_validate(written).start == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_until_takes_in_the_delegate_who_goes_away_in_the_middle() -> None:
    absences = [
        {"person": "lm-1", "from": "2026-11-30", "to": "2026-12-04", "delegate": "lm-2"},
        {"person": "lm-2", "from": "2026-12-02 12:00", "to": "2026-12-02 15:00"},
    ]
    directory = Directory(example().people, [Absence.model_validate(row) for row in absences])

    assert directory.roster("fca-1", MONDAY).until == parse_london("2026-12-02 12:00")


# --- faults -----------------------------------------------------------------------------------

SOUND = {
    "people": """
  - {id: top-1, name: Oona Vance, email: o.vance@agency.example, roles: [AD], top: true}
  - {id: lm-1, name: Bram Sorley, email: b.sorley@agency.example, line_manager: top-1}
  - {id: lm-2, name: Cate Ruddock, email: c.ruddock@agency.example, line_manager: top-1}
  - {id: fca-1, name: Dov Larkin, email: d.larkin@agency.example, roles: [PR], line_manager: lm-1}
  - {id: fca-2, name: Efa Moss, email: e.moss@agency.example, roles: [PR], line_manager: lm-2}
  - {id: com-1, name: Finn Tarn, email: f.tarn@agency.example, roles: [COM], line_manager: lm-1}
  - {id: com-2, name: Gia Holm, email: g.holm@agency.example, roles: [COM], line_manager: lm-1}
  - {id: adm-1, name: Hal Beck, email: h.beck@agency.example, roles: [ADM], line_manager: lm-1}
""",
    "absences": """
  - {person: lm-2, from: 2026-12-21, to: 2026-12-23}
""",
    "delegations": """
  - {of: lm-1, to: lm-2, roles: [LM], from: 2026-11-02, until: 2026-11-06, reason: leave}
""",
    "accounts": """
  - {id: official-x-1, platform: X, live: true, custodians: [com-1, com-2]}
""",
}


def document(section: str = "", rows: str = "", old: str = "") -> str:
    """The sound file with rows added to a section, or a piece of it replaced."""
    parts = dict(SOUND)
    if old:
        assert old in parts[section]
        parts[section] = parts[section].replace(old, rows)
    elif section:
        parts[section] += rows.strip("\n") + "\n"
    return "".join(f"{name}:{text}" for name, text in parts.items())


def refusal(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "people.yaml"
    path.write_text(text)
    with pytest.raises(Misconfigured) as wrong:
        load(path)
    return [line.removeprefix(f"{path}:") for line in str(wrong.value).splitlines()]


def test_the_file_the_faults_are_put_into_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(document())

    assert len(load(path).people) == 8


def person(*lines: str, id_: str = "new-1", email: str = "n.new@agency.example") -> str:
    rows = [f"id: {id_}", "name: Ines Quarrie", f"email: {email}", *lines]
    return "  - " + "\n    ".join(rows)


def lending(of: str, to: str, role: str, start: str, until: str) -> str:
    period = f"from: {start}, until: {until}"
    return f"  - {{of: {of}, to: {to}, roles: [{role}], {period}, reason: r}} # HERE"


ALIASED = """
  - {id: official-x-2, platform: X, custodians: &two [com-1, com-2]}
  - {id: official-x-3, platform: X, live: false, custodians: *two} # HERE
"""

FAULTS = {
    # Each row: the section, the rows added, with HERE on the line at fault, what is said of it.
    "unknown role": ("people", person("line_manager: lm-1", "roles: [XYZ] # HERE"),
        "unknown role `XYZ`; write one of PR"),
    "unknown role in a list": ("people",
        person("line_manager: lm-1", "roles:", "- COM", "- Press officer # HERE"),
        "unknown role; write one of PR"),
    "role worked out": ("people", person("line_manager: lm-1", "roles: [LM] # HERE"),
        "LM is worked out"),
    "unknown manager": ("people", person("line_manager: lm-9 # HERE"),
        "nobody here has the id `lm-9`; did you mean `lm-"),
    "unknown stand-in": ("people", person("kind: board", "stand_in: chair # HERE"),
        "nobody here has the id `chair`; write the id"),
    "unknown HR partner": ("people", person("line_manager: lm-1", "hr_partner: hr # HERE"),
        "nobody here has the id `hr`"),
    "HR partner not of HR": ("people", person("line_manager: lm-1", "hr_partner: com-1 # HERE"),
        "`com-1` holds neither HRBP nor HRL"),
    "own HR partner": ("people",
        person("line_manager: lm-1", "roles: [HRBP]", "hr_partner: new-1 # HERE"),
        "nobody is their own HR partner"),
    "own manager": ("people", person("line_manager: new-1 # HERE"),
        "nobody is their own line manager"),
    "circle": ("people",
        person("line_manager: new-2 # HERE") + "\n"
        + person("line_manager: new-1", id_="new-2", email="other@agency.example"),
        "line management runs in a circle: new-1 > new-2 > new-1; break it"),
    "circle through a stand-in": ("people",
        person("kind: contractor", "stand_in: new-2 # HERE") + "\n"
        + person("line_manager: new-1", id_="new-2", email="other@agency.example"),
        "runs in a circle: new-1 > new-2 > new-1"),
    "repeated id": ("people",
        person("line_manager: lm-1", id_="com-1 # HERE"), "`com-1` is used above"),
    "repeated address": ("people",
        person("line_manager: lm-1", email="F.Tarn@agency.example # HERE"),
        "`com-1` has this e-mail address; a shared mailbox is not a person"),
    "id with a name in it": ("people", person("line_manager: lm-1", id_="ines-q # HERE"),
        "must not carry the person's name"),
    "id of the service": ("people", person("line_manager: lm-1", id_="system # HERE"),
        "`system` is kept for the service"),
    "id that is none": ("people", person("line_manager: lm-1", id_="Fca 9 # HERE"),
        "this is not an id; write small letters"),
    "address that is none": ("people", person("line_manager: lm-1", email="none # HERE"),
        "this is not an e-mail address"),
    "no manager": ("people", "  - id: new-1 # HERE\n    name: Jo\n    email: j@agency.example",
        "no line manager; write `line_manager: <id>`, or `top: true`"),
    "associate without stand-in": ("people", person("kind: associate", id_="new-1 # HERE"),
        "an associate needs somebody named; write `stand_in: <id>`"),
    "Board Member with a line manager": ("people",
        person("kind: board", "line_manager: lm-1 # HERE"), "write `stand_in:` for a Board Member"),
    "employee with a stand-in": ("people",
        person("line_manager: lm-1", "stand_in: lm-2 # HERE"),
        "an employee has a line manager"),
    "top with a manager": ("people", person("line_manager: lm-1", "top: true # HERE"),
        "so is not at the top"),
    "unknown kind": ("people", person("line_manager: lm-1", "kind: temp # HERE"),
        "`kind`: write one of 'employee'"),
    "administrator who decides": ("people",
        person("line_manager: lm-1", "roles: [ADM, COM] # HERE"), "ADM never decides (SD13)"),
    "auditor who decides": ("people", person("line_manager: lm-1", "roles: [LEG, AUD] # HERE"),
        "AUD never decides (SD14)"),
    "administrator who manages": ("people", person("line_manager: adm-1 # HERE"),
        "`adm-1` holds ADM or AUD and never decides"),
    "administrator who covers": ("people",
        person("line_manager: lm-1", "roles: [AUD]", "may_cover: true # HERE"),
        "never covers for a manager"),
    "policy owner who approves": ("people",
        person("line_manager: lm-1", "roles: [OWN, CMT] # HERE"), "(SD17)"),
    "left before started": ("people",
        person("line_manager: lm-1", "started_on: 2026-02-01", "left_on: 2026-01-31 # HERE"),
        "before started_on"),
    "a day that is none": ("people", person("line_manager: lm-1", "left_on: 2026-02-31 # HERE"),
        "`left_on`: write a date like 2026-12-01"),
    "a number for a day": ("people", person("line_manager: lm-1", "left_on: 1798675200 # HERE"),
        "`left_on`: write a date"),
    "unknown key": ("people", person("line_manager: lm-1", "boss: lm-1 # HERE"),
        "`boss` is not known here; write one of id, name, email, roles"),
    "missing key": ("people", "  - id: new-1 # HERE\n    name: Jo\n    line_manager: lm-1",
        "`email` is missing"),
    "key twice": ("people", person("line_manager: lm-1", "line_manager: lm-2 # HERE"),
        "`line_manager` is written twice"),
    "text for a list": ("people", person("line_manager: lm-1", "roles: COM # HERE"),
        "`roles`: write a list"),
    "neither true nor false": ("people", person("line_manager: lm-1", "may_cover: some # HERE"),
        "`may_cover`: write true or false"),
    "a row that is none": ("people", "  - lm-3 # HERE", "write the row as `key: value` lines"),
    "absence of nobody": ("absences", "  - {person: lm-7, from: 2026-12-01, to: 2026-12-02} # HERE",
        "nobody here has the id `lm-7`"),
    "absence backwards": ("absences",
        "  - person: lm-1\n    from: 2026-12-02\n    to: 2026-12-01 # HERE",
        "not after `from`"),
    "absence at no time": ("absences",
        "  - person: lm-1\n    from: soon # HERE\n    to: 2026-12-01",
        "`from`: The time cannot be read"),
    "absence in the hour that is skipped": ("absences",
        "  - person: lm-1\n    from: 2027-03-28 01:30 # HERE\n    to: 2027-04-01",
        "this time does not exist in London"),
    "absence to the end of time": ("absences",
        "  - person: lm-1\n    from: 2026-12-01\n    to: 9999-12-31 # HERE",
        "`to`: there is no such day"),
    "absence for a century": ("absences",
        "  - person: lm-1\n    from: 2026-12-01\n    to: 2206-12-31 # HERE",
        "`to`: write a time from 1980 to 2099"),
    "absence over another": ("absences",
        "  - {person: lm-2, from: 2026-12-23, to: 2026-12-24} # HERE",
        "`lm-2` has another absence at this time"),
    "delegate who is nobody": ("absences",
        "  - {person: lm-1, from: 2026-12-01, to: 2026-12-02, delegate: x} # HERE",
        "nobody here has the id `x`"),
    "own delegate": ("absences",
        "  - {person: lm-1, from: 2026-12-01, to: 2026-12-02, delegate: lm-1} # HERE",
        "nobody covers for themself"),
    "delegate who manages nobody": ("absences",
        "  - {person: lm-1, from: 2026-12-01, to: 2026-12-02, delegate: com-2} # HERE",
        "`com-2` manages nobody and may not act as LM (SD15)"),
    "delegate without the role": ("absences",
        "  - {person: com-1, from: 2026-12-01, to: 2026-12-02, delegate: lm-1} # HERE",
        "`lm-1` may not act as COM (SD15); name somebody who holds COM or HOC"),
    "delegation from nobody": ("delegations",
        lending("a", "lm-2", "LM", "2026-12-01", "2026-12-02"),
        "nobody here has the id `a`"),
    "delegation to oneself": ("delegations",
        lending("lm-2", "lm-2", "LM", "2026-12-01", "2026-12-02"), "nobody delegates to themself"),
    "delegation of a role not held": ("delegations",
        lending("lm-2", "lm-1", "LEG", "2026-12-01", "2026-12-02"), "`lm-2` does not hold LEG"),
    "delegation to somebody not allowed": ("delegations",
        lending("com-1", "fca-1", "COM", "2026-12-01", "2026-12-02"), "`fca-1` may not act as COM"),
    "delegation backwards": ("delegations",
        lending("lm-2", "lm-1", "LM", "2026-12-03", "2026-12-02"), "not after `from`"),
    "delegation of nothing": ("delegations",
        lending("lm-2", "lm-1", "", "2026-12-01", "2026-12-02"), "`roles`: write at least one"),
    "delegation without a reason": ("delegations",
        "  - {of: lm-2, to: lm-1, roles: [LM], from: 2026-12-01, until: 2026-12-02} # HERE",
        "`reason` is missing"),
    "one role lent twice": ("delegations",
        lending("lm-1", "top-1", "LM", "2026-11-06", "2026-11-07"),
        "LM of `lm-1` is already lent at this time"),
    "chain of delegations": ("delegations",
        lending("lm-2", "top-1", "LM", "2026-11-05", "2026-11-09"),
        "`lm-2` covers for `lm-1` in LM at this time, and delegations never chain"),
    "one custodian": ("accounts",
        "  - {id: official-x-2, platform: X, live: true, custodians: [com-1, com-1]} # HERE",
        "a live account has at least two custodians"),
    "unknown custodian": ("accounts",
        "  - {id: official-x-2, platform: X, custodians: [com-1, com-2, com-9]} # HERE",
        "nobody here has the id `com-9`"),
    "account that is an address": ("accounts",
        "  - {id: press@agency.example, platform: X, custodians: [com-1, com-2]} # HERE",
        "looks like an e-mail address"),
    "account of a person": ("accounts",
        "  - {id: x-finn.tarn, platform: X, custodians: [com-1, com-2]} # HERE",
        "looks like an account of `com-1`"),
    "account named as a mailbox": ("accounts",
        "  - {id: x-ftarn, platform: X, custodians: [com-1, com-2]} # HERE",
        "looks like an account of `com-1`"),
    "account twice": ("accounts",
        "  - {id: official-x-1, platform: X, custodians: [com-1, com-2]} # HERE",
        "`official-x-1` is used above"),
    "unknown section": ("accounts", "teams: [] # HERE", "unknown section; write one of people"),
    "alias": ("accounts", ALIASED, "aliases (*) are not read here"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_line(fault: str, tmp_path: Path) -> None:
    section, rows, words = FAULTS[fault]
    text = document(section, rows)
    here = next(number for number, line in enumerate(text.splitlines(), 1) if "HERE" in line)

    said = refusal(tmp_path, text)

    assert len(said) == 1, said
    assert said[0].startswith(f"{here}: ")
    assert words in said[0]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"people: [\n  {id: a}\n", 3, "not readable as YAML"),
        (b"people:\n  - name: \x00\n", 2, "control character"),
        (b"people:\n  - name: \xff\n", 2, "save it as UTF-8"),
        (b"# nothing yet\n", 1, "there is nobody here"),
        (b"people: []\n", 1, "there is nobody here"),
        (b"- people\n", 1, "there is nobody here"),
        (b"people: {id: lm-1}\n", 1, "write a list"),
        (b"people: &a [*a]\n", 1, "aliases (*) are not read here"),
        (b"people: " + b"[" * 9999 + b"]" * 9999, 1, "nested too deeply"),
        (b"people: []\n---\npeople: []\n", 2, "not readable as YAML"),
    ],
)
def test_a_file_that_is_no_directory_is_refused(
    content: bytes, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.yaml"
    path.write_bytes(content)

    with pytest.raises(Misconfigured) as wrong:
        load(path)
    assert str(wrong.value).startswith(f"{path}:{line}: ")
    assert words in str(wrong.value)


def test_every_fault_is_reported_in_one_go_in_the_order_of_the_file(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        document("people", person("line_manager: lm-9", "roles: [ADM, COM]"))
        .replace("roles: [LM]", "roles: [BOSS]")
        .replace("custodians: [com-1, com-2]", "custodians: [com-1]"),
    )

    assert [int(line.split(":")[0]) for line in said] == [13, 14, 18, 20]


def test_a_fault_below_an_unreadable_row_still_has_its_own_line(tmp_path: Path) -> None:
    text = document("people", person("line_manager: lm-9")).replace("f.tarn@", "f.tarn ")

    said = refusal(tmp_path, text)

    assert [int(line.split(":")[0]) for line in said] == [7, 13]


def test_periods_that_only_touch_do_not_overlap(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    text = document("absences", "  - {person: lm-2, from: 2026-12-24, to: 2026-12-28}")
    once = SOUND["delegations"]
    again = (
        once.replace("11-02", "11-07").replace("11-06", "11-10").replace("to: lm-2", "to: top-1")
    )
    path.write_text(text.replace(once, once + again.lstrip("\n")))

    assert len(load(path).absences) == len(load(path).delegations) == 2


def test_an_unreadable_person_does_not_make_others_faulty(tmp_path: Path) -> None:
    said = refusal(tmp_path, document("people", "email: nowhere", "email: b.sorley@agency.example"))

    assert len(said) == 1, said


def test_a_fault_never_repeats_a_name_or_an_address(tmp_path: Path) -> None:
    for section, rows, _ in FAULTS.values():
        said = " ".join(refusal(tmp_path, document(section, rows)))

        assert "Quarrie" not in said
        assert "Tarn" not in said
        assert "@" not in said.replace("first.last@agency.example", "")


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="give the path of a directory file"):
        load(tmp_path / "none.yaml")


def test_rows_made_without_a_file_are_checked_too() -> None:
    lonely = Person(id="a-1", name="Ottilie Brand", email="o@agency.example")

    with pytest.raises(Misconfigured, match=r"people\.0\.id: no line manager"):
        Directory([lonely])


def test_a_deputy_marked_for_it_may_cover_for_a_manager(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    row = "  - {person: lm-1, from: 2026-12-01, to: 2026-12-02, delegate: com-2}"
    text = document("absences", row).replace("id: com-2,", "id: com-2, may_cover: true,")
    path.write_text(text)

    assert load(path).absences[1].end == datetime(2026, 12, 3, tzinfo=UTC)


# --- the file while the service runs ----------------------------------------------------------


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(document())
    file = DirectoryFile(path)
    before = file.directory
    path.write_text(document("people", person("line_manager: lm-1")))

    assert file.directory.person("new-1").id == "new-1"
    assert file.directory.digest != before.digest
    assert file.fault is None


def test_a_file_that_is_only_touched_stays_the_same_directory(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(document())
    file = DirectoryFile(path)
    before = file.directory
    os.utime(path, (1, 1))

    assert file.directory is before


@pytest.mark.parametrize("broken", ["people: []", None])
def test_a_file_broken_later_keeps_the_last_good_directory(
    broken: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(document())
    file = DirectoryFile(path)
    before = file.directory
    path.unlink() if broken is None else path.write_text(broken)

    assert file.directory is before
    assert file.fault is not None
    assert str(path) in str(file.fault)

    path.write_text(document())
    assert file.directory.digest == before.digest
    assert file.fault is None


def test_a_file_broken_at_the_start_stops_the_service(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: []")

    with pytest.raises(Misconfigured):
        DirectoryFile(path)
