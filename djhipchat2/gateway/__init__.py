"""The receiving side of HipChat's HTTP API, v1 and v2, as its real clients speak it."""

from __future__ import annotations
