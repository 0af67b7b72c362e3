"""Delivers the notices of the outbox: shown in the outbox list (default), or by mail (SMTP).

At least once. A notice is taken on a lease, delivered, and only then marked as sent; when the
process dies in between, the lease runs out and it is delivered again, under the same Message-ID.
Real seconds throughout; instants are UTC.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import ParamSpec, Protocol, TypeVar

import aiosmtplib
import structlog

from activities.ledger import Ledger
from activities.outbox import Notice
from models.directory import Directory, Person
from models.errors import BadInput, CaseworkError, Unavailable
from runtime import notices
from runtime.clock import Clock, utc_now
from runtime.settings import Settings

log = structlog.get_logger(__name__)

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
"""Between one try and the next, real time; the last of them from then on."""

TRIES = 72
"""Tries before a notice is given up: close to three days, so a mail server may rest a weekend."""

PATIENCE = timedelta(seconds=30)
"""Real time one delivery may take; ending it politely may take half of that again."""

AT_ONCE = 5
"""Notices taken together: so few that all end within the lease, each as slow as can be."""

REST = (0.5, 2.0)
"""Seconds between two looks into an empty outbox: at first, and at most."""

_PERMANENT = 500
"""SMTP answers from here on mean: do not try again (RFC 5321)."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class NotDelivered(Unavailable):
    """A try failed. `code` is enumerated; `for_good` means that another would fail as well."""

    def __init__(self, code: str, *, for_good: bool = False) -> None:
        super().__init__(f"The notice was not delivered ({code}); it is kept in the outbox.")
        self.code = code
        self.for_good = for_good


class Deliver(Protocol):
    """A way for a notice to reach a person. Raises NotDelivered."""

    async def deliver(self, notice: Notice, person: Person) -> None:
        """Return once the far end has taken it over."""


class ShownInOutbox:
    """Sends nothing: a notice marked as sent is shown by `casework outbox`."""

    async def deliver(self, notice: Notice, person: Person) -> None:
        """Nothing is left to do."""


class Smtp:
    """Mail by the server in `settings`; one connection a notice."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls

    async def deliver(self, notice: Notice, person: Person) -> None:
        """Hand one mail to the server. Raises NotDelivered."""
        chosen = self._settings
        try:
            await aiosmtplib.send(
                mail(notice, person, chosen.smtp_from),
                hostname=chosen.smtp_host,
                port=chosen.smtp_port,
                username=chosen.smtp_username or None,
                password=chosen.smtp_password.get_secret_value() or None,
                start_tls=chosen.smtp_starttls,
                tls_context=self._tls,
                timeout=PATIENCE.total_seconds() / 2,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # Not chained: the far end's words repeat the address.
            raise _why(error) from None


def mail(notice: Notice, person: Person, sender: str) -> EmailMessage:
    """The mail of a notice: the same, byte for byte, however often it is sent."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = person.email
    message["Subject"] = notices.subject(notice)
    message["Date"] = format_datetime(notice.created_at)
    message["Message-ID"] = f"<{notice.id.replace(':', '.')}@{_domain(sender)}>"
    # Keeps holiday replies from answering (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Protective-Marking"] = notices.MARKING
    message.set_content(notices.body(notice))
    return message


def adapter(settings: Settings) -> Deliver:
    """By mail when a mail server is set, else shown in the outbox list."""
    return Smtp(settings) if settings.smtp_host else ShownInOutbox()


async def run(
    ledger: Ledger,
    directory: Callable[[], Directory],
    settings: Settings,
    clock: Clock = utc_now,
) -> None:
    """Deliver for ever, until cancelled; raises nothing else. What fails is logged by its code."""
    relay = Relay(ledger, directory, adapter(settings), clock)
    rest, well = REST[0], True
    while True:
        taken = 0
        try:
            taken = await relay.once()
            well = True
        except Exception as error:  # noqa: BLE001 - a relay that stops tells nobody anything
            if well:
                log.warning("relay_cannot_go_on", error=type(error).__name__)
            well = False
        rest = REST[0] if taken else min(rest * 1.5, REST[1])
        if not taken:
            await asyncio.sleep(rest)


