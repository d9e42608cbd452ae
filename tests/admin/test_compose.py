from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.test import Client
from django.utils import translation

from djhipchat2.admin import compose, preview
from djhipchat2.admin.refusals import rule_of
from djhipchat2.exceptions import MessageError
from djhipchat2.models import OutboundMessage
from tests.admin.conftest import LogIn
from tests.admin.pages import MESSAGES, page_of, said, words

COMPOSE = f"{MESSAGES}compose/"
KEY = str(uuid.UUID(int=7))
GIVEN = {
    "using": "default",
    "room_id": "Ops",
    "sender": "Anna",
    "message_format": "text",
    "color": "green",
    "message": "up again",
    "key": KEY,
}


@pytest.fixture
def author(log_in: LogIn) -> Client:
    """Somebody who may see messages and send them."""
    return log_in("view_outboundmessage", "send_outboundmessage")


def test_the_form_is_reached_from_the_list(author: Client) -> None:
    assert f'href="{COMPOSE}"' in author.get(MESSAGES).content.decode()


def test_the_form_begins_with_what_the_address_names(author: Client, settings: Any) -> None:
    settings.HIPCHAT_DEFAULT_SENDER = "Site"

    form = author.get(COMPOSE, {"room_id": "Ops"}).context["form"]

    assert (form["room_id"].value(), form["sender"].value()) == ("Ops", "Site")


def test_a_message_is_shown_before_it_is_sent(author: Client) -> None:
    response = author.post(COMPOSE, GIVEN)

    assert "This will be sent to: Ops (default) Anna up again" in words(response)
    assert 'class="hipchat-bubble hipchat-color-green"' in response.content.decode()
    assert not OutboundMessage.objects.exists()


def test_html_is_shown_in_a_frame_without_rights(author: Client) -> None:
    given = {**GIVEN, "message_format": "html", "message": "<b>up</b><script>x()</script>"}

    page = author.post(COMPOSE, given).content.decode()

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "&gt;&lt;b&gt;up&lt;/b&gt;&lt;/body&gt;" in page


def test_without_the_sanitizer_the_source_is_shown(
    author: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "nh3", None)

    text = words(author.post(COMPOSE, {**GIVEN, "message_format": "html", "message": "<b>up</b>"}))

    assert "<b>up</b>" in text
    assert "pip install 'djhipchat2[admin]'" in text


def test_it_can_be_changed_once_more(author: Client) -> None:
    response = author.post(COMPOSE, {**GIVEN, "_change": "yes"})

    assert response.context["shown"] is None
    assert response.context["form"]["message"].value() == "up again"


def test_sending_shows_the_message_and_leaves_a_log_entry(
    author: Client, sent_messages: list[dict[str, object]]
) -> None:
    given = {**GIVEN, "message": "up\r\nagain", "notify": "on"}

    response = author.post(COMPOSE, {**given, "_send": "Send"}, follow=True)

    row = OutboundMessage.objects.get()
    assert response.redirect_chain == [(page_of(row), 302)]
    assert said(response) == [f"success: Message {row.pk} is written, now sent."]
    assert (row.message, row.notify, row.color) == ("up\nagain", True, "green")
    assert [payload["from"] for payload in sent_messages] == ["Anna"]
    entry = LogEntry.objects.get()
    assert (entry.action_flag, entry.change_message) == (ADDITION, "Written in the admin.")


def test_a_route_to_several_connections_is_shown_and_logged(author: Client, settings: Any) -> None:
    dummy = {"BACKEND": "djhipchat2.backends.dummy.HipChatBackend"}
    settings.HIPCHAT_CONNECTIONS = {"old": dummy, "new": dummy}
    settings.HIPCHAT_ROUTES = {"Ops": {"to": ["old", "new"]}}

    assert "This will be sent to: Ops (old) , Ops (new)" in words(author.post(COMPOSE, GIVEN))
    author.post(COMPOSE, {**GIVEN, "_send": "Send"})

    assert OutboundMessage.objects.count() == LogEntry.objects.count() == 2


