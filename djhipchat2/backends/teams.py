"""
Microsoft Teams: Workflows webhooks, with an Adaptive Card.

Microsoft's pages: support.microsoft.com "Create incoming webhooks with Workflows for Microsoft
Teams"; learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/
add-incoming-webhook (28 KB), .../connectors-using (limits, and HTTP 200 with an error's text);
adaptivecards.io/explorer for the card, of which Teams takes version 1.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Warning

from ..message import Message
from ..states import Outcome
from .adaptive_cards import body_of
from .answer import WORTH_ANOTHER_TRY, Answer
from .service import Post
from .service_answers import Reading, reading_of
from .webhook import WebhookBackend

HINTS = {
    "DirectApiAuthorizationRequired": "let anyone trigger the workflow, and copy its address again",
    "DirectApiRequestHasMoreThanOneAuthorization": "copy the workflow's address again",
    "InvalidTemplate": "the workflow must post the card of the request's attachments",
    "TriggerInputSchemaMismatch": "make the workflow from the template for webhook requests",
    "WorkflowNotFound": "the workflow was removed; make a new one",
    "WorkflowTriggerIsNotEnabled": "the workflow is switched off; switch it on",
}
#: Where the Office connectors answered, which Microsoft has retired.
CONNECTOR_DOMAINS = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
_CONNECTOR_ERROR = re.compile(r"HTTP error (\d{3})")


class HipChatBackend(WebhookBackend):
    """
    Post each message to Microsoft Teams.

    Options: ``url`` and ``rooms``, the addresses of workflows.
    """

    service = "Microsoft Teams"
    example = "https://….api.powerplatform.com/…/workflows/…&sig=…"

    def check_options(self) -> list[CheckMessage]:
        found = super().check_options()
        for url in [self.text_option("url"), *self.rooms.values()]:
            host = urlsplit(url).hostname or "" if not found else ""
            if host.endswith(CONNECTOR_DOMAINS):
                found.append(
                    Warning(
                        f"The connection {self.alias!r} posts to an Office connector, which "
                        "Microsoft has retired.",
                        hint="Make a workflow from the template for webhook requests, and set its "
                        "address.",
                        id="djhipchat2.W006",
                    )
                )
        return found

    def post_of(self, message: Message) -> Post:
        target = self.target_of(message.room)
        return Post(target.url, body=body_of(message), secrets=target.secrets, limit=target.limit)

    def read(self, answer: Answer, post: Post) -> Reading:
        if answer.outcome is Outcome.ACCEPTED:
            return _read_success(answer, post)
        body = answer.json()
        error = body.get("error") if isinstance(body, Mapping) else None
        if not isinstance(error, Mapping):
            return reading_of(answer, limit=post.limit)
        code, words = str(error.get("code", "")), str(error.get("message", ""))
        said = ": ".join(filter(None, [code, words]))
        return reading_of(answer, said, hint=HINTS.get(code, ""), limit=post.limit)


def _read_success(answer: Answer, post: Post) -> Reading:
    """Return what a 2xx says: nothing, ``1``, or in an old connector's words that it failed."""
    text = answer.text.strip()
    found = _CONNECTOR_ERROR.search(text)
    if found is None:
        is_taken = answer.status == 202 or (text in ("", "1") and not answer.is_broken)
        return (
            Reading(outcome=Outcome.ACCEPTED) if is_taken else reading_of(answer, limit=post.limit)
        )
    code = int(found[1])
    again = code >= 500 or code in WORTH_ANOTHER_TRY
    return reading_of(
        answer,
        text,
        limit=post.limit,
        outcome=Outcome.UNAVAILABLE if again else Outcome.REJECTED,
        limited=code == 429,
    )
