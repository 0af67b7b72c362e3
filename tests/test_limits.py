from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.types import Scope

from runtime.clock import utc_now
from runtime.settings import Settings
from tests.service import Service
from tests.web_help import Browser
from web.limits import Buckets, Kind, Limits, kind_of


class _Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


def _scope(
    path: str = "/inbox", method: str = "GET", client: str = "192.0.2.1", **headers: str
) -> Scope:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http", "path": path, "method": method, "headers": sent, "client": (client, 50000),
    }  # fmt: skip


def _limits(clock: _Clock | None = None, **given: Any) -> Limits:
    chosen = {"limit_reads": 5, "limit_posts": 2, "limit_sign_ins": 1, "limit_shared": 2} | given
    return Limits(Settings(**chosen), clock or _Clock())


@pytest.mark.parametrize(
    ("waited", "left", "why"),
    [
        (0, 0, "all sixty are gone"),
        (0.5, 0, "half a request is none"),
        (1, 1, "one flows in each second"),
        (30, 30, "half a minute, half a bucket"),
        (3600, 60, "it never holds more than a minute's worth"),
        (-3600, 0, "a clock that was set back gives nothing"),
    ],
)
def test_a_bucket_of_sixty_a_minute_fills_evenly(waited: float, left: int, why: str) -> None:
    buckets = Buckets(60)
    assert [buckets.wait("a", 1000.0) for _ in range(60)] == [0.0] * 60
    assert buckets.wait("a", 1000.0) == pytest.approx(1.0)
    taken = 0
    while buckets.wait("a", 1000.0 + waited) == 0:
        taken += 1
    assert taken == left, why


def test_buckets_do_not_fill_the_memory() -> None:
    buckets = Buckets(1, most=100)
    for number in range(1000):
        buckets.wait(str(number), 0.0)
    assert len(buckets) == 100


@pytest.mark.parametrize(
    ("path", "method", "kind"),
    [
        ("/inbox", "GET", Kind.READ),
        ("/sign-in", "GET", Kind.READ),
        ("/sign-in", "POST", Kind.SIGN_IN),
        ("/sign-in/begin", "GET", Kind.SIGN_IN),
        ("/sign-in/back", "GET", Kind.SIGN_IN),
        ("/case/c/act/agree", "POST", Kind.POST),
        ("/case/c/act/agree", "DELETE", Kind.POST),
    ],
)
def test_what_a_request_does_decides_its_limit(path: str, method: str, kind: Kind) -> None:
    assert kind_of(_scope(path, method)) is kind


def _sent(limits: Limits, times: int, **scope: str) -> int:
    """How many of so many requests were let through."""
    return sum(limits.wait(_scope(**scope)) == 0 for _ in range(times))


def test_each_session_has_its_own_limit_and_all_of_an_address_one_of_theirs() -> None:
    limits = _limits()
    assert _sent(limits, 9, cookie="casework=one") == 5
    # Ten for the address: nine were asked for, one is left for anybody behind it.
    assert _sent(limits, 9, cookie="casework=two") == 1
    assert _sent(limits, 9, cookie="casework=three", client="198.51.100.7") == 5


def test_a_bearer_token_counts_as_a_session_does() -> None:
    limits = _limits(limit_shared=100)
    assert _sent(limits, 9, authorization="Bearer one") == 5
    assert _sent(limits, 9, authorization="Bearer two") == 5


def test_cookies_of_ones_own_making_help_nobody_past_the_limit_of_their_address() -> None:
    limits = _limits()
    let_through = sum(_sent(limits, 1, cookie=f"casework={number}") for number in range(50))
    assert let_through == 10


def test_reading_posting_and_signing_in_are_counted_apart() -> None:
    limits = _limits()
    assert _sent(limits, 9, path="/sign-in/begin", cookie="casework=one") == 1
    assert _sent(limits, 9, method="POST", cookie="casework=one") == 2
    assert _sent(limits, 9, cookie="casework=one") == 5


def test_styles_are_never_counted() -> None:
    assert _sent(_limits(), 100, path="/assets/site.css", cookie="casework=one") == 100


def test_nought_is_no_limit() -> None:
    assert _sent(_limits(limit_reads=0), 500, cookie="casework=one") == 500


@pytest.mark.parametrize(
    ("trusted", "sent", "let_through", "why"),
    [
        ("", {"x_forwarded_for": "{}"}, 10, "no proxy is set up: the header is anybody's word"),
        ("x-forwarded-for", {"x_forwarded_for": "{}"}, 30, "each client has a limit of its own"),
        ("x-forwarded-for", {"x_forwarded_for": "{}, 203.0.113.9"}, 10, "the last word is our proxy's"),
        ("x-forwarded-for", {"x_real_ip": "{}"}, 10, "another header is not the one set up"),
        ("x-forwarded-for", {"x_forwarded_for": "{}-invented"}, 10, "no address: who is connected"),
    ],
)  # fmt: skip
def test_behind_a_proxy_only_the_header_set_up_names_the_client(
    trusted: str, sent: dict[str, str], let_through: int, why: str
) -> None:
    limits = _limits(web_client_header=trusted)
    found = 0
    for number in range(30):
        headers = {name: value.format(f"198.51.100.{number}") for name, value in sent.items()}
        found += _sent(limits, 1, **headers)
    assert found == let_through, why


def test_one_home_with_a_network_of_addresses_is_one_client() -> None:
    limits = _limits()
    found = sum(_sent(limits, 1, client=f"2001:db8:1:2::{number:x}") for number in range(1, 50))
    assert found == 10
    assert _sent(limits, 1, client="2001:db8:1:3::1") == 1


async def test_too_many_requests_are_told_when_to_come_again(service: Service) -> None:
    clock = _Clock()
    browser = Browser(service, limits=_limits(clock))
    answers = [await browser.get("/sign-in") for _ in range(12)]
    last = answers[-1]

    # The first has no cookie yet, so only its address counts it.
    assert [one.status_code for one in answers].count(200) == 6
    assert last.status_code == 429
    assert last.headers["retry-after"] == "12"
    assert "Wait 12 seconds" in last.text
    assert "default-src 'none'" in last.headers["content-security-policy"]
    clock.now += timedelta(seconds=12)
    assert (await browser.get("/sign-in")).status_code == 200


async def test_the_limits_of_the_settings_leave_a_person_at_work_alone(service: Service) -> None:
    browser = Browser(service, limits=Limits(Settings(), _Clock()))
    await browser.sign_in("lm-1")
    answers = [await browser.get("/inbox") for _ in range(100)]

    assert {one.status_code for one in answers} == {200}
