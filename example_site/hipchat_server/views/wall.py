"""The wall: rooms, and what stands in them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from ..models import Message, Room
from ..rendering import card_of, rendered

SHOWN = 200
LARGEST_ID = 2**63 - 1


@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    """List the rooms, that of the latest message first."""
    found = Room.objects.annotate(number_of_messages=Count("messages"), last=Max("messages__id"))
    listed = list(found.order_by("-last", "name"))
    latest = Message.objects.in_bulk([room.last for room in listed if room.last])
    rows = [(room, latest.get(room.last)) for room in listed]
    return _fresh(render(request, "hipchat_server/rooms.html", {"rooms": rows, "page": "rooms"}))


@require_safe
def room(request: HttpRequest, name: str) -> HttpResponse:
    """Show a room; with ``after``, return what is newer as JSON with HTML in it."""
    try:
        shown = Room.objects.get(name=name)
    except Room.DoesNotExist:
        message = f"No message has come for the room {name!r} yet."
        raise Http404(message) from None
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and int(after) <= LARGEST_ID:
        return _fresh(_newer(shown, int(after)))
    total = shown.messages.count()
    last = list(shown.messages.order_by("-id")[:SHOWN])[::-1]
    context = {
        "room": shown,
        "messages": _rows(last),
        "total": total,
        "hidden": total - len(last),
        "last": last[-1].pk if last else 0,
    }
    return _fresh(render(request, "hipchat_server/room.html", context))


def _newer(shown: Room, after: int) -> HttpResponse:
    newer = list(shown.messages.filter(pk__gt=after)[:SHOWN])
    html = render_to_string("hipchat_server/messages.html", {"messages": _rows(newer)})
    newest = shown.messages.aggregate(newest=Max("id"))["newest"] or 0
    return JsonResponse(
        {
            "html": html.strip(),
            "last": newer[-1].pk if newer else min(after, newest),
            "total": shown.messages.count(),
        }
    )


def _rows(messages: list[Message]) -> list[dict[str, Any]]:
    return [{"row": m, "html": rendered(m), "card": card_of(m)} for m in messages]


def _fresh(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response
