"""
Bodies of requests: forms, multipart forms and JSON.

Real clients send v1 as a form or as multipart (HipChat's own PHP client), and v2 as JSON or as a
form (monolog's HipChatHandler, LibreNMS, cabot), whatever the API's pages say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.http.multipartparser import MultiPartParser, MultiPartParserError

Pairs = tuple[tuple[str, str], ...]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Content:
    """What a body says: form fields or JSON; with a ``problem``, neither."""

    form: Pairs | None = None
    json: Any = None
    problem: str = ""
    """The words of the error that the body deserves; empty if it could be read."""


def read_pairs(encoded: str) -> Pairs:
    """Return the names and values of a query string or of a form, empty values included."""
    return tuple(parse_qsl(encoded, keep_blank_values=True, errors="replace"))


def read_content(content_type: str, body: bytes) -> Content:
    """
    Return what a body says, going by its content where its type is wrong.

    PHP's curl calls JSON a form unless it is told otherwise. A body without any type is refused:
    the answer was seen in saltstack/salt issue #27777.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not body.strip():
        return Content(form=())
    if not kind:
        return Content(problem="Invalid content type: None")
    if kind == MULTIPART:
        return _read_multipart(content_type, body)
    is_form = kind == FORM
    try:
        value = _read_json(body)
    except (ValueError, RecursionError):
        if is_form:
            return Content(form=read_pairs(body.decode(errors="replace").strip()))
        if kind.endswith("json"):
            return Content(problem="Invalid JSON")
        return Content(problem=f"Invalid content type: {kind}")
    if is_form and not isinstance(value, dict):
        return Content(form=read_pairs(body.decode(errors="replace").strip()))
    return Content(json=value)


def _read_json(body: bytes) -> Any:
    """
    Return the value of a JSON text.

    Raise ValueError if it is none, or if it holds what cannot be stored or sent on: half of a
    surrogate pair, or a number without bounds.
    """
    value = json.loads(body)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


def _read_multipart(content_type: str, body: bytes) -> Content:
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    try:
        fields, _files = MultiPartParser(meta, BytesIO(body), [], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation):
        return Content(problem="Invalid multipart form")
    return Content(form=tuple((name, str(v)) for name, values in fields.lists() for v in values))
