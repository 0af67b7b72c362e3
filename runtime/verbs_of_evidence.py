"""The verbs of the command line about evidence files and privileged advice, each an `Answer`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models.case import Receipt
from models.errors import BadInput
from models.evidence import CustodyLine, Deed, Part, Purpose
from models.london import london
from models.looked import Door, Seen
from runtime import showing, showing_trail
from runtime.advice import read as privileged
from runtime.answers import REFUSED, Answer
from runtime.bundle import Bundle, Wanted
from runtime.evidence import Added, Item
from runtime.forms_file import read_fields
from runtime.verbs import account, desk_of_settings, role_named

BEFORE_A_FILE = (
    "Do not upload it, copy it, forward it or take a screenshot of it: that is an offence, also "
    "when it is meant as evidence.",
    "Leave the device and the page as they are.",
    "Call the police: 999 if a child is in danger now, otherwise 101.",
    "Tell safeguarding at once: `casework decide CASE raise_safeguarding --as PERSON`.",
    "Write down in words where and when it was seen; the case goes on without the picture.",
    "If there is none in this file, send it again with --no-indecent-image.",
)
"""INV-13, L21: said before a file is so much as opened."""

DEEDS = {
    Deed.TAKEN_IN: "taken in",
    Deed.OFFERED_AGAIN: "handed in again",
    Deed.NAMED_IN_TRAIL: "named in the trail",
    Deed.LEFT_UNREFERENCED: "kept, but not taken by the case",
    Deed.READ: "read",
    Deed.EXPORTED: "exported",
}


def add(  # noqa: PLR0913 - the parts of a decision, each named at the call
    case_id: str,
    file: str,
    person: str,
    title: str,
    *,
    confirmed: bool,
    reason: str,
    pairs: list[str],
    role: str | None,
    decision_id: str | None,
) -> Answer:
    """Keep a file and add it to a case."""
    if not confirmed:
        raise BadInput(
            "Does the file show an indecent image of a child? It was not opened, and nothing was "
            "kept or sent. If it does, or you are not sure:",
            BEFORE_A_FILE,
        )
    fields = read_fields(pairs)
    with desk_of_settings() as desk:
        given: dict[str, Any] = {
            "reason": reason,
            "fields": fields,
            "role": role_named(role),
            "id": decision_id,
        }
        added = asyncio.run(desk.add_evidence(case_id, person, Path(file), title, **given))
        procedure = desk.show(case_id).case.procedure
    lines = [*showing.receipt(added.receipt, procedure), *_what_became(added)]
    code = 0 if added.referenced else REFUSED
    return Answer(added.model_dump(mode="json"), lines, code, refused=not added.referenced)


def _what_became(added: Added) -> Iterator[str]:
    if added.stored is None:
        yield "The file was not kept."
        return
    yield f"SHA-256 {added.stored.sha256}, {_size(added.stored.size)}, {added.stored.kind}"
    yield f"Working copy {added.stored.working_copy}"
    if not added.referenced:
        yield _unreferenced(added.receipt)


def _unreferenced(receipt: Receipt) -> str:
    return (
        f"The file is kept and no case shows it: its decision was {receipt.outcome}. Its custody "
        "list says so; sending it again makes no second file."
    )


def listed(case_id: str, person: str) -> Answer:
    """The files a case names, with their custody lists."""
    with desk_of_settings() as desk:
        items = desk.evidence_of(case_id, person)
        desk.note_look(case_id, person, Seen.CASE, Door.COMMAND_LINE, account=account())
        people = showing.People(desk.directory)
        lines = [line for one in items for line in _item(one, people)]
    document = {"case_id": case_id, "evidence": [one.model_dump(mode="json") for one in items]}
    return Answer(document, lines or ["This case names no files."])


def _item(item: Item, people: showing.People) -> Iterator[str]:
    title = f"  {showing.plain(item.form.title)}" if item.form else ""
    yield f"{item.sha256}{title}"
    yield f"  entry {item.seq}, {london(item.at)}, {people.who(item.added_by)}"
    if item.stored is None:
        yield "  kept elsewhere; only its hash is here"
        return
    yield f"  {item.stored.kind}, {_size(item.stored.size)}"
    yield from (f"  {_custody(one, people)}" for one in item.custody)


def _custody(line: CustodyLine, people: showing.People) -> str:
    role = f", {showing.role(line.by.role)}" if line.by.role else ""
    part = ", working copy" if line.part is Part.WORKING_COPY else ""
    purpose = line.by.purpose.replace("_", " ")
    return f"{london(line.by.at)}  {DEEDS[line.did]}{part}: {people.who(line.by.person)}{role}, {purpose}"


def _size(size: int) -> str:
    return f"{size} bytes" if size < 2**10 else f"{size // 2**10} kB"


def get(  # noqa: PLR0913 - what, for whom, where to
    case_id: str, digest: str, person: str, to: str, *, working_copy: bool, purpose: str
) -> Answer:
    """Write a file of a case to a new file outside the store."""
    target = _free(to)
    part = Part.WORKING_COPY if working_copy else Part.ORIGINAL
    with desk_of_settings() as desk:
        content = desk.read_evidence(
            case_id,
            digest.strip().lower(),
            person,
            part=part,
            purpose=Purpose(purpose),
            did=Deed.EXPORTED,
        )
    _write_new(target, [content])
    document = {"case_id": case_id, "sha256": digest, "part": part, "bytes": len(content), "to": to}
    said = "working copy" if working_copy else "original"
    return Answer(
        document,
        [f"The {said} was written to {to} ({_size(len(content))}). Its custody list says so."],
    )


def _free(to: str) -> Path:
    """A place for a new file. Raises BadInput when something is there, or no folder is."""
    target = Path(to)
    if target.exists():
        raise BadInput("There is a file of that name already. Nothing was given out or changed.")
    if not target.parent.is_dir():
        raise BadInput("The folder to write to is not there. Nothing was given out.")
    return target


def bundle(cases: list[str], person: str, to: str, *, files: bool) -> Answer:
    """Write the evidence bundle of some cases to a new file."""
    target = _free(to)
    wanted = Wanted(cases=tuple(dict.fromkeys(cases)), asked="named one by one", files=files)
    with desk_of_settings() as desk:
        made = Bundle(desk, wanted, person)
        size = _write_new(target, made.stream(Door.COMMAND_LINE, account()))
    document = {"cases": list(wanted.cases), "bytes": size, "to": to}
    many = len(wanted.cases)
    said = f"The bundle of {many} case{'s' * (many != 1)} was written to {to} ({_size(size)})."
    return Answer(document, [said, "docs/reading-a-bundle.md says how anybody checks it."])


def _write_new(target: Path, pieces: Iterable[bytes]) -> int:
    """Readable by its owner only; never over another file. How many bytes were written."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            return sum(out.write(one) for one in pieces)
    except OSError as error:
        raise BadInput(
            f"The file cannot be written ({error.strerror}). That it was asked for is on record; ask "
            "again with another name."
        ) from None


def advice(case_id: str, entry: int, person: str) -> Answer:
    """The privileged text of one entry."""
    with desk_of_settings() as desk:
        found = privileged(desk, case_id, entry, person)
        people = showing.People(desk.directory)
    lines = list(showing_trail.unsealed(found.entry, found.reason, found.fields, people))
    return Answer(found.model_dump(mode="json"), lines)
