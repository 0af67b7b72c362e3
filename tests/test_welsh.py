from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from babel.messages.pofile import read_po

from models.london import LONDON
from runtime.clock import utc_now
from tests.service import Service
from tests.web_help import Browser, day, plain
from web import catalogue
from web.drafts import pages
from web.language import (
    LANGUAGES,
    Language,
    bare,
    counted,
    counting,
    dated,
    other,
    say,
    speaking,
)
from web.language import catalogue as translations
from web.questions import Kind, every

WELSH = Language.WELSH
HOLE = re.compile(r"%\([a-z]+\)s")


@pytest.fixture
def welsh() -> Any:
    with speaking(WELSH):
        yield


# --- the texts ----------------------------------------------------------------------------------


def test_the_template_holds_every_text_that_can_be_translated() -> None:
    with (LANGUAGES / "messages.pot").open("rb") as file:
        listed = {str(one.id) for one in read_po(file) if one.id}
    # Out of date: run `python -m web.catalogue`.
    assert listed == catalogue.texts()


def test_every_text_of_the_journey_has_its_welsh() -> None:
    missing = sorted(catalogue.of_the_journey() - translations(WELSH).keys())
    assert missing == []


def test_a_translation_keeps_the_holes_of_its_english() -> None:
    for english, text in translations(WELSH).items():
        assert sorted(HOLE.findall(english)) == sorted(HOLE.findall(text)), english
        assert text.count("%") == len(HOLE.findall(text)), english


def test_no_translation_is_of_a_text_that_is_not_there_any_more() -> None:
    assert translations(WELSH).keys() <= catalogue.texts()


def test_what_stands_in_a_call_is_found_in_every_kind_of_source() -> None:
    found = catalogue.texts()
    # A template, a module, a form's question, a state of a procedure, a model's own words.
    assert {
        "Check your answers",
        "Choose who you are",
        "Who can see it?",
        "Line manager assessing",
        "is missing: name the platform",
    } <= found
    assert "Line manager assessing" not in translations(Language.ENGLISH)


# --- saying -------------------------------------------------------------------------------------


def test_english_is_said_as_it_stands() -> None:
    assert say("Check your answers") == bare("Check your answers") == "Check your answers"


@pytest.mark.usefixtures("welsh")
def test_what_has_no_welsh_is_said_in_english_and_marked_as_english() -> None:
    assert say("Check your answers") == "Gwirio\u2019ch atebion"
    assert say("Nobody said <this>") == '<span lang="en">Nobody said &lt;this&gt;</span>'
    assert bare("Nobody said <this>") == "Nobody said <this>"
    assert say("") == ""


@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize(
    ("english", "text"),
    [
        ("16 working hours", "16 awr waith"),
        ("30 minutes", "30 munud"),
        ("1 hour", "1 awr"),
        # A text that is not known, and one with two numbers, stay.
        ("7 sheep", "7 sheep"),
        ("2 of 3 hours", "2 of 3 hours"),
    ],
)
def test_numbers_stand_in_their_welsh_sentence(english: str, text: str) -> None:
    assert counting(english) == text


@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize(
    ("english", "text"),
    [
        ("Mon 30 Nov 2026 10:45 GMT", "Llun 30 Tach 2026 10:45 GMT"),
        ("Fri 1 May 2026", "Gwen 1 Mai 2026"),
        ("no date", "no date"),
    ],
)
def test_dates_have_welsh_days_and_months(english: str, text: str) -> None:
    assert dated(english) == text


@pytest.mark.usefixtures("welsh")
@pytest.mark.parametrize(
    ("english", "text"),
    [
        (
            "Mon 23 Nov 2026  15:30-17:00   1 h 30 min",
            "Llun 23 Tach 2026  15:30-17:00   1 awr 30 mun",
        ),
        ("Fri 25 Dec 2026  closed: Christmas Day", "Gwen 25 Rhag 2026  ar gau: Dydd Nadolig"),
        ("Mon 23 Nov 2026  before opening", "Llun 23 Tach 2026  cyn agor"),
        (
            "Total            8 h, due Tue 24 Nov 2026 10:00 GMT (calendar ew-1)",
            "Cyfanswm 8 awr, erbyn Maw 24 Tach 2026 10:00 GMT (calendr ew-1)",
        ),
        ("The clock of the step before runs on", "Mae cloc y cam blaenorol yn dal i redeg"),
    ],
)
def test_how_a_date_was_counted_is_said_in_welsh(english: str, text: str) -> None:
    assert counted(english) == text


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("", "?lang=cy"), ("lang=en", "?lang=cy"), ("procedure=D&lang=en", "?procedure=D&lang=cy")],
)
def test_the_switch_keeps_what_else_the_address_says(query: str, wanted: str) -> None:
    assert other(query) == (WELSH, "Cymraeg", wanted)


# --- the journey --------------------------------------------------------------------------------

SAFETY = {"immediate_danger": "no", "safeguarding_concern": "no", "used_personal_account": "no"}
ABOUT = {
    "affected_person": "fca-1",
    "kind": ["insult", "repeated_unwanted"],
    "author_known": "stranger",
    "linked_to_family_case": "no",
    "earlier_posts": "no",
    "reported_to_platform": "not yet",
    "reported_to_police": "no",
    "declaration": "yes",
}


def _post(number: int = 0) -> dict[str, Any]:
    seen = (utc_now() - timedelta(hours=2)).astimezone(LONDON)
    return {
        **day("discovered_at", f"{seen:%Y-%m-%d %H:%M}"),
        "how_came_to_see": "sent_to_me",
        "post_url": f"https://www.facebook.com/invented.group/posts/{utc_now():%H%M%S%f}{number}",
        "platform": "facebook",
        "visibility": "public",
        "description": "yn galw enwau ar y cydweithiwr a enwir, ac yn dweud ble maent yn gweithio",
    }


