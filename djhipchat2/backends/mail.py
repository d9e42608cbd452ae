"""
E-mail, through Django's own mail: "tell #ops by e-mail if Slack is gone".

What SMTP's codes mean: RFC 5321, section 4.2.1; those that begin with 4 pass, those with 5 do not.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from email.utils import parseaddr
from typing import Any

from django.core import mail
from django.core.checks import CheckMessage

from ..markup import mail_html, plain
from ..markup.card import read_shown
from ..message import Message
from ..states import Outcome, Scope
from .addressed import AddressedBackend
from .base import Result
from .redaction import redacted
from .service_checks import missing, wrong_value
from .service_options import Kinds, of_room
from .service_text import clipped

SUBJECT_CHARACTERS = 120
KINDS: Kinds = {
    "to": ((str, list, tuple), "an address or a list of addresses"),
    "rooms": (Mapping, "a dictionary from a room to addresses"),
}
#: "Command not implemented": a server without TLS or login, which the settings ask for.
NOT_SUPPORTED = 502
DEFAULT_MAILER = "default"


class HipChatBackend(AddressedBackend):
    """
    Send each message as an e-mail, by Django's mail settings.

    Options: ``to``, an address or several; ``rooms``, the addresses of rooms that have their own;
    ``from_email`` (DEFAULT_FROM_EMAIL); ``subject_prefix``; ``mailer``, an alias of Django 6.1's
    MAILERS; ``timeout``, the seconds of each wait for the mail server (HIPCHAT_TIMEOUT).
    """

    option_names = ("to", "rooms", "from_email", "subject_prefix", "mailer", "timeout")
    service = "e-mail"
    shared_option = "to"
    option_kinds = KINDS

    @property
    def mailer(self) -> str:
        """The alias in Django's MAILERS."""
        return self.options.get("mailer") or DEFAULT_MAILER

    def recipients_of(self, room: str) -> list[str]:
        """Return the addresses that a room's messages go to."""
        return _addresses(of_room(self.rooms, room) or self.options.get("to") or ())

    def check_options(self) -> list[CheckMessage]:
        """Return what is wrong with the addresses and the mailer."""
        named = {"to": _addresses(self.options.get("to") or ())}
        named |= {f"rooms[{room!r}]": _addresses(value) for room, value in self.rooms.items()}
        if not any(named.values()):
            hint = "Set the option to to an address, or rooms to the addresses of each room."
            return [missing(self.alias, "recipient", hint)]
        found: list[CheckMessage] = [
            wrong_value(self.alias, name, str(address), "Set it to an address: ops@example.com.")
            for name, addresses in named.items()
            for address in addresses
            if not _is_address(address)
        ]
        if self.mailer != DEFAULT_MAILER and self.mailer not in getattr(mail, "mailers", ()):
            hint = "Name an alias in MAILERS, which Django has since 6.1."
            found.append(wrong_value(self.alias, "mailer", self.mailer, hint))
        return found

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        self.require_settings()
        recipients = self.recipients_of(message.room)
        if not recipients:
            return self.nowhere(message.room)
        connection = self._connection()
        if hasattr(connection, "timeout"):
            connection.timeout = self.time_limit if timeout is None else timeout
        try:
            return _sent(connection, self.email_of(message, recipients))
        finally:
            with suppress(OSError):  # it has been sent, or not; leaving is a courtesy
                connection.close()

    def email_of(self, message: Message, recipients: list[str]) -> mail.EmailMultiAlternatives:
        """Return the e-mail for a message: as text, and in html."""
        document = read_shown(message)
        text = plain.render(document, limit=mail_html.LIMIT)
        first_line = next((line for line in text.splitlines() if line.strip()), "")
        sender = f"{message.sender}: " if message.sender.strip() else ""
        prefix = self.options.get("subject_prefix") or ""
        subject = " ".join(f"{prefix}[{message.room}] {sender}{first_line}".split())
        email = mail.EmailMultiAlternatives(
            clipped(subject, SUBJECT_CHARACTERS),
            text,
            self.options.get("from_email") or None,
            recipients,
        )
        if message.notify:
            email.extra_headers["Importance"] = "high"
        if message.key:
            # Mail servers and readers know the same e-mail by its id.
            domain = parseaddr(email.from_email)[1].rpartition("@")[2]
            email.extra_headers["Message-ID"] = f"<{message.key}@{domain}>"
        email.attach_alternative(mail_html.render(document), "text/html")
        return email

    def _connection(self) -> Any:
        handler = getattr(mail, "mailers", None)  # since Django 6.1
        return mail.get_connection() if handler is None else handler[self.mailer]


def _addresses(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _is_address(address: Any) -> bool:
    found = parseaddr(address)[1] if isinstance(address, str) else ""
    name, _, domain = found.rpartition("@")
    return bool(name and domain)


def _sent(connection: Any, email: mail.EmailMultiAlternatives) -> Result:
    """Send an e-mail over a connection and return what that came to."""
    secrets = [str(getattr(connection, "password", None) or "")]
    try:
        connection.open()
    except OSError as error:  # SMTP's exceptions are such, too
        return _failure(error, Outcome.UNAVAILABLE, secrets)
    try:
        count = connection.send_messages([email])
    except OSError as error:
        return _failure(error, Outcome.UNKNOWN, secrets)
    if not count:
        return Result(Outcome.UNAVAILABLE, error="Django's e-mail backend sent nothing.")
    return Result(Outcome.ACCEPTED)


def _failure(error: OSError, otherwise: Outcome, secrets: Iterable[str]) -> Result:
    """Return what an exception means; ``otherwise`` is for one without a server's answer."""
    codes, words = _answer_of(error)
    if not codes:
        reason = f"The mail server gave no answer: {words}."
        scope = Scope.CONNECTION
        return Result(otherwise, error=redacted(reason, secrets), scope=scope)
    passing = any(400 <= code < 500 for code in codes)
    outcome = Outcome.UNAVAILABLE if passing else Outcome.REJECTED
    return Result(outcome, error=redacted(f"SMTP {min(codes)}: {words}", secrets))


def _answer_of(error: OSError) -> tuple[list[int], str]:
    """Return the codes and the words that a mail server has answered with; no code without one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        return [code for code, _ in answers], "; ".join(_text(words) for _, words in answers)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return [error.smtp_code], _text(error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return [NOT_SUPPORTED], str(error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return [], str(error)
    return [], error.strerror or type(error).__name__


def _text(words: Any) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.split())
