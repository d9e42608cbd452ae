"""Addresses that a reader in another service can open."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

#: What no address may hold (RFC 3986), and what a service would take for the end of one.
_UNSAFE = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f\s]")
#: What browsers leave out of an address, wherever it stands (url.spec.whatwg.org).
_IGNORED = str.maketrans("", "", "\t\n\r")


def absolute(url: str, schemes: tuple[str, ...] = ("http", "https", "mailto")) -> str:
    """
    Return an address with its unsafe characters encoded; empty unless it is absolute.

    A relative one means nothing in another service, and ``javascript:`` nothing good.
    """
    url = url.translate(_IGNORED).strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in schemes or not (host or (parts.scheme == "mailto" and parts.path)):
        return ""
    return _UNSAFE.sub(lambda found: quote(found[0]), url)
