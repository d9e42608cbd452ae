"""
Telegram: a bot's ``sendMessage``, in Telegram's own small html.

Telegram's pages: core.telegram.org/bots/api#sendmessage, #formatting-options, #making-requests and
#responseparameters; core.telegram.org/bots/faq (limits). The descriptions of errors are those of
the server, github.com/tdlib/telegram-bot-api; they stand on no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.checks import CheckMessage

from ..markup import telegram
from ..markup.card import read_shown
from ..message import Message
from ..states import Outcome, Scope
from .answer import Answer, bounded, number
from .service import SERVICE_OPTIONS, Post, ServiceBackend
from .service_answers import Reading, reading_of
from .service_checks import check_address, check_token, missing
from .service_text import headed

#: "1-4096 characters after entities parsing", which are UTF-16 code units.
UTF16_UNITS = 4_096
API_URL = "https://api.telegram.org"
HINTS = {
    "chat not found": "write to the bot or add it to the chat, and name the chat's id (-100…) or "
    "@name in the option rooms",
    "bot was blocked by the user": "the user must unblock the bot",
    "bot was kicked": "add the bot to the chat again",
    "not enough rights": "let the bot post in the chat",
    "need administrator rights": "make the bot an administrator of the channel",
    "message thread not found": "correct the number after / in the option rooms",
}


class HipChatBackend(ServiceBackend):
    """
    Post each message through a bot.

    Options: ``token``, the bot's; ``rooms`` says which chat a room is: its id, ``@name``, or either
    with ``/`` and the number of a topic. ``api_url`` is for a Bot API server of your own.
    """

    service = "Telegram"
    address_name = "the option api_url"
    default_api_url = API_URL
    option_names: ClassVar[tuple[str, ...]] = ("token", "api_url", *SERVICE_OPTIONS)
    secret_options: ClassVar[tuple[str, ...]] = ("token",)

    def check_options(self) -> list[CheckMessage]:
        if not self.token:
            hint = "Set the option token to the one that @BotFather gave you."
            return [missing(self.alias, "token", hint)]
        return [
            *check_token(self.alias, "token", self.token),
            *check_address(self.alias, "api_url", self.api_url, API_URL),
        ]

    def post_of(self, message: Message) -> Post:
        chat, _, topic = self.called(message.room).partition("/")
        body: dict[str, Any] = {
            "chat_id": chat,
            "text": telegram.render(headed(read_shown(message), message), limit=UTF16_UNITS),
            "parse_mode": "HTML",
            "disable_notification": not message.notify,
            "link_preview_options": {"is_disabled": True},
        }
        if topic.isdecimal():
            body["message_thread_id"] = int(topic)
        # The token stands in the path, so all of the address is a secret.
        url = f"{self.api_url}/bot{self.token}/sendMessage"
        # One message per second and chat, 20 per minute and group.
        secrets = (self.token, self.token.partition(":")[2])
        return Post(url, body=body, secrets=secrets, limit=Scope.ROOM, login="the option token")

    def read(self, answer: Answer, post: Post) -> Reading:
        body = answer.json()
        if not isinstance(body, Mapping):
            return reading_of(answer, limit=post.limit)
        if body.get("ok") is True and answer.outcome is Outcome.ACCEPTED:
            return Reading(outcome=Outcome.ACCEPTED)
        parameters = body.get("parameters")
        told: Mapping[str, Any] = parameters if isinstance(parameters, Mapping) else {}
        asked = number(str(told.get("retry_after", "")))
        words = str(body.get("description", ""))
        return reading_of(
            answer,
            words,
            hint=_hint_of(words, answer.status, told),
            limit=post.limit,
            asked=None if asked is None else bounded(asked),
        )


def _hint_of(description: str, status: int, told: Mapping[str, Any]) -> str:
    """Return what to do about Telegram's description of what is wrong; empty: who knows."""
    if "migrate_to_chat_id" in told:
        return f"the chat's id is now {told['migrate_to_chat_id']}; name it in the option rooms"
    if status in (401, 404):
        return "copy the bot's token again"
    return next((hint for words, hint in HINTS.items() if words in description), "")
