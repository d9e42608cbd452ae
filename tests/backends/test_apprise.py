"""Apprise: what is switched off, what its answers come to, and what nobody may read."""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.apprise import FAILED, SENT, HipChatBackend, body_of, secrets_of
from djhipchat2.backends.base import Result
from djhipchat2.message import Message
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.corpus import CARD
from tests.backends.raw_server import RawServer, hang, http
from tests.backends.sending import a_message

SECRET = "s3cretT0ken"


def address(server: RawServer, kind: str = "json", tail: str = "") -> str:
    return f"{kind}://127.0.0.1:{server.port}/{SECRET}{tail}"


def deliver(url: Any = None, message: Message | None = None, **options: Any) -> Result:
    backend = HipChatBackend(alias="ops", url=url, **options)
    return backend.deliver(message or a_message(), timeout=4)


def test_a_message_is_sent_and_no_more_is_known(serve: Serve) -> None:
    server = serve(http())

    result = deliver(address(server))

    assert result == Result(Outcome.ACCEPTED, answer=SENT)
    (request,) = server.requests
    body = request.json
    assert (body["message"], body["title"], body["type"]) == ("Django\nhello", "", "warning")


@pytest.mark.parametrize(
    ("color", "kind"),
    [("red", "failure"), ("green", "success"), ("yellow", "warning"), ("gray", "info")],
)
def test_a_colour_is_a_type(serve: Serve, color: str, kind: str) -> None:
    server = serve(http())

    deliver(address(server), a_message(color=color))

    assert server.requests[0].json["type"] == kind


@pytest.mark.parametrize(
    "status", ["404 Not Found", "429 Too Many Requests", "500 Oops", "403 Forbidden"]
)
@pytest.mark.parametrize("tail", ["", "?retry=5&wait=0"])
def test_a_failure_is_unknown_and_is_not_repeated_by_apprise(
    serve: Serve, status: str, tail: str
) -> None:
    server = serve(http(status, Retry_After="1"))

    result = deliver(address(server, tail=tail))

    assert (result.outcome, result.http_status, result.retry_after) == (Outcome.UNKNOWN, None, None)
    assert result.error.startswith(f"{FAILED}. JSON: Failed to send")
    assert not result.rate_limited
    assert len(server.requests) == 1


