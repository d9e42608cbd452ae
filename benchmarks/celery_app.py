"""The Celery app of the benchmarks' project: ``celery -A benchmarks.celery_app worker``."""

from __future__ import annotations

from celery import Celery

app = Celery("benchmarks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
