"""
Zulip: a bot's messages to a channel (stream) and topic.

Zulip's pages: zulip.com/api/send-message, /api/rest-error-handling, /api/http-headers (limits),
/api/incoming-webhooks-walkthrough; sizes are those of /api/register-queue
(``max_message_length``, ``max_topic_length``).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import ClassVar

from django.core.checks import CheckMessage

from ..markup import zulip
from ..markup.card import read_shown
from ..message import Message
from ..states import Outcome, Scope
from .answer import Answer, bounded, number
from .service import SERVICE_OPTIONS, Post, ServiceBackend
from .service_answers import SHORTEST_HOLD, Reading, allowance_of, reading_of
from .service_checks import check_address, check_token, missing
from .service_text import headed

EXAMPLE = "https://example.zulipchat.com"
CHARACTERS = 10_000
TOPIC_CHARACTERS = 60
HINTS = {
    "STREAM_DOES_NOT_EXIST": "name a channel that exists in the option rooms",
    "INVALID_API_KEY": "copy the bot's API key again",
    "UNAUTHORIZED": "copy the bot's e-mail address and API key again",
    "USER_DEACTIVATED": "reactivate the bot",
    "REALM_DEACTIVATED": "the organization was deactivated",
    "STREAM_WILDCARD_MENTION_NOT_ALLOWED": "let the bot mention everybody, or unset mention",
    "TOPIC_WILDCARD_MENTION_NOT_ALLOWED": "let the bot mention everybody, or unset mention",
}


class HipChatBackend(ServiceBackend):
    """
    Post each message through a bot.

    Options: ``api_url``, the organization's address; ``email`` and ``api_key``, the bot's. A room
    is a channel, with ``>`` a channel and a topic (``ops>deploys``), and ``rooms`` may name either.
    ``topic`` is for rooms that name none, by default the sender. ``mention`` is put before a
    message with ``notify``.
    """

    service = "Zulip"
    # Nothing rings by itself: who may mention everybody is restricted, and a message that may not
    # is refused.
    ringing = ("@**all**", "")
    address_name = "the option api_url"
    option_names: ClassVar[tuple[str, ...]] = (
        "api_url",
        "email",
        "api_key",
        "topic",
        "mention",
        *SERVICE_OPTIONS,
    )
    secret_options: ClassVar[tuple[str, ...]] = ("api_key",)

    @property
    def api_url(self) -> str:
        """The organization's address, without ``/api``."""
        url = super().api_url
        return url.removesuffix("/api/v1/messages").removesuffix("/api/v1").removesuffix("/api")

    def check_options(self) -> list[CheckMessage]:
        for name, hint in (
            ("api_url", f"Set the option api_url to your organization's, such as {EXAMPLE}."),
            ("email", "Set the option email to the bot's address, from its zuliprc file."),
            ("api_key", "Set the option api_key to the bot's key, from its zuliprc file."),
        ):
            if not self.text_option(name):
                return [missing(self.alias, name, hint)]
        return [
            *check_address(self.alias, "api_url", self.api_url, EXAMPLE),
            *check_token(self.alias, "email", self.text_option("email")),
            *check_token(self.alias, "api_key", self.text_option("api_key")),
        ]

    def post_of(self, message: Message) -> Post:
        place = self.called(message.room)
        channel, _, topic = (part.strip() for part in place.partition(">"))
        topic = topic or self.text_option("topic") or message.sender.strip() or self.service
        key = self.text_option("api_key")
        login = b64encode(f"{self.text_option('email')}:{key}".encode()).decode()
        return Post(
            f"{self.api_url}/api/v1/messages",
            data={
                "type": "stream",
                "to": channel,
                "topic": topic[:TOPIC_CHARACTERS],
                "content": self._content_of(message),
            },
            headers={"Authorization": f"Basic {login}"},
            secrets=(key, login),
            limit=Scope.CONNECTION,  # a limit is a user's
            login="the options email and api_key",
        )

    def _content_of(self, message: Message) -> str:
        shown = read_shown(message)
        ring = "" if shown.mentions else self.ring_of(message, shown)
        start = f"{ring} " if ring else ""
        text = zulip.render(headed(shown, message), limit=CHARACTERS - len(start))
        return start + text

    def read(self, answer: Answer, post: Post) -> Reading:
        body = answer.json()
        if not isinstance(body, Mapping):
            return reading_of(answer, limit=post.limit)
        if body.get("result") == "success" and answer.outcome is Outcome.ACCEPTED:
            wait = _used_up(answer)
            return Reading(
                outcome=Outcome.ACCEPTED,
                retry_after=wait,
                scope=Scope.ROOM if wait is None else Scope.CONNECTION,
                allowance=allowance_of(answer),
            )
        code, words = str(body.get("code", "")), str(body.get("msg", ""))
        asked = number(str(body.get("retry-after", "")))
        failed = answer.outcome is Outcome.ACCEPTED and body.get("result") == "error"
        return reading_of(
            answer,
            ": ".join(filter(None, [code, words])),
            hint=HINTS.get(code, ""),
            limit=post.limit,
            outcome=Outcome.REJECTED if failed else None,
            asked=None if asked is None else bounded(asked),
            limited=code == "RATE_LIMIT_HIT",
        )


def _used_up(answer: Answer) -> float | None:
    """Return the seconds until the bot may send more, if this message was the last for now."""
    left = number(answer.header("X-RateLimit-Remaining"))
    reset = number(answer.header("X-RateLimit-Reset"))
    if left != 0 or reset is None:
        return None
    return max(answer.seconds_until(reset), SHORTEST_HOLD)
