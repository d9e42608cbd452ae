"""
Settings of the example site.

The environment says which HipChat server it sends to: HIPCHAT_API_URL and HIPCHAT_API_TOKEN. For
another chat it has HIPCHAT_BACKEND, and HIPCHAT_OPTIONS as JSON.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SECRET_KEY", "for trying it out on your own machine only")
DEBUG = os.environ.get("DEBUG", "1") == "1"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "djhipchat2",
    "example",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "example.urls"
WSGI_APPLICATION = "example.wsgi.application"
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
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("EXAMPLE_DATABASE", BASE_DIR / "example.sqlite3"),
        # A site and a flush write at the same time: each waits for the other's short transaction.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Keeps tokens and webhooks off the debug page.
DEFAULT_EXCEPTION_REPORTER_FILTER = "djhipchat2.error_reports.ErrorReportFilter"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"

HIPCHAT_BACKEND = os.environ.get("HIPCHAT_BACKEND", "djhipchat2.backends.request.HipChatBackend")
HIPCHAT_OPTIONS = json.loads(os.environ.get("HIPCHAT_OPTIONS", "{}"))
HIPCHAT_API_URL = os.environ.get("HIPCHAT_API_URL", "http://127.0.0.1:8088")
HIPCHAT_API_TOKEN = os.environ.get("HIPCHAT_API_TOKEN", "")
HIPCHAT_API_VERSION = int(os.environ.get("HIPCHAT_API_VERSION", "1"))
HIPCHAT_DEFAULT_SENDER = "Example"
HIPCHAT_BACKOFF_BASE = float(os.environ.get("HIPCHAT_BACKOFF_BASE", "10"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "djhipchat": {
            "level": "INFO",
            "class": "djhipchat2.logger.HipChatHandler",
            # Empty: HIPCHAT_API_TOKEN.
            "token": os.environ.get("HIPCHAT_LOGGING_TOKEN", ""),
            "room": "Ops",
            "sender": "Myapp",
            "notify": True,
            "color": "green",
            "colors": {
                "ERROR": "red",
                "CRITICAL": "red",
                "WARNING": "yellow",
            },
        }
    },
    "loggers": {
        "shop": {
            "handlers": ["djhipchat"],
            "level": "INFO",
            "propagate": False,
        },
    },
}
