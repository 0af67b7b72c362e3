"""Linked and look-alike cases as a case and its people see them, in the core and at the desk (6.4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from activities.ledger import Ledger
from models.case import Entry, Kind, Opened, Private
from models.forms import Note
from models.london import parse_london
from models.people import Role
from models.report import Report
from procedures.court_directed_access import CourtDirectedAccess
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES, kept_apart
from procedures.words import Act, Outcome, Start, Step
from runtime import audit, building, showing
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.desk_opening import Opening
from runtime.path_ahead import path_ahead
from runtime.settings import Settings
from tests.core_help import Play, a_target
from tests.service import Service, intake
from tests.test_a_small_procedure import Chatty, Errand, case, opened

LINKED = ("case-a", "case-b")
ALIKE = ("case-c",)


class Complaint(Errand):
    """Kept apart from errands by its own word alone."""

    key, code = "complaint", "COMPLAINT"
    apart_from: ClassVar[tuple[str, ...]] = ("errand",)


class Nobody(Procedure):
    """Opens into an outcome at once: nobody holds a first step."""

    key, code, title = "nobody", "NOBODY", "Nobody's work"
    intake_form, record_form = Report, Note
    starters, opening = (Role.PR,), "ask"

    draft = Start("Draft", "Y0")
    waiting = Step("Waiting", "Y1", held_by=Role.LM)
    done = Outcome("Done", "YF")

    ask = Act("Y-1", "Ask", draft.to(done), who=Role.PR, form=Report)
    wait = Act("Y-2", "Wait", draft.to(waiting), who=Role.PR, form=Report)
    end = Act("Y-3", "End", waiting.to(done), who=Role.LM)

    @classmethod
    def first_record(cls, intake: Any) -> Note:
        """Nothing is gathered."""
        return Note()


def lines_of(kind: type[Procedure] = Errand, **found: Any) -> tuple[Procedure, list[Entry]]:
    report = {"intake": a_report().model_dump(mode="json")} if kind is Nobody else {}
    fact = opened(kind).model_copy(update=report | found)
    made = kind.begin(fact)
    return made, [line.entry for line in made.fold(fact).lines]


# --- the trail --------------------------------------------------------------------------------


def test_links_and_suggestions_are_entries_of_their_own_behind_the_opening() -> None:
    errand, (first, linked, alike) = lines_of(linked=LINKED, similar=ALIKE)
    assert (first.kind, linked.kind, alike.kind) == (Kind.OPENED, Kind.FLAGGED, Kind.FLAGGED)
    assert (linked.code, alike.code) == ("linked", "looks_alike")
    assert linked.label.endswith(": case-a, case-b")
    assert alike.label.endswith(": case-c")
    for entry in (linked, alike):
        assert (entry.clauses, entry.mark, entry.before, entry.after) == (
            ("6.4",), "R", "asked", "asked",
        )  # fmt: skip
    assert errand.case.links == LINKED


def test_whoever_holds_the_first_step_is_told_and_no_notice_names_the_other_case() -> None:
    # Chatty has a task of the reporter's beside the step: whoever has only that is not asked.
    _, (_, linked, alike) = lines_of(Chatty, linked=LINKED, similar=ALIKE)
    for entry in (linked, alike):
        assert [(tell.person, tell.what, tell.clause) for tell in entry.tells] == [
            ("lm-1", "told", "6.4")
        ]
        assert "case-" not in entry.tells[0].about


def test_a_case_nobody_holds_tells_the_line_manager() -> None:
    made, (_, linked) = lines_of(Nobody, linked=LINKED)
    assert made.closed
    assert [tell.person for tell in linked.tells] == ["lm-1"]


def test_a_suggestion_links_nothing() -> None:
    errand, (_, alike) = lines_of(similar=ALIKE)
    assert alike.code == "looks_alike"
    assert errand.case.links == ()


def test_an_opening_without_links_is_the_same_to_the_byte_as_before_there_were_any() -> None:
    errand, lines = lines_of()
    assert [entry.kind for entry in lines] == [Kind.OPENED]
    assert errand.case.links == ()
    written = opened().model_dump(mode="json")
    assert not {"linked", "similar"} & set(written)
    assert Opened.model_validate(written) == opened()


def test_an_opening_with_links_is_read_back_as_it_was() -> None:
    fact = opened().model_copy(update={"linked": LINKED, "similar": ALIKE})
    again = Private.model_validate(json.loads(Private(fact=fact).model_dump_json())).fact
    assert again == fact
    assert (fact.linked, fact.similar) == (LINKED, ALIKE)


def test_links_are_carried_over_with_the_case() -> None:
    errand, _ = lines_of(linked=LINKED)
    text = errand.case.model_dump_json()
    assert Errand.resume(json.loads(text)).case.links == LINKED
    old = json.loads(case().case.model_dump_json())
    del old["links"]  # carried over by a program that knew none
    assert Errand.resume(old).case.links == ()


def test_a_joined_report_names_its_links_before_it_closes() -> None:
    fact = Play().opened.model_copy(update={"same_as": "case-0", "linked": LINKED})
    access = CourtDirectedAccess.begin(fact)
    entries = [line.entry for line in access.fold(fact).lines]
    assert [entry.code or entry.act for entry in entries] == ["D-01", "linked", "D-24"]
    assert access.here == "joined"


def test_a_refused_intake_has_no_links() -> None:
    form = Play(asked_by="party").opened.model_copy(update={"linked": LINKED})
    access = CourtDirectedAccess.begin(form)
    assert [line.entry.kind for line in access.fold(form).lines] == [Kind.REFUSED]
    assert access.case.links == ()


# --- what a procedure says --------------------------------------------------------------------


def test_a_procedure_that_says_nothing_is_about_no_post_and_nobody() -> None:
    form = opened().intake
    assert Errand.posts(Errand.read(form)) == ()
    assert Errand.author(Errand.read(form)) is None
    assert Errand.apart_from == ()


def test_access_is_about_the_addresses_of_the_order_and_handles_are_none() -> None:
    def posts(**changes: Any) -> tuple[str, ...]:
        return CourtDirectedAccess.posts(Play(**changes).case.case.intake)

    address = a_target(account="https://m.facebook.com/a.b?fbclid=1")
    assert posts(targets=[address, a_target(account="a.b")]) == ("https://facebook.com/a.b",)
    assert posts(targets=[address], asked_by="party") == (), "what is refused is about nothing"


@pytest.fixture
def apart_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Errand, Complaint):
        monkeypatch.setitem(PROCEDURES, kind.key, kind)


@pytest.mark.usefixtures("apart_ones")
def test_of_two_procedures_one_word_keeps_both_apart() -> None:
    assert kept_apart(Complaint) == ("errand",)
    assert kept_apart(Errand) == ("complaint",)
    assert kept_apart(CourtDirectedAccess) == ()


# --- a dry run --------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a ledger and no server: enough for all that is not sent."""
    settings = Settings(home=tmp_path)
    with Ledger(f"sqlite:///{tmp_path}/ledger.db", None) as ledger:
        yield building.build_desk(
            settings, ledger=ledger, directory=building.open_directory(settings, ledger)
        )


