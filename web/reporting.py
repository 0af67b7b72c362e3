"""From "What has happened?" to a reference: the form on several pages, and a dry run before it goes."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.errors import BadInput
from models.people import Role
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime.desk_drafts import GONE, ChangedMeanwhile
from runtime.path_ahead import PathAhead, path_ahead
from web import words
from web.drafts import Draft, Fault, Page, faults_of
from web.language import later
from web.questions import ROWS, Answers, rows_in, said
from web.sessions import Session
from web.site import (
    answers_in,
    page,
    posted,
    reading,
    see_other,
    signed_in,
    site_of,
    text_in,
)


async def what_happened(request: Request) -> Response:
    """The start: what has happened, in plain words, and the forms begun before."""
    session, person = signed_in(request)
    begun = await begun_before(request, person)
    return page(request, "start.html", choices=_open_to(request, session), begun=begun)


async def begun_before(request: Request, person: str) -> list[Draft]:
    """The forms this person has begun and not sent, the one touched last first."""
    found = await reading(site_of(request).desk.begun_forms, person)
    return [Draft(one) for one in found]


async def begin(request: Request) -> Response:
    """A new form for what has happened."""
    session, person = signed_in(request)
    code = text_in(await posted(request, session), "happened")
    choices = _open_to(request, session)
    if code not in {one for one, _, _ in choices}:
        faults = [("happened", later("Choose what has happened"))]
        return page(request, "start.html", status=422, choices=choices, faults=faults)
    draft = Draft(await reading(site_of(request).desk.begin_form, code, person))
    return see_other(_path(draft, draft.pages[0].key))


def _open_to(request: Request, session: Session) -> list[tuple[str, str, str]]:
    """What this person's role may report: code, words, hint."""
    roles = site_of(request).usable(session)
    kinds = {kind.code: kind for kind in PROCEDURES.values()}
    return [
        (code, label, hint)
        for code, (label, hint) in words.WHAT_HAPPENED.items()
        if _may_start(kinds.get(code), roles)
    ]


def _may_start(kind: type[Procedure] | None, roles: frozenset[Role]) -> bool:
    return kind is not None and bool(set(kind.starters) & roles)


def _path(draft: Draft, step: str) -> str:
    return f"/report/{draft.id}/{step}"


async def _draft(request: Request, session: Session, person: str) -> Draft:
    """The form of this address. Raises Sent when it was sent from here, HTTPException when gone."""
    form = request.path_params["draft"]
    if form in session.sent:
        raise Sent(form)
    begun = await reading(site_of(request).desk.begun_form, form, person)
    if begun is None:
        raise HTTPException(
            404,
            f"{GONE} What you have sent is under \u201cYour work\u201d. Sending it again from"
            " another window would have made no second case.",
        )
    return Draft(begun)


