from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from activities import migrations, tables
from activities.evidence_blobs import Blobs
from activities.evidence_store import Damaged, EvidenceStore
from activities.ledger import Ledger
from models.errors import BadInput, Misconfigured, Unavailable
from models.evidence import CustodyLine, Deed, FileKind, Handling, Part, Purpose, custody_link
from models.people import Role
from runtime.keyring import KeyRing
from tests import evidence_files as files
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

BY = Handling(case_id="case-1", person="p-ada", role=Role.PR, at=NOW)
AUDITOR = Handling(case_id="case-1", person="p-aud", role=Role.AUD, purpose=Purpose.AUDIT, at=NOW)


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture(name="store")
def store_fixture(folder: Path, cipher: SmallCipher, ledger: Ledger) -> EvidenceStore:
    return EvidenceStore(folder, cipher, ledger)


def hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def pieces(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("??/*") if path.is_file())


def largest(folder: Path) -> Path:
    return max(pieces(folder), key=lambda path: path.stat().st_size)


# --- keeping and giving back ------------------------------------------------------------------


@pytest.mark.parametrize("make", [files.png, files.jpeg, files.webp, files.pdf])
def test_what_was_put_in_comes_out_byte_for_byte(
    make: Callable[[], bytes], store: EvidenceStore
) -> None:
    content = make()

    stored = store.put(content, BY)

    assert stored.sha256 == hash_of(content)
    assert stored.size == len(content)
    assert store.get(stored.sha256, BY) == content
    copy = store.get(stored.sha256, BY, Part.WORKING_COPY)
    assert hash_of(copy) == stored.working_copy
    assert files.SECRET.encode() not in copy
    assert store.check(stored.sha256, stored.working_copy) == stored


def test_a_file_is_taken_from_its_path_and_left_there(store: EvidenceStore, tmp_path: Path) -> None:
    path = tmp_path / "phone.exe"
    path.write_bytes(files.jpeg())

    assert store.put(path, BY).kind is FileKind.JPEG
    assert path.read_bytes() == files.jpeg()


def test_the_same_file_twice_is_kept_once_and_both_are_told(
    store: EvidenceStore, folder: Path
) -> None:
    first = store.put(files.png(), BY)
    kept = {path: path.read_bytes() for path in pieces(folder)}

    again = store.put(files.png(), AUDITOR)

    assert again == first
    assert {path: path.read_bytes() for path in pieces(folder)} == kept
    assert [line.did for line in store.custody(first.sha256)] == [
        Deed.TAKEN_IN,
        Deed.OFFERED_AGAIN,
    ]


def test_many_at_once_keep_one_file(folder: Path, cipher: SmallCipher, ledger: Ledger) -> None:
    def put(_: int) -> str:
        return EvidenceStore(folder, cipher, ledger).put(files.png(), BY).sha256

    with ThreadPoolExecutor(6) as pool:
        digests = set(pool.map(put, range(6)))

    assert digests == {hash_of(files.png())}
    assert len(pieces(folder)) == 3
    lines = ledger.custody(digests.pop())
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5, 6]


def test_a_refused_file_leaves_nothing_behind(store: EvidenceStore, folder: Path) -> None:
    with pytest.raises(BadInput, match="a program"):
        store.put(files.PROGRAM, BY)

    assert not folder.exists()
    assert store.custody(hash_of(files.PROGRAM)) == []


def test_what_is_not_there_is_said_and_nothing_is_made(store: EvidenceStore, folder: Path) -> None:
    with pytest.raises(BadInput, match="kept elsewhere"):
        store.get("a" * 64, BY)
    with pytest.raises(BadInput, match="kept elsewhere"):
        store.get("../../ledger", BY)
    assert not folder.exists()


def test_a_crash_before_the_end_is_made_good_by_sending_it_again(
    store: EvidenceStore, folder: Path, cipher: SmallCipher
) -> None:
    content = files.png()
    Blobs(folder, cipher).put(content, hash_of(content))
    assert store.stored(hash_of(content)) is None

    stored = store.put(content, BY)

    assert store.check(stored.sha256) == stored


def test_a_store_that_cannot_be_written_says_so(
    tmp_path: Path, cipher: SmallCipher, ledger: Ledger
) -> None:
    (tmp_path / "evidence").write_text("in the way")

    with pytest.raises(Unavailable, match="Nothing was kept"):
        EvidenceStore(tmp_path / "evidence", cipher, ledger).put(files.png(), BY)


# --- at rest ------------------------------------------------------------------------------------


def test_nothing_on_the_disk_says_what_the_files_are(store: EvidenceStore, folder: Path) -> None:
    stored = store.put(files.pdf(), BY)

    known = (stored.sha256, stored.working_copy)
    for path in [folder, *folder.rglob("*")]:
        assert not any(digest in str(path) or digest[:16] in str(path) for digest in known)
        assert path.stat().st_mode & 0o077 == 0, "closed to others on this machine"
        if path.is_file():
            held = path.read_bytes()
            assert files.SECRET.encode() not in held
            assert b"%PDF" not in held
            assert stored.sha256.encode() not in held


