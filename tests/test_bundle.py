"""The evidence bundle: checked as docs/reading-a-bundle.md says, by programs that are not ours."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from models.case import Kind
from models.errors import BadInput, Refused
from models.looked import Door, Seen
from runtime.bundle import Bundle, Wanted
from runtime.desk import Desk
from runtime.settings import PROJECT, Settings
from tests.audit_help import PRIVILEGED, Archive, archive, rewritten, tampered
from tests.evidence_files import png

PAGE = (PROJECT / "docs" / "reading-a-bundle.md").read_text()


@pytest.fixture(scope="module")
def kept(settings_factory: Callable[..., Settings]) -> Iterator[Archive]:
    with archive(settings_factory()) as here:
        yield here


def made(desk: Desk, *cases: str, by: str = "aud-1", files: bool = False) -> bytes:
    bundle = Bundle(desk, Wanted(cases=cases, asked="for a test", files=files), by)
    return b"".join(bundle.stream(Door.PAGES))


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- by the book --------------------------------------------------------------------------------


def _code(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def follow(folder: Path, content: bytes) -> subprocess.CompletedProcess[str]:
    """Do what the page says, to the letter, where there is nothing of ours; the last step's end."""
    (folder / "bundle.zip").write_bytes(content)
    (folder / "check.py").write_text(_code("python")[0])
    unpack, sums = _code("sh")[0].splitlines()
    if not shutil.which("unzip"):
        unpack = f"{sys.executable} -m zipfile -e bundle.zip bundle"
    subprocess.run(["sh", "-ec", f"{unpack}\n{sums}"], cwd=folder, check=True)  # noqa: S607
    _, check = _code("sh")[1].splitlines()
    words = [sys.executable, "-I", *check.split()[1:]]
    return subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)


def test_whoever_follows_the_page_finds_that_every_chain_holds(
    kept: Archive, tmp_path: Path
) -> None:
    checked = follow(tmp_path, made(kept.desk, *kept.ids))

    assert checked.returncode == 0, checked.stderr
    for one in kept.cases:
        assert f"{one.case_id} holds: {len(one.lines)} entries" in checked.stdout


def _change(name: str, old: bytes, new: bytes, content: bytes) -> bytes:
    """The bundle with one file changed and its sums made to match, as a careful forger would."""
    files = read(content)
    assert old in files[name], name
    files[name] = files[name].replace(old, new, 1)
    files["SHA256SUMS"] = b"".join(
        f"{sha256(text).hexdigest()}  {one}\n".encode()
        for one, text in files.items()
        if one != "SHA256SUMS"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for one, text in files.items():
            archive.writestr(one, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"kind":"refused"', b'"kind":"applied"', "is not what was recorded"),
        (b'"reason":"', b'"reason":"Not ', "is not what was recorded"),
        (b'"seq":2,"text"', b'"seq":3,"text"', "does not follow"),
    ],
)
def test_whoever_follows_the_page_finds_what_a_careful_forger_changed(
    kept: Archive, tmp_path: Path, old: bytes, new: bytes, said: str
) -> None:
    case_id = kept.ids[1]
    forged = _change(f"cases/{case_id}/trail.json", old, new, made(kept.desk, case_id))
    checked = follow(tmp_path, forged)

    assert checked.returncode == 1
    assert said in checked.stdout


def test_a_file_changed_without_its_sum_is_found_by_sha256sum(
    kept: Archive, tmp_path: Path
) -> None:
    files = read(made(kept.desk, kept.ids[0]))
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "index.html").write_text("other")
    checked = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"],  # noqa: S607
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert checked.returncode != 0
    assert "index.html: FAILED" in checked.stdout


# --- the same record, the same bytes ------------------------------------------------------------