def test_no_secret_is_logged_or_told(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    server = serve(http("500 Oops"))

    results = [
        deliver(address(server, "json")),
        deliver(address(server, "mmost")),
        deliver(f"json://ann:p4ssw0rd@127.0.0.1:{server.port}/x"),
    ]
    logging.getLogger("apprise").setLevel(logging.NOTSET)

    assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 3
    assert [record for record in caplog.records if record.name == "apprise"] == []
    for secret in (SECRET, "p4ssw0rd"):
        assert secret not in caplog.text + repr(results)


@pytest.mark.parametrize(
    "url", [f"nosuch://{SECRET}@x/", f"slack://{SECRET}", f"no address {SECRET}", 7, b"json://x"]
)
@pytest.mark.parametrize("option", ["urls", "rooms"])
def test_e014_an_address_that_apprise_cannot_read(
    url: Any, option: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    value = [url] if option == "urls" else {"Ops": url}
    backend = HipChatBackend(alias="ops", **{option: value})

    (complaint,) = backend.check()
    with pytest.raises(ImproperlyConfigured) as caught:
        backend.deliver(a_message())

    assert (complaint.id, complaint.msg) == (
        "djhipchat2.E017",
        f"Apprise makes nothing of an address in the option {option} of the connection 'ops'.",
    )
    assert SECRET not in str(complaint) + str(caught.value) + caplog.text


def test_an_address_is_needed() -> None:
    (complaint,) = HipChatBackend(alias="ops").check()

    assert complaint.msg == "The connection 'ops' has no address."


def test_apprise_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    (complaint,) = HipChatBackend(alias="ops", url="json://localhost").check()

    assert (complaint.id, complaint.hint) == (
        "djhipchat2.E016",
        "Type: python -m pip install 'djhipchat2[apprise]'",
    )


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("url", [SECRET], "is of type list; set it to a string."),
        ("urls", SECRET, "is of type str; set it to a list of Apprise's addresses."),
        (
            "rooms",
            [SECRET],
            "is of type list; set it to a dictionary from a room to Apprise's address.",
        ),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(option: str, value: Any, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        HipChatBackend(alias="ops", **{option: value})

    assert str(caught.value) == f"The option {option} of the connection ops {problem}"


def test_all_of_several_services_get_a_message(serve: Serve) -> None:
    working, broken = serve(http()), serve(http("500 Oops"))

    result = deliver(urls=[address(working), address(broken, "form")])

    assert (len(working.requests), len(broken.requests)) == (1, 1)
    assert result.outcome is Outcome.UNKNOWN
    assert "Form: Failed to send" in result.error
    assert "JSON" not in result.error


def test_a_room_may_have_an_address_of_its_own(serve: Serve) -> None:
    shared, own = serve(http()), serve(http())
    rooms = {4242: address(own)}

    deliver(address(shared), rooms=rooms)
    deliver(address(shared), a_message(room_id="4242"), rooms=rooms)

    assert (len(shared.requests), len(own.requests)) == (1, 1)


def test_a_room_without_an_address_is_refused_with_the_remedy() -> None:
    result = deliver(rooms={"Dev": "json://localhost"})

    assert result == Result(
        Outcome.REJECTED,
        error="The connection ops has no address for the room 'Ops': add it to the option rooms, "
        "or set the option url.",
    )


def test_a_slow_service_is_given_up(serve: Serve) -> None:
    backend = HipChatBackend(alias="ops", url=address(serve(hang)))
    started = time.monotonic()

    result = backend.deliver(a_message(), timeout=0.4)

    assert result.outcome is Outcome.UNKNOWN
    assert time.monotonic() - started < 60


def test_apprise_does_not_pause_between_messages(serve: Serve) -> None:
    server = serve(http())
    backend = HipChatBackend(alias="ops", url=address(server, "ntfy"))
    started = time.monotonic()

    for text in ("1", "2", "3"):
        assert backend.deliver(a_message(text=text)).outcome is Outcome.ACCEPTED

    assert time.monotonic() - started < 10  # its own pause is 5.5 s a message
    assert len(server.requests) == 3


def test_nothing_names_an_icon_elsewhere(serve: Serve) -> None:
    server = serve(http())

    deliver(address(server, "mmost", "?image=yes"))

    assert b"github" not in server.requests[0].body
    assert "icon_url" not in server.requests[0].json


def test_nothing_is_kept_on_disk(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    deliver(address(serve(http()), "mmost"))

    assert list(tmp_path.iterdir()) == []


def test_a_long_text_is_cut_and_not_split(serve: Serve) -> None:
    server = serve(http())

    deliver(address(server, "mmost", "?overflow=split"), a_message(text="word " * 1_990))

    (request,) = server.requests
    assert request.json["text"].endswith("… (shortened)")
    assert len(request.json["text"]) <= 4_000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text", "🔴 Django\na < b (https://example.com/?a=1&b=2)"),
        ("markdown", "**🔴 Django**\n[a \\< b](https://example.com/?a=1&b=2)"),
        ("html", "🔴 Django<br/>a &lt; b (https://example.com/?a=1&amp;b=2)"),
    ],
)
def test_a_message_is_in_the_service_s_format(kind: str, body: str) -> None:
    message = a_message(text="<a href='https://example.com/?a=1&b=2'>a &lt; b</a>", color="red")

    assert body_of(message, kind, 1_000) == body


@pytest.mark.parametrize("kind", ["text", "markdown", "html"])
@pytest.mark.parametrize("limit", [100, 500, 4_000])
def test_a_body_keeps_the_service_s_limit(kind: str, limit: int) -> None:
    for values in (
        {"text": "<&>\n" * 2_000, "message_format": "text"},
        {"text": "x", "card": CARD},
    ):
        body = body_of(a_message(**values), kind, limit)

        assert 1 <= len(body) <= limit


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("slack://botname@T1JJ3T3L2/A1BRTD4JD/TIiajkdnl/#general", {"T1JJ3T3L2", "TIiajkdnl"}),
        ("mailto://ann:pa%2Fss@example.com", {"pa%2Fss", "pa/ss"}),
        ("tgram://123456789:AABBCCDDEEFF/98765?format=html", {"123456789", "AABBCCDDEEFF"}),
        ("json://localhost?+X-Token=topsecret", {"topsecret"}),
    ],
)
def test_every_piece_of_an_address_may_be_a_secret(url: str, hidden: set[str]) -> None:
    assert {url, *hidden} <= set(secrets_of(url))


def test_limits_and_time_limit_are_those_of_other_services(settings: Any) -> None:
    settings.HIPCHAT_TIMEOUT = 9

    assert HipChatBackend(alias="ops").limits.sender_max == 64
    assert HipChatBackend(alias="ops").time_limit == 9
    assert HipChatBackend(alias="ops", timeout=3).time_limit == 3


def test_threads_have_logs_of_their_own(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    sending, logged = threading.Event(), threading.Event()

    def answer_when_logged(connection: socket.socket, _stopped: threading.Event) -> None:
        sending.set()
        logged.wait(5)
        connection.sendall(http())

    server = serve(answer_when_logged)
    thread = threading.Thread(target=deliver, args=(address(server),))
    thread.start()
    sending.wait(5)
    logging.getLogger("apprise").warning("somebody else's")
    logged.set()
    thread.join()

    assert caplog.messages == ["somebody else's"]
