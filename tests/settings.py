"""Settings of the test project; HIPCHAT_TEST_DATABASE chooses the database."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SECRET_KEY = "for tests only"
USE_TZ = True
TIME_ZONE = "UTC"
ROOT_URLCONF = "tests.urls"
INSTALLED_APPS = [
    # A theme comes before the admin whose templates it replaces.
    *os.environ.get("HIPCHAT_TEST_THEME", "").split(),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "djhipchat2",
]
# Apps that not every environment has; the tests that need them are marked. They import Celery,
# which a process may be meant to do without.
OPTIONAL_APPS = ["django_celery_beat", "django_tasks", "django_tasks_db"]
if not os.environ.get("HIPCHAT_TEST_BARE"):
    INSTALLED_APPS += [name for name in OPTIONAL_APPS if find_spec(name)]
# Their tables are made at once, without a history.
MIGRATION_MODULES = {"django_celery_beat": None, "django_tasks_database": None}
MIDDLEWARE = [
    "tests.policy.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_NAME = f"hipchat_test_{os.environ.get('TOX_ENV_NAME', 'dev').replace('-', '_').replace('.', '')}"
_DATABASES: dict[str, dict[str, Any]] = {
    # A file, not memory: threads and worker processes see the same one.
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "unused.sqlite3",
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        "TEST": {"NAME": Path(os.environ.get("TMPDIR", "/tmp")) / f"{_NAME}.sqlite3"},
    },
    "postgresql": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "NAME": "postgres",
        "TEST": {"NAME": _NAME},
    },
    "mariadb": {
        "ENGINE": "django.db.backends.mysql",
        "HOST": "127.0.0.1",
        "USER": "root",
        "PASSWORD": os.environ.get("MYSQL_PWD", ""),
        "NAME": "test",
        "OPTIONS": {"charset": "utf8mb4"},
        "TEST": {"NAME": _NAME, "CHARSET": "utf8mb4"},
    },
}
DATABASES = {"default": _DATABASES[os.environ.get("HIPCHAT_TEST_DATABASE", "sqlite")]}
# A second one of the same kind, for the tests in which the outbox is not in the first.
_test_name = str(DATABASES["default"]["TEST"]["NAME"])
DATABASES["outbox"] = {
    **DATABASES["default"],
    "TEST": {
        **DATABASES["default"]["TEST"],
        "NAME": f"{_test_name.removesuffix('.sqlite3')}_outbox"
        + (".sqlite3" if _test_name.endswith(".sqlite3") else ""),
    },
}
if os.environ.get("HIPCHAT_TEST_PROCESS"):
    # A process that a test has started works in the database of the test.
    DATABASES["default"]["NAME"] = DATABASES["default"]["TEST"]["NAME"]
    HIPCHAT_BACKEND = os.environ["HIPCHAT_TEST_BACKEND"]
    HIPCHAT_CELERY_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    HIPCHAT_TASKS_BACKEND = HIPCHAT_CELERY_BACKEND
    HIPCHAT_API_URL = os.environ["HIPCHAT_TEST_API_URL"]
    HIPCHAT_API_TOKEN = "TOK"
    HIPCHAT_API_VERSION = int(os.environ.get("HIPCHAT_TEST_API_VERSION", "1"))
    HIPCHAT_CONNECTIONS = json.loads(os.environ.get("HIPCHAT_TEST_CONNECTIONS", "{}"))
    HIPCHAT_BACKOFF_BASE = float(os.environ.get("HIPCHAT_TEST_BACKOFF_BASE", "10"))
    HIPCHAT_LEASE_SECONDS = float(os.environ.get("HIPCHAT_TEST_LEASE_SECONDS", "60"))

_TASKS = "django.tasks" if find_spec("django.tasks") else "django_tasks"
TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "chat"]},
    "immediate": {"BACKEND": f"{_TASKS}.backends.immediate.ImmediateBackend"},
    "dummy": {"BACKEND": f"{_TASKS}.backends.dummy.DummyBackend"},
}
if "django_tasks_db" not in INSTALLED_APPS:
    TASKS["default"] = TASKS["immediate"]

CELERY_BROKER_URL = os.environ.get("HIPCHAT_TEST_BROKER", "redis://127.0.0.1:6379/15")
CELERY_TASK_DEFAULT_QUEUE = _NAME
CELERY_BROKER_CONNECTION_TIMEOUT = 2
# A project that pickles, with workers that refuse it: the package's own tasks are JSON.
CELERY_TASK_SERIALIZER = "pickle"
CELERY_ACCEPT_CONTENT = ["json"]
