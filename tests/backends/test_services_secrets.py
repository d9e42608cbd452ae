"""No secret of a chat service's connection is left in errors, answers or logs."""

from __future__ import annotations

import logging

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured

from tests.backends.chat_receiver import SECRET, Service, delivered, says
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import a_message


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


def test_other_users_of_urllib3_keep_their_log(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")

    requests.get(f"{serve(http()).url}/theirs", timeout=10)

    assert "/theirs" in caplog.text
