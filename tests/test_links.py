"""Cases about the same post, and cases that look alike: found in the ledger, never merged (6.4)."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from activities.claims import Claim
from activities.database import Database
from activities.ledger import Ledger
from activities.links import MOST, WINDOW, About, digest
from activities.tables import metadata
from tests.ledger_fixtures import (  # noqa: F401 - fixtures
    NOW,
    SmallCipher,
    batch,
    cipher_fixture,
    intruder,
    ledger_fixture,
    ledger_url_fixture,
    line,
)

POST = "https://x.com/a/status/1"
OTHER = "https://x.com/a/status/2"
AUTHOR = "x:a"
SECOND = timedelta(seconds=1)


class Office:
    """Claims one case after another, each by what matters to the test."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._numbers = count(1)

    def claim(
        self,
        procedure: str,
        *posts: str,
        key: str | None = None,
        author: str | None = None,
        after: timedelta = timedelta(0),
        apart_from: tuple[str, ...] = (),
    ) -> Claim:
        """Claim case-1, case-2, ...; `key` is what makes two reports of a procedure one case."""
        number = next(self._numbers)
        about = About(
            procedure=procedure, at=NOW + after, posts=posts, author=author, apart_from=apart_from
        )
        return self.ledger.claim(f"t-{number}", f"case-{number}", key, about)

    def open(self, case_id: str) -> None:
        self.ledger.append(batch(line(1, case_id), case_id=case_id), NOW)

    def close(self, case_id: str) -> None:
        self.ledger.append(batch(line(2, case_id), case_id=case_id, closed=True), NOW)


@pytest.fixture
def office(ledger: Ledger) -> Office:
    return Office(ledger)


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"case-{number}" for number in numbers)


# --- linked (6.4.3) ---------------------------------------------------------------------------


def test_the_same_post_under_another_procedure_is_a_linked_case_of_its_own(office: Office) -> None:
    office.claim("employee", POST, key="one")
    claim = office.claim("reputation", POST, key="two")
    assert (claim.same_as, claim.linked, claim.similar) == (None, ids(1), ())


def test_the_same_post_under_another_key_is_linked_and_not_joined(office: Office) -> None:
    office.claim("employee", POST, key="about one colleague")
    claim = office.claim("employee", POST, key="about another")
    assert (claim.same_as, claim.linked) == (None, ids(1))


def test_one_post_in_common_is_enough_and_is_named_once(office: Office) -> None:
    office.claim("employee", POST, OTHER)
    claim = office.claim("reputation", OTHER, POST, "https://x.com/a/status/3")
    assert claim.linked == ids(1)


def test_another_post_links_nothing(office: Office) -> None:
    office.claim("employee", POST)
    assert office.claim("reputation", OTHER) == Claim(case_id="case-2")


def test_an_author_is_no_post_even_when_they_are_spelt_alike(office: Office) -> None:
    office.claim("employee", author=POST)
    assert office.claim("reputation", POST) == Claim(case_id="case-2")


def test_a_closed_case_is_linked_too(office: Office) -> None:
    office.claim("employee", POST)
    office.open("case-1")
    office.close("case-1")
    assert office.claim("reputation", POST).linked == ids(1)


def test_a_matter_that_was_closed_and_comes_again_is_linked_to_its_earlier_case(
    office: Office,
) -> None:
    office.claim("employee", POST, key="one")
    office.open("case-1")
    office.close("case-1")
    claim = office.claim("employee", POST, key="one")
    assert (claim.same_as, claim.linked) == (None, ids(1))


def test_supporting_reports_are_not_named_beside_the_case_they_support(office: Office) -> None:
    assert office.claim("employee", POST, key="one").same_as is None
    for number in (2, 3):
        claim = office.claim("employee", POST, key="one")
        assert (claim.same_as, claim.linked, claim.similar) == ("case-1", (), ())
        office.open(f"case-{number}")
        office.close(f"case-{number}")
    assert office.claim("reputation", POST).linked == ids(1)


def test_a_report_that_was_to_be_joined_and_stays_open_is_named(office: Office) -> None:
    office.claim("employee", POST, key="one")
    office.claim("employee", POST, key="one")
    office.open("case-2")  # a child is in danger: it is not joined
    assert office.claim("reputation", POST).linked == ids(1, 2)


def test_a_report_that_is_joined_still_names_cases_of_other_matters(office: Office) -> None:
    office.claim("employee", POST, key="one")
    office.claim("reputation", POST)
    claim = office.claim("employee", POST, key="one")
    assert (claim.same_as, claim.linked) == ("case-1", ids(2))


