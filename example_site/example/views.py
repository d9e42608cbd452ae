"""The site's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status

from .forms import MessageForm

LATEST = 10


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """
    Show the form and the latest messages; send what is posted.

    Anybody who reaches the site can send: in yours, require a permission.
    """
    if request.method == "POST":
        form = MessageForm(request.POST)
        if form.is_valid():
            tell(request, form.send())
            request.session["usual"] = {
                name: form.cleaned_data[name] for name in ("room_id", "sender")
            }
            return redirect("send")
    else:
        form = MessageForm(initial=request.session.get("usual"))
    latest = OutboundMessage.objects.order_by("-pk")[:LATEST]
    return render(request, "example/send.html", {"form": form, "latest": latest})


def tell(request: HttpRequest, row: OutboundMessage) -> None:
    """Say what became of a message."""
    if row.status == Status.SENT:
        messages.success(request, f"Sent to {row.room_id}.")
    elif row.status == Status.FAILED:
        messages.error(request, f"Not sent to {row.room_id}. {row.error}")
    elif row.error:
        messages.warning(request, f"Queued for {row.room_id}, it will be tried again. {row.error}")
    else:
        words = "it will be sent later. The room is busy or on hold."
        messages.warning(request, f"Queued for {row.room_id}, {words}")
