"""A program: open each page of the admin in a site with a theme, and print what came of it."""

from __future__ import annotations

import sys
import tempfile

import django
from django.conf import settings


def main() -> None:
    """Print a line for each page: its status, and whether it has what it is about."""
    with tempfile.TemporaryDirectory() as folder:
        settings.DATABASES["default"]["NAME"] = f"{folder}/outbox.sqlite3"
        settings.ALLOWED_HOSTS = ["*"]
        django.setup()
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from django.test import Client

        from djhipchat2.models import OutboundMessage, Room
        from tests.browser import sample

        call_command("migrate", verbosity=0)
        sample.fill()
        client = Client()
        client.force_login(User.objects.create_superuser("anna"))
        row, room = OutboundMessage.objects.latest("pk"), Room.objects.get(room_id="Ops")
        messages, rooms = "/admin/djhipchat2/outboundmessage/", "/admin/djhipchat2/room/"
        for address, wanted in (
            (messages, "hipchat-panel"),
            (f"{messages}?attention=yes", "hipchat-badge"),
            (f"{messages}{row.pk}/change/", "hipchat-timeline"),
            (f"{messages}{row.pk}/resend/", "hipchat-decision"),
            (f"{messages}export/", "hipchat-decision"),
            (f"{messages}compose/", "hipchat-decision"),
            (rooms, "hipchat-held"),
            (f"{rooms}{room.pk}/change/", "Pause"),
            (f"{rooms}{room.pk}/pause/", "hipchat-decision"),
            (f"{rooms}{room.pk}/transcript/", "hipchat-wall"),
        ):
            response = client.get(address)
            found = wanted in response.content.decode()
            sys.stdout.write(f"{response.status_code} {found} {address}\n")


main()
