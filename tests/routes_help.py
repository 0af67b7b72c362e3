"""Every route of the pages, and how to come to it: who, which case, in which state.

A route that is not here fails tests/test_every_route.py, which names it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

from procedures.registry import by_name
from tests import usual
from tests.boxes import boxes
from tests.comments_help import SAFE_CONTACT
from tests.evidence_files import png
from tests.nightly import NIGHTLY
from tests.provider_help import RealProvider
from tests.service import Service
from tests.visits import PATIENCE
from tests.web_help import Browser, day
from web.app import ROUTES
from web.drafts import pages
from web.questions import Kind, Question, questions


def key_of(method: str, path: str) -> str:
    """How a route is called here: "GET /inbox"."""
    return f"{method} {path}"


EVERY = tuple(
    key_of(method, route.path)
    for route in ROUTES
    for method in sorted((route.methods or set()) - {"HEAD"})
)
"""Every route there is."""


@dataclass(frozen=True)
class Look:
    """One page to look at: what comes of a route for somebody, in a state that tells something."""

    name: str
    who: str | None = None
    given: dict[str, str] = field(default_factory=dict)
    """What stands in the path; a seed by its name, or the word itself."""
    query: str = ""
    press: str = ""
    """The button to press on the page first: its answer is looked at."""
    typed: dict[str, str] = field(default_factory=dict)
    """What to write into the page before that, by the names of its boxes."""
    faulty: bool = False
    """The page says that something is wrong."""
    status: int = 0
    """What the answer is, when it is neither 200 nor, for a faulty page, 422."""
    leads_to: str = ""
    """Where the page is, when it is not where it was asked for."""
    provided: bool = False
    """It is looked at where people sign in at a provider, not in the demonstration."""


TO_SEND = "to-send"
"""A form that is whole and not sent yet."""
RECORD = "Record it and open"
WHY = {"reason": "The history does not go on, and I look for the reason."}


def _form(code: str, page: str) -> Look:
    return Look(f"form-{code}-{page}", "fca-1", {"draft": f"new-{code}", "page": page})


def _act(case: str, act: str, who: str) -> Look:
    return Look(f"act-{act}-{case}-{who}", who, {"case": case, "act": act})


LOOKS: dict[str, tuple[Look, ...]] = {
    "GET /": (Look("home", "lm-1", leads_to="/inbox"),),
    "GET /sign-in": (Look("sign-in"), Look("sign-in-provider", provided=True)),
    "POST /sign-in": (Look("sign-in-nobody", press="Sign in", faulty=True),),
    "GET /sign-in/back": (
        Look("sign-in-failed", query="state=of-nobody&code=none", status=403, provided=True),
    ),
    "GET /sign-in/again": (Look("sign-in-again", "lm-1", provided=True),),
    "GET /sign-in/ended": (Look("sign-in-ended", provided=True),),
    "GET /start": (Look("start", "fca-1"),),
    "POST /start": (Look("start-nothing", "fca-1", press="Continue", faulty=True),),
    "GET /report/{draft}/{page}": (
        Look("form-filled-in", "fca-1", {"draft": "whole-D", "page": "more"}),
        _form("E", "safety"),
        _form("E", "post"),
        _form("E", "more"),
        _form("R", "more"),
        _form("C", "more"),
        _form("D", "more"),
        Look("form-danger", "fca-1", {"draft": "form-danger", "page": "post"}),
    ),
    "POST /report/{draft}/{page}": (
        Look(
            "form-D-empty",
            "fca-1",
            {"draft": "new-D", "page": "more"},
            press="Continue",
            faulty=True,
        ),
        Look(
            "form-E-empty",
            "fca-1",
            {"draft": "new-E", "page": "post"},
            press="Continue",
            faulty=True,
        ),
    ),
    "GET /report/{draft}/check": (
        *(Look(f"check-{code}", "fca-1", {"draft": f"whole-{code}"}) for code in "ERCD"),
        Look("check-too-early", "fca-1", {"draft": "new-E"}, faulty=True, status=200),
        Look("check-danger", "fca-1", {"draft": "form-danger"}),
    ),
    "POST /report/{draft}/check": (Look("sent", "fca-1", {"draft": TO_SEND}, press="Send"),),
    "GET /report/{draft}/sent": (Look("sent-refused", "fca-1", {"draft": "no-direction"}),),
    "GET /report/{draft}/delete": (Look("form-to-delete", "fca-1", {"draft": "new-R"}),),
    "POST /report/{draft}/delete": (
        Look("form-deleted", "fca-1", {"draft": TO_SEND}, press="Delete the form"),
    ),
    "GET /inbox": (
        Look("inbox-practitioner", "fca-1"),
        Look("inbox-manager", "lm-1"),
        Look("inbox-communications", "com-1"),
        Look("inbox-empty", "board-1"),
        Look("inbox-provider", "lm-1", provided=True),
    ),
    "GET /your-cases": (Look("your-cases", "fca-1"), Look("your-cases-none", "board-1")),
    "GET /administer": (Look("administer", "adm-1"),),
    "GET /administer/cases": (
        Look("administer-cases", "adm-1"),
        Look("administer-cases-no-day", "adm-1", query="opened_from=yesterday", faulty=True),
    ),
    "GET /administer/stuck": (Look("administer-stuck", "adm-1"),),
    "GET /administer/notices": (Look("administer-notices", "adm-1"),),
    "GET /administer/absences": (Look("administer-absences", "adm-1"),),
    "POST /administer/absences": (Look("absence-faulty", "adm-1", press="Record", faulty=True),),
    "GET /administer/calendar": (Look("administer-calendar", "adm-1"),),
    "POST /administer/calendar": (Look("calendar-faulty", "adm-1", press="Propose", faulty=True),),
    "GET /administer/calendar/{number}": (
        Look("calendar-proposal", "adm-1", {"number": "a-proposal"}),
        Look("calendar-proposal-of-another", "adm-2", {"number": "a-proposal"}),
    ),
    "POST /administer/calendar/{number}": (
        Look("calendar-again", "adm-2", {"number": "a-proposal"}, press="Work it out again"),
    ),
    "GET /administer/case/{case}": (
        Look("administer-case", "adm-1", {"case": "deciding"}),
        Look("administer-case-closed", "adm-1", {"case": "closed"}),
    ),
    "GET /administer/case/{case}/reassign": (Look("reassign", "adm-1", {"case": "deciding"}),),
    "POST /administer/case/{case}/reassign": (
        Look("reassign-faulty", "adm-1", {"case": "deciding"}, press="Reassign", faulty=True),
    ),
    "GET /administer/case/{case}/receipt/{decision}": (
        Look("reassign-receipt", "adm-1", {"case": "handed-over", "decision": "reassigned"}),
    ),
    "GET /administer/case/{case}/temporal": (Look("temporal", "adm-1", {"case": "deciding"}),),
    "POST /administer/case/{case}/temporal": (
        Look("temporal-faulty", "adm-1", {"case": "deciding"}, press=RECORD, faulty=True),
        Look("temporal-open", "adm-1", {"case": "deciding"}, press=RECORD, typed=WHY),
    ),
    "GET /dashboards": (
        Look("dashboards", "ad-1"),
        Look("dashboards-by-months", "own-1"),
        Look(
            "dashboards-part-of-a-month",
            "own-1",
            query="first-day=5&first-month=3&first-year=2026",
            faulty=True,
        ),
    ),
    "GET /case/{case}": (
        Look("case-with-evidence", "lm-1", {"case": "threat"}),
        Look("case-reported", "lm-1", {"case": "reported"}),
        Look("case-seen-by-reporter", "fca-2", {"case": "reported"}),
        Look("case-closed", "lm-1", {"case": "closed"}),
        Look("case-danger", "lm-1", {"case": "danger"}),
        Look("case-R", "hoc-1", {"case": "recommended"}),
        Look("case-C", "lm-1", {"case": "deciding"}),
        Look("case-D", "com-1", {"case": "agreed"}),
        Look("case-D-refused", "fca-1", {"case": "refused"}),
        Look("case-not-there", "fca-1", {"case": "case-000000000000"}, status=404),
    ),
    "GET /case/{case}/act/{act}": (
        _act("agreed", "arrange_account", "com-1"),
        _act("reported", "classify_opinion", "lm-1"),
        _act("reported", "classify_threat", "lm-1"),
        _act("threat", "add_evidence", "lm-1"),
        _act("recommended", "approve_response", "hoc-1"),
        _act("recommended", "approve_response", "com-1"),
        _act("deciding", "decide", "lm-1"),
        _act("threat", "assess_safety", "lm-1"),
    ),
    "POST /case/{case}/act/{act}": (
        Look(
            "act-with-faults",
            "lm-1",
            {"case": "deciding", "act": "decide"},
            press="Send",
            faulty=True,
        ),
        Look(
            "evidence-with-faults",
            "lm-1",
            {"case": "threat", "act": "add_evidence"},
            press="Send",
            faulty=True,
        ),
    ),
    "GET /case/{case}/evidence/{sha256}": (
        Look("evidence-file", "lm-1", {"case": "threat", "sha256": "a-file"}),
    ),
    "GET /case/{case}/advice/{seq}": (
        Look("advice", "lm-1", {"case": "advised", "seq": "the-advice"}),
        Look("advice-not-for-them", "fca-1", {"case": "advised", "seq": "the-advice"}),
    ),
    "POST /case/{case}/advice/{seq}": (
        Look("advice-read", "lm-1", {"case": "advised", "seq": "the-advice"}, press="Read it"),
    ),
    "GET /case/{case}/receipt/{decision}": (
        Look("receipt", "lm-1", {"case": "threat", "decision": "first-decision"}),
        Look("receipt-refused", "lm-1", {"case": "counted", "decision": "second-decision"}),
    ),
    "GET /audit": (
        Look("audit-find", "aud-1"),
        Look("audit-find-closed", "aud-1", query="open=no&refused=yes"),
        Look("audit-find-no-day", "aud-1", query="since=yesterday", faulty=True),
        Look("audit-not-for-others", "lm-1", status=404),
    ),
    "GET /audit/lists": (Look("audit-lists", "aud-1"),),
    "GET /audit/person": (
        Look("audit-person", "aud-1", query="person=lm-1"),
        Look("audit-person-asked", "aud-1"),
        Look("audit-person-unknown", "aud-1", query="person=nobody&since=soon", faulty=True),
    ),
    "GET /audit/case/{case}": (
        Look("audit-trail", "aud-1", {"case": "threat"}),
        Look("audit-trail-refused", "aud-1", {"case": "refused"}),
    ),
    "GET /audit/case/{case}/looks": (Look("audit-looks", "aud-1", {"case": "threat"}),),
    "GET /audit/case/{case}/at": (
        Look(
            "audit-at-a-day",
            "aud-1",
            {"case": "threat"},
            "day=27+11+2030",
            leads_to="/audit/case/{threat}/at/6",
        ),
    ),
    "GET /audit/case/{case}/at/{seq}": (
        Look("audit-past-first", "aud-1", {"case": "threat", "seq": "1"}),
        Look("audit-past-second", "aud-1", {"case": "threat", "seq": "2"}),
    ),
    "GET /audit/verify": (Look("audit-verify", "aud-1", query="open=yes"),),
    "POST /audit/verify": (
        Look("audit-verifying", "aud-1", {"case": "threat"}, "case={threat}", "Verify"),
    ),
    "GET /audit/verify/{job}": (Look("audit-verified", "aud-1", {"job": "a-job"}, "still=yes"),),
    "GET /audit/bundle": (Look("audit-bundle", "aud-1", query="open=yes"),),
    "POST /sign-out": (
        Look("signed-out", "hrbp-2", press="Sign out", leads_to="/sign-in"),
        Look(
            "signed-out-provider",
            "hrbp-2",
            press="Sign out",
            leads_to="/sign-in/ended",
            provided=True,
        ),
    ),
}
"""By route."""

TODAY = {route: looks if NIGHTLY else looks[:1] for route, looks in LOOKS.items()}
"""What is looked at: each route once, so the one that tells most is first; all of it at night."""

NO_PAGE: dict[str, str] = {
    "POST /case/{case}/evidence/{sha256}": "the file itself",
    "GET /dashboards/{table}": "a CSV file",
    "POST /administer/notices": "back to the notices",
    "POST /administer/absences/{number}/withdraw": "back to the absences",
    "POST /administer/case/{case}/start-again": "back to the stuck cases",
    "GET /sign-in/begin": "on to the provider's own pages",
    "GET /sign-in/leave": "on to the provider's own pages",
    "POST /audit/bundle": "the evidence bundle, a ZIP file",
}
"""Routes that answer with something else than a page, each with what it is."""


# --- seeds --------------------------------------------------------------------------------------


class Served(Browser):
    """The same browser without a screen, at the address where a real one is served."""

    def __init__(self, address: str) -> None:
        # A connection kept while others are served may be ended just as it is used again.
        anew = httpx2.Limits(max_keepalive_connections=0)
        self.client = httpx2.AsyncClient(
            base_url=address, headers={"origin": address}, limits=anew, timeout=PATIENCE / 1000
        )

    async def sign_in(self, person: str) -> Served:
        """As one of the example people; where their work begins depends on their roles."""
        answer = await self.send("/sign-in", person=person)
        assert answer.headers["location"] != "/sign-in", person
        return self

    async def sign_in_at(self, provider: RealProvider, login: str) -> Served:
        """The same where a provider asks who they are; nobody learns when they proved it."""
        await provider.spoil(drop=["auth_time"])
        gone = await self.client.get("/sign-in/begin")
        back, _ = await provider.visit(gone.headers["location"], login)
        answer = await self.client.get(back)
        assert answer.status_code == 303, answer.text
        return self


@dataclass
class Seeds:
    """Cases, forms begun and receipts to look at, and a session for each who looks."""

    service: Service
    address: str
    provided: str
    """Where the same cases are shown to people who sign in at the provider."""
    provider: RealProvider
    named: dict[str, str] = field(default_factory=dict)
    browsers: dict[tuple[str, bool], Served] = field(default_factory=dict)

    def name(self, name: str, what: str) -> None:
        """Keep what a look calls by this name; nothing else has it."""
        assert name == TO_SEND or name not in self.named, name
        self.named[name] = what

    async def browser(self, person: str, *, provided: bool = False) -> Served:
        """The session of somebody; forms begun and receipts are kept in it."""
        known = self.browsers.get((person, provided))
        if known is None:
            known = Served(self.provided if provided else self.address)
            self.browsers[person, provided] = known
            if provided:
                email = self.service.desk.directory.person(person).email
                await known.sign_in_at(self.provider, email)
            else:
                await known.sign_in(person)
        return known

    async def cookies(self, look: Look) -> list[dict[str, str]]:
        """The cookie that makes a real browser that of whoever looks."""
        if look.who is None:
            return []
        browser = await self.browser(look.who, provided=look.provided)
        address = str(browser.client.base_url)
        return [{"name": n, "value": v, "url": address} for n, v in browser.client.cookies.items()]

    def url(self, route: str, look: Look) -> str:
        """The whole address of a look."""
        return (self.provided if look.provided else self.address) + self.path(route, look)

    def path(self, route: str, look: Look) -> str:
        """The path of a look, with everything in its place."""
        template = route.partition(" ")[2]
        path = template.format(
            **{name: quote(self.named.get(text, text)) for name, text in look.given.items()}
        )
        return f"{path}?{look.query.format(**self.named)}" if look.query else path

    async def ready(self, look: Look) -> None:
        """Make again what pressing the button of a look uses up: a form, a session."""
        if look.given.get("draft") == TO_SEND:
            await self.draft(TO_SEND, "E")
        if look.press == "Sign out" and look.who:
            known = self.browsers.pop((look.who, look.provided), None)
            if known is not None:
                await known.client.aclose()

    async def open(self, name: str, code: str, by: str, *deeds: Any, **changes: Any) -> str:
        """A case and what was done to it: (who, act, fields)."""
        opening = await self.service.desk.open(code, usual.intake(code, **changes), by)
        self.name(name, opening.case_id)
        for who, act, given in deeds:
            receipt = await self.service.desk.decide(
                opening.case_id,
                act,
                who,
                reason=usual.reason(code),
                fields=usual.fields(code, act, **given),
            )
            assert receipt.outcome == "applied", receipt
        return opening.case_id

    async def draft(
        self, name: str, code: str, *, filled: bool = True, sent: bool = False, **changes: Any
    ) -> None:
        """A form of fca-1's, begun, or filled in to the page of answers, or sent."""
        browser = await self.browser("fca-1")
        answer = await browser.send("/start", happened=code)
        form = answer.headers["location"].rpartition("/")[0]
        self.name(name, form.rpartition("/")[2])
        given = usual.intake(code, **changes)
        for page in pages(by_name(code)) if filled else ():
            await send(browser, f"{form}/{page.key}", page.questions, given)
        if sent:
            assert (await browser.client.get(f"{form}/check")).status_code == 200
            await browser.send(f"{form}/check")

    async def receipt(self, name: str, case: str, act: str, who: str, **given: Any) -> None:
        """A decision that somebody sent in the browser."""
        path = f"/case/{self.named[case]}/act/{act}"
        asked = questions(by_name("E").acts[act].form)
        answer = await send(
            await self.browser(who), path, asked, usual.fields("E", act, **given), reason=True
        )
        self.name(name, urlsplit(answer.headers["location"]).path.rpartition("/")[2])


