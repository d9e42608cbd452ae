"""Files of the certificates that a connection trusts."""

from __future__ import annotations

import os
import ssl

from django.core.exceptions import ImproperlyConfigured


def require_certificates(name: str, path: str) -> None:
    """Raise ImproperlyConfigured unless a path is a folder, or a file of certificates."""
    if os.path.isdir(path):
        return
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        reason = f"{name} {path!r} cannot be read ({error.strerror}); name a file of certificates."
        raise ImproperlyConfigured(reason) from None
