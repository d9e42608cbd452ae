"""What ends a demo early."""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


class FolderError(DemoError):
    """The demo cannot begin in this folder."""
