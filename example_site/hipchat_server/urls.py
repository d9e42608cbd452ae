"""Addresses. The protocol knows the API's, which may have any prefix; what is left goes to it."""

from __future__ import annotations

from django.conf import settings
from django.urls import path, re_path
from django.views.static import serve

from .views.api import api
from .views.control import counts, faults, limits, messages, requests, reset
from .views.faults import clear_page, faults_page
from .views.wall import room, rooms

urlpatterns = [
    path("", rooms, name="rooms"),
    path("rooms/<path:name>/", room, name="room"),
    path("faults/", faults_page, name="faults"),
    path("faults/clear/", clear_page, name="clear-faults"),
    path("control/messages", messages),
    path("control/requests", requests),
    path("control/counts", counts),
    path("control/faults", faults),
    path("control/limits", limits),
    path("control/reset", reset),
    path("static/<path:path>", serve, {"document_root": settings.STATIC_ROOT}, name="static"),
    re_path("", api),
]
