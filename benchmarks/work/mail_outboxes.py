"""django-post_office and django-mailer at work."""

from __future__ import annotations

import tempfile
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.management import call_command

from benchmarks.work.timing import delivered, settle, texts, timed

WARM_UP = 64


def post_office_drain(*, messages: int, in_rooms: int) -> dict[str, Any]:
    """Have post_office deliver a backlog, by its command."""
    from post_office.models import STATUS, Email

    with tempfile.TemporaryDirectory() as folder:

        def send() -> None:
            call_command("send_queued_mail", lockfile=f"{folder}/lock")

        _post_office_fill(WARM_UP, in_rooms)
        send()
        _post_office_fill(messages, in_rooms)
        settle()
        measured = delivered(send, messages)
    require_count(Email.objects.filter(status=STATUS.sent).count(), messages + WARM_UP)
    return measured


def post_office_send_many(*, messages: int) -> dict[str, Any]:
    """Queue messages with post_office's ``send_many()``."""
    from post_office.models import Email

    _post_office_fill(WARM_UP, 1)
    measured = timed(lambda: _post_office_fill(messages, 1), messages)
    require_count(Email.objects.count(), messages + WARM_UP)
    return measured


def post_office_send(*, messages: int) -> dict[str, Any]:
    """Queue messages one by one with post_office's ``send()``."""
    from post_office import mail

    def send_all() -> None:
        for text in texts(messages):
            mail.send(recipients=["room@example.com"], sender="a@example.com", message=text)

    _post_office_fill(WARM_UP, 1)
    return timed(send_all, messages)


def mailer_drain(*, messages: int, in_rooms: int) -> dict[str, Any]:
    """Have django-mailer deliver a backlog, by what its command calls."""
    from mailer.models import RESULT_SUCCESS, MessageLog

    with tempfile.TemporaryDirectory() as folder:
        from mailer import engine

        engine.LOCK_PATH = f"{folder}/lock"
        _mailer_fill(WARM_UP, in_rooms)
        engine.send_all()
        _mailer_fill(messages, in_rooms)
        settle()
        measured = delivered(engine.send_all, messages)
    sent = MessageLog.objects.filter(result=RESULT_SUCCESS).count()
    require_count(sent, messages + WARM_UP)
    return measured


def require_count(found: int, wanted: int) -> None:
    """Raise RuntimeError if the database has another number of rows than were written."""
    if found != wanted:
        message = f"{found} rows, not {wanted}."
        raise RuntimeError(message)


def _post_office_fill(messages: int, in_rooms: int) -> None:
    from post_office import mail

    mail.send_many(
        [
            {
                "recipients": [f"room{n % in_rooms}@example.com"],
                "sender": "django@example.com",
                "message": text,
            }
            for n, text in enumerate(texts(messages))
        ]
    )


def _mailer_fill(messages: int, in_rooms: int) -> None:
    connection = get_connection("mailer.backend.DbBackend")
    connection.send_messages(
        [
            EmailMessage("Chat", text, "django@example.com", [f"room{n % in_rooms}@example.com"])
            for n, text in enumerate(texts(messages))
        ]
    )
