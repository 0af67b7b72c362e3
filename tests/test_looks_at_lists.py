"""Lists show many cases: that somebody looked at one is recorded before it is shown (SD14)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.register import CaseFilter
from models.errors import Unavailable
from models.looked import LISTS, Door, Look, Seen
from models.people import Role
from runtime import lists_asked
from runtime.desk import Desk
from runtime.settings import Settings
from runtime.verifying import looks_at_lists, other_looks, verified
from tests.api_help import Program
from tests.audit_help import Archive, archive, tampered
from tests.service import Service
from tests.web_help import Browser, plain

FIND = "/administer/cases?procedure=court_directed_access&holder=lm-1&status=all&page=2"


def at_lists(service: Service) -> list[Look]:
    return service.ledger.looks.of(LISTS)


async def signed_in(service: Service, person: str) -> Browser:
    browser = Browser(service)
    await browser.send("/sign-in", person=person)
    return browser


# --- every list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "path", "role", "seen", "asked"),
    [
        (
            "adm-1",
            FIND,
            Role.ADM,
            Seen.CASES,
            {
                "procedure": "court_directed_access",
                "holder": "lm-1",
                "sort": "due",
                "page": "2",
            },
        ),
        (
            "adm-1",
            "/administer/cases?opened_from=27+3+2026",
            Role.ADM,
            Seen.CASES,
            # Midnight in London, before the clocks change.
            {"closed": "no", "opened_from": "2026-03-27T00:00:00Z", "sort": "due", "page": "1"},
        ),
        (
            "adm-1",
            "/administer/cases?reference=+CASE-0123&status=closed&holder=lm-1",
            Role.ADM,
            Seen.CASES,
            {"reference": "case-0123", "sort": "due", "page": "1"},
        ),
        ("adm-1", "/administer/notices", Role.ADM, Seen.NOTICES, {"failed": "yes"}),
        ("adm-1", "/administer/stuck", Role.ADM, Seen.STUCK, {}),
        ("aud-1", "/audit?open=no", Role.AUD, Seen.CASES, {"closed": "yes", "page": "1"}),
        (
            "aud-1",
            "/audit?case=case-0123456789ab",
            Role.AUD,
            Seen.CASES,
            {"reference": "case-0123456789ab", "page": "1"},
        ),
        ("aud-1", "/audit/lists", Role.AUD, Seen.LOOKS, {"page": "1"}),
        ("own-1", "/dashboards", None, Seen.FIGURES, {}),
        (
            "lm-1",
            "/dashboards/open.csv?procedure=D",
            None,
            Seen.FIGURES,
            {"procedure": "court_directed_access", "table": "open"},
        ),
    ],
)
async def test_each_list_is_recorded_each_time_with_how_it_was_narrowed(  # noqa: PLR0913
    service: Service, person: str, path: str, role: Role | None, seen: Seen, asked: dict[str, str]
) -> None:
    browser, before = await signed_in(service, person), len(at_lists(service))
    for _ in range(2):
        assert (await browser.get(path)).status_code == 200

    found = at_lists(service)[before:]
    said = [(one.person, one.role, one.seen, one.door, one.asked) for one in found]
    assert said == [(person, role, seen, Door.PAGES, asked)] * 2


async def test_a_look_says_how_many_rows_were_shown(service: Service) -> None:
    await service.open()
    there = len(service.desk.cases(CaseFilter(closed=False), 50))
    await (await signed_in(service, "adm-1")).get("/administer/cases")

    assert at_lists(service)[-1].rows == there > 0


async def test_what_somebody_types_is_not_kept(service: Service) -> None:
    browser = await signed_in(service, "adm-1")
    await browser.get("/administer/cases?state=Mia&holder=Mia+Example&procedure=the+Example+family")
    searched = at_lists(service)[-1].asked

    unknown = dict.fromkeys(("state", "holder", "procedure"), lists_asked.UNKNOWN)
    assert searched.items() >= unknown.items()
    assert lists_asked.case_asked("case-mia-example") == lists_asked.UNKNOWN


def test_every_way_to_narrow_is_kept_as_an_id_a_code_or_an_instant(service: Service) -> None:
    text = "the Example family"
    known = {"closed": True, "refused": True, "due_before": service.desk.now()}
    every = {
        name: known.get(name[:10], service.desk.now() if name.startswith("opened") else text)
        for name in CaseFilter.model_fields
    }
    found = lists_asked.asked(CaseFilter.model_validate(every), service.desk.directory)

    assert set(found) == set(CaseFilter.model_fields)
    assert text not in found.values()


async def test_what_cannot_be_asked_shows_nothing_and_is_no_look(service: Service) -> None:
    before = len(at_lists(service))
    for person, path in (
        ("aud-1", "/audit?since=yesterday"),
        ("aud-1", "/audit?case=mia-example"),
        ("lm-1", "/dashboards?procedure=ZZ"),
        ("adm-1", "/administer/cases?opened_to=yesterday"),
    ):
        assert (await (await signed_in(service, person)).get(path)).status_code == 422

    assert len(at_lists(service)) == before


async def test_programs_are_recorded_as_people_are(service: Service) -> None:
    program, before = Program(service, "aud-1"), len(at_lists(service))
    answer = await program.get("/cases", closed="true", limit=5)

    (look,) = at_lists(service)[before:]
    assert look.asked == {"closed": "yes", "limit": "5"}
    assert (look.person, look.role, look.door) == ("aud-1", Role.AUD, Door.API)
    assert look.rows == len(answer.json()["cases"])


# --- one's own work -----------------------------------------------------------------------------


class Later(Desk):
    """The service's desk at another instant."""

    def now(self) -> datetime:
        return self.at

    at: datetime


