"""What holds for every chat service, whatever its own words are."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.message import Message
from djhipchat2.states import Outcome, Scope
from tests.backends.chat_receiver import SECRET, SERVICES, Service, delivered, says
from tests.backends.conftest import Serve
from tests.backends.raw_server import drop, hang, http
from tests.backends.sending import a_message


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


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
    name = "the option url" if service.module == "slack" else name
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
        "No connection to 127.0.0.1: Connection refused.",
    )


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Oops", "429 Slow", "200 OK"])
def test_a_secret_that_the_service_repeats_is_cut_out(
    serve: Serve, service: Service, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = f"webhook_id={SECRET}"
    names = ("error", "message", "description", "msg", "detailed_error")

    result = delivered(service, serve(says(status, {**dict.fromkeys(names, words), "id": 0})))

    assert SECRET not in repr(result) + caplog.text
    assert "webhook_id=***" in result.answer


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://nowhere.invalid", "http://a..b", "https://127.0.0.1:1"]
)
def test_errors_and_logs_about_an_address_show_no_secret(
    service: Service, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    backend = service.backend(url)

    try:
        shown = repr(backend.deliver(a_message(), timeout=2))
    except ImproperlyConfigured as error:
        shown = str(error)
    backend.close()

    assert SECRET not in shown + repr(backend) + caplog.text


def test_a_request_s_repr_shows_nothing(service: Service) -> None:
    post = service.backend("http://127.0.0.1").post_of(a_message())  # type: ignore[attr-defined]

    assert SECRET not in repr(post)


def test_values_are_hipchat_s_in_length(service: Service) -> None:
    limits = service.backend("http://127.0.0.1").limits

    assert (limits.sender_max, limits.message_max, limits.room_max) == (64, 10_000, 100)
    assert Message(room_id="#ops", text="x" * 10_000, sender="Ops (Crit) / 7", limits=limits)


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("timeout", "10", "is '10'; set it to a number of seconds from 0.1 to 1,000,000,000."),
        ("ca_bundle", 1, "is of type int; set it to the path of a file or a folder."),
        ("proxies", [], "is of type list; set it to a dictionary of proxy addresses by scheme."),
        (
            "rooms",
            [SECRET],
            "is of type list; set it to a dictionary from a room to what {} calls it.",
        ),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(
    service: Service, option: str, value: Any, problem: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        service.backend("http://127.0.0.1", **{option: value})

    chat = service.backend("http://127.0.0.1").limits.api
    assert str(caught.value) == f"The option {option} of the connection ops {problem.format(chat)}"


@pytest.mark.parametrize("target", [None, 7, b"x", "", "  "])
def test_a_room_must_lead_somewhere(service: Service, target: Any) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        service.backend("http://127.0.0.1", rooms={"Ops": target})

    assert str(caught.value) == (
        f"The option rooms of the connection ops has a {type(target).__name__} for the room 'Ops'; "
        "set it to a string."
    )


def test_an_option_of_none_is_none(service: Service) -> None:
    backend = service.backend("http://127.0.0.1", rooms=None, timeout=None)

    assert backend.time_limit == 10
    assert backend.check() == []


def test_a_missing_setting_is_told_before_anything_is_sent(service: Service) -> None:
    backend = service.backend("http://127.0.0.1", **dict.fromkeys(service.options))

    (complaint,) = backend.check()
    with pytest.raises(ImproperlyConfigured) as caught:
        backend.deliver(a_message())

    assert complaint.id == "djhipchat2.E018"
    assert str(caught.value) == f"{complaint.msg} {complaint.hint}"
    assert complaint.msg.startswith("The connection 'ops' has no ")


@pytest.mark.parametrize("url", ["ftp://chat.example.com", "chat.example.com", "https://[::1"])
def test_an_address_that_is_none_is_told(service: Service, url: str) -> None:
    found = service.backend(url).check()

    assert [complaint.id for complaint in found] == ["djhipchat2.E014"]
    assert found[0].msg.endswith(" of the connection 'ops' is not an http(s) address.")
    assert SECRET not in str(found)


def test_an_unencrypted_address_is_warned_of(service: Service) -> None:
    found = service.backend("http://chat.example.com").check()

    assert [complaint.id for complaint in found] == ["djhipchat2.W001"]
    assert found[0].msg == (
        "The connection 'ops' sends its secrets to chat.example.com unencrypted."
    )
    assert SECRET not in str(found)


def test_a_warning_keeps_nothing_from_being_sent(service: Service) -> None:
    assert service.backend("http://chat.example.com").require_settings() is None


def test_certificates_that_cannot_be_read_are_told(service: Service, tmp_path: Path) -> None:
    found = service.backend("https://chat.example.com", ca_bundle=tmp_path / "ca.pem").check()

    assert [complaint.id for complaint in found] == ["djhipchat2.E009"]


@pytest.mark.parametrize("library", ["nh3", "selectolax"])
def test_missing_libraries_are_told(
    service: Service, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (library, f"{library}.lexbor"):
        monkeypatch.setitem(sys.modules, name, None)
    backend = service.backend("https://chat.example.com")

    (complaint,) = backend.check()

    assert (complaint.id, complaint.hint) == (
        "djhipchat2.E016",
        "Type: python -m pip install 'djhipchat2[chats]'",
    )
    assert backend.require_settings() is None


def test_other_users_of_urllib3_keep_their_log(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")

    requests.get(f"{serve(http()).url}/theirs", timeout=10)

    assert "/theirs" in caplog.text
