"""What each chat service's answers come to, whatever its own words are."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

from djhipchat2.message import Message
from djhipchat2.states import Outcome, Scope
from tests.backends.chat_receiver import SECRET, Service, delivered, says
from tests.backends.conftest import Serve
from tests.backends.raw_server import break_off, drop, hang
from tests.backends.sending import a_message


def test_a_message_is_accepted_in_the_service_s_words(serve: Serve, service: Service) -> None:
    server = serve(service.accepted)

    result = delivered(service, server)

    assert (result.outcome, result.error, result.retry_after) == (Outcome.ACCEPTED, "", None)
    (request,) = server.requests
    assert request.line.startswith("POST ")
    assert b"hello" in request.body


def test_a_connection_is_kept_between_messages(serve: Serve, service: Service) -> None:
    server = serve(service.accepted)
    backend = service.backend(server.url)

    for text in ("1", "2", "3"):
        assert backend.deliver(a_message(text=text)).outcome is Outcome.ACCEPTED
    backend.close()

    assert server.connections == 1


def test_a_good_answer_that_breaks_off_says_nothing(serve: Serve, service: Service) -> None:
    result = delivered(service, serve(break_off))

    assert (result.outcome, result.http_status) == (Outcome.UNKNOWN, 200)
    assert "the answer broke off, so nobody knows whether" in result.error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<html>Log in</html>", " but a web page"),
        ("all is well", " but a web page"),
        ({}, ""),
        ([], ""),
        ({"result": None}, ""),
    ],
    ids=str,
)
def test_an_answer_that_is_not_the_service_s_is_no_success(
    serve: Serve, service: Service, content: Any, words: str
) -> None:
    result = delivered(service, serve(says("200 OK", content)))

    name = "the option api_url" if "api_url" in service.options else "the option url"
    chat = service.backend("http://x").limits.api
    assert (str(result.outcome), result.error) == (
        "unavailable",
        f"HTTP 200: not {chat}'s answer{words}; check {name}",
    )


@pytest.mark.parametrize("content", ["", "busy", {}, [], {"error": None}], ids=str)
def test_a_service_that_is_down_is_tried_again(
    serve: Serve, service: Service, content: Any
) -> None:
    result = delivered(service, serve(says("503 Service Unavailable", content, Retry_After="7")))

    assert str(result.outcome) == "unavailable"
    assert result.error.startswith("HTTP 503: ")
    assert (result.retry_after, result.rate_limited) == (7, False)
    assert result.scope is Scope.CONNECTION


def test_a_limit_holds_what_it_covers(serve: Serve, service: Service) -> None:
    result = delivered(service, serve(says("429 Too Many Requests", "", Retry_After="30")))

    assert (str(result.outcome), result.rate_limited, result.retry_after) == (
        "unavailable",
        True,
        30,
    )
    shared = service.shares_its_limit or service.module == "discord"
    assert result.scope is (Scope.CONNECTION if shared else Scope.ROOM)


@pytest.mark.parametrize("content", ["", {}, [], {"error": 7}], ids=str)
def test_a_refusal_without_words_has_the_status_name(
    serve: Serve, service: Service, content: Any
) -> None:
    result = delivered(service, serve(says("404 Not Found", content)))

    assert str(result.outcome) == "rejected"
    assert result.error.startswith("HTTP 404: ")


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_a_refusal_at_the_door_says_what_to_look_at(
    serve: Serve, service: Service, status: str
) -> None:
    result = delivered(service, serve(says(status, "<html>Go away</html>")))

    assert re.fullmatch(
        rf"HTTP {status[:3]}: {status[4:]}: check the options? [a-z_ ]+", result.error
    )
    if status != "404 Not Found" and "token" in service.options:
        assert result.error.endswith("check the option token")


def test_a_redirect_is_not_followed(serve: Serve, service: Service) -> None:
    server = serve(says("302 Found", Location="https://login.example.com/"))

    result = delivered(service, server)

    assert str(result.outcome) == "rejected"
    assert "a redirect to login.example.com, which is not followed; correct" in result.error
    assert len(server.requests) == 1


def test_no_answer_leaves_the_outcome_unknown(serve: Serve, service: Service) -> None:
    result = delivered(service, serve(drop))

    assert (str(result.outcome), result.http_status, result.scope) == (
        "unknown",
        None,
        Scope.CONNECTION,
    )
    assert SECRET not in repr(result)


def test_a_slow_service_is_waited_for_no_longer_than_the_timeout(
    serve: Serve, service: Service
) -> None:
    backend = service.backend(serve(hang).url)

    result = backend.deliver(a_message(), timeout=0.2)
    backend.close()

    assert (str(result.outcome), result.error) == (
        "unknown",
        "127.0.0.1 did not answer within 0.2 s.",
    )


def test_a_service_that_cannot_be_reached_is_unavailable(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    backend = service.backend(f"http://127.0.0.1:{port}")

    result = backend.deliver(a_message())
    backend.close()

    assert (str(result.outcome), result.error) == (
        "unavailable",
        f"No connection to 127.0.0.1:{port}: Connection refused.",
    )


def test_values_are_hipchat_s_in_length(service: Service) -> None:
    limits = service.backend("http://127.0.0.1").limits

    assert (limits.sender_max, limits.message_max, limits.room_max) == (64, 10_000, 100)
    assert Message(room_id="#ops", text="x" * 10_000, sender="Ops (Crit) / 7", limits=limits)
