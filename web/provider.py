"""The sign-in provider (OpenID Connect): what it says of itself, its keys, and asking it.

Nothing it answers is logged, shown or put into an address; a fault is known by its class alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import httpx2
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ValidationError

from models.errors import Misconfigured, Unavailable
from models.people import Role
from runtime.addresses import trusted
from runtime.settings import Settings
from web import claims
from web.claims import Expected, NotValid, UnknownKey

PATIENCE = 5.0
"""Seconds of real time to wait for the provider."""
KEPT = timedelta(hours=1)
"""Real time for which its description and its keys are believed: a withdrawn key ends then."""
OLDEST = timedelta(hours=8)
"""Real time since somebody's credentials at which the provider asks for them, as for a session (R).

To be asked so also makes it say when that was."""
AGAIN = timedelta(seconds=10)
"""Real time between two looks for a key nobody knows: invented ones must not make us a nuisance."""

Endpoint = Annotated[str, AfterValidator(trusted)]
Read = TypeVar("Read")


class Described(BaseModel):
    """What the provider publishes of itself (OpenID Connect Discovery 1.0, RFC 8414)."""

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    end_session_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True)
class Asked:
    """What we asked the provider with, to be held against its answer."""

    nonce: str
    verifier: str


@dataclass(frozen=True)
class Answer:
    """Who the provider says somebody is."""

    named: str
    """The e-mail address or id by which the directory knows them."""
    roles: frozenset[Role] | None
    """The only roles they may use in this session; None: all that the directory gives."""
    proved: datetime | None
    """When they last gave their credentials, UTC."""


class Provider:
    """One provider and one client of it. `site` is the address of the pages, without a slash."""

    def __init__(
        self, settings: Settings, secret: str, site: str, clock: Callable[[], datetime]
    ) -> None:
        assert settings.oidc_issuer
        self.issuer = settings.oidc_issuer
        self.ask_again = timedelta(minutes=settings.oidc_ask_again)
        self.skew = timedelta(seconds=settings.oidc_clock_skew)
        self._settings = settings
        self._secret = secret
        self._site = site
        self._clock = clock
        self._described: tuple[datetime, Described] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._looked: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    # --- what it says of itself ---

    async def described(self) -> Described:
        """Its description, at most an hour old. Raises Unavailable, Misconfigured."""
        if self._described is None or self._clock() - self._described[0] >= KEPT:
            where = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = _described(await _get(where))
            if found.issuer != self.issuer:
                raise Misconfigured(
                    "The sign-in provider calls itself otherwise than the settings."
                )
            if "S256" not in found.code_challenge_methods_supported:
                raise Misconfigured("The sign-in provider does not take PKCE with S256.")
            self._described = (self._clock(), found)
        return self._described[1]

    async def _key_set(self, *, newer: bool = False) -> KeySet:
        async with self._one_at_a_time:
            now = self._clock()
            if newer and (self._looked is None or now - self._looked >= AGAIN):
                self._keys, self._looked = None, now
            if self._keys is None or now - self._keys[0] >= KEPT:
                published = await _get((await self.described()).jwks_uri)
                self._keys = (now, claims.keys_of(published))
            return self._keys[1]

    async def _with_keys(self, read: Callable[[KeySet], Read]) -> Read:
        """Read with the keys we have; once more with newer ones when the key is not known."""
        try:
            return read(await self._key_set())
        except UnknownKey:
            pass
        try:
            return read(await self._key_set(newer=True))
        except UnknownKey:
            raise NotValid("kid") from None

    # --- signing in ---

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it must be told this very address."""
        return f"{self._site}/sign-in/back"

    def _client(self, **given: Any) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.oidc_client_id,
            self._secret or None,
            scope=self._settings.oidc_scopes,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            timeout=PATIENCE,
            **given,
        )

    async def question(self, asked: Asked, state: str, *, again: bool) -> str:
        """The address to send a browser to; with `again` credentials have to be given anew."""
        described = await self.described()
        oldest = {"max_age": int(OLDEST.total_seconds())}
        more = {"prompt": "login", "max_age": 0} if again else oldest
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                described.authorization_endpoint,
                state=state,
                nonce=asked.nonce,
                code_verifier=asked.verifier,
                **more,
            )
        return str(url)

    async def came_from(self, issuer: str | None) -> bool:
        """Whether an answer is this provider's and not another's (RFC 9207)."""
        wanted = (await self.described()).authorization_response_iss_parameter_supported
        return issuer == self.issuer if issuer is not None else not wanted

    async def answer(self, code: str, asked: Asked) -> Answer:
        """Who somebody is. Raises NotValid when the answer is not to be believed, Unavailable."""
        token = await self._exchanged(code, asked.verifier)
        access_token, id_token = token.get("access_token"), token.get("id_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise NotValid("no_token")
        expected = self._expected(self._settings.oidc_client_id)
        found = await self._with_keys(
            lambda keys: claims.identity(id_token, keys, expected, asked.nonce, access_token)
        )
        found = await self._completed(found, access_token)
        answer = self._answer(found)
        if answer.proved is not None and expected.now - answer.proved > OLDEST + self.skew:
            raise NotValid("auth_time")
        return answer

    async def _exchanged(self, code: str, verifier: str) -> dict[str, Any]:
        described = await self.described()
        methods = described.token_endpoint_auth_methods_supported
        basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        way = "client_secret_basic" if basic else "client_secret_post"
        async with self._client(token_endpoint_auth_method=way if self._secret else "none") as own:
            fetched = own.fetch_token(
                described.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                redirect_uri=self.redirect_uri,
            )
            try:
                return dict(await _reached(fetched))
            except OAuthError:
                raise NotValid("code") from None

    async def _completed(self, found: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Some providers say who somebody is only when asked again with the access token."""
        names = [self._settings.oidc_person_claim]
        names += [self._settings.oidc_roles_claim] if self._settings.oidc_roles else []
        where = (await self.described()).userinfo_endpoint
        if where is None or all(claims.claim(found, name) is not None for name in names):
            return found
        more = await _get(where, {"authorization": f"Bearer {access_token}"})
        if not isinstance(more, dict) or more.get("sub") != found["sub"]:
            raise NotValid("userinfo")
        return {**more, **found}

    def _answer(self, found: dict[str, Any]) -> Answer:
        now, skew = self._clock(), self._settings.oidc_clock_skew
        return Answer(self._named(found), self._roles(found), claims.proved_at(found, now, skew))

    def _named(self, found: dict[str, Any]) -> str:
        name = self._settings.oidc_person_claim
        named = claims.claim(found, name)
        if not isinstance(named, str) or not named:
            raise NotValid("person")
        if name == "email" and found.get("email_verified") is False:
            raise NotValid("email_verified")
        return named

    def _roles(self, found: dict[str, Any]) -> frozenset[Role] | None:
        chosen = self._settings
        return claims.usable_roles(found, chosen.oidc_roles_claim, chosen.oidc_roles)

    def _expected(self, audience: str) -> Expected:
        return Expected(self.issuer, audience, self._clock(), self._settings.oidc_clock_skew)

    # --- tokens for the API ---

    async def bearer(self, token: str) -> Answer:
        """Whom an access token for the API speaks for. Raises NotValid, Unavailable."""
        audience = self._settings.oidc_audience
        if not audience:
            raise NotValid("no_audience")
        expected = self._expected(audience)
        return self._answer(
            await self._with_keys(lambda keys: claims.access(token, keys, expected))
        )

    # --- signing out ---

    async def leaving(self) -> str | None:
        """Where to sign out at the provider too, if there is such a page. Raises Unavailable.

        It is told the client alone: a token has no place in an address.
        """
        where = (await self.described()).end_session_endpoint
        if where is None:
            return None
        asked = {
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": f"{self._site}/sign-in",
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"


def _described(published: Any) -> Described:
    try:
        return Described.model_validate(published)
    except ValidationError:
        raise Unavailable(_NO_ANSWER) from None


_NO_ANSWER = (
    "The sign-in provider of your organisation does not answer as it should. Nothing was lost and"
    " nobody was signed in or out; try again in a minute."
)


async def _get(where: str, headers: dict[str, str] | None = None) -> Any:
    async with httpx2.AsyncClient(timeout=PATIENCE) as client:
        answer = await _reached(client.get(where, headers=headers))
    if answer.status_code != httpx2.codes.OK:
        raise Unavailable(_NO_ANSWER)
    try:
        return answer.json()
    except ValueError:
        raise Unavailable(_NO_ANSWER) from None


async def _reached(asking: Awaitable[Any]) -> Any:
    try:
        return await asking
    except (httpx2.HTTPError, ValueError):
        raise Unavailable(_NO_ANSWER) from None
