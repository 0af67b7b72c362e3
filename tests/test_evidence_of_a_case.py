from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from typer.testing import CliRunner, Result

import cli
from activities.evidence_store import EvidenceStore
from models.directory import Directory
from models.errors import BadInput, Refused
from models.evidence import Deed, Handling, Part, Purpose, Stored
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.evidence import Item
from runtime.keyring import KeyRing
from runtime.settings import settings
from runtime.verbs_of_evidence import BEFORE_A_FILE
from tests import evidence_files as files
from tests.service import REASON, Service

TITLE = "screenshot of a public page"
SEQUENCE = iter(range(1, 250))


def a_file() -> bytes:
    """A screenshot nobody has handed in yet: the service under test is one for all."""
    return files.png(next(SEQUENCE))


def hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def added_to(service: Service, case: str, person: str) -> list[Item]:
    """Without the order of the intake form, which is kept elsewhere."""
    return [one for one in service.desk.evidence_of(case, person) if one.form is not None]


def deeds(service: Service, digest: str) -> list[Deed]:
    return [line.did for line in service.desk.store.custody(digest)]


# --- the desk -----------------------------------------------------------------------------------


async def test_a_file_is_kept_and_the_case_names_it_by_its_hash(service: Service) -> None:
    case, content = await service.open(), a_file()

    added = await service.desk.add_evidence(case, "fca-1", content, TITLE, reason=REASON)

    assert added.referenced
    assert added.stored is not None
    assert added.stored.sha256 == hash_of(content)
    entry = service.ledger.trail(case)[-1]
    assert entry.entry.evidence == (hash_of(content),)
    assert entry.private.fields["working_copy"] == added.stored.working_copy
    assert deeds(service, hash_of(content)) == [Deed.TAKEN_IN, Deed.NAMED_IN_TRAIL]
    assert service.desk.store.custody(hash_of(content))[1].decision == added.receipt.decision
    history = await service.handle(case).fetch_history()
    assert len(history.to_json()) < 400_000
    assert service.desk.read_evidence(case, hash_of(content), "lm-1", part=Part.ORIGINAL) == content


async def test_what_is_said_of_the_post_goes_along_with_one_spelling_of_its_address(
    service: Service,
) -> None:
    case, content = await service.open(), a_file()
    fields = {
        "address": "https://m.twitter.com/some.body/status/1?s=20",
        "platform": "x",
        "author_handle": "@Some.Body",
        "how_seen": "by_chance",
        "visibility": "public",
        "seen_at": "2026-11-20 10:00",
        "shows_a_child": False,
    }

    added = await service.desk.add_evidence(case, "fca-1", content, TITLE, fields=fields)

    assert added.referenced, added.receipt.message
    [item] = added_to(service, case, "lm-1")
    assert item.form is not None
    assert item.form.address == fields["address"]
    assert item.form.address_normalised == "https://x.com/some.body/status/1"
    assert item.form.author_handle == "@Some.Body"


async def test_who_may_not_add_is_refused_on_the_record_and_no_file_is_kept(
    service: Service,
) -> None:
    case, content = await service.open(), a_file()

    added = await service.desk.add_evidence(case, "aud-1", content, TITLE)

    assert added.receipt.outcome == "refused"
    assert added.stored is None
    assert service.ledger.trail(case)[-1].entry.kind == "refused"
    assert service.desk.store.stored(hash_of(content)) is None
    assert deeds(service, hash_of(content)) == []


async def test_a_file_that_is_not_taken_is_neither_kept_nor_sent(service: Service) -> None:
    case = await service.open()

    with pytest.raises(BadInput, match="a program"):
        await service.desk.add_evidence(case, "fca-1", files.PROGRAM, TITLE)
    with pytest.raises(BadInput, match="a form that sends"):
        await service.desk.add_evidence(case, "fca-1", files.pdf(files.sends), TITLE)

    assert len(service.ledger.trail(case)) == 1
    assert service.desk.store.stored(hash_of(files.pdf(files.sends))) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": "javascript:alert(1)"}, "The address cannot be used"),
        ({"sha256": "a" * 64}, "worked out from the file"),
        ({"in_store": True}, "worked out from the file"),
        ({"address_normalised": "https://x.com/a"}, "worked out from the file"),
    ],
)
async def test_a_field_that_cannot_be_is_refused_before_anything_is_kept(
    fields: dict[str, Any], said: str, service: Service
) -> None:
    case, content = await service.open(), a_file()

    with pytest.raises(BadInput, match=said):
        await service.desk.add_evidence(case, "fca-1", content, TITLE, fields=fields)

    assert service.desk.store.stored(hash_of(content)) is None


