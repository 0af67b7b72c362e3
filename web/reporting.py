"""From "What has happened?" to a reference: the form on several pages, and a dry run before it goes."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.errors import BadInput
from models.people import Role
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime.path_ahead import PathAhead, path_ahead
from web import words
from web.drafts import Draft, Fault, Page, faults_of
from web.questions import ROWS, rows_in, said
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

MOST = 20
"""Forms begun and not sent that one session keeps; the oldest gives way."""


async def what_happened(request: Request) -> Response:
    """The start: what has happened, in plain words."""
    _, person = signed_in(request)
    return page(request, "start.html", choices=_open_to(request, person))


async def begin(request: Request) -> Response:
    """A new form for what has happened."""
    session, person = signed_in(request)
    code = text_in(await posted(request, session), "happened")
    choices = _open_to(request, person)
    if code not in {one for one, _, _ in choices}:
        faults = [("happened", "Choose what has happened")]
        return page(request, "start.html", status=422, choices=choices, faults=faults)
    draft = Draft(code)
    session.drafts[draft.id] = draft
    while len(session.drafts) > MOST:
        del session.drafts[next(iter(session.drafts))]
    return see_other(_path(draft, draft.pages[0].key))


def _open_to(request: Request, person: str) -> list[tuple[str, str, str]]:
    """What this person's role may report: code, words, hint."""
    desk = site_of(request).desk
    roles = set(desk.directory.sender(person, desk.now()).roles)
    kinds = {kind.code: kind for kind in PROCEDURES.values()}
    return [
        (code, label, hint)
        for code, (label, hint) in words.WHAT_HAPPENED.items()
        if _may_start(kinds.get(code), roles)
    ]


def _may_start(kind: type[Procedure] | None, roles: set[Role]) -> bool:
    return kind is not None and bool(set(kind.starters) & roles)


def _path(draft: Draft, step: str) -> str:
    return f"/report/{draft.id}/{step}"


def _draft(request: Request, session: Session) -> Draft:
    draft = session.drafts.get(request.path_params["draft"])
    if draft is None:
        raise HTTPException(
            404, "This form is not there any more. It ends when you sign out; begin a new one."
        )
    return draft


# --- filling in ---------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """One page of the form, with what was answered."""
    session, _ = signed_in(request)
    draft = _draft(request, session)
    if draft.opening is not None:
        return see_other(_path(draft, "sent"))
    here = _page(draft, request)
    faults = (
        _here(draft.faults(site_of(request).find), here) if "again" in request.query_params else []
    )
    return _shown(request, draft, here, faults)


def _page(draft: Draft, request: Request) -> Page:
    try:
        return draft.page(request.path_params["page"])
    except BadInput as fault:
        raise HTTPException(404, str(fault)) from None


async def answer(request: Request) -> Response:
    """Keep what was answered, and go on once nothing on this page is wrong."""
    session, _ = signed_in(request)
    draft = _draft(request, session)
    form = await posted(request, session)
    if draft.opening is not None:
        return see_other(_path(draft, "sent"))
    here = _page(draft, request)
    await _keep(draft, here, form)
    if text_in(form, "more_rows"):
        return _shown(request, draft, here, [], more=text_in(form, "more_rows"))
    faults = _here(draft.faults(site_of(request).find), here)
    if faults:
        return _shown(request, draft, here, faults, status=422)
    keys = [one.key for one in draft.pages]
    following = [*keys, "check"][keys.index(here.key) + 1]
    return see_other(_path(draft, following))


async def _keep(draft: Draft, here: Page, form: FormData) -> None:
    given = await answers_in(form, here.questions)
    asked = {one.root for one in here.questions}
    kept = {name: one for name, one in draft.answers.items() if _root(name) not in asked}
    draft.answers = kept | given


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
) -> Response:
    keys = [one.key for one in draft.pages]
    number = keys.index(here.key)
    back = _path(draft, keys[number - 1]) if number else "/start"
    rows = {
        one.name: min(max(rows_in(one, draft.answers), 1) + (one.name == more), ROWS)
        for one in here.questions
    }
    return page(
        request,
        "form.html",
        status=status,
        draft=draft,
        form=here,
        faults=faults,
        rows=rows,
        answers=draft.answers,
        colleagues=colleagues(request),
        step=(number + 1, len(keys) + 1),
        back=back,
    )


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
    draft = _draft(request, session)
    if draft.opening is not None:
        return see_other(_path(draft, "sent"))
    ahead, faults = await _ahead(request, draft, person)
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
    request: Request, draft: Draft, person: str
) -> tuple[PathAhead | None, list[tuple[str, str]]]:
    """The dry run, or what is still wrong, each with the page it is on."""
    site = site_of(request)
    faults = draft.faults(site.find)
    if not faults:
        try:
            run = site.desk.dry_run
            case = await reading(run, draft.procedure, draft.form(site.find), person)
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
    """Open the case. The draft's token makes one case of it, however often this is sent."""
    session, person = signed_in(request)
    draft = _draft(request, session)
    await posted(request, session)
    if draft.opening is None:
        site = site_of(request)
        if draft.faults(site.find):
            return see_other(_path(draft, "check"))
        try:
            draft.opening = await site.desk.open(draft.procedure, draft.form(site.find), person)
        except BadInput:
            # Right a moment ago and not any more, such as a date; the page of answers says which.
            return see_other(_path(draft, "check"))
        # What was typed lies in the case now, and need not lie here as well.
        draft.answers = {}
    return see_other(_path(draft, "sent"))


async def sent(request: Request) -> Response:
    """The reference, and what happens next."""
    session, _ = signed_in(request)
    draft = _draft(request, session)
    if draft.opening is None:
        return see_other(_path(draft, "check"))
    return page(request, "sent.html", draft=draft, opening=draft.opening)
