"""The soft check on drafted words (G-5, G-7): what it finds, what it lets pass, and why."""

from __future__ import annotations

import pytest

from procedures.reputation_texts import (
    CONFIRMS_A_CASE,
    PROTECTED_NAME,
    REFERENCE,
    could_tell,
    fingerprint,
)

NAMES = ("Maisie Thornquill", "Jo")

FOUND: list[tuple[str, tuple[str, ...]]] = [
    # words that confirm a case
    ("We can confirm that this family has a case with us.", (CONFIRMS_A_CASE,)),
    ("We can now confirm the hearing was on Monday.", (CONFIRMS_A_CASE,)),
    ("Cafcass confirms the report was sent to the court.", (CONFIRMS_A_CASE,)),
    ("It is right, and we\u00a0can\u00a0confirm that. The child was seen.", (CONFIRMS_A_CASE,)),
    ("We are able to confirm our adviser wrote it.", (CONFIRMS_A_CASE,)),
    ("WE CAN CONFIRM THE ORDER.", (CONFIRMS_A_CASE,)),
    ("We can con\u200bfirm that the proceedings ended.", (CONFIRMS_A_CASE,)),  # an invisible letter
    # references
    ("This is about CF-2026-00871.", (REFERENCE,)),
    ("See case EX26P00412 for more.", (REFERENCE,)),
    ("Your reference CF 2026 00871 was received.", (REFERENCE,)),
    ("Look under cf/2026/00871.", (REFERENCE,)),
    ("It is filed under ab12cd", (REFERENCE,)),  # the case's own reference, however it is written
    # protected names: whole, or any part of three letters or more
    ("Maisie Thornquill was never seen.", (PROTECTED_NAME,)),
    ("We have never met maisie.", (PROTECTED_NAME,)),
    ("The Thornquill family was helped.", (PROTECTED_NAME,)),
    ("Maisie's post is wrong.", (PROTECTED_NAME,)),
    ("Jo has our sympathy.", (PROTECTED_NAME,)),  # two letters, but all of the name
    # several at once
    (
        "We can confirm the case CF-2026-00871 of Maisie.",
        (REFERENCE, PROTECTED_NAME, CONFIRMS_A_CASE),
    ),
]

PASSES = [
    "",
    "We never comment on any case.",  # it speaks of cases, and confirms none
    "We cannot confirm or deny whether a court is involved.",
    "We can neither confirm nor deny that there is a case.",
    "We can confirm that our offices are open on Monday.",  # no word of a case
    "Please confirm your booking with the speaker.",
    "Call 0300 456 4000 between nine and five.",  # a telephone number is no reference
    "Ring 020 7946 0018 on any working day.",
    "On 23-11-2026 our lines were closed.",
    "Our 2026-27 plan is on the website.",
    "Joy was the theme of the campaign.",  # not Jo
    "A thornquilling tool is for sale.",  # a longer word
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_what_could_tell_of_a_case_or_a_person_is_found(text: str, found: tuple[str, ...]) -> None:
    assert could_tell(text, NAMES, ("AB-12/CD",)) == found


@pytest.mark.parametrize("text", PASSES)
def test_what_tells_of_nobody_passes(text: str) -> None:
    assert could_tell(text, NAMES, ("AB-12/CD",)) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Our lines are open.", "Our  lines are\nopen. ", True),  # only blanks differ
        ("Our lines are open.", "our lines are OPEN.", True),
        ("It\u2019s open.", "It's open.", True),  # a curly apostrophe
        ("Our lines are open.", "Our lines are not open.", False),  # one word is another text
        ("Our lines are open.", "Our lines are open", False),
    ],
)
def test_words_that_legal_cleared_are_known_again(one: str, other: str, same: bool) -> None:
    assert (fingerprint(one) == fingerprint(other)) is same
