from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from models.errors import Misconfigured, Unavailable
from runtime.instance import Instance, running
from runtime.server import EmbeddedServer, http_closed
from runtime.settings import PROJECT, Settings
from runtime.temporal import connect, server_of

MakeSettings = Callable[..., Settings]

SERVICE = """
import asyncio, sys
from pathlib import Path
from runtime.logging import configure
from runtime.server import EmbeddedServer
from runtime.settings import Settings

async def main():
    home, port = sys.argv[1:]
    async with EmbeddedServer(Settings(home=Path(home), port=int(port), ui=False)) as server:
        print(server.pid, flush=True)
        await server.wait()

configure()
asyncio.run(main())
"""


async def test_it_says_where_it_listens_and_who_it_is(server: EmbeddedServer) -> None:
    here = Instance(os.getpid(), server.settings.port, server.http_port)
    assert running(server.settings) == here


async def test_closed_cases_are_kept_for_a_hundred_years(client: Client) -> None:
    found = await client.workflow_service.describe_namespace(
        # A server ends a connection now and then, and with it what is under way on it.
        DescribeNamespaceRequest(namespace=client.namespace),
        retry=True,
    )
    assert found.config.workflow_execution_retention_ttl.ToTimedelta().days == 36500


async def test_the_http_api_refuses_everybody(server: EmbeddedServer) -> None:
    assert await asyncio.to_thread(http_closed, server.http_port)


async def test_an_http_api_that_answers_is_found_out(settings_factory: MakeSettings) -> None:
    # The last word counts: this opens what we closed.
    opened = ("--dynamic-config-value", 'frontend.httpAllowedHosts=["localhost"]')
    async with EmbeddedServer(settings_factory(), opened) as server:
        assert not await asyncio.to_thread(http_closed, server.http_port)


async def test_a_second_service_on_the_same_files_is_refused(
    server: EmbeddedServer, settings_factory: MakeSettings
) -> None:
    second = EmbeddedServer(settings_factory(home=server.settings.home))
    with pytest.raises(Misconfigured, match=r"already.*CASEWORK_HOME"):
        await second.__aenter__()
    assert running(server.settings)


async def test_a_taken_port_is_named_with_its_setting(settings_factory: MakeSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        for name, given in (
            ("CASEWORK_PORT", {"port": taken}),
            ("CASEWORK_UI_PORT", {"ui": True, "ui_port": taken}),
        ):
            chosen = settings_factory(**given)
            with pytest.raises(Misconfigured, match=f"Port {taken} .*{name}="):
                await EmbeddedServer(chosen).__aenter__()
            assert running(chosen) is None


async def test_a_folder_that_cannot_be_written_is_named(
    settings_factory: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"cannot be written.*CASEWORK_HOME"):
        await EmbeddedServer(settings_factory(home=tmp_path / "file" / "home")).__aenter__()


async def test_a_server_that_dies_while_starting_gives_its_last_words(
    settings_factory: MakeSettings,
) -> None:
    with pytest.raises(Unavailable, match="unknown flag: --nonsense"):
        await EmbeddedServer(settings_factory(), ("--nonsense",)).__aenter__()


async def test_files_and_port_are_free_again_after_it_stopped(
    settings_factory: MakeSettings,
) -> None:
    chosen = settings_factory()
    for _ in range(2):
        async with EmbeddedServer(chosen) as server:
            # Killed, because an orderly end takes two seconds.
            os.kill(server.pid, signal.SIGKILL)
            assert await server.wait() == -signal.SIGKILL
    assert running(chosen) is None


async def test_the_server_does_not_outlive_its_killed_parent(
    settings_factory: MakeSettings,
) -> None:
    chosen = settings_factory()
    parent = await _service(chosen)
    try:
        child = int(await parent.stdout.readline())  # type: ignore[union-attr]
        # A group of its own: Ctrl-C in the terminal does not reach it before the worker is done.
        assert os.getpgid(child) != os.getpgid(parent.pid)
    finally:
        parent.kill()
        await parent.wait()
    deadline = time.monotonic() + 5
    while (_alive(child) or running(chosen)) and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert not _alive(child)
    # The lock goes with the last of the killed server's threads, a moment after the first.
    assert running(chosen) is None


async def _service(chosen: Settings) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE, str(chosen.home), str(chosen.port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=PROJECT,
    )  # fmt: skip


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_no_server_is_said_plainly_and_soon(settings_factory: MakeSettings) -> None:
    before = time.monotonic()
    with pytest.raises(Unavailable, match="Is `make run` running"):
        await connect(settings_factory())
    assert time.monotonic() - before < 5


async def test_no_key_is_said_before_anything_is_sent(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    keyless = server.settings.model_copy(update={"key_ring": tmp_path / "none.json"})
    with pytest.raises(Misconfigured, match="casework key new"):
        await connect(keyless)


async def test_a_missing_namespace_is_named(server: EmbeddedServer) -> None:
    elsewhere = server.settings.model_copy(update={"namespace": "elsewhere"})
    with pytest.raises(Misconfigured, match="CASEWORK_NAMESPACE"):
        await connect(elsewhere)


def profile(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "temporal.toml"
    file.write_text(text)
    return file


async def test_a_profile_points_at_another_server(
    server: EmbeddedServer, settings_factory: MakeSettings, tmp_path: Path
) -> None:
    file = profile(tmp_path, f'[profile.other]\naddress = "{server.address}"\n')
    chosen = settings_factory(temporal_profile="other", temporal_config=file)
    assert not chosen.embedded
    assert (await connect(chosen)).namespace == "default"


@pytest.mark.parametrize(
    "text",
    [
        '[profile.third]\naddress = "127.0.0.1:1"\n',
        '[profile.other]\nnamespace = "default"\n',
        '[profile.other\napi_key = "hunter2"\n',
    ],
    ids=["no such profile", "no address", "not TOML"],
)
def test_a_profile_that_cannot_be_used_is_named_and_not_shown(
    settings_factory: MakeSettings, tmp_path: Path, text: str
) -> None:
    chosen = settings_factory(temporal_profile="other", temporal_config=profile(tmp_path, text))
    with pytest.raises(Misconfigured, match="Temporal profile") as caught:
        server_of(chosen)
    assert "hunter2" not in str(caught.value)
