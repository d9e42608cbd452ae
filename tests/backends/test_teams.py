"""Microsoft Teams: what workflows and old connectors answer, and the card that is sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

TEAMS = SERVICES["teams"]
FAILED = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error"


def refused(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


ANSWERS = [
    Case("202 Accepted", "", "accepted", ""),
    Case("200 OK", "", "accepted", ""),
    Case("200 OK", "1", "accepted", ""),
    Case("202 Accepted", {"status": "queued"}, "accepted", ""),
    Case("200 OK", f"{FAILED} 413.", "rejected", f"{FAILED} 413."),
    Case(
        "200 OK",
        f"{FAILED} 503.",
        "unavailable",
        f"{FAILED} 503.",
    ),
    Case(
        "404 Not Found",
        refused("WorkflowNotFound", "The workflow 'w' could not be found."),
        "rejected",
        "WorkflowNotFound: The workflow 'w' could not be found: the workflow was removed; make a "
        "new one",
    ),
    Case(
        "400 Bad Request",
        refused("WorkflowTriggerIsNotEnabled", "Disabled."),
        "rejected",
        "WorkflowTriggerIsNotEnabled: Disabled: the workflow is switched off; switch it on",
    ),
    Case(
        "401 Unauthorized",
        refused("DirectApiAuthorizationRequired", "No."),
        "rejected",
        "DirectApiAuthorizationRequired: No: let anyone trigger the workflow, and copy its "
        "address again",
    ),
    Case("413 Too Large", "Too large", "rejected", HTTPStatus(413).phrase),
    Case("400 Bad Request", {"error": "odd"}, "rejected", "Bad Request"),
    Case(
        "502 Bad Gateway",
        refused("NoResponse", "The server did not receive a response."),
        "unavailable",
        "NoResponse: The server did not receive a response.",
    ),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(TEAMS, serve(says(case.status, case.content))))


@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
@pytest.mark.parametrize(
    ("status", "content", "headers", "seconds"),
    [
        ("429 Too Many Requests", refused("WorkflowRunActionRepetition", "x"), {}, None),
        ("429 Too Many Requests", "", {"Retry_After": "9"}, 9),
        ("200 OK", f"{FAILED} 429 with ContextId x.", {}, None),
        ("200 OK", f"{FAILED} 429 with ContextId x.", {"Retry_After": "9"}, 9),
    ],
)
def test_a_limit_is_the_webhook_s(
    serve: Serve,
    status: str,
    content: Any,
    headers: dict[str, str],
    seconds: float | None,
    *,
    own: bool,
) -> None:
    server = serve(says(status, content, **headers))

    result = delivered(TEAMS, server, rooms={"Ops": f"{server.url}/own"} if own else {})

    assert (str(result.outcome), result.rate_limited, result.retry_after, result.scope) == (
        "unavailable",
        True,
        seconds,
        Scope.ROOM if own else Scope.CONNECTION,
    )


def test_the_address_is_used_as_it_was_copied(serve: Serve) -> None:
    server = serve(TEAMS.accepted)
    path = "/workflows/a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun"

    delivered(TEAMS, server, url=f"{server.url}{path}&sig={SECRET}")

    assert server.requests[0].target == f"{path}&sig={SECRET}"


@pytest.mark.parametrize(
    ("color", "style"),
    [
        ("yellow", "warning"),
        ("red", "attention"),
        ("green", "good"),
        ("purple", "accent"),
        ("gray", "emphasis"),
    ],
)
def test_a_colour_is_a_style_of_the_card(serve: Serve, color: str, style: str) -> None:
    server = serve(TEAMS.accepted)

    delivered(TEAMS, server, a_message(color=color))

    (attachment,) = server.requests[0].json["attachments"]
    assert attachment["content"]["body"][1]["style"] == style


@pytest.mark.parametrize(
    "url",
    [
        "https://example.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
        "https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d",
    ],
)
def test_w004_an_office_connector_is_retired(url: str) -> None:
    (complaint,) = TEAMS.backend("https://x", url=None, rooms={"Ops": url}).check()

    assert (complaint.id, complaint.msg) == (
        "djhipchat2.W006",
        "The connection 'ops' posts to an Office connector, which Microsoft has retired.",
    )
