"""Evidence over HTTP: kept with its custody list, and given out only to those who may have it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from models.evidence import Deed, Purpose
from tests.api_help import PNG, V1, Program
from tests.service import Service
from web.api.problems import TYPE

DIGEST = sha256(PNG).hexdigest()
SAID = {"title": "The post as it was shown", "no_indecent_image": "true"}


async def _add(
    program: Program, case_id: str, *, key: str = "", file: bytes = PNG, **said: Any
) -> httpx2.Response:
    return await program.client.post(
        f"{V1}/cases/{case_id}/evidence",
        headers={"idempotency-key": key or str(uuid4())},
        data=SAID | said,
        files={"file": ("post.png", file)},
    )


async def test_a_file_is_kept_and_named_by_the_case_and_its_custody_says_who_had_it(
    service: Service,
) -> None:
    case_id = await service.open()
    practitioner, manager = Program(service, "fca-1"), Program(service, "lm-1")
    added = await _add(practitioner, case_id, platform="facebook", shows_a_child="false")
    path = f"/cases/{case_id}/evidence"
    given = await manager.get(f"{path}/{DIGEST}", part="original", purpose="disclosure")
    listed = (await manager.get(path)).json()["evidence"]

    assert added.status_code == 201, added.text
    assert added.headers["location"] == f"/v1{path}/{DIGEST}"
    assert given.content == PNG
    assert given.headers["content-disposition"].startswith("attachment")
    assert given.headers["content-type"] == "application/octet-stream"
    kept = next(one for one in listed if one["sha256"] == DIGEST)
    assert (kept["form"]["platform"], kept["form"]["shows_a_child"]) == ("facebook", False)
    last = kept["custody"][-1]
    assert (last["did"], last["part"]) == (Deed.EXPORTED, "original")
    assert (last["by"]["person"], last["by"]["purpose"]) == ("lm-1", Purpose.DISCLOSURE)


async def test_the_same_file_with_the_same_key_is_answered_again(service: Service) -> None:
    case_id, key = await service.open(), str(uuid4())
    practitioner = Program(service, "fca-1")
    first = await _add(practitioner, case_id, key=key)
    again = await _add(practitioner, case_id, key=key)
    other = await _add(practitioner, case_id, key=key, title="Another post")

    assert again.headers["idempotent-replayed"] == "true"
    assert again.json()["receipt"] == first.json()["receipt"] | {"repeated": True}
    assert (other.status_code, other.json()["type"]) == (422, TYPE + "key-used")
    assert service.desk.show(case_id).case.seq == 2


async def test_a_file_without_the_assurance_is_not_kept_and_says_what_to_do(
    service: Service,
) -> None:
    case_id = await service.open()
    answer = await _add(Program(service, "fca-1"), case_id, no_indecent_image="false")

    assert answer.status_code == 422
    assert any("999" in one["detail"] for one in answer.json()["errors"])
    assert service.desk.show(case_id).case.seq == 1


@pytest.mark.parametrize(
    ("file", "said", "where", "why"),
    [
        (b"MZ\x90\x00" + b"\0" * 200, {}, None, "a program"),
        (PNG, {"title": ""}, "#/title", "no title"),
        (PNG, {"address": "not an address"}, "#/address", "no address"),
        (PNG, {"colour": "red"}, "#", "a field that is not known"),
        (PNG, {"sha256": "0" * 64}, "#", "what is worked out here"),
        (PNG, {"platform": "myspace-of-old"}, "#/fields/platform", "no such platform"),
    ],
)
async def test_what_cannot_be_kept_is_named_and_not_kept(
    service: Service, file: bytes, said: dict[str, str], where: str | None, why: str
) -> None:
    case_id = await service.open()
    answer = await _add(Program(service, "fca-1"), case_id, file=file, **said)

    assert answer.status_code == 422, why
    assert "myspace" not in answer.text
    assert "colour" not in answer.text
    if where is not None:
        assert [one["pointer"] for one in answer.json()["errors"]] == [where]
    assert not service.desk.store.handed_in_for(case_id, sha256(file).hexdigest())


async def test_a_file_is_sent_as_a_form_with_a_file_in_it(service: Service) -> None:
    case_id = await service.open()
    program, path = Program(service, "fca-1"), f"{V1}/cases/{await service.open()}/evidence"
    headers = {"idempotency-key": str(uuid4())}
    as_json = await program.client.post(path, headers=headers, json={"title": "x"})
    without = await program.client.post(
        path, headers=headers, data=SAID, files={"other": ("a.png", PNG)}
    )
    broken = await program.client.post(
        path,
        headers=headers | {"content-type": "multipart/form-data; boundary=x"},
        content=b"--y\r\nnothing of the kind",
    )

    assert as_json.status_code == 415
    assert without.status_code == 422
    assert broken.status_code in (400, 422)
    assert service.desk.show(case_id).case.seq == 1


@pytest.mark.parametrize(
    ("who", "add", "listing", "get"),
    [
        ("fca-1", 201, 200, 200),  # the practitioner
        ("com-1", 404, 404, 404),  # Communications have no part yet
        ("aud-1", 403, 200, 200),  # reads everything, adds nothing
        ("adm-1", 403, 403, 403),  # repairs, and needs no file
        ("fca-3", 404, 404, 404),  # nobody in this case
        ("lm-1+COL", 404, 404, 404),  # a token for less
    ],
)
async def test_files_are_for_those_who_may_have_them(
    service: Service, who: str, add: int, listing: int, get: int
) -> None:
    case_id = await service.open()
    assert (await _add(Program(service, "fca-1"), case_id)).status_code == 201
    program, path = Program(service, who), f"/cases/{case_id}/evidence"

    assert (await _add(program, case_id, title="Another")).status_code == add
    assert (await program.get(path)).status_code == listing
    assert (await program.get(f"{path}/{DIGEST}")).status_code == get


async def test_a_file_of_another_case_is_not_given_out_for_this_one(service: Service) -> None:
    one, other = await service.open(), await service.open()
    practitioner = Program(service, "fca-1")
    await _add(practitioner, one)

    assert (await practitioner.get(f"/cases/{other}/evidence/{DIGEST}")).status_code == 404
    assert (await practitioner.get(f"/cases/{one}/evidence/{'0' * 64}")).status_code == 404
