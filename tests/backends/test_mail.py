"""E-mail through Django's own backends, to a real SMTP server."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.locmem import EmailBackend as LocMemBackend

from djhipchat2.backends.base import Result
from djhipchat2.backends.mail import HipChatBackend
from djhipchat2.message import Message, service_limits
from djhipchat2.states import Outcome, Scope
from tests.backends.sending import a_message

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
PASSWORD = "s3cretPassw0rd"


class Mailbox:
    """Keeps e-mails, or answers what a test wants."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers = {"RCPT": "250 OK", "DATA": "250 OK", "MAIL": "250 OK"}
        self.refused: dict[str, str] = {}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.answers["MAIL"]

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self.refused.get(address, self.answers["RCPT"])
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        content = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.received.append(content)  # type: ignore[arg-type]
        self.recipients.append(list(envelope.rcpt_tos))
        return self.answers["DATA"]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox, settings: Any) -> Iterator[Controller]:
    """An SMTP server that Django's settings name."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
        auth_require_tls=False,
    )
    controller.start()
    use(settings, port)
    yield controller
    controller.stop()


def use(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "Site <site@example.com>"


def deliver(message: Message | None = None, **options: Any) -> Result:
    backend = HipChatBackend(alias="ops", **{"to": "ops@example.com", **options})
    return backend.deliver(message or a_message(), timeout=5)


def test_a_message_arrives_as_text_and_in_html(server: Controller, mailbox: Mailbox) -> None:
    message = a_message(
        text="<b>Disk</b> full: <a href='https://example.com/?a=1&b=2'>see</a>",
        color="red",
        key="0190-key",
    )

    result = deliver(message)

    assert result == Result(Outcome.ACCEPTED)
    (received,) = mailbox.received
    assert received["Subject"] == "[Ops] Django: Disk full: see (https://example.com/?a=1&b=2)"
    assert (received["From"], received["To"]) == ("Site <site@example.com>", "ops@example.com")
    assert received["Message-ID"] == "<0190-key@example.com>"
    assert "Importance" not in received
    text, html = (part.get_content().strip() for part in received.iter_parts())
    assert text == "Disk full: see (https://example.com/?a=1&b=2)"
    assert html == (
        '<div style="border-left:4px solid #d04437;padding-left:12px">'
        '<p><strong>Disk</strong> full: <a href="https://example.com/?a=1&amp;b=2">see</a></p></div>'
    )


def test_options_say_from_whom_and_to_whom(server: Controller, mailbox: Mailbox) -> None:
    deliver(
        a_message(notify=True, sender="", limits=service_limits("e-mail"), text="line 1<br>line 2"),
        to=["a@example.com", "Bea <b@example.com>"],
        from_email="chat@example.org",
        subject_prefix="[shop] ",
    )

    (received,) = mailbox.received
    assert received["Subject"] == "[shop] [Ops] line 1"
    assert received["From"] == "chat@example.org"
    assert received["Importance"] == "high"
    assert mailbox.recipients == [["a@example.com", "b@example.com"]]


@pytest.mark.parametrize(
    ("room", "recipients"),
    [
        ("Ops", ["on-call@example.com"]),
        ("4242", ["a@example.com", "b@example.com"]),
        ("Dev", ["ops@example.com"]),
    ],
)
def test_a_room_may_have_addresses_of_its_own(
    server: Controller, mailbox: Mailbox, room: str, recipients: list[str]
) -> None:
    rooms = {"Ops": "on-call@example.com", 4242: ("a@example.com", "b@example.com")}

    deliver(a_message(room_id=room), rooms=rooms)

    assert mailbox.recipients == [recipients]


def test_a_room_without_an_address_is_refused_with_the_remedy() -> None:
    result = deliver(to=None, rooms={"Dev": "dev@example.com"})

    assert result == Result(
        Outcome.REJECTED,
        error="The connection ops has no address for the room 'Ops': add it to the option rooms, "
        "or set the option to.",
    )


def test_a_subject_is_one_line_and_short(server: Controller, mailbox: Mailbox) -> None:
    message = a_message(room_id="Ops\nBcc: x@example.com", text="word " * 100, sender="a" * 15)

    deliver(message)

    subject = str(mailbox.received[0]["Subject"]).strip()
    assert subject.startswith("[Ops Bcc: x@example.com] aaaaaaaaaaaaaaa: word word")
    assert (len(subject) <= 120, subject[-1]) == (True, "…")


def test_tables_lists_and_pictures_are_shown_in_html(server: Controller, mailbox: Mailbox) -> None:
    deliver(
        a_message(
            text="<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"
            "<img src='https://example.com/a.png' alt='a'> @all",
            notify=True,
        )
    )

    html = list(mailbox.received[0].iter_parts())[1].get_content()
    assert '<table style="border-collapse:collapse">' in html
    assert '<td style="border:1px solid #999;padding:2px 6px">1</td>' in html
    assert '<a href="https://example.com/a.png">a</a> @all' in html


@pytest.mark.parametrize(
    ("command", "answer", "outcome", "error"),
    [
        ("RCPT", "550 5.1.1 No such user", "rejected", "SMTP 550: 5.1.1 No such user"),
        ("RCPT", "450 4.2.0 Greylisted", "unavailable", "SMTP 450: 4.2.0 Greylisted"),
        ("MAIL", "553 5.7.1 Not your address", "rejected", "SMTP 553: 5.7.1 Not your address"),
        ("DATA", "554 5.6.0 Spam", "rejected", "SMTP 554: 5.6.0 Spam"),
        ("DATA", "452 4.3.1 Disk full", "unavailable", "SMTP 452: 4.3.1 Disk full"),
        ("MAIL", "421 4.7.0 Too many", "unavailable", "SMTP 421: 4.7.0 Too many"),
    ],
)
def test_a_server_s_code_says_whether_to_try_again(
    server: Controller, mailbox: Mailbox, command: str, answer: str, outcome: str, error: str
) -> None:
    mailbox.answers[command] = answer

    result = deliver()

    assert (str(result.outcome), result.error) == (outcome, error)


def test_one_recipient_who_may_be_tried_again_is_enough(
    server: Controller, mailbox: Mailbox
) -> None:
    mailbox.refused = {"a@example.com": "550 Gone", "b@example.com": "450 Later"}

    result = deliver(to=["a@example.com", "b@example.com"])

    assert (str(result.outcome), result.error) == ("unavailable", "SMTP 450: Gone; Later")


def test_a_wrong_password_is_refused_and_not_shown(server: Controller, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", PASSWORD

    result = deliver()

    assert (str(result.outcome), result.error[:9]) == ("rejected", "SMTP 535:")
    assert PASSWORD not in repr(result)


def test_a_server_without_tls_is_not_what_the_settings_ask_for(
    server: Controller, settings: Any
) -> None:
    settings.EMAIL_USE_TLS = True

    result = deliver()

    assert (str(result.outcome), result.error) == (
        "rejected",
        "SMTP 502: STARTTLS extension not supported by server.",
    )


def test_a_server_that_is_down_is_unavailable(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        use(settings, listener.getsockname()[1])

    result = deliver()

    assert result == Result(
        Outcome.UNAVAILABLE,
        error="The mail server gave no answer: Connection refused.",
        scope=Scope.CONNECTION,
    )


Talk = Callable[[socket.socket], None]


def until(connection: socket.socket, word: bytes) -> None:
    """Read up to a line that begins with a word, answering OK to those before."""
    with connection.makefile("rb") as stream:
        while not stream.readline().upper().startswith(word):
            connection.sendall(b"250 OK\r\n")


def says_nothing(connection: socket.socket) -> None:
    connection.recv(1)


def breaks_off_after_the_greeting(connection: socket.socket) -> None:
    connection.sendall(b"220 ready\r\n")
    until(connection, b"MAIL")


def breaks_off_after_the_text(connection: socket.socket) -> None:
    connection.sendall(b"220 ready\r\n")
    until(connection, b"DATA")
    connection.sendall(b"354 go on\r\n")
    with connection.makefile("rb") as stream:
        while stream.readline() != b".\r\n":
            pass


def greets_with_a_refusal(connection: socket.socket) -> None:
    connection.sendall(b"554 no service here for s3cretPassw0rd\r\n")
    connection.recv(1)


@pytest.mark.parametrize(
    ("talk", "outcome", "error"),
    [
        (
            says_nothing,
            "unavailable",
            "The mail server gave no answer: Connection unexpectedly closed: timed out.",
        ),
        (
            breaks_off_after_the_greeting,
            "unknown",
            "The mail server gave no answer: Connection unexpectedly closed.",
        ),
        (
            breaks_off_after_the_text,
            "unknown",
            "The mail server gave no answer: Connection unexpectedly closed.",
        ),
        (greets_with_a_refusal, "rejected", "SMTP 554: no service here for ***"),
    ],
)
def test_an_answer_that_is_missing_counts_by_when(
    settings: Any, talk: Talk, outcome: str, error: str
) -> None:
    settings.EMAIL_HOST_PASSWORD = PASSWORD
    with socket.create_server(("127.0.0.1", 0)) as listener:
        use(settings, listener.getsockname()[1])

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        backend = HipChatBackend(alias="ops", to="ops@example.com")
        result = backend.deliver(a_message(), timeout=0.5)
        thread.join()

    assert (str(result.outcome), result.error) == (outcome, error)


def test_a_backend_of_django_s_that_sends_nothing(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.backends.customs.SilentMail"

    result = deliver()

    assert result == Result(Outcome.UNAVAILABLE, error="Django's e-mail backend sent nothing.")


def test_any_e_mail_backend_of_django_s_works(settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_BACKEND = LOCMEM

    assert deliver().outcome is Outcome.ACCEPTED
    assert [message.to for message in mailoutbox] == [["ops@example.com"]]


def test_a_mailer_is_chosen_by_its_alias(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    sent: list[Any] = []
    settings.EMAIL_BACKEND = LOCMEM
    connection = LocMemBackend(alias="alerts")
    monkeypatch.setattr(connection, "send_messages", lambda messages: sent.extend(messages) or 1)
    monkeypatch.setattr(mail, "mailers", {"alerts": connection}, raising=False)

    result = deliver(mailer="alerts")

    assert (result.outcome, len(sent)) == (Outcome.ACCEPTED, 1)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"to": None}, "The connection 'ops' has no recipient."),
        ({"to": [], "rooms": {}}, "The connection 'ops' has no recipient."),
        ({"to": "ops"}, "The option to of the connection 'ops' is 'ops'."),
        ({"to": ["a@example.com", 7]}, "The option to of the connection 'ops' is '7'."),
        (
            {"rooms": {"Ops": "@example.com"}},
            "The option rooms['Ops'] of the connection 'ops' is '@example.com'.",
        ),
        (
            {"mailer": "no such"},
            "The option mailer of the connection 'ops' is 'no such'.",
        ),
    ],
)
def test_a_wrong_option_is_told(options: dict[str, Any], complaint: str) -> None:
    backend = HipChatBackend(alias="ops", **{"to": "ops@example.com", **options})

    (found,) = backend.check()
    with pytest.raises(ImproperlyConfigured) as caught:
        backend.deliver(a_message())

    assert found.msg == complaint
    assert str(caught.value) == f"{found.msg} {found.hint}"


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("to", 7, "is of type int; set it to an address or a list of addresses."),
        ("rooms", [], "is of type list; set it to a dictionary from a room to addresses."),
        ("from_email", 7, "is of type int; set it to a string."),
        ("timeout", "1", "is '1'; set it to a number of seconds from 0.1 to 1,000,000,000."),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(option: str, value: Any, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        HipChatBackend(alias="ops", **{option: value})

    assert str(caught.value) == f"The option {option} of the connection ops {problem}"


def test_limits_and_time_limit_are_those_of_other_services(settings: Any) -> None:
    settings.HIPCHAT_TIMEOUT = 9

    assert HipChatBackend(alias="ops").limits.sender_max == 64
    assert HipChatBackend(alias="ops").time_limit == 9
    assert HipChatBackend(alias="ops", timeout=3).time_limit == 3


@pytest.mark.skipif(not hasattr(mail, "mailers"), reason="MAILERS came with Django 6.1")
def test_mailers_of_django_6_1(server: Controller, mailbox: Mailbox, settings: Any) -> None:
    options = {"host": "127.0.0.1", "port": server.port}
    settings.MAILERS = {"alerts": {"BACKEND": SMTP, "OPTIONS": options}}

    assert HipChatBackend(alias="ops", to="a@example.com", mailer="alerts").check() == []
    assert deliver(mailer="alerts").outcome is Outcome.ACCEPTED
    assert len(mailbox.received) == 1
