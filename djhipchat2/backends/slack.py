"""
Slack: incoming webhooks, and ``chat.postMessage`` with an app's token.

Slack's pages: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (with the words of
"Handling errors"), docs.slack.dev/reference/methods/chat.postMessage (errors),
docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import ClassVar

from django.core.checks import CheckMessage

from ..markup import mrkdwn
from ..message import Message
from ..states import Outcome, Scope
from .answer import Answer
from .service import Post
from .service_answers import Reading, reading_of
from .service_checks import check_address, check_token
from .slack_attachments import AttachmentBackend, Dialect
from .webhook import is_address

API_URL = "https://slack.com/api"
#: Words that ask to come back later, with or without ``Retry-After``.
LIMITS = ("rate_limited", "ratelimited", "message_limit_exceeded")
#: "Some aspect of the operation" may have succeeded, says the page of the method.
UNKNOWN = ("fatal_error", "internal_error")
#: Words for a state that passes.
PASSING = (
    "org_login_required",
    "request_timeout",
    "rollup_error",
    "service_unavailable",
    "team_added_to_org",
)
HINTS = {
    "channel_not_found": "name the channel's id, and invite the app if the channel is private",
    "not_in_channel": "type /invite @app in the channel",
    "is_archived": "unarchive the channel, or name another in the option rooms",
    "channel_is_archived": "unarchive the channel, or make a webhook for another",
    "invalid_auth": "copy the app's token again",
    "not_authed": "copy the app's token again",
    "token_revoked": "install the app again and copy its new token",
    "account_inactive": "install the app again and copy its new token",
    "missing_scope": "give the app the scope chat:write and install it again",
    "no_service": "the webhook was removed; make a new one",
    "no_service_id": "copy the webhook's address again",
    "no_team": "copy the webhook's address again",
    "invalid_token": "copy the webhook's address again",
    "action_prohibited": "an administrator forbids it",
    "restricted_action": "an administrator forbids the app to post there",
    "posting_to_general_channel_denied": "an administrator forbids it",
    "user_not_found": "make a webhook for a channel that exists",
}
_WORD = re.compile(r"[a-z][a-z0-9_]{1,80}")


class HipChatBackend(AttachmentBackend):
    """
    Post each message to Slack.

    Options: ``url`` and ``rooms``, incoming webhooks; or ``token``, an app's token, with which the
    room is the channel and ``rooms`` says which channel a room is. ``mention`` is what rings with
    ``notify``. ``api_url`` is for GovSlack, ``https://slack-gov.com/api``.
    """

    service = "Slack"
    default_api_url = API_URL
    ringing = ("<!channel>", "<!here>")
    #: "No more than 40,000 characters or risk truncation."
    dialect = Dialect(mrkdwn.render, limit=30_000, quoted=partial(escape, quote=False))
    example = "https://hooks.slack.com/services/T…/B…/…"
    option_names: ClassVar[tuple[str, ...]] = ("token", "api_url", *AttachmentBackend.option_names)
    secret_options: ClassVar[tuple[str, ...]] = ("token", *AttachmentBackend.secret_options)

    def check_options(self) -> list[CheckMessage]:
        if not self.token:
            return super().check_options()
        found = [
            *check_token(self.alias, "token", self.token),
            *check_address(self.alias, "api_url", self.api_url, API_URL),
        ]
        for target in self.rooms.values():
            if is_address(target):
                found += check_address(self.alias, "webhook in rooms", target, self.example)
        return found

    def post_of(self, message: Message) -> Post:
        content = self.content_of(message)
        room = self.called(message.room)
        if self.token and not is_address(room):
            return Post(
                f"{self.api_url}/chat.postMessage",
                # No previews of links: HipChat showed none of those in html.
                body={"channel": room, "unfurl_links": False, "unfurl_media": False, **content},
                headers={"Authorization": f"Bearer {self.token}"},
                secrets=(self.token,),
                limit=Scope.ROOM,  # about one message per second and channel
                address="the option api_url",
                login="the option token",
            )
        target = self.target_of(message.room)
        return Post(target.url, body=content, secrets=target.secrets, limit=target.limit)

    def read(self, answer: Answer, post: Post) -> Reading:
        word = word_of(answer)
        if word == "ok":
            return Reading(outcome=Outcome.ACCEPTED)
        outcome = None
        if word in UNKNOWN:
            outcome = Outcome.UNKNOWN
        elif word in PASSING:
            outcome = Outcome.UNAVAILABLE
        elif word and answer.outcome is Outcome.ACCEPTED:
            outcome = Outcome.REJECTED
        return reading_of(
            answer,
            word,
            hint=HINTS.get(word, ""),
            limit=post.limit,
            outcome=outcome,
            limited=word in LIMITS,
        )


def word_of(answer: Answer) -> str:
    """Return Slack's word for what happened: ``ok``, an error, or empty if there is none."""
    body = answer.json()
    if isinstance(body, Mapping):
        if body.get("ok") is True:
            return "ok"
        word = str(body.get("error", ""))
    else:
        word = answer.text.strip()
    return word if _WORD.fullmatch(word) else ""
