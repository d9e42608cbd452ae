"""Django's Tasks framework: part of Django from 6.0 on, a package of its own before."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

#: What to type where there is no framework.
REMEDY = "Use Django 6.0, or type: python -m pip install 'djhipchat2[tasks]'"


def framework() -> ModuleType:
    """Return the framework: ``task``, ``task_backends``. Raise ImportError if there is none."""
    try:
        return import_module("django.tasks")
    except ImportError:
        return import_module("django_tasks")
