"""The server's app."""

from __future__ import annotations

from django.apps import AppConfig


class HipChatServerConfig(AppConfig):
    """Rooms, messages and the log of requests."""

    name = "hipchat_server"
    verbose_name = "Local HipChat server"
