"""The language of a page: English, or Welsh for whoever chose it, as far as its words are there.

The English stands where it is used and is the key of every translation; the Welsh stands in one
file, `languages/cy/LC_MESSAGES/messages.po`. What has no Welsh yet is said in English, marked as
such for whoever hears the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.dates import get_day_names, get_month_names
from babel.messages.pofile import read_po
from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import policy
from models.london import london
from models.people import Role
from models.policy import Mark
from runtime import showing

LANGUAGES = Path(__file__).resolve().parent / "languages"


class Language(StrEnum):
    """The languages there are, by their tags in a page."""

    ENGLISH = "en"
    WELSH = "cy"


NAMES = {Language.ENGLISH: "English", Language.WELSH: "Cymraeg"}
"""Each language by the name it has for itself."""

TRANSLATED = frozenset(
    {
        "sign_in.html",
        "sign_in_provider.html",
        "signed_out.html",
        "start.html",
        "form.html",
        "form_deleted.html",
        "check.html",
        "sent.html",
        "fault.html",
    }
)
"""Pages whose every text goes through `say`; of any other the main part is English."""

_YEAR = 365 * 24 * 3600
_chosen: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


def language() -> Language:
    """The language of the page that is being made."""
    return _chosen.get()


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Everything said meanwhile is said in this language."""
    before = _chosen.set(chosen)
    try:
        yield
    finally:
        _chosen.reset(before)


# --- words --------------------------------------------------------------------------------------


@cache
def catalogue(wanted: Language) -> dict[str, str]:
    """The translations of a language by their English; none for English, nor what is in doubt."""
    path = LANGUAGES / wanted / "LC_MESSAGES" / "messages.po"
    if wanted is Language.ENGLISH:
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=wanted)
    return {
        str(one.id): str(one.string) for one in found if one.id and one.string and not one.fuzzy
    }


def bare(english: str) -> str:
    """A text in the language of the page, or the English: for attributes, titles and sentences."""
    return catalogue(language()).get(english) or english


def say(english: str) -> str | Markup:
    """As `bare`, for what stands in a page by itself: English in a Welsh page says that it is."""
    found = catalogue(language()).get(english)
    if found or not english.strip() or language() is Language.ENGLISH:
        return found or english
    return Markup('<span lang="en">{}</span>').format(english)


def later(english: str) -> str:
    """A text that is said where it is shown: here it is only found for the translators."""
    return english


_NUMBER = re.compile(r"\d+")


def counting(english: str) -> str:
    """A text with at most one number in it, which the translation knows as %(number)s."""
    found = _NUMBER.findall(english)
    if language() is Language.ENGLISH or english in catalogue(language()) or len(found) != 1:
        return bare(english)
    pattern = _NUMBER.sub("%(number)s", english)
    known = catalogue(language()).get(pattern)
    return known % {"number": found[0]} if known else english


# --- dates --------------------------------------------------------------------------------------

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(rf"({'|'.join(_DAYS)}) (\d{{1,2}}) ({'|'.join(_MONTHS)}) (?=\d{{4}})")
_AMOUNT = re.compile(r"(?<=\d) (h|min)\b")


def instant(at: datetime) -> str:
    """An instant as London wall time, to the minute, with the days and months of the language."""
    return dated(london(at))


def dated(english: str) -> str:
    """The dates in an English text, as `london` writes them, in the language of the page."""
    if language() is Language.ENGLISH:
        return english
    days = get_day_names("abbreviated", locale=language())
    months = get_month_names("abbreviated", locale=language())

    def written(found: re.Match[str]) -> str:
        day, month = days[_DAYS.index(found[1])], months[_MONTHS.index(found[3]) + 1]
        return f"{day} {found[2]} {month} "

    return _DATE.sub(written, english)


_CLOSED = re.compile(r"^(?P<day>.*?\d{4} +)(?:closed: (?P<why>.+)|(?P<part>[a-z ]+))$")
_TOTAL = re.compile(r"^Total +(?P<amount>.+), due (?P<due>.+) \(calendar (?P<calendar>.+)\)$")


def counted(english: str) -> str:
    """One line of how a date was counted, in the language of the page."""
    if language() is Language.ENGLISH:
        return english
    line = _AMOUNT.sub(lambda found: f" {bare(found[1])}", dated(english))
    if found := _TOTAL.match(line):
        return bare("Total %(amount)s, due %(due)s (calendar %(calendar)s)") % found.groupdict()
    if found := _CLOSED.match(line):
        day, why, part = found["day"], found["why"], found["part"]
        return day + (bare("closed: %(why)s") % {"why": bare(why)} if why else bare(part))
    return bare(line)


# --- names of the policy ------------------------------------------------------------------------


def role(code: Role) -> str:
    """The plain name of a role in the language of the page, with its mark."""
    name = policy.book().roles[code]
    return f"{bare(name.name)}{marked(name.mark)}"


def marked(mark: Mark | str) -> str:
    """How a mark is shown behind a name, in the language of the page."""
    return showing.marked(mark).replace(showing.RECONSTRUCTED, bare("reconstructed"))


# --- which language -----------------------------------------------------------------------------


class Speaking:
    """Wraps the application: the language of each request, and the choice of `?lang=`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; the choice is kept in a cookie of its own, which holds nothing else."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        chosen = _known(asked.query_params.get("lang"))
        name = _cookie(scope)

        async def answered(message: Message) -> None:
            if chosen is not None and message["type"] == "http.response.start":
                kept = f"{name}={chosen}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=lax"
                secure = "; Secure" if scope["scheme"] == "https" else ""
                MutableHeaders(scope=message).append("set-cookie", kept + secure)
            await send(message)

        with speaking(chosen or _known(asked.cookies.get(name)) or Language.ENGLISH):
            await self._app(scope, receive, answered)


def _known(tag: str | None) -> Language | None:
    return Language(tag) if tag in set(Language) else None


def _cookie(scope: Scope) -> str:
    return "__Host-casework-language" if scope["scheme"] == "https" else "casework-language"


def other(query: str) -> tuple[Language, str, str]:
    """The other language: its tag, its own name, and the query that leads to this page in it."""
    wanted = Language.WELSH if language() is Language.ENGLISH else Language.ENGLISH
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("lang="))
    return wanted, NAMES[wanted], f"?{kept}{'&' if kept else ''}lang={wanted}"
