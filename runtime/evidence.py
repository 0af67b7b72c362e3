"""Evidence at the desk: adding a file to a case, listing what a case has, and reading a file.

The order matters: who may not add a file leaves none behind; a file is on disk before a case names
it; and a custody line is written before anybody gets a byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from activities.evidence_kinds import kind_of
from activities.evidence_store import read_file
from activities.register import CaseRow
from models.base import Value
from models.case import Decision, Entry, Kind, Line, Receipt
from models.errors import BadInput, CaseworkError, Refused
from models.evidence import CustodyLine, Deed, Handling, Part, Purpose, Stored
from models.forms import Evidence
from models.people import Role, holders
from models.posts import normalise_url
from procedures.evidence_readers import readers
from procedures.registry import by_name
from runtime.audit import refold
from runtime.narrowing import Roles, kept

if TYPE_CHECKING:
    from activities.evidence_store import EvidenceStore
    from activities.ledger import Ledger
    from runtime.desk import Desk

ADD = "add_evidence"


class Added(Value):
    """What became of a file: the receipt of its decision, and the file if it was kept."""

    receipt: Receipt
    stored: Stored | None = None
    referenced: bool = False
    """The case names the file. False with `stored` set: it is kept, and no case shows it."""


class Item(Value):
    """One file that a case names."""

    sha256: str
    seq: int
    """The trail entry that names it."""
    added_by: str
    at: datetime
    form: Evidence | None = None
    """What was said of it; None when the hash came with an act of another kind."""
    stored: Stored | None = None
    """None: it is kept elsewhere."""
    custody: tuple[CustodyLine, ...] = ()


class FileFault(Value):
    """What is wrong with one file that a trail says is in the store."""

    case_id: str
    sha256: str
    said: str


# --- adding ---------------------------------------------------------------------------------------


async def add(  # noqa: PLR0913  # the parts of a decision, each named at the call
    desk: Desk,
    case_id: str,
    person: str,
    file: bytes | Path,
    *,
    reason: str,
    fields: dict[str, Any],
    role: Role | None,
    id: str | None,
) -> Added:
    """See `Desk.add_evidence`."""
    content = read_file(file) if isinstance(file, Path) else file
    form = _form(content, fields)
    row = desk.show(case_id).case
    given: dict[str, Any] = {"reason": reason, "role": role, "id": id or str(uuid4())}
    rehearsal = desk.decision(row, ADD, person, fields=form, **given)
    if not _would_be_applied(desk, rehearsal):
        # Sent all the same: a refusal is recorded. The file is not kept.
        return Added(receipt=await desk.decide(case_id, ADD, person, fields=form, **given))
    by = Handling(
        case_id=case_id, person=rehearsal.person, role=_role(desk, row, rehearsal), at=rehearsal.at
    )
    stored = desk.store.put(content, by)
    form |= {"in_store": True, "working_copy": stored.working_copy}
    receipt = await desk.decide(case_id, ADD, person, fields=form, **given)
    applied = receipt.outcome == "applied"
    _note_what_became(desk.store, stored.sha256, receipt, by)
    return Added(receipt=receipt, stored=stored, referenced=applied)


def _note_what_became(store: EvidenceStore, digest: str, receipt: Receipt, by: Handling) -> None:
    if any(line.decision == receipt.decision for line in store.custody(digest)):
        # The same decision sent again: its answer is in the list already.
        return
    applied = receipt.outcome == "applied"
    did = Deed.NAMED_IN_TRAIL if applied else Deed.LEFT_UNREFERENCED
    code = receipt.code or ""
    store.note(
        CustodyLine(sha256=digest, seq=1, did=did, by=by, decision=receipt.decision, code=code)
    )


def _form(content: bytes, fields: dict[str, Any]) -> dict[str, Any]:
    own = {"sha256", "kind", "in_store", "working_copy", "address_normalised"} & fields.keys()
    if own:
        raise BadInput(
            "Some fields are worked out from the file. Nothing was kept or sent.",
            tuple(f"{name}: leave it out" for name in sorted(own)),
        )
    form = {name: value for name, value in fields.items() if value is not None}
    if isinstance(form.get("address"), str):
        try:
            form["address_normalised"] = normalise_url(form["address"])
        except ValueError as fault:
            raise BadInput(
                "The address cannot be used. Nothing was kept or sent.", (f"address: {fault}",)
            ) from None
    return form | {"sha256": sha256(content).hexdigest(), "kind": str(kind_of(content))}


def _would_be_applied(desk: Desk, decision: Decision) -> bool:
    receipt = refold(desk.ledger.trail(decision.case_id)).fold(decision).receipt
    return receipt is not None and receipt.outcome == "applied"


def _role(desk: Desk, row: CaseRow, decision: Decision) -> Role | None:
    return decision.role or next(iter(roles_of(desk, row, decision.person, decision.at)), None)


# --- looking --------------------------------------------------------------------------------------


def listed(desk: Desk, case_id: str, person: str, only: Roles = None) -> list[Item]:
    """See `Desk.evidence_of`."""
    row = desk.show(case_id).case
    _admitted(desk, row, person, desk.now(), only)
    return [_with_custody(desk, case_id, one) for one in named(desk.ledger.trail(case_id))]


def read(  # noqa: PLR0913  # what is wanted, by whom, why
    desk: Desk,
    case_id: str,
    digest: str,
    person: str,
    *,
    part: Part,
    purpose: Purpose,
    did: Deed,
    only: Roles = None,
) -> bytes:
    """See `Desk.read_evidence`."""
    row, at = desk.show(case_id).case, desk.now()
    role = _admitted(desk, row, person, at, only)
    in_trail = any(one.sha256 == digest for one in named(desk.ledger.trail(case_id)))
    # A hash stands in trails that others may read; naming it elsewhere must open nothing.
    if not in_trail or not desk.store.handed_in_for(case_id, digest):
        raise BadInput(
            "This case has no file with that hash in the store. Nothing was given out. "
            f"`casework evidence list {case_id}` shows those it names."
        )
    by = Handling(
        case_id=case_id,
        person=desk.directory.find(person).id,
        role=role,
        purpose=Purpose.AUDIT if role is Role.AUD else purpose,
        at=at,
    )
    return desk.store.get(digest, by, part, did)


def named(lines: list[Line]) -> list[Item]:
    """The files a trail names, each once: by the entry that kept it, else by the first."""
    found: dict[str, Item] = {}
    for line in lines:
        for digest in line.entry.evidence:
            item = _item(line.entry, digest, line)
            # A form may give the hash of a screenshot that is handed in only afterwards.
            if digest not in found or (_is_kept(item) and not _is_kept(found[digest])):
                found[digest] = item
    return list(found.values())


def _item(entry: Entry, digest: str, line: Line) -> Item:
    said = entry.kind is Kind.APPLIED and line.private.fields.get("sha256") == digest
    form = Evidence.model_validate(line.private.fields) if said and entry.act == ADD else None
    return Item(sha256=digest, seq=entry.seq, added_by=entry.actor, at=entry.at, form=form)


def _with_custody(desk: Desk, case_id: str, item: Item) -> Item:
    if not _is_kept(item):
        return item
    lines = desk.store.custody(item.sha256)
    # One file may belong to several cases, and each sees only what was done for itself.
    mine = tuple(one for one in lines if one.by.case_id == case_id)
    return item.model_copy(update={"stored": desk.store.stored(item.sha256), "custody": mine})


def _is_kept(item: Item) -> bool:
    return item.form is not None and item.form.in_store


def _admitted(desk: Desk, row: CaseRow, person: str, at: datetime, only: Roles) -> Role:
    """The role in which somebody looks. Raises Refused."""
    roles = kept(roles_of(desk, row, person, at), only)
    allowed = (*readers(by_name(row.procedure).code), Role.AUD)
    for role in allowed:
        if role in roles:
            return role
    raise Refused(
        "not_a_reader",
        "The files of this case are for those who work on it in certain roles, and for auditors. "
        "Nothing was given out.",
        "4.3",
    )


def roles_of(desk: Desk, row: CaseRow, person: str, at: datetime) -> list[Role]:
    """The roles somebody holds in a case today, AUD included; none when conflicted out of it."""
    person = desk.directory.find(person).id
    sender = desk.directory.sender(person, at)
    conflicted = frozenset(refold(desk.ledger.trail(row.case_id)).case.conflicted)
    if not sender.active or person in conflicted:
        return []
    roster = desk.directory.roster(row.subject, at, row.assigned)
    # The directory seats the person a case is about in both; only one of them is true of it.
    not_here = {Role.PR, Role.AFF} - {by_name(row.procedure).seat}
    found = [
        role
        for role in roster.seats
        if role not in not_here
        and any(holder.person == person for holder in holders(roster, role, conflicted))
    ]
    return [*found, *({Role.AUD} & set(sender.roles))]


# --- checking -------------------------------------------------------------------------------------


def refuse_what_is_not_kept(store: EvidenceStore, case_id: str, fields: dict[str, Any]) -> None:
    """Raises BadInput when a decision says that a file of its case is in the store and it is not."""
    digest = str(fields.get("sha256"))
    stored = store.stored(digest)
    known = stored is not None and stored.working_copy == fields.get("working_copy")
    if not known or not store.handed_in_for(case_id, digest):
        raise BadInput(
            "That file is not in the store, so nothing was sent. Files are added with "
            "`casework evidence add`."
        )


def faults_of_files(ledger: Ledger, store: EvidenceStore, case_id: str) -> Iterator[FileFault]:
    """What is wrong with the files that a case's trail says are in the store."""
    bodies = (json.loads(kept.body) for kept in ledger.lines_of(case_id))
    if not any(body.get("evidence") for body in bodies):
        # Most cases: nothing has to be opened to know.
        return
    for item in named(ledger.trail(case_id)):
        if _is_kept(item):
            assert item.form is not None
            try:
                store.check(item.sha256, item.form.working_copy)
            except CaseworkError as fault:
                yield FileFault(case_id=case_id, sha256=item.sha256, said=str(fault))
