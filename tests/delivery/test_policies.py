from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from djhipchat2.api import send_message
from djhipchat2.connections import connections
from djhipchat2.delivery import engine, retry
from djhipchat2.delivery.policies import policy_of
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status, Trigger
from tests.scripted import PATH, UNAVAILABLE, UNKNOWN, HipChatBackend, Script

pytestmark = pytest.mark.django_db


class RecognisingBackend(HipChatBackend):
    """A chat that knows a message again by its key."""

    knows_repeats = True


def audit(settings: Any, path: str = PATH, **retry_options: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": path, "RETRY": retry_options}}


def deliver(connection: str = "default") -> Summary:
    return engine.deliver_room(connection, "Ops", Run(Trigger.FLUSH))


def test_a_connection_follows_the_settings(settings: Any) -> None:
    settings.HIPCHAT_MAX_ATTEMPTS = 7

    assert policy_of("default") == retry.Policy(7, 3600, 3600, "retry")


def test_a_connection_may_differ(settings: Any) -> None:
    audit(settings, max_attempts=2, backoff_base=1, backoff_cap=8, on_unknown="hold")

    assert policy_of("audit") == retry.Policy(2, 1, 8, "hold")
    assert policy_of("default").max_attempts == 10


def test_a_connections_own_limit_of_attempts_counts(chat: Script, settings: Any) -> None:
    audit(settings, max_attempts=1)
    chat.results = [UNAVAILABLE]
    row = send_message("Ops", "hello", using="audit", defer=True)

    deliver("audit")

    row.refresh_from_db()
    assert row.status == Status.FAILED


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "['RETRY'] is of type list; set it to a dictionary."),
        (
            {"attempts": 3},
            "['RETRY'] has unknown keys attempts; use max_attempts, backoff_base, backoff_cap, "
            "on_unknown.",
        ),
        ({"max_attempts": 0}, "['max_attempts'] is 0; set it to a number of attempts from 1"),
        ({"on_unknown": "drop"}, "['on_unknown'] is 'drop'; set it to 'retry' or 'hold'."),
    ],
)
def test_wrong_retry_options_are_refused(settings: Any, options: Any, complaint: str) -> None:
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH, "RETRY": options}}

    with pytest.raises(ImproperlyConfigured) as caught:
        connections["audit"]

    assert complaint in str(caught.value)


def test_a_lost_answer_may_be_held_for_a_person(chat: Script, settings: Any) -> None:
    settings.HIPCHAT_ON_UNKNOWN = "hold"
    chat.results = [UNKNOWN]
    row = send_message("Ops", "hello", defer=True)

    deliver()

    row.refresh_from_db()
    assert (row.status, row.held, row.attempts) == (Status.QUEUED, True, 1)
    assert (row.error, row.next_attempt_at) == ("no answer", None)
    assert deliver() == Summary()
    assert chat.texts == ["hello"]


def test_a_held_message_lets_the_next_ones_pass(chat: Script, settings: Any) -> None:
    settings.HIPCHAT_ON_UNKNOWN = "hold"
    chat.by_text["first"] = UNKNOWN
    send_message("Ops", "first", defer=True)
    send_message("Ops", "second", defer=True)

    deliver()

    assert chat.texts == ["first", "second"]
    assert OutboundMessage.objects.held().get().message == "first"


def test_a_chat_that_knows_repeats_is_always_tried_again(settings: Any, chat: Script) -> None:
    audit(settings, "tests.delivery.test_policies.RecognisingBackend", on_unknown="hold")
    chat.results = [UNKNOWN]
    row = send_message("Ops", "hello", using="audit", defer=True)

    deliver("audit")

    row.refresh_from_db()
    assert not row.held
    assert row.next_attempt_at is not None


def test_a_limit_of_attempts_does_not_end_what_waits_for_a_decision() -> None:
    policy = retry.Policy(1, 10, 3600, "hold")
    now: datetime = timezone.now()

    verdict = retry.judge(UNKNOWN, attempts=5, now=now, policy=policy)

    assert (verdict.status, verdict.held, verdict.next_attempt_at) == (Status.QUEUED, True, None)
