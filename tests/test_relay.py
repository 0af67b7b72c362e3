"""The relay against a real mail server: at least once, by when in London time, never case text."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.ledger import Ledger
from activities.outbox import LEASE, Notice, NoticeStatus
from models.case import Line, Tell
from models.directory import Directory, Person
from models.errors import Unavailable
from models.people import Role
from runtime import relay
from runtime.relay import DELAYS, TRIES, NotDelivered, Relay, ShownInOutbox, Smtp
from runtime.settings import Settings
from tests.conftest import free_port
from tests.ledger_fixtures import (  # noqa: F401 - fixtures
    NOW,
    SmallCipher,
    batch,
    cipher_fixture,
    ledger_fixture,
    line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

_CANARY = "CANARY"
_SECOND = timedelta(seconds=1)
_DUE = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)


# --- a mail server, people, notices -----------------------------------------------------------


class Letterbox:
    """What the mail server took, and what it says to the next ones first."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.to_recipient: list[str] = []
        self.to_sender: list[str] = []
        self.to_data: list[str] = []

    async def handle_MAIL(  # noqa: N802 - the server looks for these
        self, _server: Any, _session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer the sender's address."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.to_sender.pop(0) if self.to_sender else "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer the recipient's address."""
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Answer, and keep, the mail."""
        if self.to_data:
            return self.to_data.pop(0)
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def _mail_server(letterbox: Letterbox, port: int, **given: Any) -> Iterator[None]:
    controller = Controller(letterbox, hostname="127.0.0.1", port=port, **given)
    controller.start()
    try:
        yield
    finally:
        controller.stop()
        controller.loop.close()


@pytest.fixture(name="ledger_url")
def ledger_url_fixture(tmp_path: Path) -> str:
    """One database is enough: what each makes of an outbox is tested with the outbox."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(name="chosen")
def chosen_fixture(settings_factory: Callable[..., Settings]) -> Settings:
    """Settings that name a mail server on a free port; it does not run yet."""
    return settings_factory(
        encryption=False,
        smtp_host="127.0.0.1",
        smtp_port=free_port(),
        smtp_from="Casework <no-reply@agency.example>",
        smtp_starttls=False,
    )


@pytest.fixture(name="letterbox")
def letterbox_fixture(chosen: Settings) -> Iterator[Letterbox]:
    """A running mail server that takes everything."""
    letterbox = Letterbox()
    with _mail_server(letterbox, chosen.smtp_port):
        yield letterbox


def _people() -> Directory:
    return Directory(
        [
            Person(id="p-0", name="Wenna Trescothick", email="wenna@agency.example", top=True),
            Person(id="p-1", name="Idris Hallam", email="idris@agency.example", line_manager="p-0"),
        ]
    )


def _told(ledger: Ledger, *people: str, what: str = "to_do") -> list[Notice]:
    tells = tuple(
        Tell(person=one, role=Role.LM, what=what, about="Closing access", due=_DUE, clause="2.13")
        for one in people
    )
    usual = line(1, reason=f"{_CANARY}: a child told her teacher")
    ledger.append(
        batch(Line(entry=usual.entry.model_copy(update={"tells": tells}), private=usual.private)),
        NOW,
    )
    return ledger.outbox()


class Hands:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(name="hands")
def hands_fixture() -> Hands:
    """The clock of the relay under test."""
    return Hands()


def _relay(ledger: Ledger, chosen: Settings, hands: Hands) -> Relay:
    return Relay(ledger, _people, relay.adapter(chosen), hands)


# --- what arrives -----------------------------------------------------------------------------


async def test_a_mail_says_by_when_in_london_time_and_why(
    ledger: Ledger, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(ledger, "p-0")
    assert await _relay(ledger, chosen, hands).once() == 1
    (mail,) = letterbox.taken
    assert mail["To"] == "wenna@agency.example"
    assert mail["From"] == "Casework <no-reply@agency.example>"
    assert mail["Subject"] == "Casework: Something for you to do, by Wed 1 Jul 2026 16:30 BST"
    assert mail["Date"] == "Mon, 30 Nov 2026 10:45:00 +0000"
    assert mail["X-Protective-Marking"] == "OFFICIAL-SENSITIVE"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert "By when: Wed 1 Jul 2026 16:30 BST (London time)." in text
    assert "clause 2.13." in text
    assert "Closing access" in text
    (sent,) = ledger.outbox()
    assert (sent.status, sent.sent_at) == (NoticeStatus.SENT, NOW)


async def test_no_name_and_nothing_of_the_form_is_in_a_mail(
    ledger: Ledger, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(ledger, "p-0", "p-1")
    await _relay(ledger, chosen, hands).once()
    assert len(letterbox.taken) == 2
    for mail in letterbox.taken:
        whole = mail.as_string()
        for secret in (_CANARY, "teacher", "Wenna", "Trescothick", "Idris", "Hallam", "p-ada"):
            assert secret not in whole


async def test_without_a_mail_server_a_notice_is_shown_in_the_outbox(
    ledger: Ledger, settings_factory: Callable[..., Settings], hands: Hands
) -> None:
    _told(ledger, "p-0")
    chosen = settings_factory(encryption=False)
    assert isinstance(relay.adapter(chosen), ShownInOutbox)
    await _relay(ledger, chosen, hands).once()
    assert [one.status for one in ledger.outbox()] == [NoticeStatus.SENT]


# --- when it cannot be delivered --------------------------------------------------------------


async def test_a_mail_server_that_was_away_gets_everything_later(
    ledger: Ledger, chosen: Settings, hands: Hands
) -> None:
    _told(ledger, "p-0", "p-1")
    relay_ = _relay(ledger, chosen, hands)
    await relay_.once()
    waiting = ledger.outbox()
    assert {one.status for one in waiting} == {NoticeStatus.WAITING}
    assert {one.last_error for one in waiting} == {"no_connection"}
    letterbox = Letterbox()
    with _mail_server(letterbox, chosen.smtp_port):
        assert await relay_.once() == 0
        hands.now += DELAYS[0]
        await relay_.once()
    assert len(letterbox.taken) == 2
    assert {one.status for one in ledger.outbox()} == {NoticeStatus.SENT}


_WAITING, _FAILED = NoticeStatus.WAITING, NoticeStatus.FAILED


@pytest.mark.parametrize(
    ("said_to", "answer", "status"),
    [
        ("to_recipient", "450 4.2.1 mailbox busy", _WAITING),  # 4xx: by its own word not for ever
        ("to_data", "451 4.3.0 try later", _WAITING),
        ("to_recipient", "550 5.1.1 no such mailbox", _FAILED),  # 5xx: another try would be refused
        ("to_data", "554 5.7.1 refused", _FAILED),
        ("to_sender", "550 5.7.1 sender refused", _WAITING),  # the operator's to put right
    ],
)
async def test_only_a_refusal_of_this_notice_gives_it_up(  # noqa: PLR0913 - fixtures
    ledger: Ledger,
    chosen: Settings,
    letterbox: Letterbox,
    hands: Hands,
    said_to: str,
    answer: str,
    status: NoticeStatus,
) -> None:
    _told(ledger, "p-0")
    getattr(letterbox, said_to).append(answer)
    relay_ = _relay(ledger, chosen, hands)
    await relay_.once()
    (notice,) = ledger.outbox()
    assert (notice.status, notice.last_error) == (status, f"smtp_{answer[:3]}")
    hands.now += DELAYS[0]
    await relay_.once()
    assert len(letterbox.taken) == (status is _WAITING)


async def test_somebody_no_longer_in_the_directory_shows_as_failed(
    ledger: Ledger, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(ledger, "p-gone", "p-0")
    await _relay(ledger, chosen, hands).once()
    (failed,) = ledger.outbox(status=NoticeStatus.FAILED)
    assert (failed.person, failed.last_error) == ("p-gone", "no_address")
    assert len(letterbox.taken) == 1


class Odd:
    """An adapter that fails at the first notice, and takes every other."""

    def __init__(self, error: Exception) -> None:
        self._errors = [error]
        self.taken: list[str] = []

    async def deliver(self, notice: Notice, person: Person) -> None:
        """Fail once, then take everything."""
        del person
        if self._errors:
            raise self._errors.pop()
        self.taken.append(notice.id)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ZeroDivisionError(), "fault"),  # a mistake of ours
        (TimeoutError(), "timed_out"),
        (NotDelivered("smtp_421"), "smtp_421"),
    ],
)
async def test_one_notice_that_cannot_be_sent_does_not_hold_up_the_next(
    ledger: Ledger, hands: Hands, error: Exception, code: str
) -> None:
    _told(ledger, "p-0", "p-1")
    odd = Odd(error)
    await Relay(ledger, _people, odd, hands).once()
    assert odd.taken == ["case-1:1:2"]
    (waiting,) = ledger.outbox(status=NoticeStatus.WAITING)
    assert (waiting.last_error, waiting.next_try_at) == (code, NOW + DELAYS[0])


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [
        (1, 5),  # a hiccup
        (2, 30),
        (3, 120),
        (4, 600),
        (5, 3600),  # from here on once an hour
        (TRIES - 1, 3600),
        (TRIES, None),  # close to three days: a weekend
        (TRIES + 9, None),  # taken again after crashes
    ],
)
def test_the_waits_grow_to_an_hour_and_end_after_a_weekend(
    attempts: int, seconds: int | None
) -> None:
    expected = None if seconds is None else NOW + seconds * _SECOND
    assert relay.next_try(attempts, NOW) == expected


def test_everything_taken_together_ends_within_the_lease() -> None:
    assert relay.PATIENCE * 1.5 * relay.AT_ONCE < LEASE


async def test_a_mail_server_that_offers_no_encryption_gets_nothing_when_it_must_be_encrypted(
    ledger: Ledger, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(ledger, "p-0")
    strict = Settings.model_validate(
        {**chosen.model_dump(exclude_unset=True), "smtp_starttls": True}
    )
    await _relay(ledger, strict, hands).once()
    (waiting,) = ledger.outbox()
    assert (waiting.status, waiting.last_error) == (NoticeStatus.WAITING, "smtp_unable")
    assert letterbox.taken == []


# --- at least once ----------------------------------------------------------------------------


class ForgetsOnce(Ledger):
    """A ledger whose process dies between sending and marking, once."""

    died = False

    def notice_sent(self, notice_id: str, at: datetime) -> None:
        """Fail the first time."""
        if not self.died:
            self.died = True
            raise Unavailable("The ledger cannot be reached.")
        super().notice_sent(notice_id, at)


@pytest.fixture(name="forgetful")
def forgetful_fixture(ledger: Ledger, ledger_url: str) -> Iterator[ForgetsOnce]:
    """The same ledger, opened by a process that will die."""
    del ledger
    with ForgetsOnce(ledger_url, SmallCipher()) as forgetful:
        yield forgetful


async def test_a_crash_between_sending_and_marking_sends_the_same_mail_again(
    forgetful: ForgetsOnce, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(forgetful, "p-0")
    relay_ = _relay(forgetful, chosen, hands)
    with pytest.raises(Unavailable):
        await relay_.once()
    assert await relay_.once() == 0
    hands.now += LEASE
    await relay_.once()
    one, again = letterbox.taken
    assert one["Message-ID"] == again["Message-ID"] == "<case-1.1.1@agency.example>"
    assert one.as_bytes() == again.as_bytes()
    assert [kept.status for kept in forgetful.outbox()] == [NoticeStatus.SENT]


async def test_what_was_taken_but_not_tried_comes_back_at_once(
    forgetful: ForgetsOnce, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(forgetful, "p-0", "p-1")
    relay_ = _relay(forgetful, chosen, hands)
    with pytest.raises(Unavailable):
        await relay_.once()
    await relay_.once()
    assert [mail["To"] for mail in letterbox.taken] == [
        "wenna@agency.example",
        "idris@agency.example",
    ]


async def test_two_notices_have_two_message_ids(
    ledger: Ledger, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(ledger, "p-0", "p-1")
    await _relay(ledger, chosen, hands).once()
    assert len({mail["Message-ID"] for mail in letterbox.taken}) == 2


async def test_two_relays_at_once_deliver_each_notice_once(
    ledger: Ledger, chosen: Settings, letterbox: Letterbox, hands: Hands
) -> None:
    _told(ledger, *["p-0", "p-1"] * 8)

    async def empty() -> None:
        mine = _relay(ledger, chosen, hands)
        while await mine.once():
            pass

    await asyncio.gather(empty(), empty())
    ids = [mail["Message-ID"] for mail in letterbox.taken]
    assert len(ids) == len(set(ids)) == 16


# --- running for ever -------------------------------------------------------------------------


async def _until_all_sent(ledger: Ledger) -> None:
    async with asyncio.timeout(20):
        while {one.status for one in ledger.outbox()} != {NoticeStatus.SENT}:
            await asyncio.sleep(0.02)


class AwayOnce(Ledger):
    """A ledger that cannot be reached at first."""

    asked = 0

    def claim_notices(self, *args: Any, **given: Any) -> list[Notice]:
        """Fail the first time, in a way nobody foresaw."""
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError(_CANARY)
        return super().claim_notices(*args, **given)


async def test_a_ledger_that_is_away_does_not_end_the_relay(  # noqa: PLR0913 - fixtures
    ledger: Ledger,
    ledger_url: str,
    chosen: Settings,
    letterbox: Letterbox,
    hands: Hands,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _told(ledger, "p-0")
    with AwayOnce(ledger_url, None) as away:
        job = asyncio.create_task(relay.run(away, _people, chosen, hands))
        await _until_all_sent(ledger)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
    assert len(letterbox.taken) == 1
    printed = capsys.readouterr()
    assert _CANARY not in printed.out + printed.err
    assert "wenna" not in printed.out + printed.err


class Slow:
    """An adapter that never comes to an end."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def deliver(self, notice: Notice, person: Person) -> None:
        """Wait for ever."""
        del notice, person
        self.began.set()
        await asyncio.Event().wait()


async def test_a_relay_told_to_stop_gives_back_what_it_has_not_tried(
    ledger: Ledger, hands: Hands
) -> None:
    _told(ledger, "p-0", "p-1")
    slow = Slow()
    job = asyncio.create_task(Relay(ledger, _people, slow, hands).once())
    await slow.began.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    # The first may have arrived or not: it waits for its lease.
    assert [one.id for one in ledger.claim_notices(hands.now)] == ["case-1:1:2"]


class Busy(Ledger):
    """A ledger whose disk is slow to mark what was sent."""

    def __init__(self, url: str) -> None:
        super().__init__(url, None)
        self.began, self.may_end = Event(), Event()

    def notice_sent(self, notice_id: str, at: datetime) -> None:
        """Wait to be let go."""
        self.began.set()
        assert self.may_end.wait(20)
        super().notice_sent(notice_id, at)


async def test_a_relay_told_to_stop_first_marks_what_it_has_sent(
    ledger: Ledger, ledger_url: str, hands: Hands
) -> None:
    _told(ledger, "p-0")
    with Busy(ledger_url) as busy:
        job = asyncio.create_task(Relay(busy, _people, ShownInOutbox(), hands).once())
        assert await asyncio.to_thread(busy.began.wait, 20)
        job.cancel()
        await asyncio.wait([job], timeout=0.05)
        assert not job.done()
        busy.may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await job
    assert [one.status for one in ledger.outbox()] == [NoticeStatus.SENT]


# --- a server that asks for encryption and a login --------------------------------------------


@pytest.fixture(name="tls_files", scope="module")
def tls_files_fixture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    return folder / "cert.pem", folder / "key.pem"


def _knows(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.password == b"open sesame"
    return AuthResult(success=right, handled=right)


@pytest.mark.parametrize(
    ("password", "trusted", "error"),
    [
        ("open sesame", True, None),
        ("wrong", True, "smtp_535"),  # 5xx, but of us and not of the notice: tried again
        ("open sesame", False, "no_trust"),  # a certificate nobody vouches for gets no password
    ],
)
async def test_the_mail_server_is_checked_and_logged_in_to(  # noqa: PLR0913 - fixtures
    ledger: Ledger,
    chosen: Settings,
    hands: Hands,
    tls_files: tuple[Path, Path],
    password: str,
    trusted: bool,
    error: str | None,
) -> None:
    _told(ledger, "p-0")
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(*tls_files)
    ours = ssl.create_default_context(cafile=tls_files[0] if trusted else None)
    given = {"smtp_starttls": True, "smtp_username": "casework", "smtp_password": password}
    strict = Settings.model_validate({**chosen.model_dump(exclude_unset=True), **given})
    letterbox = Letterbox()
    with ExitStack() as stack:
        stack.enter_context(
            _mail_server(
                letterbox,
                strict.smtp_port,
                tls_context=server_side,
                require_starttls=True,
                auth_required=True,
                authenticator=_knows,
            )
        )
        await Relay(ledger, _people, Smtp(strict, ours), hands).once()
    (notice,) = ledger.outbox()
    assert notice.last_error == error
    assert notice.status is (NoticeStatus.WAITING if error else NoticeStatus.SENT)
    assert len(letterbox.taken) == (error is None)
