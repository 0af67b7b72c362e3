"""C, acting: telling the court and the parties, asking for removal, what comes back.

Read beside the class body in court_proceedings.py, which says where each rule is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from models.people import Role
from models.policy import Mark
from models.proceedings import (
    AuthorStatus,
    Material,
    Owed,
    ProceedingsRecord,
    Represented,
)
from models.proceedings_acts import (
    AuthorIs,
    ColleagueIsAuthor,
    CourtResponse,
    CourtTold,
    NewPost,
    PartiesTold,
)
from procedures import common, duties, referrals
from procedures.proceedings_advice import keep_out, weigh
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_proceedings import CourtProceedings as Court

R = Mark.RECONSTRUCTED
TOLERANCE = timedelta(minutes=5)
"""How far ahead of the server a colleague's own clock may be (9.1)."""
NOT_BY_SOCIAL_MEDIA = (
    "Parties are never approached through social media (2.11), and nobody comments under a post."
    " Use the solicitor, a letter, an e-mail from Cafcass, the phone, or speak in person."
)
NOBODY_LOOKS = (
    "Nobody goes and looks, and nobody asks a friend to (2.1). It has to come from the party, their"
    " solicitor, whoever reported the post, or the court."
)


def _past(case: Court, ask: Ask, when: datetime) -> str | None:
    if when > ask.at + TOLERANCE:
        return "That time lies in the future; record it once it is done."
    return None


# --- guards: telling --------------------------------------------------------------------------


@guard("2.3", R)
def sent_already(case: Court, ask: Ask) -> str | None:
    """What is recorded as sent was sent, and not in the future."""
    return _past(case, ask, ask.form.sent_at)


@guard("2.3", R)
def done_already(case: Court, ask: Ask) -> str | None:
    """What is recorded as done is done, and not in the future."""
    return _past(case, ask, ask.form.done_at)


@guard("2.3", R)
def court_is_to_be_told(case: Court, ask: Ask) -> str | None:
    """Telling the court was chosen."""
    if Owed.COURT in case.case.record.owed:
        return None
    return "Telling the court was not chosen, or it is done; the manager may decide again."


@guard("SD7", R)
def application_is_legals(case: Court, ask: Ask) -> str | None:
    """An application to the court is made by Legal."""
    form: CourtTold = ask.form
    if form.method != "application_form" or ask.base is Role.LEG:
        return None
    return "An application is for Legal to make; write a letter, or ask Legal."


@guard("2.1", R)
def attached_material_may_be_used(case: Court, ask: Ask) -> str | None:
    """Material that somebody searched for is attached only once Legal says that it may be used."""
    form: CourtTold = ask.form
    if not form.evidence_attached:
        return None
    if case.case.record.material in (Material.OPEN, Material.USABLE):
        return None
    return "The material is sealed. Tell the court without it, or wait for Legal's word on it."


@guard("2.3", R)
def parties_are_to_be_told(case: Court, ask: Ask) -> str | None:
    """Exactly the parties chosen are told, without those Legal withholds it from."""
    form: PartiesTold = ask.form
    record: ProceedingsRecord = case.case.record
    if Owed.PARTIES not in record.owed:
        return "Telling the parties was not chosen, or it is done; the manager may decide again."
    kept = set(record.advised.withhold_from) if record.advised else set()
    told = {one.party for one in form.told}
    if told & kept:
        return "Legal withholds this from one of the parties named, for safety; leave them out."
    if told != set(record.parties) - kept:
        return "The parties told are not those that were decided on."
    return None


@guard("2.11")
def told_the_right_way(case: Court, ask: Ask) -> str | None:
    """A party with a solicitor is told through the solicitor, and nobody through social media."""
    form: PartiesTold = ask.form
    if any(one.through == "social_media" for one in form.told):
        return NOT_BY_SOCIAL_MEDIA
    represented = [one for one in form.told if one.represented is Represented.YES]
    if any(one.through != "solicitor" for one in represented):
        return "A party who is represented is told through their solicitor."
    return None


@guard("2.3", R)
def not_before_the_court(case: Court, ask: Ask) -> str | None:
    """If Legal says without notice, the parties hear nothing before the court does."""
    advised = case.case.record.advised
    if advised is None or not advised.without_notice or case.case.record.court_told:
        return None
    return "Legal says: without notice. Tell the court first; the parties hear of it afterwards."


