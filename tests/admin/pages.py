"""Addresses of the admin, and what is written on its pages."""

from __future__ import annotations

import html
import re
from typing import Any

MESSAGES = "/admin/djhipchat2/outboundmessage/"
ROOMS = "/admin/djhipchat2/room/"


def page_of(row: Any) -> str:
    """Return the address of a message's page."""
    return f"{MESSAGES}{row.pk}/change/"


def button_of(row: Any, act: str) -> str:
    """Return the address that a button of a message's page posts to."""
    return f"{MESSAGES}{row.pk}/{act}/"


def words(response: Any) -> str:
    """Return what is to be read on a page, in one line."""
    main = response.content.decode().split("<main", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def said(response: Any) -> list[str]:
    """Return the messages at the top of a page with their levels."""
    return [f"{message.level_tag}: {message}" for message in response.context["messages"]]


def confirm(client: Any, asked: Any, **data: Any) -> Any:
    """Press the button of the page that asks before it acts; return the page after it."""
    context = asked.context
    return client.post(context["address"], {"rows": context["numbers"], **data}, follow=True)
