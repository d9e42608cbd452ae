"""``manage.py hipchat_beat_schedule``: have beat flush and purge the outbox."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...schedule import create_missing


class Command(BaseCommand):
    """Create beat's entries that are missing; leave those alone that exist."""

    help = (
        "Creates the entries of django-celery-beat that deliver what is due, once a minute, and "
        "delete old messages, once a day. What exists stays as it is: edit it in the admin."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            entries = create_missing()
        except LookupError:
            message = (
                "django-celery-beat is not in INSTALLED_APPS. Type: python -m pip install "
                "'djhipchat2[beat]', add 'django_celery_beat' to INSTALLED_APPS, and migrate."
            )
            raise CommandError(message) from None
        for found in entries:
            if found.created:
                self.stdout.write(f"{found.name}: created.")
            else:
                state = "" if found.enabled else ", disabled"
                self.stdout.write(
                    f"{found.entry.name}: exists as {found.name!r}{state}; left alone."
                )