async def _in_welsh(service: Service) -> Browser:
    browser = Browser(service)
    await browser.get("/sign-in?lang=cy")
    await browser.send("/sign-in", person="fca-2")
    return browser


def _english_in(text: str) -> list[str]:
    """The English of our catalogue that a Welsh page says all the same."""
    said = f" {plain(text)} "
    known = translations(WELSH)
    return [
        english
        for english in catalogue.of_the_journey()
        if len(english) > 3
        and known[english] != english
        and not HOLE.search(english)
        and re.search(rf"(?<![\w/]){re.escape(english)}(?![\w/])", said)
    ]


def _is_welsh(answer: Any) -> str:
    assert '<html lang="cy"' in answer.text
    assert re.findall(r'<span lang="en">.*?</span>', answer.text) == []
    assert '<main class="govuk-main-wrapper" id="main-content">' in answer.text
    assert _english_in(answer.text) == []
    return plain(answer.text)


async def test_a_comment_about_a_colleague_is_reported_in_welsh_from_sign_in_to_reference(
    service: Service,
) -> None:
    browser = Browser(service)
    assert "Pwy ydych chi?" in _is_welsh(await browser.get("/sign-in?lang=cy"))
    await browser.send("/sign-in", person="fca-2")
    assert "Beth sydd wedi digwydd?" in _is_welsh(await browser.get("/start"))
    form = (await browser.send("/start", happened="E")).headers["location"].removesuffix("/safety")
    filled = [(f"{form}/safety", SAFETY), (f"{form}/post", _post()), (f"{form}/more", ABOUT)]
    for path, answers in filled:
        _is_welsh(await browser.get(path))
        answer = await browser.send(path, **answers)
        assert answer.status_code == 303, plain(answer.text)

    said = _is_welsh(await browser.get(f"{form}/check"))
    assert "Gwirio\u2019ch atebion" in said
    assert "Pwy: Rheolwr llinell: Beatrix Olumide (lm-1)" in said
    assert re.search(r"Erbyn: (Llun|Maw|Mer|Iau|Gwen) \d+ \w+ \d{4} \d\d:\d\d (GMT|BST)", said)
    assert "awr waith (E-T" in said
    assert "Cyfanswm" in said
    await browser.send(f"{form}/check")
    sent = _is_welsh(await browser.get(f"{form}/sent"))
    assert "Derbyniwyd yr adroddiad Eich cyfeirnod case-" in sent
    case_id = "case-" + sent.partition("case-")[2][:12]
    # What was sent is what an English form would have sent.
    fields = service.ledger.trail(case_id)[0].private.fields
    assert (fields["platform"], fields["kind"]) == ("facebook", ["insult", "repeated_unwanted"])


async def test_what_is_wrong_is_said_in_welsh_at_its_question(service: Service) -> None:
    browser = await _in_welsh(service)
    form = (await browser.send("/start", happened="E")).headers["location"].removesuffix("/safety")
    none = _is_welsh(await browser.send(f"{form}/safety"))
    assert "Gwall: " in none
    assert "Mae problem" in none
    assert "A oes rhywun mewn perygl uniongyrchol? Atebwch y cwestiwn hwn" in none

    wrong = _post() | day("discovered_at", "2026-02-30 10:00") | {"description": "rhy fyr"}
    said = _is_welsh(await browser.send(f"{form}/post", **wrong))
    assert "mae\u2019n rhy fyr (o leiaf 20 nod)" in said
    assert "Nid oes dyddiad neu amser o\u2019r fath" in said
    # What is wrong between two answers shows once each by itself is right.
    for step, answers in (("safety", SAFETY), ("post", _post() | {"platform": "other"})):
        await browser.send(f"{form}/{step}", **answers)
    await browser.send(f"{form}/more", **ABOUT)
    last = _is_welsh(await browser.get(f"{form}/check"))
    assert "Os yn rhywle arall, ble?: rhowch enw\u2019r platfform" in last


async def test_the_choice_lasts_and_can_be_taken_back_on_any_page(service: Service) -> None:
    browser = await _in_welsh(service)
    cookies = (await browser.get("/start?lang=cy")).headers.get_list("set-cookie")
    assert any(
        one.startswith("casework-language=cy;") and "HttpOnly" in one and "SameSite=lax" in one
        for one in cookies
    )
    assert '<html lang="cy"' in (await browser.get("/start")).text
    assert '<html lang="en"' in (await browser.get("/start?lang=en")).text
    assert '<html lang="en"' in (await browser.get("/start")).text
    # A language that is none changes nothing.
    assert '<html lang="en"' in (await browser.get("/start?lang=xx")).text


async def test_over_tls_the_choice_is_bound_to_the_host(service: Service) -> None:
    answer = await Browser(service, scheme="https").get("/sign-in?lang=cy")
    kept = [one for one in answer.headers.get_list("set-cookie") if "language" in one]
    assert kept[0].startswith("__Host-casework-language=cy;")
    assert kept[0].endswith("; Secure")


async def test_a_page_without_its_welsh_says_that_its_main_part_is_english(
    service: Service,
) -> None:
    browser = await _in_welsh(service)
    answer = await browser.get("/inbox")
    assert '<html lang="cy"' in answer.text
    assert re.search(r"<main[^>]* lang=\"en\"", answer.text)
    assert "Allgofnodi" in plain(answer.text)


def test_every_question_of_the_journey_has_its_own_words() -> None:
    """A question asked by the name of its field would be no text of ours to translate."""
    for page in pages(catalogue.JOURNEY):
        for question in every(page.questions):
            if question.kind is not Kind.GROUP:
                assert question.label in translations(WELSH)
