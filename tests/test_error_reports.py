"""No secret of a connection stands in what Django reports of an error."""

from __future__ import annotations

import logging
import pkgutil
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any

import pytest
from django.test import Client
from django.utils.log import AdminEmailHandler
from django.views.debug import get_default_exception_reporter_filter

from djhipchat2 import backends
from djhipchat2.backends.base import HipChatBackendBase
from djhipchat2.connections import connections
from djhipchat2.error_reports import SEARCHED_CHARACTERS, ErrorReportFilter
from tests import error_views
from tests.backends.chat_receiver import SECRET, SERVICES
from tests.backends.customs import Plain

SERVER = "http://127.0.0.1:9"
WEBHOOK = f"{SERVER}/hooks/{SECRET}"
#: Where a delivery over HTTP breaks: below all of our code, and with an error that it lets through.
WIRE = "urllib3.connection.HTTPConnection.putrequest"


@dataclass(frozen=True)
class Connection:
    """A connection whose options carry ``SECRET``."""

    module: str
    options: dict[str, Any] = field(repr=False)
    breaks: str = WIRE


CONNECTIONS = {
    **{
        name: Connection(service.module, service.options_for(SERVER))
        for name, service in SERVICES.items()
    },
    "request 1": Connection("request", {"token": SECRET, "api_url": SERVER}),
    "request 2": Connection("request", {"token": SECRET, "api_url": SERVER, "api_version": 2}),
    "proxy": Connection(
        "request",
        {"token": "x", "api_url": SERVER, "proxies": {"http": f"http://ann:{SECRET}@127.0.0.1:9"}},
    ),
    "matrix": Connection(
        "matrix", {"homeserver": SERVER, "token": SECRET, "rooms": {"Ops": "!ops:example.com"}}
    ),
    "apprise url": Connection(
        "apprise", {"url": f"json://ann:{SECRET}@127.0.0.1:9"}, "djhipchat2.backends.apprise._send"
    ),
    "apprise urls": Connection(
        "apprise", {"urls": [f"ntfy://127.0.0.1:9/{SECRET}"]}, "djhipchat2.backends.apprise._send"
    ),
    "apprise rooms": Connection(
        "apprise",
        {"rooms": {"Ops": f"ntfy://127.0.0.1:9/{SECRET}"}},
        "djhipchat2.backends.apprise._send",
    ),
    "task": Connection(
        "tasks", {"backend": "djhipchat2.backends.slack.HipChatBackend", "url": WEBHOOK}
    ),
    **{
        f"{module} rooms": Connection(module, {"rooms": {"Ops": WEBHOOK}})
        for module in ("slack", "mattermost", "rocketchat", "teams", "discord", "googlechat")
    },
}


@pytest.fixture(autouse=True)
def site(settings: Any) -> Iterator[Any]:
    """A site whose views fail, with our filter."""
    settings.ROOT_URLCONF = error_views.__name__
    settings.DEBUG = True
    error_views.use_filter(settings)
    yield settings
    get_default_exception_reporter_filter.cache_clear()


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def connect(site: Any, connection: Connection) -> None:
    site.HIPCHAT_CONNECTIONS = {
        "canary": {
            "BACKEND": f"djhipchat2.backends.{connection.module}.HipChatBackend",
            "OPTIONS": connection.options,
        }
    }


