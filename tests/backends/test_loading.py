from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.loading import load_backend, load_class, takes_option
from djhipchat2.backends.locmem import HipChatBackend as Locmem
from djhipchat2.backends.request import HipChatBackend as Request


def problem(path: str) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        load_backend(path, "ops", {})
    return str(caught.value)


@pytest.mark.parametrize("name", ["djhipchat", "djhipchat2"])
def test_both_import_names_give_the_same_class(name: str) -> None:
    assert load_class(f"{name}.backends.locmem.HipChatBackend") is Locmem


def test_a_backend_gets_its_alias_and_its_options() -> None:
    backend = load_backend("djhipchat2.backends.request.HipChatBackend", "ops", {"token": "TOK"})

    assert isinstance(backend, Request)
    assert (backend.alias, backend.token) == ("ops", "TOK")


@pytest.mark.parametrize("path", ["", "locmem", ".locmem.HipChatBackend", "a.b c", "a..b", "a."])
def test_what_is_no_dotted_path_is_refused(path: str) -> None:
    assert problem(path) == (
        f"{path!r} is no dotted path of a HipChat backend, such as "
        "'djhipchat2.backends.request.HipChatBackend'."
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "no_such_module.HipChatBackend",
            "Error importing HipChat backend module no_such_module: "
            "\"No module named 'no_such_module'\"",
        ),
        (
            "djhipchat2.backends.requests.HipChatBackend",
            "Error importing HipChat backend module djhipchat2.backends.requests: "
            "\"No module named 'djhipchat2.backends.requests'\"",
        ),
        (
            "djhipchat2.backends.locmem.Backend",
            'Module "djhipchat2.backends.locmem" does not define a "Backend" class',
        ),
        (
            "tests.backends.customs.not_a_class",
            'Module "tests.backends.customs" does not define a "not_a_class" class',
        ),
        (
            "tests.backends.customs.Unrelated",
            "tests.backends.customs.Unrelated is not a HipChat backend: it has no send_message().",
        ),
        (
            "tests.backends.customs.Empty",
            "The backend tests.backends.customs.Empty implements neither deliver() nor "
            "send_message().",
        ),
    ],
)
def test_a_path_without_a_backend_is_refused(path: str, text: str) -> None:
    assert problem(path) == text


@pytest.mark.parametrize(
    ("path", "option", "takes"),
    [
        ("djhipchat2.backends.request.HipChatBackend", "token", True),
        ("djhipchat2.backends.request.HipChatBackend", "stream", False),
        ("djhipchat2.backends.locmem.HipChatBackend", "token", False),
        ("djhipchat2.backends.console.HipChatBackend", "stream", True),
        ("tests.backends.customs.Plain", "prefix", False),
    ],
)
def test_it_is_known_which_options_a_path_takes(path: str, option: str, takes: bool) -> None:  # noqa: FBT001
    assert takes_option(path, option, {}) is takes
