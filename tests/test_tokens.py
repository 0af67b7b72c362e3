"""Bearer tokens of a real provider, and what is not one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.errors import Unavailable
from models.people import Role
from runtime.clock import utc_now
from tests.conftest import free_port
from tests.provider_help import API, CLIENT, RealProvider, client_of, new_key, running_provider
from tests.service import Service
from web.site import NotSignedIn
from web.tokens import Caller, ProviderTokens

BEATRIX = "beatrix.olumide@agency.example"  # lm-1
NOW = int(utc_now().timestamp())


def _tokens(service: Service, provider: RealProvider, **given: Any) -> ProviderTokens:
    own = client_of(provider, **({"oidc_audience": API} | given))
    return ProviderTokens(own, service.desk)


async def test_a_token_for_the_api_says_who_sends_it(
    service: Service, provider: RealProvider
) -> None:
    token = await provider.api_token(BEATRIX)
    assert await _tokens(service, provider).person(token) == Caller("lm-1", None)


async def test_a_token_narrows_the_roles_of_its_sender(
    service: Service, provider: RealProvider
) -> None:
    await provider.give_roles("managers", "something else")
    token = await provider.api_token(BEATRIX)
    roles = {"managers": (Role.LM, Role.SM), "lawyers": (Role.LEG,)}
    caller = await _tokens(service, provider, oidc_roles=roles).person(token)

    assert caller == Caller("lm-1", frozenset({Role.LM, Role.SM}))


TOKENS: list[tuple[str, dict[str, Any]]] = [
    ("is for another audience", {"claims": {"aud": "https://another.example"}}),
    ("is for the pages, not the API", {"claims": {"aud": CLIENT}}),
    ("comes from another provider", {"claims": {"iss": "https://login.evil.example"}}),
    ("is over", {"claims": {"exp": NOW - 90}}),
    ("is never over", {"drop": ["exp"]}),
    ("is over at a time that is no number", {"claims": {"exp": "never"}}),
    ("is not valid yet", {"claims": {"nbf": NOW + 3600}}),
    ("is of nobody", {"drop": ["sub"]}),
    ("names nobody", {"drop": ["email"]}),
    ("is an ID token by its type", {"header": {"typ": "id_token"}}),
    ("is an ID token by what it holds", {"header": {"typ": "JWT"}, "claims": {"nonce": "of a page"}}),
    ("is another kind of thing", {"header": {"typ": "logout+jwt"}}),
    ("is not signed", {"as": "none"}),
    ("is signed with the public key as a secret", {"as": "hs256"}),
    ("names a key nobody knows", {"header": {"kid": "invented"}}),
    ("is of somebody who has left", {"claims": {"email": "petra.lindqvist@agency.example"}}),
    ("is of somebody unknown", {"claims": {"email": "nobody@elsewhere.example"}}),
    ("names somebody by their name alone", {"claims": {"email": "Beatrix Olumide"}}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "how"), TOKENS, ids=[why for why, _ in TOKENS])
async def test_a_token_opens_nothing_that(
    service: Service, provider: RealProvider, why: str, how: dict[str, Any]
) -> None:
    await provider.spoil("access_token", **how)
    token = await provider.api_token(BEATRIX)
    with pytest.raises(NotSignedIn):
        await _tokens(service, provider).person(token)
    assert why


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "e30.e30.", "\x00", "Bearer", "é.é.é", "." * 100_000]
)
async def test_what_is_no_token_at_all_opens_nothing(
    service: Service, provider: RealProvider, token: str
) -> None:
    with pytest.raises(NotSignedIn):
        await _tokens(service, provider).person(token)


async def test_a_signature_of_another_token_does_not_fit(
    service: Service, provider: RealProvider
) -> None:
    first, second = [await provider.api_token(who) for who in (BEATRIX, "fca-1@agency.example")]
    head, _, signature = first.split(".")
    with pytest.raises(NotSignedIn):
        await _tokens(service, provider).person(f"{head}.{second.split('.')[1]}.{signature}")


async def test_without_an_audience_no_token_is_taken(
    service: Service, provider: RealProvider
) -> None:
    token = await provider.api_token(BEATRIX)
    with pytest.raises(NotSignedIn):
        await _tokens(service, provider, oidc_audience="").person(token)


async def test_a_token_of_a_new_key_is_read_and_invented_keys_do_not_ask_for_ever(
    service: Service,
) -> None:
    now = utc_now()
    async with running_provider(free_port()) as provider:
        own = client_of(provider, lambda: now, oidc_audience=API)
        tokens = ProviderTokens(own, service.desk)
        await tokens.person(await provider.api_token(BEATRIX))
        await provider.stop()
        provider.key = new_key("second")
        await provider.start()
        token = await provider.api_token(BEATRIX)
        assert (await tokens.person(token)).person == "lm-1"

        # A second new key within ten seconds waits: else anybody could have us ask all day.
        await provider.stop()
        provider.key = new_key("third")
        await provider.start()
        newest = await provider.api_token(BEATRIX)
        with pytest.raises(NotSignedIn):
            await tokens.person(newest)
        now += timedelta(seconds=10)
        assert (await tokens.person(newest)).person == "lm-1"


async def test_keys_that_the_provider_withdrew_end_within_the_hour(service: Service) -> None:
    now = utc_now()
    async with running_provider(free_port()) as provider:
        own = client_of(provider, lambda: now, oidc_audience=API)
        tokens = ProviderTokens(own, service.desk)
        await provider.spoil("access_token", claims={"exp": NOW + 8 * 3600})
        token = await provider.api_token(BEATRIX)
        await tokens.person(token)
        await provider.stop()
        provider.key = new_key("second")
        await provider.start()
        now += timedelta(minutes=59)
        assert (await tokens.person(token)).person == "lm-1"
        now += timedelta(minutes=1)
        with pytest.raises(NotSignedIn):
            await tokens.person(token)


async def test_without_its_provider_nobody_can_say_whose_a_token_is(service: Service) -> None:
    async with running_provider(free_port()) as provider:
        token = await provider.api_token(BEATRIX)
        await provider.stop()
        with pytest.raises(Unavailable, match="try again"):
            await _tokens(service, provider).person(token)