class _LeavesMeanwhile(EvidenceStore):
    """A store that is still writing when the sender's last day ends."""

    left = False

    def put(self, source: bytes | Path, by: Handling) -> Stored:
        stored = super().put(source, by)
        self.left = True
        return stored


async def test_a_case_that_refuses_at_the_last_moment_leaves_the_file_unreferenced_and_says_so(
    service: Service,
) -> None:
    case, content = await service.open(), a_file()
    chosen, before = service.settings, service.desk.directory
    ring = KeyRing.load(chosen.key_ring_file)
    store = _LeavesMeanwhile(chosen.evidence_folder, ring, service.ledger)
    gone = {"left_on": date(2026, 1, 1)}
    people = [one.model_copy(update=gone) if one.id == "lm-1" else one for one in before.people]
    after = Directory(people, before.absences, before.delegations, before.accounts)

    async def client() -> Client:
        return service.client

    desk = Desk(
        ledger=service.ledger,
        directory=lambda: after if store.left else before,
        temporal=client,
        task_queue=chosen.task_queue,
        clock=utc_now,
        store=lambda: store,
    )

    added = await desk.add_evidence(case, "lm-1", content, TITLE)

    assert added.receipt.outcome == "refused"
    assert added.stored is not None
    assert not added.referenced
    last = store.custody(hash_of(content))[-1]
    assert (last.did, last.code) == (Deed.LEFT_UNREFERENCED, "not_active")
    assert added_to(service, case, "hop-1") == []
    with pytest.raises(BadInput, match="has no file"):
        service.desk.read_evidence(case, hash_of(content), "hop-1")


async def test_one_decision_id_adds_a_file_once(service: Service) -> None:
    case, content = await service.open(), a_file()
    once = [
        await service.desk.add_evidence(case, "fca-1", content, TITLE, id=f"once-{case}")
        for _ in range(2)
    ]

    assert [added.receipt.seq for added in once] == [2, 2]
    assert deeds(service, hash_of(content)) == [
        Deed.TAKEN_IN,
        Deed.NAMED_IN_TRAIL,
        Deed.OFFERED_AGAIN,
    ]
    assert len(service.ledger.trail(case)) == 2
    assert len(added_to(service, case, "fca-1")) == 1


async def test_a_decision_cannot_claim_a_file_that_is_not_kept(service: Service) -> None:
    case = await service.open()
    fields = {
        "sha256": "d" * 64, "kind": "png", "title": TITLE, "in_store": True, "working_copy": "e" * 64,
    }  # fmt: skip

    with pytest.raises(BadInput, match="not in the store"):
        await service.desk.decide(case, "add_evidence", "fca-1", fields=fields)

    assert len(service.ledger.trail(case)) == 1


async def test_a_file_named_by_its_hash_only_is_listed_as_kept_elsewhere(service: Service) -> None:
    case = await service.open()
    await service.act(case, "fca-1", "add_evidence", sha256="d" * 64, kind="pdf", title=TITLE)

    [item] = added_to(service, case, "lm-1")

    assert item.stored is None
    assert item.form is not None
    assert item.form.title == TITLE


async def test_a_file_handed_in_after_its_hash_was_named_counts_as_kept(service: Service) -> None:
    case, content = await service.open(), a_file()
    fields = {"sha256": hash_of(content), "kind": "png", "title": TITLE}
    await service.act(case, "fca-1", "add_evidence", **fields)

    await service.desk.add_evidence(case, "fca-1", content, TITLE)

    [item] = added_to(service, case, "lm-1")
    assert item.stored is not None
    assert item.seq == 3
    assert service.desk.read_evidence(case, hash_of(content), "lm-1")


# --- who may look (4.3) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "may", "why"),
    [
        ("fca-1", True, "the practitioner"),
        ("lm-1", True, "their line manager"),
        ("hop-1", True, "the manager after that"),
        ("leg-1", True, "Legal"),
        ("aud-1", True, "an auditor, and the list says so"),
        ("fca-2", False, "another practitioner"),
        ("lm-2", False, "the manager of somebody else"),
        ("com-1", False, "Communications see handle, platform and dates"),
        ("adm-1", False, "an administrator without break-glass (SD13)"),
        ("hrbp-1", False, "HR has no part in court-directed access"),
    ],
)
async def test_files_are_for_those_who_work_on_the_case_and_for_auditors(
    person: str, may: bool, why: str, service: Service
) -> None:
    case, content = await service.open(), a_file()
    await service.desk.add_evidence(case, "fca-1", content, TITLE)
    before = len(deeds(service, hash_of(content)))

    if may:
        assert service.desk.read_evidence(case, hash_of(content), person), why
        last = service.desk.store.custody(hash_of(content))[-1]
        assert (last.did, last.by.person, last.by.case_id) == (Deed.READ, person, case)
        assert (last.by.purpose is Purpose.AUDIT) == (person == "aud-1")
        return
    with pytest.raises(Refused, match="Nothing was given out"):
        service.desk.read_evidence(case, hash_of(content), person)
    with pytest.raises(Refused, match="Nothing was given out"):
        service.desk.evidence_of(case, person)
    assert len(deeds(service, hash_of(content))) == before


