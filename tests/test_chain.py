"""The hash chain: what anybody can recompute, and what each kind of tampering looks like."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
import rfc8785
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.chain import Fault, UnreadableLine
from activities.ledger import Ledger
from models.case import Private
from models.chain import GENESIS, canonical, is_simple, link, quick
from models.errors import BadInput, Misconfigured
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

if TYPE_CHECKING:
    from activities.chain import Verdict


def _five_lines(ledger: Ledger, case_id: str = "case-1") -> None:
    lines = [line(seq, case_id) for seq in range(1, 6)]
    ledger.append(batch(*lines, case_id=case_id), NOW)


def _verdict(ledger: Ledger, case_id: str = "case-1") -> Verdict:
    (verdict,) = ledger.verify(case_id)
    return verdict


# --- the arithmetic ---------------------------------------------------------------------------


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_the_hash_is_that_of_one_canonical_json_object(body: dict[str, str]) -> None:
    by_the_book = sha256(
        rfc8785.dumps({"prev": GENESIS, "body": body, "commit": "ab" * 32})
    ).hexdigest()
    assert link(GENESIS, rfc8785.dumps(body).decode(), "ab" * 32) == by_the_book


@pytest.mark.parametrize(
    "field",
    [
        2**60,  # beyond what every JSON reader keeps exactly
        "half a character \ud83d",  # cannot be written as UTF-8
    ],
)
def test_what_json_cannot_keep_exactly_is_refused_without_being_repeated(field: object) -> None:
    with pytest.raises(BadInput) as refused:
        canonical(Private(fields={"secret_field": field}))
    assert "secret_field" not in str(refused.value)
    assert str(field) not in str(refused.value)
    assert refused.value.__cause__ is None


def test_an_auditor_recomputes_the_chain_with_a_json_library_and_sha256(
    ledger: Ledger, cipher: SmallCipher
) -> None:
    _five_lines(ledger)
    prev = "0" * 64
    for kept in ledger.lines_of("case-1"):
        plain = cipher.open(kept.sealed, f"case-1:{kept.seq}".encode())
        commit = sha256(plain).hexdigest()
        whole = {"prev": prev, "body": json.loads(kept.body), "commit": commit}
        prev = sha256(rfc8785.dumps(whole)).hexdigest()
        assert (kept.salt_commit, kept.hash) == (commit, prev)


def test_the_same_words_twice_are_committed_to_differently(ledger: Ledger) -> None:
    lines = line(1, reason="The same words"), line(2, reason="The same words")
    ledger.append(batch(*lines), NOW)
    first, second = ledger.lines_of("case-1")
    assert first.salt_commit != second.salt_commit


# --- tampering --------------------------------------------------------------------------------

_SWAP = (
    "UPDATE entry SET seq = 99 WHERE case_id = 'case-1' AND seq = 2",
    "UPDATE entry SET seq = 2 WHERE case_id = 'case-1' AND seq = 3",
    "UPDATE entry SET seq = 3 WHERE case_id = 'case-1' AND seq = 99",
)
_SWAP_BODIES = (
    "UPDATE entry SET body = (SELECT body FROM entry WHERE case_id = 'case-1' AND seq = 4)"
    " WHERE case_id = 'case-1' AND seq = 3",
)


@pytest.mark.parametrize(
    ("statements", "fault", "seq"),
    [
        (
            ("UPDATE entry SET body = replace(body, 'D-03', 'D-04') WHERE seq = 3",),
            Fault.EDITED_BODY,
            3,
        ),
        (("UPDATE entry SET body = body || ' ' WHERE seq = 3",), Fault.EDITED_BODY, 3),
        (("UPDATE entry SET body = '{' WHERE seq = 3",), Fault.EDITED_BODY, 3),
        (
            ("UPDATE entry SET at = '2026-01-01T00:00:00.000000Z' WHERE seq = 2",),
            Fault.EDITED_BODY,
            2,
        ),
        (("UPDATE entry SET salt_commit = prev WHERE seq = 2",), Fault.EDITED_BODY, 2),
        (("UPDATE entry SET hash = prev WHERE seq = 5",), Fault.EDITED_BODY, 5),
        # Blobs of two lines of one case exchanged, or one of them cut short.
        (
            (
                "UPDATE entry SET sealed = (SELECT sealed FROM entry WHERE case_id = 'case-1'"
                " AND seq = 1) WHERE case_id = 'case-1' AND seq = 4",
            ),
            Fault.EDITED_PRIVATE,
            4,
        ),
        (
            ("UPDATE entry SET sealed = substr(sealed, 1, 40) WHERE seq = 1",),
            Fault.EDITED_PRIVATE,
            1,
        ),
        (("DELETE FROM entry WHERE seq = 1",), Fault.MISSING, 1),
        (("DELETE FROM entry WHERE seq = 3",), Fault.MISSING, 3),
        (_SWAP, Fault.SWAPPED, 2),
        (_SWAP_BODIES, Fault.SWAPPED, 3),
        (("DELETE FROM entry WHERE seq > 3",), Fault.CUT_OFF, 4),
        (("DELETE FROM entry",), Fault.CUT_OFF, 1),
        (
            ("UPDATE register SET head = (SELECT prev FROM entry WHERE seq = 5)",),
            Fault.WRONG_HEAD,
            5,
        ),
        (("UPDATE register SET seq = 4",), Fault.WRONG_HEAD, 5),
        (("DELETE FROM register",), Fault.WRONG_HEAD, 5),
    ],
)
def test_each_kind_of_tampering_is_caught_where_it_was_done(
    ledger: Ledger, ledger_url: str, statements: tuple[str, ...], fault: Fault, seq: int
) -> None:
    _five_lines(ledger)
    assert _verdict(ledger).ok
    with intruder(ledger_url) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    verdict = _verdict(ledger)
    assert (verdict.fault, verdict.broken_seq, verdict.ok) == (fault, seq, False)


def test_a_line_rewritten_together_with_its_hash_is_caught_by_its_successor(
    ledger: Ledger, ledger_url: str
) -> None:
    _five_lines(ledger)
    third = ledger.lines_of("case-1")[2]
    body = third.body.replace("D-03", "D-04")
    with intruder(ledger_url) as connection:
        connection.execute(
            sa.text("UPDATE entry SET body = :body, hash = :hash WHERE seq = 3"),
            {"body": body, "hash": link(third.prev, body, third.salt_commit)},
        )
    verdict = _verdict(ledger)
    assert (verdict.fault, verdict.broken_seq) == (Fault.REWRITTEN, 3)


def test_a_line_forged_at_the_end_is_caught_by_the_register(
    ledger: Ledger, ledger_url: str
) -> None:
    _five_lines(ledger)
    last = ledger.lines_of("case-1")[4]
    body = last.body.replace('"seq":5', '"seq":6')
    forged = {"body": body, "prev": last.hash, "hash": link(last.hash, body, last.salt_commit)}
    with intruder(ledger_url) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO entry SELECT case_id, 6, at, :body, sealed, salt_commit, :prev, :hash,"
                " recorded_at FROM entry WHERE seq = 5"
            ),
            forged,
        )
    assert not _verdict(ledger).ok


@pytest.mark.parametrize("columns", ["sealed", "sealed, salt_commit"])
def test_a_blob_moved_to_another_case_is_caught(
    ledger: Ledger, ledger_url: str, columns: str
) -> None:
    _five_lines(ledger)
    _five_lines(ledger, "case-2")
    with intruder(ledger_url) as connection:
        for column in columns.split(", "):
            connection.execute(
                sa.text(
                    f"UPDATE entry SET {column} = (SELECT {column} FROM entry AS other"
                    " WHERE other.case_id = 'case-1' AND other.seq = 2)"
                    " WHERE case_id = 'case-2' AND seq = 2"
                )
            )
    assert {verdict.case_id: verdict.broken_seq for verdict in ledger.verify()} == {
        "case-1": None,
        "case-2": 2,
    }
    moved = ledger.trail("case-2")[1]
    assert isinstance(moved, UnreadableLine)
    assert moved.fault is Fault.EDITED_PRIVATE


def test_other_case_text_sealed_with_the_right_key_is_caught(
    ledger: Ledger, ledger_url: str, cipher: SmallCipher
) -> None:
    _five_lines(ledger)
    other = b"s" * 32 + canonical(line(2, reason="Another reason").private)
    with intruder(ledger_url) as connection:
        connection.execute(
            sa.text("UPDATE entry SET sealed = :sealed WHERE seq = 2"),
            {"sealed": cipher.seal(other, b"case-1:2")},
        )
    verdict = _verdict(ledger)
    assert (verdict.fault, verdict.broken_seq) == (Fault.EDITED_PRIVATE, 2)


def test_a_case_that_is_only_in_the_trail_or_only_in_the_register_is_checked_too(
    ledger: Ledger, ledger_url: str
) -> None:
    _five_lines(ledger)
    _five_lines(ledger, "case-2")
    with intruder(ledger_url) as connection:
        connection.execute(sa.text("DELETE FROM register WHERE case_id = 'case-1'"))
        connection.execute(sa.text("DELETE FROM entry WHERE case_id = 'case-2'"))
    assert [verdict.fault for verdict in ledger.verify()] == [Fault.WRONG_HEAD, Fault.CUT_OFF]


def test_a_case_nobody_knows_has_no_verdict(ledger: Ledger) -> None:
    assert list(ledger.verify("case-0")) == []


# --- keys -------------------------------------------------------------------------------------


def test_without_its_key_a_line_is_still_listed_and_its_chain_still_checked(
    ledger: Ledger, cipher: SmallCipher
) -> None:
    _five_lines(ledger)
    readable = ledger.trail("case-1")
    cipher.forget()
    lines = ledger.trail("case-1")
    assert [one.entry for one in lines] == [one.entry for one in readable]
    assert all(isinstance(one, UnreadableLine) and one.fault is Fault.NO_KEY for one in lines)
    assert not any(one.private.reason for one in lines)
    verdict = _verdict(ledger)
    assert (verdict.ok, verdict.unreadable) == (True, 5)


def test_keys_that_cannot_be_read_are_not_mistaken_for_tampering(
    ledger: Ledger, ledger_url: str
) -> None:
    class Locked(SmallCipher):
        def open(self, sealed: bytes, context: bytes) -> bytes:
            del sealed, context
            raise Misconfigured("The key file cannot be read.")

    _five_lines(ledger)
    with Ledger(ledger_url, Locked()) as other:
        verdict = _verdict(other)
    assert (verdict.ok, verdict.unreadable) == (True, 5)


def test_without_any_key_tampering_with_a_body_is_still_caught(
    ledger: Ledger, ledger_url: str, cipher: SmallCipher
) -> None:
    _five_lines(ledger)
    cipher.forget()
    with intruder(ledger_url) as connection:
        connection.execute(sa.text("UPDATE entry SET body = replace(body, 'D-03', 'D-04')"))
    verdict = _verdict(ledger)
    assert (verdict.fault, verdict.broken_seq) == (Fault.EDITED_BODY, 3)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner)
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_the_quick_encoder_writes_what_the_standard_says(plain: object) -> None:
    if is_simple(plain):
        assert quick(plain) == rfc8785.dumps(plain)  # type: ignore[arg-type]