def test_a_double_click_sends_once(author: Client, sent_messages: list[dict[str, object]]) -> None:
    for _ in range(2):
        author.post(COMPOSE, {**GIVEN, "_send": "Send"})

    assert OutboundMessage.objects.count() == LogEntry.objects.count() == len(sent_messages) == 1


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"room_id": ""}, "This field is required."),
        ({"key": "x"}, "Enter a valid UUID."),
        ({"using": "gone"}, "Select a valid choice."),
        ({"sender": "A name that only version 2 of the API takes"}, "15 characters"),
        ({"message": "x" * 10_001}, "10,000 at most"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"_send": "Send"}])
def test_what_the_chat_would_refuse_is_told(
    author: Client, wrong: dict[str, str], text: str, button: dict[str, str]
) -> None:
    response = author.post(COMPOSE, {**GIVEN, **wrong, **button})

    assert text in str(response.context["form"].errors)
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "german"),
    [
        ({"message": "x" * 10_001}, "Der Text hat 10.001 Zeichen; HipChat nimmt höchstens 10.000."),
        ({"message": " \n "}, "Der Text darf nicht leer sein."),
        ({"room_id": ".."}, "Das bezeichnet einen Ordner in der Adresse des Servers;"),
        ({"sender": "x" * 16}, "In der API v1 von HipChat sind es 1 bis 15 Zeichen, nicht 16."),
        ({"sender": "a&b"}, "Erlaubt sind in der API v1 von HipChat Buchstaben, Ziffern, -, _ und"),
        ({"message": "\ud800"}, "Der Text enthält ein halbes Surrogatpaar;"),
    ],
    ids=["long", "empty", "folder", "sender", "punctuation", "surrogate"],
)
def test_what_the_chat_would_refuse_is_told_in_ones_own_language(
    wrong: dict[str, str], german: str
) -> None:
    in_german = submitted({**GIVEN, **wrong}, "de")
    in_arabic = submitted({**GIVEN, **wrong}, "ar")

    assert german in in_german
    assert re.search(r"[\u0600-\u06ff]{3}", in_arabic)
    assert not re.search(r"\b(must|has|may|names|contains)\b", in_german + in_arabic)


def submitted(given: dict[str, str], language: str) -> str:
    """Return the errors of the form in a language."""
    with translation.override(language):
        form = compose.ComposeForm(given, suggestions="")
        errors = html.unescape(str(form.errors))
    assert errors
    return errors


def test_a_sentence_keeps_its_numbers_and_names_in_every_language() -> None:
    error = MessageError(
        "sender", "x", "%(most)s in %(api)s, not %(wrong)s.", most=1500, api="V", wrong="'&'"
    )

    with translation.override("de"):
        assert rule_of(error) == "1.500 in V, not '&'."
    assert str(error) == "sender 'x': 1,500 in V, not '&'."


def test_a_setting_that_is_missing_is_told(author: Client, settings: Any) -> None:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"

    assert "HIPCHAT_API_TOKEN" in words(author.post(COMPOSE, GIVEN))


def test_a_rule_of_the_whole_message_is_told(author: Client, monkeypatch: Any) -> None:
    def refuse(*args: Any) -> None:
        raise MessageError("card", None, "needs an id.")

    monkeypatch.setattr(compose, "prepare", refuse)

    assert "needs an id." in words(author.post(COMPOSE, GIVEN))


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        ([], 403),
        (["view_outboundmessage"], 403),
        (["send_outboundmessage"], 403),
        (["view_outboundmessage", "resend_outboundmessage", "cancel_outboundmessage"], 403),
        (["view_outboundmessage", "send_outboundmessage"], 200),
    ],
)
def test_who_may_send(log_in: LogIn, permissions: list[str], status: int) -> None:
    client = log_in(*permissions)

    assert client.get(COMPOSE).status_code == status
    assert client.post(COMPOSE, GIVEN).status_code == status
    if "view_outboundmessage" in permissions:
        assert (COMPOSE in client.get(MESSAGES).content.decode()) == (status == 200)


def test_the_pages_keep_to_a_strict_content_security_policy(
    author: Client, no_inline_code: Callable[[Any], None]
) -> None:
    no_inline_code(author.get(COMPOSE))
    no_inline_code(author.post(COMPOSE, {**GIVEN, "message_format": "html"}))
