"""
HipChat's emoticons that Unicode has a character for.

In text messages HipChat showed a name in brackets as a picture ("Fun with emoticons",
confluence.atlassian.com/hipchatdc3). Names without a counterpart, such as ``(allthethings)``, and
those that a team made for itself stay as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .document import Emoticon, Text

CHARACTERS: Mapping[str, str] = {
    "awesome": "😎",
    "beer": "🍺",
    "boom": "💥",
    "bug": "🐛",
    "bunny": "🐰",
    "cake": "🎂",
    "celebrate": "🎉",
    "check": "✅",
    "chewie": "🐻",
    "coffee": "☕",
    "continue": "▶️",
    "cookie": "🍪",
    "cool": "😎",
    "cry": "😢",
    "dance": "💃",
    "disapproval": "😒",
    "doh": "🤦",
    "dumpsterfire": "🔥",
    "embarrassed": "😳",
    "facepalm": "🤦",
    "failed": "❌",
    "fire": "🔥",
    "ghost": "👻",
    "goodnews": "📰",
    "greenbeer": "🍺",
    "heart": "❤️",
    "hugs": "🤗",
    "innocent": "😇",
    "lol": "😂",
    "mindblown": "🤯",
    "money": "💰",
    "ninja": "🥷",
    "notbad": "🙂",
    "ohcrap": "😱",
    "ohmy": "😮",
    "okay": "👌",
    "omg": "😱",
    "oops": "😬",
    "pingpong": "🏓",
    "pirate": "🏴‍☠️",
    "pizza": "🍕",
    "poo": "💩",
    "present": "🎁",
    "pumpkin": "🎃",
    "rage": "😡",
    "rocket": "🚀",
    "rudolph": "🦌",
    "sadpanda": "🐼",
    "salute": "🫡",
    "santa": "🎅",
    "shamrock": "☘️",
    "shipit": "🚢",
    "shrug": "🤷",
    "star": "⭐",
    "success": "✅",
    "successful": "✅",
    "taco": "🌮",
    "tea": "🍵",
    "thumbsdown": "👎",
    "thumbsup": "👍",
    "tree": "🎄",
    "troll": "🧌",
    "turkey": "🦃",
    "unknown": "❓",
    "upvote": "🔼",
    "warning": "⚠️",
    "yey": "🎉",
    "zzz": "💤",
}
_SHORTCUT = re.compile(r"\(([a-z]+)\)")


def emoticon(shortcut: str) -> Emoticon | None:
    """Return the emoticon that ``(name)`` is; None if it is none."""
    found = _SHORTCUT.fullmatch(shortcut)
    if found is None or found[1] not in CHARACTERS:
        return None
    return Emoticon(shortcut, CHARACTERS[found[1]])


def with_emoticons(text: str) -> Iterator[Text | Emoticon]:
    """Return a text's pieces, emoticons told apart."""
    done = 0
    for found in _SHORTCUT.finditer(text):
        known = emoticon(found[0])
        if known is None:
            continue
        if found.start() > done:
            yield Text(text[done : found.start()])
        yield known
        done = found.end()
    if done < len(text):
        yield Text(text[done:])
