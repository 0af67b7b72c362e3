"""Every setting, read once from the environment and frozen. Nothing needs to be set.

A setting `port` is given as `CASEWORK_PORT`. No other module reads the environment.
"""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from models.errors import Misconfigured
from models.people import Role
from runtime.addresses import trusted

PREFIX = "CASEWORK_"
PROJECT = Path(__file__).resolve().parent.parent

Port = Annotated[int, Field(ge=1, le=65535)]


def _address(given: str) -> str:
    parts = urlsplit(trusted(given))
    if parts.query or parts.fragment:
        raise ValueError("give the address alone, without a question mark or # in it")
    return given


def _site(given: str) -> str:
    if urlsplit(_address(given)).path not in ("", "/"):
        raise ValueError("the pages need a host of their own; give the address without a path")
    return given.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
Site = Annotated[str, AfterValidator(_site)]


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
    web_url: Site | None = None
    """Address of the pages as people type it, with a provider; empty: where they listen."""
    web_certificate: Path | None = None
    """The file of the certificate (PEM), when the pages speak TLS themselves."""
    web_certificate_key: Path | None = None
    web_client_header: str = ""
    """The header in which a proxy of ours names the client; any other client may write it too."""

    oidc_issuer: Address | None = None
    """The sign-in provider (OpenID Connect); empty: the demonstration sign-in."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_client_secret_file: Path | None = None
    oidc_scopes: str = "openid profile email"
    oidc_person_claim: str = Field(default="email", min_length=1)
    """The claim that names a person by the e-mail address or the id of the directory."""
    oidc_roles_claim: str = Field(default="roles", min_length=1)
    oidc_roles: dict[str, tuple[Role, ...]] = {}
    """App role to roles of the directory; a sign-in then narrows them and never adds any."""
    oidc_audience: str = ""
    """The audience of bearer tokens for the API; empty: the provider's are not taken."""
    oidc_ask_again: int = Field(default=15, ge=1, le=480)
    """Minutes of real time after which a deciding act asks for credentials again (R)."""
    oidc_clock_skew: int = Field(default=60, ge=0, le=300)
    """Seconds by which the provider's clock may differ from this machine's."""

    limit_sign_ins: int = Field(default=10, ge=0)
    """Attempts to sign in each minute, for one session; 0: any number."""
    limit_posts: int = Field(default=60, ge=0)
    limit_reads: int = Field(default=600, ge=0)
    limit_shared: int = Field(default=10, ge=1)
    """Sessions' worth of requests that one client address may send; many may share it."""

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

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        """Half a provider would be the demonstration sign-in, where a real one was meant."""
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError(f"{PREFIX}OIDC_ISSUER is set, so {PREFIX}OIDC_CLIENT_ID is needed too")
        for name in ("web_url", *(one for one in type(self).model_fields if "oidc_" in one)):
            if name in self.model_fields_set and not self.oidc_issuer:
                raise ValueError(f"{PREFIX}{name.upper()} is set without {PREFIX}OIDC_ISSUER")
        if self.oidc_client_secret.get_secret_value() and self.oidc_client_secret_file:
            raise ValueError(f"{PREFIX}OIDC_CLIENT_SECRET is given twice, once as a file")
        if "openid" not in self.oidc_scopes.split():
            raise ValueError(f"{PREFIX}OIDC_SCOPES must hold openid")
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.web_certificate is None) != (self.web_certificate_key is None):
            raise ValueError(
                f"{PREFIX}WEB_CERTIFICATE and {PREFIX}WEB_CERTIFICATE_KEY need each other"
            )
        return self

    @property
    def embedded(self) -> bool:
        """True when the service brings its own Temporal server."""
        return self.temporal_profile is None and self.temporal_config is None

    @property
    def tls(self) -> bool:
        """True when the pages speak TLS themselves."""
        return self.web_certificate is not None

    @property
    def address(self) -> str:
        """Where the embedded server listens, as host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def web_address(self) -> str:
        """Where the pages are, for a browser."""
        if self.web_url is not None:
            return self.web_url
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return f"{'https' if self.tls else 'http'}://{host}:{self.web_port}"

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
    except SettingsError:
        # Its own words repeat the value.
        faults = [f'{PREFIX}OIDC_ROLES: give JSON, such as {{"managers": ["LM"]}}.']
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