def claim(desk: Desk, form: dict[str, Any]) -> None:
    kind = CourtDirectedAccess
    key = kind.identity(kind.read(form))
    desk.ledger.migrate()
    desk.ledger.claim(form["submission_token"], "case-secret", key)


def test_a_dry_run_says_that_it_would_join_and_not_what(desk: Desk) -> None:
    claim(desk, intake(order_reference="ORD-ONE"))
    case_ahead = desk.dry_run("D", intake(order_reference="ord-one"), "fca-2")
    path = path_ahead(case_ahead)
    said = "A report of this matter is already being handled; yours will be joined to it."
    assert path.joins == said
    assert list(showing.ahead(path, showing.People(desk.directory)))[1:] == [said]
    assert path.open == ()
    for document in (path, case_ahead.case):
        assert "case-secret" not in document.model_dump_json()


def test_a_dry_run_speaks_of_a_post_when_the_form_is_about_one(desk: Desk) -> None:
    targets = [INTAKE_TARGET | {"account": "https://facebook.com/a.b"}]
    claim(desk, intake(order_reference="ORD-ONE", targets=targets))
    path = path_ahead(
        desk.dry_run("D", intake(order_reference="ORD-ONE", targets=targets), "fca-2")
    )
    assert path.joins.startswith("A report of this post is already being handled")


@pytest.mark.parametrize(
    "changes",
    [
        {"order_reference": "ORD-TWO"},  # another matter
        {"asked_by": "party"},  # refused: it would join nothing
        {"safeguarding_concern": "yes"},  # not joined: somebody has to act on it
    ],
)
def test_a_dry_run_of_what_would_not_be_joined_says_nothing_of_another_case(
    desk: Desk, changes: dict[str, Any]
) -> None:
    claim(desk, intake(order_reference="ORD-ONE"))
    form = intake(**{"order_reference": "ORD-ONE", **changes})
    assert path_ahead(desk.dry_run("D", form, "fca-2")).joins == ""


def test_a_dry_run_claims_nothing_and_makes_no_ledger(desk: Desk, tmp_path: Path) -> None:
    form = intake(order_reference="ORD-ONE")
    assert path_ahead(desk.dry_run("D", form, "fca-1")).joins == ""
    assert not (tmp_path / "ledger.db").exists()
    claim(desk, intake(order_reference="ORD-TWO"))
    for _ in range(2):
        assert path_ahead(desk.dry_run("D", form, "fca-1")).joins == ""


