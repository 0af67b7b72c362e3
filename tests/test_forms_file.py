"""Forms as files: nothing is guessed, and every bad one is told plainly."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.errors import BadInput
from procedures.court_directed_access import CourtDirectedAccess
from runtime.forms_file import MOST, read_fields, read_form
from runtime.settings import PROJECT

EXAMPLE = PROJECT / "examples" / "direction.yaml"
GIVEN = "submission_token: 3f1c5a52-6c1e-4a57-9c0e-8d2f41b7a6e3\n"


def form(folder: Path, text: str | bytes, name: str = "form.yaml") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_the_example_form_is_a_form() -> None:
    read = CourtDirectedAccess.read(read_form(str(EXAMPLE)).data)

    assert read.order_status == "sealed"
    assert read.immediate_danger is False


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-12-01", "2026-12-01"),  # a date stays as it was written
        ("2026-12-18 16:00", "2026-12-18 16:00"),  # so does a time: it is London's, not UTC
        ("no", "no"),  # the field decides whether it is a boolean or a word
        ("yes", "yes"),
        ("none given", "none given"),
        ("007", "007"),  # a reference, not seven
        ("1e3", "1e3"),
        ("~", None),
        ("", None),
        ("'null'", "null"),  # quoted is a word
    ],
)
def test_a_value_stays_the_text_that_was_written(
    tmp_path: Path, written: str, means: str | None
) -> None:
    assert read_form(form(tmp_path, f"{GIVEN}value: {written}")).data["value"] == means


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"a: 1\na: 2", "f.yaml", "written twice"),
        (b'{"a": 1, "a": 2}', "f.json", "written twice"),
        (b'{"a": {"b": 1, "b": 2}}', "f.json", "written twice"),
        (b"a: \0", "f.yaml", "NUL"),
        (b'{"a": "\\u0000"}', "f.json", "cannot be kept"),
        (b'{"a": "\\ud800"}', "f.json", "cannot be kept"),
        (b"a: \x07bell", "f.yaml", "control character"),
        (b"a: caf\xe9", "f.yaml", "UTF-8"),
        (b'{"a": "caf\xe9"}', "f.json", "UTF-8"),
        (b"just words", "f.yaml", "is not a form"),
        (b"- a\n- b", "f.yaml", "is not a form"),
        (b"[1, 2]", "f.json", "is not a form"),
        (b"", "f.yaml", "is not a form"),
        (b"a: [1", "f.yaml", "not readable as YAML"),
        (b"a: b\n---\nc: d", "f.yaml", "not readable as YAML"),
        (b'{"a": 1', "f.json", "not readable as JSON"),
        (b'{"a": NaN}', "f.json", "no form has"),
        (b'{"a": ' + b"9" * 6000 + b"}", "f.json", "no form has"),
        (b'{"a": ' + b"[" * 100_000, "f.json", "no form has"),
        (b"a: " + b"[" * 100_000, "f.yaml", "nested too deeply"),  # in C, it would end the process
        (b"a: &x [1]\nb: *x", "f.yaml", "aliases"),
        (b"a: " + b"x" * MOST, "f.yaml", "more than 256 kB"),
        (b"order_document: {file: nowhere.pdf, pages: 1}", "f.yaml", "is not there"),
        (b"order_document: {file: ., pages: 1}", "f.yaml", "is not there"),
    ],
)
def test_a_bad_form_is_told_plainly_and_nothing_is_sent(
    tmp_path: Path, content: bytes, name: str, said: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read_form(form(tmp_path, content, name))

    told = " ".join((str(refused.value), *refused.value.problems))
    assert said in told
    assert "Nothing was sent" in told
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("path", ["nowhere.yaml", ".", "a\0b", "x" * 5000])
def test_a_path_that_is_no_file_is_told_plainly(path: str) -> None:
    with pytest.raises(BadInput, match="Nothing was sent"):
        read_form(path)


def test_a_fault_never_repeats_what_was_typed(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read_form(form(tmp_path, "purpose: 'Maisie Invented saw\nb: [", "f.yaml"))

    assert "Maisie" not in str(refused.value)


def test_json_means_the_same_as_yaml(tmp_path: Path) -> None:
    data: dict[str, Any] = {"a": "no", "b": ["x"], "c": {"d": "2026-01-01"}}
    token = {"submission_token": "t"}

    as_yaml = read_form(form(tmp_path, "submission_token: t\na: no\nb: [x]\nc: {d: 2026-01-01}"))
    as_json = read_form(form(tmp_path, json.dumps(token | data), "f.json"))

    assert as_yaml.data == as_json.data


def test_a_form_may_come_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"a: b")))

    assert read_form("-").data["a"] == "b"


def test_the_same_file_makes_the_same_token_and_another_makes_another(tmp_path: Path) -> None:
    first = read_form(form(tmp_path, "a: b", "one.yaml"))
    again = read_form(form(tmp_path, "a: b", "two.yaml"))
    other = read_form(form(tmp_path, "a: c", "three.yaml"))

    assert first.token_made
    assert first.data["submission_token"] == again.data["submission_token"]
    assert first.data["submission_token"] != other.data["submission_token"]


def test_a_token_in_the_file_is_kept(tmp_path: Path) -> None:
    read = read_form(form(tmp_path, GIVEN))

    assert not read.token_made
    assert read.data["submission_token"] == GIVEN.split()[1]


def test_a_fault_is_found_on_its_line(tmp_path: Path) -> None:
    read = read_form(form(tmp_path, f"{GIVEN}targets:\n  - account: a\n    child: maybe\n"))

    assert read.located("targets.0.child: must be yes or no").startswith("line 4: targets.0.child")
    assert read.located("scope: is missing").startswith("line 1: scope")


@pytest.mark.parametrize(
    ("problem", "located"),
    [
        ("targets is not what the order says", "line 2: targets is not what the order says"),
        ("safe_contact is missing: say how", "safe_contact is missing: say how"),
        ("E or employee_comments: Comments", "E or employee_comments: Comments"),
    ],
)
def test_a_fault_in_words_of_its_own_gets_the_line_of_its_field_or_none(
    tmp_path: Path, problem: str, located: str
) -> None:
    read = read_form(form(tmp_path, f"{GIVEN}targets:\n  - account: a\n"))

    assert read.located(problem) == located


# --- documents --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"%PDF-1.7", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff\xe0", "jpeg")],
)
def test_an_order_beside_the_form_becomes_its_hash(tmp_path: Path, start: bytes, kind: str) -> None:
    (tmp_path / "order.bin").write_bytes(start + b" invented")

    read = read_form(form(tmp_path, "order_document:\n  file: order.bin\n  pages: 3\n"))

    wanted = sha256(start + b" invented").hexdigest()
    assert read.data["order_document"] == {"sha256": wanted, "kind": kind, "pages": "3"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"MZ\x90 a program", "neither a PDF"),
        (b"", "is empty"),
    ],  # 9.7: .jpg that is an EXE; 0 bytes
)
def test_an_order_that_is_no_document_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "order.pdf").write_bytes(content)

    with pytest.raises(BadInput, match=said):
        read_form(form(tmp_path, "order_document: {file: order.pdf, pages: 3}"))


def test_a_proof_becomes_its_hash_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sent.eml").write_bytes(b"invented")

    fields = read_fields([], form(tmp_path, "proof: {file: sent.eml}\nfiled_at: 2026-12-01 10:00"))

    assert fields == {"proof": sha256(b"invented").hexdigest(), "filed_at": "2026-12-01 10:00"}


# --- fields -----------------------------------------------------------------------------------


def test_fields_are_pairs_over_a_file(tmp_path: Path) -> None:
    pairs = ["a=no", "scope.first=2026-01-01", "list=[x, y]", "text=a = b"]

    assert read_fields(pairs, form(tmp_path, "a: yes\nkept: 1")) == {
        "a": "no",
        "kept": "1",
        "scope": {"first": "2026-01-01"},
        "list": ["x", "y"],
        "text": "a = b",
    }


@pytest.mark.parametrize("pairs", [["a"], ["=b"], ["a=1", "a=2"], ["a=1", "a.b=2"], ["a=[1"]])
def test_a_field_that_cannot_be_read_is_told_plainly(pairs: list[str]) -> None:
    with pytest.raises(BadInput):
        read_fields(pairs)


def test_a_field_in_a_broken_encoding_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be used as it is"):
        read_fields(["note=caf\udce9"])
