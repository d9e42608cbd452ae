"""
Rocket.Chat: incoming webhooks, with Slack's attachments in Markdown.

Rocket.Chat's page: docs.rocket.chat/docs/integrations ("Incoming webhook"); its answers are those
of ``apps/meteor/app/integrations/server/api/api.ts`` and ``app/api/server/ApiClass.ts``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..markup import rocketchat
from ..message import Message
from ..states import Outcome
from .answer import Answer, number
from .service import Post
from .service_answers import Reading, reading_of
from .slack_attachments import AttachmentBackend, Dialect

HINTS = {
    "invalid-channel": "name a channel that exists, such as #ops, in the option rooms",
    "overriding destination channel is disabled for this integration": (
        "allow it in the integration, or give each room its webhook in the option rooms"
    ),
}
#: ``X-RateLimit-Reset`` above this counts milliseconds since 1970.
EARLIEST_MILLISECONDS = 100_000_000_000


class HipChatBackend(AttachmentBackend):
    """
    Post each message to Rocket.Chat.

    Options: ``url`` and ``rooms``; with ``url`` the room is the channel, and ``rooms`` may name
    another. ``mention`` is what rings with ``notify``.
    """

    service = "Rocket.Chat"
    ringing = ("@all", "@here")
    example = "https://rocketchat.example.com/hooks/…/…"
    names_channels = True
    #: A message of HipChat's; Rocket.Chat limits texts (5,000), not what is in an attachment.
    dialect = Dialect(rocketchat.render, limit=10_000)

    def post_of(self, message: Message) -> Post:
        target = self.target_of(message.room)
        body = self.content_of(message)
        if target.channel:
            is_marked = target.channel.startswith(("#", "@"))
            body["channel"] = target.channel if is_marked else f"#{target.channel}"
        return Post(target.url, body=body, secrets=target.secrets, limit=target.limit)

    def read(self, answer: Answer, post: Post) -> Reading:
        body = answer.json()
        if not isinstance(body, Mapping):
            return reading_of(answer, limit=post.limit)
        if body.get("success") is True and answer.outcome is Outcome.ACCEPTED:
            return Reading(outcome=Outcome.ACCEPTED)
        words = str(body.get("error") or body.get("message") or "")
        hint = HINTS.get(words, "")
        reset = number(answer.header("X-RateLimit-Reset"))
        asked = None
        if answer.status == 429 and reset is not None:
            asked = answer.seconds_until(reset / 1000 if reset > EARLIEST_MILLISECONDS else reset)
        return reading_of(answer, words, hint=hint, limit=post.limit, asked=asked)