async def test_who_is_conflicted_out_of_a_case_sees_none_of_its_files(service: Service) -> None:
    case, content = await service.open(), a_file()
    await service.desk.add_evidence(case, "fca-1", content, TITLE)
    await service.act(case, "lm-1", "declare_conflict")

    with pytest.raises(Refused):
        service.desk.read_evidence(case, hash_of(content), "lm-1")
    assert service.desk.read_evidence(case, hash_of(content), "hop-1")


async def test_an_auditor_who_is_conflicted_out_sees_none_either(service: Service) -> None:
    case, content = await service.open(), a_file()
    await service.desk.add_evidence(case, "fca-1", content, TITLE)
    declared = await service.act(case, "hop-1", "declare_conflict", person="aud-1")
    assert declared.outcome == "applied"

    with pytest.raises(Refused):
        service.desk.read_evidence(case, hash_of(content), "aud-1")


async def test_a_file_of_another_case_is_not_given_out_through_ones_own(service: Service) -> None:
    mine, other, content = await service.open(), await service.open("fca-2"), a_file()
    await service.desk.add_evidence(other, "fca-2", content, TITLE)

    with pytest.raises(BadInput, match="has no file"):
        service.desk.read_evidence(mine, hash_of(content), "fca-1")

    assert Deed.READ not in deeds(service, hash_of(content))


async def test_to_know_the_hash_of_another_cases_file_is_not_to_have_it(service: Service) -> None:
    mine, other, content = await service.open(), await service.open("fca-2"), a_file()
    added = await service.desk.add_evidence(other, "fca-2", content, TITLE)
    assert added.stored is not None
    fields = {"sha256": hash_of(content), "kind": "png", "title": TITLE}
    kept = {"in_store": True, "working_copy": added.stored.working_copy}

    with pytest.raises(BadInput, match="not in the store"):
        await service.desk.decide(mine, "add_evidence", "fca-1", fields=fields | kept)
    await service.act(mine, "fca-1", "add_evidence", **fields)

    with pytest.raises(BadInput, match="has no file"):
        service.desk.read_evidence(mine, hash_of(content), "fca-1")
    assert Deed.READ not in deeds(service, hash_of(content))


