"""A real OpenID provider in a process of its own, and a browser that signs in there."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from joserfc.jwk import RSAKey

from runtime.clock import utc_now
from runtime.settings import Settings
from tests import tools
from tests.service import Service
from tests.web_help import ORIGIN, Browser
from web import node
from web.provider import Provider

CLIENT, SECRET = "casework-pages", "an invented secret of the tests"
API_CLIENT, API = "casework-api-user", "https://api.casework.example"
ELSEWHERE = "http://127.0.0.1:9/elsewhere"
"""Where the API's client is sent back to; nobody listens there, its code is read from the address."""


def new_key(kid: str) -> dict[str, Any]:
    """A private key to sign with."""
    made = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})
    return dict(made.as_dict(private=True))


class _Page(HTMLParser):
    """Every form of a page: where it goes and its fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            self.action = at.get("action") or ""
        if tag == "input" and at.get("type") == "hidden":
            self.fields[str(at["name"])] = at.get("value") or ""


@dataclass
class RealProvider:
    """The provider's address, and its switches."""

    port: int
    key: dict[str, Any]
    redirects: list[str]
    process: asyncio.subprocess.Process | None = None
    client: httpx2.AsyncClient = field(default_factory=httpx2.AsyncClient)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, with the key it has now."""
        tools.package("oidc-provider")
        back = {"redirect_uris": self.redirects, "grant_types": ["authorization_code"]}
        leave = [one.replace("/sign-in/back", "/sign-in") for one in self.redirects]
        pages = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "post_logout_redirect_uris": leave,
            **back,
        }
        api = {
            "client_id": API_CLIENT,
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "redirect_uris": [ELSEWHERE],
        }
        given = {"port": self.port, "clients": [pages, api], "keys": [self.key], "resource": API}
        self.process = await asyncio.create_subprocess_exec(
            node.program(),
            tools.HERE / "provider.mjs",
            json.dumps(given),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            while (line := await self.process.stdout.readline()) != b"ready\n":
                assert line, "the provider ended before it was ready"

    async def stop(self) -> None:
        """End it, as a provider that is down."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.communicate()

    async def spoil(self, of: str = "id_token", **how: Any) -> None:
        """Spoil the tokens it gives out from now on; see provider.mjs."""
        await self._tell("spoil", {"of": of, **how})

    async def mend(self) -> None:
        """Everything as it should be again."""
        await self._tell("spoil", None)
        await self._tell("roles", None)

    async def give_roles(self, *roles: str) -> None:
        """The app roles of everybody who signs in from now on."""
        await self._tell("roles", list(roles))

    async def _tell(self, what: str, given: Any) -> None:
        answer = await self.client.post(f"{self.issuer}/test/{what}", content=json.dumps(given))
        assert answer.text == "done"

    # --- a person at its pages ---

    async def visit(
        self, address: str, login: str, cookies: httpx2.Cookies | None = None
    ) -> tuple[str, bool]:
        """Follow an address through its pages; where it sends one back, and if it asked who."""
        asked = False
        async with httpx2.AsyncClient(cookies=cookies) as there:
            answer = await there.get(address)
            while True:
                if answer.is_redirect:
                    address = urljoin(str(answer.url), answer.headers["location"])
                    if not address.startswith(self.issuer):
                        break
                    answer = await there.get(address)
                    continue
                assert answer.status_code == 200, answer.text
                form = _Page(answer.text)
                asked = True
                given = form.fields | {"login": login, "password": "anything"}
                answer = await there.post(urljoin(str(answer.url), form.action), data=given)
            if cookies is not None:
                cookies.update(there.cookies)
        return address, asked

    async def api_token(self, login: str) -> str:
        """An access token for the API, as a program of somebody's would get one."""
        verifier = "invented-verifier-invented-verifier-invented-1"
        from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped] # noqa: PLC0415
            create_s256_code_challenge,
        )

        asked = {
            "client_id": API_CLIENT,
            "redirect_uri": ELSEWHERE,
            "response_type": "code",
            "scope": "openid email cases",
            "resource": API,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = str(httpx2.URL(f"{self.issuer}/auth", params=asked))
        where, _ = await self.visit(address, login)
        answer = await self.client.post(
            f"{self.issuer}/token",
            data={
                "grant_type": "authorization_code",
                "code": query(where)["code"],
                "client_id": API_CLIENT,
                "redirect_uri": ELSEWHERE,
                "code_verifier": verifier,
                "resource": API,
            },
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def query(address: str) -> dict[str, str]:
    """What an address says behind its question mark."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextlib.asynccontextmanager
async def running_provider(
    port: int, redirects: tuple[str, ...] = (f"{ORIGIN}/sign-in/back",)
) -> AsyncIterator[RealProvider]:
    """A provider that knows the pages by these addresses."""
    made = RealProvider(port, new_key("first"), list(redirects))
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
        await made.client.aclose()


async def sign_in_at(
    browser: Browser, provider: RealProvider, login: str, cookies: httpx2.Cookies | None = None
) -> httpx2.Response:
    """The whole way: our page, the provider's, and back; the answer of our own last page."""
    gone = await browser.get("/sign-in/begin")
    assert gone.status_code == 303, gone.text
    where, _ = await provider.visit(gone.headers["location"], login, cookies)
    assert where.startswith(f"{ORIGIN}/sign-in/back?"), where
    return await browser.get(where.removeprefix(ORIGIN))


def client_of(
    provider: RealProvider, clock: Callable[[], datetime] = utc_now, **given: Any
) -> Provider:
    """Our side of it, with the settings of an operator."""
    chosen = Settings(oidc_issuer=provider.issuer, oidc_client_id=CLIENT, **given)
    return Provider(chosen, SECRET, ORIGIN, clock)


def browser_of(service: Service, provider: RealProvider, **given: Any) -> Browser:
    """A browser at pages that know this provider; `clock` is the pages' own."""
    clock = given.pop("clock", utc_now)
    return Browser(service, provider=client_of(provider, clock, **given))
