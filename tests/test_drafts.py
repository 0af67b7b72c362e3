from __future__ import annotations

import asyncio
import re
import subprocess
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from activities.drafts import KeptDraft
from models.errors import BadInput, CaseworkError
from runtime.building import build_desk
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.desk_drafts import MOST
from runtime.keyring import Tampered
from tests.service import Service
from tests.web_help import Browser, day, plain
from web.drafts import Draft

SAFETY = {"immediate_danger": "no", "safeguarding_concern": "no", "used_personal_account": "no"}
SECRET = "says where the colleague lives, canary-4712"


async def _begun(browser: Browser, code: str = "R") -> str:
    answer = await browser.send("/start", happened=code)
    return str(answer.headers["location"]).removesuffix("/safety")


def _id(form: str) -> str:
    return form.rpartition("/")[2]


def _post() -> dict[str, Any]:
    at = utc_now() - timedelta(hours=2)
    return {
        **day("discovered_at", f"{at:%Y-%m-%d %H:%M}"),
        "how_came_to_see": "sent_to_me",
        "post_url": f"https://www.facebook.com/invented.group/posts/{utc_now():%H%M%S%f}",
        "platform": "facebook",
        "visibility": "public",
        "description": SECRET,
    }


ABOUT = {
    "affected_person": "fca-1",
    "kind": ["insult"],
    "author_known": "stranger",
    "linked_to_family_case": "no",
    "earlier_posts": "no",
    "reported_to_platform": "not yet",
    "reported_to_police": "no",
    "declaration": "yes",
}


async def _filled_in(browser: Browser) -> str:
    form = await _begun(browser, "E")
    await browser.send(f"{form}/safety", **SAFETY)
    await browser.send(f"{form}/post", **_post())
    answer = await browser.send(f"{form}/more", **ABOUT)
    assert answer.headers.get("location") == f"{form}/check", plain(answer.text)
    return form


# --- kept ---------------------------------------------------------------------------------------


async def test_a_form_outlasts_the_browser_and_a_restart(service: Service) -> None:
    form = await _begun(await Browser(service).sign_in("fca-2"))
    first = await Browser(service).sign_in("fca-2")
    await first.send(f"{form}/safety", **SAFETY)
    await first.send(f"{form}/post", description=SECRET)
    # Another application on the same ledger: nothing of the first is in its memory.
    later = await Browser(service).sign_in("fca-2")

    assert f'href="{form}/more"' in (await later.get("/start")).text
    assert f'href="{form}/more"' in (await later.get("/inbox")).text
    assert SECRET in (await later.get(f"{form}/post")).text


async def test_a_form_is_its_owners_alone(service: Service) -> None:
    owner = await Browser(service).sign_in("fca-2")
    form = await _begun(owner)
    await owner.send(f"{form}/post", description=SECRET)
    other = await Browser(service).sign_in("fca-3")
    await other.get("/start")
    answers = [await other.get(f"{form}/{page}") for page in ("post", "check", "delete", "sent")]

    assert {answer.status_code for answer in answers} == {404}
    assert _id(form) not in (await other.get("/start")).text
    assert service.desk.begun_form(_id(form), "fca-2") is not None


async def test_what_was_typed_lies_in_the_sealed_column_only(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser)
    await browser.send(f"{form}/post", description=SECRET)
    with service.ledger._database.read() as connection:
        row = connection.execute(
            sa.text("SELECT * FROM draft WHERE id = :id"), {"id": _id(form)}
        ).one()
    # By another process: closing a file here would take SQLite's locks on it away.
    files = [str(file) for file in service.settings.home.glob("ledger.db*")]
    lying_there = subprocess.run(["cat", *files], capture_output=True, check=True).stdout  # noqa: ASYNC221, S607  # our own files

    assert {*row._mapping} == {"id", "person", "revision", "sealed", "changed_at", "until"}
    assert "canary-4712" not in repr(tuple(row))
    assert b"canary-4712" not in lying_there
    assert _id(form).encode() in lying_there


async def test_a_draft_moved_to_somebody_else_cannot_be_opened(service: Service) -> None:
    begun = service.desk.begin_form("R", "fca-2")
    with service.ledger._database.write() as connection:
        moved = sa.text("UPDATE draft SET person = 'fca-4' WHERE id = :id")
        connection.execute(moved, {"id": begun.id})

    with pytest.raises(Tampered):
        service.desk.begun_form(begun.id, "fca-4")
    assert service.desk.begun_forms("fca-4") == []
    service.desk.drop_form(begun.id, "fca-4")