def test_two_bundles_of_one_record_differ_in_who_made_them_and_when_alone(kept: Archive) -> None:
    first, second = (read(made(kept.desk, *kept.ids)) for _ in range(2))
    differing = {name for name in first if first[name] != second[name]}
    manifests = [json.loads(one["manifest.json"]) for one in (first, second)]

    assert first.keys() == second.keys()
    assert differing <= {"manifest.json", "SHA256SUMS"}
    assert [one.pop("made")["by"] for one in manifests] == ["aud-1", "aud-1"]
    assert manifests[0] == manifests[1]


def test_the_zip_says_nothing_of_when_or_where_it_was_made(kept: Archive) -> None:
    with zipfile.ZipFile(io.BytesIO(made(kept.desk, kept.ids[0]))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(info.filename == info.filename.lstrip("/") for info in archive.infolist())
        assert archive.testzip() is None


def test_the_manifest_names_every_file_each_head_and_every_version(kept: Archive) -> None:
    files = read(made(kept.desk, *kept.ids))
    manifest = json.loads(files["manifest.json"])
    heads = {one["case_id"]: (one["entries"], one["head"]) for one in manifest["cases"]}

    assert manifest["files"] == {
        name: sha256(content).hexdigest()
        for name, content in files.items()
        if name not in ("manifest.json", "SHA256SUMS")
    }
    assert heads == {case: (filed.seq, filed.head) for case, filed in kept.ledger.heads().items()}
    assert manifest["software"]["casework"]
    assert manifest["marking"] == "OFFICIAL-SENSITIVE"
    assert {one["policy"] for one in manifest["cases"]} == {"2.2"}
    assert {one["checked_when_made"] for one in manifest["cases"]} == {"nothing differs"}


# --- what is in it, and what is not -------------------------------------------------------------


def test_privileged_advice_is_in_no_file_of_it(kept: Archive) -> None:
    sealed = [line for one in kept.cases for line in one.lines if line.entry.sealed]
    files = read(made(kept.desk, *kept.ids))

    assert any(line.private.reason == PRIVILEGED for line in sealed)
    assert not [name for name, content in files.items() if b"canary-4711" in content]
    kinds = [
        entry["text"]["kind"]
        for name, content in files.items()
        if name.endswith("trail.json")
        for entry in json.loads(content)["entries"]
    ]
    assert kinds.count("privileged") == len(sealed)
    assert kinds.count("whole") > len(sealed)


def test_an_entry_that_carries_the_fact_of_privileged_advice_does_not_give_it_out(
    kept: Archive,
) -> None:
    """Whoever is back at work changes the holders first: that entry keeps the whole decision."""
    from runtime.bundle.text import privileged  # noqa: PLC0415

    lines = next(one.lines for one in kept.cases if any(line.entry.sealed for line in one.lines))
    at = next(n for n, line in enumerate(lines) if line.entry.sealed)
    carries = lines[at].model_copy(
        update={"entry": lines[at].entry.model_copy(update={"sealed": False})}
    )
    follows = lines[at].model_copy(
        update={
            "entry": lines[at].entry.model_copy(update={"seq": at + 2}),
            "private": lines[at].private.model_copy(update={"fact": None}),
        }
    )
    trail = [*lines[:at], carries, follows]

    assert privileged(trail) == {at + 1, at + 2}


def test_the_table_has_a_row_an_entry_and_starts_no_formula(kept: Archive) -> None:
    from runtime.bundle.tables import _harmless  # noqa: PLC0415

    case = kept.cases[2]
    text = read(made(kept.desk, case.case_id))[f"cases/{case.case_id}/entries.csv"]
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))

    assert [row["seq"] for row in rows] == [str(line.entry.seq) for line in case.lines]
    assert [row["kind"] == "refused" for row in rows] == [
        line.entry.kind is Kind.REFUSED for line in case.lines
    ]
    assert _harmless('=HYPERLINK("x")') == '\'=HYPERLINK("x")'
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def _trail_page(case_id: str) -> str:
    return f"cases/{case_id}/trail.html"


