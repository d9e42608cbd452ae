"""What the server has received."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from django.db import models
from django.urls import reverse
from django.utils import timezone

#: Numbers of rooms that have a name; rooms that are numbers keep theirs.
FIRST_NUMBER = 1_000_000_000
LONGEST_NUMBER = 18


def number_of(name: str) -> int:
    """Return the id of a room, which is the same in every database."""
    if name.isascii() and name.isdigit() and len(name) <= LONGEST_NUMBER:
        return int(name)
    return FIRST_NUMBER + crc32(name.encode())


class Room(models.Model):
    """A room; it exists from its first message on, or from the start if the server was told so."""

    name = models.CharField(max_length=100, unique=True)
    number = models.BigIntegerField(db_index=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("room", args=[self.name])


class Message(models.Model):
    """A message that was taken."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages")
    sender = models.CharField(max_length=64)
    text = models.TextField()
    message_format = models.CharField(max_length=4)
    color = models.CharField(max_length=6)
    color_asked = models.CharField(max_length=6)
    notify = models.BooleanField()
    card = models.JSONField(null=True)
    api_version = models.SmallIntegerField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk} to {self.room}"

    def as_json(self) -> dict[str, Any]:
        """Return the message as the control API shows it."""
        return {
            "id": self.pk,
            "room": self.room.name,
            "from": self.sender,
            "message": self.text,
            "message_format": self.message_format,
            "color": self.color,
            "color_asked": self.color_asked,
            "notify": self.notify,
            "card": self.card,
            "api_version": self.api_version,
            "received_at": self.received_at.isoformat(),
        }


class ApiRequest(models.Model):
    """A request to the API, taken or not, without its tokens."""

    method = models.CharField(max_length=20)
    path = models.TextField()
    query = models.JSONField()
    content_type = models.TextField()
    headers = models.JSONField()
    form = models.JSONField(null=True)
    json = models.JSONField(null=True)
    status = models.SmallIntegerField(null=True, db_index=True)
    fault = models.CharField(max_length=20, null=True)  # noqa: DJ001 - JSON's null, as in the API
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.method} {self.path}"

    def as_json(self) -> dict[str, Any]:
        """Return the request as the control API shows it."""
        return {
            "id": self.pk,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "content_type": self.content_type,
            "headers": self.headers,
            "form": self.form,
            "json": self.json,
            "status": self.status,
            "fault": self.fault,
            "received_at": self.received_at.isoformat(),
        }
