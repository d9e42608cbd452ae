"""HipChat's API v1, as the 2013 package spoke it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.request import HipChatBackend
from djhipchat2.message import V1
from tests.backends.conftest import Serve
from tests.backends.raw_server import drop, http
from tests.backends.sending import TOKEN, a_message, backend_for, deliver
from tests.hipchat_server import HipChatServer

SENT = http(body=b'{"status":"sent"}', Content_Type="application/json")


@pytest.fixture
def flat_settings(settings: Any, hipchat_server: HipChatServer) -> HipChatServer:
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return hipchat_server


def test_v1_is_spoken_by_default(flat_settings: HipChatServer) -> None:
    backend = HipChatBackend(alias="default")

    result = backend.deliver(a_message(room_id="Ops Room", sender="Deploy bot", color="red"))

    assert (backend.api_version, backend.limits) == (1, V1)
    assert (str(result.outcome), result.error, result.http_status) == ("accepted", "", 200)
    assert result.answer == '{"status":"sent"}'
    received = flat_settings.messages("Ops Room")
    assert [(m["from"], m["message"], m["color"], m["api_version"]) for m in received] == [
        ("Deploy bot", "hello", "red", 1)
    ]


def test_the_request_is_a_form_with_the_fields_of_2013(serve: Serve) -> None:
    server = serve(SENT)
    backend = backend_for(server.url)

    backend.deliver(
        a_message(
            room_id=4242,
            text="d\xe9ploy \N{ROCKET} 100% a+b=c & <ok>\nline two",
            sender="Böt",
            message_format="text",
            notify=True,
            color="purple",
        )
    )

    (request,) = server.requests
    assert request.line == "POST /v1/rooms/message HTTP/1.1"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form == {
        "from": "Böt",
        "message_format": "text",
        "color": "purple",
        "auth_token": TOKEN,
        "format": "json",
        "room_id": "4242",
        "notify": "1",
        "message": "d\xe9ploy \N{ROCKET} 100% a+b=c & <ok>\nline two",
    }
    assert TOKEN not in request.line + str(request.headers)


def test_notify_is_0_unless_asked_for(serve: Serve) -> None:
    server = serve(SENT)

    deliver(server.url)

    assert server.requests[0].form["notify"] == "0"


@pytest.mark.parametrize(
    "tail", ["", "/", "/v1", "/v1/", "/v2", "/v2/room", "/v1/rooms/message", "/v1/rooms/message/"]
)
@pytest.mark.parametrize("prefix", ["", "/chat", "/a/b"])
def test_an_address_may_have_a_prefix_and_the_tail_of_the_documentation(
    serve: Serve, prefix: str, tail: str
) -> None:
    server = serve(SENT)

    deliver(f" {server.url}{prefix}{tail}\n")

    assert server.requests[0].line == f"POST {prefix}/v1/rooms/message HTTP/1.1"


def test_connections_are_kept(serve: Serve) -> None:
    server = serve(SENT)
    backend = backend_for(server.url)

    for _ in range(5):
        backend.deliver(a_message())

    assert (len(server.requests), server.connections) == (5, 1)
    backend.close()


def test_a_redirect_is_not_followed_and_the_token_stays(serve: Serve) -> None:
    thief = serve(SENT)
    server = serve(http("301 Moved Permanently", Location=f"{thief.url}/v1/rooms/message?{TOKEN}"))

    result = deliver(server.url)

    assert (str(result.outcome), result.error, result.http_status) == (
        "rejected",
        f"HTTP 301: a redirect to 127.0.0.1:{thief.port}, which is not followed; "
        "correct HIPCHAT_API_URL",
        301,
    )
    assert thief.connections == 0


def test_a_server_that_hangs_is_left_after_the_timeout(flat_settings: HipChatServer) -> None:
    flat_settings.fault("hang", seconds=30)
    backend = HipChatBackend(alias="default", timeout=0.5, token="TOK")

    result = backend.deliver(a_message())

    flat_settings.clear_faults()
    assert (str(result.outcome), result.error) == (
        "unknown",
        "127.0.0.1 did not answer within 0.5 s.",
    )


def test_the_caller_s_timeout_goes_before_the_setting(serve: Serve, settings: Any) -> None:
    settings.HIPCHAT_TIMEOUT = 30
    backend = backend_for(serve(lambda _connection, stopped: stopped.wait()).url)

    result = backend.deliver(a_message(), timeout=0.3)

    assert backend.time_limit == 30
    assert result.error == "127.0.0.1 did not answer within 0.3 s."


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_connection_that_breaks_leaves_the_outcome_unknown(
    flat_settings: HipChatServer, fault: str
) -> None:
    flat_settings.fault(fault)

    result = HipChatBackend(alias="default").deliver(a_message())

    assert (str(result.outcome), result.http_status) == ("unknown", None)


def test_settings_are_read_at_each_message(serve: Serve, settings: Any) -> None:
    first, second = serve(SENT), serve(SENT)
    backend = HipChatBackend(alias="default")
    settings.HIPCHAT_API_TOKEN, settings.HIPCHAT_API_URL = "TOK", first.url
    backend.deliver(a_message())

    settings.HIPCHAT_API_TOKEN, settings.HIPCHAT_API_URL = "TOK2", second.url
    backend.deliver(a_message())

    assert [r.form["auth_token"] for r in first.requests + second.requests] == ["TOK", "TOK2"]
    backend.close()


def test_errors_show_no_token(serve: Serve) -> None:
    result = deliver(serve(drop).url)

    assert TOKEN not in result.error


def test_nothing_is_sent_without_a_token(serve: Serve, settings: Any) -> None:
    settings.HIPCHAT_API_TOKEN = ""
    server = serve(SENT)
    settings.HIPCHAT_API_URL = server.url

    with pytest.raises(ImproperlyConfigured, match="HipChat API token not set: "):
        HipChatBackend(alias="default").deliver(a_message())

    assert server.connections == 0