class Relay:
    """Takes notices out of the outbox, delivers them, and writes down what became of each."""

    def __init__(
        self,
        ledger: Ledger,
        directory: Callable[[], Directory],
        deliver: Deliver,
        clock: Clock = utc_now,
    ) -> None:
        self._ledger = ledger
        self._directory = directory
        self._deliver = deliver
        self._clock = clock

    async def once(self) -> int:
        """Deliver what is due now, a few at most; how many were taken.

        Raises Unavailable while the ledger cannot be reached; what was taken comes back.
        """
        left = await _to_its_end(self._ledger.claim_notices, self._clock(), AT_ONCE)
        taken = len(left)
        try:
            while left:
                notice = left.pop(0)
                await self._settle(notice, await self._try(notice))
        except BaseException:
            await self._give_back(left)
            raise
        return taken

    async def _try(self, notice: Notice) -> NotDelivered | None:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self._deliver.deliver(notice, self._person(notice))
        except NotDelivered as no:
            return no
        except TimeoutError:
            return NotDelivered("timed_out")
        except Exception as error:  # noqa: BLE001 - one odd notice must not hold up the others
            log.warning("notice_fault", notice_id=notice.id, error=type(error).__name__)
            return NotDelivered("fault")
        return None

    def _person(self, notice: Notice) -> Person:
        try:
            return self._directory().person(notice.person)
        except BadInput:
            raise NotDelivered("no_address", for_good=True) from None

    async def _settle(self, notice: Notice, no: NotDelivered | None) -> None:
        now = self._clock()
        if no is None:
            await _to_its_end(self._ledger.notice_sent, notice.id, now)
            log.info("notice_sent", notice_id=notice.id, attempt=notice.attempts)
            return
        again = None if no.for_good else next_try(notice.attempts, now)
        await _to_its_end(self._ledger.notice_failed, notice.id, now, no.code, again)
        event = "notice_given_up" if again is None else "notice_not_sent"
        log.warning(event, notice_id=notice.id, attempt=notice.attempts, code=no.code)

    async def _give_back(self, untried: list[Notice]) -> None:
        """Let go of what was taken but not tried, so that a restart delays nothing by a lease."""
        now = self._clock()
        with contextlib.suppress(CaseworkError):
            for notice in untried:
                await _to_its_end(self._ledger.notice_failed, notice.id, now, "stopped", now)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many tries; None: enough."""
    if attempts >= TRIES:
        return None
    return now + DELAYS[min(attempts, len(DELAYS)) - 1]


async def _to_its_end(call: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """A ledger call in a thread of its own. Cancelled, it is waited for first.

    A thread cannot be stopped: left alone it would write after the ledger was closed.
    """
    job = asyncio.ensure_future(asyncio.to_thread(call, *args, **kwargs))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await job
        raise


def _why(error: Exception) -> NotDelivered:
    """The far end's answer as a code. Only a refusal of *this* notice is final.

    A refused login, greeting or sender is for the operator to put right, and no reason to give up
    whatever is waiting.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _answer(error.recipients[0].code, about_this_one=True)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        about = isinstance(error, aiosmtplib.SMTPDataError)
        return _answer(error.code, about_this_one=about)
    if isinstance(error, TimeoutError):
        return NotDelivered("timed_out")
    if isinstance(error, ssl.SSLError):
        return NotDelivered("no_trust")
    return NotDelivered("no_connection" if isinstance(error, OSError) else "smtp_unable")


def _answer(code: int, *, about_this_one: bool) -> NotDelivered:
    return NotDelivered(f"smtp_{code}", for_good=about_this_one and code >= _PERMANENT)


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "casework.invalid"
