"""What many tests share: settings on files of their own, one real server, a client of it."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr
from temporalio.client import Client

from runtime.instance import two_free_ports
from runtime.keyring import KeyRing
from runtime.rehearsal.server import TIME_SKIPPING
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from runtime.temporal import connect
from tests.ledger_fixtures import empty_file_fixture, postgres_url_fixture
from tests.provider_help import CLIENT, SECRET, RealProvider, running_provider
from tests.routes_help import Seeds, seeded
from tests.service import Service, running
from tests.visits import launched
from web import serving

# Here, because a fixture that a test module imports is its own: each had a PostgreSQL to itself.
__all__ = ["empty_file_fixture", "postgres_url_fixture"]


def pytest_collection_finish() -> None:
    """Take what the collection made out of the collector's sight, for good.

    A full collection of it all takes the better part of a second, and a case that does not yield
    for two seconds is taken for a deadlock by Temporal.
    """
    gc.collect()
    gc.freeze()


LONGEST_FIRST = (
    "test_every_route",
    "test_stories_on_the_server",
    "test_pages_in_a_browser",
    "test_every_route_by_pa11y",
    "test_who_may",
    "test_who_may_at_the_door",
    "test_api_who_may",
    "test_api_at_random",
    "test_audit_pages",
    "test_crashes",
    "test_random_lives",
    "test_invariants",
    "test_long_lives",
    "test_pages_safe",
    "test_sign_in_with_a_provider",
    "test_links",
    "test_administering_pages",
    "test_cli",
    "test_walk",
    "test_pages_by_keyboard",
    "test_ledger",
)
"""Files that take longer than ten seconds. A file lies on one core: begun last, it is waited for.

The others follow in the order they were shuffled into, and within a file nothing is moved.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin."""
    place = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    return two_free_ports()[0]


@pytest.fixture(scope="session")
def settings_factory(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """Settings on a folder, a port and a key ring of their own; any of them can be given."""

    def make(**given: Any) -> Settings:
        home: Path = given.pop("home", None) or tmp_path_factory.mktemp("home")
        chosen = {"home": home, "port": free_port(), "ui": False, **given}
        made = Settings(**chosen)
        if made.encryption and home.is_dir() and not made.key_ring_file.exists():
            KeyRing.create(made.key_ring_file)
        return made

    return make


@pytest.fixture(scope="session")
async def server(settings_factory: Callable[..., Settings]) -> AsyncIterator[EmbeddedServer]:
    """A real Temporal server, time skipping allowed; `server.settings` say how to reach it."""
    async with EmbeddedServer(settings_factory(), TIME_SKIPPING) as running:
        yield running


@pytest.fixture(scope="session")
async def client(server: EmbeddedServer) -> Client:
    """A client of that server, set up as worker and desk are."""
    return await connect(server.settings)


@pytest.fixture(scope="session")
async def service(server: EmbeddedServer, client: Client) -> AsyncIterator[Service]:
    """The whole service on that server: worker, ledger, desk."""
    async with running(server.settings, client) as whole:
        yield whole


@pytest.fixture(scope="session")
async def provider_process() -> AsyncIterator[RealProvider]:
    """A real sign-in provider in a process of its own; see `provider`."""
    async with running_provider(free_port()) as made:
        yield made


@pytest.fixture
async def provider(provider_process: RealProvider) -> AsyncIterator[RealProvider]:
    """That provider; whatever a test spoils in it is mended afterwards."""
    yield provider_process
    await provider_process.mend()


# --- pages --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all; each visit has a screen of its own in it."""
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
async def office(
    server: EmbeddedServer, client: Client, settings_factory: Callable[..., Settings]
) -> AsyncIterator[Service]:
    """A service of its own for what is looked at: nobody else's cases fill its lists."""
    same_keys = server.settings.key_ring_file
    settings = settings_factory(task_queue="office", key_ring=same_keys)
    async with running(settings, client) as whole:
        yield whole


@pytest.fixture(scope="session")
async def address(office: Service) -> AsyncIterator[str]:
    """Where the office's pages are served, for a browser; they lead on to Temporal's own."""
    settings = office.settings.model_copy(update={"web_port": office.settings.port, "ui": True})
    async with serving.serving(settings, office.desk):
        yield serving.address(settings)


@pytest.fixture(scope="session")
async def seeds(office: Service, address: str) -> AsyncIterator[Seeds]:
    """Cases to look at, in the demonstration and where people sign in at a provider."""
    ports = two_free_ports()
    provided = f"http://127.0.0.1:{ports[0]}"
    async with running_provider(ports[1], (f"{provided}/sign-in/back",)) as provider:
        chosen = {
            "web_port": ports[0],
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
        }
        settings = office.settings.model_copy(update=chosen)
        async with (
            serving.serving(settings, office.desk),
            seeded(office, address, provided, provider) as made,
        ):
            yield made
