from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from models.forms import Evidence, problems
from procedures.evidence_readers import ORDINARY, READERS, readers
from procedures.registry import PROCEDURES

PLAIN = {"sha256": "a" * 64, "kind": "png", "title": "screenshot"}
KEPT = {**PLAIN, "in_store": True, "working_copy": "b" * 64}


def test_what_was_recorded_before_the_store_reads_as_kept_elsewhere() -> None:
    form = Evidence.model_validate(PLAIN)

    assert not form.in_store
    assert form.model_dump(exclude_defaults=True) == PLAIN


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"in_store": True}, "working_copy: a file in the store has one"),
        ({"address": "file:" + "//etc/passwd"}, "http:// or https://"),
        ({"address": "https://a@evil.example/x"}, "user name"),
        ({"address": "https://x.com/a", "address_normalised": "https://x.com/b"}, "leave it out"),
        ({"address_normalised": "https://x.com/b"}, "leave it out"),
        ({"platform": "myspace"}, "must be one of"),
        ({"visibility": "friends"}, "must be one of"),
        ({"how_seen": "hacked"}, "must be one of"),
        ({"author_handle": "x" * 101}, "too long"),
        ({"author_display_name": "a\u202eb"}, "direction of writing"),
        ({"posted_as_shown": ""}, "too short"),
        ({"seen_at": "2027-03-28 01:30"}, "seen_at"),
        ({"shows_a_child": "perhaps"}, "yes or no"),
        ({"name_of_the_child": "Nobody"}, "not a field"),
    ],
)
def test_what_cannot_be_said_of_a_post_is_named(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Evidence.model_validate(PLAIN | fields)
    assert said in " ".join(problems(wrong.value))


@pytest.mark.parametrize(
    ("address", "normalised"),
    [
        ("https://m.facebook.com/a/posts/1?fbclid=x", "https://facebook.com/a/posts/1"),
        ("https://twitter.com/a/status/1?s=20", "https://x.com/a/status/1"),
    ],
)
def test_the_address_is_kept_as_given_beside_its_one_spelling(
    address: str, normalised: str
) -> None:
    form = Evidence.model_validate({**KEPT, "address": address, "address_normalised": normalised})

    assert form.address == address
    assert form.address_normalised == normalised


def test_every_procedure_there_is_says_who_may_look_at_its_files() -> None:
    assert {kind.code for kind in PROCEDURES.values()} <= set(READERS)
    assert readers("a procedure to come") == ORDINARY