# --- gone ---------------------------------------------------------------------------------------


async def test_a_form_that_was_sent_is_deleted(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _filled_in(browser)
    await browser.send(f"{form}/check")
    said = plain((await browser.get(f"{form}/sent")).text)

    assert "Report received" in said
    assert service.desk.begun_form(_id(form), "fca-2") is None
    assert _id(form) not in (await browser.get("/start")).text


async def test_its_owner_deletes_a_form(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser)
    asked = plain((await browser.get(f"{form}/delete")).text)
    await browser.send(f"{form}/delete")

    assert "cannot be brought back" in asked
    assert service.desk.begun_form(_id(form), "fca-2") is None
    assert (await browser.get(f"{form}/safety")).status_code == 404


async def test_a_form_that_nobody_touches_goes_by_itself(service: Service) -> None:
    now = utc_now()
    desk, later = _desk(service, now), _desk(service, now + timedelta(days=14, seconds=1))
    begun = desk.begin_form("R", "fca-4")

    assert desk.begun_form(begun.id, "fca-4") == begun
    assert later.begun_form(begun.id, "fca-4") is None
    assert later.begun_forms("fca-4") == []
    # The next form that anybody begins takes it out of the database.
    other = later.begin_form("R", "fca-5")
    with service.ledger._database.read() as connection:
        left = connection.execute(sa.text("SELECT id FROM draft")).scalars().all()
    assert begun.id not in left
    later.drop_form(other.id, "fca-5")


async def test_touching_a_form_keeps_it_longer(service: Service) -> None:
    now = utc_now()
    begun = _desk(service, now).begin_form("R", "fca-4")
    day_13 = _desk(service, now + timedelta(days=13))
    touched = day_13.answer_form(begun.id, "fca-4", "safety", 0, lambda old: {**old, "x": ("y",)})

    assert touched.until == begun.until + timedelta(days=13)
    day_13.drop_form(begun.id, "fca-4")


def _desk(service: Service, now: Any) -> Desk:
    return build_desk(service.settings, ledger=service.ledger, clock=lambda: now)


async def test_the_page_says_until_when_it_is_kept(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser)

    assert "is kept for you until" in plain((await browser.get(f"{form}/safety")).text)


async def test_nobody_begins_more_forms_than_they_can_oversee(service: Service) -> None:
    begun = [service.desk.begin_form("R", "fca-5") for _ in range(MOST)]
    browser = await Browser(service).sign_in("fca-5")
    answer = await browser.send("/start", happened="R")

    assert answer.status_code == 422
    assert "Send or delete one of them first" in plain(answer.text)
    assert len(service.desk.begun_forms("fca-5")) == MOST
    for one in begun:
        service.desk.drop_form(one.id, "fca-5")


# --- sent twice ---------------------------------------------------------------------------------


async def test_a_form_sent_from_two_windows_at_once_makes_one_case(service: Service) -> None:
    one = await Browser(service).sign_in("fca-2")
    two = await Browser(service).sign_in("fca-2")
    form = await _filled_in(one)
    before = len(service.desk.cases(limit=10_000))
    pages = [await browser.get(f"{form}/check") for browser in (one, two)]
    tokens = [re.findall(r'name="csrf" value="([^"]+)"', page.text)[0] for page in pages]
    await asyncio.gather(
        *(
            browser.client.post(f"{form}/check", data={"csrf": token})
            for browser, token in zip((one, two), tokens, strict=True)
        )
    )

    assert len(service.desk.cases(limit=10_000)) == before + 1


async def test_a_form_sent_again_after_it_is_gone_says_that_it_made_no_second_case(
    service: Service,
) -> None:
    one = await Browser(service).sign_in("fca-2")
    two = await Browser(service).sign_in("fca-2")
    form = await _filled_in(one)
    token = re.findall(r'name="csrf" value="([^"]+)"', (await two.get(f"{form}/check")).text)[0]
    await one.send(f"{form}/check")
    before = len(service.desk.cases(limit=10_000))
    answer = await two.client.post(f"{form}/check", data={"csrf": token})
    again = await one.client.post(f"{form}/check", data={"csrf": await _csrf(one)})

    assert answer.status_code == 404
    assert "no second case" in plain(answer.text)
    assert again.headers["location"] == f"{form}/sent"
    assert len(service.desk.cases(limit=10_000)) == before


async def _csrf(browser: Browser) -> str:
    found: list[str] = re.findall(
        r'name="csrf" value="([^"]+)"', (await browser.get("/inbox")).text
    )
    return found[0]


async def test_a_form_whose_answer_was_lost_leads_to_the_case_it_made(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _filled_in(browser)
    begun = service.desk.begun_form(_id(form), "fca-2")
    assert begun is not None
    # As when the machine stopped after the case was opened and before the form was deleted.
    opening = await service.desk.open("E", Draft(begun).form(lambda text: text), "fca-2")
    await browser.send(f"{form}/check")
    said = plain((await browser.get(f"{form}/sent")).text)

    assert opening.case_id in said
    assert "had been sent before" in said


# --- two windows --------------------------------------------------------------------------------


async def _answer(browser: Browser, path: str, seen: str, **fields: Any) -> Any:
    form = {"csrf": await _csrf(browser), "seen": seen, **fields}
    return await browser.client.post(path, data=form)


async def test_two_windows_do_not_overwrite_each_other_silently(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser)
    path = f"{form}/safety"
    await _answer(browser, path, "0", immediate_danger="yes")
    answer = await _answer(browser, path, "0", immediate_danger="no", safeguarding_concern="no")
    said = plain(answer.text)
    begun = service.desk.begun_form(_id(form), "fca-2")

    assert answer.status_code == 409
    assert "changed elsewhere since you opened it" in said
    assert "Is somebody in immediate danger? Yes" in said
    assert re.search(r'value="no" checked', answer.text)
    assert begun is not None
    assert begun.answers["immediate_danger"] == ("yes",)

    # Having read both, its owner decides.
    seen = re.findall(r'name="seen" value="(\d+)"', answer.text)[0]
    await _answer(browser, path, seen, **SAFETY)
    begun = service.desk.begun_form(_id(form), "fca-2")
    assert begun is not None
    assert begun.answers["immediate_danger"] == ("no",)


async def test_pressing_twice_is_no_change_elsewhere(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser)
    answers = [await _answer(browser, f"{form}/safety", "0", **SAFETY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]


async def test_two_windows_on_two_pages_of_a_form_both_keep_theirs(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser)
    await _answer(browser, f"{form}/safety", "0", **SAFETY)
    await _answer(browser, f"{form}/post", "0", description=SECRET)
    begun = service.desk.begun_form(_id(form), "fca-2")

    assert begun is not None
    assert begun.answers["immediate_danger"] == ("no",)
    assert begun.answers["description"] == (SECRET,)


async def test_a_change_that_comes_in_between_is_not_lost(service: Service) -> None:
    begun = service.desk.begin_form("R", "fca-4")
    desk, looks = service.desk, 0

    def merge(old: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        nonlocal looks
        looks += 1
        if looks == 1:
            desk.answer_form(begun.id, "fca-4", "more", 0, lambda one: {**one, "b": ("2",)})
        return {**old, "a": ("1",)}

    kept = desk.answer_form(begun.id, "fca-4", "safety", 0, merge)

    assert (looks, kept.answers) == (2, {"a": ("1",), "b": ("2",)})
    desk.drop_form(begun.id, "fca-4")


def test_an_overtaken_draft_is_not_written(service: Service) -> None:
    now, drafts = utc_now(), service.ledger.drafts
    first = KeptDraft("d-1", "fca-4", 1, b"one", now, now + timedelta(days=1))
    second = first._replace(revision=2, content=b"two")

    assert drafts.put(first)
    assert not drafts.put(first)
    assert drafts.put(second)
    assert not drafts.put(second._replace(content=b"also two"))
    assert drafts.get("d-1", "fca-4", now) == second
    drafts.drop("d-1", "fca-4")
    assert not drafts.put(second._replace(revision=3))


def test_a_form_that_is_gone_says_so(service: Service) -> None:
    with pytest.raises(CaseworkError, match="not there any more") as gone:
        service.desk.answer_form("nothing", "fca-4", "safety", 0, lambda old: old)

    assert not isinstance(gone.value, BadInput)


# --- one answer, not two ------------------------------------------------------------------------


async def test_a_number_beside_a_tick_that_it_cannot_be_seen_is_not_dropped(
    service: Service,
) -> None:
    browser = await Browser(service).sign_in("fca-1")
    form = await _begun(browser)
    typed = {"reach": "40", "reach-either": "not visible"}
    both = await browser.send(f"{form}/more", **typed)
    shown = await browser.get(f"{form}/check")
    one = await browser.send(f"{form}/more", reach="40")

    assert both.status_code == 422
    assert plain(both.text).count("Give an answer, or tick the box below it, not both") == 2
    assert 'value="40"' in both.text
    assert "not both" in shown.text
    assert "not both" not in one.text
