"""Leases for tests, one room at a time."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from djhipchat2.delivery import lease
from djhipchat2.models import Room


def claim(owner: str = "worker", room_id: str = "Ops") -> lease.Lease | None:
    """Lease a room of the connection ``default``, in a run of its own."""
    places = [("default", room_id)]
    leases = lease.claim(places, token=uuid4().hex, owner=owner, using="default")
    return leases.get(("default", room_id))


def claimed(owner: str = "worker", room_id: str = "Ops") -> lease.Lease:
    """Lease a room that nobody has."""
    held = claim(owner, room_id)
    assert held is not None
    return held


def expire_leases() -> None:
    """Let every lease be over."""
    Room.objects.exclude(lease_token="").update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def take_over(owner: str = "other") -> lease.Lease:
    """Let another worker take the room over."""
    expire_leases()
    return claimed(owner)
