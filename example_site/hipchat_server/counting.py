"""How many requests came to what."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from .models import ApiRequest, Message
from .state import state


def count_requests() -> dict[str, Any]:
    """
    Return the numbers of requests, by what they came to.

    ``accepted`` counts messages, those among them whose answer a fault swallowed too; ``rejected``
    the refusals that were no fault's.
    """
    state().write_log()
    rows = list(
        ApiRequest.objects.order_by().values("status", "fault").annotate(number=Count("id"))
    )
    by_status: dict[str, int] = {}
    for row in rows:
        name = "dropped" if row["status"] is None else str(row["status"])
        by_status[name] = by_status.get(name, 0) + row["number"]
    return {
        "requests": sum(row["number"] for row in rows),
        "accepted": Message.objects.count(),
        "rejected": sum(
            row["number"] for row in rows if row["fault"] is None and (row["status"] or 0) >= 400
        ),
        "faulted": sum(row["number"] for row in rows if row["fault"] is not None),
        "by_status": dict(sorted(by_status.items())),
    }
