"""
The Django project that benchmarks run in.

The environment says which database, which server and which apps and settings the contender has;
everybody gets the same database settings, those that docs/quickstart.rst gives.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

SECRET_KEY = "for benchmarks only"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    *json.loads(os.environ.get("HIPCHAT_BENCH_APPS", '["djhipchat2"]')),
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_SLACK_MESSAGE = """{% extends django_slack %}
{% block text %}{{ text }}{% endblock %}"""

_NAME = os.environ.get("HIPCHAT_BENCH_NAME", "")
_DATABASES: dict[str, dict[str, Any]] = {
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _NAME,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    },
    "postgresql": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "NAME": _NAME,
    },
}
DATABASES = {"default": _DATABASES[os.environ.get("HIPCHAT_BENCH_DATABASE", "sqlite")]}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                ("django.template.loaders.locmem.Loader", {"message.slack": _SLACK_MESSAGE}),
                "django.template.loaders.app_directories.Loader",
            ]
        },
    }
]

CHAT_URL = os.environ.get("HIPCHAT_BENCH_URL", "http://127.0.0.1:9")
HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
HIPCHAT_API_URL = CHAT_URL
HIPCHAT_API_TOKEN = "TOK"
SLACK_TOKEN = "TOK"
SLACK_ENDPOINT_URL = f"{CHAT_URL}/slack"

CELERY_BROKER_URL = os.environ.get("HIPCHAT_BENCH_BROKER", "redis://127.0.0.1:6379/14")
# A queue of this run's own, on whatever Redis others may use, too.
CELERY_TASK_DEFAULT_QUEUE = Path(_NAME).stem or "hipchat_bench"
CELERY_TASK_IGNORE_RESULT = True

globals().update(json.loads(os.environ.get("HIPCHAT_BENCH_SETTINGS", "{}")))