class Sent(Exception):
    """This form was sent from here already."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self.form = form


async def to_what_became(_request: Request, error: Exception) -> Response:
    """On to the reference of a form that was sent."""
    assert isinstance(error, Sent)
    return see_other(f"/report/{error.form}/sent")


async def leave(request: Request) -> Response:
    """Whether a form that was begun is to be deleted."""
    session, person = signed_in(request)
    draft = await _draft(request, session, person)
    return page(request, "form_deleted.html", draft=draft, back=_path(draft, draft.next_page))


async def delete(request: Request) -> Response:
    """Delete a form that was begun; nothing of it is left."""
    session, person = signed_in(request)
    await posted(request, session)
    draft = await _draft(request, session, person)
    await reading(site_of(request).desk.drop_form, draft.id, person)
    return see_other("/start")


# --- filling in ---------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """One page of the form, with what was answered."""
    session, person = signed_in(request)
    draft = await _draft(request, session, person)
    here = _page(draft, request)
    faults = _here(_faults(request, draft), here) if "again" in request.query_params else []
    return _shown(request, draft, here, faults)


def _faults(request: Request, draft: Draft) -> tuple[Fault, ...]:
    site = site_of(request)
    return draft.faults(site.find, site.desk.now())


def _page(draft: Draft, request: Request) -> Page:
    try:
        return draft.page(request.path_params["page"])
    except BadInput as fault:
        raise HTTPException(404, str(fault)) from None


async def answer(request: Request) -> Response:
    """Keep what was answered, and go on once nothing on this page is wrong."""
    session, person = signed_in(request)
    draft = await _draft(request, session, person)
    form = await posted(request, session)
    here = _page(draft, request)
    given = await answers_in(form, here.questions)
    try:
        draft = await _kept(request, person, draft, here, given, text_in(form, "seen"))
    except ChangedMeanwhile as changed:
        newest = Draft(changed.newest)
        return _shown(request, newest, here, [], typed=_merged(here, given, newest.answers))
    if text_in(form, "more_rows"):
        return _shown(request, draft, here, [], more=text_in(form, "more_rows"))
    faults = _here(_faults(request, draft), here)
    if faults:
        return _shown(request, draft, here, faults, status=422)
    keys = [one.key for one in draft.pages]
    # Whoever came back from their answers to change one goes back to them.
    unanswered = set(keys) - set(draft.begun.changes)
    following = [*keys, "check"][keys.index(here.key) + 1] if unanswered else "check"
    return see_other(_path(draft, following))


async def _kept(  # noqa: PLR0913  # whose form, which page of it, what was answered
    request: Request, person: str, draft: Draft, here: Page, given: Answers, seen: str
) -> Draft:
    merge = partial(_merged, here, given)
    number = int(seen) if seen.isdecimal() else 0
    keep = site_of(request).desk.answer_form
    return Draft(await reading(keep, draft.id, person, here.key, number, merge))


def _merged(here: Page, given: Answers, before: Answers) -> Answers:
    """The answers of a form with those of one page taken anew."""
    asked = {one.root for one in here.questions}
    return {name: one for name, one in before.items() if _root(name) not in asked} | given


def _root(name: str) -> str:
    return name.partition(".")[0].partition("-")[0]


def _here(faults: tuple[Fault, ...], here: Page) -> list[tuple[str, str]]:
    asked = {one.root for one in here.questions}
    return [(one.name, one.said) for one in faults if _root(one.name) in asked]


def _shown(  # noqa: PLR0913  # the page again, as it was filled in
    request: Request,
    draft: Draft,
    here: Page,
    faults: list[tuple[str, str]],
    *,
    more: str = "",
    status: int = 200,
    typed: Answers | None = None,
) -> Response:
    """`typed` is what was answered here while something else was kept from elsewhere."""
    keys = [one.key for one in draft.pages]
    number = keys.index(here.key)
    answers = draft.answers if typed is None else typed
    rows = {
        one.name: min(max(rows_in(one, answers), 1) + (one.name == more), ROWS)
        for one in here.questions
    }
    return page(
        request,
        "form.html",
        status=status if typed is None else 409,
        draft=draft,
        form=here,
        faults=faults,
        rows=rows,
        answers=answers,
        seen=draft.begun.changes.get(here.key, 0),
        elsewhere=[] if typed is None else _differences(request, draft, here, typed),
        colleagues=colleagues(request),
        step=(number + 1, len(keys) + 1),
        back=_path(draft, keys[number - 1]) if number else "/start",
    )


def _differences(
    request: Request, draft: Draft, here: Page, typed: Answers
) -> list[tuple[str, str]]:
    """What is kept from elsewhere and is not what was typed here: question and words."""
    who = site_of(request).people.who
    mine = {row for one in here.questions for row in said(one, typed, who)}
    kept = [row for one in here.questions for row in said(one, draft.answers, who)]
    return [(label, words or "Not answered") for label, words in kept if (label, words) not in mine]


def colleagues(request: Request) -> list[tuple[str, str]]:
    """Everybody in post, by name: id and name."""
    site = site_of(request)
    now, directory = site.desk.now(), site.desk.directory
    found = [(one.id, one.name) for one in directory.people if directory.sender(one.id, now).active]
    return sorted(found, key=lambda one: one[1])


# --- checking and sending -----------------------------------------------------------------------


async def check(request: Request) -> Response:
    """Everything that was answered, and what would happen if it were sent now."""
    session, person = signed_in(request)
    draft = await _draft(request, session, person)
    ahead, faults = await _ahead(request, draft, session)
    return page(
        request,
        "check.html",
        draft=draft,
        rows=_said(request, draft),
        ahead=ahead,
        faults=faults,
        back=_path(draft, draft.pages[-1].key),
    )


async def _ahead(
    request: Request, draft: Draft, session: Session
) -> tuple[PathAhead | None, list[tuple[str, str]]]:
    """The dry run, or what is still wrong, each with the page it is on."""
    site = site_of(request)
    faults = _faults(request, draft)
    if not faults:
        try:
            run = partial(site.desk.dry_run, only=session.roles)
            case = await reading(run, draft.procedure, draft.form(site.find), str(session.person))
            return path_ahead(case), []
        except BadInput as fault:
            asked = [one for each in draft.pages for one in each.questions]
            faults = faults_of(fault.problems or (str(fault),), asked)
    return None, [(_at(draft, one), one.said) for one in faults]


def _at(draft: Draft, fault: Fault) -> str:
    for each in draft.pages:
        if _root(fault.name) in {one.root for one in each.questions}:
            return (
                f"{_path(draft, each.key)}?again=1#{fault.name.replace('.', '-').replace('_', '-')}"
            )
    return f"{_path(draft, draft.pages[0].key)}?again=1"


def _said(request: Request, draft: Draft) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Page by page: its title, its path, and the rows of what was answered."""
    people = site_of(request).people
    return [
        (
            each.title,
            _path(draft, each.key),
            [row for one in each.questions for row in said(one, draft.answers, people.who)],
        )
        for each in draft.pages
    ]


async def send(request: Request) -> Response:
    """Open the case. The form's token makes one case of it, however often this is sent."""
    session, person = signed_in(request)
    await posted(request, session)
    draft = await _draft(request, session, person)
    site = site_of(request)
    if _faults(request, draft):
        return see_other(_path(draft, "check"))
    try:
        opening = await site.desk.open(
            draft.procedure, draft.form(site.find), person, only=session.roles
        )
    except BadInput:
        # Right a moment ago and not any more, such as a date; the page of answers says which.
        return see_other(_path(draft, "check"))
    session.keep_opening(draft.id, opening)
    # What was typed lies in the case now, and need not lie here as well.
    await reading(site.desk.drop_form, draft.id, person)
    return see_other(_path(draft, "sent"))


async def sent(request: Request) -> Response:
    """The reference, and what happens next."""
    session, person = signed_in(request)
    opening = session.sent.get(request.path_params["draft"])
    if opening is None:
        return see_other(_path(await _draft(request, session, person), "check"))
    return page(request, "sent.html", opening=opening)
