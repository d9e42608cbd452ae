"""Values of settings and of connections' options: each check returns one or says the remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .states import OnUnknown

#: More than any clock, socket or queue of a computer can count.
LARGEST_NUMBER = 1_000_000_000
#: What the column of a message's attempts holds.
MOST_ATTEMPTS = 32_767


def checked_number(
    where: str, value: Any, *, minimum: float, maximum: float = LARGEST_NUMBER, unit: str
) -> float:
    """Return a number. Raise ImproperlyConfigured if it is none, too small or beyond all use."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not minimum <= value <= maximum:
        limits = f"from {minimum:g} to {maximum:,}"
        message = f"{where} is {value!r}; set it to a number of {unit} {limits}."
        raise ImproperlyConfigured(message)
    number: float = value
    return number


def checked_version(where: str, value: Any) -> int:
    """Return a version of HipChat's API. Raise ImproperlyConfigured if it is none."""
    if type(value) is not int or value not in (1, 2):
        message = f"{where} is {value!r}; set it to the number 1 or 2."
        raise ImproperlyConfigured(message)
    return value


def checked_choice(where: str, value: Any, choices: Sequence[str]) -> str:
    """Return one of some words. Raise ImproperlyConfigured for any other value."""
    if value not in choices:
        message = f"{where} is {value!r}; set it to {' or '.join(map(repr, choices))}."
        raise ImproperlyConfigured(message)
    word: str = value
    return word


#: What a connection may say of its own about retries, each with the check of its value.
RETRY_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "max_attempts": partial(checked_number, minimum=1, maximum=MOST_ATTEMPTS, unit="attempts"),
    "backoff_base": partial(checked_number, minimum=0, unit="seconds"),
    "backoff_cap": partial(checked_number, minimum=0, unit="seconds"),
    "on_unknown": partial(checked_choice, choices=OnUnknown.values),
}


def checked_retry(where: str, value: Any) -> Mapping[str, Any]:
    """Return options about retries. Raise ImproperlyConfigured for a wrong key or value."""
    if not isinstance(value, Mapping):
        message = f"{where} is of type {type(value).__name__}; set it to a dictionary."
        raise ImproperlyConfigured(message)
    unknown = sorted(str(key) for key in value if key not in RETRY_CHECKS)
    if unknown:
        message = f"{where} has unknown keys {', '.join(unknown)}; use {', '.join(RETRY_CHECKS)}."
        raise ImproperlyConfigured(message)
    return {key: RETRY_CHECKS[key](f"{where}[{key!r}]", given) for key, given in value.items()}
