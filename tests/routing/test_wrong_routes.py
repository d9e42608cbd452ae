"""Routes that say nothing sensible: who refuses them, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.api import send_message
from djhipchat2.checks import check_settings

pytestmark = pytest.mark.django_db(transaction=True)


def test_wrong_routes_do_not_concern_a_connection_that_is_named(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = ["Ops"]

    assert send_message("Ops", "hello", using="slack").connection == "slack"
    with pytest.raises(ImproperlyConfigured, match="HIPCHAT_ROUTES"):
        send_message("Ops", "hello")


@pytest.mark.parametrize(
    ("route", "complaint"),
    [
        ({"fallback": "mail"}, "['Ops'] needs 'to', and may have 'fallback'; add 'to'."),
        ({"to": "mail", "room": "x"}, "needs 'to', and may have 'fallback'; remove room."),
        ([], "HIPCHAT_ROUTES['Ops']['to'] names no connection; name one or more."),
        (7, "HIPCHAT_ROUTES['Ops']['to'] is of type int; set it to a connection, a list"),
        ({"to": {"slack": None}}, "['to']['slack'] is None; set it to the room's id or name"),
        ({"to": {"slack": " "}}, "['slack'] is ' ', which must be a room's id or name of 1 to 100"),
        ({"to": {"slack": "x" * 101}}, "which must be a room's id or name of 1 to 100 characters."),
        ([{"slack": "#ops"}], "['to'] has {'slack': '#ops'} for a connection; name one by its"),
        (["slack", ""], "['to'] has '' for a connection; name one by its alias, a string of 1 to"),
        (["x" * 101], "a string of 1 to 100 characters."),
        ({"to": {7: "ops"}}, "['to'] has 7 for a connection"),
        (
            {"to": "slack", "fallback": ["mail", "matrix"]},
            "HIPCHAT_ROUTES['Ops']['fallback'] names 2 connections; name one.",
        ),
    ],
)
def test_a_wrong_route_is_refused_and_told_by_the_checks(
    settings: Any, route: Any, complaint: str
) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": route}

    with pytest.raises(ImproperlyConfigured) as caught:
        send_message("Ops", "hello")

    (found,) = [check for check in check_settings() if check.id == "djhipchat2.E010"]
    assert complaint in str(caught.value)
    assert complaint in found.msg
    assert "HIPCHAT_ROUTES = " in str(found.hint)


def test_a_route_to_a_connection_that_does_not_exist_is_told_by_the_checks(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": "slack", "fallback": "maill"}, "*": "default"}

    (found,) = [check for check in check_settings() if check.id == "djhipchat2.E010"]

    assert found.msg.startswith(
        "HIPCHAT_ROUTES['Ops'] names the connection 'maill', which does not exist; known are "
    )


@pytest.mark.parametrize("name", ["", " "])
def test_a_route_of_a_room_without_a_name_is_told_by_the_checks(settings: Any, name: str) -> None:
    settings.HIPCHAT_ROUTES = {name: "slack"}

    (found,) = [check for check in check_settings() if check.id == "djhipchat2.E010"]

    assert found.msg == (
        f"HIPCHAT_ROUTES has {name!r} for a room; name one, or write '*' for all others."
    )


def test_a_fallback_that_could_never_be_used_is_told_by_the_checks(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {
        "Ops": {"to": "slack", "fallback": {"slack": "#other"}},
        "Dev": {"to": ["slack", "mail"], "fallback": "mail"},
    }

    (found,) = [check for check in check_settings() if check.id == "djhipchat2.E010"]

    assert found.msg.startswith("HIPCHAT_ROUTES['Ops']['fallback'] is the connection that 'to' ")
