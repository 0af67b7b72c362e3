"""The verb of the command line that tells who looked, as an `Answer`."""

from __future__ import annotations

from models.errors import Refused
from models.looked import LISTS, Door, Look, Seen
from models.people import Role
from runtime import showing
from runtime.answers import REFUSED, Answer
from runtime.desk import Desk
from runtime.verbs import account, desk_of_settings, noted_list


def looks(person: str, case_id: str | None, by: str | None, limit: int) -> Answer:
    """The newest looks at a case or at lists, or those of one person, this one included.

    Raises Refused to who may not.
    """
    with desk_of_settings() as desk:
        who = _auditor(desk, person)
        if by is not None:
            return _of_person(desk, who, case_id, by, limit)
        _note(desk, who, case_id, limit)
        found = desk.ledger.looks.newest(case_id or LISTS, limit)
        people = showing.People(desk.directory)
    lines = [said(one, people) for one in found.looks]
    if found.broken_seq is not None:
        lines.append(f"This list is not as it was recorded, from look {found.broken_seq} on.")
    lines.append(f"{len(found.looks)} of {found.total}, the newest first.")
    document = {
        "of": case_id or LISTS,
        "total": found.total,
        "broken_seq": found.broken_seq,
        "looks": [one.model_dump(mode="json") for one in found.looks],
    }
    return Answer(document, lines, 0 if found.broken_seq is None else REFUSED)


def _of_person(desk: Desk, who: str, case_id: str | None, by: str, limit: int) -> Answer:
    """What one person looked at; whether nothing was taken out is for `verify` to say."""
    other = desk.who_looked(by)
    if case_id is not None:
        desk.show(case_id)
    book = desk.ledger.looks
    there = [one for one in book.of_person(other) if case_id in (None, one.case_id)]
    asked = {"person": other} | ({"reference": case_id} if case_id else {})
    noted_list(desk, who, Seen.PERSON, min(limit, len(there)), asked, role=Role.AUD)
    people = showing.People(desk.directory)
    lines = [f"{one.case_id} {said(one, people)}" for one in there[:limit]]
    lines.append(f"{min(limit, len(there))} of {len(there)}, the newest first.")
    document = {
        "of": case_id,
        "by": other,
        "total": len(there),
        "looks": [one.model_dump(mode="json") for one in there[:limit]],
    }
    return Answer(document, lines)


def _auditor(desk: Desk, person: str) -> str:
    who = desk.directory.find(person).id
    if Role.AUD not in desk.directory.sender(who, desk.now()).roles:
        raise Refused(
            "not_an_auditor", "Who looked is for auditors to read. Nothing was shown.", "SD14"
        )
    return who


def _note(desk: Desk, who: str, case_id: str | None, limit: int) -> None:
    if case_id is not None:
        desk.show(case_id)
        desk.note_look(
            case_id, who, Seen.LOOKS, Door.COMMAND_LINE, role=Role.AUD, account=account()
        )
        return
    # This one is shown as well.
    rows = min(limit, desk.ledger.looks.newest(LISTS, 1).total + 1)
    noted_list(desk, who, Seen.LOOKS, rows, role=Role.AUD)


def said(look: Look, people: showing.People) -> str:
    """One look as a line."""
    who = people.who(look.person) if look.person else ""
    role = f", {showing.role(look.role)}" if look.role and who else ""
    by = f"command line of {look.account}" if look.account else ""
    how = "; ".join(f"{name} {value}" for name, value in look.asked.items())
    rows = "" if look.rows is None else f"{look.rows} row{'s' * (look.rows != 1)}"
    what = ", ".join(filter(None, (look.seen.replace("_", " "), how, rows)))
    return f"{look.seq}  {look.london}  {'; '.join(filter(None, (who + role, by)))}: {what}"
