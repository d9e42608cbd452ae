"""The API that clients send to: HipChat's answers, or the fault that is switched on."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from djhipchat2.gateway import answers
from djhipchat2.gateway.protocol import Allowance, Answer, Call, Rate, read_call, respond

from ..chat import LocalChat
from ..faults import DROP_AFTER, DROP_BEFORE, HANG, RATE_LIMITED, UNAVAILABLE, Fault
from ..http_server import RAW_PATH, Dropped
from ..limits import TOKEN_LIMITS
from ..models import ApiRequest
from ..redaction import Redactor
from ..state import state

TOO_BIG = "The body has more than 10 MB; send less."


@csrf_exempt
def api(request: HttpRequest) -> HttpResponse:
    """Answer a call as HipChat would, or as the fault wants it."""
    try:
        body = request.body
    except UnreadablePostError:  # the client is gone
        return Dropped()
    except RequestDataTooBig:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return JsonResponse({"error": {"code": status, "message": TOO_BIG}}, status=status)
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and len(body) < int(announced):  # half of it came, then the end
        return Dropped()
    headers = list(request.headers.items())
    query = request.META.get("QUERY_STRING", "")
    call = read_call(request.method or "", request.META[RAW_PATH], query, headers, body)
    if call is None:
        message = "There is no such page, and no such method of the API."
        raise Http404(message)
    with state().lock:
        fault = state().faults.strike(call.room_names)
        answer = _answer(call, fault)
        _log(request, call, headers, answer, fault)
        interruption = state().interruption
    if answer is None:
        return Dropped()
    if fault is not None and fault.kind == HANG:
        interruption.wait(fault.seconds)
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


def _answer(call: Call, fault: Fault | None) -> Answer | None:
    """Return the answer, having stored the message; None if the connection is to be dropped."""
    kind = fault.kind if fault is not None else ""
    if kind == DROP_BEFORE:
        return None
    if kind == UNAVAILABLE:
        return answers.error(call, HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
    if fault is not None and kind == RATE_LIMITED:
        return _too_many(call, fault.retry_after)
    answer = respond(call, LocalChat(state(), call))
    return None if kind == DROP_AFTER else answer


def _too_many(call: Call, retry_after: int) -> Answer:
    """Return 429 in both versions, with the header that HipChat did not send."""
    words = f"You have exceeded the rate limit. Try again after {retry_after} s."
    answer = answers.error(call, HTTPStatus.TOO_MANY_REQUESTS, words)
    figures = state().limits.token_per_5_minutes or TOKEN_LIMITS
    rate = Rate(figures[call.version], 0, math.ceil(time.time() + retry_after))
    answer = answers.with_allowance(answer, call, Allowance(rate))
    return replace(answer, headers=(*answer.headers, ("Retry-After", str(retry_after))))


def _log(
    request: HttpRequest,
    call: Call,
    headers: list[tuple[str, str]],
    answer: Answer | None,
    fault: Fault | None,
) -> None:
    hidden = Redactor([call.token, *settings.HIPCHAT_TOKENS])
    entry = ApiRequest(
        method=request.method,
        path=hidden.text(request.META[RAW_PATH]),
        query=hidden.pairs(call.query),
        content_type=request.headers.get("Content-Type", ""),
        headers=hidden.headers(headers),
        form=hidden.pairs(call.content.form) if call.content.form else None,
        json=hidden.json(call.content.json),
        status=answer.status if answer is not None else None,
        fault=fault.kind if fault is not None else None,
    )
    state().log(entry)
