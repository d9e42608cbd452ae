"""System checks of the settings."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, Error, Warning, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

import djhipchat2
from djhipchat2.checks import check_settings
from djhipchat2.connections import connections

LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"
REQUEST = "djhipchat2.backends.request.HipChatBackend"
SLACK = "djhipchat2.backends.slack.HipChatBackend"
CELERY = "djhipchat2.backends.celery.HipChatBackend"
SECRET = "s3cretToken"

#: Django 6.1 hands the databases to every run of the checks.
# Django asks every database what it supports.
pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def working(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings with which everything is right; no other test's connections."""
    monkeypatch.setattr(connections, "_registered", {})
    settings.HIPCHAT_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = "https://hipchat.example.com"
    settings.HIPCHAT_API_TOKEN = SECRET
    return settings


def found() -> list[CheckMessage]:
    return [message for message in run_checks() if str(message.id).startswith("djhipchat2.")]


def the_one() -> CheckMessage:
    (message,) = found()
    return message


def test_silence_when_everything_is_right() -> None:
    assert found() == []


def test_silence_without_any_setting(settings: Any) -> None:
    for name in ("HIPCHAT_BACKEND", "HIPCHAT_API_URL", "HIPCHAT_API_TOKEN"):
        delattr(settings, name)

    assert found() == []


@pytest.mark.parametrize("value", ["10", 0, True])
def test_e005_a_value_of_the_wrong_kind(settings: Any, value: object) -> None:
    settings.HIPCHAT_TIMEOUT = value

    assert the_one() == Error(
        f"HIPCHAT_TIMEOUT is {value!r}; set it to a number of seconds from 0.1 to 1,000,000,000.",
        hint="Correct HIPCHAT_TIMEOUT in your settings.",
        id="djhipchat2.E005",
    )


def test_e005_each_wrong_value_is_told(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = None
    settings.HIPCHAT_API_TOKEN = 7
    settings.HIPCHAT_CONNECTIONS = []

    assert [message.msg for message in found()] == [
        "HIPCHAT_API_TOKEN is of type int; set it to a string.",
        "HIPCHAT_CONNECTIONS is of type list; set it to a dictionary.",
    ]


@pytest.mark.parametrize(
    ("path", "text", "nearest"),
    [
        ("locmem", "'locmem' is no dotted path of a HipChat backend, such as ", LOCMEM),
        ("no_such.HipChatBackend", "Error importing HipChat backend module no_such: ", REQUEST),
        (
            "djhipchat2.backends.slak.HipChatBackend",
            "Error importing HipChat backend module djhipchat2.backends.slak: ",
            SLACK,
        ),
        (  # redaction is near, and no backend
            "djhipchat2.backends.redactio.HipChatBackend",
            "Error importing HipChat backend module djhipchat2.backends.redactio: ",
            REQUEST,
        ),
        (
            "tests.backends.customs.Unrelated",
            "tests.backends.customs.Unrelated is not a HipChat",
            REQUEST,
        ),
    ],
)
def test_e006_the_backend_does_not_exist(settings: Any, path: str, text: str, nearest: str) -> None:
    settings.HIPCHAT_BACKEND = path

    message = the_one()

    assert (message.id, message.hint) == ("djhipchat2.E006", f"Set HIPCHAT_BACKEND = '{nearest}'.")
    assert message.msg.startswith(text)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"BACKEND": LOCMEM, "OPTIONS": {"tokn": SECRET}}, "has no option tokn"),
        (
            {"BACKEND": "tests.backends.customs.Plain", "OPTIONS": {"tokn": SECRET}},
            "made with tokn",
        ),
        ({"BACKEND": REQUEST, "OPTIONS": {"token": 7}}, "is of type int; set it to a string"),
        ({"BACKEND": REQUEST, "TOKEN": SECRET}, "has unknown keys TOKEN"),
        ({"BACKEND": SLACK, "OPTIONS": {"tokn": SECRET}}, "has no option tokn"),
    ],
)
def test_e006_a_connection_is_wrong(settings: Any, entry: Any, text: str) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": entry}

    message = the_one()

    assert (message.id, message.hint) == (
        "djhipchat2.E006",
        "Correct HIPCHAT_CONNECTIONS['ops']; the message says what it takes.",
    )
    assert text in message.msg
    assert SECRET not in str(message)


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        (
            {},
            "Correct HIPCHAT_CONNECTIONS['ops']; right is, for example, "
            f"{{'BACKEND': '{REQUEST}', 'OPTIONS': {{'api_version': 2}}}}.",
        ),
        (
            {"BACKEND": "djhipchat2.backends.slack.Backend"},
            f"Set HIPCHAT_CONNECTIONS['ops']['BACKEND'] to '{SLACK}', for example.",
        ),
    ],
)
def test_e006_a_connection_has_no_backend(settings: Any, entry: Any, hint: str) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": entry}

    assert (the_one().id, the_one().hint) == ("djhipchat2.E006", hint)


