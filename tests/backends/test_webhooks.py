"""What holds for every service that hands out addresses to post to."""

from __future__ import annotations

import pytest

from djhipchat2.backends.service_options import secrets_of
from tests.backends.chat_receiver import SECRET, SERVICES, Service, delivered
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

WEBHOOKS = {name: service for name, service in SERVICES.items() if "url" in service.options}


@pytest.fixture(params=WEBHOOKS)
def service(request: pytest.FixtureRequest) -> Service:
    return WEBHOOKS[request.param]


def test_a_room_may_have_a_webhook_of_its_own(serve: Serve, service: Service) -> None:
    server = serve(service.accepted)
    rooms = {"Ops": f"{server.url}/own/{SECRET}2", "Dev": "https://elsewhere.example.com"}

    own = delivered(service, server, rooms=rooms)
    shared = delivered(service, server, a_message(room_id="Shop"), rooms=rooms)

    assert (str(own.outcome), str(shared.outcome)) == ("accepted", "accepted")
    first, second = (request.target for request in server.requests)
    assert first.startswith(f"/own/{SECRET}2")
    assert "/own/" not in second


@pytest.mark.parametrize("name", ["ops", "OPS", "oPs"])
def test_upper_and_lower_case_are_the_same(serve: Serve, service: Service, name: str) -> None:
    server = serve(service.accepted)

    delivered(service, server, rooms={"Dev": "https://x", name: f"{server.url}/own/{SECRET}2"})

    assert server.requests[0].target.startswith(f"/own/{SECRET}2")


def test_the_very_name_goes_before_one_in_other_case(serve: Serve, service: Service) -> None:
    server = serve(service.accepted)
    rooms = {"ops": f"{server.url}/small/{SECRET}", "Ops": f"{server.url}/own/{SECRET}2"}

    delivered(service, server, rooms=rooms)

    assert server.requests[0].target.startswith(f"/own/{SECRET}2")


def test_a_room_without_a_webhook_is_refused_with_the_remedy(
    serve: Serve, service: Service
) -> None:
    server = serve(service.accepted)

    result = delivered(service, server, url=None, rooms={"Dev": f"{server.url}/{SECRET}"})

    assert (str(result.outcome), result.error) == (
        "rejected",
        "The connection ops has no webhook for the room 'Ops': add it to the option rooms, or set "
        "the option url.",
    )
    assert server.requests == []


def test_rooms_alone_are_enough(service: Service) -> None:
    backend = service.backend("x", url=None, rooms={"Ops": "https://chat.example.com/hook"})

    assert backend.check() == []


@pytest.mark.parametrize("room", ["Ops", "Dev"])
def test_each_webhook_in_rooms_is_checked(service: Service, room: str) -> None:
    backend = service.backend("https://x", rooms={room: f"ftp://chat.example.com/{SECRET}"})

    (complaint,) = backend.check()

    assert complaint.msg == (
        f"The webhook of the room '{room}' of the connection 'ops' is not an http(s) address."
    )
    assert SECRET not in str(complaint)


@pytest.mark.parametrize(
    ("url", "hidden", "shown"),
    [
        ("https://hooks.slack.com/services/T0ABCDEF/B0/x9Y8z7W6", {"T0ABCDEF", "x9Y8z7W6"}, "B0"),
        ("https://chat.googleapis.com/v1/messages?key=AIza1234&token=t_0k3n", {"AIza1234"}, "v1"),
        ("https://x.example.com/workflows/triggers/manual/invoke?sig=aBc-1_2", set(), "triggers"),
        ("https://x.example.com/hooks/abcdefghijklmnopqrst", {"abcdefghijklmnopqrst"}, "hooks"),
        ("https://x.example.com/hook?sig=a%2Fb%2Bc123", {"a/b+c123"}, "hook"),
    ],
)
def test_parts_of_an_address_that_look_like_keys_are_secrets(
    url: str, hidden: set[str], shown: str
) -> None:
    secrets = secrets_of(url)

    assert {url, *hidden} <= set(secrets)
    assert shown not in secrets