def test_the_page_of_a_case_is_whole_by_itself_and_says_what_was_refused_and_told(
    kept: Archive,
) -> None:
    case = kept.cases[1]
    page = unescape(read(made(kept.desk, case.case_id))[_trail_page(case.case_id)].decode())
    refused = [line.entry for line in case.lines if line.entry.kind is Kind.REFUSED]

    assert not re.findall(r"<script|<link|<img|https?://(?!www\.facebook\.com)", page)
    assert page.count("OFFICIAL-SENSITIVE") >= 2
    assert refused
    assert all(entry.message in page for entry in refused)
    assert "Communications drafts a public statement" in page
    assert "How that instant came about" in page
    assert case.lines[0].entry.london in page


def test_only_auditors_take_one_and_only_of_cases_there_are(kept: Archive) -> None:
    for person in ("lm-1", "fca-1", "adm-1", "leg-1"):
        with pytest.raises(Refused, match="made by auditors"):
            made(kept.desk, kept.ids[0], by=person)
    for cases in ((), ("case-nowhere",), (kept.ids[0],) * 1001):
        with pytest.raises(BadInput):
            made(kept.desk, *cases)


def test_that_it_was_taken_is_recorded_for_each_case_before_the_first_byte(kept: Archive) -> None:
    before = {case: len(kept.ledger.looks.of(case)) for case in kept.ids}
    bundle = Bundle(kept.desk, Wanted(cases=tuple(kept.ids)), "aud-1")
    assert {case: len(kept.ledger.looks.of(case)) for case in kept.ids} == before
    bundle.stream(Door.PAGES)

    for case in kept.ids:
        looks = kept.ledger.looks.of(case)
        assert len(looks) == before[case] + 1
        assert (looks[-1].seen, looks[-1].person, looks[-1].role) == (Seen.BUNDLE, "aud-1", "AUD")


def test_a_case_that_was_tampered_with_is_told_as_it_lies_there(
    kept: Archive, tmp_path: Path
) -> None:
    case_id = kept.ids[1]
    desk = tampered(
        kept,
        tmp_path / "edited",
        lambda copy: copy.execute(
            "UPDATE entry SET body = 'not an entry' WHERE case_id = ? AND seq = 3", [case_id]
        ),
    )
    with desk.ledger:
        files = read(made(desk, case_id))
    manifest = json.loads(files["manifest.json"])
    trail = json.loads(files[f"cases/{case_id}/trail.json"])

    assert manifest["cases"][0]["checked_when_made"] == (
        "entry 3 was changed after it was recorded"
    )
    assert trail["entries"][2]["body"] == "not an entry"
    assert f"cases/{case_id}/trail.html" not in files


def test_a_value_rewritten_with_every_hash_is_named_in_the_manifest(
    kept: Archive, tmp_path: Path
) -> None:
    case_id = kept.ids[1]
    desk = tampered(kept, tmp_path / "rewritten", rewritten(case_id, 4, actor="com-9"))
    with desk.ledger:
        files = read(made(desk, case_id))
    said = json.loads(files["manifest.json"])["cases"][0]["checked_when_made"]

    assert said.startswith("entry 4 is not what the recorded facts make of the case")
    assert "`actor` was recorded as com-9" in said


# --- evidence files -----------------------------------------------------------------------------


async def test_files_go_in_only_when_asked_for_and_their_lists_say_so(service: Any) -> None:
    case_id = await service.open("fca-1")
    added = await service.desk.add_evidence(case_id, "fca-1", png(), "A page of the account")
    digest = added.stored.sha256
    name = f"cases/{case_id}/files/{digest}.png"

    without = read(made(service.desk, case_id))
    assert name not in without
    assert digest in without[f"cases/{case_id}/files.json"].decode()
    with_it = read(made(service.desk, case_id, files=True))
    assert sha256(with_it[name]).hexdigest() == digest
    last = service.desk.store.custody(digest)[-1]
    assert (last.did, last.by.person, last.by.purpose) == ("exported", "aud-1", "audit")