@guard("2.3", R)
def step_was_chosen(case: Court, ask: Ask) -> str | None:
    """The further step is one that was chosen and is not done yet."""
    if STEPS[ask.act.code] in case.case.record.owed:
        return None
    return "That step was not chosen, or it is done; the manager may decide again."


STEPS = {"C-07p": Owed.PLATFORM, "C-07l": Owed.LEGAL_STEP, "C-07c": Owed.SOFTER}


@guard("2.3", R)
def hearing_is_ahead(case: Court, ask: Ask) -> str | None:
    """A next hearing is one that is still to come."""
    form: CourtResponse = ask.form
    if form.next_hearing is None or form.next_hearing > ask.at:
        return None
    return "That hearing lies in the past; give the next one, or leave it out."


# --- guards: what comes to light --------------------------------------------------------------


@guard("4.5", R)
def not_about_oneself(case: Court, ask: Ask) -> str | None:
    """Nobody passes on their own conduct; they declare a conflict."""
    form: ColleagueIsAuthor = ask.form
    if form.colleague != ask.person:
        return None
    return "That is you: declare a conflict of interest; somebody else takes it from there."


def conduct_was_taken_up(machine: Court) -> bool:
    """The colleague's conduct is being looked at where it belongs."""
    return bool(machine.case.record.colleague) and referrals.taken_as_case(machine, "U")


# --- effects ----------------------------------------------------------------------------------


def without(case: Court, one: Owed) -> tuple[Owed, ...]:
    """What is still owed once this is done."""
    return tuple(each for each in case.case.record.owed if each is not one)


def court_told(case: Court, ask: Ask) -> None:
    """The court has it, with a copy kept."""
    form: CourtTold = ask.form
    case.turn.evidence.extend((form.copy_sent, *form.evidence_attached))
    case.update(court_told=True, owed=without(case, Owed.COURT))


def parties_told(case: Court, ask: Ask) -> None:
    """The parties have it, with a copy kept."""
    case.turn.evidence.append(ask.form.copy_sent)
    case.update(parties_told=True, owed=without(case, Owed.PARTIES))


def step_taken(case: Court, ask: Ask) -> None:
    """A further step that was chosen is done."""
    case.update(owed=without(case, STEPS[ask.act.code]))


def court_responded(case: Court, ask: Ask) -> None:
    """Note what the court said; access that it directs is a case of its own (2.13)."""
    form: CourtResponse = ask.form
    if form.order is not None:
        case.turn.evidence.append(form.order)
    acted = form.response in ("order_or_injunction", "takes_over")
    case.update(took_over=case.case.record.took_over or acted, court_aware=True)
    if form.response == "directs_access":
        referrals.refer(case, ask, "D")
    if form.next_hearing is not None:
        case.new_hearing(form.next_hearing)
    weigh(case, ask.at)


def author_is(case: Court, ask: Ask) -> None:
    """Take the new fact over; for a child or a reporter, Legal is asked anew (L3)."""
    form: AuthorIs = ask.form
    afresh = form.author_status in (AuthorStatus.CHILD, AuthorStatus.REPORTER)
    record: ProceedingsRecord = case.case.record
    case.update(
        author=form.author_status,
        represented=form.author_represented,
        advised=None if afresh else record.advised,
    )
    if form.author_status is AuthorStatus.CHILD:
        common.raise_safeguarding(case, ask)
    weigh(case, ask.at)


def new_post(case: Court, ask: Ask) -> None:
    """A further post: what it shows counts as well, and what was removed is not the end of it."""
    form: NewPost = ask.form
    record: ProceedingsRecord = case.case.record
    case.turn.evidence.extend(form.evidence)
    case.update(
        shown=tuple(dict.fromkeys((*record.shown, *form.what_is_shown))),
        status=form.proceedings_status or record.status,
        material=Material.SEALED if form.searched else record.material,
        reply=None,
    )
    if form.searched:
        case.flag("conduct")
    weigh(case, ask.at)


def passed_to_conduct(case: Court, ask: Ask) -> None:
    """In confidence: the colleague has no part in the case, and nobody who reported is told."""
    form: ColleagueIsAuthor = ask.form
    referrals.refer(case, ask, "U")
    # What waited for the manager waits for the other process now.
    duties.close(case, "waiting")
    case.update(author=AuthorStatus.COLLEAGUE, colleague=True, owed=())
    keep_out(case, (form.colleague,))