def test_a_ledger_that_cannot_be_read_does_not_spoil_a_dry_run(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    assert path_ahead(desk.dry_run("D", intake(), "fca-1")).open


def a_report(**changes: Any) -> Report:
    """A report of a post with an address on the platform it names."""
    form = {
        **opened().intake, "discovered_at": "2026-11-23 09:00", "how_came_to_see": "by_chance",
        "post_url": "https://m.facebook.com/a.body/posts/1?fbclid=1", "platform": "facebook",
        "author_handle": "@A.Body", "visibility": "public",
        "description": "A post that speaks of a colleague at work.",
    }  # fmt: skip
    return Report.model_validate({**form, **changes})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, ""),
        ({"post_url": "https://faceb00k.com/a"}, "post_url"),
        ({"post_url": "https://f\u0430cebook.com/a"}, "post_url"),
        ({"platform": "instagram"}, "post_url"),
        ({"post_url": None, "platform": "instagram"}, ""),  # no address, nothing to disagree
        ({"discovered_at": "2026-08-25 10:00"}, ""),  # 09:00 UTC: ninety days to the minute
        (
            {"discovered_at": "2026-08-25 10:59"},
            "",
        ),  # ninety days less 59 minutes, for 10:59 was summer time
        ({"discovered_at": "2026-08-25 09:59"}, "discovered_at"),  # 08:59 UTC: a minute beyond
    ],
)
def test_what_may_be_a_slip_is_taken_and_warned_of(changes: dict[str, Any], field: str) -> None:
    warnings = a_report(**changes).warnings_at(parse_london("2026-11-23 09:00"))
    assert [warning.partition(" ")[0] for warning in warnings] == ([field] if field else [])


def test_a_report_names_its_post_and_its_author_in_one_spelling() -> None:
    report = a_report()
    assert (report.post, report.author) == (
        "https://facebook.com/a.body/posts/1", "facebook:a.body",
    )  # fmt: skip
    assert a_report(author_handle="\u200b@").author is None, "nothing visible is nobody"
    assert a_report(post_url=None).post is None


def test_the_answer_to_a_form_repeats_what_may_be_a_slip(desk: Desk) -> None:
    answer = Opening(
        case_id="case-1", procedure="nobody", state="done", label="Done", warnings=("check it",)
    )
    assert "Please check: check it." in showing.opening(answer, showing.People(desk.directory))


def test_a_dry_run_shows_what_may_be_a_slip(desk: Desk) -> None:
    report = a_report(platform="instagram").model_dump(mode="json")
    fact = opened(Nobody).model_copy(update={"intake": report})
    made = Nobody.begin(fact)
    made.fold(fact)
    path = path_ahead(made)
    said = list(showing.ahead(path, showing.People(desk.directory)))
    assert said[1] == (
        "Please check: post_url is not on the platform you chose; it is kept as you gave it."
    )


# --- on the server ----------------------------------------------------------------------------

INTAKE_TARGET: dict[str, Any] = intake()["targets"][0]


async def test_two_orders_about_one_address_are_two_cases_that_know_of_each_other(
    service: Service,
) -> None:
    ours = [INTAKE_TARGET | {"account": "https://facebook.com/two.orders?fbclid=1"}]
    theirs = [INTAKE_TARGET | {"account": "https://m.facebook.com/two.orders"}]
    first = await service.open(targets=ours)
    second = await service.open(by="fca-2", targets=theirs)
    entry = service.ledger.trail(second)[1].entry
    assert (entry.code, entry.label.rpartition(": ")[2]) == ("linked", first)
    assert service.desk.show(second).case.state == "registered"
    assert [each.ok for each in audit.audit(service.ledger, second)] == [True]


async def test_two_forms_for_one_order_sent_at_once_open_one_case_and_join_the_other(
    service: Service,
) -> None:
    forms = [intake(order_reference="ORD-AT-ONCE") for _ in range(4)]
    openings = await asyncio.gather(*(service.desk.open("D", form, "fca-1") for form in forms))
    states = sorted(opening.state for opening in openings)
    assert states == ["joined", "joined", "joined", "registered"]
    (leading,) = {opening.case_id for opening in openings if opening.state == "registered"}
    for opening in openings:
        fact = service.ledger.trail(opening.case_id)[0].private.fact
        assert isinstance(fact, Opened)
        assert fact.same_as == (None if opening.case_id == leading else leading)
        assert fact.linked == ()


async def test_a_form_sent_again_after_others_came_is_still_the_same_case(
    service: Service,
) -> None:
    form = intake(targets=[INTAKE_TARGET | {"account": "https://facebook.com/again"}])
    first = await service.desk.open("D", form, "fca-1", at=utc_now() - timedelta(minutes=1))
    await service.open(targets=form["targets"])
    again = await service.desk.open("D", form, "fca-1")
    assert (again.case_id, again.repeated) == (first.case_id, True)
    assert len(service.ledger.trail(first.case_id)) == 1
