"""E-mail: which of Django's backends sends it, and what the options may be."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.locmem import EmailBackend as LocMemBackend

from djhipchat2.backends.base import Result
from djhipchat2.backends.mail import HipChatBackend
from djhipchat2.states import Outcome
from tests.backends.mail_receiver import deliver
from tests.backends.sending import a_message

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


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
