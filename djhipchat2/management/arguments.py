"""Values of command-line options."""

from __future__ import annotations

from argparse import ArgumentTypeError


def positive_int(value: str) -> int:
    """Return a count of at least one. Raise argparse's error for anything else."""
    if not value.isdigit() or int(value) < 1:
        message = f"{value!r} is not a number of 1 or more."
        raise ArgumentTypeError(message)
    return int(value)
