"""What system checks say about proxies: whose requests they take, and where they are."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error

from ..conf import settings
from .over_http import HttpBackendBase

#: Whose requests go through a proxy: those of a scheme, or of a scheme to one host.
_KEY = re.compile(r"(https?|all)(://[^/:@]+)?")
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
EXAMPLE = "http://proxy.example.com:3128"


def check_proxies(backend: HttpBackendBase) -> list[CheckMessage]:
    """Return what is wrong with a connection's proxies, without repeating a user or a password."""
    own = backend.options.get("proxies")
    place = f"The option proxies of the connection {backend.alias!r}" if own else "HIPCHAT_PROXIES"
    found: list[CheckMessage] = []
    for key, address in (own or settings.proxies).items():
        trouble, hint = _trouble(key, address)
        if trouble:
            found.append(Error(f"{place} {trouble}.", hint=hint, id="djhipchat2.E020"))
    return found


def _trouble(key: Any, address: Any) -> tuple[str, str]:
    """Return what is wrong with a key or its address, and the remedy; empty if nothing is."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        # Who has swapped the two has a password in it.
        shown = "" if "@" in str(key) else f" {key!r}"
        hint = f"The keys are 'http', 'https' and 'all': {{'https': '{EXAMPLE}'}}."
        return f"has a key{shown} that no request looks for", hint
    if address is None or address == "":
        return "", ""  # these requests go without a proxy
    scheme = _scheme_of(address)
    if scheme in ("http", "https"):
        return "", ""
    if scheme in _SOCKS:
        is_there = find_spec("socks") is not None
        remedy = "Type: python -m pip install 'requests[socks]'"
        return ("", "") if is_there else (f"has a {scheme} proxy, and PySocks is missing", remedy)
    return f"has no address of a proxy for {key!r}", f"Set it to one like '{EXAMPLE}'."


def _scheme_of(address: Any) -> str:
    """Return the scheme of a proxy's address, http without one; empty if it is no address."""
    if not isinstance(address, str):
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return parts.scheme if is_address else ""
