"""What system checks say about options that many connections have; each says what to type."""

from __future__ import annotations

import os
from collections.abc import Iterable

from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from ..exceptions import shortened
from ..markup.parsing import require_libraries
from .certificates import require_certificates
from .service_options import address_trouble, is_local, split_address, token_trouble


def require_none(complaints: Iterable[CheckMessage]) -> None:
    """Raise ImproperlyConfigured for the first complaint that is an error; warnings pass."""
    for complaint in complaints:
        if isinstance(complaint, Error):
            message = f"{complaint.msg} {complaint.hint}"
            raise ImproperlyConfigured(message)


def missing(alias: str | None, what: str, hint: str) -> Error:
    """Return the complaint that a connection lacks an option without which nothing can be sent."""
    return Error(f"The connection {alias!r} has no {what}.", hint=hint, id="djhipchat2.E018")


def wrong_value(alias: str | None, name: str, value: str, hint: str) -> Error:
    """Return the complaint that an option's value is none that it takes."""
    return Error(
        f"The option {name} of the connection {alias!r} is {shortened(value)}.",
        hint=hint,
        id="djhipchat2.E015",
    )


def check_address(alias: str | None, name: str, url: str, example: str) -> list[CheckMessage]:
    """Return what is wrong with an address that is, or is sent with, a secret."""
    parts = split_address(url)
    if parts is None:
        return [
            Error(
                f"The {name} of the connection {alias!r} {address_trouble(url)}.",
                hint=f"Copy it again; it looks like {example}.",
                id="djhipchat2.E014",
            )
        ]
    if parts.scheme == "http" and not is_local(parts.hostname or ""):
        hint = f"Begin the {name} with https://."
        return [unencrypted(alias, "secrets", parts.hostname or "", hint)]
    return []


def unencrypted(alias: str | None, what: str, host: str, hint: str) -> Warning:
    """Return the complaint that what nobody may read goes over the network for all to read."""
    return Warning(
        f"The connection {alias!r} sends its {what} to {host} unencrypted.",
        hint=hint,
        id="djhipchat2.W001",
    )


def check_token(alias: str | None, name: str, token: str, *, place: str = "") -> list[CheckMessage]:
    """Return what is wrong with a token; ``place`` is where the settings say it."""
    trouble = token_trouble(token)
    if not trouble:
        return []
    return [
        Error(
            f"The {name} of the connection {alias!r} cannot be one: it has {trouble}.",
            hint=f"Copy {place or f'the {name}'} again, without words or quotes around it.",
            id="djhipchat2.E008",
        )
    ]


def check_libraries(alias: str | None) -> list[CheckMessage]:
    """Return what keeps messages in html, which they are by default, from being shown."""
    try:
        require_libraries()
    except ImproperlyConfigured as error:
        return [missing_library(alias, f"send messages in html. {error}", "chats")]
    return []


def missing_library(alias: str | None, what: str, extra: str) -> Error:
    """Return the complaint that a library is not installed, without which something cannot be."""
    return Error(
        f"The connection {alias!r} cannot {what}",
        hint=f"Type: python -m pip install 'djhipchat2[{extra}]'",
        id="djhipchat2.E016",
    )


def check_certificates(
    alias: str | None, ca_bundle: str, *, place: str = "HIPCHAT_CA_BUNDLE"
) -> list[CheckMessage]:
    """Return what is wrong with the certificates to trust; ``place`` is where the settings say."""
    if not ca_bundle:
        return []
    try:
        require_certificates("ca_bundle", ca_bundle)
    except ImproperlyConfigured:
        return [
            Error(
                f"The ca_bundle of the connection {alias!r} is no file of certificates: "
                f"{os.path.basename(ca_bundle)}.",
                hint=f"Set {place} to the path of a PEM file, or to a folder of them.",
                id="djhipchat2.E009",
            )
        ]
    return []
