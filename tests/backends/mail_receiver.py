"""A receiver of e-mail that answers what a test wants, and the settings that lead to it."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from djhipchat2.backends.base import Result
from djhipchat2.backends.mail import HipChatBackend
from djhipchat2.message import Message
from tests.backends.sending import a_message

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


def use(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "Site <site@example.com>"


def deliver(message: Message | None = None, **options: Any) -> Result:
    backend = HipChatBackend(alias="ops", **{"to": "ops@example.com", **options})
    return backend.deliver(message or a_message(), timeout=5)
