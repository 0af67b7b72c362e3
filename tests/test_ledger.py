"""The ledger: what is appended stays, once, in order; and what the lists say of it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from activities.database import Database
from activities.ledger import Ledger, LedgerConflict
from activities.register import INBOX, CaseFilter
from activities.tables import metadata, utc_text
from models.case import Filed
from models.errors import BadInput, CaseworkError, Misconfigured, Unavailable
from models.people import Role, Why
from tests.ledger_crash import WRITERS
from tests.ledger_fixtures import (  # noqa: F401 - fixtures
    NOW,
    SmallCipher,
    batch,
    cipher_fixture,
    duty,
    intruder,
    ledger_fixture,
    ledger_url_fixture,
    line,
)

if TYPE_CHECKING:
    from models.case import Batch

_HOUR = timedelta(hours=1)


# --- append -----------------------------------------------------------------------------------


def test_what_was_appended_is_read_back_as_it_was(ledger: Ledger) -> None:
    lines = [line(1, reason="A\x00B \U0001f600 é"), line(2, tells=2)]
    filed = ledger.append(batch(*lines), NOW)
    assert ledger.trail("case-1") == lines
    assert filed == Filed(seq=2, head=ledger.lines_of("case-1")[-1].hash)
    assert ledger.heads() == {"case-1": filed}


def test_case_text_never_lies_readable_in_the_database(ledger: Ledger, ledger_url: str) -> None:
    ledger.append(batch(line(1, reason="canary-in-the-reason", tells=1), token="t-1"), NOW)
    with intruder(ledger_url) as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(sa.select(table)).all()
            assert "canary" not in repr(rows)


def test_an_append_repeated_changes_nothing(ledger: Ledger) -> None:
    both = batch(line(1, tells=1), line(2))
    first = ledger.append(both, NOW)
    before = ledger.lines_of("case-1")
    assert ledger.append(both, NOW + _HOUR) == first
    assert ledger.lines_of("case-1") == before
    assert len(ledger.outbox()) == 1


def test_a_late_repeat_does_not_turn_the_register_back(ledger: Ledger) -> None:
    early = batch(line(1), duties=(duty(),))
    ledger.append(early, NOW)
    filed = ledger.append(batch(line(2), state="complied", closed=True), NOW)
    assert ledger.append(early, NOW) == filed
    row = ledger.register("case-1")
    assert row is not None
    assert (row.state, row.closed, row.seq) == ("complied", True, 2)
    assert ledger.inbox("p-ben") == []


def test_a_batch_that_is_half_there_is_completed(ledger: Ledger) -> None:
    ledger.append(batch(line(1)), NOW)
    filed = ledger.append(batch(line(1), line(2), state="complied"), NOW)
    assert filed.seq == len(ledger.trail("case-1"))
    row = ledger.register("case-1")
    assert row is not None
    assert row.state == "complied"


_OTHER_BODY = line(1).model_copy(update={"entry": line(1).entry.model_copy(update={"act": "D-09"})})


@pytest.mark.parametrize(
    "second",
    [
        batch(_OTHER_BODY),
        batch(line(1, reason="Another reason")),  # the body is the same, the case text is not
        batch(line(3)),  # line 2 is missing
        batch(line(2), line(4)),  # a gap inside
        batch(line(2), line(2)),
        batch(line(0), line(1)),
        batch(line(2, "case-2")),  # a line of another case
        batch(line(2), case_id="case-2"),
        batch(line(2), case_id="case-3"),  # a case that never began
        batch(case_id="case-3"),
    ],
)
def test_what_does_not_fit_the_trail_is_a_conflict_and_nothing_is_written(
    ledger: Ledger, second: Batch
) -> None:
    ledger.append(batch(line(1)), NOW)
    before = ledger.lines_of("case-1")
    with pytest.raises(LedgerConflict) as conflict:
        ledger.append(second, NOW)
    assert isinstance(conflict.value, CaseworkError)
    assert "reason" not in str(conflict.value).lower()
    assert ledger.lines_of("case-1") == before
    assert [row.case_id for row in ledger.cases()] == ["case-1"]


def test_the_token_of_another_case_is_a_conflict(ledger: Ledger) -> None:
    ledger.append(batch(line(1), token="t-1"), NOW)
    with pytest.raises(LedgerConflict) as conflict:
        ledger.append(batch(line(1, "case-2"), case_id="case-2", token="t-1"), NOW)
    assert conflict.value.__cause__ is None
    assert ledger.trail("case-2") == []


def test_nothing_is_half_written_when_the_last_part_of_an_append_fails(
    ledger: Ledger, ledger_url: str
) -> None:
    with intruder(ledger_url, guards=True) as connection:
        connection.execute(sa.text("ALTER TABLE notice RENAME TO notice_away"))
    with pytest.raises((Unavailable, sa.exc.ProgrammingError)):
        ledger.append(batch(line(1, tells=1), duties=(duty(),)), NOW)
    assert ledger.trail("case-1") == []
    assert ledger.register("case-1") is None
    with intruder(ledger_url, guards=True) as connection:
        connection.execute(sa.text("ALTER TABLE notice_away RENAME TO notice"))
    assert ledger.append(batch(line(1, tells=1), duties=(duty(),)), NOW).seq == 1


def test_a_line_whose_key_is_gone_cannot_be_compared_and_is_not_guessed(
    ledger: Ledger, ledger_url: str
) -> None:
    class Lost(SmallCipher):
        def open(self, sealed: bytes, context: bytes) -> bytes:
            del sealed, context
            raise Unavailable("No key.")

    ledger.append(batch(line(1)), NOW)
    with Ledger(ledger_url, Lost()) as other, pytest.raises(Unavailable, match="key ring"):
        other.append(batch(line(1)), NOW)


def test_without_a_cipher_the_ledger_is_read_only(ledger: Ledger, ledger_url: str) -> None:
    ledger.append(batch(line(1)), NOW)
    with Ledger(ledger_url, None) as reader:
        assert reader.trail("case-1")[0].entry == line(1).entry
        with pytest.raises(Misconfigured):
            reader.append(batch(line(2)), NOW)


def test_case_text_that_cannot_be_kept_exactly_is_refused_whole(ledger: Ledger) -> None:
    huge = line(2).private.model_copy(update={"fields": {"pages": 2**60}})
    with pytest.raises(BadInput):
        ledger.append(batch(line(1), line(2).model_copy(update={"private": huge})), NOW)
    assert ledger.trail("case-1") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET body = '{}'",
        "UPDATE entry SET recorded_at = at",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry",
        "TRUNCATE entry CASCADE",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(
    ledger: Ledger, ledger_url: str, statement: str
) -> None:
    ledger.append(batch(line(1)), NOW)
    before = ledger.lines_of("case-1")
    # Each database knows only one of the last two.
    refused = pytest.raises(sa.exc.DBAPIError, match=r"append-only|syntax error")
    with refused, intruder(ledger_url, guards=True) as connection:
        connection.execute(sa.text(statement))
    assert ledger.lines_of("case-1") == before


# --- several at once --------------------------------------------------------------------------


def test_two_threads_append_to_two_cases(ledger: Ledger) -> None:
    def fill(case_id: str) -> int:
        for seq in range(1, 16):
            ledger.append(batch(line(seq, case_id, tells=1), case_id=case_id), NOW)
        return len(ledger.trail(case_id))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(fill, ["case-1", "case-2"])) == [15, 15]
    assert all(verdict.ok for verdict in ledger.verify())


def test_the_same_line_from_eight_threads_is_recorded_once(ledger: Ledger) -> None:
    start = Barrier(8)

    def send(_: int) -> Filed:
        start.wait()
        return ledger.append(batch(line(1, tells=1), duties=(duty(),)), NOW)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(repr, pool.map(send, range(8))))) == 1
    assert len(ledger.trail("case-1")) == len(ledger.outbox()) == 1


def test_two_processes_write_to_one_ledger_at_once(
    ledger: Ledger, ledger_url: str, cipher: SmallCipher
) -> None:
    # Two ledgers share no lock, as two processes would not: the database keeps them apart.
    def fill(writer: Ledger, case_id: str) -> None:
        for seq in range(1, 31):
            writer.append(batch(line(seq, case_id), case_id=case_id), NOW)

    with Ledger(ledger_url, cipher) as other, ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, [ledger, other], ["case-1", "case-2"]))
    assert [verdict.entries for verdict in ledger.verify() if verdict.ok] == [30, 30]


def test_a_process_killed_while_appending_loses_nothing_it_acknowledged(
    ledger: Ledger, ledger_url: str
) -> None:
    command = [sys.executable, "-m", "tests.ledger_crash", ledger_url, "case"]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline() for _ in range(60)]
        process.kill()
        acknowledged += process.stdout.readlines()
    whole = [one.split() for one in acknowledged if one.endswith("\n")]
    promised = {case_id: int(seq) for case_id, seq in whole}
    assert len(promised) == WRITERS
    verdicts = {verdict.case_id: verdict for verdict in ledger.verify()}
    assert all(verdict.ok for verdict in verdicts.values())
    for case_id, seq in promised.items():
        kept = len(ledger.trail(case_id))
        # Always both lines of a batch or none, and the notice of the first with them.
        assert kept >= seq
        assert kept % 2 == 0
        assert len(ledger.outbox(case_id=case_id, limit=10_000)) == kept // 2


# --- duplicates (6.4) -------------------------------------------------------------------------


def test_one_token_from_eight_threads_gives_one_case(ledger: Ledger) -> None:
    start = Barrier(8)

    def claim(n: int) -> str:
        start.wait()
        return ledger.claim("t-1", f"case-{n}", "order-7").case_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(claim, range(8)))) == 1


def test_one_matter_from_eight_threads_has_one_first_case(ledger: Ledger) -> None:
    start = Barrier(8)

    def claim(n: int) -> str | None:
        start.wait()
        return ledger.claim(f"t-{n}", f"case-{n}", "order-7").same_as

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(claim, range(8)))
    (first,) = {answer for answer in answers if answer is not None}
    assert answers.count(None) == 1
    assert first == f"case-{answers.index(None)}"


def test_a_claim_repeated_gets_the_answer_of_the_first_time(ledger: Ledger) -> None:
    ledger.claim("t-1", "case-1", "order-7")
    second = ledger.claim("t-2", "case-2", "order-7")
    assert (second.case_id, second.same_as) == ("case-2", "case-1")
    assert ledger.claim("t-2", "case-9", "order-7") == second


def test_without_an_identity_two_cases_are_two_matters(ledger: Ledger) -> None:
    ledger.claim("t-1", "case-1")
    assert ledger.claim("t-2", "case-2").same_as is None


def test_a_closed_case_lets_its_matter_go(ledger: Ledger) -> None:
    ledger.claim("t-1", "case-1", "order-7")
    ledger.append(batch(line(1)), NOW)
    assert ledger.claim("t-2", "case-2", "order-7").same_as == "case-1"
    ledger.append(batch(line(2), closed=True), NOW)
    assert ledger.claim("t-3", "case-3", "order-7").same_as is None
    assert ledger.claim("t-4", "case-4", "order-7").same_as == "case-3"


def test_a_reopened_case_takes_its_matter_back_only_while_it_is_free(ledger: Ledger) -> None:
    for case_id, matter in (("case-1", "order-7"), ("case-2", "order-8")):
        ledger.claim(f"t-{case_id}", case_id, matter)
        ledger.append(batch(line(1, case_id), case_id=case_id), NOW)
        ledger.append(batch(line(2, case_id), case_id=case_id, closed=True), NOW)
    ledger.claim("t-3", "case-3", "order-8")
    for case_id in ("case-1", "case-2"):
        ledger.append(batch(line(3, case_id), case_id=case_id), NOW)
    assert ledger.claim("t-4", "case-4", "order-7").same_as == "case-1"
    assert ledger.claim("t-5", "case-5", "order-8").same_as == "case-3"


def test_a_case_that_never_opened_can_let_its_matter_go_and_an_open_one_cannot(
    ledger: Ledger,
) -> None:
    ledger.claim("t-1", "case-1", "order-7")
    ledger.release("case-1")
    assert ledger.claim("t-2", "case-2", "order-7").same_as is None
    ledger.append(batch(line(1, "case-2"), case_id="case-2"), NOW)
    ledger.release("case-2")
    assert ledger.claim("t-3", "case-3", "order-7").same_as == "case-2"


def test_the_matter_itself_is_not_kept(ledger: Ledger, ledger_url: str) -> None:
    ledger.claim("t-1", "case-1", "order-7")
    with intruder(ledger_url) as connection:
        keys = connection.execute(sa.text("SELECT key FROM identity")).scalars().all()
    assert "order-7" not in keys


# --- register and inbox -----------------------------------------------------------------------


def test_the_register_follows_the_case(ledger: Ledger) -> None:
    assert ledger.register("case-1") is None
    soon, later = duty("soon", due=NOW + _HOUR), duty("later", due=NOW + 2 * _HOUR)
    ledger.append(batch(line(1), duties=(later, soon), flags=("urgent",), token="t-1"), NOW)
    row = ledger.register("case-1")
    assert row is not None
    assert (row.seq, row.closed, row.closed_at, row.token) == (1, False, None, "t-1")
    assert (row.opened_at, row.next_due) == (line(1).entry.at, NOW + _HOUR)
    assert (row.assigned, row.flags) == ({Role.LEG: "p-lea"}, ("urgent",))
    ledger.append(batch(line(2), closed=True), NOW)
    ledger.append(batch(line(3), closed=True), NOW)
    row = ledger.register("case-1")
    assert row is not None
    # What is added to a closed case does not move the day it closed; its token stays.
    assert (row.closed_at, row.next_due, row.token) == (line(2).entry.at, None, "t-1")
    assert row.head == ledger.lines_of("case-1")[-1].hash


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CaseFilter(), ["case-3", "case-2", "case-1"]),
        (CaseFilter(closed=False), ["case-3", "case-1"]),
        (CaseFilter(closed=True), ["case-2"]),
        (CaseFilter(state="with_manager"), ["case-1"]),
        (CaseFilter(procedure="another"), []),
        (CaseFilter(subject="p-ada", started_by="p-ada"), ["case-3", "case-2", "case-1"]),
        (CaseFilter(holder="p-cem"), ["case-3"]),
        (CaseFilter(flag="senior"), ["case-3"]),
        (CaseFilter(flag="seni"), []),  # a flag is a whole code
        (CaseFilter(flag="senior%"), []),
        (CaseFilter(due_before=NOW + _HOUR), []),
        (CaseFilter(due_before=NOW + 2 * _HOUR), ["case-1"]),
    ],
)
def test_cases_are_listed_newest_first_by_what_is_asked(
    ledger: Ledger, wanted: CaseFilter, found: list[str]
) -> None:
    opened = [line(1, f"case-{n}") for n in (1, 2, 3)]
    opened = [
        one.model_copy(update={"entry": one.entry.model_copy(update={"at": NOW + n * _HOUR})})
        for n, one in enumerate(opened)
    ]
    ledger.append(batch(opened[0], duties=(duty(due=NOW + _HOUR),)), NOW)
    ledger.append(batch(opened[1], case_id="case-2", state="complied", closed=True), NOW)
    third = duty(holders=("p-cem", "p-ben"))
    ledger.append(
        batch(opened[2], case_id="case-3", state="filed", duties=(third,), flags=("a", "senior")),
        NOW,
    )
    assert [row.case_id for row in ledger.cases(wanted)] == found
    pages = [ledger.cases(wanted, limit=1, offset=n) for n in range(len(found))]
    assert [row.case_id for page in pages for row in page] == found


def test_the_inbox_shows_overdue_work_first_then_by_due_and_undated_last(ledger: Ledger) -> None:
    work = (
        duty("undated"),
        duty("tomorrow", due=NOW + 24 * _HOUR),
        duty("soon", due=NOW + _HOUR),
        duty("past", due=NOW - _HOUR),
        duty("overdue", due=NOW, overdue=True),
        duty("of_others", holders=("p-cem",)),
    )
    ledger.append(batch(line(1), duties=work), NOW)
    assert [row.duty for row in ledger.inbox("p-ben")] == [
        "overdue",
        "past",
        "soon",
        "tomorrow",
        "undated",
    ]


def test_an_inbox_row_says_why_it_is_there_and_what_to_send_back(ledger: Ledger) -> None:
    filed = ledger.append(batch(line(1), duties=(duty(for_whom="p-lem"),)), NOW)
    (row,) = ledger.inbox("p-ben")
    assert (row.why, row.on_behalf_of, row.role) == (Why.DELEGATE, "p-lem", Role.LM)
    assert (row.seq, row.head) == (filed.seq, filed.head)
    assert (row.acts, row.clause, row.case_label) == (("D-04", "D-05"), "2.13", "With your manager")


def test_open_work_is_replaced_as_a_whole(ledger: Ledger) -> None:
    ledger.append(batch(line(1), duties=(duty("a"), duty("b", holders=("p-ben", "p-cem")))), NOW)
    assert [row.duty for row in ledger.duties("case-1")] == ["a", "b"]
    ledger.append(batch(line(2), duties=(duty("b", holders=("p-cem",)),)), NOW)
    assert ledger.inbox("p-ben") == []
    (row,) = ledger.duties("case-1")
    assert [holder.person for holder in row.holders] == ["p-cem"]
    # No line, only who holds what: the directory changed and nothing worth an entry followed.
    ledger.append(batch(duties=(duty("b"),)), NOW)
    assert [row.duty for row in ledger.inbox("p-ben")] == ["b"]


def test_the_inbox_never_reads_every_case(tmp_path: Path) -> None:
    with Ledger(f"sqlite:///{tmp_path}/ledger.db", None) as ledger:
        ledger.migrate()
    with intruder(f"sqlite:///{tmp_path}/ledger.db") as connection:
        query = str(INBOX.compile(connection))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("p-ben",)).all()
    steps = [step.detail for step in plan]
    assert not [step for step in steps if step.startswith("SCAN")]
    assert any("duty_holder_by_place" in step for step in steps)


# --- the database -----------------------------------------------------------------------------


def test_the_migrations_make_exactly_the_tables_of_the_program(
    ledger: Ledger, ledger_url: str
) -> None:
    ledger.migrate()
    with intruder(ledger_url, guards=True) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_two_processes_may_migrate_at_once(ledger_url: str, cipher: SmallCipher) -> None:
    with Ledger(ledger_url, cipher) as one, Ledger(ledger_url, cipher) as two:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Ledger.migrate, [one, two]))
        assert one.append(batch(line(1)), NOW) == two.append(batch(line(1)), NOW)


def test_the_tables_of_a_newer_program_are_refused(ledger: Ledger, ledger_url: str) -> None:
    with intruder(ledger_url, guards=True) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="9999"):
        ledger.migrate()


def test_sqlite_is_as_durable_as_it_can_be(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/ledger.db")
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with database.read() as connection:
        for name, value in pragmas.items():
            assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
    database.close()


@pytest.mark.parametrize(
    "url", ["not a url secret", "sqlite://", "sqlite:///:memory:", "mysql://ada:secret@db/ledger"]
)
def test_a_url_that_cannot_hold_a_ledger_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        Ledger(url, None)
    assert "secret" not in str(refused.value)


def test_a_folder_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with Ledger(f"sqlite:///{tmp_path}/missing/ledger.db", None) as ledger:
        with pytest.raises(Misconfigured, match="folder exists"):
            ledger.migrate()
        with pytest.raises(Unavailable):
            ledger.register("case-1")


def test_a_file_that_is_no_ledger_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.write_text("Minutes of the meeting. " * 100)
    with (
        Ledger(f"sqlite:///{file}", None) as ledger,
        pytest.raises(Misconfigured, match="not a ledger"),
    ):
        ledger.migrate()
    assert file.read_text().startswith("Minutes")


def test_a_postgresql_that_does_not_answer_is_only_unavailable(tmp_path: Path) -> None:
    with Ledger(f"postgresql://casework@/ledger?host={tmp_path}", None) as ledger:
        with pytest.raises(Unavailable):
            ledger.migrate()
        with pytest.raises(Unavailable):
            ledger.register("case-1")


def test_an_instant_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        utc_text(NOW.replace(tzinfo=None))