async def send(
    browser: Browser,
    path: str,
    asked: tuple[Question, ...],
    given: dict[str, Any],
    *,
    reason: bool = False,
) -> httpx2.Response:
    """Fill in a page's form with these fields and send it; it must be taken."""
    fields: dict[str, Any] = {"reason": "A reason that is long enough."} if reason else {}
    files: dict[str, Any] = {}
    for box in boxes(asked, given):
        if box.kind is Kind.FILE:
            files[box.name] = ("document.pdf", b"%PDF-1.7 invented", "application/pdf")
        else:
            fields.setdefault(box.name, []).append(box.text)
    answer = await browser.send(path, files or None, **fields)
    assert answer.status_code == 303, answer.text
    return answer


IN_DANGER: dict[str, Any] = {"immediate_danger": True, "safe_contact": SAFE_CONTACT}


@asynccontextmanager
async def seeded(
    service: Service, address: str, provided: str, provider: RealProvider
) -> AsyncIterator[Seeds]:
    """A few cases of all four procedures in telling states, and forms on their way."""
    seeds = Seeds(service, address, provided, provider)
    await _comments(seeds)
    await _others(seeds)
    await _administered(seeds)
    for code in "ERCD":
        await seeds.draft(f"new-{code}", code, filled=False)
        await seeds.draft(f"whole-{code}", code)
    await seeds.draft("form-danger", "E", **IN_DANGER)
    await _verified(seeds)
    await seeds.draft("no-direction", "D", asked_by="own_idea", sent=True)
    await _asked_again(seeds)
    yield seeds
    for browser in seeds.browsers.values():
        await browser.client.aclose()


