"""
Mattermost: incoming webhooks, with Slack's attachments in Markdown.

Mattermost's page: developers.mattermost.com/integrate/webhooks/incoming ("Parameters", "Slack
compatibility"); its errors are those of ``server/channels/app/webhook.go``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..markup import mattermost
from ..message import Message
from ..states import Outcome, Scope
from .answer import Answer, number
from .service import Post
from .service_answers import Reading, reading_of
from .slack_attachments import AttachmentBackend, Dialect

HINTS = {
    "web.incoming_webhook.channel.app_error": (
        "name the channel as its address does (town-square) in the option rooms"
    ),
    "web.incoming_webhook.channel_locked.app_error": (
        "the webhook posts to its own channel alone; give each room its webhook in the option rooms"
    ),
    "web.incoming_webhook.invalid.app_error": "copy the webhook's address again",
}


class HipChatBackend(AttachmentBackend):
    """
    Post each message to Mattermost.

    Options: ``url`` and ``rooms``; with ``url`` the room is the channel, and ``rooms`` may name
    another. ``mention`` is what rings with ``notify``.
    """

    service = "Mattermost"
    ringing = ("@all", "@here")
    example = "https://mattermost.example.com/hooks/…"
    names_channels = True
    #: "The text of a post" ends after 16,383 characters.
    dialect = Dialect(mattermost.render, limit=16_000)

    def post_of(self, message: Message) -> Post:
        target = self.target_of(message.room)
        body = self.content_of(message)
        if target.channel:
            body["channel"] = target.channel.removeprefix("#")
        # The server counts requests of an address or a user, whatever their channel.
        return Post(target.url, body=body, secrets=target.secrets, limit=Scope.CONNECTION)

    def read(self, answer: Answer, post: Post) -> Reading:
        if answer.outcome is Outcome.ACCEPTED and answer.text.strip() == "ok":
            return Reading(outcome=Outcome.ACCEPTED)
        body = answer.json()
        error = body if isinstance(body, Mapping) else {}
        words = str(error.get("message", ""))
        hint = HINTS.get(str(error.get("id", "")), "")
        # Seconds to go: "X-RateLimit-Reset" of the library that Mattermost limits with.
        reset = number(answer.header("X-RateLimit-Reset"))
        asked = None
        if answer.status == 429 and answer.retry_after() is None and reset is not None:
            asked = answer.seconds_until(reset)
        return reading_of(answer, words, hint=hint, limit=post.limit, asked=asked)
