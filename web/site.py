"""What every page needs: the desk, the sessions, the templates, and who is asking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, cast

from jinja2 import (
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    select_autoescape,
)
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import BadInput
from models.looked import Door, Seen
from models.people import Role
from runtime import showing
from runtime.bundle import pages as bundle_pages
from runtime.dashboards import may_look
from runtime.desk import Desk
from runtime.narrowing import kept
from runtime.verifications import Verifications
from web import language
from web.build import BUILT, STYLES
from web.provider import Provider
from web.questions import Answers, Question, files_in, names_of
from web.sessions import Session, Sessions
from web.temporal_address import TemporalPages
from web.words import WHAT_HAPPENED

APART = frozenset({Role.ADM, Role.AUD})
"""They look after cases or check them, and have no work in any: no inbox (SD13, SD14)."""

PLACES: tuple[tuple[str, str, Callable[[frozenset[Role]], bool]], ...] = (
    ("Your work", "/inbox", lambda roles: not roles & APART),
    ("Report something", "/start", lambda roles: not roles & APART),
    ("Administer", "/administer", lambda roles: Role.ADM in roles),
    ("Audit", "/audit", lambda roles: Role.AUD in roles),
    ("Figures", "/dashboards", may_look),
)
"""What the navigation leads to, where it lies, and for whom; the first is where somebody begins."""

_COMPONENTS = "govuk_frontend_jinja"
_DOCUMENT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Site:
    """The parts that the pages of one process share."""

    desk: Desk
    sessions: Sessions
    provider: Provider | None = None
    """Where people sign in; None: the demonstration sign-in."""
    temporal: TemporalPages = field(default_factory=TemporalPages)

    @cached_property
    def templates(self) -> Environment:
        """The templates, ours and those of the design system; everything they are given is text."""
        made = Environment(
            loader=ChoiceLoader(
                [
                    PackageLoader("web"),
                    PrefixLoader({_COMPONENTS: PackageLoader(_COMPONENTS)}),
                    # The page of an auditor and that of a bundle show an entry alike.
                    PrefixLoader({bundle_pages.PREFIX: bundle_pages.loader()}),
                ]
            ),
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters |= {
            "london": language.instant,
            "role": language.role,
            "marked": language.marked,
            "coded": showing.coded,
            "counted": language.counted,
            "counting": language.counting,
        }
        made.globals |= {"say": language.say, "bare": language.bare}
        made.globals["what_happened"] = WHAT_HAPPENED
        made.globals["styles"] = f"{STYLES}?v={_fingerprint()}"
        return made

    @cached_property
    def verifications(self) -> Verifications:
        """Verifications that auditors began; they end with this process."""
        return Verifications(self.desk)

    @property
    def people(self) -> showing.People:
        """Names for ids, from the newest directory."""
        return showing.People(self.desk.directory)

    def find(self, text: str) -> str:
        """The id of the person that somebody named, or the text as it was."""
        try:
            return self.desk.directory.find(text).id
        except BadInput:
            return text

    def roles_of(self, person: str) -> frozenset[Role]:
        """The roles somebody holds today; none when they are not in post."""
        return frozenset(self.desk.directory.sender(person, self.desk.now()).roles)

    def usable(self, session: Session) -> frozenset[Role]:
        """The roles somebody may use now: what the directory gives, as far as their sign-in goes."""
        return frozenset(kept(self.roles_of(session.person or ""), session.roles))

    def may_sign_in(self, person: str) -> bool:
        """Whether there are pages for this person today."""
        return self.desk.directory.sender(person, self.desk.now()).active


def navigation(roles: Iterable[Role]) -> tuple[tuple[str, str], ...]:
    """The words and the address of each part of the site that is for these roles."""
    held = frozenset(roles)
    return tuple((words, path) for words, path, for_whom in PLACES if for_whom(held))


def beginning(roles: Iterable[Role]) -> str:
    """Where somebody with these roles begins."""
    return next((path for _, path in navigation(roles)), "/sign-in")


@cache
def _fingerprint() -> str:
    return hashlib.sha256((BUILT / STYLES).read_bytes()).hexdigest()[:12]


def site_of(request: Request) -> Site:
    """The site a request is for."""
    return cast("Site", request.app.state.site)


async def reading(read: Any, *given: Any) -> Any:
    """Read the ledger without making others wait for it."""
    return await run_in_threadpool(read, *given)


# --- sessions -----------------------------------------------------------------------------------


class NotSignedIn(Exception):
    """Nobody is signed in; the browser is sent to the page where one does."""


def cookie_name(request: Request) -> str:
    """With TLS the name binds the cookie to this host and to TLS."""
    return "__Host-casework" if request.url.scheme == "https" else "casework"


def session_of(request: Request) -> Session | None:
    """The session of a request, signed in or not."""
    return site_of(request).sessions.find(request.cookies.get(cookie_name(request)))


def signed_in(request: Request) -> tuple[Session, str]:
    """The session and who is behind it. Raises NotSignedIn; who has left is signed out."""
    session = session_of(request)
    if session is None or session.person is None:
        raise NotSignedIn
    if not site_of(request).may_sign_in(session.person):
        site_of(request).sessions.end_all_of(session.person)
        raise NotSignedIn
    return session, session.person


async def noted(request: Request, person: str, seen: Seen, role: Role | None) -> None:
    """Record a look at the case of a page, before it is shown."""
    desk, case_id = site_of(request).desk, request.path_params["case"]
    await run_in_threadpool(desk.note_look, case_id, person, seen, Door.PAGES, role=role)


async def noted_list(  # noqa: PLR0913  # who, at what, how much of it, how narrowed
    request: Request,
    person: str,
    seen: Seen,
    rows: int,
    asked: Mapping[str, str] | None = None,
    role: Role | None = None,
) -> None:
    """Record a look at a list, before it is shown."""
    note = site_of(request).desk.note_list
    await run_in_threadpool(note, person, seen, Door.PAGES, rows, asked, role=role)


async def noted_own(request: Request, person: str, seen: Seen, rows: int) -> None:
    """Record, once a day, that somebody looks at their own work, before they are shown it."""
    note = site_of(request).desk.note_own_list
    await run_in_threadpool(note, person, seen, Door.PAGES, rows)


def with_cookie(request: Request, response: Response, session: Session) -> Response:
    """The answer, with the session's token for the browser to keep until it is closed."""
    response.set_cookie(
        cookie_name(request),
        session.token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


# --- answers ------------------------------------------------------------------------------------


def page(request: Request, template: str, *, status: int = 200, **given: Any) -> HTMLResponse:
    """A page of the site."""
    site = site_of(request)
    session = given.pop("session", None) or session_of(request)
    person = session.person if session else None
    text = site.templates.get_template(template).render(
        nonce=request.scope["state"]["nonce"],
        csrf=session.csrf if session else "",
        who=site.people.who(person) if person else "",
        session_until=session.until if session and person else None,
        people=site.people,
        here=request.url.path,
        spoken=language.language(),
        other=language.other(request.url.query),
        in_english=template not in language.TRANSLATED,
        places=navigation(site.usable(session)) if session and person else (),
        demonstration=site.provider is None,
        **given,
    )
    return HTMLResponse(text, status)


def see_other(path: str) -> RedirectResponse:
    """On to another page, with a new request of its own."""
    return RedirectResponse(path, 303)


# --- forms --------------------------------------------------------------------------------------


async def posted(request: Request, session: Session) -> FormData:
    """What a form sent. Raises HTTPException unless it carries the session's own token."""
    form = await request.form(max_files=20, max_fields=2000, max_part_size=64 * 1024)
    if not session.sent_by_us(_text(form, "csrf")):
        raise HTTPException(
            403, language.later("This page is from an earlier session. Nothing was done; go back.")
        )
    return form


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def text_in(form: FormData, name: str) -> str:
    """One text of a form; empty when it is not there."""
    return _text(form, name).strip()


async def answers_in(form: FormData, asked: Iterable[Question]) -> Answers:
    """The answers to these questions, and nothing else; of a document its fingerprint only."""
    questions = tuple(asked)
    files = {one.name: one for one in files_in(questions)}
    answers: Answers = {}
    for name in names_of(questions):
        if name not in files:
            given = tuple(one for one in form.getlist(name) if isinstance(one, str))
            answers |= {name: given} if any(given) else {}
    for question in files.values():
        answers |= await _document(form, question)
    return answers


async def _document(form: FormData, question: Question) -> Answers:
    file = form.get(question.name)
    content = await file.read(_DOCUMENT + 1) if isinstance(file, UploadFile) else b""
    if not content:
        group = question.name.removesuffix("sha256") + "kind"
        kept = {name: text_in(form, f"{name}-kept") for name in (question.name, group)}
        return {name: (text,) for name, text in kept.items() if text}
    if len(content) > _DOCUMENT:
        raise HTTPException(
            413, language.later("The document is larger than 20 MB. Nothing was kept; go back.")
        )
    found: Answers = {question.name: (hashlib.sha256(content).hexdigest(),)}
    if question.name.endswith(".sha256"):
        kind = kind_of_document(content)
        found[question.name.removesuffix("sha256") + "kind"] = (kind,)
    return found


_STARTS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


def kind_of_document(content: bytes) -> str:
    """What a document is by its first bytes, whatever its name says."""
    return next((kind for start, kind in _STARTS.items() if content.startswith(start)), "unknown")
