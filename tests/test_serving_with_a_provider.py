"""What an operator sets for a provider, what stops the start, and the pages served with TLS."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import async_playwright

from models.errors import Misconfigured
from runtime.clock import utc_now
from runtime.settings import PROJECT, Settings, read
from tests.conftest import free_port
from tests.provider_help import CLIENT, SECRET, RealProvider, running_provider
from tests.service import REASON, Service
from tests.visits import CHROMIUM, QUIET
from web import serving

WHOLE = {
    "CASEWORK_OIDC_ISSUER": "https://login.example",
    "CASEWORK_OIDC_CLIENT_ID": "casework",
}


def _set(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)


# --- settings -----------------------------------------------------------------------------------


def test_a_provider_is_two_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, WHOLE)
    assert read().oidc_issuer == "https://login.example"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"CASEWORK_OIDC_ISSUER": "https://login.example"}, "OIDC_CLIENT_ID is needed too"),
        ({"CASEWORK_OIDC_CLIENT_ID": "a"}, "CLIENT_ID is set without CASEWORK_OIDC_ISSUER"),
        ({"CASEWORK_OIDC_CLIENT_SECRET": "a"}, "SECRET is set without CASEWORK_OIDC_ISSUER"),
        ({"CASEWORK_OIDC_AUDIENCE": "a"}, "AUDIENCE is set without CASEWORK_OIDC_ISSUER"),
        ({"CASEWORK_OIDC_ROLES": '{"a": ["LM"]}'}, "ROLES is set without CASEWORK_OIDC_ISSUER"),
        ({"CASEWORK_WEB_URL": "https://c.example"}, "WEB_URL is set without CASEWORK_OIDC_ISSUER"),
        (WHOLE | {"CASEWORK_OIDC_ISSUER": "login.example"}, "OIDC_ISSUER: give a whole address"),
        (WHOLE | {"CASEWORK_OIDC_ISSUER": "http://login.example"}, "must begin with https://"),
        (WHOLE | {"CASEWORK_OIDC_ISSUER": "http://localhost:9"}, "must begin with https://"),
        (WHOLE | {"CASEWORK_OIDC_ISSUER": "https://a:b@login.example"}, "without a login in it"),
        (WHOLE | {"CASEWORK_OIDC_ISSUER": "https://login.example/?a=b"}, "without a question mark"),
        (WHOLE | {"CASEWORK_WEB_URL": "https://c.example/cases"}, "WEB_URL: the pages need a host"),
        (WHOLE | {"CASEWORK_WEB_URL": "http://c.example"}, "WEB_URL: it must begin with https://"),
        (WHOLE | {"CASEWORK_OIDC_SCOPES": "email"}, "OIDC_SCOPES must hold openid"),
        (WHOLE | {"CASEWORK_OIDC_ROLES": '{"a": ["Boss"]}'}, "OIDC_ROLES: Input should be"),
        (WHOLE | {"CASEWORK_OIDC_ROLES": "managers"}, "OIDC_ROLES: give JSON"),
        (WHOLE | {"CASEWORK_OIDC_CLOCK_SKEW": "3600"}, "CLOCK_SKEW: Input should be less than"),
        (WHOLE | {"CASEWORK_OIDC_ASK_AGAIN": "0"}, "ASK_AGAIN: Input should be greater than"),
        (WHOLE | {"CASEWORK_OIDC_CLIENT_SECRET": "a", "CASEWORK_OIDC_CLIENT_SECRET_FILE": "b"},
         "OIDC_CLIENT_SECRET is given twice"),
        ({"CASEWORK_WEB_CERTIFICATE": "a.pem"}, "WEB_CERTIFICATE_KEY need each other"),
    ],
)  # fmt: skip
def test_a_provider_set_up_by_half_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    _set(monkeypatch, given)
    with pytest.raises(Misconfigured, match=re.escape(said)):
        read()


def test_no_fault_of_a_setting_repeats_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"CASEWORK_OIDC_CLIENT_SECRET": "hunter2", "CASEWORK_OIDC_ROLES": "hunter2"})
    with pytest.raises(Misconfigured) as caught:
        read()
    assert "hunter2" not in str(caught.value)
    _set(monkeypatch, WHOLE | {"CASEWORK_OIDC_ROLES": "{}"})
    assert "hunter2" not in repr(read())


def _with_provider(**given: Any) -> Settings:
    return Settings(oidc_issuer="https://login.example", oidc_client_id="casework", **given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"web_host": "0.0.0.0"}, "CASEWORK_WEB_URL has to say"),  # noqa: S104
        ({"oidc_client_secret_file": PROJECT / "there-is-none"}, "SECRET_FILE cannot be read"),
        ({"web_certificate": PROJECT / "README.md", "web_certificate_key": PROJECT / "Makefile"},
         "cannot be read or do not belong together"),
    ],
)  # fmt: skip
def test_what_cannot_work_stops_the_start(given: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        serving.check(_with_provider(**given))


def test_with_a_provider_others_may_reach_the_pages() -> None:
    serving.check(_with_provider(web_host="0.0.0.0", web_url="https://casework.example"))  # noqa: S104


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(Misconfigured, match="SECRET_FILE cannot be read or is empty"):
        serving.check(_with_provider(oidc_client_secret_file=file))
    file.write_text("an invented secret\n", encoding="utf-8")
    serving.check(_with_provider(oidc_client_secret_file=file))


# --- served -------------------------------------------------------------------------------------


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an invented certificate")])
    address = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


async def test_the_pages_speak_tls_themselves_when_they_have_a_certificate(
    service: Service, settings_factory: Callable[..., Settings], tmp_path: Path
) -> None:
    certificate, key = _certificate(tmp_path)
    port = free_port()
    settings = settings_factory(
        oidc_issuer="https://login.example",
        oidc_client_id="casework",
        web_url=f"https://localhost:{port}",
        web_port=port,
        web_certificate=certificate,
        web_certificate_key=key,
    )
    serving.check(settings)
    trust = ssl.create_default_context(cafile=str(certificate))
    async with (
        serving.serving(settings, service.desk) as said,
        httpx2.AsyncClient(verify=trust, trust_env=False) as client,
    ):
        answer = await client.get(f"https://localhost:{port}/sign-in")
        other = await client.get(
            f"https://localhost:{port}/sign-in", headers={"host": f"127.0.0.1:{port}"}
        )

    assert said == f"Pages: https://localhost:{port}"
    assert answer.status_code == 200
    assert "max-age" in answer.headers["strict-transport-security"]
    assert other.status_code == 421


async def test_behind_a_proxy_with_tls_the_cookie_is_bound_to_it(
    settings_factory: Callable[..., Settings], service: Service
) -> None:
    """The proxy speaks plain HTTP to us; the address people type says what browsers see."""
    port = free_port()
    async with running_provider(free_port()) as provider:
        settings = settings_factory(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            web_url="https://casework.example",
            web_port=port,
        )
        async with serving.serving(settings, service.desk), httpx2.AsyncClient() as proxy:
            host = {"host": "casework.example"}
            begun = await proxy.get(f"http://127.0.0.1:{port}/sign-in/begin", headers=host)
            direct = await proxy.get(f"http://127.0.0.1:{port}/sign-in")

    assert begun.headers["set-cookie"].startswith("__Host-casework=")
    assert "Secure" in begun.headers["set-cookie"]
    assert (
        "redirect_uri=https%3A%2F%2Fcasework.example%2Fsign-in%2Fback" in begun.headers["location"]
    )
    assert "max-age" in begun.headers["strict-transport-security"]
    assert direct.status_code == 421


# --- in a browser -------------------------------------------------------------------------------


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
async def test_somebody_signs_in_decides_and_signs_out_in_a_browser(
    service: Service, settings_factory: Callable[..., Settings], tmp_path: Path
) -> None:
    case_id = await service.open("fca-1")
    await service.act(case_id, "lm-1", "start_considering")
    port = free_port()
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    back = f"http://127.0.0.1:{port}/sign-in/back"
    async with running_provider(free_port(), (back,)) as provider:
        settings = settings_factory(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret_file=secret,
            oidc_ask_again=1,
            web_port=port,
        )
        clock, desk = _Clock(), copy(service.desk)
        desk._clock = clock
        async with serving.serving(settings, desk), async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            visit = _Visit(chromium, f"http://127.0.0.1:{port}", provider, clock)
            await visit.through(case_id)
            await chromium.close()

    done = [(one.entry.kind, one.entry.act) for one in service.desk.trail(case_id)]
    assert done[-1] == ("applied", "D-04")
    assert visit.complaints == []


class _Clock:
    """The desk's clock, which a test may put forward: nobody waits here for credentials to age."""

    def __init__(self) -> None:
        self.late = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.late


