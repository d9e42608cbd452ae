"""Settings of the local HipChat server; ``start.py`` fills in what the command line says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key

SECRET_KEY = get_random_secret_key()  # it signs nothing that outlives the process
DEBUG = False
ALLOWED_HOSTS = ["*"]  # clients with a hard-coded api.hipchat.com reach it through a host entry
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "hipchat_server.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["hipchat_server.apps.HipChatServerConfig"]
MIDDLEWARE = [
    "hipchat_server.middleware.page_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "hipchat_server_csrf"  # cookies do not know ports: another site may run beside
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
STATIC_ROOT = Path(__file__).resolve().parent / "static"
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            # Readers of the wall never wait for the API. Losing the last messages when the
            # machine loses power is no loss here.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# Request lines carry tokens: nothing is logged but the server's own exceptions, which hold none.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "exceptions": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: bool(record.exc_info),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["exceptions"]}},
    "root": {"handlers": ["stderr"], "level": "ERROR"},
    "loggers": {
        "django": {"handlers": [], "level": "ERROR", "propagate": True},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}

#: Tokens that the API takes: in memory alone.
HIPCHAT_TOKENS: tuple[str, ...] = ()
#: Rooms that exist; empty: any room does, from its first message on.
HIPCHAT_ROOMS: tuple[str, ...] = ()
#: Which rate limits are enforced from the start; see ``limits.py``.
HIPCHAT_LIMITS = "hipchat"
