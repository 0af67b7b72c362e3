"""One spelling for one address or handle; nothing is ever fetched (policy analysis 6.4, 9.1, 9.7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.posts import (
    LONGEST_HANDLE,
    Platform,
    author_of,
    host_disagrees,
    normalise_account,
    normalise_handle,
    normalise_url,
    platform_of,
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


ONE_POST = [
    ("https://x.com/a.body/status/17", "as it is"),
    ("http://x.com/a.body/status/17", "the scheme is no difference"),
    ("https://twitter.com/a.body/status/17", "the same platform under its old name"),
    ("https://mobile.twitter.com/a.body/status/17?s=20&t=Qq1", "a telephone, two trackers"),
    ("https://www.x.com/a.body/status/17/", "www, a closing stroke"),
    ("https://X.COM/a.body/status/17#top", "the host has no case, a fragment is no post"),
    ("https://x.com./a.body/status/17", "the dot of the root"),
    ("https://x.com/a.body/status/17?utm_source=mail&ref_src=twsrc&fbclid=1&igshid=2", "four more"),
    ("https://x.com/a.body/status/17?UTM_Source=mail", "a tracker in capitals"),
    (" “https://x.com/a.body/status/17”. ", "pasted from a sentence"),
    ("https://x.com/a.body/status/17,", "a comma behind it"),
]


@pytest.mark.parametrize("written", [one for one, _ in ONE_POST], ids=[why for _, why in ONE_POST])
def test_a_post_is_the_same_post_however_it_was_copied(written: str) -> None:
    assert normalise_url(written) == ONE_POST[0][0]


ONE_FILM = [
    "https://youtu.be/abc123",
    "https://www.youtu.be/abc123?si=Zz",
    "https://YOUTU.BE/abc123/?t=30",
    "https://m.youtube.com/watch?v=abc123&t=30s",
    "https://youtube.com/watch?v=abc123",
]


@pytest.mark.parametrize("written", ONE_FILM)
def test_a_film_is_the_same_film_by_its_short_address(written: str) -> None:
    assert normalise_url(written) == ONE_FILM[-1]


@pytest.mark.parametrize(
    "another",
    [
        "https://x.com/a.body/status/18",  # the next post
        "https://x.com/A.body/status/17",  # a path keeps its case: ids on some sites differ by it
        "https://x.com/a.body/status/17?page=2",  # not a tracker
        "https://facebook.com/a.body/status/17",
        "https://x.com.example.org/a.body/status/17",  # another site
        "https://x.co/a.body/status/17",
    ],
)
def test_what_may_be_another_post_stays_another_post(another: str) -> None:
    assert normalise_url(another) != ONE_POST[0][0]


@pytest.mark.parametrize(
    ("address", "platform", "warns"),
    [
        ("https://facebook.com/a", "facebook", False),
        ("https://m.facebook.com/a", "facebook", False),
        ("https://web.facebook.com/a", "facebook", False),  # any host below it
        ("https://fb.watch/1", "facebook", False),  # unresolved, and still theirs
        ("https://twitter.com/a", "x", False),
        ("https://youtu.be/a", "youtube", False),
        ("https://vm.tiktok.com/a", "tiktok", False),
        ("https://old.reddit.com/r/a", "reddit", False),
        ("https://t.me/a", "telegram", False),
        ("https://a-blog.example/post", "website", False),
        ("https://a-forum.example/post", "other", False),
        ("https://t.co/1", "facebook", False),  # a short link may lead anywhere
        ("https://bit.ly/1", "website", False),
        ("https://faceb00k.com/a", "facebook", True),  # noughts
        ("https://f\u0430cebook.com/a", "facebook", True),  # a Cyrillic a
        ("https://xn--fcebook-2fg.com/a", "facebook", True),  # the same, as browsers copy it
        ("https://facebook.com.example.org/a", "facebook", True),
        ("https://notfacebook.com/a", "facebook", True),
        ("https://instagram.com/a", "facebook", True),  # the wrong one picked
        ("https://facebook.com/a", "website", True),
        ("https://a-blog.example/post", "facebook", True),
    ],
)
def test_an_address_that_is_not_on_the_chosen_platform_is_kept_with_a_warning(
    address: str, platform: str, warns: bool
) -> None:
    assert host_disagrees(normalise_url(address), Platform(platform)) is warns
    assert host_disagrees(address, Platform(platform)) is warns


def test_every_platform_of_the_forms_that_has_a_site_is_known_by_it() -> None:
    sites = {
        platform_of(f"https://{host}/a")
        for host in (
            "facebook.com", "instagram.com", "x.com", "linkedin.com", "youtube.com", "tiktok.com",
            "snapchat.com", "reddit.com", "whatsapp.com", "telegram.org",
        )
    }  # fmt: skip
    assert sites == set(Platform) - {Platform.WEBSITE, Platform.OTHER}
    assert platform_of("https://a-blog.example") is None


@pytest.mark.parametrize(
    ("platform", "handle", "author"),
    [
        ("x", "@Some.Body", "x:some.body"),
        ("x", "\uff33\uff4f\uff4d\uff45.\u200bbody", "x:some.body"),  # wide and hidden letters
        ("facebook", "some.body", "facebook:some.body"),  # another platform is another author
        ("x", " @ ", None),
        ("x", "", None),  # not visible
    ],
)
def test_an_author_is_a_platform_and_a_handle(
    platform: str, handle: str, author: str | None
) -> None:
    assert author_of(Platform(platform), handle) == author
