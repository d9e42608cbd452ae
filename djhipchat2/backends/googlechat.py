"""
Google Chat: webhooks of a space.

Google's pages: developers.google.com/workspace/chat/quickstart/webhooks (limits, threads),
.../reference/rest/v1/spaces.messages/create (``requestId``, ``messageReplyOption``, 32,000 bytes),
.../format-messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.checks import CheckMessage

from ..markup import googlechat
from ..markup.card import card_of
from ..markup.document import Document
from ..markup.reading import read
from ..message import Message
from ..states import Outcome
from .answer import Answer
from .googlechat_cards import card_with_id
from .service import Post
from .service_answers import Reading, reading_of
from .service_checks import wrong_value
from .service_text import headed, in_bytes, json_bytes
from .webhook import WebhookBackend, with_query

#: "The maximum message size, including text and cards, is 32,000 bytes"; some are the thread's.
BYTES = 31_000
#: "1 per second", for all webhooks of a space together; the answer says no time.
SECONDS_PER_MESSAGE = 1.0
THREADS = ("", "room", "sender")
HINTS = {
    "PERMISSION_DENIED": "copy the webhook's address again; an administrator may have switched off "
    "webhooks",
    "UNAUTHENTICATED": "copy the webhook's address again",
    "NOT_FOUND": "the webhook or its space was removed; make a new one",
}


class HipChatBackend(WebhookBackend):
    """
    Post each message to Google Chat.

    Options: ``url`` and ``rooms``, webhooks; ``thread``: ``room`` puts the messages of a room into
    one thread, ``sender`` those of a sender, and empty each into its own. ``mention`` is what rings
    with ``notify``.
    """

    service = "Google Chat"
    ringing = ("<users/all>", "<users/all>")
    example = "https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…"
    option_names: ClassVar[tuple[str, ...]] = ("thread", "mention", *WebhookBackend.option_names)

    def check_options(self) -> list[CheckMessage]:
        thread = self.text_option("thread")
        if thread in THREADS:
            return super().check_options()
        hint = "Set it to 'room' or 'sender', or leave it out."
        return [wrong_value(self.alias, "thread", thread, hint)]

    def post_of(self, message: Message) -> Post:
        target = self.target_of(message.room)
        body = self._body_of(message)
        query: dict[str, str] = {}
        thread = self.text_option("thread")
        if thread:
            key = message.room if thread == "room" else message.sender
            body["thread"] = {"threadKey": key}
            query["messageReplyOption"] = "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"
        if message.key:
            # The same message again is no second message.
            query["requestId"] = message.key
        return Post(
            with_query(target.url, query), body=body, secrets=target.secrets, limit=target.limit
        )

    def _body_of(self, message: Message) -> dict[str, Any]:
        card = card_of(message)
        shown = read(message) if card is None else Document(card.activity)
        cards = {} if card is None else {"cardsV2": [card_with_id(card)]}
        ring = "" if shown.mentions else self.ring_of(message, shown)
        start = f"{ring} " if ring else ""
        room = BYTES - json_bytes({"text": start, **cards})
        text = in_bytes(googlechat.render, headed(shown, message), room)
        return {"text": start + text, **cards}

    def read(self, answer: Answer, post: Post) -> Reading:
        body = answer.json()
        if not isinstance(body, Mapping):
            return reading_of(answer, limit=post.limit)
        if answer.outcome is Outcome.ACCEPTED and "name" in body:
            return Reading(outcome=Outcome.ACCEPTED)
        error = body.get("error")
        if not isinstance(error, Mapping):
            return reading_of(answer, limit=post.limit)
        status, words = str(error.get("status", "")), str(error.get("message", ""))
        wait = answer.retry_after()
        if answer.status == 429 and wait is None:
            wait = SECONDS_PER_MESSAGE
        return reading_of(
            answer,
            ": ".join(filter(None, [status, words])),
            hint=HINTS.get(status, ""),
            limit=post.limit,
            asked=wait,
        )
