"""E-mail to a real SMTP server: what arrives there, and what its codes mean."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core import mail

from djhipchat2.backends.base import Result
from djhipchat2.backends.mail import HipChatBackend
from djhipchat2.message import V2, service_limits
from djhipchat2.states import Outcome
from tests.backends.mail_receiver import PASSWORD, SMTP, Mailbox, deliver, use
from tests.backends.sending import a_message


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
        ("OPS", ["on-call@example.com"]),
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
    message = a_message(text="word " * 100, sender="Bot\nBcc: x@example.com", limits=V2)

    deliver(message)

    subject = str(mailbox.received[0]["Subject"]).strip()
    assert subject.startswith("[Ops] Bot Bcc: x@example.com: word word")
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


@pytest.mark.skipif(not hasattr(mail, "mailers"), reason="MAILERS came with Django 6.1")
def test_mailers_of_django_6_1(server: Controller, mailbox: Mailbox, settings: Any) -> None:
    options = {"host": "127.0.0.1", "port": server.port}
    settings.MAILERS = {"alerts": {"BACKEND": SMTP, "OPTIONS": options}}

    assert HipChatBackend(alias="ops", to="a@example.com", mailer="alerts").check() == []
    assert deliver(mailer="alerts").outcome is Outcome.ACCEPTED
    assert len(mailbox.received) == 1
