"""
The control API: JSON, for tests and scripts.

It has no login and no CSRF check: the server is a tool for loopback, and holds nothing secret.
"""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from ..counting import count_requests
from ..faults import FaultError, fault_of
from ..limits import Limits
from ..models import ApiRequest, Message
from ..state import state

LARGEST_ID = 2**63 - 1
LARGEST_LIMIT = 1_000_000_000


class ControlError(ValueError):
    """Input that cannot be used; the text names the value, the limit and the remedy."""


@csrf_exempt
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """Return the messages that were taken, in order."""
    found = Message.objects.select_related("room")
    if "room" in request.GET:
        found = found.filter(room__name=request.GET["room"])
    return _listed("messages", request, found)


@csrf_exempt
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """Return the requests to the API, in order, without their tokens."""
    state().write_log()
    return _listed("requests", request, ApiRequest.objects.all())


def _listed(name: str, request: HttpRequest, found: QuerySet[Any]) -> HttpResponse:
    after = request.GET.get("after") or "0"
    if not (after.isascii() and after.isdigit() and int(after) <= LARGEST_ID):
        message = f"after {after!r} is no id; send that of the last of the {name} that you know."
        return _refused(message)
    rows = [row.as_json() for row in found.filter(pk__gt=int(after))]
    return JsonResponse({"count": len(rows), name: rows})


@csrf_exempt
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Return how many requests came to what."""
    return JsonResponse(count_requests())


@csrf_exempt
def faults(request: HttpRequest) -> HttpResponse:
    """Return, add or clear faults."""
    if request.method == "GET":
        return _active_faults()
    if request.method == "DELETE":
        state().clear_faults()
        return _active_faults()
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST", "DELETE"])
    try:
        fault = fault_of(_content(request))
    except (ControlError, FaultError) as error:
        return _refused(str(error))
    with state().lock:
        state().faults.add(fault)
    return _active_faults()


def _active_faults() -> HttpResponse:
    with state().lock:
        return JsonResponse({"faults": [fault.as_json() for fault in state().faults.active]})


@csrf_exempt
def limits(request: HttpRequest) -> HttpResponse:
    """Return or set the rate limits; null enforces none."""
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.method == "POST":
        try:
            state().set_limits(_limits_of(_content(request)))
        except ControlError as error:
            return _refused(str(error))
    return JsonResponse(state().limits.as_json())


def _limits_of(content: Any) -> Limits:
    names = ("token_per_5_minutes", "room_per_minute")
    if not isinstance(content, dict) or set(content) - set(names):
        message = f"{content!r} is not known; send an object with {' and '.join(names)}."
        raise ControlError(message)
    for name in names:
        value = content.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and 0 <= value <= LARGEST_LIMIT):
            message = f"{name} {value!r} is out of bounds; send a whole number, or null for none."
            raise ControlError(message)
    token, room = (content.get(name) for name in names)
    return Limits(
        None if token is None else {1: token, 2: token},
        None if room is None else {2: room},  # v1 never had one
    )


@csrf_exempt
def reset(request: HttpRequest) -> HttpResponse:
    """Forget what was received; faults and limits are as at the start."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    state().reset()
    return JsonResponse({"reset": True})


def _content(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        message = "The body is not JSON; send a JSON object."
        raise ControlError(message) from None


def _refused(message: str) -> HttpResponse:
    return JsonResponse({"error": message}, status=400)
