from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2 import conf


def problem(name: str) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        getattr(conf.settings, name)
    return str(caught.value)


DEFAULTS = {
    "HIPCHAT_API_TOKEN": "",
    "HIPCHAT_API_URL": "https://api.hipchat.com",
    "HIPCHAT_API_VERSION": 1,
    "HIPCHAT_BACKEND": "djhipchat2.backends.locmem.HipChatBackend",
    "HIPCHAT_BACKOFF_BASE": 10,
    "HIPCHAT_BACKOFF_CAP": 3600,
    "HIPCHAT_BROKER_TIMEOUT": 2,
    "HIPCHAT_CA_BUNDLE": "",
    "HIPCHAT_CELERY_BACKEND": "",
    "HIPCHAT_CONNECTIONS": {},
    "HIPCHAT_DEFAULT_SENDER": "Django",
    "HIPCHAT_LEASE_SECONDS": 60,
    "HIPCHAT_LOG_QUEUE_SIZE": 10_000,
    "HIPCHAT_MAX_ATTEMPTS": 10,
    "HIPCHAT_ON_UNKNOWN": "retry",
    "HIPCHAT_OPTIONS": {},
    "HIPCHAT_PROXIES": {},
    "HIPCHAT_ROUTES": {},
    "HIPCHAT_TASKS_ALIAS": "default",
    "HIPCHAT_TASKS_BACKEND": "",
    "HIPCHAT_TASKS_QUEUE": "default",
    "HIPCHAT_THREADS": 64,
    "HIPCHAT_TIMEOUT": 10,
}


@pytest.fixture(autouse=True)
def no_settings(settings: Any) -> None:
    for name in conf.KNOWN:
        setattr(settings, name, None)


def test_each_setting_has_a_default() -> None:
    read = {name: getattr(conf.settings, attribute) for name, attribute in conf.KNOWN.items()}

    assert read == DEFAULTS


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_none_is_the_default(settings: Any, name: str) -> None:
    setattr(settings, name, None)

    assert getattr(conf.settings, conf.KNOWN[name]) == DEFAULTS[name]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("HIPCHAT_API_TOKEN", " TOK\n", "TOK"),
        ("HIPCHAT_DEFAULT_SENDER", "  ", "Django"),
        ("HIPCHAT_TIMEOUT", 0.5, 0.5),
        ("HIPCHAT_MAX_ATTEMPTS", 3, 3),
        ("HIPCHAT_BACKOFF_BASE", 0, 0),
        ("HIPCHAT_API_VERSION", 2, 2),
        ("HIPCHAT_PROXIES", {"https": "http://proxy:3128"}, {"https": "http://proxy:3128"}),
    ],
)
def test_a_setting_is_read_at_the_moment_of_use(
    settings: Any, name: str, value: object, read: object
) -> None:
    setattr(settings, name, value)

    assert getattr(conf.settings, conf.KNOWN[name]) == read


@pytest.mark.parametrize("value", ["10", True, 0, -1, float("nan"), float("inf"), 1e12, [5]])
def test_a_number_out_of_range_is_refused(settings: Any, value: object) -> None:
    settings.HIPCHAT_TIMEOUT = value

    assert problem("timeout") == (
        f"HIPCHAT_TIMEOUT is {value!r}; set it to a number of seconds from 0.1 to 1,000,000,000."
    )


def test_a_message_gets_no_more_attempts_than_its_column_counts(settings: Any) -> None:
    settings.HIPCHAT_MAX_ATTEMPTS = 32_768

    assert problem("max_attempts") == (
        "HIPCHAT_MAX_ATTEMPTS is 32768; set it to a number of attempts from 1 to 32,767."
    )


@pytest.mark.parametrize("value", ["2", 3, 0, True, 1.0, []])
def test_another_version_is_refused(settings: Any, value: object) -> None:
    settings.HIPCHAT_API_VERSION = value

    assert problem("api_version") == (
        f"HIPCHAT_API_VERSION is {value!r}; set it to the number 1 or 2."
    )


@pytest.mark.parametrize(
    ("name", "attribute", "value", "text"),
    [
        ("HIPCHAT_API_TOKEN", "api_token", b"TOK", "is of type bytes; set it to a string."),
        ("HIPCHAT_BACKEND", "backend", list, "is of type type; set it to a string."),
        ("HIPCHAT_PROXIES", "proxies", "http://p", "is of type str; set it to a dictionary."),
        ("HIPCHAT_CONNECTIONS", "connections", [], "is of type list; set it to a dictionary."),
        ("HIPCHAT_OPTIONS", "options", "token", "is of type str; set it to a dictionary."),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_without_showing_it(
    settings: Any, name: str, attribute: str, value: object, text: str
) -> None:
    setattr(settings, name, value)

    assert problem(attribute) == f"{name} {text}"


def test_settings_that_do_not_exist_are_found_with_the_nearest_that_does(settings: Any) -> None:
    settings.HIPCHAT_API_TOKN = "TOK"
    settings.HIPCHAT_ROOM_OF_THE_COOKS = "Kitchen"
    settings.HIPCHAT_TIMEOUT = 5

    assert conf.unknown_settings() == {
        "HIPCHAT_API_TOKN": "HIPCHAT_API_TOKEN",
        "HIPCHAT_ROOM_OF_THE_COOKS": None,
    }
