"""
A filter for Django's debug page and error mails, which would show webhooks and tokens.

Django hides settings by their names, and nothing in the variables of a traceback. A webhook's
address is called ``url``, and whoever reads it can post.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import pprint
from django.views.debug import SafeExceptionReporterFilter, get_exception_reporter_filter

from .backends.redaction import redacted
from .conf import KNOWN, PREFIX
from .configured_secrets import configured_secrets

#: Our settings that are shown. Others are misspelt ones, or the environment's.
SHOWN_SETTINGS = {*KNOWN} - {
    "HIPCHAT_API_TOKEN",
    "HIPCHAT_API_URL",
    "HIPCHAT_CONNECTIONS",
    "HIPCHAT_OPTIONS",
    "HIPCHAT_PROXIES",
}
PACKAGES = ("djhipchat2", "djhipchat")
#: Of a variable Django shows 4,096. What follows these is neither searched nor shown.
SEARCHED_CHARACTERS = 8_000
#: So many at their end may be the beginning of a secret that was not searched to its own.
UNSURE_CHARACTERS = 2_000
#: Where ``pprint`` goes on with a long text in the next line.
_SEAM = re.compile(r"['\"]\n\s*b?['\"]")


class ErrorReportFilter(SafeExceptionReporterFilter):
    """
    Hide the project's chat secrets, whether ``DEBUG`` is on or off.

    Our settings are shown in outline. What our code, and what it calls, has in its variables is
    hidden. Everywhere else the secrets of the settings are cut out.
    """

    def cleanse_setting(self, key: str | int, value: Any) -> Any:
        if not isinstance(key, str) or not key.startswith(PREFIX) or key in SHOWN_SETTINGS:
            return super().cleanse_setting(key, value)
        if key == "HIPCHAT_CONNECTIONS" and isinstance(value, Mapping):
            return {alias: self._outline(connection) for alias, connection in value.items()}
        return self._keys(value)

    def get_safe_settings(self) -> dict[str, Any]:
        return _without_secrets(super().get_safe_settings())

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        # A development server's environment stands in there.
        return _without_secrets(super().get_safe_request_meta(request))

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return _without_secrets(super().get_safe_cookies(request))

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        if _is_ours(tb_frame):
            return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
        secrets = configured_secrets()
        found = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, _Variable(value, secrets)) for name, value in found]

    def _outline(self, connection: Any) -> Any:
        """Return which backend and which options a connection has."""
        if not isinstance(connection, Mapping):
            return self.cleansed_substitute
        outline = {key: self._keys(value) for key, value in connection.items()}
        backend = connection.get("BACKEND")
        if isinstance(backend, str) and all(part.isidentifier() for part in backend.split(".")):
            outline["BACKEND"] = backend
        return outline

    def _keys(self, value: Any) -> Any:
        """Return a dictionary with its values hidden; of anything else nothing."""
        if isinstance(value, Mapping):
            return dict.fromkeys(value, self.cleansed_substitute)
        return self.cleansed_substitute


def with_safe_reports(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """
    Decorate a view whose errors are reported without secrets, whatever filter the project has set.

    What the project's filter hides stays hidden.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        theirs = type(get_exception_reporter_filter(request))
        # Django's documented way to choose a filter for one request.
        request.exception_reporter_filter = _beside(theirs)()
        return view(request, *args, **kwargs)

    return shown


def _beside(theirs: type) -> type:
    """Return a filter that hides what ours does, and what another one does."""
    if issubclass(theirs, ErrorReportFilter):
        return theirs
    return type("ErrorReportFilter", (ErrorReportFilter, theirs), {})


def _is_ours(frame: FrameType) -> bool:
    """Return whether a frame is of our code, or was called by it."""
    return any(
        str(caller.f_globals.get("__name__", "")).partition(".")[0] in PACKAGES
        for caller in _callers_of(frame)
    )


def _callers_of(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of which those that have a secret are shown without it."""
    secrets = configured_secrets()
    shown = {name: pprint(value) for name, value in values.items()}
    cut = {name: _cut(text, secrets) for name, text in shown.items()}
    return {
        name: value if cut[name] == shown[name] else _Shown(cut[name])
        for name, value in values.items()
    }


class _Shown:
    """What is shown as a certain text, without quotes around it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class _Variable:
    """A variable's value, which is shown without the secrets in it. It may be slow to show."""

    def __init__(self, value: Any, secrets: Sequence[str]) -> None:
        self._value = value
        self._secrets = secrets

    def __repr__(self) -> str:
        text = pprint(self._value)
        if len(text) <= SEARCHED_CHARACTERS:
            return _cut(text, self._secrets)
        return _cut(text[:SEARCHED_CHARACTERS], self._secrets)[:-UNSURE_CHARACTERS]


def _cut(text: str, secrets: Sequence[str]) -> str:
    """Return a text without the secrets, as they are and as ``repr()`` writes texts and bytes."""
    spelled = {*secrets}
    for secret in secrets:
        spelled.add(repr(secret)[1:-1])
        spelled.add(repr(secret.encode(errors="replace"))[2:-1])
    whole = _SEAM.sub("", text)
    cut = redacted(whole, spelled)
    return text if cut == whole else cut
