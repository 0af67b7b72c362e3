"""C, reporting and advice: when Legal's advice is compulsory, who advises, when it is complete.

Read beside the class body in court_proceedings.py, which says where each rule is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.base import Instant
from models.people import Role
from models.policy import LegalFirst, Mark
from models.proceedings import (
    Advised,
    AuthorStatus,
    CaseType,
    Material,
    Order,
    Owed,
    ProceedingsIntake,
    ProceedingsRecord,
    ProceedingsStatus,
    Route,
    Shown,
)
from models.proceedings_acts import ChooseRoute, LegalAdvice, MaterialView
from procedures import instants
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_proceedings import CourtProceedings as Court

R = Mark.RECONSTRUCTED
SHOWS_A_CHILD = frozenset({Shown.CHILD_NAME, Shown.CHILD_PHOTO, Shown.SCHOOL, Shown.ADDRESS})
"""What a child can be recognised by: the shorter time for advice applies."""
HEARING_NEAR = 24
"""Working hours to a hearing within which everything about the post is urgent (C-T2)."""
STRICTEST = (
    AuthorStatus.CHILD, AuthorStatus.COLLEAGUE, AuthorStatus.REPORTER, AuthorStatus.UNKNOWN,
    AuthorStatus.PARTY,
)  # fmt: skip
"""Of two reports of one post, the answer that asks for most care counts (6.4)."""


# --- when Legal's advice is compulsory --------------------------------------------------------


def hearing_is_near(case: Court, at: Instant) -> bool:
    """Whether a hearing is still to come and within 24 working hours."""
    hearing = case.case.record.hearing
    return (
        hearing is not None
        and hearing > at
        and instants.within(case, at, hearing, hours=HEARING_NEAR)
    )


def compulsory(case: Court, at: Instant) -> tuple[LegalFirst, ...]:
    """The lines of the pinned list that are true of the case at an instant."""
    return tuple(line for line in case.case.opened.pins.legal_first if _is_true(case, line, at))


def _is_true(case: Court, line: LegalFirst, at: Instant) -> bool:
    record: ProceedingsRecord = case.case.record
    if line.hearing_within is not None:
        hearing = record.hearing
        if hearing is None or hearing <= at:
            return False
        return instants.before(case, hearing, line.hearing_within) <= at
    answer = getattr(record, str(line.field))
    answers = answer if isinstance(answer, tuple) else (answer,)
    return any(str(one) in line.any_of for one in answers)


def weigh(case: Court, at: Instant) -> None:
    """Note whether Legal's advice is compulsory as the case stands now."""
    case.update(legal_needed=bool(compulsory(case, at)))


def legal_is_asked(case: Court) -> bool:
    """Whether Legal's advice is awaited or needed: compulsory, or chosen by the manager."""
    record: ProceedingsRecord = case.case.record
    return record.legal_needed or record.route in (Route.LEGAL, Route.BOTH)


def manager_is_asked(case: Court) -> bool:
    """Whether the manager's own advice is part of the route."""
    return case.case.record.route in (Route.MANAGER, Route.BOTH)


# --- guards -----------------------------------------------------------------------------------


@guard("2.3", R)
def route_takes_legal_along(case: Court, ask: Ask) -> str | None:
    """The manager advises alone only where Legal's advice is not compulsory."""
    form: ChooseRoute = ask.form
    if form.route is not Route.MANAGER:
        return None
    lines = compulsory(case, ask.at)
    if not lines:
        return None
    return f"Ask Legal as well; their advice is compulsory here: {lines[0].text}"


@guard("2.3", R)
def manager_was_asked(case: Court, ask: Ask) -> str | None:
    """The manager's advice is part of the route that was chosen."""
    return None if manager_is_asked(case) else "Only Legal was asked for advice on this post."


@guard("2.1", R)
def material_is_sealed(case: Court, ask: Ask) -> str | None:
    """There is sealed material for Legal to look at."""
    if case.case.record.material is Material.SEALED:
        return None
    return "No material of this case is waiting for Legal to say if it may be used."


