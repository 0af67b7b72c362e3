"""One spelling for one address or handle; nothing is ever fetched (policy analysis 6.4, 9.1, 9.7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.posts import (
    LONGEST_HANDLE,
    normalise_account,
    normalise_handle,
    normalise_url,
    unresolved,
)

CANARY = "maypole"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("https://facebook.com/a.b", "https://facebook.com/a.b"),
        ("http://facebook.com/a.b", "https://facebook.com/a.b"),  # the scheme is no difference
        ("https://www.facebook.com/a.b", "https://facebook.com/a.b"),
        ("https://m.facebook.com/a.b?fbclid=123", "https://facebook.com/a.b"),  # mobile, tracker
        ("https://mobile.twitter.com/a/status/1?s=20", "https://x.com/a/status/1"),
        ("https://TWITTER.com/a/status/1#top", "https://x.com/a/status/1"),  # host case, fragment
        ("https://x.com/A/status/1", "https://x.com/A/status/1"),  # the path keeps its case
        ("https://youtu.be/abc?si=1", "https://youtube.com/watch?v=abc"),
        ("https://www.youtube.com/watch?v=abc&t=30", "https://youtube.com/watch?v=abc"),
        ("https://instagram.com/p/1/?igshid=2&utm_source=x", "https://instagram.com/p/1"),
        ("https://example.org/a?refsrc=1&page=2", "https://example.org/a?page=2"),
        (" https://facebook.com/a. ", "https://facebook.com/a"),  # blanks, a full stop
        ("“https://facebook.com/a”", "https://facebook.com/a"),  # smart quotes
        ("'https://facebook.com/a',", "https://facebook.com/a"),
        ("https://facebook.com/a/", "https://facebook.com/a"),
        ("https://www.m.facebook.com/a", "https://facebook.com/a"),
        ("https://m.com/a", "https://m.com/a"),  # a site of that name, not a mobile one
        ("https://youtu.be", "https://youtube.com"),  # no film named
        ("https://8.8.8.8/a", "https://8.8.8.8/a"),  # odd, but public
    ],
)
def test_two_spellings_of_one_address_are_one(written: str, same: str) -> None:
    assert normalise_url(written) == same
    assert normalise_url(same) == same


@pytest.mark.parametrize(
    "bad",
    [
        f"javascript:{CANARY}(1)",
        f"data:text/html,{CANARY}",
        "file:" + f"///etc/{CANARY}",
        f"ftp://{CANARY}.example/x",
        f"http://127.0.0.1/{CANARY}",
        f"http://10.0.0.1/{CANARY}",
        f"http://[::1]/{CANARY}",
        f"http://localhost/{CANARY}",
        f"http://{CANARY}/x",  # no dot in the host
        f"http://{CANARY}.local/x",
        f"https://{CANARY}@evil.example/x",
        f"https://facebook.com/{CANARY} https://facebook.com/b",  # two addresses
        f"see https://facebook.com/{CANARY} please",  # inside text
        f"https://facebook.com/{CANARY}\x00",
        f"https://facebook.com/{CANARY}\u202e",
        f"https://facebook.com/\n{CANARY}",
        f"https://facebook.com/{CANARY}" + "x" * 10_000,
        f"http://[{CANARY}]/",  # the library's own error repeats these two
        f"http://{CANARY}\u2100.example/x",
        f"facebook.com/{CANARY}",
        "",
    ],
)
def test_what_is_no_public_address_is_refused_in_words_that_do_not_repeat_it(bad: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]{3}") as refused:
        normalise_url(bad)
    assert CANARY not in str(refused.value)
    assert "\x00" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("@Some.Body", "some.body"),
        ("some.body", "some.body"),
        ("\uff33\uff4f\uff4d\uff45", "some"),  # full-width letters are the same letters
        ("so\u200bme\ufeff", "some"),  # invisible characters are nothing
        ("@STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("_under_score-1", "_under_score-1"),
        ("анна", "анна"),  # another alphabet is evidence, not a mistake
    ],
)
def test_handles_are_compared_without_case_or_hidden_characters(written: str, same: str) -> None:
    assert normalise_handle(written) == same
    assert normalise_account(written) == same


@pytest.mark.parametrize(
    "bad",
    [
        "", " ", "@", "@\u200b", "two words", f"{CANARY}\x00", f"{CANARY}\u202e", f"{CANARY}\nx",
        f"data:text/html,{CANARY}", f"javascript:{CANARY}", f"facebook.com/{CANARY}",
        f"<{CANARY}>", CANARY * 10_000, "x" * (LONGEST_HANDLE + 1),
    ],
)  # fmt: skip
def test_what_is_neither_handle_nor_address_is_refused_in_words_that_do_not_repeat_it(
    bad: str,
) -> None:
    with pytest.raises(ValueError, match=r"[a-z]{3}") as refused:
        normalise_account(bad)
    assert CANARY not in str(refused.value)


def test_a_handle_of_the_longest_length_fits() -> None:
    assert normalise_account("x" * LONGEST_HANDLE) == "x" * LONGEST_HANDLE


@pytest.mark.parametrize(
    ("address", "short"),
    [("https://fb.watch/1", True), ("https://t.co/1", True), ("https://facebook.com/1", False)],
)
def test_a_short_link_is_known_as_one_and_not_followed(address: str, short: bool) -> None:
    assert unresolved(address) is short
    assert normalise_url(address) == address


@given(st.text(max_size=60))
def test_whatever_is_typed_is_either_refused_in_words_or_read_as_one_thing(text: str) -> None:
    for account in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            one = normalise_account(account)
        except ValueError:
            continue
        assert one.isprintable()
        assert " " not in one
        assert one.startswith("https://") or "/" not in one
