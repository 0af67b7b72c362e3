"""One service on the files below `home`: the lock that makes sure of it, and the ports it needs."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from typing import NamedTuple, NoReturn

from models.errors import Misconfigured
from runtime.settings import Settings


class Instance(NamedTuple):
    """A running service, as its lock file describes it."""

    pid: int
    port: int
    http_port: int


def running(settings: Settings) -> Instance | None:
    """The service that runs on the files below `home`, or None."""
    try:
        with settings.lock_file.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return Instance(**json.loads(file.read()))
    except (OSError, ValueError, TypeError):
        # Not there, or just starting and not described yet.
        return None
    return None


def take(settings: Settings) -> int:
    """Take the files below `home`; the open lock file. Closing it (or dying) gives them free.

    Raises Misconfigured: another service has them, or the folder cannot be written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(settings.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        _not_writable(settings, error)
    try:
        _lock(file)
        os.ftruncate(file, 0)
    except BlockingIOError:
        os.close(file)
        other = running(settings)
        who = f" (process {other.pid}, port {other.port})" if other else ""
        raise Misconfigured(
            f"A service is running on the files in {settings.home} already{who}; two would spoil "
            "them. Nothing was started. Stop that one first, or set CASEWORK_HOME to another "
            "folder."
        ) from None
    except OSError as error:
        os.close(file)
        _not_writable(settings, error)
    return file


def _lock(file: int) -> None:
    """Raises BlockingIOError when a service has it."""
    # Somebody may only be looking (`running`), or be killed and still letting go.
    for _ in range(5):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.1)
    return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def describe(lock: int, here: Instance) -> None:
    """Write into the lock file whom to ask."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(here._asdict()).encode(), 0)


def _not_writable(settings: Settings, error: OSError) -> NoReturn:
    raise Misconfigured(
        f"The folder {settings.home} cannot be written: {error.strerror}. Nothing was started. "
        "Make room or allow it, or set CASEWORK_HOME to another folder."
    ) from None


def ports_free(settings: Settings) -> None:
    """Raises Misconfigured naming the port that is taken, and its setting."""
    wanted = {"CASEWORK_PORT": settings.port}
    if settings.ui:
        wanted["CASEWORK_UI_PORT"] = settings.ui_port
    for name, port in wanted.items():
        with socket.socket() as probe:
            # As the server will: a port that is only cooling down counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise Misconfigured(
                    f"Port {port} cannot be used: {error.strerror}. Nothing was started. Stop the "
                    f"program that has it, or choose another: {name}={_another(port)}"
                ) from None


def _another(port: int) -> int:
    return port + 100 if port < 65000 else port - 100  # noqa: PLR2004 - there is none above 65535


def two_free_ports() -> tuple[int, int]:
    """Two ports of this machine that nobody uses at the moment."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]