# --- routes -----------------------------------------------------------------------------------


def advice_is_in(machine: Court) -> bool:
    """All the advice that the route and the list ask for is there."""
    record: ProceedingsRecord = machine.case.record
    legal = record.advised is not None or not legal_is_asked(machine)
    return legal and (record.manager_advised or not manager_is_asked(machine))


# --- effects ----------------------------------------------------------------------------------


def first_record(intake: ProceedingsIntake) -> ProceedingsRecord:
    """What the report says, as far as it can change on the way."""
    return ProceedingsRecord(
        author=intake.author_status,
        status=intake.proceedings_status,
        shown=intake.what_is_shown,
        orders=intake.known_orders,
        represented=intake.author_represented,
        hearing=intake.next_hearing,
        court_aware=intake.court_already_aware == "yes",
        material=Material.SEALED if intake.searched else Material.OPEN,
    )


def reported(case: Court, ask: Ask) -> None:
    """Keep the hashes of what was handed in; material somebody searched for stays sealed (2.1)."""
    form: ProceedingsIntake = ask.form
    case.turn.evidence.extend(one.sha256 for one in form.screenshots)
    if form.searched:
        case.flag("conduct")
    if form.case_type is CaseType.ADOPTION:
        case.tell(Role.LEG, "told", "Adoption: other rules on passing information on apply", "2.3")
    weigh(case, ask.at)


def route_chosen(case: Court, ask: Ask) -> None:
    """Note whose advice is taken."""
    case.update(route=ask.form.route)
    weigh(case, ask.at)


def manager_advised(case: Court, ask: Ask) -> None:
    """The manager has advised."""
    case.update(manager_advised=True)


def legal_advised(case: Court, ask: Ask) -> None:
    """Legal has advised; what decisions are held against is noted, the text stays sealed."""
    form: LegalAdvice = ask.form
    kept = {name: getattr(form, name) for name in Advised.model_fields}
    record: ProceedingsRecord = case.case.record
    nobody_left = not set(record.parties) - set(form.withhold_from)
    owed = tuple(one for one in record.owed if not (one is Owed.PARTIES and nobody_left))
    case.update(advised=Advised(**kept), owed=owed)


def material_viewed(case: Court, ask: Ask) -> None:
    """Legal has said whether the sealed material may be used."""
    form: MaterialView = ask.form
    case.update(material=Material(form.conclusion))


def hearing_came_near(case: Court, ask: Ask) -> None:
    """A hearing is so near now that Legal's advice has become compulsory."""
    weigh(case, ask.at)


def joined_by(case: Court, other: ProceedingsIntake, ask: Ask) -> None:
    """A further report of the same post: of each answer, the one that asks for most care (6.4)."""
    record: ProceedingsRecord = case.case.record
    authors = (record.author, other.author_status)
    hearings = [one for one in (record.hearing, other.next_hearing) if one is not None]
    orders = tuple(dict.fromkeys((*record.orders, *other.known_orders)))
    both = (record.status, other.proceedings_status)
    status = ProceedingsStatus.OPEN if ProceedingsStatus.OPEN in both else record.status
    case.update(
        author=next((one for one in STRICTEST if one in authors), record.author),
        status=status,
        shown=tuple(dict.fromkeys((*record.shown, *other.what_is_shown))),
        orders=tuple(one for one in orders if one is not Order.NONE_KNOWN) or orders,
        hearing=min(hearings, default=None),
        material=Material.SEALED if other.searched else record.material,
    )
    if other.searched:
        case.flag("conduct")
    case.turn.evidence.extend(one.sha256 for one in other.screenshots)
    weigh(case, ask.at)


def conflicted(intake: ProceedingsIntake) -> tuple[str, ...]:
    """Colleagues named in the post, and one who wrote it: no part in its case (SD3)."""
    wrote = (intake.author_colleague,) if intake.author_colleague else ()
    return (*intake.named_colleagues, *wrote)


def keep_out(case: Court, people: tuple[str, ...]) -> None:
    """Conflict people out of the case; their roles move up one level (SD3)."""
    case.keep_out(people)