def later(service: Service) -> Later:
    desk = Later.__new__(Later)
    desk.__dict__.update(service.desk.__dict__, _today={})
    desk.at = service.desk.now() + timedelta(days=400)
    return desk


async def test_ones_own_work_is_recorded_once_a_day_at_each_door(service: Service) -> None:
    desk, before = later(service), len(at_lists(service))
    there = Service(service.settings, service.client, service.ledger, desk)
    for _ in range(2):
        browser = await signed_in(there, "lm-1")
        await browser.get("/inbox")
        await browser.get("/your-cases")
        await Program(there, "lm-1").get("/inbox")
    first = [(one.seen, one.door) for one in at_lists(service)[before:]]
    desk.at += timedelta(days=1)
    await (await signed_in(there, "lm-1")).get("/inbox")

    own = [(Seen.INBOX, Door.PAGES), (Seen.OWN_CASES, Door.PAGES), (Seen.INBOX, Door.API)]
    assert first == own
    assert [one.seen for one in at_lists(service)[before + 3 :]] == [Seen.INBOX]


@pytest.mark.parametrize(
    ("person", "path"),
    [("lm-1", "/inbox"), ("adm-1", "/administer/cases"), ("own-1", "/dashboards/open.csv")],
)
async def test_a_list_is_not_shown_when_the_look_cannot_be_recorded(
    service: Service, monkeypatch: pytest.MonkeyPatch, person: str, path: str
) -> None:
    desk = later(service)
    browser = await signed_in(
        Service(service.settings, service.client, service.ledger, desk), person
    )

    def full(*_: Any) -> None:
        raise Unavailable("The ledger cannot be reached.")

    with monkeypatch.context() as here:
        here.setattr(service.ledger.looks, "note", full)
        refused = await browser.get(path)
    before = len(at_lists(service))

    assert refused.status_code == 503
    # What was not recorded is not taken for recorded.
    assert (await browser.get(path)).status_code == 200
    assert len(at_lists(service)) == before + 1


# --- what auditors see of it --------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(settings_factory: Callable[..., Settings], client: Client) -> Iterator[Archive]:
    with archive(settings_factory(), client) as here:
        for person in ("lm-1", "com-1", "hoc-1"):
            here.desk.note_list(person, Seen.INBOX, Door.PAGES, 3)
        yield here


async def test_auditors_see_who_looked_at_lists_a_page_at_a_time(service: Service) -> None:
    service.desk.note_list("adm-1", Seen.CASES, Door.PAGES, 7, {"holder": "lm-1"}, role=Role.ADM)
    for _ in range(60):
        service.desk.note_list(None, Seen.CASES, Door.COMMAND_LINE, 9, account="night-shift")
    browser = await signed_in(service, "aud-1")
    first, second = [plain((await browser.get(f"/audit/lists?page={n}")).text) for n in (1, 2)]

    assert "command line of night-shift a list of cases, at the command line 9" in first
    assert "who looked at lists, in the pages page: 1" in first
    assert "(adm-1) , Administrator" in second
    assert "a list of cases, in the pages holder: lm-1 7" in second
    assert "each follows the one before" in first
    assert (await browser.get("/audit/lists?page=99999")).status_code == 200
    assert 'href="/audit/lists"' in (await browser.get("/audit")).text


async def verified_page(browser: Browser, case_id: str) -> str:
    """The page of a verification of one case, at its end."""
    begun = await browser.send("/audit/verify", case=case_id)
    for _ in range(400):
        answer = await browser.get(begun.headers["location"])
        if "refresh" not in answer.headers:
            return plain(answer.text)
        await asyncio.sleep(0.05)
    raise AssertionError("it never ended")


TAKEN_OUT = "DELETE FROM looked WHERE case_id = 'lists' AND seq = 2"


async def test_a_look_at_a_list_taken_out_shows_on_the_page_and_in_a_verification(
    kept: Archive, tmp_path: Path
) -> None:
    desk = tampered(kept, tmp_path, lambda copy: copy.execute(TAKEN_OUT))
    with desk.ledger:
        browser = await signed_in(Service(kept.settings, None, desk.ledger, desk), "aud-1")  # type: ignore[arg-type]
        page = plain((await browser.get("/audit/lists")).text)
        verification = await verified_page(browser, kept.ids[0])
        verdict = looks_at_lists(desk)

    assert "not as it was written, from look 2 on" in page
    assert "Who looked at lists is not as recorded From look 2 on" in verification
    assert "Everything agrees" not in verification
    assert verdict is not None
    assert verdict.broken_seq == 2


async def test_a_verification_says_how_many_looks_at_lists_it_checked(kept: Archive) -> None:
    there = Service(kept.settings, None, kept.desk.ledger, kept.desk)  # type: ignore[arg-type]
    browser = await signed_in(there, "aud-1")
    page = await verified_page(browser, kept.ids[0])

    assert "Everything agrees" in page
    assert f"Looks at lists {len(kept.desk.ledger.looks.of(LISTS))}" in page
    verdict = looks_at_lists(kept.desk)
    assert verdict is not None
    assert verdict.head in page, "to compare with one kept elsewhere"


def test_looks_at_a_case_that_is_gone_are_checked_all_the_same(
    kept: Archive, tmp_path: Path
) -> None:
    kept.desk.ledger.looks.note(
        kept.desk.ledger.looks.of(LISTS)[0].model_copy(update={"case_id": "case-of-nobody"})
    )
    gone = "DELETE FROM looked WHERE case_id = 'case-of-nobody'"
    desk = tampered(kept, tmp_path, lambda copy: copy.execute(gone))
    with desk.ledger:
        cases = {one.audit.case_id for one in verified(desk)}
        found = {one.case_id: one.ok for one in other_looks(desk, cases)}

    assert found == {"case-of-nobody": False, LISTS: True}
