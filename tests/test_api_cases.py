"""Cases over HTTP: opened once, rehearsed, listed, and shown as far as they are for the caller."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from models.looked import Door, Seen
from runtime import building
from tests.api_help import Program, form
from tests.service import Service, running
from web.api.problems import TYPE


def _new(**changes: Any) -> dict[str, Any]:
    return {"procedure": "D", "form": form(**changes)}


# --- opening --------------------------------------------------------------------------------------


async def test_a_form_opens_a_case_and_says_where_it_is(service: Service) -> None:
    program = Program(service, "fca-1")
    answer = await program.open()
    shown = await program.client.get(answer.headers["location"].removeprefix("/v1/"))

    assert answer.status_code == 201
    assert answer.headers["idempotent-replayed"] == "false"
    assert shown.headers["etag"] == answer.headers["etag"]
    assert shown.json()["code"] == "D1"


async def test_the_same_form_with_the_same_key_is_the_same_case(service: Service) -> None:
    program, key, new = Program(service, "fca-1"), str(uuid4()), _new()
    first = await program.post("/cases", new, key=key)
    again = await program.post("/cases", new, key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"repeated": True}
    assert service.desk.show(first.json()["case_id"]).case.seq == 1


async def test_a_form_is_answered_again_also_when_it_could_not_be_sent_any_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, key, new = Program(service, "fca-1"), str(uuid4()), _new()
    first = await program.post("/cases", new, key=key)
    # A year earlier it would lie in the future, and not be taken.
    earlier = service.desk.now() - timedelta(days=365)
    monkeypatch.setattr(service.desk, "_clock", lambda: earlier)
    assert (await program.post("/cases", new)).status_code == 422
    again = await program.post("/cases", new, key=key)

    assert again.json()["case_id"] == first.json()["case_id"]


@pytest.mark.parametrize("who", ["fca-1", "fca-2"])
async def test_a_key_that_was_sent_with_something_else_opens_nothing(
    service: Service, who: str
) -> None:
    key, new = str(uuid4()), _new()
    await Program(service, "fca-1").post("/cases", new, key=key)
    other = new if who == "fca-2" else _new(purpose="to see something else altogether")
    answer = await Program(service, who).post("/cases", other, key=key)

    assert (answer.status_code, answer.json()["type"]) == (422, TYPE + "key-used")


async def test_two_at_the_same_moment_make_one_case(service: Service) -> None:
    key, new = str(uuid4()), _new()
    programs = [Program(service, "fca-1") for _ in range(4)]
    answers = await asyncio.gather(*(one.post("/cases", new, key=key) for one in programs))

    assert [one.status_code for one in answers] == [201] * 4
    assert len({one.json()["case_id"] for one in answers}) == 1


async def test_of_two_forms_at_the_same_moment_under_one_key_only_one_is_told_it_is_open(
    service: Service,
) -> None:
    key, forms = str(uuid4()), [_new(), _new()]
    program = Program(service, "fca-1")
    answers = await asyncio.gather(*(program.post("/cases", one, key=key) for one in forms))

    assert sorted(one.status_code for one in answers) == [201, 422]
    opened = next(one.json()["case_id"] for one in answers if one.status_code == 201)
    sent = next(
        one["form"] for one, answer in zip(forms, answers, strict=True) if answer.is_success
    )
    shown = (await program.get(f"/cases/{opened}")).json()["form"]
    assert shown["order_reference"] == sent["order_reference"]


async def test_another_service_on_the_same_ledger_knows_the_key(service: Service) -> None:
    key, new = str(uuid4()), _new()
    first = await Program(service, "fca-1").post("/cases", new, key=key)
    case_id, etag = first.json()["case_id"], first.headers["etag"]
    act = {"act": "agree", "reason": "A reason of more than twenty letters.",
           "fields": {"targets_match_order": True}}  # fmt: skip
    path, other_key = f"/cases/{case_id}/decisions", str(uuid4())
    decided = await Program(service, "lm-1").post(path, act, key=other_key, match=etag)
    ledger = building.open_ledger(service.settings)
    desk = building.build_desk(service.settings, ledger=ledger, client=service.client)
    restarted = Service(service.settings, service.client, ledger, desk)
    again = await Program(restarted, "fca-1").post("/cases", new, key=key)
    repeated = await Program(restarted, "lm-1").post(path, act, key=other_key, match=etag)
    ledger.close()

    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["case_id"] == case_id
    assert repeated.headers["idempotent-replayed"] == "true"
    assert repeated.json()["receipt"] == decided.json()["receipt"] | {"repeated": True}


@pytest.mark.parametrize(
    ("key", "kind", "status"),
    [(None, "key-required", 400), ("not-a-uuid", "not-usable", 422)],
)
async def test_no_case_is_opened_without_a_key(
    service: Service, key: str | None, kind: str, status: int
) -> None:
    answer = await Program(service, "fca-1").post("/cases", _new(), key=key)

    assert (answer.status_code, answer.json()["type"]) == (status, TYPE + kind)


async def test_a_token_in_the_form_must_be_the_key(service: Service) -> None:
    program, key = Program(service, "fca-1"), str(uuid4())
    other = await program.post("/cases", _new(submission_token=str(uuid4())), key=key)
    same = await program.post("/cases", _new(submission_token=key), key=key)

    assert other.json()["errors"][0]["pointer"] == "#/form/submission_token"
    assert same.status_code == 201


async def test_what_the_procedure_refuses_is_a_conflict_that_names_the_record_of_it(
    service: Service,
) -> None:
    program = Program(service, "fca-1")
    answer = await program.open(asked_by="party")
    recorded = await program.get(f"/cases/{answer.json()['case_id']}")

    assert (answer.status_code, answer.json()["type"]) == (409, TYPE + "form-refused")
    assert recorded.json()["closed"] is True


async def test_who_may_not_open_a_procedure_is_told_so(service: Service) -> None:
    answer = await Program(service, "com-1").open()

    assert (answer.status_code, answer.json()["type"]) == (403, TYPE + "not-allowed")
    assert answer.json()["code"] == "not_a_starter"


async def test_a_rehearsal_shows_who_decides_by_when_and_opens_nothing(service: Service) -> None:
    program = Program(service, "fca-1")
    before = service.desk.cases(limit=1)
    path = (await program.post("/rehearsals", _new())).json()["path"]

    assert path["open"][0]["people"] == ["lm-1"]
    assert path["open"][0]["explained"]
    assert service.desk.cases(limit=1) == before


# --- what is shown --------------------------------------------------------------------------------


async def _agreed(service: Service) -> str:
    case_id = await service.open()
    await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    return case_id


@pytest.mark.parametrize(
    ("who", "sees", "form", "trail"),
    [
        ("fca-1", "everything", True, True),  # practitioner
        ("lm-1", "everything", True, True),  # their line manager
        ("com-3", "task", True, False),  # arranges the account: the request, not the story
        ("aud-1", "everything", True, True),  # reads everywhere, and it is recorded
        ("adm-1", "register", False, False),  # repairs, and needs no word of it
        ("fca-3", None, False, False),  # nobody in this case
        ("fca-1+COL", "receipt", False, None),  # a token for less than they hold
        ("lm-1+COL", None, False, False),
        ("lm-1+LM", "everything", True, True),
        ("aud-1+COL", None, False, False),
    ],
)
async def test_everybody_sees_what_is_for_them_and_no_more(
    service: Service,
    who: str,
    sees: str | None,
    form: bool,
    trail: bool | None,
) -> None:
    case_id = await _agreed(service)
    program = Program(service, who)
    case, told = (
        await program.get(f"/cases/{case_id}"),
        await program.get(f"/cases/{case_id}/trail"),
    )
    nobody = await program.get("/cases/case-000000000000")

    if sees is None:
        assert (case.status_code, told.status_code) == (404, 404)
        assert case.json()["detail"] == nobody.json()["detail"]
        return
    assert case.json()["sees"] == sees
    assert bool(case.json()["form"]) is form
    assert ("purpose" in (case.json()["form"] or {})) is (sees == "everything")
    assert "submission_token" not in case.text
    if trail is None:
        assert told.status_code == 403
        assert case.json()["state"] is None
    else:
        texts = [one["reason"] or one["fields"] for one in told.json()["entries"]]
        assert [bool(one) for one in texts] == [trail] * len(texts)
        assert "purpose" in told.text or not trail


async def test_that_somebody_looked_is_recorded_with_their_role_and_the_door(
    service: Service,
) -> None:
    case_id = await service.open()
    await Program(service, "aud-1").get(f"/cases/{case_id}/trail")
    await Program(service, "lm-1").get(f"/cases/{case_id}")
    await Program(service, "fca-3").get(f"/cases/{case_id}")

    looks = [(one.person, one.role, one.seen, one.door) for one in service.desk.looks(case_id)]
    assert looks == [
        ("aud-1", "AUD", Seen.TRAIL, Door.API),
        ("lm-1", "LM", Seen.CASE, Door.API),
    ]


async def test_the_acts_of_a_case_say_why_the_others_are_not_for_the_caller(
    service: Service,
) -> None:
    case_id = await service.open()
    manager = (await Program(service, "lm-1").get(f"/cases/{case_id}")).json()["acts"]
    sparing = (await Program(service, "lm-1+HRBP").get(f"/cases/{case_id}")).json()
    practitioner = (await Program(service, "fca-1").get(f"/cases/{case_id}")).json()["acts"]

    def why_not(acts: list[dict[str, Any]]) -> str:
        return str(next(one["why_not"] for one in acts if one["name"] == "agree"))

    assert why_not(manager) == ""
    assert "Line manager" in why_not(practitioner)
    assert sparing["status"] == 404


async def test_a_long_trail_comes_in_parts_that_make_the_whole(service: Service) -> None:
    case_id = await _agreed(service)
    program, path = Program(service, "lm-1"), f"/cases/{case_id}/trail"
    whole = (await program.get(path)).json()
    first = (await program.get(path, limit=1)).json()
    rest = (await program.get(path, after=first["next"])).json()

    assert whole["next"] is None
    assert rest["next"] is None
    assert first["entries"] + rest["entries"] == whole["entries"]


# --- the list -------------------------------------------------------------------------------------


async def test_the_list_holds_what_is_for_the_caller_and_shows_as_much_of_it(
    service: Service,
) -> None:
    case_id = await _agreed(service)

    async def listed(who: str) -> dict[str, Any]:
        found = (await Program(service, who).get("/cases", limit=1)).json()["cases"]
        return dict(found[0]) if found and found[0]["case_id"] == case_id else {}

    assert (await listed("fca-1"))["label"]
    assert (await listed("com-3"))["sees"] == "task"
    assert (await listed("adm-1"))["sees"] == "register"
    assert (await listed("fca-1+COL")) == (await listed("fca-1")) | {
        "sees": "receipt", "state": None, "label": None, "next_due": None,
    }  # fmt: skip
    assert await listed("fca-3") == {}


async def test_pages_of_the_list_go_on_where_they_ended_whatever_was_opened_since(
    service: Service,
) -> None:
    opened = [await service.open("fca-2") for _ in range(3)]
    program = Program(service, "fca-2")
    first = (await program.get("/cases", limit=2, mine=True)).json()
    await service.open("fca-2")
    second = (await program.get("/cases", limit=1, mine=True, after=first["next"])).json()

    found = [one["case_id"] for one in (*first["cases"], *second["cases"])]
    assert found == opened[::-1]


@pytest.mark.parametrize(
    ("who", "query", "there"),
    [
        ("lm-1", {"procedure": "D"}, True),
        ("lm-1", {"procedure": "E"}, False),
        ("lm-1", {"state": "D1"}, True),
        ("lm-1", {"state": "D2"}, False),
        ("lm-1", {"closed": False}, True),
        ("lm-1", {"closed": True}, False),
        ("lm-1", {"overdue": True}, False),
        ("lm-1", {"to_do": True}, True),
        ("fca-1", {"to_do": True}, False),
        ("fca-1", {"mine": True}, True),
        ("lm-1", {"mine": True}, False),
    ],
)
async def test_a_filter_leaves_only_what_it_names(
    service: Service, who: str, query: dict[str, Any], there: bool
) -> None:
    case_id = await service.open()
    found = (await Program(service, who).get("/cases", limit=1, **query)).json()["cases"]

    assert (case_id in {one["case_id"] for one in found}) is there


async def test_a_case_is_listed_by_its_reference_or_its_beginning(service: Service) -> None:
    case_id, other = await service.open(), await service.open()
    program = Program(service, "lm-1")
    named = (await program.get("/cases", reference=case_id.upper())).json()["cases"]
    begun = (await program.get("/cases", reference=f" {other[:13]}")).json()["cases"]

    assert [one["case_id"] for one in named] == [case_id]
    assert other in {one["case_id"] for one in begun}
    assert (await program.get("/cases", reference="Mia")).status_code in (400, 422)


async def test_the_inbox_says_what_waits_and_what_to_send_back_with_it(service: Service) -> None:
    case_id = await service.open()

    async def waiting(who: str) -> list[dict[str, Any]]:
        rows = (await Program(service, who).get("/inbox")).json()["waiting"]
        return [one for one in rows if one["case_id"] == case_id]

    found = (await waiting("lm-1"))[0]
    assert found["etag"] == await Program(service, "lm-1").etag(case_id)
    assert "D-04" in found["acts"]
    assert await waiting("fca-1") == []
    assert await waiting("lm-1+COL") == []


# --- verification ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("aud-1", 200), ("adm-1", 200), ("lm-1", 200), ("com-3", 403), ("fca-3", 404)],
)
async def test_a_case_is_verified_for_those_who_may(
    service: Service, who: str, status: int
) -> None:
    case_id = await _agreed(service)
    answer = await Program(service, who).post(f"/cases/{case_id}/verification")

    assert answer.status_code == status
    if status == 200:
        assert (answer.json()["ok"], answer.json()["audit"]["entries"]) == (True, 2)
        assert answer.json()["looks"]["looks"] == 1


async def test_a_case_that_was_changed_behind_the_ledger_is_not_verified(
    service: Service, tmp_path: Any
) -> None:
    import sqlalchemy as sa  # noqa: PLC0415

    shared = service.settings
    changes = {"home": tmp_path, "key_ring": shared.key_ring_file, "task_queue": "api-verify"}
    async with running(shared.model_copy(update=changes), service.client) as apart:
        case_id = await apart.open()
        engine = sa.create_engine(apart.settings.database_url)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER entry_never_changes"))
            connection.execute(sa.text("UPDATE entry SET body = replace(body, 'fca-1', 'fca-2')"))
        engine.dispose()
        answer = await Program(apart, "adm-1").post(f"/cases/{case_id}/verification")

    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["audit"]["fault"] == "edited_body"
