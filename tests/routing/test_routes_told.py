"""What the commands tell of a message's route and fallback."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from djhipchat2.api import send_message
from tests.scripted import REJECTED, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_command_says_where_the_message_went(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "matrix"]}
    chat.results = [REJECTED]
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"Message \d+ was not sent. no such room"):
        call_command("hipchat", "Ops", "hello", stdout=out)

    first, second = out.getvalue().splitlines()
    assert first.endswith("to Ops by slack: failed.")
    assert second.endswith("to Ops by matrix: sent.")


def explain(*arguments: str) -> str:
    out = io.StringIO()
    call_command("hipchat_explain", *arguments, stdout=out)
    return out.getvalue()


def test_a_message_is_explained_with_its_route(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": ["slack", "matrix"], "fallback": "mail"}}
    chat.results = [UNAVAILABLE]
    first = send_message("Ops", "hello")
    second = first.routed_together().exclude(pk=first.pk).get()

    said = explain(str(first.pk))
    (told,) = json.loads(explain(str(first.pk), "--json"))

    assert f"The same went to matrix (message {second.pk}, sent)." in said
    assert said.endswith("If it fails for good, mail gets it.\n")
    assert told["routed_together"] == [
        {"id": second.pk, "connection": "matrix", "room": "Ops", "status": "sent"}
    ]
    assert (told["fallback"], told["fallback_of"]) == ("mail", None)


def test_a_fallback_is_explained_with_what_it_replaces(with_fallback: None, chat: Script) -> None:
    chat.results = [REJECTED]
    row = send_message("Ops", "hello")
    row.refresh_from_db()

    said = explain(str(row.fell_back_as.pk))

    assert f"It takes the place of message {row.pk}, which failed." in said
    assert "If it fails for good" not in explain(str(row.pk))