def test_two_stores_keep_one_file_at_different_addresses(
    tmp_path: Path, cipher: SmallCipher, ledger: Ledger
) -> None:
    for name in ("one", "other"):
        EvidenceStore(tmp_path / name, cipher, ledger).put(files.png(), BY)

    one, other = ({path.name for path in pieces(tmp_path / name)} for name in ("one", "other"))
    assert len(one) == len(other) == 3
    assert not one & other


@pytest.mark.parametrize("at", [0, 20, -1], ids=["its head", "its content", "its seal"])
def test_a_flipped_bit_is_found(at: int, store: EvidenceStore, folder: Path) -> None:
    stored = store.put(files.jpeg(), BY)
    path = largest(folder)
    held = bytearray(path.read_bytes())
    held[at] ^= 1
    path.write_bytes(held)

    with pytest.raises(Damaged):
        store.check(stored.sha256)
    with pytest.raises(Damaged, match="not given out"):
        store.get(stored.sha256, BY)
    with pytest.raises(Damaged):
        store.put(files.jpeg(), BY)
    assert path.read_bytes() == bytes(held), "what is left is kept as it is"


def test_two_sealed_files_exchanged_are_found(store: EvidenceStore, folder: Path) -> None:
    one, other = store.put(files.png(), BY), store.put(files.png(200), BY)
    paths = pieces(folder)
    held = [path.read_bytes() for path in paths]
    for path, content in zip(paths, held[1:] + held[:1], strict=True):
        path.write_bytes(content)

    for stored in (one, other):
        with pytest.raises(Damaged):
            store.check(stored.sha256)


def test_a_file_sealed_again_by_somebody_with_the_key_is_found_by_its_hash(
    store: EvidenceStore, folder: Path, cipher: SmallCipher
) -> None:
    stored = store.put(files.png(), BY)
    path = Blobs(folder, cipher)._path(stored.sha256)
    path.write_bytes(cipher.seal(files.png(1), f"evidence:{path.name}".encode()))

    with pytest.raises(Damaged, match="not what it was"):
        store.get(stored.sha256, BY)


def test_a_file_taken_away_is_found(store: EvidenceStore, folder: Path) -> None:
    stored = store.put(files.png(), BY)
    largest(folder).unlink()

    with pytest.raises(Damaged, match="damaged or gone"):
        store.check(stored.sha256)


def test_another_working_copy_than_the_trail_names_is_found(store: EvidenceStore) -> None:
    stored = store.put(files.png(), BY)

    with pytest.raises(Damaged, match="not the one the trail names"):
        store.check(stored.sha256, "b" * 64)


def test_without_the_address_key_nothing_new_is_kept(
    store: EvidenceStore, folder: Path, cipher: SmallCipher, ledger: Ledger
) -> None:
    store.put(files.png(), BY)
    (folder / "address.key").unlink()

    again = EvidenceStore(folder, cipher, ledger)
    with pytest.raises(Misconfigured, match=r"address\.key is missing"):
        again.put(files.jpeg(), BY)
    with pytest.raises(Misconfigured, match=r"address\.key is missing"):
        again.ready()


def test_a_rotated_key_ring_still_finds_and_opens_what_was_kept_before(
    tmp_path: Path, folder: Path, ledger: Ledger
) -> None:
    ring = tmp_path / "keyring.json"
    stored = EvidenceStore(folder, KeyRing.create(ring), ledger).put(files.png(), BY)

    later = EvidenceStore(folder, KeyRing.rotate(ring), ledger)

    assert later.put(files.png(), BY) == stored
    assert later.get(stored.sha256, BY) == files.png()
    assert len(pieces(folder)) == 3


def test_a_key_that_is_not_here_is_no_damage(
    store: EvidenceStore, folder: Path, ledger: Ledger, cipher: SmallCipher
) -> None:
    stored = store.put(files.png(), BY)
    cipher.forget()

    with pytest.raises(Unavailable):
        EvidenceStore(folder, cipher, ledger).check(stored.sha256)


# --- custody ------------------------------------------------------------------------------------


def test_everybody_who_has_a_file_in_hand_is_in_its_custody_list(store: EvidenceStore) -> None:
    stored = store.put(files.png(), BY)
    store.note(
        CustodyLine(sha256=stored.sha256, seq=1, did=Deed.NAMED_IN_TRAIL, by=BY, decision="d-1")
    )
    store.get(stored.sha256, AUDITOR, Part.WORKING_COPY)
    store.get(stored.sha256, BY, did=Deed.EXPORTED)

    lines = store.custody(stored.sha256)

    assert [(line.seq, line.did, line.part, line.by.person) for line in lines] == [
        (1, Deed.TAKEN_IN, Part.ORIGINAL, "p-ada"),
        (2, Deed.NAMED_IN_TRAIL, Part.ORIGINAL, "p-ada"),
        (3, Deed.READ, Part.WORKING_COPY, "p-aud"),
        (4, Deed.EXPORTED, Part.ORIGINAL, "p-ada"),
    ]
    assert lines[0].stored == stored
    assert lines[2].by.purpose is Purpose.AUDIT
    assert lines[3].by.at == NOW


