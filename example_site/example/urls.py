"""Addresses of the example site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from .views import send

urlpatterns = [
    path("", send, name="send"),
    path("admin/", admin.site.urls),
]
