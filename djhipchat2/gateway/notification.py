"""
The message of a call, checked by HipChat's rules and with HipChat's words for what breaks them.

Words that were seen in real answers: v1 ``From name must be between 1 and 15 characters.``
(jlewallen/jenkins-hipchat-plugin issue #58, hernandev/hipchat-laravel issue #1); v2 ``Required
field 'message' is missing`` (codecentric/spring-boot-admin issue #382) and ``Value u'true' for
field 'notify' is not of type 'boolean'`` (jenkinsci/hipchat-plugin issue #39). Those of v2 are
validictory's, so its words stand for the v2 errors that nobody quoted. The other v1 words are ours.

Taken although Atlassian's pages would not: ``notify`` as a word (Grafana, netdata), an empty
colour (python-simple-hipchat), ``grey`` (Grafana), senders with punctuation (zenoss, cabot), cards
without an id (notifiers), a card as a string (Airflow), unknown keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..message import COLOR_CORRECTIONS, COLORS, FORMATS, V1, V2, Limits
from ..states import Color, MessageFormat
from .call import Call

TRUE_WORDS = ("true", "1", "yes", "on")
FALSE_WORDS = ("false", "0", "no", "off", "", "none")


class CallError(ValueError):
    """
    A call that HipChat would answer with 400.

    ``details`` are the further keys that v2's error has for a wrong field.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


@dataclass(frozen=True)
class Notification:
    """A message as the room gets it."""

    text: str
    sender: str
    message_format: str
    notify: bool
    color: str
    """May be ``random``: the chat chooses."""
    card: Mapping[str, Any] | None = field(default=None, hash=False)


def read_notification(call: Call) -> Notification:
    """Return the message of a call. Raise CallError if it breaks one of HipChat's rules."""
    if call.content.problem:
        raise CallError(call.content.problem)
    if call.content.json is not None and not isinstance(call.content.json, dict):
        raise _wrong_type(name="_data", value=call.content.json, expected="object")
    values = call.parameters
    limits = V1 if call.version == 1 else V2
    message_format = _choice(
        values, "message_format", FORMATS, default=MessageFormat.HTML.value, limits=limits
    )
    return Notification(
        text=_text(values, message_format, limits),
        sender=_sender(values, limits),
        message_format=message_format,
        notify=_flag(values.get("notify")),
        color=_choice(values, "color", COLORS, default=Color.YELLOW.value, limits=limits),
        card=_card(values.get("card")),
    )


def _string(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong_type(name=name, value=value, expected="string")
    return value


def _text(values: Mapping[str, Any], message_format: str, limits: Limits) -> str:
    text = _string(values, "message")
    if len(text) > limits.message_max:
        if limits is V1:
            words = f"Message must be between 1 and {limits.message_max} characters."
            raise CallError(words)
        raise _too_long(name="message", value=text, length=limits.message_max)
    # hipcat and the like pass on what they read from a pipe, with its last line's end.
    text = text.removesuffix("\n").removesuffix("\r")
    if not text.strip():
        words = "Message is required." if limits is V1 else "Required field 'message' is missing"
        raise CallError(words, field="message", validation="optional", value=None)
    if message_format == MessageFormat.TEXT:
        text = text.replace("&#64;", "@")  # hipchat-php hides a leading @ so, even in text
    return text


def _sender(values: Mapping[str, Any], limits: Limits) -> str:
    sender = _string(values, "from")
    if limits.sender_min <= len(sender) <= limits.sender_max:
        return sender
    if limits is V1:
        words = f"From name must be between {limits.sender_min} and {limits.sender_max} characters."
        raise CallError(words)
    raise _too_long(name="from", value=sender, length=limits.sender_max)


def _choice(
    values: Mapping[str, Any],
    name: str,
    choices: tuple[str, ...],
    *,
    default: str,
    limits: Limits,
) -> str:
    asked = _string(values, name) or default
    value = COLOR_CORRECTIONS.get(asked, asked) if name == "color" else asked
    if value in choices:
        return value
    if limits is V1:
        words = f"{name} must be one of {', '.join(choices)}."
    else:
        options = ", ".join(_python2(choice) for choice in choices)
        words = f"Value {_python2(value)} for field '{name}' is not in the enumeration: [{options}]"
    raise CallError(words, field=name, validation="enum", value=value)


def _flag(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    word = str(value).strip().lower() if isinstance(value, str | int) else "no word"
    if word not in (*TRUE_WORDS, *FALSE_WORDS):
        raise _wrong_type(name="notify", value=value, expected="boolean")
    return word in TRUE_WORDS


def _card(value: Any) -> Mapping[str, Any] | None:
    """Return the card; none for a string that is not JSON, of which nothing could be shown."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None
    if value is None or isinstance(value, dict):
        return value
    raise _wrong_type(name="card", value=value, expected="object")


def _python2(value: Any) -> str:
    """Return the repr that HipChat's Python 2 gave a value in its answers."""
    return f"u{value!r}" if isinstance(value, str) else repr(value)


def _wrong_type(*, name: str, value: Any, expected: str) -> CallError:
    return CallError(
        f"Value {_python2(value)} for field '{name}' is not of type '{expected}'",
        field=name,
        validation="type",
        expected_type=expected,
        value=value,
    )


def _too_long(*, name: str, value: str, length: int) -> CallError:
    return CallError(
        f"Length of value {_python2(value)} for field '{name}' "
        f"must be less than or equal to {length}",
        field=name,
        validation="maxLength",
        value=value,
    )
