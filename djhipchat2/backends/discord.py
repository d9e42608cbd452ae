"""
Discord: webhooks, with an embed for the colour.

Discord's pages: docs.discord.com/developers/resources/webhook ("Execute Webhook"),
.../resources/message ("Embed Limits"), .../topics/rate-limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..markup.reading import read
from ..message import Message
from ..states import Outcome, Scope
from .answer import Answer, bounded, number
from .discord_embeds import embed_of
from .service import Post
from .service_answers import Reading, reading_of
from .webhook import WebhookBackend, with_query

HINTS = {
    10015: "the webhook was removed; make a new one",
    50027: "copy the webhook's address again",
    220001: "a forum needs ?thread_id=… at the end of the webhook's address",
    220003: "only a forum takes threads; take thread_name off the webhook's address",
}
#: A message that rings nobody (flag SUPPRESS_NOTIFICATIONS).
SILENT = 1 << 12
#: What a webhook's name must not contain ("Usernames and Nicknames").
FORBIDDEN = ("@", "#", ":", "```", "discord", "clyde")
USERNAME_CHARACTERS = 80


class HipChatBackend(WebhookBackend):
    """
    Post each message to Discord.

    Options: ``url`` and ``rooms``, webhooks; ``?thread_id=…`` at the end of one leads to a thread.
    ``mention`` is what rings with ``notify``.
    """

    service = "Discord"
    ringing = ("@everyone", "@here")
    example = "https://discord.com/api/webhooks/…/…"
    option_names: ClassVar[tuple[str, ...]] = ("mention", *WebhookBackend.option_names)

    def post_of(self, message: Message) -> Post:
        target = self.target_of(message.room)
        return Post(
            with_query(target.url, {"wait": "true"}),  # answers when the message is stored
            body=self._body_of(message),
            secrets=target.secrets,
            limit=target.limit,
        )

    def _body_of(self, message: Message) -> dict[str, Any]:
        document = read(message)
        embed = embed_of(message, document)
        body: dict[str, Any] = {
            "embeds": [embed],
            # Without this, whatever a text says may ring everybody.
            "allowed_mentions": {"parse": []},
        }
        if is_username(message.sender):
            body["username"] = message.sender
        elif message.sender.strip():
            embed["author"] = {"name": message.sender}
        ring = self.ring_of(message, document)
        if not message.notify:
            body["flags"] = SILENT
        elif ring:
            body["content"] = ring  # an embed rings nobody
            body["allowed_mentions"] = {"parse": ["everyone", "roles", "users"]}
        return body

    def read(self, answer: Answer, post: Post) -> Reading:
        if answer.outcome is Outcome.ACCEPTED and self._is_taken(answer):
            wait = _used_up(answer)
            return Reading(
                outcome=Outcome.ACCEPTED,
                retry_after=wait,
                scope=post.limit if wait is not None else Scope.ROOM,
            )
        body = answer.json()
        error: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
        # A limit without JSON is Cloudflare's: it covers this machine.
        scope = answer.header("X-RateLimit-Scope")
        of_all = error.get("global") is True or scope == "global" or not error
        limit = Scope.CONNECTION if of_all else post.limit
        asked = number(str(error.get("retry_after", "")))
        return reading_of(
            answer,
            _words_of(error),
            hint=HINTS.get(error.get("code", 0), ""),
            limit=limit,
            asked=bounded(asked) if answer.status == 429 and asked is not None else None,
        )

    def _is_taken(self, answer: Answer) -> bool:
        """Does the answer confirm the message: with it, or with nothing?"""
        body = answer.json()
        return answer.status == 204 or (isinstance(body, Mapping) and "id" in body)


def is_username(sender: str) -> bool:
    """Does Discord show this as the sender?"""
    name = sender.lower()
    return 1 <= len(name.strip()) <= USERNAME_CHARACTERS and not any(w in name for w in FORBIDDEN)


def _words_of(error: Mapping[str, Any]) -> str:
    """Return Discord's message with its details."""
    words = str(error.get("message", ""))
    details = "; ".join(_details(error.get("errors")))
    return ": ".join(filter(None, [words, details]))


def _details(errors: Any, path: str = "") -> list[str]:
    """Return what is wrong with which field ("Error Messages" of the API's reference)."""
    if not isinstance(errors, Mapping):
        return []
    found = []
    for name, inner in errors.items():
        if name == "_errors" and isinstance(inner, list):
            found += [f"{path} {e.get('message', '')}" for e in inner if isinstance(e, Mapping)]
        else:
            found += _details(inner, f"{path}.{name}" if path else str(name))
    return found


def _used_up(answer: Answer) -> float | None:
    """Return the seconds until the webhook takes more, if this message was the last for now."""
    left = number(answer.header("X-RateLimit-Remaining"))
    wait = number(answer.header("X-RateLimit-Reset-After"))
    return bounded(wait) if left == 0 and wait is not None else None