@pytest.mark.parametrize("first", ["complaint", "employee"])
def test_procedures_kept_apart_are_linked_in_neither_order(office: Office, first: str) -> None:
    apart = {"complaint": ("employee",), "employee": ("complaint",)}
    second = next(iter(apart[first]))
    office.claim(first, POST, apart_from=apart[first])
    assert office.claim(second, POST, apart_from=apart[second]).linked == ()
    assert office.claim("reputation", POST).linked == ids(1, 2)


def test_two_procedures_that_spell_their_keys_alike_are_never_one_case(office: Office) -> None:
    office.claim("employee", POST, key="one")
    claim = office.claim("complaint", POST, key="one", apart_from=("employee",))
    assert claim == Claim(case_id="case-2")


def test_a_post_that_everybody_reports_names_the_earliest_and_stays_short(office: Office) -> None:
    for number in range(MOST + 1):
        office.claim("employee", POST, after=number * SECOND)
    assert office.claim("reputation", POST).linked == ids(*range(1, MOST + 1))


# --- look-alikes (6.4.5) ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "alike"),
    [
        (timedelta(0), True),  # the same instant
        (WINDOW - SECOND, True),  # a second within
        (WINDOW, True),  # twenty-four hours to the second: the edge is inside
        (WINDOW + SECOND, False),  # a second beyond
        (timedelta(microseconds=1) + WINDOW, False),  # instants are kept to the microsecond
        (-WINDOW, True),  # a desk whose clock is behind
        (-WINDOW - SECOND, False),
    ],
)
def test_the_same_author_within_24_real_hours_is_only_suggested(
    office: Office, after: timedelta, alike: bool
) -> None:
    office.claim("employee", POST, author=AUTHOR)
    claim = office.claim("employee", OTHER, author=AUTHOR, after=after)
    assert claim == Claim(case_id="case-2", similar=ids(1) if alike else ())


def test_reports_without_an_address_look_alike_by_their_author(office: Office) -> None:
    office.claim("employee", author=AUTHOR)
    assert office.claim("employee", author=AUTHOR).similar == ids(1)


@pytest.mark.parametrize(
    ("procedure", "author"),
    [("reputation", AUTHOR), ("employee", "facebook:a"), ("employee", None)],
)
def test_another_procedure_platform_or_an_unknown_author_looks_like_nothing(
    office: Office, procedure: str, author: str | None
) -> None:
    office.claim("employee", POST, author=AUTHOR)
    assert office.claim(procedure, OTHER, author=author).similar == ()


def test_a_post_in_common_makes_a_link_and_not_a_suggestion(office: Office) -> None:
    office.claim("employee", POST, OTHER, author=AUTHOR)
    claim = office.claim("employee", POST, author=AUTHOR)
    assert (claim.linked, claim.similar) == (ids(1), ())


def test_the_case_a_report_is_joined_to_is_not_suggested_as_well(office: Office) -> None:
    office.claim("employee", author=AUTHOR, key="one")
    claim = office.claim("employee", author=AUTHOR, key="one")
    assert (claim.same_as, claim.similar) == ("case-1", ())


def test_only_open_cases_look_alike_and_one_being_opened_is_open(office: Office) -> None:
    office.claim("employee", POST, author=AUTHOR)
    assert office.claim("employee", OTHER, author=AUTHOR).similar == ids(1)
    office.open("case-1")
    assert office.claim("employee", OTHER, author=AUTHOR).similar == ids(1)
    office.close("case-1")
    assert office.claim("employee", "https://x.com/a/status/4", author=AUTHOR).similar == ids(2, 3)


# --- the same answer, at once, and nothing readable -------------------------------------------


def test_a_token_claimed_again_is_given_the_links_of_the_first_time(ledger: Ledger) -> None:
    first, second = (
        About(procedure="employee", at=NOW, posts=posts, author=AUTHOR)
        for posts in ((POST,), (OTHER,))
    )
    ledger.claim("t-1", "case-1", None, first)
    ledger.claim("t-2", "case-2", None, second)
    both = About(procedure="reputation", at=NOW, posts=(POST,))
    answer = ledger.claim("t-3", "case-3", None, both)
    ledger.claim("t-4", "case-4", None, first)
    assert ledger.claim("t-3", "case-9", None, both) == answer
    assert answer.linked == ids(1)
    again = ledger.claim("t-2", "case-9", None, second)
    assert (again.case_id, again.similar) == ("case-2", ids(1))


def test_a_case_that_never_opened_is_forgotten_and_one_that_did_is_not(office: Office) -> None:
    office.claim("employee", POST)
    office.ledger.release("case-1")
    assert office.claim("reputation", POST).linked == ()
    office.open("case-2")
    office.ledger.release("case-2")
    assert office.claim("employee", POST).linked == ids(2)