async def test_a_case_sees_only_its_own_part_of_a_shared_custody_list(service: Service) -> None:
    mine, other, content = await service.open(), await service.open("fca-2"), a_file()
    await service.desk.add_evidence(other, "fca-2", content, TITLE)
    await service.desk.add_evidence(mine, "fca-1", content, TITLE)

    [item] = added_to(service, mine, "fca-1")

    assert {line.by.case_id for line in item.custody} == {mine}
    assert [line.did for line in item.custody] == [Deed.OFFERED_AGAIN, Deed.NAMED_IN_TRAIL]


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture(name="run")
def run_fixture(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """A command of its own thread, with the settings of the running service."""
    for name in [name for name in os.environ if name.startswith("CASEWORK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CASEWORK_HOME", str(service.settings.home))
    monkeypatch.setenv("CASEWORK_PORT", str(service.settings.port))
    monkeypatch.setenv("CASEWORK_UI", "false")
    settings.cache_clear()

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli.app, list(words))

    yield run
    settings.cache_clear()


def adding(case: str, path: Path, *more: str) -> list[str]:
    return ["evidence", "add", case, str(path), "--as", "fca-1", "--title", TITLE, *more]


async def test_without_the_word_about_indecent_images_the_file_is_not_opened(
    run: Callable[..., Any], service: Service, tmp_path: Path
) -> None:
    case = await service.open()
    # Not even there: it is asked before anything is looked at (INV-13).
    shown = await run(*adding(case, tmp_path / "none.png"))
    as_json = await run(*adding(case, tmp_path / "none.png", "--json"))

    assert (shown.exit_code, as_json.exit_code, shown.stdout) == (2, 2, "")
    for line in BEFORE_A_FILE:
        assert line in shown.stderr
    assert json.loads(as_json.stdout)["error"]["problems"] == list(BEFORE_A_FILE)
    assert "police" in shown.stderr
    assert len(service.ledger.trail(case)) == 1


async def test_a_file_is_added_listed_and_taken_out(
    run: Callable[..., Any], service: Service, tmp_path: Path
) -> None:
    case, content = await service.open(), a_file()
    path, out = tmp_path / "page.png", tmp_path / "out.png"
    path.write_bytes(content)

    added = await run(
        *adding(case, path, "--no-indecent-image", "--field", "visibility=public", "--json")
    )
    shown = await run("evidence", "list", case, "--as", "lm-1")
    got = await run("evidence", "get", case, hash_of(content), "--as", "lm-1", "--to", str(out))
    copy = await run(
        "evidence", "get", case, hash_of(content), "--as", "aud-1", "--to", str(tmp_path / "c.png"),
        "--working-copy", "--json",
    )  # fmt: skip
    listed = json.loads((await run("evidence", "list", case, "--as", "aud-1", "--json")).stdout)

    assert added.exit_code == 0, added.stderr
    answered = json.loads(added.stdout)
    assert answered["referenced"]
    assert f"{hash_of(content)}  {TITLE}" in shown.stdout
    assert "taken in: Tamsin Okonjo (fca-1)" in shown.stdout
    assert got.exit_code == 0, got.stderr
    assert out.read_bytes() == content
    assert out.stat().st_mode & 0o077 == 0
    assert json.loads(copy.stdout)["part"] == "working_copy"
    assert hash_of((tmp_path / "c.png").read_bytes()) == answered["stored"]["working_copy"]
    order, item = listed["evidence"]
    assert order["stored"] is None, "the order of the intake form is kept elsewhere"
    assert [(line["did"], line["by"]["purpose"]) for line in item["custody"]] == [
        ("taken_in", "case_work"),
        ("named_in_trail", "case_work"),
        ("exported", "case_work"),
        ("exported", "audit"),
    ]


async def test_taking_out_never_writes_over_a_file_nor_for_whom_it_is_not(
    run: Callable[..., Any], service: Service, tmp_path: Path
) -> None:
    case, content = await service.open(), a_file()
    await service.desk.add_evidence(case, "fca-1", content, TITLE)
    there = tmp_path / "there.png"
    there.write_text("mine")
    words = ["evidence", "get", case, hash_of(content), "--to"]

    over = await run(*words, str(there), "--as", "lm-1")
    nowhere = await run(*words, str(tmp_path / "no" / "x.png"), "--as", "lm-1")
    refused = await run(*words, str(tmp_path / "new.png"), "--as", "com-1")

    assert (over.exit_code, nowhere.exit_code, refused.exit_code) == (2, 2, 3)
    assert there.read_text() == "mine"
    assert "[4.3]" in refused.stderr
    assert not (tmp_path / "new.png").exists()
    assert Deed.EXPORTED not in deeds(service, hash_of(content))


async def test_a_refused_adding_says_that_nothing_was_kept(
    run: Callable[..., Any], service: Service, tmp_path: Path
) -> None:
    case = await service.open()
    path = tmp_path / "page.png"
    path.write_bytes(a_file())
    words = ["evidence", "add", case, str(path), "--as", "aud-1", "--title", TITLE]

    shown = await run(*words, "--no-indecent-image")

    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "The file was not kept." in shown.stderr


async def test_verify_finds_a_kept_file_that_is_not_what_it_was(
    run: Callable[..., Any], service: Service
) -> None:
    case, content = await service.open(), a_file()
    await service.desk.add_evidence(case, "fca-1", content, TITLE)
    good = await run("verify", case)
    path = service.desk.store._blobs._path(hash_of(content))
    held = path.read_bytes()

    path.write_bytes(held[:-1] + bytes((held[-1] ^ 1,)))
    try:
        shown, as_json = await run("verify", case), await run("verify", case, "--json")
        path.unlink()
        gone = await run("verify", case)
    finally:
        path.write_bytes(held)

    assert good.exit_code == 0, good.stdout
    assert shown.exit_code == gone.exit_code == as_json.exit_code == 3
    assert f"{case}: The kept file {hash_of(content)} is damaged or gone" in shown.stdout
    found = json.loads(as_json.stdout)
    assert not found["ok"]
    assert [one["sha256"] for one in found["files"]] == [hash_of(content)]
