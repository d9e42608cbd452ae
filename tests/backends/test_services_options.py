"""Options that all chat services have: their kinds, and what checks say about them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.backends.chat_receiver import SECRET, Service
from tests.backends.sending import a_message


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
