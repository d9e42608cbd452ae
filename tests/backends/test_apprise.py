"""Apprise: which addresses get a message, what it comes to, and how long that may take."""

from __future__ import annotations

import time

import pytest

from djhipchat2.backends.apprise import FAILED, SENT, HipChatBackend
from djhipchat2.backends.base import Result
from djhipchat2.states import Outcome
from tests.backends.apprise_sending import address, deliver
from tests.backends.conftest import Serve
from tests.backends.raw_server import hang, http
from tests.backends.sending import a_message


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


def test_all_of_several_services_get_a_message(serve: Serve) -> None:
    working, broken = serve(http()), serve(http("500 Oops"))

    result = deliver(urls=[address(working), address(broken, "form")])

    assert (len(working.requests), len(broken.requests)) == (1, 1)
    assert result.outcome is Outcome.UNKNOWN
    assert "Form: Failed to send" in result.error
    assert "JSON" not in result.error


def test_a_room_may_have_an_address_of_its_own(serve: Serve) -> None:
    shared, own = serve(http()), serve(http())
    rooms = {4242: address(own), "dev": address(own)}

    deliver(address(shared), rooms=rooms)
    deliver(address(shared), a_message(room_id="4242"), rooms=rooms)
    deliver(address(shared), a_message(room_id="Dev"), rooms=rooms)

    assert (len(shared.requests), len(own.requests)) == (1, 2)


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


def test_several_addresses_share_the_time(serve: Serve) -> None:
    urls = [address(serve(hang)) for _ in range(3)]
    backend = HipChatBackend(alias="ops", urls=urls)

    result = backend.deliver(a_message(), timeout=0.8)

    waits = [backend._service(url).socket_read_timeout for url in urls]
    assert result.outcome is Outcome.UNKNOWN
    assert waits[0] > waits[1] >= waits[2] >= 0.1
    assert sum(waits) <= 0.8


def test_apprise_does_not_pause_between_messages(serve: Serve) -> None:
    server = serve(http())
    backend = HipChatBackend(alias="ops", url=address(server, "ntfy"))
    started = time.monotonic()

    for text in ("1", "2", "3"):
        assert backend.deliver(a_message(text=text)).outcome is Outcome.ACCEPTED

    assert time.monotonic() - started < 10  # its own pause is 5.5 s a message
    assert len(server.requests) == 3