async def _comments(seeds: Seeds) -> None:
    await seeds.open("reported", "E", "fca-2")
    await seeds.open("danger", "E", "fca-2", **IN_DANGER)
    case_id = await seeds.open(
        "threat", "E", "fca-2", ("lm-1", "take_on", {}), ("lm-1", "classify_threat", {})
    )
    await seeds.service.desk.add_evidence(case_id, "lm-1", png(), "The post as it stood")
    [item] = seeds.service.desk.evidence_of(case_id, "lm-1")
    seeds.name("a-file", item.sha256)
    await seeds.receipt("first-decision", "threat", "speak", "lm-1")
    earlier = ["https://www.facebook.com/invented.group/posts/999"]
    await seeds.open(
        "counted",
        "E",
        "fca-2",
        ("lm-1", "take_on", {}),
        earlier_posts=True,
        earlier_post_links=earlier,
    )
    # The form knows of two posts, and the usual answer of one.
    await seeds.receipt("second-decision", "counted", "classify_harassment", "lm-1")
    await seeds.open(
        "closed",
        "E",
        "fca-1",
        ("lm-1", "take_on", {}),
        ("fca-1", "ask_to_withdraw", {}),
    )


async def _others(seeds: Seeds) -> None:
    await seeds.open(
        "recommended",
        "R",
        "fca-1",
        ("com-1", "take_on", {}),
        ("com-1", "sort", {"classes": ["false_claim"]}),
        ("com-1", "recommend_response", {}),
    )
    await seeds.open(
        "deciding",
        "C",
        "fca-1",
        ("lm-1", "choose_route", {}),
        ("lm-1", "advise_as_manager", {}),
    )
    case_id = await seeds.open(
        "advised",
        "C",
        "fca-1",
        ("lm-1", "choose_route", {"route": "legal"}),
        ("leg-1", "advise_as_legal", {}),
    )
    lines = seeds.service.desk.trail(case_id)
    seeds.name("the-advice", str(next(one.entry.seq for one in lines if one.entry.sealed)))
    await seeds.open(
        "agreed", "D", "fca-1", ("lm-1", "start_considering", {}), ("lm-1", "agree", {})
    )
    await seeds.open("refused", "D", "fca-1", asked_by="own_idea")


