"""Every setting, read once from the environment and frozen. Nothing needs to be set.

A setting `port` is given as `CASEWORK_PORT`. No other module reads the environment.
"""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import Misconfigured

PREFIX = "CASEWORK_"
PROJECT = Path(__file__).resolve().parent.parent

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """What the operator may choose. Each has a default that works on one machine.

    Raises pydantic's ValidationError; `settings()` and `read()` turn it into Misconfigured.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    home: Path = PROJECT / "var"
    """The folder of everything the service writes; the same from whichever folder it is started."""

    temporal_profile: str | None = None
    """Name of a Temporal client profile: use that server instead of the embedded one."""
    temporal_config: Path | None = None
    """The file the profile stands in, if not where the Temporal tools look for it."""
    port: Port = 7233
    """Port of the embedded server, on this machine only."""
    ui_port: Port = 8233
    ui: bool = True
    """Whether the embedded server shows Temporal's own web pages, for administrators."""
    web: bool = True
    """Whether the pages are served."""
    web_host: str = "127.0.0.1"
    """Address the pages listen on; this machine only, while the sign-in is a demonstration."""
    web_port: Port = 8080
    forms_kept_days: int = Field(default=14, ge=1, le=90)
    """Days for which a form that was begun and not sent is kept untouched (R)."""
    namespace: str = Field(default="default", min_length=2, max_length=200)
    task_queue: str = Field(default="casework", min_length=1, max_length=200)
    cached_workflows: int = Field(default=300, ge=0)
    """Cases the worker keeps in memory; the others are read again from their history."""

    database: SecretStr = SecretStr("")
    """SQLAlchemy address of the ledger (it may hold a password); empty: a file below `home`."""
    evidence: Path | None = None
    """The folder of evidence files, sealed; empty: `evidence` below `home`."""
    directory: Path = PROJECT / "examples" / "directory.yaml"
    """The file of people, roles and absences."""
    key_ring: Path | None = None
    """The file of encryption keys; empty: keyring.json below `home`."""
    encryption: bool = True

    smtp_host: str = ""
    """Mail server for notices; empty: they are shown in the outbox list only."""
    smtp_port: Port = 587
    smtp_from: str = ""
    smtp_starttls: bool = True
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.smtp_host and not self.smtp_from:
            raise ValueError(f"{PREFIX}SMTP_HOST is set, so {PREFIX}SMTP_FROM is needed as well")
        if self.ui and self.port == self.ui_port:
            raise ValueError(f"{PREFIX}PORT and {PREFIX}UI_PORT are the same; choose two ports")
        if self.web and self.web_port in (self.port, self.ui_port if self.ui else None):
            raise ValueError(f"{PREFIX}WEB_PORT is the port of another part; choose one of its own")
        return self

    @property
    def embedded(self) -> bool:
        """True when the service brings its own Temporal server."""
        return self.temporal_profile is None and self.temporal_config is None

    @property
    def address(self) -> str:
        """Where the embedded server listens, as host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def temporal_file(self) -> Path:
        """The embedded server's database."""
        return self.home / "temporal.db"

    @property
    def lock_file(self) -> Path:
        """Locked while a service runs on the files below `home`; says where it listens."""
        return self.home / "service.lock"

    @property
    def key_ring_file(self) -> Path:
        """The file of encryption keys."""
        return self.key_ring or self.home / "keyring.json"

    @property
    def evidence_folder(self) -> Path:
        """The folder of evidence files."""
        return self.evidence or self.home / "evidence"

    @property
    def database_url(self) -> str:
        """SQLAlchemy address of the ledger. May hold a password: never print it."""
        return self.database.get_secret_value() or f"sqlite:///{self.home / 'ledger.db'}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once.

    Raises Misconfigured naming every variable at fault, and those that name no setting.
    """
    _no_unknown_names()
    return read()


def read() -> Settings:
    """The settings as the environment gives them now. Raises Misconfigured naming the variable."""
    try:
        return Settings()
    except ValidationError as error:
        # The input stays out: a setting may be a password.
        faults = [_sentence(e["loc"], e["msg"]) for e in error.errors(include_input=False)]
    raise Misconfigured("The settings cannot be used; nothing was started. " + " ".join(faults))


def _sentence(loc: tuple[int | str, ...], message: str) -> str:
    plain = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(loc[0]).upper()}: {plain}." if loc else f"{plain}."


def _no_unknown_names() -> None:
    """A misspelt variable would otherwise be the default, silently."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    # CASEWORK_TEST... belongs to the test suite.
    given = {n for n in os.environ if n.startswith(PREFIX) and not n.startswith(f"{PREFIX}TEST")}
    for name in sorted(given - known):
        close = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(known))}."
        raise Misconfigured(f"{name} names no setting; nothing was started. {hint}")
