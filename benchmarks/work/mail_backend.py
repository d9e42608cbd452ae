"""The mail backend that gives the mail outboxes the same work: one keep-alive POST a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from benchmarks.work.payload import PATH, form


class ChatBackend(BaseEmailBackend):
    """Posts each mail to the chat over a session that stays open as long as the backend."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._session = requests.Session()
        self._session.trust_env = getattr(settings, "BENCH_TRUST_ENV", True)

    def close(self) -> None:
        self._session.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            room = mail.to[0].partition("@")[0]
            answer = self._session.post(
                f"{settings.CHAT_URL}{PATH}", data=form(room, str(mail.body)), timeout=10
            )
            answer.raise_for_status()
        return len(email_messages)
