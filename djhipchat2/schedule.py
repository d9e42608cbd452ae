"""The schedule of django-celery-beat: made once, and from then on the project's to edit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.db.models import Q

APP = "django_celery_beat"


@dataclass(frozen=True)
class Entry:
    """A row that beat's admin shows under "Periodic tasks"."""

    name: str
    task: str
    model: str
    """Model of the times, ``IntervalSchedule`` or ``CrontabSchedule``."""
    when: dict[str, Any]
    description: str
    expire_seconds: int
    """After which a worker drops it: while none runs, they would pile up in the broker."""
    kwargs: dict[str, Any] = field(default_factory=dict)


ENTRIES = (
    Entry(
        name="djhipchat2: deliver what is due",
        task="djhipchat2.tasks.flush_outbox",
        model="IntervalSchedule",
        when={"every": 1, "period": "minutes"},
        description="Delivers what no task was told of, and what waits for another attempt.",
        expire_seconds=60,
    ),
    Entry(
        name="djhipchat2: delete old messages",
        task="djhipchat2.tasks.purge_outbox",
        model="CrontabSchedule",
        when={"minute": "30", "hour": "3"},
        description="Deletes messages that came to their end so many days ago.",
        expire_seconds=12 * 3600,
        kwargs={"older_than_days": 30},
    ),
)


@dataclass(frozen=True)
class Found:
    """What became of an entry."""

    entry: Entry
    name: str
    enabled: bool
    created: bool


def create_missing() -> list[Found]:
    """
    Create the entries that are not there; one that is, edited, disabled or renamed, stays as it is.

    An entry is known by its task, and by its name. Raise LookupError without django-celery-beat
    in ``INSTALLED_APPS``.
    """
    return [_find(entry) or _create(entry) for entry in ENTRIES]


def _find(entry: Entry) -> Found | None:
    rows = apps.get_model(APP, "PeriodicTask").objects.filter(
        Q(task=entry.task) | Q(name=entry.name)
    )
    row = rows.order_by("-enabled", "pk").first()
    return row and Found(entry, row.name, row.enabled, created=False)


def _create(entry: Entry) -> Found:
    model = apps.get_model(APP, "PeriodicTask")
    relation = "interval" if entry.model == "IntervalSchedule" else "crontab"
    try:
        with transaction.atomic(using=router.db_for_write(model)):
            model.objects.create(
                name=entry.name,
                task=entry.task,
                kwargs=json.dumps(entry.kwargs),
                description=entry.description,
                expire_seconds=entry.expire_seconds,
                **{relation: _times(entry)},
            )
    except (IntegrityError, ValidationError):  # beat's model looks for the name by itself
        found = _find(entry)  # another process has just done the same
        if found is None:
            raise
        return found
    return Found(entry, entry.name, enabled=True, created=True)


def _times(entry: Entry) -> Any:
    """Return the row with the entry's times, which others may use as well."""
    model = apps.get_model(APP, entry.model)
    usual = {
        each.name: each.get_default()
        for each in model._meta.concrete_fields
        if each.has_default() and each.name != "id"
    }
    when = {**usual, **entry.when}
    # Nothing in the table keeps two rows from being equal.
    return model.objects.filter(**when).first() or model.objects.create(**when)
