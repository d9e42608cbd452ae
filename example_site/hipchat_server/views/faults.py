"""The page on which faults are switched on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from ..counting import count_requests
from ..forms import FaultForm
from ..models import Room
from ..state import state


def faults_page(request: HttpRequest) -> HttpResponse:
    """Show the faults and the counters; switch a fault on by POST."""
    form = FaultForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        with state().lock:
            state().faults.add(form.fault())
        return redirect("faults")
    with state().lock:
        active = list(state().faults.active)
    counts = count_requests()
    statuses = counts.pop("by_status")
    context = {
        "page": "faults",
        "form": form,
        "active": active,
        "counts": counts,
        "statuses": statuses,
        "rooms": Room.objects.all(),
    }
    status = 200 if not form.errors else 422
    response = render(request, "hipchat_server/faults.html", context, status=status)
    add_never_cache_headers(response)
    return response


@require_POST
def clear_page(request: HttpRequest) -> HttpResponse:
    """Switch all faults off."""
    state().clear_faults()
    return redirect("faults")