async def _administered(seeds: Seeds) -> None:
    """An absence and a closed day in years to come, so that no case here feels them."""
    browser = await seeds.browser("adm-1")
    far = {**day("first", "2026-12-28"), **day("last", "2026-12-29")}
    answer = await browser.send("/administer/absences", person="fca-6", **far)
    assert answer.status_code == 303, answer.text
    answer = await browser.send(
        "/administer/calendar",
        what="day",
        **day("day", "2026-12-30"),
        name="Day of an invented jubilee",
        why="The London Gazette says so, in an issue that is invented.",
    )
    seeds.name("a-proposal", answer.headers["location"].rpartition("/")[2])
    case_id = await seeds.open("handed-over", "C", "fca-2")
    path = f"/administer/case/{case_id}/reassign"
    answer = await browser.send(
        path, role="LM", to="lm-2", reason="The manager has gone to another team."
    )
    seeds.name("reassigned", answer.headers["location"].rpartition("/")[2])


async def _verified(seeds: Seeds) -> None:
    browser = await seeds.browser("aud-1")
    answer = await browser.send("/audit/verify", case=seeds.named["threat"])
    seeds.name("a-job", answer.headers["location"].rpartition("/")[2])


async def _asked_again(seeds: Seeds) -> None:
    """A manager who is about to decide, and gave their credentials nobody knows when."""
    browser = await seeds.browser("lm-1", provided=True)
    answer = await browser.get(f"/case/{seeds.named['deciding']}/act/decide")
    assert answer.headers.get("location") == "/sign-in/again", answer.text