def break_at(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        message = "the disk is full"
        raise RuntimeError(message)

    monkeypatch.setattr(place, broken)


def reports(client: Client, address: str, **meta: str) -> Iterator[str]:
    """Yield the page and the text that Django shows of a view that fails."""
    for kind in ("text/html", "text/plain"):
        response = client.get(address, headers={"Accept": kind}, **meta)
        assert response.status_code == 500
        assert response["Content-Type"].startswith(kind)
        yield response.content.decode()


def assert_silent(report: str) -> None:
    assert "is full" in report
    assert "HIPCHAT_CONNECTIONS" in report
    assert SECRET not in report
    assert b64encode(f"ops-bot@example.com:{SECRET}".encode()).decode() not in report


def test_each_secret_option_of_each_backend_is_tried() -> None:
    names = [module.name for module in pkgutil.iter_modules(backends.__path__)]
    modules = [import_module(f"djhipchat2.backends.{name}") for name in names]
    options = {
        (module.__name__.rpartition(".")[2], option)
        for module in modules
        if isinstance(found := getattr(module, "HipChatBackend", None), type)
        and issubclass(found, HipChatBackendBase)
        for option in found.secret_options
    }

    tried = {(value.module, name) for value in CONNECTIONS.values() for name in value.options}

    assert options <= tried
    assert options


@pytest.mark.parametrize("name", CONNECTIONS)
def test_an_error_within_delivery_tells_no_secret(
    site: Any, client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    connect(site, CONNECTIONS[name])
    break_at(monkeypatch, CONNECTIONS[name].breaks)

    for report in reports(client, "/deliver/"):
        assert_silent(report)


@pytest.mark.parametrize("name", CONNECTIONS)
def test_an_error_elsewhere_tells_no_secret(site: Any, client: Client, name: str) -> None:
    connect(site, CONNECTIONS[name])
    site.OPS_WEBHOOK = f"copied from {SECRET}"
    site.OPS_ADDRESSES = ["shown", {"ops": SECRET}]

    for report in reports(client, "/plain/", CHAT_ADDRESS=f"of the environment: {SECRET}"):
        assert_silent(report)
        assert "copied from ***" in report
        assert "of the environment: ***" in report


def test_djangos_own_filter_would_tell(site: Any, client: Client) -> None:
    connect(site, CONNECTIONS["mattermost"])
    error_views.use_filter(site, "django.views.debug.SafeExceptionReporterFilter")

    page, text = reports(client, "/plain/")

    assert WEBHOOK in page
    assert WEBHOOK in text


class KeptMails(AdminEmailHandler):
    """Keeps the mails that would be sent to ``ADMINS``."""

    def __init__(self) -> None:
        super().__init__(include_html=True)
        self.texts: list[str] = []

    def send_mail(self, subject: str, message: str, *args: Any, **kwargs: Any) -> None:
        self.texts += [message, kwargs["html_message"]]


@pytest.mark.parametrize("address", ["/deliver/", "/plain/"])
def test_an_error_mail_tells_no_secret(
    site: Any, client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    connect(site, CONNECTIONS["mattermost"])
    break_at(monkeypatch, WIRE)
    site.DEBUG = False
    mails = KeptMails()
    monkeypatch.setattr(logging.getLogger("django.request"), "handlers", [mails])

    client.get(address)

    assert len(mails.texts) == 2
    for text in mails.texts:
        assert_silent(text)


def test_the_page_of_an_unknown_address_tells_no_secret(site: Any, client: Client) -> None:
    connect(site, CONNECTIONS["mattermost"])
    site.OPS_WEBHOOK = WEBHOOK

    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert SECRET not in response.content.decode()


def test_connections_are_shown_in_outline(site: Any) -> None:
    site.HIPCHAT_CONNECTIONS = {
        "chat": {
            "BACKEND": "djhipchat2.backends.zulip.HipChatBackend",
            "OPTIONS": {"email": "bot@example.com", "timeout": 7},
        },
        "address": {"BACKEND": WEBHOOK, "TOKEN": SECRET},
        "text": WEBHOOK,
    }
    site.HIPCHAT_OPTIONS = MappingProxyType({"url": WEBHOOK})
    site.HIPCHAT_PROXIES = {"https": f"http://ann:{SECRET}@proxy"}
    site.HIPCHAT_WEBHOK = WEBHOOK
    site.HIPCHAT_ROUTES = {"Ops": ["chat"]}
    stars = ErrorReportFilter.cleansed_substitute

    shown = ErrorReportFilter().get_safe_settings()

    assert {name: shown[name] for name in shown if name.startswith("HIPCHAT_")} == {
        "HIPCHAT_CONNECTIONS": {
            "chat": {
                "BACKEND": "djhipchat2.backends.zulip.HipChatBackend",
                "OPTIONS": {"email": stars, "timeout": stars},
            },
            "address": {"BACKEND": stars, "TOKEN": stars},
            "text": stars,
        },
        "HIPCHAT_OPTIONS": {"url": stars},
        "HIPCHAT_PROXIES": {"https": stars},
        "HIPCHAT_WEBHOK": stars,
        "HIPCHAT_ROUTES": {"Ops": ["chat"]},
    }


def test_what_is_no_secret_is_shown_as_ever(site: Any, client: Client) -> None:
    connect(site, CONNECTIONS["mattermost"])

    page, text = reports(client, "/plain/")

    assert "error_views.py" in page
    assert "the disk of djhipchat2.backends.mattermost.HipChatBackend is full" in page
    assert "'BACKEND': 'djhipchat2.backends.mattermost.HipChatBackend'" in text
    assert "APPEND_SLASH = True" in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HIPCHAT_API_TOKEN", SECRET),
        ("HIPCHAT_API_URL", f"https://ann:{SECRET}@hipchat.example.com"),
        ("HIPCHAT_PROXIES", {"https": f"ann:{SECRET}@proxy:3128"}),
        ("HIPCHAT_OPTIONS", {"token": SECRET}),
        (
            "HIPCHAT_CONNECTIONS",
            {"old": {"BACKEND": f"{Plain.__module__}.Plain", "OPTIONS": {"prefix": SECRET}}},
        ),
        (
            "HIPCHAT_CONNECTIONS",
            {
                "broken": {
                    "BACKEND": "djhipchat2.backends.slack.HipChatBackend",
                    "OPTIONS": {"hook": SECRET},
                }
            },
        ),
    ],
    ids=["token", "address", "proxy", "option", "class of 2013", "wrong option"],
)
def test_a_secret_is_cut_out_wherever_it_is_configured(site: Any, name: str, value: Any) -> None:
    site.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    setattr(site, name, value)
    site.ELSEWHERE = SECRET

    shown = ErrorReportFilter().get_safe_settings()

    assert SECRET not in repr(shown)
    assert repr(shown["ELSEWHERE"]) == "'***'"


def test_so_is_the_token_of_a_logging_handler(site: Any) -> None:
    connections.register("djhipchat2.backends.request.HipChatBackend", token=SECRET)
    site.ELSEWHERE = SECRET

    shown = ErrorReportFilter().get_safe_settings()

    assert repr(shown["ELSEWHERE"]) == "'***'"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HIPCHAT_API_TOKEN", 7),
        ("HIPCHAT_API_URL", "http://[half"),
        ("HIPCHAT_PROXIES", {"http": "http://[half"}),
        ("HIPCHAT_CONNECTIONS", SECRET),
        ("HIPCHAT_CONNECTIONS", {"wrong": SECRET}),
        ("HIPCHAT_CONNECTIONS", {7: {}}),
    ],
)
def test_wrong_settings_do_not_break_the_report(site: Any, name: str, value: Any) -> None:
    setattr(site, name, value)

    shown = ErrorReportFilter().get_safe_settings()

    assert SECRET not in repr(shown)
    assert name in shown


@pytest.mark.parametrize("secret", ["pass'word-\1", 'pass"word-\2', "pässwörd-3"])
def test_a_secret_is_found_as_python_writes_it(site: Any, secret: str) -> None:
    site.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    site.HIPCHAT_API_TOKEN = secret
    site.ELSEWHERE = (secret, secret.encode(), f"it's {secret}")

    shown = repr(ErrorReportFilter().get_safe_settings()["ELSEWHERE"])

    assert shown.count("***") == 3
    assert "word-" not in shown


def test_a_long_variable_ends_before_a_secret_that_was_cut_in_two(site: Any) -> None:
    site.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    site.HIPCHAT_API_TOKEN = SECRET
    long = "x" * (SEARCHED_CHARACTERS - len(SECRET) // 2) + SECRET
    try:
        raise OSError(long)
    except OSError as error:
        frame = error.__traceback__.tb_frame if error.__traceback__ else None
    assert frame is not None

    found = dict(ErrorReportFilter().get_traceback_frame_variables(None, frame))

    shown = repr(found["long"])
    assert shown.startswith("'xxxx")
    assert 4_096 < len(shown) < SEARCHED_CHARACTERS
    assert SECRET[:4] not in shown
