"""Custom backends as projects wrote them for the 2013 package, and some that cannot work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from djhipchat.backends.base import HipChatBackendBase as BaseOf2013

calls: list[tuple[Any, ...]] = []


class Subclass(BaseOf2013):
    """A subclass of 2013's base with its ``send_message()``."""

    def send_message(  # type: ignore[override]
        self,
        room_id: Any,
        message: Any,
        sender: Any,
        message_format: str = "html",
        notify: bool = False,  # noqa: FBT001, FBT002
        color: str = "yellow",
    ) -> None:
        calls.append(
            tuple(self.get_payload(room_id, message, sender, message_format, notify, color).items())
        )


class Plain:
    """A class of its own."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def send_message(self, room_id: Any, message: str, *others: Any) -> None:
        calls.append((room_id, self.prefix + message, *others))


class Failing:
    def send_message(self, *arguments: Any) -> None:
        message = "cannot log in with token SECRET"
        raise ConnectionError(message)


class Empty(BaseOf2013):
    """Neither delivers nor sends."""


class Unrelated:
    """No backend at all."""


not_a_class = Plain()


class SilentMail(BaseEmailBackend):
    """A backend for Django's mail that sends nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return 0
