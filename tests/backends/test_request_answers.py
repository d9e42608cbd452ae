"""Each kind of answer, and what it comes to."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine

from djhipchat2.backends.base import Result
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import deliver

NOW = "Wed, 25 Nov 2026 12:00:00 GMT"
EPOCH = 1_795_608_000
V1_LIMIT = "You have exceeded the rate limit. See https://www.hipchat.com/docs/api/rate_limiting"


def error_body(code: int, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "type": "x", "message": message}}).encode()


def answered(serve: Serve, status: str, body: bytes = b"", **headers: Any) -> Result:
    return deliver(serve(http(status, body, **headers)).url)


@pytest.mark.parametrize(
    ("status", "body", "outcome", "error"),
    [
        ("200 OK", b'{"status": "sent"}', "accepted", ""),
        ("200 OK", b"", "accepted", ""),
        ("200 OK", b'{"error": null}', "accepted", ""),
        ("200 OK", b"[" * 60_000, "accepted", ""),
        ("202 Accepted", b"", "accepted", ""),
        ("204 No Content", b"", "accepted", ""),
        ("200 OK", error_body(400, "No such room"), "rejected", "HTTP 200: No such room"),
        ("200 OK", b'{"error": "No such room"}', "rejected", "HTTP 200: No such room"),
        ("200 OK", b'{"error": {"type": "Odd"}}', "rejected", "HTTP 200: Odd"),
        ("200 OK", b'{"error": {"code": 7}}', "rejected", "HTTP 200: 7"),
        ("200 OK", b'{"error": {}}', "rejected", "HTTP 200: error"),
        (
            "400 Bad Request",
            error_body(400, "From name must be between 1 and 15 characters."),
            "rejected",
            "HTTP 400: From name must be between 1 and 15 characters.",
        ),
        ("400 Bad Request", b"nonsense", "rejected", "HTTP 400: Bad Request"),
        ("400 Bad Request", b'["error"]', "rejected", "HTTP 400: Bad Request"),
        (
            "401 Unauthorized",
            error_body(401, "Invalid OAuth session"),
            "rejected",
            "HTTP 401: Invalid OAuth session: check HIPCHAT_API_TOKEN, or the option token of the "
            "connection",
        ),
        (
            "403 Forbidden",
            error_body(403, "No access."),
            "rejected",
            "HTTP 403: No access: give the token access to the room and, in v2, the scope "
            "send_notification",
        ),
        (
            "404 Not Found",
            error_body(404, "Room not found"),
            "rejected",
            "HTTP 404: Room not found: check the room's id or name, and HIPCHAT_API_URL",
        ),
        ("410 Gone", b"", "rejected", "HTTP 410: Gone: check HIPCHAT_API_URL"),
        ("499 Odd", b"", "rejected", "HTTP 499: unknown status"),
        ("408 Request Timeout", b"", "unavailable", "HTTP 408: Request Timeout"),
        ("425 Too Early", b"", "unavailable", "HTTP 425: Too Early"),
        ("500 Oops", error_body(500, "Internal"), "unavailable", "HTTP 500: Internal"),
        ("503 Busy", b"<html>busy</html>", "unavailable", "HTTP 503: Service Unavailable"),
        ("599 Odd", b"", "unavailable", "HTTP 599: unknown status"),
    ],
)
def test_a_status_and_the_server_s_words(
    serve: Serve, status: str, body: bytes, outcome: str, error: str
) -> None:
    result = answered(serve, status, body, Content_Type="application/json")

    assert (str(result.outcome), result.error) == (outcome, error)
    assert result.http_status == int(status[:3])
    assert result.answer == body.decode()[:500]
    assert (result.retry_after, result.rate_limited) == (None, False)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Log in</html>"),
        ("Text/HTML; charset=utf-8", b"Log in"),
        ("application/json", b"\n <!doctype html>"),
    ],
)
def test_a_web_page_is_not_hipchat_s_answer(serve: Serve, kind: str, body: bytes) -> None:
    result = answered(serve, "200 OK", body, Content_Type=kind)

    assert (str(result.outcome), result.error) == (
        "unavailable",
        "HTTP 200: not HipChat's answer but a web page; check HIPCHAT_API_URL",
    )


@pytest.mark.parametrize("body", [b"", b'{"status": "sent"}'])
def test_django_s_default_content_type_makes_no_web_page(serve: Serve, body: bytes) -> None:
    result = answered(serve, "200 OK", body, Content_Type="text/html; charset=utf-8")

    assert str(result.outcome) == "accepted"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://login.example.com/?next=x", "login.example.com"),
        ("https://ann:secret@login.example.com:8443/", "login.example.com:8443"),
        ("/v2/", "another path"),
        ("http://[", "nowhere"),
        (None, "another path"),
    ],
)
def test_a_redirect_says_where_to(serve: Serve, location: str | None, target: str) -> None:
    headers = {} if location is None else {"Location": location}

    result = answered(serve, "302 Found", **headers)

    assert (str(result.outcome), result.error) == (
        "rejected",
        f"HTTP 302: a redirect to {target}, which is not followed; correct HIPCHAT_API_URL",
    )


@pytest.mark.parametrize("status", ["503 Busy", "429 Too Many Requests", "500 Oops"])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("1.5", 1.5),
        ("999999999", 86_400),
        ("Wed, 25 Nov 2026 12:01:00 GMT", 60),
        ("Wednesday, 25-Nov-26 12:01:00 GMT", 60),
        ("Wed, 25 Nov 2026 12:01:00 -0000", 60),
        ("Wed, 25 Nov 2026 13:01:00 +0100", 60),
        ("inf", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Wed, 99 Nov 2026 12:01:00 GMT", None),
        ("Wed, 25 Nov 2026 12:01:00 +99999999999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    serve: Serve, status: str, value: str, seconds: float | None
) -> None:
    with time_machine.travel(EPOCH, tick=False):
        result = answered(serve, status, Retry_After=value)

    assert (str(result.outcome), result.retry_after) == ("unavailable", seconds)


@pytest.mark.parametrize(
    ("status", "seconds"), [("503 Busy", 0), ("429 Too Many Requests", 1)], ids=["503", "429"]
)
@pytest.mark.parametrize("value", ["0", "-5", "Wed, 25 Nov 2026 11:00:00 GMT"])
def test_a_limit_lasts_a_second_at_least(
    serve: Serve, status: str, seconds: float, value: str
) -> None:
    with time_machine.travel(EPOCH, tick=False):
        assert answered(serve, status, Retry_After=value).retry_after == seconds


def test_dates_are_counted_on_the_server_s_clock(serve: Serve) -> None:
    with time_machine.travel(EPOCH + 7200, tick=False):
        result = answered(serve, "503 Busy", Date=NOW, Retry_After="Wed, 25 Nov 2026 12:01:00 GMT")

    assert result.retry_after == 60


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("429 Too Many Requests", b""),
        ("403 Forbidden", error_body(403, V1_LIMIT)),
        ("403 Forbidden", error_body(403, "Rate Limit exceeded")),
    ],
)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"X_RateLimit_Reset": EPOCH + 30}, 30),
        ({"X_RateLimit_Reset": f"{EPOCH + 30}.5"}, 30.5),
        ({"X_RateLimit_Reset": "45"}, 45),
        ({"X_RateLimit_Reset": EPOCH - 30}, 1),
        ({"X_RateLimit_Reset": EPOCH + 10**6}, 86_400),
        ({"X_RateLimit_Reset": "soon"}, None),
        ({"X_RateLimit_Reset": "nan"}, None),
        ({"X_FloodControl_Reset": EPOCH + 20, "X_FloodControl_Remaining": "0"}, 20),
        ({"X_RateLimit_Reset": EPOCH + 200, "X_FloodControl_Reset": EPOCH + 20}, 200),
        (
            {
                "X_RateLimit_Reset": EPOCH + 200,
                "X_RateLimit_Remaining": "17",
                "X_FloodControl_Reset": EPOCH + 20,
                "X_FloodControl_Remaining": "0.0",
            },
            20,
        ),
        ({"X_RateLimit_Reset": EPOCH + 200, "Retry_After": "7"}, 7),
    ],
)
def test_a_rate_limit_lasts_until_it_is_reset(
    serve: Serve, status: str, body: bytes, headers: dict[str, Any], seconds: float | None
) -> None:
    with time_machine.travel(EPOCH, tick=False):
        result = answered(serve, status, body, **headers)

    assert (str(result.outcome), result.rate_limited) == ("unavailable", True)
    assert result.retry_after == seconds


def test_what_a_server_writes_can_be_stored(serve: Serve) -> None:
    escapes = b'{"error": {"message": "a\\u0000b\\ud83dc"}}'

    in_words = answered(serve, "400 Bad Request", escapes).storable()
    raw = answered(serve, "400 Bad Request", b"a\0b\xffc").storable()

    assert in_words.error == "HTTP 400: a\N{REPLACEMENT CHARACTER}b?c"
    assert raw.answer == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_a_redirect_s_body_is_not_read_whole(serve: Serve) -> None:
    result = answered(serve, "302 Found", b"x" * 10_000_000, Location="/elsewhere")

    assert len(result.answer) == 500
