"""What auditors have checked and take away: verifications that run by themselves, and bundles."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from activities.register import CaseRow
from models.errors import BadInput
from models.looked import Door, Seen
from models.people import Role
from runtime.bundle import Bundle, Wanted
from runtime.bundle.making import MOST_CASES as MOST_OF_A_BUNDLE
from runtime.desk import Desk
from runtime.notices import MARKING
from runtime.verifications import MOST_CASES
from web.auditing import auditor
from web.auditing_sets import Asked, cases_of
from web.looking import NotForYou
from web.site import page, posted, reading, see_other, signed_in, site_of, text_in

EVERY = 2
"""Real seconds after which the page of a running verification asks again."""


async def _chosen(request: Request, asked: Asked, most: int) -> list[CaseRow]:
    """The cases asked for; one more than `most` when there are too many. Raises BadInput."""
    return list(await reading(cases_of, site_of(request).desk, asked, most + 1))


def _asked(form: FormData) -> Asked:
    return Asked.of({name: text_in(form, name) for name in form})


# --- verifying ----------------------------------------------------------------------------------


async def before_verifying(request: Request) -> Response:
    """Which cases would be verified, and the verifications there are."""
    auditor(request)
    asked = Asked.of(request.query_params)
    rows = await _chosen(request, asked, MOST_CASES)
    jobs = site_of(request).verifications.newest()
    return page(request, "audit_verify.html", asked=asked, rows=rows, most=MOST_CASES, jobs=jobs)


async def verify(request: Request) -> Response:
    """Begin to verify; that somebody did is recorded for each case."""
    session, person = signed_in(request)
    form = await posted(request, session)
    auditor(request)
    rows = await _chosen(request, _asked(form), MOST_CASES)
    if not 0 < len(rows) <= MOST_CASES:
        raise BadInput(f"Choose 1 to {MOST_CASES} cases. Nothing was started; go back.")
    site = site_of(request)
    cases = [row.case_id for row in rows]
    # Also of one that is then too many: it was asked for.
    await reading(_note, site.desk, cases, person)
    job = site.verifications.start(person, cases)
    return see_other(f"/audit/verify/{job.id}")


def _note(desk: Desk, cases: list[str], person: str) -> None:
    desk.note_look(cases, person, Seen.VERIFICATION, Door.PAGES, role=Role.AUD)


async def verification(request: Request) -> Response:
    """How far a verification is and what it found; asks again by itself until it has ended."""
    auditor(request)
    job = site_of(request).verifications.find(request.path_params["job"])
    if job is None:
        raise NotForYou
    still = "still" in request.query_params
    answer = page(request, "audit_verification.html", job=job, still=still)
    if job.ended is None and not still:
        answer.headers["Refresh"] = str(EVERY)
    return answer


# --- the bundle ---------------------------------------------------------------------------------


async def before_a_bundle(request: Request) -> Response:
    """What a bundle of these cases would hold."""
    auditor(request)
    asked = Asked.of(request.query_params)
    rows = await _chosen(request, asked, MOST_OF_A_BUNDLE)
    return page(request, "audit_bundle.html", asked=asked, rows=rows, most=MOST_OF_A_BUNDLE)


async def bundle(request: Request) -> Response:
    """The bundle, as a file."""
    session, person = signed_in(request)
    form = await posted(request, session)
    auditor(request)
    asked = _asked(form)
    rows = await _chosen(request, asked, MOST_OF_A_BUNDLE)
    wanted = Wanted(
        cases=tuple(row.case_id for row in rows),
        asked=asked.words,
        files=bool(text_in(form, "files")),
    )
    desk = site_of(request).desk
    made = await reading(Bundle, desk, wanted, person)
    pieces = await reading(made.stream, Door.PAGES)
    return StreamingResponse(
        pieces,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{MARKING}-{made.name}"'},
    )