def test_of_reports_at_the_same_moment_each_later_one_finds_every_earlier(ledger: Ledger) -> None:
    start = Barrier(8)

    def claim(number: int) -> tuple[str, ...]:
        # In different orders, so that two that wait for each other would be seen.
        posts = (POST, OTHER) if number % 2 else (OTHER, POST)
        about = About(procedure=f"p-{number}", at=NOW, posts=posts, author=AUTHOR)
        start.wait()
        return ledger.claim(f"t-{number}", f"case-{number}", None, about).linked

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(claim, range(8)))
    assert sorted(map(len, found)) == list(range(8))


def test_of_processes_at_the_same_moment_one_opens_the_case_and_each_later_one_is_linked(
    ledger: Ledger, ledger_url: str
) -> None:
    del ledger  # its tables are there
    command = [sys.executable, "-m", "tests.ledger_claims", ledger_url]
    started = [
        subprocess.Popen(
            [*command, str(number)],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    claims = [Claim.model_validate_json(process.communicate()[0]) for process in started]
    by_matter = [[c for c in claims if int(c.case_id[-1]) % 2 == matter] for matter in (0, 1)]
    leading = [[c for c in group if c.same_as is None] for group in by_matter]
    assert [len(group) for group in leading] == [1, 1]
    for group, (first,) in zip(by_matter, leading, strict=True):
        assert {c.same_as for c in group if c is not first} == {first.case_id}
    # Of the two that lead, whichever came second is linked to the other, and never both.
    (one,), (two,) = leading
    assert sorted([one.linked, two.linked]) in ([(), (one.case_id,)], [(), (two.case_id,)])


def test_posts_and_authors_never_lie_readable_in_the_ledger(
    office: Office, ledger_url: str
) -> None:
    office.claim("employee", "https://x.com/canary", key="canary", author="x:canary")
    with intruder(ledger_url) as connection:
        rows = [connection.execute(sa.select(table)).all() for table in metadata.sorted_tables]
    assert "case-1" in repr(rows)
    assert "canary" not in repr(rows)


def test_a_claim_reads_no_more_the_more_cases_there_are(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    asked: list[tuple[str, Any]] = []
    with Ledger(url, None) as ledger:
        ledger.migrate()
        office = Office(ledger)
        office.claim("employee", POST, key="one", author=AUTHOR)
        engine = ledger._database._engine
        sa.event.listen(
            engine, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3]))
        )
        office.claim("employee", OTHER, key="two", author=AUTHOR)
    scans = tuple(f"SCAN {table}" for table in metadata.tables)
    with intruder(url) as connection:
        for text, values in asked:
            if "FROM sighting" in text:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
                steps = [step.detail for step in plan]
                assert not [step for step in steps if step.startswith(scans)]
                assert any("sighting_by_" in step for step in steps)
    assert sum("FROM sighting" in text for text, _ in asked) == 2


# --- asking before sending --------------------------------------------------------------------


def test_whether_a_matter_is_open_is_asked_without_claiming_it(office: Office) -> None:
    ledger = office.ledger
    assert not ledger.is_open("one", "employee")
    assert office.claim("employee", key="one").same_as is None
    assert ledger.is_open("one", "employee")
    assert not ledger.is_open("one", "complaint")
    office.open("case-1")
    office.close("case-1")
    assert not ledger.is_open("one", "employee")


def test_asking_leaves_no_file_and_needs_no_tables(tmp_path: Path, ledger_url: str) -> None:
    missing = tmp_path / "nowhere.db"
    with Ledger(f"sqlite:///{missing}", None) as ledger:
        assert not ledger.is_open("one", "employee")
    assert not missing.exists()
    (tmp_path / "ledger.db").touch()
    with Ledger(ledger_url, None) as ledger:
        assert not ledger.is_open("one", "employee")


def test_a_matter_claimed_before_there_were_links_is_still_joined(
    ledger: Ledger, ledger_url: str
) -> None:
    ledger.claim("t-1", "case-1", "one")
    with intruder(ledger_url) as connection:
        kept = connection.execute(sa.text("SELECT procedure FROM identity")).scalar_one()
    assert kept is None
    assert ledger.is_open("one", "employee")
    about = About(procedure="employee", at=NOW)
    assert ledger.claim("t-2", "case-2", "one", about).same_as == "case-1"


def test_a_ledger_from_before_there_were_links_keeps_its_claims(ledger_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", "activities:migrations")
    database = Database(ledger_url)
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO submission VALUES ('t-2', 'case-2', 'case-1')")
        one = f"INSERT INTO identity VALUES ('{digest('one')}', 'case-1', true)"
        connection.exec_driver_sql(one)
    database.close()
    with Ledger(ledger_url, None) as ledger:
        ledger.migrate()
        about = About(procedure="employee", at=NOW, posts=(POST,))
        assert ledger.claim("t-2", "case-9", "one", about) == Claim(
            case_id="case-2", same_as="case-1"
        )
        assert ledger.claim("t-3", "case-3", "one", about).same_as == "case-1"