def test_the_line_is_written_before_anything_is_given_out(
    store: EvidenceStore, folder: Path
) -> None:
    stored = store.put(files.png(), BY)
    largest(folder).write_bytes(b"")

    with pytest.raises(Damaged):
        store.get(stored.sha256, AUDITOR)

    assert store.custody(stored.sha256)[-1].did is Deed.READ


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody SET body = '{}'",
        "DELETE FROM custody",
        "INSERT INTO custody SELECT * FROM custody",
    ],
)
def test_the_database_itself_refuses_to_change_a_custody_list(
    statement: str, store: EvidenceStore, ledger_url: str
) -> None:
    stored = store.put(files.png(), BY)

    with pytest.raises(sa.exc.DatabaseError), intruder(ledger_url, guards=True) as connection:
        connection.execute(sa.text(statement))

    assert len(store.custody(stored.sha256)) == 1


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("another person", "UPDATE custody SET body = replace(body, 'p-ada', 'p-eve')"),
        ("another case", "UPDATE custody SET case_id = 'case-9'"),
        ("one taken out", "DELETE FROM custody WHERE seq = 2"),
        ("the first taken out", "DELETE FROM custody WHERE seq = 1"),
        ("another place", "UPDATE custody SET seq = 7 WHERE seq = 3"),
        ("another line before", "UPDATE custody SET prev = hash WHERE seq = 2"),
    ],
)
def test_a_custody_list_somebody_changed_does_not_hold(
    name: str, statement: str, store: EvidenceStore, ledger_url: str
) -> None:
    stored = store.put(files.png(), BY)
    store.get(stored.sha256, BY)
    store.get(stored.sha256, AUDITOR)

    with intruder(ledger_url) as connection:
        connection.execute(sa.text(statement))

    with pytest.raises(Damaged, match="was changed after it was written"):
        store.check(stored.sha256)
    assert name


def test_a_line_written_again_to_match_itself_breaks_the_one_behind(
    store: EvidenceStore, ledger_url: str
) -> None:
    stored = store.put(files.png(), BY)
    store.get(stored.sha256, AUDITOR)
    store.get(stored.sha256, BY)
    with intruder(ledger_url) as connection:
        row = connection.execute(sa.text("SELECT prev, body FROM custody WHERE seq = 2")).one()
        body = row.body.replace("p-aud", "p-eve")
        again = {"body": body, "hash": custody_link(row.prev, body)}
        change = sa.text("UPDATE custody SET body = :body, hash = :hash WHERE seq = 2")
        connection.execute(change, again)

    with pytest.raises(Damaged, match="was changed after it was written"):
        store.custody(stored.sha256)


def test_a_file_whose_custody_list_was_emptied_is_found(
    store: EvidenceStore, ledger_url: str
) -> None:
    stored = store.put(files.png(), BY)
    with intruder(ledger_url) as connection:
        connection.execute(sa.text("DELETE FROM custody"))

    with pytest.raises(Damaged, match="does not say that it was taken in"):
        store.check(stored.sha256)


def test_a_ledger_of_before_gets_custody_lists_and_keeps_its_trails(
    ledger_url: str, cipher: SmallCipher, folder: Path, tmp_path: Path
) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with intruder(ledger_url, guards=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _as_before(connection, f"sqlite:///{tmp_path}/today.db", cipher)
    with Ledger(ledger_url, cipher) as ledger:
        ledger.migrate()
        stored = EvidenceStore(folder, cipher, ledger).put(files.png(), BY)

        assert [one.did for one in ledger.custody(stored.sha256)] == [Deed.TAKEN_IN]
        assert [verdict.ok for verdict in ledger.verify()] == [True]


def _as_before(then: sa.Connection, today: str, cipher: SmallCipher) -> None:
    """A case as the first ledgers held it: today's rows, without what has come since."""
    with Ledger(today, cipher) as ledger:
        ledger.migrate()
        ledger.append(batch(line(1)), NOW)
    there = sa.inspect(then)
    with intruder(today, guards=True) as now:
        for table in tables.metadata.sorted_tables:
            if not there.has_table(table.name):
                continue
            known = [table.c[one["name"]] for one in there.get_columns(table.name)]
            rows = [dict(row) for row in now.execute(sa.select(*known)).mappings()]
            if rows:
                then.execute(sa.insert(table), rows)