class _Visit:
    """Beatrix at a narrow screen, without a script."""

    def __init__(self, chromium: Any, address: str, provider: RealProvider, clock: _Clock) -> None:
        self.chromium = chromium
        self.clock = clock
        self.address = address
        self.provider = provider
        self.complaints: list[str] = []
        self.pictures = PROJECT / "var" / "pages"
        self.page: Any = None

    async def look(self, name: str) -> None:
        self.pictures.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=self.pictures / f"provider-{name}.png", full_page=True)
        wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, name
        assert await self.page.locator("h1").count() == 1

    async def give_credentials(self) -> None:
        await self.page.wait_for_url(f"{self.provider.issuer}/interaction/*")
        await self.page.fill("[name=login]", "beatrix.olumide@agency.example")
        await self.page.fill("[name=password]", "anything")
        await self.page.click("[type=submit]")

    async def press(self, text: str) -> None:
        button = self.page.get_by_role("button", name=text, exact=True)
        await button.or_(self.page.get_by_role("link", name=text, exact=True)).first.click()

    def _heard(self, message: Any) -> None:
        if message.type == "error" and self.address in self.page.url:
            self.complaints.append(message.text)

    async def through(self, case_id: str) -> None:
        context = await self.chromium.new_context(
            viewport={"width": 320, "height": 640}, java_script_enabled=False
        )
        self.page = await context.new_page()
        self.page.set_default_timeout(15000)
        self.page.on("console", self._heard)
        await self.page.goto(f"{self.address}/inbox")
        await self.look("1-sign-in")
        await self.press("Sign in")
        await self.give_credentials()
        await self.page.wait_for_url(f"{self.address}/inbox")
        await self.page.goto(f"{self.address}/case/{case_id}/act/agree")
        await self.page.check("[name=targets_match_order][value=yes]")
        await self.page.fill("[name=reason]", f"{REASON} Written before credentials grew old.")
        self.clock.late = timedelta(minutes=2)
        await self.press("Send")
        await self.page.wait_for_url(f"{self.address}/sign-in/again")
        self.clock.late = timedelta()
        await self.look("2-again")
        await self.press("Sign in again")
        await self.give_credentials()
        await self.page.wait_for_url(f"{self.address}/case/{case_id}/act/agree")
        assert "before credentials grew old" in await self.page.input_value("[name=reason]")
        await self.look("3-typed")
        await self.press("Send")
        await self.page.wait_for_url(re.compile("/receipt/"))
        await self.press("Sign out")
        await self.page.wait_for_url(f"{self.address}/sign-in/ended")
        await self.look("4-signed-out")
        await self.press("Sign out of your organisation\u2019s account too")
        await self.page.wait_for_url(re.compile(f"{self.provider.issuer}/session/end"))
        await context.close()