def test_e006_a_wrong_option_is_no_reason_to_choose_another_chat(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = SLACK
    settings.HIPCHAT_OPTIONS = {"tokn": SECRET}

    message = the_one()

    assert message.hint == "Correct HIPCHAT_OPTIONS; the message says what the backend takes."
    assert SECRET not in str(message)


def test_e006_a_handler_s_option_is_corrected_in_logging(settings: Any) -> None:
    connections.register(token=7)

    assert the_one().hint == (
        "Correct the options that its HipChatHandler in LOGGING, or get_backend(), is given; the "
        "message says what the backend takes."
    )


@pytest.mark.parametrize("places", [{"default": CELERY}, {"ops": CELERY}])
def test_e006_the_backend_behind_celery_does_not_exist(
    settings: Any, places: dict[str, str]
) -> None:
    settings.HIPCHAT_CONNECTIONS = {alias: {"BACKEND": path} for alias, path in places.items()}
    settings.HIPCHAT_CELERY_BACKEND = "djhipchat2.backends.slak.HipChatBackend"

    assert the_one().hint == f"Set HIPCHAT_CELERY_BACKEND = '{SLACK}'."


def test_e006_the_backend_behind_celery_does_not_exist_in_flat_settings(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = CELERY
    settings.HIPCHAT_CELERY_BACKEND = "djhipchat2.backends.slak.HipChatBackend"

    assert the_one().hint == f"Set HIPCHAT_CELERY_BACKEND = '{SLACK}'."


@pytest.mark.parametrize("path", [None, "", CELERY, "djhipchat.backends.celery.HipChatBackend"])
def test_e006_celery_needs_a_backend_that_delivers(settings: Any, path: str | None) -> None:
    settings.HIPCHAT_BACKEND = CELERY
    settings.HIPCHAT_CELERY_BACKEND = path

    message = the_one()

    assert (message.id, message.hint) == (
        "djhipchat2.E006",
        f"Set HIPCHAT_CELERY_BACKEND = '{REQUEST}'.",
    )
    assert "HIPCHAT_CELERY_BACKEND" in message.msg


@pytest.mark.celery
def test_the_backend_behind_celery_is_checked(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = CELERY
    settings.HIPCHAT_CELERY_BACKEND = REQUEST
    assert found() == []

    settings.HIPCHAT_API_TOKEN = ""

    assert the_one().id == "djhipchat2.E001"


def test_e007_the_default_sender_does_not_fit(settings: Any) -> None:
    settings.HIPCHAT_DEFAULT_SENDER = "A sender of 24 letters.."

    assert the_one() == Error(
        "HIPCHAT_DEFAULT_SENDER cannot be used with the connection 'default': "
        "sender 'A sender of 24 letters..': must have 1 to 15 characters in HipChat's API v1, "
        "not 24.",
        hint="Set HIPCHAT_DEFAULT_SENDER to a name of 15 characters at most.",
        id="djhipchat2.E007",
    )


def test_e007_the_default_sender_has_characters_that_the_chat_refuses(settings: Any) -> None:
    settings.HIPCHAT_DEFAULT_SENDER = "ops@example"

    assert (the_one().id, the_one().hint) == (
        "djhipchat2.E007",
        "Remove those characters from HIPCHAT_DEFAULT_SENDER.",
    )
    assert "not '@'" in the_one().msg


def test_e007_every_connection_s_limits_count(settings: Any) -> None:
    settings.HIPCHAT_API_VERSION = 2
    settings.HIPCHAT_DEFAULT_SENDER = "A sender of 24 letters.."
    assert found() == []

    settings.HIPCHAT_CONNECTIONS = {"memory": {"BACKEND": LOCMEM}, "wrong": {"BACKEND": "x"}}

    assert sorted(str(message.id) for message in found()) == ["djhipchat2.E006", "djhipchat2.E007"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("HIPCHAT_API_TOKN", "Do you mean HIPCHAT_API_TOKEN?"),
        ("HIPCHAT_TOKEN", "Do you mean HIPCHAT_API_TOKEN?"),
        ("HIPCHAT_SENDER", "Do you mean HIPCHAT_DEFAULT_SENDER?"),
    ],
)
def test_w003_there_is_no_such_setting(settings: Any, name: str, hint: str) -> None:
    setattr(settings, name, SECRET)

    assert the_one() == Warning(f"There is no setting {name}.", hint=hint, id="djhipchat2.W003")


def test_w003_lists_the_settings_if_none_is_near(settings: Any) -> None:
    settings.HIPCHAT_QQQQ = SECRET

    assert str(the_one().hint).startswith("Known are HIPCHAT_API_TOKEN, HIPCHAT_API_URL, ")


def test_the_command_shows_no_token(settings: Any) -> None:
    settings.HIPCHAT_API_URL = f"https://chat.example.com/?auth_token={SECRET}"
    settings.HIPCHAT_TOKN = SECRET
    settings.HIPCHAT_CONNECTIONS = {
        "a": {"BACKEND": LOCMEM, "OPTIONS": {"token": SECRET}},
        "b": {"BACKEND": REQUEST, "OPTIONS": {"token": SECRET, "api_version": "2"}},
        "c": {"BACKEND": REQUEST, "OPTIONS": {"proxies": f"http://ann:{SECRET}@proxy"}},
    }
    connections.register(LOCMEM, token=SECRET)

    with pytest.raises(SystemCheckError) as caught:
        call_command("check", stdout=io.StringIO(), stderr=io.StringIO())

    text = str(caught.value)
    assert len(re.findall(r"djhipchat2\.[EW]\d{3}", text)) == 6
    assert SECRET not in text


def test_each_id_stands_once_in_the_source() -> None:
    root = Path(djhipchat2.__file__).parent
    ids = Counter(
        match
        for path in root.rglob("*.py")
        for match in re.findall(r'id="djhipchat2\.([EW]\d{3})"', path.read_text(encoding="utf-8"))
    )

    assert sorted(ids.elements()) == [
        *(f"E{number:03}" for number in range(1, 21)),
        *(f"W{number:03}" for number in range(1, 9)),
    ]


def test_only_what_is_configured_is_imported() -> None:
    program = (
        "import sys, django; django.setup()\n"
        "from djhipchat2.checks import check_settings\n"
        "print(check_settings(), {'requests', 'urllib3', 'celery'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "HIPCHAT_TEST_BARE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[] set()\n"


def test_the_check_takes_what_django_gives_it() -> None:
    assert check_settings(app_configs=None, databases=["default"]) == []
